"""A service on AWS: what is asked of AWS for it, and what the field complains of in others (docs/decisions.md)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.components.recorder import Record
from tests.components.system import deployed
from tests.projects import manifest

OLD = "arn:aws:ecs:eu-west-1:123456789012:task-definition/strangler-dev-users-users:7"


def with_users(folder: Path, config: Mapping[str, object] | None = None, /, **fields: object) -> Record:
    """A stack of a monolith and the service users, whose manifest has further fields."""
    users = manifest("users", **fields)
    return deployed(folder, {"monolith": manifest("monolith", "/"), "users": users}, config)


def container(record: Record) -> dict[str, Any]:
    """The one container of the service users."""
    (found,) = json.loads(record.one("TaskDefinition", "users").inputs["containerDefinitions"])
    return found


def rolls_back(kind: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
    """ECS runs something else than what was deployed of the service users."""
    if kind == "aws:ecs/service:Service" and name == "users":
        return {**state, "taskDefinition": OLD}
    return state


def test_complaint_1_a_deployment_that_ecs_rolled_back_fails_the_up_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError) as failure:
        deployed(tmp_path, change=rolls_back)
    line = str(failure.value)
    assert "\n" not in line
    assert "service users: ECS rolled back to strangler-dev-users-users:7" in line
    assert "/strangler/dev/users/users" in line


def test_complaint_1_a_plan_says_nothing_of_a_deployment_that_has_not_been(tmp_path: Path) -> None:
    assert deployed(tmp_path, change=rolls_back, preview=True).one("aws:ecs/service:Service", "users")


def test_complaint_1_no_route_is_made_to_a_service_that_was_rolled_back(tmp_path: Path) -> None:
    made: list[str] = []

    def noted(kind: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
        made.append(f"{kind} {name}")
        return state

    def noted_and_rolled_back(kind: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
        return rolls_back(kind, name, noted(kind, name, state))

    route, config = "aws-native:refactorspaces:Route users", {"routes": {"users": True}}
    deployed(tmp_path, config=config, change=noted)
    assert route in made
    made.clear()
    with pytest.raises(pulumi.RunError):
        deployed(tmp_path, config=config, change=noted_and_rolled_back)
    assert "aws:ecs/service:Service users" in made
    assert route not in made


def test_complaint_7_another_port_of_the_container_leaves_the_target_group_as_it_is(tmp_path: Path) -> None:
    groups = [
        with_users(tmp_path / str(port), image={"build": "services/users/Dockerfile", "port": port}).one(
            "TargetGroup", "users"
        )
        for port in (3000, 8080)
    ]
    assert groups[0].inputs == groups[1].inputs
    assert not groups[0].options.deleteBeforeReplace


def test_complaint_8_the_longest_names_fit_and_stay_apart(tmp_path: Path) -> None:
    names = [f"{'n' * 38}{item}" for item in ("aa", "ab")]
    record = deployed(tmp_path, {"monolith": manifest("monolith", "/"), **{name: manifest(name) for name in names}})
    for kind in ("TargetGroup", "LoadBalancer"):
        logical = [resource.name for resource in record.of(kind)]
        assert len(set(logical)) == 3
        assert all(len(item) <= 24 for item in logical)


def test_complaint_8_what_is_replaced_create_first_has_no_name_of_its_own(tmp_path: Path) -> None:
    record = deployed(tmp_path)
    for kind in ("TargetGroup", "LoadBalancer", "aws:ecs/service:Service", "Cluster", "Role", "SecurityGroup"):
        for resource in record.of(kind):
            assert "name" not in resource.inputs, resource.urn


def test_complaint_10_services_of_one_balancer_have_priorities_of_their_own_behind_the_routes(tmp_path: Path) -> None:
    record = deployed(tmp_path, config={"facade": "alb"})
    of_services, of_facade = (
        [rule.inputs["priority"] for rule in record.of("ListenerRule") if owner in rule.parent]
        for owner in ("LoadBalancedWebService", "AlbFacade")
    )
    assert len(of_services) == 4
    assert len({*of_services, *of_facade}) == len(of_services) + len(of_facade)
    assert min(of_services) > max(of_facade)


def test_complaint_11_the_same_manifest_in_another_order_is_the_same_task_definition(tmp_path: Path) -> None:
    variables = {"B": "2", "A": "1", "C": ""}
    secrets = {"Y": "/y", "X": {"secretsmanager": "x"}}
    first = with_users(tmp_path / "1", variables=variables, secrets=secrets)
    second = with_users(
        tmp_path / "2",
        secrets=dict(reversed(secrets.items())),
        variables=dict(reversed(variables.items())),
    )
    assert first.one("TaskDefinition", "users").inputs == second.one("TaskDefinition", "users").inputs


def test_complaint_12_a_service_that_must_be_replaced_is_never_in_its_own_way(tmp_path: Path) -> None:
    services = deployed(tmp_path).of("aws:ecs/service:Service")
    assert len(services) == 4
    for service in services:
        assert "name" not in service.inputs
        assert not service.options.deleteBeforeReplace


def test_complaint_13_the_wait_for_a_steady_state_has_the_limit_that_the_user_sets(tmp_path: Path) -> None:
    record = with_users(tmp_path, {"services": {"users": {"timeout": "25m"}}})
    service = record.one("aws:ecs/service:Service", "users")
    assert service.inputs["waitForSteadyState"] is True
    assert (service.options.customTimeouts.create, service.options.customTimeouts.update) == ("1500s", "1500s")


def test_complaint_14_the_count_is_left_to_the_scaler_exactly_when_there_is_one(tmp_path: Path) -> None:
    scaled = with_users(tmp_path / "1", count={"range": "2-9", "cpu_percentage": 70, "requests": 500})
    fixed = with_users(tmp_path / "2", count=3)
    assert list(scaled.one("aws:ecs/service:Service", "users").options.ignoreChanges) == ["desiredCount"]
    assert not fixed.one("aws:ecs/service:Service", "users").options.ignoreChanges
    assert fixed.one("aws:ecs/service:Service", "users").inputs["desiredCount"] == 3
    target = scaled.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 9)
    assert not fixed.of("aws:appautoscaling/target:Target")


def test_a_range_of_counts_follows_each_metric_that_has_a_target(tmp_path: Path) -> None:
    record = with_users(
        tmp_path, count={"range": "1-4", "cpu_percentage": 70, "memory_percentage": {"value": 60}, "requests": 500}
    )
    found = {
        policy.name: policy.inputs["targetTrackingScalingPolicyConfiguration"]
        for policy in record.of("aws:appautoscaling/policy:Policy")
    }
    assert {name: item["targetValue"] for name, item in found.items()} == {
        "users-cpu": 70,
        "users-memory": 60,
        "users-requests": 500,
    }
    assert {(item["scaleInCooldown"], item["scaleOutCooldown"]) for item in found.values()} == {(120, 60)}
    label = found["users-requests"]["predefinedMetricSpecification"]["resourceLabel"]
    assert label == "LoadBalancer/users/TargetGroup/users"


def test_a_range_of_counts_follows_the_seconds_that_its_tasks_take_to_answer(tmp_path: Path) -> None:
    record = with_users(tmp_path, count={"range": "1-4", "response_time": "250ms"})
    policy = record.one("aws:appautoscaling/policy:Policy", "users-response-time").inputs
    found = policy["targetTrackingScalingPolicyConfiguration"]
    metric = found["customizedMetricSpecification"]
    assert (found["targetValue"], found.get("predefinedMetricSpecification")) == (0.25, None)
    assert (metric["namespace"], metric["metricName"]) == ("AWS/ApplicationELB", "TargetResponseTime")
    assert (metric["statistic"], metric["unit"]) == ("Average", "Seconds")
    assert {dimension["name"]: dimension["value"] for dimension in metric["dimensions"]} == {
        "LoadBalancer": "LoadBalancer/users",
        "TargetGroup": "TargetGroup/users",
    }


@pytest.mark.parametrize(
    ("count", "strategies"),
    [
        (2, None),
        ({"spot": 2}, [("FARGATE_SPOT", None, 1)]),
        (
            {"range": {"min": 1, "max": 9, "spot_from": 3}, "cpu_percentage": 70},
            [("FARGATE", 2, 0), ("FARGATE_SPOT", None, 1)],
        ),
    ],
)
def test_tasks_run_on_spot_from_where_the_manifest_says(
    tmp_path: Path, count: object, strategies: list[tuple[str, int | None, int]] | None
) -> None:
    inputs = with_users(tmp_path, count=count).one("aws:ecs/service:Service", "users").inputs
    given: list[dict[str, Any]] = inputs.get("capacityProviderStrategies") or []
    found = [(item["capacityProvider"], item.get("base"), item["weight"]) for item in given]
    assert found == (strategies or [])
    assert inputs.get("launchType") == (None if strategies else "FARGATE")


def test_a_service_has_copilots_defaults(tmp_path: Path) -> None:
    record = with_users(tmp_path)
    service = record.one("aws:ecs/service:Service", "users").inputs
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (100, 200)
    assert (service["desiredCount"], service["healthCheckGracePeriodSeconds"]) == (1, 60)
    assert (service["platformVersion"], service["propagateTags"]) == ("LATEST", "SERVICE")
    assert service["networkConfiguration"] == {
        "subnets": ["users-public-1", "users-public-2"],
        "securityGroups": ["SecurityGroup-users-tasks"],
        "assignPublicIp": True,
    }
    group = record.one("TargetGroup", "users").inputs
    assert (group["targetType"], group["deregistrationDelay"]) == ("ip", 60)
    assert group["stickiness"]["enabled"] is False
    assert group["healthCheck"] | {"enabled": True} == {
        "enabled": True,
        "protocol": "HTTP",
        "path": "/",
        "port": "traffic-port",
        "matcher": "200",
        "healthyThreshold": 5,
        "unhealthyThreshold": 2,
        "interval": 30,
        "timeout": 5,
    }
    task = record.one("TaskDefinition", "users").inputs
    assert (task["cpu"], task["memory"], task["family"]) == ("256", "512", "strangler-dev-users-users")
    assert task["runtimePlatform"] == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
    assert "ephemeralStorage" not in task
    assert record.one("LogGroup", "users").inputs["retentionInDays"] == 30
    assert record.one("LogGroup", "users").inputs["name"] == "/strangler/dev/users/users"
    records = record.one("aws:servicediscovery/service:Service", "users").inputs["dnsConfig"]["dnsRecords"]
    assert [(item["type"], item["ttl"]) for item in records] == [("A", 10), ("SRV", 10)]


def test_a_manifest_says_what_differs(tmp_path: Path) -> None:
    record = with_users(
        tmp_path,
        http={
            "path": "api/users",
            "deregistration_delay": "5s",
            "stickiness": True,
            "target_port": 8080,
            "healthcheck": {"path": "/health", "port": 9000, "success_codes": "200-299", "grace_period": "2m"},
        },
        cpu=1024,
        memory=2048,
        platform="linux/arm64",
        storage={"ephemeral": 50},
        logging={"retention": 7},
        deployment={"rolling": "recreate"},
    )
    service, group = record.one("aws:ecs/service:Service", "users").inputs, record.one("TargetGroup", "users").inputs
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (0, 100)
    assert service["healthCheckGracePeriodSeconds"] == 120
    assert service["loadBalancers"][0]["containerPort"] == 8080
    assert [mapping["containerPort"] for mapping in container(record)["portMappings"]] == [3000, 8080]
    assert (group["deregistrationDelay"], group["stickiness"]["enabled"]) == (5, True)
    assert group["healthCheck"]["path"] == "/health"
    assert (group["healthCheck"]["port"], group["healthCheck"]["matcher"]) == ("9000", "200-299")
    task = record.one("TaskDefinition", "users").inputs
    assert (task["cpu"], task["memory"]) == ("1024", "2048")
    assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert task["ephemeralStorage"] == {"sizeInGib": 50}
    assert record.one("LogGroup", "users").inputs["retentionInDays"] == 7


def test_a_service_in_private_subnets_has_no_public_address(tmp_path: Path) -> None:
    record = with_users(
        tmp_path, {"environments": {"users": {"nat": "single"}}}, network={"vpc": {"placement": "private"}}
    )
    network = record.one("aws:ecs/service:Service", "users").inputs["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert network["subnets"] == ["users-private-1", "users-private-2"]


def test_secrets_are_read_by_the_execution_role_and_no_others(tmp_path: Path) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:own-AbCdEf:key::"
    record = with_users(tmp_path, secrets={"A": "/x/y", "B": {"secretsmanager": "b"}, "C": arn})
    parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/x/y"
    own, named = arn.removesuffix(":key::"), "arn:aws:secretsmanager:eu-west-1:123456789012:secret:b"
    assert [secret["valueFrom"] for secret in container(record)["secrets"]] == [parameter, named, arn]
    policy = record.one("RolePolicy", "users-secrets").inputs
    assert policy["role"] == "users-execution-1234567"
    read = {item["Action"]: item["Resource"] for item in json.loads(policy["policy"])["Statement"]}
    assert read["ssm:GetParameters"] == [parameter]
    assert read["secretsmanager:GetSecretValue"] == [named, f"{named}-??????", own, f"{own}-??????"]
    assert not with_users(tmp_path / "none").of("RolePolicy")[0].name.endswith("secrets")


@pytest.mark.parametrize("on", [True, False])
def test_exec_is_allowed_exactly_when_it_is_on(tmp_path: Path, on: bool) -> None:
    record = with_users(tmp_path, exec=on)
    statements = json.loads(record.one("RolePolicy", "users-task").inputs["policy"])["Statement"]
    assert statements[0] == {"Action": "iam:*", "Effect": "Deny", "Resource": "*"}
    assert [statement["Action"][0] for statement in statements[1:]] == (
        ["ssmmessages:CreateControlChannel"] if on else []
    )
    assert record.one("aws:ecs/service:Service", "users").inputs["enableExecuteCommand"] is on
    assert ("linuxParameters" in container(record)) is on


def test_service_connect_is_on_when_the_manifest_says_so(tmp_path: Path) -> None:
    connected = with_users(tmp_path / "1", network={"connect": True}).one("aws:ecs/service:Service", "users").inputs
    settings = connected["serviceConnectConfiguration"]
    assert settings["namespace"] == "arn:PrivateDnsNamespace/users"
    assert settings["services"] == [
        {"portName": "target", "discoveryName": "users-sc", "clientAlias": [{"port": 3000, "dnsName": "users"}]}
    ]
    plain = with_users(tmp_path / "2").one("aws:ecs/service:Service", "users").inputs
    assert plain.get("serviceConnectConfiguration") is None


def test_tasks_start_only_when_everything_that_they_need_is_there(tmp_path: Path) -> None:
    record = with_users(tmp_path, secrets={"A": "/x/y"})
    needs = {urn.rpartition("::")[0].rpartition("$")[2] + " " + urn.rpartition("::")[2] for urn in
             record.one("aws:ecs/service:Service", "users").options.dependencies}  # fmt: skip
    for item in (
        "aws:lb/listenerRule:ListenerRule users",
        "aws:iam/rolePolicy:RolePolicy users-secrets",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment users-execution",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule users-tasks-out",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders users",
        "awsx:ec2:Vpc users",
    ):
        assert item in needs, sorted(needs)
