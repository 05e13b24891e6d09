"""The verbs on AWS: a stack of the stand-in's, whose outputs lead to what moto, as AWS, says of it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs]
import botocore.exceptions as aws_errors  # pyright: ignore[reportMissingTypeStubs]
import pytest
from botocore.stub import Stubber  # pyright: ignore[reportMissingTypeStubs]
from moto import mock_aws

from tools.operate import __main__ as operate
from tools.operate import on_aws
from tools.operate.deployed import Deployed, of_outputs
from tools.operate.request import request
from tools.setup.say import MachineError
from tools.standin.engine import EngineStack

REGION = "eu-west-1"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/users@sha256:" + "ab" * 32
TASK = f"arn:aws:ecs:{REGION}:123456789012:task/users/0123456789abcdef"


def found(outputs: dict[str, Any], profile: str = "") -> Deployed:
    config = {"aws:profile": {"value": profile}} if profile else {}
    return of_outputs("status", "test", "strangler", outputs, config)


@pytest.fixture
def account(outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account that has what the outputs name, one service of two, a log and two alarms of three."""
    credentials(monkeypatch)
    with mock_aws():
        ecs, ec2 = client("ecs"), client("ec2")
        users = outputs["services"]["users"]
        ecs.create_cluster(clusterName=users["cluster"])
        ecs.register_task_definition(
            family="users", cpu="256", memory="512", containerDefinitions=[{"name": "users", "image": IMAGE}]
        )
        network = {
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "securityGroups": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
        }
        ecs.create_service(
            cluster=users["cluster"],
            serviceName=users["ecsService"],
            taskDefinition="users",
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
        )
        logs = client("logs")
        for name, message in (("monolith", "GET /api/posts"), ("users", 'POST "/api/users"')):
            group = outputs["services"][name]["logGroup"]
            where = {"logGroupName": group, "logStreamName": f"ecs/{name}/0123456789abcdef"}
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(**where)
            logs.put_log_events(**where, logEvents=[{"timestamp": now(), "message": f"{message}\n"}])
        for name, stack_name in (("users-5xx", "test"), ("users-latency", "test"), ("not ours", "other")):
            put_alarm(name, stack_name)
        client("cloudwatch").set_alarm_state(AlarmName="users-5xx", StateValue="ALARM", StateReason="7 of 100")
        yield


def put_alarm(name: str, stack_name: str) -> None:
    """An alarm with a stack's tags."""
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Average",
        Threshold=1,
        Tags=[{"Key": "application", "Value": "strangler"}, {"Key": "stack", "Value": stack_name}],
    )


def now() -> int:
    return int(time.time() * 1000)


def client(name: str) -> Any:
    return cast("Any", boto3).client(name, region_name=REGION)


