"""Roles, repositories, logs, images, subnets, look-ups: each rule is noticed when it is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import apigateway, cloudwatch, docker_image, ecr, iam, invokes, security, sns
from tools.standin.cloud import AwsError, Cloud
from tools.standin.kinds import Settings
from tools.standin.subnets import layout

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}


def policy(**changes: Any) -> str:
    statement = {name: value for name, value in {**ALLOW, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("{}", "needs a Statement"),
        (json.dumps({"Version": "2020-01-01", "Statement": [ALLOW]}), "accepted: 2012-10-17"),
        (policy(Effect="allow"), "accepted: Allow, Deny"),
        (policy(Action=None), "Action is required"),
        (policy(Action="GetObject"), "accepted: service:Action"),
        (policy(Resource=None), "Resource is required"),
        (policy(Resource="bucket"), "accepted: * or an ARN"),
        (policy(Principal="*"), "has no place in a role's policy"),
        (policy(Actions=["a"]), "Actions is not an element"),
    ],
)
def test_policies_that_iam_does_not_take(driver: Driver, text: str, problem: str) -> None:
    found = driver.problems(iam.ROLE_POLICY, "x", role="r", policy=text)
    assert any(problem in message for message in found), found


def test_a_trust_policy_has_a_principal_and_no_resource(driver: Driver) -> None:
    assert driver.problems(iam.ROLE, "x", assumeRolePolicy=policy())
    assert driver.problems(iam.ROLE, "x", assumeRolePolicy=sample.TRUST) == []


def test_a_role_does_not_go_while_policies_are_attached_unless_forced(driver: Driver) -> None:
    role = sample.role(driver, "a")
    with pytest.raises(AwsError, match=r"DeleteConflict.*1 attached, 0 inline"):
        driver.delete(role)
    forced = driver.create(iam.ROLE, "b", assumeRolePolicy=sample.TRUST, forceDetachPolicies=True)
    driver.create(iam.ATTACHMENT, "b", role=forced["name"], policyArn=sample.EXECUTION_POLICY)
    driver.delete(forced)


def test_a_role_holds_so_much_of_inline_policies_and_no_more(driver: Driver) -> None:
    """White space doesn't count."""
    role = driver.create(iam.ROLE, "a", assumeRolePolicy=sample.TRUST)["name"]
    half = policy(Resource=f"arn:aws:s3:::{'b' * 5_050}/*")
    driver.create(iam.ROLE_POLICY, "a", role=role, policy=half + " " * 5_000)
    with pytest.raises(AwsError, match=r"LimitExceeded.*10240 bytes"):
        driver.create(iam.ROLE_POLICY, "b", role=role, policy=half)
    driver.create(iam.ROLE_POLICY, "b", role=role, policy=policy())


def test_role_names_are_unique_and_policies_exist(driver: Driver) -> None:
    role = driver.create(iam.ROLE, "a", name="a", assumeRolePolicy=sample.TRUST)
    with pytest.raises(AwsError, match="EntityAlreadyExists"):
        driver.create(iam.ROLE, "b", name="a", assumeRolePolicy=sample.TRUST)
    with pytest.raises(AwsError, match="NoSuchEntity"):
        driver.create(iam.ATTACHMENT, "b", role=role["name"], policyArn="arn:aws:iam::aws:policy/Nothing")
    with pytest.raises(AwsError, match="NoSuchEntity"):
        driver.create(iam.ATTACHMENT, "b", role="nobody", policyArn=sample.EXECUTION_POLICY)
    assert driver.problems(iam.ROLE, "x", name="a b", assumeRolePolicy=sample.TRUST)


