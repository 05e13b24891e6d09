"""A Copilot workspace on AWS: what each field of an environment manifest makes, and what containers are told."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.components.recorder import Record, Registration
from tests.components.system import registered
from tests.projects import Tree, board, environment, of_copilot, write_project, write_workspace

ALB: Tree = {"copilot": "copilot", "copilotEnvironment": "test", "facade": "alb"}


def with_manifest(folder: Path, config: Mapping[str, object] | None = None, **fields: object) -> Record:
    """A stack of one service, whose Copilot environment `test` has these fields."""
    write_workspace(folder, {"web": of_copilot("web", "/")}, {"test": environment("test", **fields)})
    return registered(folder, {**ALB, **(config or {})})


def vpc(**fields: object) -> Tree:
    return {"vpc": fields}


def rules(record: Record, direction: str) -> dict[str, tuple[object, ...]]:
    """Protocol, ports and address range of each rule that has one, by name."""
    return {
        resource.name: tuple(resource.inputs.get(key) for key in ("ipProtocol", "fromPort", "toPort", "cidrIpv4"))
        for resource in record.of(f"SecurityGroup{direction}Rule")
        if resource.inputs.get("cidrIpv4")
    }


def variables(record: Record, service: str) -> dict[str, str]:
    """What a service's container is told."""
    definition = record.one("TaskDefinition", service).inputs["containerDefinitions"]
    return {item["name"]: item["value"] for item in json.loads(definition)[0]["environment"]}


def summary(item: Registration) -> tuple[str, str, str, str]:
    """What the engine is told of a resource: its URN, its parent, its inputs, and what it waits for."""
    inputs = json.dumps(item.inputs, sort_keys=True, default=str)
    return item.urn, item.parent, inputs, " ".join(sorted(item.options.dependencies))


def test_the_plan_of_the_tutorials_four_environments_is_that_of_services(tmp_path: Path) -> None:
    plain, copilot = (write_project(tmp_path / kind, board()) for kind in ("plain", "copilot"))
    for name in board():
        for folder in (plain, copilot):  # as the services of the message board have it
            (folder / "services" / name / ".dockerignore").write_text("manifest.yml\n")
        (copilot / "services" / name / "manifest.yml").unlink()
    write_workspace(copilot, board(), {name: environment(name) for name in board()}, application="strangler")
    config = {"copilot": "copilot", "copilotEnvironment": "monolith"}
    found, wanted = (sorted(map(summary, record.all)) for record in (registered(copilot, config), registered(plain)))
    assert found == wanted
    assert len(found) > 100


