"""The container definitions of a service: one canonical JSON text, so that what is unchanged plans nothing. Pure.

What ECS adds to what it is given (empty lists, the host port, 0 CPU units) is written out, and what has no order is
sorted: else each preview differs (complaint 11 of docs/decisions.md).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.aws import ports
from components.aws.tracing import collector
from components.manifest import Manifest
from components.taskdef_overrides import overridden

PORT_NAME = "target"
"""The name of the port that takes requests, which Service Connect refers to."""


@dataclass(frozen=True)
class Surroundings:
    """What a container is told of where it runs, and where its image, secrets and logs are.

    image: its reference. endpoint: the domain in which services find each other. balancer: the load balancer's host.
    log_group and region: where its logs go. secrets: ARN of each secret by the variable's name.
    topics: ARN of each topic by its name (default: none).
    """

    project: str
    environment: str
    image: str
    endpoint: str
    balancer: str
    log_group: str
    region: str
    secrets: Mapping[str, str]
    topics: Mapping[str, str] = field(default_factory=dict[str, str])


def nowhere(manifest: Manifest) -> Surroundings:
    """What stands for the surroundings of a service before anything is made."""
    secrets, topics = dict.fromkeys(dict(manifest.secrets), ""), {each.name: "" for each in manifest.topics}
    return Surroundings("", "", "", "", "", "", "", secrets, topics)


def definitions(manifest: Manifest, around: Surroundings) -> str:
    """The JSON text of a task's containers. Raises OverrideError if an override's path leads nowhere."""
    container: dict[str, object] = {
        "name": manifest.name,
        "image": around.image,
        "essential": True,
        "cpu": 0,
        "portMappings": _ports(manifest),
        "environment": _pairs({**_variables(manifest, around), **_mount_points(manifest)}, "value"),
        "secrets": _pairs(around.secrets, "valueFrom"),
        "mountPoints": [
            {"sourceVolume": each.name, "containerPath": each.path, "readOnly": each.read_only}
            for each in manifest.volumes
        ],
        "volumesFrom": [],
        "systemControls": [],
        "logConfiguration": {"logDriver": "awslogs", "options": log_options(around.log_group, around.region)},
    }
    if manifest.entrypoint:
        container["entryPoint"] = list(manifest.entrypoint)
    if manifest.command:
        container["command"] = list(manifest.command)
    if manifest.exec:
        # What a session leaves behind is reaped (ECS developer guide, ECS Exec).
        container["linuxParameters"] = {"initProcessEnabled": True}
    if manifest.healthcheck:
        check = manifest.healthcheck
        container["healthCheck"] = {
            "command": list(check.command),
            "interval": check.interval,
            "retries": check.retries,
            "timeout": check.timeout,
            "startPeriod": check.start_period,
        }
    further = [collector(log_options(around.log_group, around.region))] if manifest.tracing else []
    return _json(overridden([container, *further], manifest.overrides))


def log_options(log_group: str, region: str) -> dict[str, str]:
    """Where the log driver writes; a stream's name is then `ecs/<container>/<task>`."""
    return {"awslogs-group": log_group, "awslogs-region": region, "awslogs-stream-prefix": "ecs"}


def _ports(manifest: Manifest) -> list[dict[str, object]]:
    taken = ports.target_of(manifest)
    return [
        {
            "containerPort": each.number,
            "hostPort": each.number,
            "protocol": each.protocol,
            **({"name": PORT_NAME} if each == taken else {}),
        }
        for each in ports.opened(manifest)
    ]


def _variables(manifest: Manifest, around: Surroundings) -> dict[str, str]:
    """The manifest's variables, and those that Copilot gives to each container."""
    return {
        **dict(manifest.variables),
        "COPILOT_APPLICATION_NAME": around.project,
        "COPILOT_ENVIRONMENT_NAME": around.environment,
        "COPILOT_SERVICE_NAME": manifest.name,
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": around.endpoint,
        "COPILOT_LB_DNS": around.balancer,
        **({"COPILOT_SNS_TOPIC_ARNS": _json(around.topics)} if around.topics else {}),
    }


def _mount_points(manifest: Manifest) -> dict[str, str]:
    """What Copilot tells a container of its volumes: their paths by name, as JSON."""
    paths = {each.name: each.path for each in manifest.volumes}
    return {"COPILOT_MOUNT_POINTS": _json(paths)} if paths else {}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _pairs(values: Mapping[str, str], key: str) -> list[dict[str, str]]:
    return [{"name": name, key: value} for name, value in sorted(values.items())]
