"""What becomes of an ECS deployment: do the tasks start, do they turn healthy, and what does the operation say.

A service holds its tasks in `hidden["tasks"]`: `taskDefinition`, `running` and `healthy`. Unlike AWS, which retries for
some minutes, a task that lacks something at the moment it starts fails its deployment: what a service needs is to be
there before it.
"""

from __future__ import annotations

from typing import Final, cast

from tools.standin import containers, ecr, efs, elb, iam, network
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import Call, IncompleteError
from tools.standin.values import Props, items, rows, table, texts

_TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_REDEPLOYS: Final = (
    "taskDefinition",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "capacityProviderStrategies",
    "launchType",
    "platformVersion",
    "triggers",
    "propagateTags",
    "enableExecuteCommand",
    "enableEcsManagedTags",
)
"""Settings of a service whose change starts new tasks."""
_REVISION: Final = (
    "taskDefinition",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "capacityProviderStrategies",
    "launchType",
    "platformVersion",
)
"""What a roll-back takes back: the service revision as a whole (ECS API, ServiceRevision), as "the service is rolled
back to the last deployment that completed successfully" (DeploymentCircuitBreaker)."""
_TIMEOUT_MINUTES: Final = 20
"""How long pulumi-aws waits for a steady state unless `custom_timeouts` says otherwise."""


def task_definition(snapshot: Snapshot, value: str) -> Object | None:
    """A task definition by its ARN, by family and revision, or the newest of a family."""
    matching = [
        definition
        for definition in snapshot.of(_TASK_DEFINITION)
        if value in (definition["arn"], f"{definition['family']}:{definition['revision']}", definition["family"])
    ]
    return max(matching, key=lambda definition: int(definition["revision"]), default=None)


def tasks(service: Object) -> Props:
    """The service's tasks: none before its first deployment."""
    return cast("Props", service.hidden.get("tasks") or {"taskDefinition": "", "running": 0, "healthy": 0})


def start(call: Call, current: Object) -> Object:
    """What is running while the deployment is under way: the old tasks, unless they had to stop first."""
    if call.before is None:
        return current.with_hidden(tasks={"taskDefinition": "", "running": 0, "healthy": 0})
    stops_first = (
        current["deploymentMinimumHealthyPercent"] == 0 and (current["deploymentMaximumPercent"] or 200) <= 100
    )
    before = tasks(call.before)
    if _redeploys(call, current) and stops_first:
        return current.with_hidden(tasks={**before, "running": 0, "healthy": 0})
    return current


def _redeploys(call: Call, current: Object) -> bool:
    before = call.before
    if before is None or not tasks(before)["taskDefinition"]:
        return True
    if any(before.inputs.get(name) != current.inputs.get(name) for name in _REDEPLOYS):
        return True
    unfinished = tasks(before)["taskDefinition"] != current["taskDefinition"]
    return unfinished or tasks(before)["healthy"] < int(before["desiredCount"] or 0)


def finish(call: Call, current: Object) -> Object:
    """The end of the deployment: new tasks, or the old ones and what the operation makes of that."""
    count = int(current["desiredCount"] or 0)
    good = current.with_hidden(
        tasks={"taskDefinition": current["taskDefinition"], "running": count, "healthy": count},
        problem="",
        registered=current["loadBalancers"],
        network=current["networkConfiguration"],
        revision={name: current[name] for name in _REVISION},
    )
    if count == 0 or not _redeploys(call, current):
        return good
    problem = deployment_problem(call, current)
    if problem is None:
        return good
    return _failed(call, current, problem)