def test_what_aws_puts_may_be_made_again_by_its_own_resource_and_by_no_other(driver: Driver) -> None:
    role = sample.role(driver, "a")["name"]
    driver.cloud.fail_next(iam.ROLE_POLICY, "create", "no answer", lost=True)
    with pytest.raises(AwsError, match="no answer"):
        driver.create(iam.ROLE_POLICY, "a", role=role, name="own", policy=policy())
    again = driver.create(iam.ROLE_POLICY, "a", role=role, name="own", policy=policy(Action="s3:PutObject"))
    assert driver.cloud.of(iam.ROLE_POLICY) == (again,)
    with pytest.raises(AwsError, match="AlreadyExistsException"):
        driver.create(iam.ROLE_POLICY, "b", role=role, name="own", policy=policy())


def test_a_denial_wins_over_a_permission(driver: Driver) -> None:
    role = driver.create(iam.ROLE, "a", assumeRolePolicy=sample.TRUST)
    driver.create(iam.ROLE_POLICY, "a", role=role["name"], policy=policy())
    asked = (driver.cloud.snapshot, role, "s3:GetObject", "arn:aws:s3:::bucket/x")
    assert iam.allows(*asked)
    assert not iam.allows(driver.cloud.snapshot, role, "s3:PutObject", "arn:aws:s3:::bucket/x")
    assert not iam.allows(driver.cloud.snapshot, role, "s3:GetObject", "arn:aws:s3:::other/x")
    driver.create(iam.ROLE_POLICY, "b", role=role["name"], policy=policy(Effect="Deny", Action="s3:*", Resource="*"))
    assert not iam.allows(driver.cloud.snapshot, role, "s3:GetObject", "arn:aws:s3:::bucket/x")


def test_a_full_repository_does_not_go_unless_forced(driver: Driver) -> None:
    full = driver.create(ecr.REPOSITORY, "a")
    ecr.push(driver.cloud, full["repositoryUrl"], sample.DIGEST)
    with pytest.raises(AwsError, match="RepositoryNotEmptyException"):
        driver.delete(full)
    driver.delete(driver.update(full, forceDelete=True))
    driver.create(ecr.REPOSITORY, "x", name="same")
    with pytest.raises(AwsError, match="RepositoryAlreadyExistsException"):
        driver.create(ecr.REPOSITORY, "y", name="same")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"rulePriority": 0}, "a number from 1"),
        ({"action": {"type": "delete"}}, "accepted: expire"),
        ({"tagStatus": "some"}, "accepted: tagged, untagged, any"),
        ({"tagStatus": "tagged"}, "needs tagPrefixList or tagPatternList"),
        ({"countType": "sinceForever"}, "accepted: imageCountMoreThan"),
        ({"countUnit": None}, "is 'days'"),
        ({"countNumber": 0}, "a number from 1"),
    ],
)
def test_lifecycle_rules_that_ecr_does_not_take(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    selection: dict[str, Any] = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 1,
    }
    rule: dict[str, Any] = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    assert not driver.problems(ecr.LIFECYCLE, "x", repository="r", policy=json.dumps({"rules": [rule]}))
    for name, value in changes.items():
        (selection if name in (*selection, "countUnit") else rule)[name] = value
    found = driver.problems(ecr.LIFECYCLE, "x", repository="r", policy=json.dumps({"rules": [rule]}))
    assert any(problem in message for message in found), found


def test_a_lifecycle_policy_is_json_with_distinct_priorities(driver: Driver) -> None:
    assert driver.problems(ecr.LIFECYCLE, "x", repository="r", policy="{}")
    assert any(
        "same rulePriority twice" in message
        for message in driver.problems(
            ecr.LIFECYCLE, "x", repository="r", policy=json.dumps({"rules": [{"rulePriority": 1}] * 2})
        )
    )


def test_a_log_group_is_there_once(driver: Driver) -> None:
    driver.create(cloudwatch.LOG_GROUP, "a", name="/copilot/a")
    with pytest.raises(AwsError, match="ResourceAlreadyExistsException"):
        driver.create(cloudwatch.LOG_GROUP, "b", name="/copilot/a")


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"name": "a.fifo"}, "accepted: up to 256 letters"),
        ({"name": "a", "fifoTopic": True}, "ends with .fifo"),
        ({"name": "a" * 257}, "accepted: up to 256 letters"),
        ({"name": "a", "contentBasedDeduplication": True}, "is for FIFO topics only"),
    ],
)
def test_a_topics_name_says_whether_it_keeps_the_order(driver: Driver, inputs: dict[str, Any], problem: str) -> None:
    assert any(problem in message for message in driver.problems(sns.TOPIC, "x", **inputs))


