"""ECS: what a cluster, a task definition and a service need."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver, RefusedError
from tests.standin.sample import DIGEST, PORT, Front
from tools.standin import actions, autoscaling, containers, ecs, iam, security, servicediscovery
from tools.standin.cloud import AwsError, Cloud, Object

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/web@{DIGEST}"


def tasks(driver: Driver, service: Object) -> dict[str, Any]:
    return driver.latest(service).hidden["tasks"]


def _without_defaults(current: Object) -> dict[str, Any]:
    return {name: value for name, value in current.inputs.items() if not name.startswith("__")}


def task_problems(driver: Driver, definitions: str | None = None, **changes: Any) -> list[str]:
    inputs: dict[str, Any] = {
        "family": "web",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "executionRoleArn": "arn:aws:iam::123456789012:role/x",
        "containerDefinitions": definitions or sample.definitions(IMAGE, "logs"),
        **changes,
    }
    return driver.problems(ecs.TASK_DEFINITION, "web", **inputs)


def test_a_good_task_definition_has_no_problem(driver: Driver) -> None:
    assert task_problems(driver) == []


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [("256", "4096"), ("512", "512"), ("1024", "1024"), ("4096", "1024"), ("300", "512"), ("8192", "17000")],
)
def test_fargate_has_fixed_pairs_of_cpu_and_memory(driver: Driver, cpu: str, memory: str) -> None:
    assert any(
        "No Fargate configuration exists" in message for message in task_problems(driver, cpu=cpu, memory=memory)
    )


@pytest.mark.parametrize(("cpu", "memory"), [(256, 2048), (512, 1024), (1024, 8192), (4096, 30720), (16384, 122880)])
def test_the_pairs_that_fargate_has_are_taken(cpu: int, memory: int) -> None:
    assert containers.size_problem(cpu, memory) is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"family": "a b"}, "family is 'a b'"),
        ({"networkMode": "bridge"}, "Fargate takes awsvpc only"),
        ({"executionRoleArn": None}, "execution role ARN"),
        ({"ephemeralStorage": {"sizeInGib": 20}}, "20"),
        ({"containerDefinitions": "[]"}, "at least one container"),
        ({"containerDefinitions": "{"}, "is not JSON"),
        ({"runtimePlatform": {"cpuArchitecture": "arm"}}, "cpuArchitecture"),
    ],
)
def test_settings_that_a_task_definition_does_not_take(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    found = task_problems(driver, **changes)
    assert any(problem in message for message in found), found


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"imagee": "x"}, "imagee is not a property"),
        ({"environment": [{"name": "A", "val": "x"}]}, "environment[0].val is not a property"),
        ({"environment": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, "gives A more than once"),
        ({"environment": [{"name": "A", "value": "1"}], "secrets": [{"name": "A", "valueFrom": "x"}]}, "gives A more"),
        ({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}, "in awsvpc mode it is the container's, 80"),
        ({"portMappings": [{"containerPort": 80}, {"containerPort": 80}]}, "maps port 80 more than once"),
        ({"essential": False}, "needs an essential container"),
        ({"name": ""}, "name is required"),
        ({"logConfiguration": {"logDriver": "json-file"}}, "Fargate has awslogs"),
        ({"logConfiguration": {"logDriver": "awslogs", "options": {}}}, "awslogs-group is required"),
        ({"dependsOn": [{"containerName": "db", "condition": "START"}]}, "not a container of this task"),
        ({"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}, "not a volume of this task"),
        ({"cpu": 512}, "reserves 512 cpu, more than the task's 256"),
        ({"memory": 1024}, "reserves 1024 memory, more than the task's 512"),
    ],
)
def test_settings_that_a_container_does_not_take(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    found = task_problems(driver, sample.definitions(IMAGE, "logs", **changes))
    assert any(problem in message for message in found), found


def test_two_containers_of_one_name_are_refused(driver: Driver) -> None:
    one = json.loads(sample.definitions(IMAGE, "logs", portMappings=[]))
    assert any("same container name twice" in message for message in task_problems(driver, json.dumps(one + one)))


def test_revisions_count_up_and_are_never_used_again(driver: Driver) -> None:
    first = sample.task_definition(driver, "web")
    second = sample.task_definition(driver, "web", cpu="512", memory="1024")
    driver.delete(second)
    third = sample.task_definition(driver, "web")
    assert [definition["revision"] for definition in (first, second, third)] == [1, 2, 3]
    assert first["arn"].endswith("task-definition/web:1")


def test_a_role_of_a_task_exists_and_trusts_ecs(driver: Driver) -> None:
    with pytest.raises(AwsError, match=r"taskRoleArn: role .* does not exist"):
        sample.task_definition(driver, "web", taskRoleArn="arn:aws:iam::123456789012:role/none")
    trust = sample.TRUST.replace("ecs-tasks", "ec2")
    other = driver.create(iam.ROLE, "other", assumeRolePolicy=trust)
    with pytest.raises(AwsError, match=r"does not trust ecs-tasks.amazonaws.com"):
        sample.task_definition(driver, "web", taskRoleArn=other["arn"])


def test_ecs_takes_a_target_group_only_when_it_is_tied_to_a_balancer(driver: Driver, front: Front) -> None:
    group = sample.target_group(driver, front, "web")
    definition = sample.task_definition(driver, "web")
    with pytest.raises(AwsError, match="does not have an associated load balancer"):
        sample.service(driver, front, "web", group, definition)
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 0)), "/*")
    assert tasks(driver, sample.service(driver, front, "web", group, definition))["healthy"] == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cluster": "nowhere"}, "the Cluster 'nowhere' does not exist"),
        ({"taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/no:1"}, "TaskDefinition not found"),
        ({"networkConfiguration": None}, "Network Configuration must be provided"),
        (
            {"capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}], "launchType": None},
            "FARGATE_SPOT",
        ),
        ({"serviceRegistries": {"registryArn": "arn:none"}}, "does not exist"),
        ({"serviceConnectConfiguration": {"enabled": True, "namespace": "none"}}, "namespace: none does not exist"),
    ],
)
def test_what_a_service_refers_to_must_be_there(
    driver: Driver, front: Front, changes: dict[str, Any], problem: str
) -> None:
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    with pytest.raises(AwsError, match=problem):
        sample.service(driver, front, "web", group, sample.task_definition(driver, "web"), **changes)


def test_the_balancer_entry_names_a_container_and_a_port_of_the_task(driver: Driver, front: Front) -> None:
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    for name, port, problem in (
        ("db", PORT, "does not exist in the task"),
        ("web", 1, "did not have a container port"),
    ):
        entry = {"targetGroupArn": group["arn"], "containerName": name, "containerPort": port}
        with pytest.raises(AwsError, match=problem):
            sample.service(driver, front, "web", group, definition, loadBalancers=[entry])


def test_the_target_group_is_for_addresses(driver: Driver, front: Front) -> None:
    group = driver.create(actions.TARGET_GROUP, "web", port=PORT, protocol="HTTP", vpcId=front.network.vpc.id)
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    with pytest.raises(AwsError, match="has target type instance, which is incompatible"):
        sample.service(driver, front, "web", group, sample.task_definition(driver, "web"))


def test_security_groups_of_a_service_are_in_its_vpc(driver: Driver, front: Front) -> None:
    other = sample.network(driver, "other", "10.2")
    far = driver.create(security.GROUP, "far", vpcId=other.vpc.id)
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    network = {"subnets": front.network.subnets, "securityGroups": [far.id], "assignPublicIp": True}
    with pytest.raises(AwsError, match="must belong to the same VPC"):
        sample.service(driver, front, "web", group, sample.task_definition(driver, "web"), networkConfiguration=network)


def test_a_service_name_is_taken_once_per_cluster(driver: Driver, front: Front) -> None:
    made = sample.web(driver, front, "web", 1, "/*")
    with pytest.raises(AwsError, match="Creation of service was not idempotent"):
        driver.create(ecs.SERVICE, "x", **_without_defaults(made))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"deploymentMinimumHealthyPercent": 100, "deploymentMaximumPercent": 100}, "no room to deploy"),
        ({"deploymentMinimumHealthyPercent": 100, "deploymentMaximumPercent": 201}, "accepted: 100 to 200"),
        ({"deploymentMinimumHealthyPercent": 101, "deploymentMaximumPercent": 200}, "accepted: 0 to 100"),
        ({"capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}]}, "excludes"),
        ({"loadBalancers": [], "healthCheckGracePeriodSeconds": 60}, "only valid for services with a load balancer"),
        ({"platformVersion": "2.0.0"}, "accepted: LATEST"),
        ({"propagateTags": "EVERYTHING"}, "propagateTags"),
        ({"schedulingStrategy": "SOMETIMES"}, "schedulingStrategy"),
    ],
)
def test_settings_that_a_service_does_not_take(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    found = driver.problems(ecs.SERVICE, "x", **{"cluster": "c", "launchType": "FARGATE", **changes})
    assert any(problem in message for message in found), found


def test_a_cluster_does_not_go_while_it_has_services(driver: Driver, front: Front) -> None:
    sample.web(driver, front, "web", 1, "/*")
    with pytest.raises(AwsError, match="ClusterContainsServicesException"):
        driver.delete(front.cluster)


def test_capacity_providers_are_fargates_and_stay_while_used(driver: Driver, front: Front) -> None:
    assert driver.problems(ecs.PROVIDERS, "x", clusterName="c", capacityProviders=["EC2"])
    strategies = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert driver.problems(
        ecs.PROVIDERS, "x", clusterName="c", capacityProviders=["FARGATE"], defaultCapacityProviderStrategies=strategies
    )
    providers = driver.create(
        ecs.PROVIDERS, "x", clusterName=front.cluster["name"], capacityProviders=["FARGATE", "FARGATE_SPOT"]
    )
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    sample.service(driver, front, "web", group, definition, launchType=None, capacityProviderStrategies=strategies)
    with pytest.raises(AwsError, match="ResourceInUseException"):
        driver.delete(providers)


def test_discovery_is_there_while_a_service_registers_with_it(driver: Driver, front: Front) -> None:
    namespace = driver.create(servicediscovery.PRIVATE_DNS, "local", name="x.local", vpc=front.network.vpc.id)
    dns = {"namespaceId": namespace.id, "dnsRecords": [{"type": "SRV", "ttl": 10}]}
    registry = driver.create(servicediscovery.SERVICE, "web", name="web", dnsConfig=dns)
    with pytest.raises(AwsError, match="ServiceAlreadyExists"):
        driver.create(servicediscovery.SERVICE, "web2", name="web", dnsConfig=dns)
    with pytest.raises(AwsError, match="ConflictingDomainExists"):
        driver.create(servicediscovery.PRIVATE_DNS, "local2", name="x.local", vpc=front.network.vpc.id)
    with pytest.raises(AwsError, match="ResourceInUse"):
        driver.delete(namespace)
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    with pytest.raises(AwsError, match="with 'SRV' records a port"):
        sample.service(driver, front, "web", group, definition, serviceRegistries={"registryArn": registry["arn"]})
    entry = {"registryArn": registry["arn"], "port": PORT}
    sample.service(driver, front, "web", group, definition, serviceRegistries=entry)
    with pytest.raises(AwsError, match="ResourceInUse"):
        driver.delete(registry)


def test_service_connect_needs_a_named_port_and_keeps_its_namespace(driver: Driver, front: Front) -> None:
    namespace = driver.create(servicediscovery.HTTP, "mesh", name="mesh")
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    definition = sample.task_definition(driver, "web")
    connect: dict[str, Any] = {"enabled": True, "namespace": namespace["arn"], "services": [{"portName": "http"}]}
    with pytest.raises(AwsError, match="The portName 'http' for Service Connect does not exist"):
        sample.service(driver, front, "web", group, definition, serviceConnectConfiguration=connect)
    connect["services"] = [{"portName": "web"}]
    sample.service(driver, front, "web", group, definition, serviceConnectConfiguration=connect)
    with pytest.raises(AwsError, match="ResourceInUse"):
        driver.delete(namespace)


def test_autoscaling_is_for_a_service_that_exists_and_moves_its_count_into_the_range(
    driver: Driver, front: Front
) -> None:
    service = sample.web(driver, front, "web", 1, "/*")
    inputs: dict[str, Any] = {
        "resourceId": f"service/{front.cluster['name']}/{service['name']}",
        "scalableDimension": "ecs:service:DesiredCount",
        "serviceNamespace": "ecs",
    }
    policy: dict[str, Any] = {
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 70,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    }
    with pytest.raises(AwsError, match="No scalable target registered"):
        driver.create(autoscaling.POLICY, "cpu", **inputs, **policy)
    with pytest.raises(AwsError, match="ECS service doesn't exist"):
        driver.create(autoscaling.TARGET, "x", **{**inputs, "resourceId": "service/a/b"}, minCapacity=2, maxCapacity=4)
    assert driver.problems(autoscaling.TARGET, "x", **inputs, minCapacity=5, maxCapacity=4)
    wrong = {**inputs, "scalableDimension": "ecs:cluster:Count"}
    assert driver.problems(autoscaling.TARGET, "x", **wrong, minCapacity=1, maxCapacity=4)
    driver.create(autoscaling.TARGET, "web", **inputs, minCapacity=2, maxCapacity=4)
    driver.create(autoscaling.POLICY, "cpu", **inputs, **policy)
    assert driver.latest(service)["desiredCount"] == 2
    assert tasks(driver, service)["healthy"] == 2


def test_scaling_on_requests_needs_a_label_of_balancer_and_target_group(driver: Driver) -> None:
    def found(label: str | None) -> list[str]:
        metric = {"predefinedMetricType": "ALBRequestCountPerTarget", **({"resourceLabel": label} if label else {})}
        return driver.problems(
            autoscaling.POLICY,
            "x",
            resourceId="service/a/b",
            scalableDimension="ecs:service:DesiredCount",
            serviceNamespace="ecs",
            policyType="TargetTrackingScaling",
            targetTrackingScalingPolicyConfiguration={"targetValue": 1, "predefinedMetricSpecification": metric},
        )

    assert found("app/a/1/targetgroup/b/2") == []
    assert found(None)
    assert found("targetgroup/b/2")


def test_the_alarms_of_deployments_have_names_which_pulumi_aws_cant_take_away(driver: Driver, front: Front) -> None:
    service = _behind(driver, front, alarms={"alarmNames": ["a", "b"], "enable": True, "rollback": True})
    assert driver.changes(service, alarms={"alarmNames": ["b", "a"], "enable": True, "rollback": True}) == []
    off = {"enable": False, "rollback": False}
    assert driver.replaces(service, alarms={"alarmNames": ["a"], **off}) == []
    with pytest.raises(RefusedError, match=r"alarms\.alarmNames is required, and pulumi-aws sends no empty list"):
        driver.update(service, alarms={"alarmNames": [], **off})


def test_a_task_definition_has_64_kib(driver: Driver) -> None:
    logs = sample.task_definition(driver, "web")
    long = sample.definitions(IMAGE, "web", environment=[{"name": "A", "value": "x" * 65_536}])
    with pytest.raises(AwsError, match=r"Actual length: '\d+'\. Max allowed length is '65536' bytes\."):
        sample.task_definition(driver, "web", containerDefinitions=long)
    assert driver.latest(logs) == logs


def _behind(driver: Driver, front: Front, **changes: Any) -> Object:
    """A service with a task definition of its own."""
    driver.create(ecs.PROVIDERS, "x", clusterName=front.cluster["name"], capacityProviders=["FARGATE", "FARGATE_SPOT"])
    group = sample.target_group(driver, front, "web")
    sample.rule(driver, front, "web", 1, sample.forward((group["arn"], 1)), "/*")
    return sample.service(driver, front, "web", group, sample.task_definition(driver, "web"), **changes)


SPOT: list[dict[str, Any]] = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
PLAIN: list[dict[str, Any]] = [{"capacityProvider": "FARGATE", "weight": 1}]


def test_a_capacity_provider_strategy_changes_with_a_new_deployment_only(driver: Driver, front: Front) -> None:
    service = _behind(driver, front)
    with pytest.raises(RefusedError, match="force_new_deployment should be true when capacity_provider_strategy"):
        driver.update(service, launchType=None, capacityProviderStrategies=SPOT)
    forced = {"launchType": None, "forceNewDeployment": True}
    assert driver.replaces(service, capacityProviderStrategies=SPOT, **forced) == []
    assert tasks(driver, driver.update(service, capacityProviderStrategies=SPOT, **forced))["healthy"] == 1
    with pytest.raises(RefusedError, match="force_new_deployment should be true"):
        driver.update(service, launchType="FARGATE", capacityProviderStrategies=None, forceNewDeployment=None)
    assert driver.replaces(service, launchType="FARGATE", capacityProviderStrategies=None) == ["launchType"]
    assert tasks(driver, driver.update(service, capacityProviderStrategies=PLAIN))["healthy"] == 1


def test_a_name_in_service_connect_is_one_services(driver: Driver, front: Front) -> None:
    namespace = driver.create(servicediscovery.HTTP, "mesh", name="mesh")
    connect: dict[str, Any] = {"enabled": True, "namespace": namespace["arn"]}
    one = {**connect, "services": [{"portName": "web", "discoveryName": "web-sc"}]}
    made = _behind(driver, front, serviceConnectConfiguration=one)
    again = {name: value for name, value in _without_defaults(made).items() if name != "name"}
    with pytest.raises(AwsError, match=r"SC service is already used by arn:aws:servicediscovery:.*: web-sc of Service"):
        driver.create(ecs.SERVICE, "again", **again)
    other = {**connect, "services": [{"portName": "web", "discoveryName": "other-sc"}]}
    driver.create(ecs.SERVICE, "again", **{**again, "serviceConnectConfiguration": other})


def test_a_name_for_clients_in_service_connect_is_one_services(driver: Driver, front: Front) -> None:
    namespace = driver.create(servicediscovery.HTTP, "mesh", name="mesh")

    def connect(name: str, port: int) -> dict[str, Any]:
        alias = [{"dnsName": "people", "port": port}]
        offered = [{"portName": "web", "discoveryName": name, "clientAlias": alias}]
        return {"enabled": True, "namespace": namespace["arn"], "services": offered}

    made = _behind(driver, front, serviceConnectConfiguration=connect("web-sc", 80))
    again = {name: value for name, value in _without_defaults(made).items() if name != "name"}
    other: dict[str, Any] = {
        **again,
        "taskDefinition": sample.task_definition(driver, "other")["arn"],
        "loadBalancers": [],
    }
    with pytest.raises(AwsError, match=r"SC service is already used by .*: client alias people:80 of Service"):
        driver.create(ecs.SERVICE, "other", **{**other, "serviceConnectConfiguration": connect("other-sc", 80)})
    driver.create(ecs.SERVICE, "other", **{**other, "serviceConnectConfiguration": connect("other-sc", 81)})
    # What takes the place of the first one has its tasks.
    driver.create(ecs.SERVICE, "new", **{**again, "serviceConnectConfiguration": connect("new-sc", 80)})


def test_some_zones_have_no_fargate() -> None:
    driver = Driver(Cloud(patience=0, without_fargate=("b",)))
    front = sample.front(driver, sample.network(driver))
    with pytest.raises(AwsError, match="Fargate is not supported in this availability zone: eu-west-1b"):
        _behind(driver, front)


def test_zones_are_rebalanced_where_more_than_all_tasks_may_run(driver: Driver, front: Front) -> None:
    recreate: dict[str, Any] = {"deploymentMinimumHealthyPercent": 0, "deploymentMaximumPercent": 100}
    service = _behind(driver, front)
    assert driver.latest(service)["availabilityZoneRebalancing"] == "ENABLED"
    with pytest.raises(AwsError, match="availabilityZoneRebalancing does not support a maximumPercent of 100"):
        driver.update(service, **recreate)
    driver.update(service, **recreate, availabilityZoneRebalancing="DISABLED")
    back = driver.update(service, deploymentMaximumPercent=200, availabilityZoneRebalancing=None)
    assert driver.latest(back)["availabilityZoneRebalancing"] == "DISABLED"
    assert driver.changes(back, availabilityZoneRebalancing=None) == []
