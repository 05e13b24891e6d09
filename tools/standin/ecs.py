"""Clusters, task definitions and services: what refers to what, and what ECS refuses before it starts a task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from tools.standin import actions, containers, deployments, ec2, elb, iam, network, security, servicediscovery
from tools.standin.cloud import AwsError, Object, Snapshot
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, canonical, first, is_unknown, items, rows, table

CLUSTER: Final = "aws:ecs/cluster:Cluster"
PROVIDERS: Final = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE: Final = "aws:ecs/service:Service"
_LONGEST: Final = 64 * 1024
_FARGATE: Final = ("FARGATE", "FARGATE_SPOT")
_PLATFORMS: Final = ("LATEST", "1.4.0", "1.3.0", "1.0.0")


# Cluster


def _cluster_verify(call: Call) -> None:
    wanted = first(call.inputs, "serviceConnectDefaults.namespace")
    refuse(
        wanted is not None and servicediscovery.namespace(call.snapshot, str(wanted)) is None,
        "InvalidParameterException",
        f"serviceConnectDefaults.namespace: {wanted} does not exist",
    )


def _cluster_verify_delete(call: Call) -> None:
    """The words of ECS: aws/aws-cdk issue 8654 and gruntwork-io/cloud-nuke issue 368. That pulumi-aws waits for the end
    of tasks, as it does for that of services, is assumed: hashicorp/terraform-provider-aws issue 15652."""
    assert call.before is not None
    refuse(
        bool(call.before.hidden.get("oneOff")),
        "ClusterContainsTasksException",
        "The Cluster cannot be deleted while Tasks are active.",
    )


def _cluster_problems(inputs: Props) -> Iterator[Problem]:
    for index, setting in enumerate(rows(inputs.get("settings"))):
        if setting.get("name") != "containerInsights":
            yield f"settings[{index}].name", f"is {setting.get('name')!r}; accepted: containerInsights"
        if setting.get("value") not in ("enabled", "disabled", "enhanced") and not is_unknown(setting.get("value")):
            yield f"settings[{index}].value", f"is {setting.get('value')!r}; accepted: enabled, disabled, enhanced"


def cluster_called(call: Call, value: str) -> Object | None:
    return next(
        (cluster for cluster in call.snapshot.of(CLUSTER) if value in (cluster.id, cluster["arn"], cluster["name"])),
        None,
    )


def _providers_problems(inputs: Props) -> Iterator[Problem]:
    names = items(inputs.get("capacityProviders"))
    for name in names:
        if not is_unknown(name) and name not in _FARGATE:
            yield "capacityProviders", f"is {name!r}; accepted here: {', '.join(_FARGATE)}"
    strategies = rows(inputs.get("defaultCapacityProviderStrategies"))
    yield from _strategy_problems("defaultCapacityProviderStrategies", strategies)
    for strategy in strategies:
        if strategy.get("capacityProvider") not in names:
            yield (
                "defaultCapacityProviderStrategies",
                f"names {strategy.get('capacityProvider')!r}, not among the providers",
            )


def _strategy_problems(path: str, strategies: list[Props]) -> Iterator[Problem]:
    if sum(1 for strategy in strategies if strategy.get("base")) > 1:
        yield path, "only one capacity provider can have a base"
    if strategies and all(strategy.get("weight") == 0 for strategy in strategies):
        yield path, "at least one weight must be greater than zero"


def _providers_verify_delete(call: Call) -> None:
    assert call.before is not None
    cluster = cluster_called(call, call.before["clusterName"])
    for service in call.snapshot.of(SERVICE):
        refuse(
            cluster is not None
            and service["cluster"] in (cluster.id, cluster["name"])
            and service["capacityProviderStrategies"],
            "ResourceInUseException",
            f"The specified capacity provider is in use and cannot be removed: {describe(service)}",
        )


# Task definition


def _task_problems(inputs: Props) -> Iterator[Problem]:
    family = inputs.get("family")
    if isinstance(family, str) and not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", family):
        yield "family", f"is {family!r}; accepted: 1 to 255 letters, digits, _ and -"
    yield from containers.problems(inputs)
    if "FARGATE" not in items(inputs.get("requiresCompatibilities")):
        return
    if inputs.get("networkMode") != "awsvpc":
        yield "networkMode", f"is {inputs.get('networkMode')!r}; Fargate takes awsvpc only"
    cpu, memory = inputs.get("cpu"), inputs.get("memory")
    if not is_unknown(cpu) and not is_unknown(memory) and (problem := containers.size_problem(cpu, memory)):
        yield "cpu", problem
    size = first(inputs, "ephemeralStorage.sizeInGib")
    if isinstance(size, int) and not 21 <= size <= 200:
        yield "ephemeralStorage.sizeInGib", f"is {size}; accepted: 21 to 200"
    if inputs.get("executionRoleArn") is None and _needs_execution_role(inputs):
        yield (
            "executionRoleArn",
            "Fargate requires task definition to have execution role ARN to support ECR images, logs or secrets",
        )


def _needs_execution_role(inputs: Props) -> bool:
    for container in containers.parse(inputs.get("containerDefinitions")):
        log = table(container.get("logConfiguration"))
        if ".dkr.ecr." in str(container.get("image")) or container.get("secrets") or log.get("logDriver") == "awslogs":
            return True
    return False


def _task_verify(call: Call) -> None:
    length = len(str(call.get("containerDefinitions", "")).encode())
    # The words of ECS: awsdocs/amazon-ecs-developer-guide pull request 149.
    refuse(
        length > _LONGEST, "ClientException", f"Actual length: '{length}'. Max allowed length is '{_LONGEST}' bytes."
    )
    for name in ("executionRoleArn", "taskRoleArn"):
        arn = call.get(name)
        role = iam.role_called(call.snapshot, arn) if arn else None
        refuse(arn and role is None, "ClientException", f"{name}: role {arn} does not exist")
        refuse(
            role is not None and not iam.trusts(role, "ecs-tasks.amazonaws.com"),
            "ClientException",
            f"{name}: Role is not valid: {arn} does not trust ecs-tasks.amazonaws.com",
        )


def _task_id(call: Call) -> str:
    family = call.inputs["family"]
    numbers = [int(definition["revision"]) for definition in call.snapshot.where(TASK_DEFINITION, family=family)]
    past = [int(event.id.rpartition(":")[2]) for event in _deregistered(call, family)]
    return call.cloud.arn("ecs", f"task-definition/{family}:{max(numbers + past, default=0) + 1}")


def _deregistered(call: Call, family: str) -> list[Object]:
    """Revisions that were there once: their numbers are not used again."""
    ends = [event.before for event in call.cloud.history if event.type == TASK_DEFINITION and event.kind == "delete"]
    return [definition for definition in ends if definition is not None and definition["family"] == family]


def _task_outputs(_call: Call, identifier: str) -> Props:
    plain, _, revision = identifier.rpartition(":")
    return {"arn": identifier, "arnWithoutRevision": plain, "revision": int(revision)}


# Service


def _service_problems(inputs: Props) -> Iterator[Problem]:
    yield from _connect_problems(inputs)
    strategies = rows(inputs.get("capacityProviderStrategies"))
    if strategies and inputs.get("launchType"):
        yield "launchType", "excludes capacityProviderStrategies"
    yield from _strategy_problems("capacityProviderStrategies", strategies)
    if isinstance(inputs.get("alarms"), dict) and not items(table(inputs["alarms"]).get("alarmNames")):
        # ECS wants the list, and the provider leaves an empty one out (terraform-provider-aws, expandAlarms).
        yield "alarms.alarmNames", "is required, and pulumi-aws sends no empty list"
    if inputs.get("healthCheckGracePeriodSeconds") is not None and not inputs.get("loadBalancers"):
        yield "healthCheckGracePeriodSeconds", "is only valid for services with a load balancer"
    minimum, maximum = inputs.get("deploymentMinimumHealthyPercent"), inputs.get("deploymentMaximumPercent")
    if isinstance(minimum, int) and isinstance(maximum, int):
        if not 0 <= minimum <= 100:
            yield "deploymentMinimumHealthyPercent", f"is {minimum}; accepted: 0 to 100"
        if not 100 <= maximum <= 200:
            yield "deploymentMaximumPercent", f"is {maximum}; accepted: 100 to 200"
        if minimum == maximum:
            yield "deploymentMaximumPercent", "leaves no room to deploy: it must be greater than the minimum"
    if inputs.get("platformVersion") not in (None, *_PLATFORMS) and not is_unknown(inputs.get("platformVersion")):
        yield "platformVersion", f"is {inputs.get('platformVersion')!r}; accepted: {', '.join(_PLATFORMS)}"


def _connect_problems(inputs: Props) -> Iterator[Problem]:
    """Names in Service Connect (ECS API, ServiceConnectService and ServiceConnectClientAlias)."""
    path = "serviceConnectConfiguration.services"
    for service in rows(table(inputs.get("serviceConnectConfiguration")).get("services")):
        name = service.get("discoveryName")
        if isinstance(name, str) and not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,63}", name):
            yield f"{path}.discoveryName", f"is {name!r}; accepted: up to 64 of a-z, 0-9, _ and -, no hyphen first"
        for alias in rows(service.get("clientAlias")):
            name = alias.get("dnsName")
            if isinstance(name, str) and not _is_dns_name(name, 127):
                yield f"{path}.clientAlias.dnsName", f"is {name!r}; accepted: a DNS name of up to 127 characters"


def _is_dns_name(name: str, most: int) -> bool:
    labels = name.split(".")
    return len(name) <= most and all(re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels)


def _service_verify(call: Call) -> None:
    cluster = cluster_called(call, str(call.get("cluster", "default")))
    if cluster is None:
        raise AwsError("ClusterNotFoundException", f"Cluster not found: {call.get('cluster', 'default')}")
    for other in call.others(SERVICE):
        refuse(
            other["name"] == call.inputs["name"] and other["cluster"] in (cluster.id, cluster["name"]),
            "InvalidParameterException",
            f"Creation of service was not idempotent: {describe(other)}",
        )
    _verify_providers(call, cluster)
    task = deployments.task_definition(call.snapshot, call.get("taskDefinition", ""))
    if task is None:
        raise AwsError("ClientException", f"TaskDefinition not found: {call.get('taskDefinition')}")
    _verify_rebalancing(call)
    vpc = _verify_network(call)
    _verify_balancers(call, task, vpc)
    _verify_registries(call)


def _verify_providers(call: Call, cluster: Object) -> None:
    known = [
        name
        for item in call.snapshot.where(PROVIDERS, clusterName=cluster["name"])
        for name in item["capacityProviders"]
    ]
    for strategy in call.get("capacityProviderStrategies", []):
        refuse(
            strategy["capacityProvider"] not in known,
            "InvalidParameterException",
            f"The specified capacity provider '{strategy['capacityProvider']}' was not found in "
            f"cluster {cluster['name']}",
        )


def _strategy_change(old: Props, new: Props) -> str | None:
    """What pulumi-aws says (terraform-provider-aws, capacityProviderStrategyCustomizeDiff), of replacements too."""
    before, after = (rows(inputs.get("capacityProviderStrategies")) for inputs in (old, new))
    if sorted(map(canonical, before)) == sorted(map(canonical, after)) or new.get("forceNewDeployment"):
        return None
    return "force_new_deployment should be true when capacity_provider_strategy is being updated"


def _rebalancing(inputs: Props) -> Props:
    """What ECS makes of a service that doesn't say (ECS developer guide, "Balancing an Amazon ECS service across
    Availability Zones": on where it can be, which is with more than 100 percent)."""
    return {
        "availabilityZoneRebalancing": "ENABLED"
        if (inputs.get("deploymentMaximumPercent") or 200) > 100
        else "DISABLED"
    }