def test_a_topic_has_a_name_of_its_own_and_a_policy_a_topic(driver: Driver) -> None:
    topic = driver.create(sns.TOPIC, "x", name="orders")
    with pytest.raises(AwsError, match="InvalidParameter"):
        driver.create(sns.TOPIC, "y", name="orders")
    driver.create(sns.TOPIC_POLICY, "x", arn=topic["arn"], policy=policy())
    with pytest.raises(AwsError, match="NotFound"):
        driver.create(sns.TOPIC_POLICY, "y", arn=f"{topic['arn']}-other", policy=policy())


def test_an_alarm_needs_a_metric_and_a_comparison(driver: Driver) -> None:
    good: dict[str, Any] = {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 3,
        "metricName": "CPUUtilization",
        "namespace": "AWS/ECS",
        "period": 60,
        "statistic": "Average",
        "threshold": 80,
    }
    assert driver.problems(cloudwatch.ALARM, "x", **good) == []
    for changes in (
        {"comparisonOperator": "More"},
        {"metricName": None},
        {"datapointsToAlarm": 4},
        {"statistic": "Mean"},
    ):
        assert driver.problems(cloudwatch.ALARM, "x", **{**good, **changes}), changes


def _metric(name: str = "requests", stat: str = "Sum", **more: Any) -> dict[str, Any]:
    metric = {"metricName": "RequestCount", "namespace": "AWS/ApplicationELB", "period": 60, "stat": stat}
    return {"id": name, "metric": metric, "returnData": False, **more}