def _failed(call: Call, current: Object, problem: str) -> Object:
    before = tasks(call.before) if call.before else {"taskDefinition": "", "running": 0, "healthy": 0}
    breaker = table(current["deploymentCircuitBreaker"])
    kept = {**before, "healthy": before["healthy"], "running": before["running"]}
    failed = current.with_hidden(tasks=kept, problem=problem)
    if breaker.get("enable") and breaker.get("rollback") and before["taskDefinition"]:
        # The service is in steady state again, with what it ran before: the operation is a success for pulumi-aws. (Not
        # for those from 7.2 on that find the deployment's record, terraform-provider-aws' statusServiceWaitForStable:
        # they fail with its reason. The program must not depend on that.)
        count = int(current["desiredCount"] or 0)
        kept = {**before, "running": count, "healthy": count}
        return failed.with_attributes(**_rolled_back(call)).with_hidden(tasks=kept)
    if not current["waitForSteadyState"]:
        return failed
    minutes = f"{int(call.timeout // 60)}m0s" if call.timeout else f"{_TIMEOUT_MINUTES}m0s"
    raise IncompleteError(
        failed,
        f"waiting for ECS Service ({current.id}) {'update' if call.before else 'create'}: timeout while waiting for "
        f"state to become 'tfSTABLE' (last state: 'tfPENDING', timeout: {minutes})",
    )


def _rolled_back(call: Call) -> Props:
    assert call.before is not None
    revision: Props = call.before.hidden.get("revision") or {name: call.before[name] for name in _REVISION}
    return {**revision, "taskDefinition": tasks(call.before)["taskDefinition"]}


def drain(_call: Call, current: Object) -> Object:
    """A service that is deleted stops its tasks first."""
    return current.with_hidden(tasks={**tasks(current), "running": 0, "healthy": 0})


def deployment_problem(call: Call, service: Object) -> str | None:
    """Why new tasks of this service would not become healthy now, or None."""
    definition = task_definition(call.snapshot, str(service["taskDefinition"]))
    parsed = containers.parse(definition["containerDefinitions"]) if definition else []
    images = [str(container.get("image")) for container in parsed]
    planned = call.cloud.deployment_outcome(str(service["name"]), service.name, *images)
    return planned or _task_problem(call.snapshot, service, call.settings.region, call.cloud.account, running=False)


def restart_problem(snapshot: Snapshot, service: Object, region: str, account: str) -> str | None:
    """Why another task of those that run could not take the place of one that stopped, or None: ECS starts it by the
    service revision that runs (ECS developer guide, «Amazon ECS service revisions»)."""
    return _task_problem(snapshot, service, region, account, running=True) if tasks(service)["running"] else None


def _task_problem(snapshot: Snapshot, service: Object, region: str, account: str, *, running: bool) -> str | None:
    named = str(tasks(service)["taskDefinition"] if running else service["taskDefinition"])
    definition = task_definition(snapshot, named)
    if definition is None:
        return f"TaskDefinition {named} is inactive"
    parsed, placed = containers.parse(definition["containerDefinitions"]), placement(service, running=running)
    images = (str(container.get("image")) for container in parsed)
    return (
        next((problem for image in images if (problem := image_problem(snapshot, image))), None)
        or _role_problem(snapshot, definition, parsed, region, account)
        or _network_problem(snapshot, placed)
        or efs.mount_problem(snapshot, placed, definition)
        or health_problem(snapshot, service, running=running)
    )


def placement(service: Object, *, running: bool) -> Props:
    """The subnets and security groups of tasks: those that run keep theirs until the next ones are there."""
    known = service.hidden.get("network") if running else None
    return table(known or service["networkConfiguration"])


def image_problem(snapshot: Snapshot, image: str) -> str | None:
    """Why an image can't be pulled; only repositories of this account can be looked into."""
    url, digest = containers.image_digest(image)
    if ".dkr.ecr." not in url:
        return None
    repository = snapshot.one(ecr.REPOSITORY, repositoryUrl=url)
    if repository is None:
        return f"CannotPullContainerError: {url}: repository does not exist"
    if digest and not ecr.has_image(repository, digest):
        return f"CannotPullContainerError: {image}: not found"
    return None