def _rebalanced(call: Call) -> str:
    """Whether a service's tasks are rebalanced: an update leaves what is (ECS API, UpdateService)."""
    now = call.before["availabilityZoneRebalancing"] if call.before else None
    return str(
        call.get("availabilityZoneRebalancing") or now or _rebalancing(call.inputs)["availabilityZoneRebalancing"]
    )


def _verify_rebalancing(call: Call) -> None:
    refuse(
        _rebalanced(call) == "ENABLED" and int(call.get("deploymentMaximumPercent", 200)) <= 100,
        "InvalidParameterException",
        "availabilityZoneRebalancing does not support a maximumPercent of 100 or less",
    )


def _verify_network(call: Call) -> str:
    configuration = call.get("networkConfiguration", {})
    refuse(
        not configuration.get("subnets"),
        "InvalidParameterException",
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    )
    vpcs = network.vpc_of_subnets(call.snapshot, configuration["subnets"])
    refuse(len(vpcs) != 1, "InvalidParameterException", "the subnets must be in one VPC")
    vpc = next(iter(vpcs))
    # ECS developer guide, "Supported Regions for Amazon ECS on AWS Fargate". That ECS says so at once, and not of each
    # task that it tries to place, is assumed.
    for zone in network.zones_of_subnets(call.snapshot, configuration["subnets"]):
        refuse(
            zone[-1:] in call.cloud.without_fargate,
            "InvalidParameterException",
            f"Fargate is not supported in this availability zone: {zone}",
        )
    for item in configuration.get("securityGroups", []):
        group = call.snapshot.get(security.GROUP, item)
        refuse(
            group is None or group["vpcId"] != vpc,
            "InvalidParameterException",
            f"Security groups and subnets must belong to the same VPC: {item} is not in {vpc}",
        )
    return vpc