SHARE: dict[str, Any] = {"id": "share", "expression": "IF(requests >= 20, 100 * requests, 0)", "returnData": True}
MATH: dict[str, Any] = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 3, "threshold": 5}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"metricQueries": [_metric(), {**SHARE, "returnData": False}]}, "needs returnData"),
        ({"metricQueries": [_metric(returnData=True), SHARE]}, "needs returnData"),
        ({"metricQueries": [_metric("Requests"), SHARE]}, "accepted: a small letter"),
        ({"metricQueries": [_metric(), _metric(), SHARE]}, "accepted: a small letter"),
        ({"metricQueries": [SHARE]}, "names 'requests', which no query has"),
        ({"metricQueries": [_metric(expression="1"), SHARE]}, "needs a metric or an expression"),
        ({"metricQueries": [_metric(stat="p101"), SHARE]}, "accepted: a statistic, or a percentile"),
        ({"metricQueries": [*(_metric(f"m{n}") for n in range(10)), _metric(), SHARE]}, "have more than 10 metrics"),
        ({"metricName": "RequestCount"}, "excludes metricQueries"),
        ({"period": 60}, "excludes metricQueries"),
    ],
)
def test_an_alarm_on_an_expression_has_queries_that_fit(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    good = {**MATH, "metricQueries": [_metric(), _metric("slow", "p99.9"), SHARE]}
    assert driver.problems(cloudwatch.ALARM, "x", **good) == []
    assert any(problem in message for message in driver.problems(cloudwatch.ALARM, "x", **{**good, **changes}))


def test_an_alarm_tells_a_topic_of_its_own_region(driver: Driver) -> None:
    inputs = {**MATH, "metricQueries": [_metric(), SHARE]}
    driver.create(cloudwatch.ALARM, "x", **inputs, name="x", alarmActions=["arn:aws:sns:eu-west-1:1:ops"])
    with pytest.raises(AwsError, match=r"Invalid region us-east-1 specified\. Only eu-west-1 is supported"):
        driver.create(cloudwatch.ALARM, "y", **inputs, name="y", okActions=["arn:aws:sns:us-east-1:1:ops"])


TEXT: dict[str, Any] = {"type": "text", "width": 24, "height": 2, "properties": {"markdown": "# Board"}}
LINE: list[Any] = ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/x/1", {"id": "r", "visible": False}]
GRAPH: dict[str, Any] = {"metrics": [LINE, [{"expression": "100 * r"}]], "region": "eu-west-1"}


def _graph(**changes: Any) -> dict[str, Any]:
    return {"type": "metric", "width": 8, "height": 6, "properties": {**GRAPH, **changes}}


def _body(*widgets: dict[str, Any]) -> dict[str, Any]:
    return {"dashboardName": "board", "dashboardBody": json.dumps({"widgets": widgets})}


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({**_body(TEXT), "dashboardName": "my.board"}, "dashboardName is 'my.board'; accepted: up to 255"),
        ({**_body(TEXT), "dashboardName": "a" * 256}, "accepted: up to 255"),
        ({"dashboardName": "board", "dashboardBody": "{"}, "is invalid JSON"),
        ({"dashboardName": "board", "dashboardBody": "{}"}, "needs a list of widgets"),
        (_body(*[TEXT] * 501), "has 501 widgets; accepted: 500"),
        (_body({**TEXT, "type": "txt"}), "widgets[0] has the type 'txt'"),
        (_body(TEXT, {**TEXT, "x": 1}), "widgets[1] lies beside the 24 columns"),
        (
            _body({**TEXT, "type": "log", "properties": {"query": "stats count(*)", "region": "a"}}),
            "begins with SOURCE",
        ),
        (_body({**TEXT, "height": 0}), "is higher than 1000, or has no height"),
        (_body({**TEXT, "properties": {}}), "needs markdown"),
        (_body(_graph(metrics=[])), "needs metrics and a region"),
        (_body(_graph(region=None)), "needs metrics and a region"),
        (_body(_graph(metrics=[["a", "b"]] * 501)), "has more than 500 metrics"),
        (_body(*[_graph(metrics=[["a", "b"]] * 500)] * 6), "has more than 2500 metrics"),
        (_body(_graph(metrics=[LINE, LINE])), "has an id twice"),
        (_body(_graph(metrics=[[{"expression": "100 * s"}]])), "names 's', which no query has"),
    ],
)
def test_a_dashboard_is_json_that_cloudwatch_can_show(driver: Driver, inputs: dict[str, Any], problem: str) -> None:
    assert driver.problems(cloudwatch.DASHBOARD, "x", **_body(TEXT, _graph())) == []
    assert any(problem in message for message in driver.problems(cloudwatch.DASHBOARD, "x", **inputs))


def test_a_dashboard_is_there_once_and_changes_in_place_but_for_its_name(driver: Driver) -> None:
    made = driver.create(cloudwatch.DASHBOARD, "x", **_body(TEXT))
    assert driver.replaces(made, **_body(TEXT, _graph())) == []
    assert driver.changes(made, dashboardBody=json.dumps({"widgets": [TEXT]}, indent=1)) == []
    assert driver.replaces(made, dashboardName="other") == ["dashboardName"]
    with pytest.raises(AwsError):
        driver.create(cloudwatch.DASHBOARD, "y", **_body(TEXT))


def test_an_address_subscribes_to_a_topic_that_there_is_and_has_to_confirm(driver: Driver) -> None:
    topic = driver.create(sns.TOPIC, "x", name="ops")
    inputs = {"protocol": "email", "endpoint": "ops@example.com"}
    made = driver.create(sns.SUBSCRIPTION, "x", topic=topic["arn"], **inputs)
    assert made["pendingConfirmation"] is True
    assert driver.replaces(made, endpoint="others@example.com") == ["endpoint"]
    assert driver.problems(sns.SUBSCRIPTION, "x", topic="t", **{**inputs, "endpoint": "ops"}) == [
        "endpoint is 'ops'; accepted: an address"
    ]
    with pytest.raises(AwsError, match="NotFound"):
        driver.create(sns.SUBSCRIPTION, "y", topic=f"{topic['arn']}-other", **inputs)


