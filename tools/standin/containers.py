"""Container definitions: the JSON of a task definition, as ECS checks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from tools.standin import schema
from tools.standin.values import Props, items, rows, table

Problem = tuple[str, str]
_PATH: Final = "containerDefinitions"
_FARGATE: Final[dict[int, range]] = {
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""Memory in MiB that Fargate offers per CPU units (AWS: Fargate task definition parameters)."""
_LOG_DRIVERS: Final = ("awslogs", "splunk", "awsfirelens")


def parse(text: Any) -> list[Props]:
    """The containers of a text that has been checked."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return []
    return [cast("Props", item) for item in cast("list[Any]", found) if isinstance(item, dict)]


def size_problem(cpu: Any, memory: Any) -> str | None:
    """Why Fargate doesn't offer this pair of CPU units and MiB, or None."""
    try:
        units, mebibytes = int(cpu), int(memory)
    except (TypeError, ValueError):
        return f"CPU {cpu!r} and memory {memory!r} are numbers of units and MiB"
    accepted = list(_FARGATE.get(units, [])) if units != 256 else [512, 1024, 2048]
    if mebibytes not in accepted:
        return f"No Fargate configuration exists for given values: {units} CPU, {mebibytes} memory."
    return None


def problems(inputs: Props) -> Iterator[Problem]:
    """Everything that RegisterTaskDefinition refuses in a Fargate task's containers."""
    text = inputs.get(_PATH)
    if not isinstance(text, str):
        return
    try:
        found = json.loads(text)
    except ValueError as error:
        yield _PATH, f"is not JSON: {error}"
        return
    if not isinstance(found, list) or not found:
        yield _PATH, "needs a list of at least one container"
        return
    containers = [cast("Props", container) for container in cast("list[Any]", found) if isinstance(container, dict)]
    fargate = "FARGATE" in items(inputs.get("requiresCompatibilities"))
    names = [container.get("name") for container in containers]
    if len(set(names)) < len(names):
        yield _PATH, "has the same container name twice"
    if not any(container.get("essential", True) for container in containers):
        yield _PATH, "needs an essential container"
    volumes = {volume.get("name") for volume in rows(inputs.get("volumes"))}
    for index, container in enumerate(containers):
        path = f"{_PATH}[{index}]"
        yield from _schema_problems(path, container)
        yield from _container_problems(path, container, names, volumes, fargate=fargate)
    yield from _sum_problems(inputs, containers)
    yield from _port_problems(containers)


def _schema_problems(path: str, container: Props) -> Iterator[Problem]:
    yield from schema.nested_problems("AWS::ECS::TaskDefinition", "ContainerDefinition", path, container)


def _container_problems(
    path: str, container: Props, names: list[Any], volumes: set[Any], *, fargate: bool
) -> Iterator[Problem]:
    for name in ("name", "image"):
        if not container.get(name):
            yield f"{path}.{name}", "is required"
    for index, mapping in enumerate(rows(container.get("portMappings"))):
        port, host = mapping.get("containerPort"), mapping.get("hostPort")
        if fargate and host not in (None, port):
            yield f"{path}.portMappings[{index}].hostPort", f"is {host}; in awsvpc mode it is the container's, {port}"
    for item in rows(container.get("dependsOn")):
        if item.get("containerName") not in names:
            yield f"{path}.dependsOn", f"names {item.get('containerName')!r}, which is not a container of this task"
    yield from _name_problems(path, container)
    for point in rows(container.get("mountPoints")):
        if point.get("sourceVolume") not in volumes:
            yield f"{path}.mountPoints", f"names {point.get('sourceVolume')!r}, which is not a volume of this task"
    yield from _log_problems(path, table(container.get("logConfiguration")), fargate=fargate)
    variables = [item.get("name") for item in rows(container.get("environment"))]
    secrets = [secret.get("name") for secret in rows(container.get("secrets"))]
    for name in sorted(
        {str(variable) for variable in variables + secrets if (variables + secrets).count(variable) > 1}
    ):
        yield f"{path}.environment", f"gives {name} more than once; the secret name must be unique and not shared"


def _name_problems(path: str, container: Props) -> Iterator[Problem]:
    """Names that ECS, or Docker on Fargate, doesn't take."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", str(container.get("name"))):
        yield f"{path}.name", f"is {container.get('name')!r}; accepted: 1 to 255 letters, digits, _ and -"
    for index, mapping in enumerate(rows(container.get("portMappings"))):
        name = mapping.get("name")
        if name is not None and not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,63}", str(name)):
            yield f"{path}.portMappings[{index}].name", f"is {name!r}; accepted: 64 of a-z, 0-9, _ and -, no - first"
    for kind in ("environment", "secrets"):
        for pair in rows(container.get(kind)):
            if not re.fullmatch(r"[^=\x00]+", str(pair.get("name") or "")):
                yield f"{path}.{kind}", f"has the name {pair.get('name')!r}; accepted: one without ="
    for point in rows(container.get("mountPoints")):
        if not str(point.get("containerPath")).startswith("/") or str(point.get("containerPath")) == "/":
            yield (
                f"{path}.mountPoints",
                f"has the path {point.get('containerPath')!r}; accepted: an absolute one below /",
            )


def _log_problems(path: str, log: Props, *, fargate: bool) -> Iterator[Problem]:
    if not log:
        return
    driver, options = log.get("logDriver"), table(log.get("options"))
    if fargate and driver not in _LOG_DRIVERS:
        yield f"{path}.logConfiguration.logDriver", f"is {driver!r}; Fargate has {', '.join(_LOG_DRIVERS)}"
    if driver == "awslogs":
        for name in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
            if not options.get(name):
                yield f"{path}.logConfiguration.options.{name}", "is required on Fargate"


def _sum_problems(inputs: Props, containers: list[Props]) -> Iterator[Problem]:
    for name in ("cpu", "memory"):
        total = sum(int(container.get(name) or 0) for container in containers)
        limit = inputs.get(name)
        if isinstance(limit, str) and limit.isdigit() and total > int(limit):
            yield _PATH, f"reserves {total} {name}, more than the task's {limit}"


def _port_problems(containers: list[Props]) -> Iterator[Problem]:
    """In awsvpc mode all containers share one network interface."""
    ports = [
        (mapping.get("containerPort"), mapping.get("protocol", "tcp"))
        for container in containers
        for mapping in rows(container.get("portMappings"))
    ]
    for port in sorted({str(item[0]) for item in ports if ports.count(item) > 1}):
        yield _PATH, f"maps port {port} more than once"


def image_digest(image: str) -> tuple[str, str]:
    """The repository and the digest of an image reference; no digest: an empty text."""
    name, _, digest = image.partition("@")
    host, slash, path = name.rpartition("/")
    return host + slash + path.partition(":")[0], digest
