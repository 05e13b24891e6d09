"""What ECS would refuse in a task definition as it is registered: its overrides applied, variables and files in. Pure.

Sources: ECS developer guide, "Amazon ECS service quotas" (64 KiB; ECS answers "Actual length: '66420'. Max allowed
length is '65536' bytes.": awsdocs/amazon-ecs-developer-guide pull request 149), "Monitor Amazon ECS containers with ECS
Exec" (what its agent writes to), ECS API (ServiceConnectService: portName).
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from components.aws.plan import container_definitions, container_ports
from components.input.diagnostics import Problems
from components.manifest import limits
from components.manifest.manifest import Manifest
from components.manifest.publish import by_name
from components.manifest.taskdef_overrides import CPU, MEMORY, PID_MODE, OverrideError, Size, overridden_size
from components.model.where import Where
from components.settings.service import Service
from components.settings.stack import Stack

LARGEST = 64 * 1024
"""Bytes of a task definition."""

_WORDS = {"environment": "variables", "dockerLabels": "labels", "firelensConfiguration": "logging"}
"""What fields of a container are called in a manifest."""

Container = dict[str, object]


def check(stack: Stack) -> None:
    """Notes overrides that lead nowhere, names and ports that are gone, and what is too long. For manifests that are
    right by themselves."""
    if stack.problems.errors:
        return
    for service in stack.services.values():
        _check_size(service, stack.problems)
        try:
            text = container_definitions.definitions(service.manifest, _surroundings(service))
        except OverrideError as wrong:
            where = wrong.where or service.where("taskdef_overrides")
            stack.problems.add(where, f"found the path {wrong.path}", wrong.remedy)
            continue
        containers = cast("list[Container]", json.loads(text))
        _check_length(service, containers, stack.problems)
        _check_ports(service, containers, stack.problems)
        _check_exec(service, containers, stack.problems)


def _surroundings(service: Service) -> container_definitions.Surroundings:
    """What stands for what only AWS knows, as long as it is there."""
    manifest = service.manifest
    nowhere = container_definitions.nowhere(manifest)
    registry = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/"
    return replace(
        nowhere,
        project=service.application,
        environment=service.stage,
        image=manifest.location or f"{registry}{manifest.name:x<40}@sha256:{'0' * 64}",
        endpoint=f"{service.stage}.{service.application}.local",
        balancer=f"internal-{service.environment:x<32}-1234567890.ap-southeast-1.elb.amazonaws.com",
        log_group=f"/{service.application}/{service.environment}/{service.name}",
        region="ap-southeast-1",
        partition="aws",
        account="123456789012",
        sidecars={
            sidecar.name: sidecar.location or f"{registry}{sidecar.name:x<40}@sha256:{'0' * 64}"
            for sidecar in manifest.sidecars
        },
        topics={name: f"arn:aws:sns:ap-southeast-1:123456789012:{name:x<40}" for name in by_name(manifest.topics)},
        queues={
            key: f"https://sqs.ap-southeast-1.amazonaws.com/123456789012/{key:x<80}"
            for key in (("", *manifest.worker.own_queues) if manifest.worker else ())
        },
    )


def _check_size(service: Service, problems: Problems) -> None:
    """Fargate has a task of the size that the overrides leave."""
    manifest = service.manifest
    size = overridden_size(manifest.overrides, Size(manifest.cpu, manifest.memory, manifest.ephemeral))
    mistake = limits.mistake(size.cpu, size.memory) if manifest.overrides else None
    if mistake:
        found = f"Fargate has no task of {size.cpu} CPU units and {size.memory} MiB"
        problems.add(_place(service, CPU, MEMORY), found, mistake)


def _place(service: Service, *paths: str) -> Where:
    """Where the last override of these paths stands."""
    places = [override.where for override in service.manifest.overrides if override.path in paths]
    return (places[-1] if places else None) or service.where("taskdef_overrides")


def _check_length(service: Service, containers: list[Container], problems: Problems) -> None:
    length = _bytes(containers)
    if length <= LARGEST:
        return
    sizes = {
        (str(container["name"]), field): _bytes(value) for container in containers for field, value in container.items()
    }
    (name, field), most = max(sizes.items(), key=lambda item: item[1])
    found = (
        f"its containers take {length} bytes of a task definition, {most} of them {_WORDS.get(field, field)} of {name}"
    )
    remedy = f"ECS takes {LARGEST}: shorten these, or move them into one secret or into a file in the image"
    problems.add(Where(service.file), found, remedy)


def _bytes(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _check_ports(service: Service, containers: list[Container], problems: Problems) -> None:
    """What others refer to in the containers' port mappings is there in spite of the overrides."""
    manifest, where = service.manifest, service.where("taskdef_overrides")
    opened = {
        (container["name"], mapping.get("containerPort"), mapping.get("name"))
        for container in containers
        for mapping in cast("list[Container]", container.get("portMappings") or [])
    }
    target = container_ports.target_of(manifest)
    named = container_definitions.PORT_NAME
    if manifest.network.connect and target and (target.container or manifest.name, target.number, named) not in opened:
        found = f"the port {target.number} without its name {named}"
        problems.add(where, found, f"Service Connect refers to it: keep {named} as the port mapping's Name")
    known = {(container, port) for container, port, _ in opened}
    for container, port in _registered(manifest):
        if (container, port) not in known:
            found = f"the container {container} without the port {port}"
            problems.add(where, found, "a load balancer sends requests there: keep its port mapping")


def _registered(manifest: Manifest) -> Iterator[tuple[str, int]]:
    """Where target groups send what they get: containers and their ports."""
    for rule in manifest.http.rules if manifest.http else ():
        yield rule.target_container or manifest.name, rule.target_port or manifest.port
    for listener in manifest.nlb.listeners if manifest.nlb else ():
        yield listener.target_container or manifest.name, listener.target_port


def _check_exec(service: Service, containers: list[Container], problems: Problems) -> None:
    """What keeps sessions in a container from working, or from opening in more than one (ECS developer guide, "Monitor
    Amazon ECS containers with ECS Exec": "If you are sharing a PID namespace in a task, you can only start ECS Exec
    sessions into one container")."""
    manifest = service.manifest
    if not manifest.exec:
        return
    # ECS Exec's agent writes to the file system.
    if containers[0].get("readonlyRootFilesystem"):
        place = "storage.readonly_fs" if manifest.readonly_fs else "taskdef_overrides"
        remedy = "set exec: false, or remove readonly_fs to open sessions in the main container"
        problems.warn(service.where(place), "together with exec, which it prevents from working", remedy)
    size = overridden_size(manifest.overrides, Size(manifest.cpu, manifest.memory, manifest.ephemeral))
    if size.pid_mode == "task" and len(containers) > 1:
        found = "PidMode: task together with exec, which can then open sessions in only one container"
        problems.warn(_place(service, PID_MODE), found, "remove PidMode to open sessions in each")