def _program(tmp_path: Path) -> Cloud:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    (tmp_path / "app" / "server.js").write_text("1", encoding="utf-8")
    return Cloud(root=tmp_path, patience=0)


def test_an_image_has_a_digest_of_its_content_and_lands_in_its_repository(tmp_path: Path) -> None:
    driver = Driver(_program(tmp_path))
    repository = driver.create(ecr.REPOSITORY, "app", forceDelete=True)
    inputs: dict[str, Any] = {"imageName": f"{repository['repositoryUrl']}:v1", "build": {"context": "app"}}
    image = driver.create(docker_image.IMAGE, "app", **inputs)
    name, digest = str(image["repoDigest"]).split("@")
    assert name == repository["repositoryUrl"]
    assert ecr.has_image(driver.latest(repository), digest)
    (tmp_path / "app" / "server.js").touch()
    assert driver.update(image, build={"context": "app"})["repoDigest"] == image["repoDigest"]
    (tmp_path / "app" / "server.js").write_text("2", encoding="utf-8")
    changed = driver.update(image, build={"context": "app"})
    assert changed["repoDigest"] != image["repoDigest"]
    assert ecr.has_image(driver.latest(repository), str(changed["repoDigest"]).split("@")[1])
    assert changed["registry"] is None


def test_an_image_needs_its_context_its_dockerfile_and_its_repository(tmp_path: Path) -> None:
    driver = Driver(_program(tmp_path))
    url = f"{ecr.registry(driver.cloud)}/none"
    assert any(
        "is not a folder" in message
        for message in driver.problems(docker_image.IMAGE, "x", imageName=url, build={"context": "no"})
    )
    wrong = {"context": "app", "dockerfile": "app/Nofile"}
    assert any(
        "does not exist" in message for message in driver.problems(docker_image.IMAGE, "x", imageName=url, build=wrong)
    )
    with pytest.raises(AwsError, match="name unknown"):
        driver.create(docker_image.IMAGE, "x", imageName=url, build={"context": "app"})
    assert driver.problems(docker_image.IMAGE, "x", imageName="UPPER", build={"context": "app"})


def test_a_changed_registry_password_is_no_change(tmp_path: Path) -> None:
    driver = Driver(_program(tmp_path))
    image = driver.create(
        docker_image.IMAGE, "x", imageName="a:b", skipPush=True, build={"context": "app"}, registry={"password": "old"}
    )
    assert driver.changes(image, registry={"password": "new"}) == []


ZONES = ["eu-west-1a", "eu-west-1b"]


def test_awsx_lays_subnets_out_as_the_real_one_does() -> None:
    found = layout("net", {"subnetStrategy": "Auto"}, "10.42.0.0/16", ZONES)
    assert [(subnet.name, subnet.cidr) for subnet in found] == [
        ("net-public-1", "10.42.64.0/19"),
        ("net-private-1", "10.42.0.0/18"),
        ("net-public-2", "10.42.192.0/19"),
        ("net-private-2", "10.42.128.0/18"),
    ]


def test_awsx_takes_masks_sizes_and_blocks() -> None:
    specs = [
        {"type": "Public", "cidrMask": 24},
        {"type": "Private", "size": 256},
        {"type": "Isolated", "name": "db", "cidrMask": 28},
    ]
    found = layout("net", {"subnetStrategy": "Auto", "subnetSpecs": specs}, "10.0.0.0/16", ZONES[:1])
    assert [(subnet.name, subnet.cidr) for subnet in found] == [
        ("net-public-1", "10.0.0.0/24"),
        ("net-private-1", "10.0.1.0/24"),
        ("net-db-1", "10.0.2.0/28"),
    ]
    blocks = [{"type": "Public", "cidrBlocks": ["10.0.8.0/24", "10.0.9.0/24"]}]
    explicit = layout("net", {"subnetSpecs": blocks}, "10.0.0.0/16", ZONES)
    assert [subnet.cidr for subnet in explicit] == ["10.0.8.0/24", "10.0.9.0/24"]


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"subnetSpecs": [{"type": "Public", "cidrMask": 16}]}, "too large"),
        ({"subnetSpecs": [{"type": "Public", "cidrBlocks": ["10.0.8.0/24"]}]}, "1 CIDR blocks for 2"),
        ({"subnetSpecs": [{"type": "Public", "cidrBlocks": ["10.0.8.0/24", "10.0.8.0/25"]}]}, "overlaps"),
        ({"subnetStrategy": "Exact", "subnetSpecs": [{"type": "Public", "cidrMask": 24}]}, "gaps"),
    ],
)
def test_layouts_that_awsx_does_not_take(inputs: dict[str, Any], problem: str) -> None:
    with pytest.raises(AwsError, match=problem):
        layout("net", inputs, "10.0.0.0/16", ZONES)