def _verify_balancers(call: Call, task: Object, vpc: str) -> None:
    by_name = {container.get("name"): container for container in containers.parse(task["containerDefinitions"])}
    for balancer in cast("list[Props]", call.get("loadBalancers", [])):
        arn, name, port = balancer.get("targetGroupArn"), balancer.get("containerName"), balancer.get("containerPort")
        refuse(
            name not in by_name,
            "InvalidParameterException",
            f"The container {name} does not exist in the task definition.",
        )
        ports = [mapping.get("containerPort") for mapping in rows(by_name[name].get("portMappings"))]
        refuse(
            port not in ports,
            "InvalidParameterException",
            f"The container {name} did not have a container port {port} defined.",
        )
        if arn is None:
            continue
        group = call.snapshot.get(actions.TARGET_GROUP, arn)
        assert group is not None
        refuse(
            elb.owner_of(call.snapshot, arn) is None,
            "InvalidParameterException",
            f"The target group with targetGroupArn {arn} does not have an associated load balancer.",
        )
        refuse(
            group["targetType"] != "ip",
            "InvalidParameterException",
            f"The provided target group {arn} has target type {group['targetType'] or 'instance'}, which is "
            "incompatible with the awsvpc network mode specified in the task definition.",
        )
        refuse(group["vpcId"] != vpc, "InvalidParameterException", f"target group {arn} is not in {vpc}")