def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("MAX_ATTEMPTS", "1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    nobody(monkeypatch)


def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's own."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def ran(up: EngineStack, monkeypatch: pytest.MonkeyPatch, verb: str, **variables: str) -> int:
    """Runs a verb in the stack's folder, with the stack's own backend."""
    for name, value in up.environment.items():
        monkeypatch.setenv(name, value)
    return operate.run(verb, "test", variables, up.program)


def test_the_outputs_lead_to_everything_that_the_verbs_ask_for(outputs: dict[str, Any]) -> None:
    services: dict[str, dict[str, str]] = outputs["services"]
    assert [*services] == ["monolith", "users"]
    for name, service in services.items():
        assert service["region"] == REGION
        assert service["cluster"].startswith("shared")
        assert service["ecsService"].startswith(name)
        assert service["logGroup"] == f"/strangler/test/shared/{name}"


@pytest.mark.usefixtures("account")
def test_status_shows_services_routes_and_the_alarms_of_this_stack(
    up: EngineStack, outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(up, monkeypatch, "status") == 0
    page = capsys.readouterr().out
    lines = [line.strip() for line in page.splitlines()]
    monolith = outputs["services"]["monolith"]
    assert lines[0] == outputs["url"]
    gone = f"gone: the cluster {monolith['cluster']} has no service {monolith['ecsService']}"
    assert next(line for line in lines if line.startswith("monolith")).startswith(f"monolith  0 of 1   {gone}")
    users = next(line for line in lines if line.startswith("users "))
    assert users.startswith("users     0 of 2   in progress: ECS deployment ecs-svc/")
    assert users.endswith("users@abababababab")
    assert [line.split() for line in lines if line.startswith("/api/")] == [["/api/users", "all", "users", "25"]]
    alarms = [line.split() for line in lines[lines.index(next(x for x in lines if x.startswith("ALARM"))) + 1 :]]
    assert alarms == [["users-5xx", "ALARM", "7", "of", "100"], ["users-latency", "OK"]]


@pytest.mark.usefixtures("account")
def test_a_stack_whose_services_all_run_elsewhere_has_alarms_too(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {"url": "https://x.example.com", "services": {"legacy": {"url": "https://legacy.example.com"}}}
    config: dict[str, Any] = {"strangler:platform": {"value": "aws"}}
    asked = request("status", {})
    there = of_outputs("status", "test", "strangler", outputs, {**config, "aws:region": {"value": REGION}})
    page = on_aws.Aws(asked, there).status(())
    assert sorted(alarm.name for alarm in page.alarms or ()) == ["users-5xx", "users-latency"]
    assert all(line.startswith(f"aws --region {REGION} ") for line in on_aws.commands(asked, there, ()))

    # The region may be the environment's, as for the AWS CLI.
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    there = of_outputs("status", "test", "strangler", outputs, config)
    assert on_aws.Aws(asked, there).status(()) == page
    assert [line.split()[1] for line in on_aws.commands(asked, there, ())] == [
        "resourcegroupstaggingapi",
        "cloudwatch",
    ]


@pytest.mark.usefixtures("account")
def test_logs_of_every_service_or_of_one_come_in_one_form(
    up: EngineStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(up, monkeypatch, "logs", SINCE="1h") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("Z ")[1] for line in lines] == [
        "monolith 01234567  GET /api/posts",
        'users 01234567  POST "/api/users"',
    ]
    assert ran(up, monkeypatch, "logs", SERVICE="users") == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["users"]


@pytest.mark.usefixtures("account")
def test_logs_that_are_followed_show_each_event_once_late_ones_too(
    outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, users = found(outputs).services
    where = {"logGroupName": users.log_group, "logStreamName": "ecs/users/0123456789abcdef"}
    texts = iter(["second", "late", None])

    def sleep(_seconds: float) -> None:
        text = next(texts)
        if text is None:
            raise KeyboardInterrupt
        at = now() - (5000 if text == "late" else 0)
        client("logs").put_log_events(**where, logEvents=[{"timestamp": at, "message": text}])

    monkeypatch.setattr(on_aws.time, "sleep", sleep)
    seen: list[str] = []
    lines = on_aws.Aws(request("logs", {"FOLLOW": "1"}), found(outputs)).logs([users])
    with pytest.raises(KeyboardInterrupt):
        seen.extend(line.text for line in lines)
    assert seen == ['POST "/api/users"', "second", "late"]


def test_a_filter_is_a_phrase_of_cloudwatchs(outputs: dict[str, Any]) -> None:
    asked = request("logs", {"FILTER": 'status="500"', "FOLLOW": "1", "SINCE": "2h"})
    stack_found = found(outputs, profile="prod")
    _, users = stack_found.services
    assert on_aws.commands(asked, stack_found, [users]) == [
        f"aws --region {REGION} --profile prod logs tail {users.log_group} --since 2h --follow "
        f"""--filter-pattern '"status=\\"500\\""'"""
    ]


TASKS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "none": ([], "SERVICE=users: no task of it runs; `make status` says why"),
    "one that comes": ([{"lastStatus": "PENDING"}], "SERVICE=users: no task of it runs; `make status` says why"),
    "one without ECS Exec": (
        [{"lastStatus": "RUNNING", "enableExecuteCommand": False}],
        "SERVICE=users: ECS Exec is off; set `exec: true` in its manifest, and `pulumi up`",
    ),
    "no AWS CLI": (
        [{"lastStatus": "RUNNING", "enableExecuteCommand": True}],
        "aws is not on PATH; install the AWS CLI and its Session Manager plugin",
    ),
    "no plugin": (
        [{"lastStatus": "RUNNING", "enableExecuteCommand": True}],
        "session-manager-plugin is not on PATH; install the AWS CLI and its Session Manager plugin",
    ),
    "": ([{"lastStatus": "PENDING"}, {"lastStatus": "RUNNING", "enableExecuteCommand": True}], ""),
}


@pytest.mark.parametrize("lacks", TASKS)
def test_exec_says_what_is_missing_or_runs_the_aws_cli(
    outputs: dict[str, Any], lacks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch)
    tasks, line = TASKS[lacks]
    for program in ("aws", "session-manager-plugin")[: {"no AWS CLI": 0, "no plugin": 1}.get(lacks, 2)]:
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ecs, arns = client("ecs"), [f"{TASK}{number}" for number in range(len(tasks))]
    _, users = found(outputs).services
    asked = request("exec", {"SERVICE": "users", "CMD": "rake db:migrate"})
    with cast("Any", Stubber)(ecs) as stub:
        where = {"cluster": users.cluster, "serviceName": users.ecs_service, "desiredStatus": "RUNNING"}
        stub.add_response("list_tasks", {"taskArns": arns}, where)
        if arns:
            listed = [{"taskArn": arn, **task} for arn, task in zip(arns, tasks, strict=True)]
            stub.add_response("describe_tasks", {"tasks": listed}, {"cluster": users.cluster, "tasks": arns})

        def stubbed(*_: object) -> Any:
            return ecs

        monkeypatch.setattr(on_aws.Aws, "client", stubbed)
        verb = on_aws.Aws(asked, found(outputs))
        if line:
            with pytest.raises(MachineError) as refused:
                verb.exec(users)
            assert str(refused.value) == f"make: exec: {line}"
            return
        assert verb.exec(users) == [
            *("aws", "--region", REGION, "ecs", "execute-command", "--cluster", users.cluster, "--task", arns[1]),
            *("--container", "users", "--interactive", "--command", "rake db:migrate"),
        ]


def test_a_dry_run_asks_the_state_only(
    up: EngineStack, outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody(monkeypatch)
    monolith, users = found(outputs).services
    aws, place = f"aws --region {REGION}", f"--cluster {users.cluster}"
    assert ran(up, monkeypatch, "exec", SERVICE="users", DRY="1") == 0
    assert capsys.readouterr().out == (
        f'{aws} ecs execute-command {place} --task "$({aws} ecs list-tasks {place} --service-name {users.ecs_service} '
        "--query 'taskArns[0]' --output text)\" --container users --interactive --command sh\n"
    )
    assert ran(up, monkeypatch, "status", DRY="1") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{aws} ecs describe-services {place} --services {monolith.ecs_service} {users.ecs_service}",
        f"{aws} resourcegroupstaggingapi get-resources --resource-type-filters cloudwatch:alarm "
        "--tag-filters Key=application,Values=strangler Key=stack,Values=test",
        f"{aws} cloudwatch describe-alarms",
    ]


def test_what_is_missing_on_the_way_to_aws_is_one_line(
    up: EngineStack, outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody(monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    status = request("status", {})
    services = found(outputs).services
    with pytest.raises(MachineError, match=r"^make: status: there are no AWS credentials; log in "):
        on_aws.Aws(status, found(outputs)).status(services)
    with pytest.raises(MachineError, match=r"^make: status: The config profile \(prod\) could not be found; take an"):
        on_aws.Aws(status, found(outputs, profile="prod")).status(services)
    credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(
        MachineError, match=r"^make: status: the AWS request failed: Could not connect .*; look at the net"
    ):
        on_aws.Aws(status, found(outputs)).status(services)
    with pytest.raises(MachineError, match=r"^make: logs: SERVICE=user: the stack test runs no such service; did you "):
        ran(up, monkeypatch, "logs", SERVICE="user")


@pytest.mark.parametrize("verb", ["status", "logs", "task"])
def test_what_is_gone_on_aws_is_one_line(
    verb: str, up: EngineStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials(monkeypatch)
    with mock_aws(), pytest.raises(MachineError, match=rf"^make: {verb}: it is gone on AWS: .*; `pulumi up --refresh`"):
        ran(up, monkeypatch, verb, SERVICE="users", CMD="ls")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("ExpiredTokenException", "AWS doesn't take the credentials: so it says; log in"),
        ("UnrecognizedClientException", "AWS doesn't take the credentials: so it says; log in"),
        ("AccessDeniedException", "AWS denies it: so it says; ask for this right, or take another AWS_PROFILE"),
        ("ThrottlingException", "AWS refuses DescribeServices: ThrottlingException: so it says; run it again"),
    ],
)
def test_what_aws_refuses_is_one_line(code: str, line: str) -> None:
    refused = aws_errors.ClientError({"Error": {"Code": code, "Message": "so it\nsays"}}, "DescribeServices")
    with pytest.raises(MachineError) as found, on_aws.one_line("status"):
        raise refused
    assert str(found.value).startswith(f"make: status: {line}")
    assert "\n" not in str(found.value)


def test_a_login_that_has_ended_is_one_line() -> None:
    ended = aws_errors.UnauthorizedSSOTokenError()
    with (
        pytest.raises(MachineError, match=r"^make: logs: the AWS login has ended: .*; log in "),
        on_aws.one_line("logs"),
    ):
        raise ended


def described(**changes: object) -> dict[str, Any]:
    """What ECS says of a service."""
    deployment = {"status": "PRIMARY", "rolloutState": "COMPLETED", "rolloutStateReason": "ECS deployment completed."}
    return {"desiredCount": 1, "runningCount": 1, "status": "ACTIVE", "deployments": [deployment], **changes}


FAILED = {"status": "PRIMARY", "rolloutState": "FAILED", "rolloutStateReason": "ECS deployment circuit breaker: tasks"}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "completed"),
        ({"deployments": [FAILED]}, "failed: ECS deployment circuit breaker: tasks"),
        ({"status": "DRAINING"}, "draining"),
        ({"deployments": []}, "no deployment"),
    ],
)
def test_a_state_is_in_ecss_own_words(outputs: dict[str, Any], changes: dict[str, object], state: str) -> None:
    _, users = found(outputs).services
    definition = {"containerDefinitions": [{"name": "nginx", "image": "nginx"}, {"name": "users", "image": IMAGE}]}
    status = on_aws.service_status(users, described(**changes), definition)
    assert (status.state, status.image) == (state, IMAGE)


def test_cost_is_of_what_is_up_and_of_what_the_plan_changes(
    up: EngineStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    up.set("strangler:services.users.count", "3")
    try:
        assert ran(up, monkeypatch, "cost") == 0
    finally:
        up.set("strangler:services.users.count", "1")
    page = capsys.readouterr().out
    rows = {line.strip().rsplit("  ")[0].strip(): line.split("  ") for line in page.splitlines() if line[:2] == "  "}
    cells = {name: [cell.strip() for cell in row if cell.strip()][1:] for name, row in rows.items()}
    assert cells["load balancer"] == ["1", "16.43", "16.43"]
    assert cells["metric of an alarm"] == ["2", "0.10", "0.20"]
    assert cells["public IPv4 address"] == ["4 -> 6", "3.65", "21.90", "+7.30"]
    assert cells["Fargate vCPU, x86_64"] == ["0.5 -> 1", "29.55", "29.55", "+14.77"]
    assert cells["all of it"] == ["75.07", "+25.32"]