def test_a_vpc_that_is_too_small_is_refused() -> None:
    with pytest.raises(AwsError, match="needs at least /26"):
        layout("net", {}, "10.0.0.0/26", ZONES)


def test_look_ups_answer_from_the_account() -> None:
    driver = Driver()
    net = sample.network(driver)
    settings = Settings("eu-west-1")
    assert (
        invokes.answer(driver.cloud, settings, "aws:ec2/getVpc:getVpc", {"id": net.vpc.id})["cidrBlock"]
        == "10.1.0.0/16"
    )
    zones = invokes.answer(driver.cloud, settings, "aws:index/getAvailabilityZones:getAvailabilityZones", {})
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    with pytest.raises(AwsError, match="no matching EC2 VPC found"):
        invokes.answer(driver.cloud, settings, "aws:ec2/getVpc:getVpc", {"id": "vpc-0"})
    driver.cloud.lenient = True
    assert invokes.answer(driver.cloud, settings, "aws:ec2/getVpc:getVpc", {"id": "vpc-0"})["id"] == "vpc-0"
    groups = [driver.create(security.GROUP, "link", vpcId=net.vpc.id).id]
    link = driver.create(apigateway.VPC_LINK, "link", subnetIds=net.subnets, securityGroupIds=groups)
    token, asked = "aws:ec2/getNetworkInterfaces:getNetworkInterfaces", {"name": "group-id", "values": groups}
    assert len(invokes.answer(driver.cloud, settings, token, {"filters": [asked]})["ids"]) == len(net.subnets)
    driver.cloud.change(link, inactive=True)
    assert invokes.answer(driver.cloud, settings, token, {"filters": [asked]})["ids"] == []
    elsewhere = {"name": "group-id", "values": ["sg-of-a-state"]}
    assert len(invokes.answer(driver.cloud, settings, token, {"filters": [elsewhere]})["ids"]) == 1
    token, wanted = "aws:ecs/getService:getService", {"clusterArn": "x", "serviceName": "y"}
    with pytest.raises(AwsError, match="no matching ECS Service found"):
        invokes.answer(driver.cloud, settings, token, wanted)
    front = sample.front(driver, net)
    service = driver.cloud.drift(sample.web(driver, front, "web", 1, "/*"), desiredCount=7)
    wanted = {"clusterArn": service["cluster"], "serviceName": service["name"]}
    assert invokes.answer(driver.cloud, settings, token, wanted)["desiredCount"] == 7
    with pytest.raises(AwsError, match="doesn't know this look-up"):
        invokes.answer(driver.cloud, settings, "aws:x/y:z", {})


def test_a_policy_document_is_written_as_iam_wants_it() -> None:
    statement = {
        "actions": ["sts:AssumeRole"],
        "principals": [{"type": "Service", "identifiers": ["ecs-tasks.amazonaws.com"]}],
    }
    token = "aws:iam/getPolicyDocument:getPolicyDocument"
    found = invokes.answer(Cloud(), Settings("eu-west-1"), token, {"statements": [statement]})
    assert Driver().problems(iam.ROLE, "x", assumeRolePolicy=found["json"]) == []