def _verify_registries(call: Call) -> None:
    for registry in [call.inputs["serviceRegistries"]] if call.get("serviceRegistries") else []:
        arn = registry.get("registryArn")
        found = call.snapshot.one(servicediscovery.SERVICE, arn=arn)
        refuse(found is None, "InvalidParameterException", f"serviceRegistries.registryArn: {arn} does not exist")
        records = rows(first(dict(found.inputs), "dnsConfig.dnsRecords")) if found else []
        needs_port = any(record.get("type") == "SRV" for record in records)
        has_port = registry.get("port") is not None or registry.get("containerPort") is not None
        refuse(
            needs_port and not has_port,
            "InvalidParameterException",
            "serviceRegistries: with 'SRV' records a port, or a container name and container port, is required",
        )
    connect = call.get("serviceConnectConfiguration", {})
    wanted = connect.get("namespace")
    refuse(
        connect.get("enabled") and wanted and servicediscovery.namespace(call.snapshot, wanted) is None,
        "InvalidParameterException",
        f"serviceConnectConfiguration.namespace: {wanted} does not exist",
    )
    for other in call.others(SERVICE):
        taken = _discovered(call.snapshot, other.inputs)
        # The words of ECS: aws/copilot-cli issue 4337.
        for arn, name in _discovered(call.snapshot, call.inputs) & taken:
            refuse(
                True,
                "InvalidParameterException",
                f"SC service is already used by {arn}: {name} of {describe(other)}",
            )
    task = deployments.task_definition(call.snapshot, call.get("taskDefinition", ""))
    _verify_aliases(call, task)
    names = [
        mapping.get("name")
        for container in containers.parse(task["containerDefinitions"] if task else None)
        for mapping in rows(container.get("portMappings"))
    ]
    for service in rows(connect.get("services")):
        refuse(
            service.get("portName") not in names,
            "InvalidParameterException",
            f"The portName '{service.get('portName')}' for Service Connect does not exist in the task definition.",
        )