def test_services_of_a_copilot_environment_share_its_network_and_load_balancer(tmp_path: Path) -> None:
    services = {"web": of_copilot("web", "/"), "api": of_copilot("api")}
    write_workspace(tmp_path, services, {"test": environment("test", observability={"container_insights": True})})
    record = registered(tmp_path, ALB)
    assert record.one("Cluster").inputs["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert record.one("LoadBalancer").name == "test"
    assert sorted(service.name for service in record.of("aws:ecs/service:Service")) == ["api", "web"]


def test_how_long_a_request_may_take_is_the_load_balancers_and_elbs_own_unless_it_is_said(tmp_path: Path) -> None:
    config: Tree = {"environments": {"test": {"idleTimeout": "180s"}}}
    assert with_manifest(tmp_path, config).one("LoadBalancer").inputs["idleTimeout"] == 180
    assert "idleTimeout" not in with_manifest(tmp_path).one("LoadBalancer").inputs


def test_each_of_several_environments_is_made_as_the_one_manifest_says(tmp_path: Path) -> None:
    services = {"web": of_copilot("web", "/"), "api": of_copilot("api")}
    write_workspace(tmp_path, services, {"test": environment("test", network=vpc(flow_logs=True))})
    record = registered(tmp_path, {**ALB, "facade": "refactor-spaces"})
    assert sorted(line.name for line in record.of("FlowLog")) == ["api-flow-logs", "web-flow-logs"]
    assert [variables(record, name)["COPILOT_ENVIRONMENT_NAME"] for name in services] == ["test", "test"]


@pytest.mark.parametrize("name", ["internal", "internal-a", "sg", "sg-a"])
def test_names_that_aws_keeps_are_no_environments_or_services_problem(tmp_path: Path, name: str) -> None:
    """ELB has no load balancer `internal-…`, EC2 no security group `sg-…`."""
    files: Tree = {"storage": {"volumes": {"data": {"path": "/data", "efs": True}}}}
    api = {**of_copilot("api", **files), "type": "Backend Service", "http": {"path": "/"}}
    services = {name: of_copilot(name, "/", nlb={"port": 80}), "api": api}
    write_workspace(tmp_path, services, {name: environment(name)})
    record = registered(tmp_path, {**ALB, "copilotEnvironment": name})
    balancers = [balancer.name for balancer in record.of("aws:lb/loadBalancer:LoadBalancer")]
    groups = [group.name for group in record.of("aws:ec2/securityGroup:SecurityGroup")]
    assert (len(balancers), len(groups)) == (3, 5)
    # What the provider adds begins with a hyphen.
    assert not [balancer for balancer in balancers if f"{balancer}-".startswith("internal-") or len(balancer) > 24]
    assert not [group for group in groups if f"{group}-".startswith("sg-")]
    assert len({*balancers}) == 3


def test_rights_and_volumes_of_patches_are_those_of_the_task(tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Action": "logs:StartQuery", "Resource": {"Fn::Sub": "a:${AWS::Region}:b"}}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policies = "/Resources/TaskRole/Properties/"
    arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/orders"}
    files = {"FilesystemId": "fs-0a1b2c3d"}
    patches = [
        (f"{policies}Policies/-", {"PolicyName": "Query", "PolicyDocument": document}),
        (f"{policies}ManagedPolicyArns", [arn]),
        ("/Resources/TaskDefinition/Properties/Volumes/-", {"Name": "data", "EFSVolumeConfiguration": files}),
    ]
    write_workspace(tmp_path, {"web": of_copilot("web", "/")}, {"test": environment("test")})
    place = tmp_path / "copilot/web/overrides"
    place.mkdir()
    text = json.dumps([{"op": "add", "path": path, "value": value} for path, value in patches])
    (place / "cfn.patches.yml").write_text(text)
    record = registered(tmp_path, ALB)
    policy = record.one("RolePolicy", "web-Patch-Query").inputs["policy"]
    assert json.loads(policy) == {**document, "Statement": [{**statement, "Resource": "a:eu-west-1:b"}]}
    attached = record.one("RolePolicyAttachment", "web-task-orders").inputs["policyArn"]
    assert attached == "arn:aws:iam::123456789012:policy/orders"
    (volume,) = record.one("TaskDefinition", "web").inputs["volumes"]
    assert (volume["name"], volume["efsVolumeConfiguration"]["fileSystemId"]) == ("data", "fs-0a1b2c3d")


def test_a_container_has_the_variables_that_copilot_gives_it(tmp_path: Path) -> None:
    assert variables(with_manifest(tmp_path), "web") == {
        "COPILOT_APPLICATION_NAME": "board",
        "COPILOT_ENVIRONMENT_NAME": "test",
        "COPILOT_SERVICE_NAME": "web",
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": "test.dev.strangler.local",
        "COPILOT_LB_DNS": "test.elb",
    }


def test_a_build_begins_at_the_root_of_the_workspace(tmp_path: Path) -> None:
    write_workspace(tmp_path / "app", {"web": of_copilot("web", "/")}, {"test": environment("test")})
    build = registered(tmp_path, {**ALB, "copilot": "app/copilot"}).one("docker:index/image:Image").inputs
    assert (build["build"]["context"], build["build"]["dockerfile"]) == ("app/web", "app/web/Dockerfile")


def test_a_network_has_the_subnets_and_zones_of_the_manifest(tmp_path: Path) -> None:
    subnets = {
        "public": [{"cidr": "10.9.0.0/24", "az": "eu-west-1a"}, {"cidr": "10.9.1.0/24", "az": "eu-west-1c"}],
        "private": [{"cidr": "10.9.3.0/24", "az": "eu-west-1c"}, {"cidr": "10.9.2.0/24", "az": "eu-west-1a"}],
    }
    made = with_manifest(tmp_path, network=vpc(cidr="10.9.0.0/16", subnets=subnets)).one("awsx:ec2:Vpc").inputs
    assert made["cidrBlock"] == "10.9.0.0/16"
    assert made["availabilityZoneNames"] == ["eu-west-1a", "eu-west-1c"]
    assert made.get("numberOfAvailabilityZones") is None
    assert {spec["type"]: spec["cidrBlocks"] for spec in made["subnetSpecs"]} == {
        "Public": ["10.9.0.0/24", "10.9.1.0/24"],
        "Private": ["10.9.2.0/24", "10.9.3.0/24"],
    }


def test_a_network_without_zones_takes_the_first_ones(tmp_path: Path) -> None:
    blocks = [{"cidr": f"10.9.{number}.0/24"} for number in range(6)]
    subnets = {"public": blocks[:3], "private": blocks[3:]}
    made = with_manifest(tmp_path, network=vpc(cidr="10.9.0.0/16", subnets=subnets)).one("awsx:ec2:Vpc").inputs
    assert made["numberOfAvailabilityZones"] == 3
    assert made.get("availabilityZoneNames") is None


def test_a_network_that_is_brought_is_used_by_its_ids(tmp_path: Path) -> None:
    public = [{"id": "subnet-0000000a"}, {"id": "subnet-0000000b"}]
    record = with_manifest(tmp_path, network=vpc(id="vpc-0a1b2c3d", subnets={"public": public}, flow_logs=True))
    assert record.of("awsx:ec2:Vpc") == []
    assert record.one("LoadBalancer").inputs["subnets"] == ["subnet-0000000a", "subnet-0000000b"]
    assert record.one("FlowLog").inputs["vpcId"] == "vpc-0a1b2c3d"


def test_flow_logs_go_to_a_log_group_with_a_role_that_writes_only_there(tmp_path: Path) -> None:
    record = with_manifest(tmp_path, network=vpc(flow_logs={"retention": 30}))
    logs = record.one("LogGroup", "test-flow-logs").inputs
    assert (logs["name"], logs["retentionInDays"]) == ("/strangler/dev/test-FlowLogs", 30)
    flows = record.one("FlowLog").inputs
    assert (flows["trafficType"], flows["maxAggregationInterval"]) == ("ALL", 60)
    assert flows["logDestination"] == "arn:LogGroup/test-flow-logs"
    trust = json.loads(record.one("Role", "test-flow-logs").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    rights = json.loads(record.one("RolePolicy", "test-flow-logs").inputs["policy"])["Statement"]
    assert [right["Resource"] for right in rights if "logs:PutLogEvents" in right["Action"]] == [
        ["arn:LogGroup/test-flow-logs", "arn:LogGroup/test-flow-logs:*"]
    ]


def test_no_flow_logs_are_kept_unless_they_are_asked_for(tmp_path: Path) -> None:
    assert with_manifest(tmp_path, network=vpc(flow_logs=False)).of("FlowLog") == []


def test_a_bucket_for_access_logs_is_closed_and_takes_them_from_load_balancers_only(tmp_path: Path) -> None:
    record = with_manifest(tmp_path, http={"public": {"access_logs": True}})
    bucket, policy = record.one("Bucket").inputs, record.one("BucketPolicy")
    assert bucket["forceDestroy"] is True
    closed = record.one("BucketPublicAccessBlock").inputs
    assert [closed[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls")] == [True] * 3
    assert closed["restrictPublicBuckets"] is True
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert statement["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert statement["Action"] == "s3:PutObject"
    assert statement["Resource"] == "arn:Bucket/test-access-logs/dev/test/AWSLogs/123456789012/*"
    balancer = record.one("LoadBalancer")
    assert balancer.inputs["accessLogs"] == {"bucket": "Bucket-test-access-logs", "enabled": True, "prefix": "dev/test"}
    assert policy.urn in balancer.options.dependencies


def test_access_logs_go_to_the_bucket_and_the_prefix_of_the_manifest(tmp_path: Path) -> None:
    public = {"access_logs": {"bucket_name": "my-logs", "prefix": "web"}}
    record = with_manifest(tmp_path, http={"public": public})
    assert record.one("LoadBalancer").inputs["accessLogs"] == {"bucket": "my-logs", "enabled": True, "prefix": "web"}
    assert record.of("Bucket") == []


def test_a_public_load_balancer_takes_requests_from_the_callers_of_the_manifest_only(tmp_path: Path) -> None:
    public = {"ingress": {"source_ips": ["192.0.2.0/24", "198.51.100.7"]}}
    found = rules(with_manifest(tmp_path, http={"public": public}), "Ingress")
    assert found == {
        "test-in-192.0.2.0-24": ("tcp", 80, 80, "192.0.2.0/24"),
        "test-in-198.51.100.7-32": ("tcp", 80, 80, "198.51.100.7/32"),
    }


def test_tasks_take_what_the_manifest_lets_in_besides(tmp_path: Path) -> None:
    given = [
        {"ip_protocol": "tcp", "ports": "8000-8080", "cidr": "10.0.0.0/8"},
        {"ip_protocol": "-1", "ports": 0, "cidr": "192.0.2.0/24"},
    ]
    plain, more = (
        rules(with_manifest(tmp_path / name, network=vpc(security_group={"ingress": ingress})), "Ingress")
        for name, ingress in (("plain", []), ("more", given))
    )
    assert {name: rule for name, rule in more.items() if name not in plain} == {
        "test-tasks-take-tcp-8000-8080-10.0.0.0-8": ("tcp", 8000, 8080, "10.0.0.0/8"),
        "test-tasks-take-all-0-0-192.0.2.0-24": ("-1", None, None, "192.0.2.0/24"),
    }
    assert plain.items() <= more.items()


def test_tasks_call_only_what_the_manifest_lets_out(tmp_path: Path) -> None:
    given = [{"ip_protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}]
    found = rules(with_manifest(tmp_path, network=vpc(security_group={"egress": given})), "Egress")
    assert found == {"test-tasks-call-tcp-443-443-0.0.0.0-0": ("tcp", 443, 443, "0.0.0.0/0")}


def test_an_internal_load_balancer_is_in_the_subnets_of_the_manifest(tmp_path: Path) -> None:
    ids = [f"subnet-0000000{item}" for item in "abcd"]
    subnets = {"public": [{"id": name} for name in ids[:2]], "private": [{"id": name} for name in ids[2:]]}
    network = vpc(id="vpc-0a1b2c3d", subnets=subnets)
    write_workspace(
        tmp_path,
        {"web": of_copilot("web", "/")},
        {"test": environment("test", network=network, http={"private": {"subnets": ids[:2]}})},
    )
    record = registered(tmp_path, {**ALB, "facade": "api-gateway"})
    assert record.one("LoadBalancer").inputs["subnets"] == ids[:2]


@pytest.mark.parametrize(("placement", "strategy"), [("public", "None"), ("private", "OnePerAz")])
def test_a_private_placement_brings_nat_gateways(tmp_path: Path, placement: str, strategy: str) -> None:
    web = of_copilot("web", "/", network={"vpc": {"placement": placement}})
    write_workspace(tmp_path, {"web": web}, {"test": environment("test")})
    assert registered(tmp_path, ALB).one("awsx:ec2:Vpc").inputs["natGateways"] == {"strategy": strategy}