def _role_problem(snapshot: Snapshot, definition: Object, parsed: list[Props], region: str, account: str) -> str | None:
    role = iam.role_called(snapshot, definition["executionRoleArn"] or "")
    for container in parsed:
        needed: list[tuple[str, str]] = []
        url, _ = containers.image_digest(str(container.get("image")))
        if ".dkr.ecr." in url:
            repository = snapshot.one(ecr.REPOSITORY, repositoryUrl=url)
            arn = repository["arn"] if repository else "*"
            needed += [
                ("ecr:GetAuthorizationToken", "*"),
                ("ecr:BatchGetImage", arn),
                ("ecr:GetDownloadUrlForLayer", arn),
            ]
        log = table(container.get("logConfiguration"))
        if log.get("logDriver") == "awslogs":
            options = table(log.get("options"))
            group = snapshot.one(_LOG_GROUP, name=options.get("awslogs-group"))
            if group is None and options.get("awslogs-create-group") != "true":
                return f"ResourceInitializationError: log group {options.get('awslogs-group')} does not exist"
            needed.append(("logs:PutLogEvents", f"{group['arn']}:log-stream:x" if group else "*"))
        needed += [
            _secret_action(str(secret.get("valueFrom")), region, account) for secret in rows(container.get("secrets"))
        ]
        for action, resource in needed:
            if role is None:
                return f"ResourceInitializationError: the task has no execution role for {action}"
            if not iam.allows(snapshot, role, action, resource):
                return (
                    f"ResourceInitializationError: role {role.id} is not authorized to perform {action} on {resource}"
                )
    return None


def _secret_action(value: str, region: str, account: str) -> tuple[str, str]:
    """The right that reading a container's secret takes."""
    if ":secretsmanager:" in value:
        return "secretsmanager:GetSecretValue", ":".join(value.split(":")[:7])
    arn = value if value.startswith("arn:") else f"arn:aws:ssm:{region}:{account}:parameter/{value.lstrip('/')}"
    return "ssm:GetParameters", arn


def _network_problem(snapshot: Snapshot, configuration: Props) -> str | None:
    why = network.reaches_aws(
        snapshot,
        texts(configuration.get("subnets")),
        texts(configuration.get("securityGroups")),
        public_address=bool(configuration.get("assignPublicIp")),
    )
    return f"CannotPullContainerError: {why}" if why else None


def registered(service: Object) -> list[Props]:
    """Which containers of the tasks that run are in which target groups: tasks stay where they were registered, and a
    service with other load balancers starts new tasks (ECS API, UpdateService: loadBalancers)."""
    return rows(service.hidden.get("registered", service["loadBalancers"]))


def check_problem(snapshot: Snapshot, group: Object, target: Props, definition: str) -> str | None:
    """Why the health check of a target group fails for tasks of a definition. The variable STANDIN_HEALTH of a
    container names the only paths that answer it; without one, every path does."""
    check = table(group["healthCheck"])
    found = task_definition(snapshot, definition)
    if found is None or check.get("protocol") == "TCP":
        return None
    for container in containers.parse(found["containerDefinitions"]):
        variables = {str(pair.get("name")): str(pair.get("value")) for pair in rows(container.get("environment"))}
        paths = variables.get("STANDIN_HEALTH")
        if container.get("name") == target.get("containerName") and paths and check.get("path") not in paths.split():
            return "Health checks failed with these codes: [404]"
    return None


def health_problem(snapshot: Snapshot, service: Object, *, running: bool = False) -> str | None:
    """Why the balancers' health checks of the service's tasks would fail, or None. running: of the tasks that run, not
    of those that the service is to have."""
    targets = registered(service) if running else rows(service["loadBalancers"])
    definition = str(tasks(service)["taskDefinition"] if running else service["taskDefinition"])
    groups = texts(placement(service, running=running).get("securityGroups"))
    for target in targets:
        arn = str(target.get("targetGroupArn"))
        balancer, group = elb.owner_of(snapshot, arn), snapshot.get(TARGET_GROUP, arn)
        if balancer is None:
            continue
        sources = items(balancer["securityGroups"])
        why = network.may_talk(snapshot, sources, groups, int(target.get("containerPort") or 0))
        why = why or (check_problem(snapshot, group, target, definition) if group else None)
        if why:
            return f"Task failed ELB health checks in (target-group {arn}): {why}"
    return None