def _verify_aliases(call: Call, task: Object | None) -> None:
    """A name that clients use is one service's in a namespace (ECS API, ServiceConnectClientAlias: "Each name and port
    mapping must be unique within the namespace"). Which words ECS has for it isn't known; and that two ECS services
    with the same tasks, of which one is to take the place of the other, may have one is assumed."""
    wanted = _aliases(call.snapshot, call.inputs)
    for other in call.others(SERVICE):
        tasks = deployments.task_definition(call.snapshot, other["taskDefinition"])
        if task is None or tasks is None or task["family"] == tasks["family"]:
            continue
        for arn, name in sorted(wanted & _aliases(call.snapshot, other.inputs)):
            refuse(
                True,
                "InvalidParameterException",
                f"SC service is already used by {arn}: client alias {name} of {describe(other)}",
            )


def _aliases(snapshot: Snapshot, inputs: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Names and ports for clients, by namespace."""
    return {
        (arn, f"{alias.get('dnsName') or service.get('discoveryName') or service.get('portName')}:{alias.get('port')}")
        for arn, service in _connected(snapshot, inputs)
        for alias in rows(service.get("clientAlias"))
    }


def _discovered(snapshot: Snapshot, inputs: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The names in Service Connect's namespace, each of which one service has (ECS API, ServiceConnectService:
    discoveryName, by default the port's name)."""
    return {
        (arn, str(service.get("discoveryName") or service.get("portName")))
        for arn, service in _connected(snapshot, inputs)
    }


def _connected(snapshot: Snapshot, inputs: Mapping[str, Any]) -> list[tuple[str, Props]]:
    """What a service offers in Service Connect, with its namespace."""
    connect = table(inputs.get("serviceConnectConfiguration"))
    found = servicediscovery.namespace(snapshot, str(connect.get("namespace")))
    if not connect.get("enabled") or found is None:
        return []
    return [(str(found["arn"]), service) for service in rows(connect.get("services"))]


def _service_id(call: Call) -> str:
    cluster = cluster_called(call, str(call.get("cluster", "default")))
    return call.cloud.arn("ecs", f"service/{cluster['name'] if cluster else 'default'}/{call.inputs['name']}")


KINDS: Final = (
    Kind(
        CLUSTER,
        lambda call: call.cloud.arn("ecs", f"cluster/{call.inputs['name']}"),
        cfn="AWS::ECS::Cluster",
        names={"name": "ClusterName", "settings": "ClusterSettings"},
        autoname=AutoName(),
        unique=("name",),
        unique_code="InvalidParameterException",
        in_use_code="ClusterContainsServicesException",
        retries=frozenset({"ClusterContainsServicesException", "ClusterContainsTasksException"}),
        problems=_cluster_problems,
        verify=_cluster_verify,
        verify_delete=_cluster_verify_delete,
        outputs=lambda _call, identifier: {"arn": identifier},
    ),
    Kind(
        PROVIDERS,
        lambda call: str(call.inputs["clusterName"]),
        cfn="AWS::ECS::ClusterCapacityProviderAssociations",
        names={"clusterName": "Cluster", "!DefaultCapacityProviderStrategy": None},
        unique=("clusterName",),
        puts=True,
        retries=frozenset({"ResourceInUseException"}),
        sets=frozenset({"capacityProviders", "defaultCapacityProviderStrategies"}),
        refs=(Ref("clusterName", CLUSTER, ("name", "arn"), blocks=False, code="ClusterNotFoundException"),),
        problems=_providers_problems,
        verify_delete=_providers_verify_delete,
    ),
    Kind(
        TASK_DEFINITION,
        _task_id,
        cfn="AWS::ECS::TaskDefinition",
        names={
            "containerDefinitions": None,
            "ephemeralStorage.sizeInGib": "EphemeralStorage.SizeInGiB",
            "volumes": None,
        },
        replace=frozenset({"*"}),
        in_place=frozenset({"tags", "skipDestroy", "trackLatest"}),
        json_texts=frozenset({"containerDefinitions"}),
        key="arn",
        reported_id=lambda current: str(current["family"]),
        problems=_task_problems,
        verify=_task_verify,
        outputs=_task_outputs,
    ),
    Kind(
        SERVICE,
        _service_id,
        cfn="AWS::ECS::Service",
        names={
            "name": "ServiceName",
            "iamRole": "Role",
            "alarms": "DeploymentConfiguration.Alarms",
            "deploymentMaximumPercent": "DeploymentConfiguration.MaximumPercent",
            "deploymentMinimumHealthyPercent": "DeploymentConfiguration.MinimumHealthyPercent",
            "deploymentCircuitBreaker": "DeploymentConfiguration.DeploymentCircuitBreaker",
            "deploymentConfiguration": None,
            "networkConfiguration": "NetworkConfiguration.AwsvpcConfiguration",
            "networkConfiguration.assignPublicIp": None,
            "serviceConnectConfiguration.services.clientAlias": None,
            "serviceConnectConfiguration.services.timeout": None,
        },
        autoname=AutoName(),
        defaults={"waitForSteadyState": False},
        computed=frozenset({"launchType", "availabilityZoneRebalancing"}),
        assumed=_rebalancing,
        change_problem=_strategy_change,
        tracked=frozenset({"taskDefinition", "desiredCount", "networkConfiguration", "loadBalancers"}),
        replace=frozenset({"launchType", "deploymentController.type"}),
        sets=frozenset(
            {
                "networkConfiguration.subnets",
                "networkConfiguration.securityGroups",
                "capacityProviderStrategies",
                "loadBalancers",
                "alarms.alarmNames",
            }
        ),
        refs=(
            Ref("cluster", CLUSTER, ("id", "name"), code="ClusterNotFoundException"),
            Ref(
                "loadBalancers[*].targetGroupArn", actions.TARGET_GROUP, blocks=False, code="InvalidParameterException"
            ),
            Ref("networkConfiguration.subnets[*]", ec2.SUBNET, code="InvalidParameterException"),
            Ref("networkConfiguration.securityGroups[*]", security.GROUP, code="InvalidParameterException"),
            Ref("serviceRegistries.registryArn", servicediscovery.SERVICE, ("arn",), code="InvalidParameterException"),
        ),
        problems=_service_problems,
        verify=_service_verify,
        start=deployments.start,
        finish=deployments.finish,
        drain=deployments.drain,
        outputs=lambda call, identifier: {"arn": identifier, "availabilityZoneRebalancing": _rebalanced(call)},
    ),
)
