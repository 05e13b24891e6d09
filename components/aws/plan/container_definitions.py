"""The container definitions of a service: one canonical JSON text, so that what is unchanged plans nothing. Pure.

What ECS adds to what it is given (empty lists, the host port, 0 CPU units) is written out, and what has no order is
sorted: else each preview differs (complaint 11 of docs/decisions.md).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from components.aws.plan import container_ports, iam_policies
from components.aws.plan.otel_collector import collector
from components.manifest.image import ContainerHealthCheck
from components.manifest.logging import LogRouter
from components.manifest.manifest import Manifest
from components.manifest.publish import by_name
from components.manifest.sidecars import Sidecar
from components.manifest.taskdef_overrides import overridden
from components.manifest.variables import Secret

PORT_NAME = "target"
"""The name of the port that takes requests, which Service Connect refers to."""


@dataclass(frozen=True)
class Surroundings:
    """What a container gets to know of where it runs, and where its image, secrets and logs are."""

    project: str
    """COPILOT_APPLICATION_NAME."""
    environment: str
    """COPILOT_ENVIRONMENT_NAME."""
    image: str
    """The reference of the main container's image."""
    endpoint: str
    """The domain in which services find each other."""
    balancer: str
    """The load balancer's host name."""
    log_group: str
    """The name of where its logs go."""
    region: str
    """The region of its logs and secrets."""
    partition: str
    """The partition of its secrets' ARNs, such as `aws`."""
    account: str
    """The id of the account that its secrets are in."""
    sidecars: Mapping[str, str] = field(default_factory=dict[str, str])
    """The reference of each sidecar's image, by the sidecar's name. Default: none."""
    topics: Mapping[str, str] = field(default_factory=dict[str, str])
    """The ARN of each topic, by its name. Default: none."""
    queues: Mapping[str, str] = field(default_factory=dict[str, str])
    """The URL of each queue, by its key in COPILOT_TOPIC_QUEUE_URIS; that of the service has none. Default: none."""


class _Part(Protocol):
    """What the main container and a sidecar have in common."""

    @property
    def name(self) -> str: ...
    @property
    def variables(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def secrets(self) -> tuple[tuple[str, Secret], ...]: ...
    @property
    def entrypoint(self) -> tuple[str, ...]: ...
    @property
    def command(self) -> tuple[str, ...]: ...
    @property
    def healthcheck(self) -> ContainerHealthCheck | None: ...
    @property
    def credentials(self) -> str | None: ...
    @property
    def labels(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def depends_on(self) -> tuple[tuple[str, str], ...]: ...


def nowhere(manifest: Manifest) -> Surroundings:
    """What stands for the surroundings before anything is made."""
    images, topics = {sidecar.name: "" for sidecar in manifest.sidecars}, dict.fromkeys(by_name(manifest.topics), "")
    queues = dict.fromkeys(("", *manifest.worker.own_queues), "") if manifest.worker else {}
    return Surroundings("", "", "", "", "", "", "", "", "", images, topics, queues)


def definitions(manifest: Manifest, around: Surroundings) -> str:
    """The JSON text of a task's containers, the main one first. Raises OverrideError if an override's path leads
    nowhere."""
    common = _common(manifest, around)
    containers = [_main(manifest, common, around)]
    if manifest.router:
        containers.append(_router(manifest.router, common, around))
    containers += [_sidecar(sidecar, _ports(manifest, sidecar.name), common, around) for sidecar in manifest.sidecars]
    if manifest.tracing:
        containers.append(collector(log_options(around.log_group, around.region)))
    return _json(overridden(containers, manifest.overrides))


def _main(manifest: Manifest, common: Mapping[str, str], around: Surroundings) -> dict[str, object]:
    container = _container(manifest, around.image, _ports(manifest, None), {**common, **_paths(manifest)}, around)
    container["mountPoints"] = [_mounted(volume.name, volume.path, volume.read_only) for volume in manifest.mounted]
    if manifest.exec:
        # What a session leaves behind is reaped (ECS developer guide, ECS Exec).
        container["linuxParameters"] = {"initProcessEnabled": True}
    if manifest.readonly_fs:
        container["readonlyRootFilesystem"] = True
    if manifest.router:
        container["logConfiguration"] = _to_router(manifest.router, around)
    return container


def _to_router(router: LogRouter, around: Surroundings) -> dict[str, object]:
    """Where the main container's logs go, as the router's options."""
    configuration: dict[str, object] = {"logDriver": "awsfirelens"}
    if router.destination:
        configuration["options"] = dict(router.destination)
    if router.secret_options:
        named = {name: _arn(secret, around) for name, secret in router.secret_options}
        configuration["secretOptions"] = _pairs(named, "valueFrom")
    return configuration


def _router(router: LogRouter, common: Mapping[str, str], around: Surroundings) -> dict[str, object]:
    own = router.container
    options = {"enable-ecs-log-metadata": str(router.metadata).lower()}
    if router.config_file:
        options |= {"config-file-type": "file", "config-file-value": router.config_file}
    return {
        **_container(own, own.location or "", [], common, around),
        "firelensConfiguration": {"type": "fluentbit", "options": options},
        "user": "0",  # ECS adds it to what FireLens runs in
    }


def _sidecar(
    sidecar: Sidecar, opened: list[dict[str, object]], common: Mapping[str, str], around: Surroundings
) -> dict[str, object]:
    container = _container(sidecar, around.sidecars[sidecar.name], opened, common, around)
    mounts = [_mounted(point.volume, point.path, point.read_only) for point in sidecar.mount_points]
    return {**container, "essential": sidecar.essential, "mountPoints": mounts}


def _container(
    part: _Part, image: str, opened: list[dict[str, object]], common: Mapping[str, str], around: Surroundings
) -> dict[str, object]:
    """What every container has. common: variables that it gets besides its own."""
    container: dict[str, object] = {
        "name": part.name,
        "image": image,
        "essential": True,
        "cpu": 0,
        "portMappings": opened,
        "environment": _pairs({**dict(part.variables), **common}, "value"),
        "secrets": _pairs({name: _arn(secret, around) for name, secret in part.secrets}, "valueFrom"),
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        "logConfiguration": {"logDriver": "awslogs", "options": log_options(around.log_group, around.region)},
    }
    if part.entrypoint:
        container["entryPoint"] = list(part.entrypoint)
    if part.command:
        container["command"] = list(part.command)
    if part.healthcheck:
        container["healthCheck"] = _healthcheck(part.healthcheck)
    if part.credentials:
        container["repositoryCredentials"] = {"credentialsParameter": part.credentials}
    if part.labels:
        container["dockerLabels"] = dict(part.labels)
    if part.depends_on:
        container["dependsOn"] = [
            {"containerName": name, "condition": condition.upper()} for name, condition in part.depends_on
        ]
    return container


def _healthcheck(check: ContainerHealthCheck) -> dict[str, object]:
    return {
        "command": list(check.command),
        "interval": check.interval,
        "retries": check.retries,
        "timeout": check.timeout,
        "startPeriod": check.start_period,
    }


def _arn(secret: Secret, around: Surroundings) -> str:
    return iam_policies.secret_arn(secret, around.partition, around.region, around.account)


def log_options(log_group: str, region: str) -> dict[str, str]:
    """Where the log driver writes; a stream's name is then `ecs/<container>/<task>`."""
    return {"awslogs-group": log_group, "awslogs-region": region, "awslogs-stream-prefix": "ecs"}


def _ports(manifest: Manifest, container: str | None) -> list[dict[str, object]]:
    taken = container_ports.target_of(manifest)
    return [
        {
            "containerPort": port.number,
            "hostPort": port.number,
            "protocol": port.protocol,
            **({"name": PORT_NAME} if port == taken else {}),
        }
        for port in container_ports.opened(manifest, container)
    ]


def _common(manifest: Manifest, around: Surroundings) -> dict[str, str]:
    """The variables that Copilot gives to each container."""
    own = {key: url for key, url in around.queues.items() if key}
    return {
        "COPILOT_APPLICATION_NAME": around.project,
        "COPILOT_ENVIRONMENT_NAME": around.environment,
        "COPILOT_SERVICE_NAME": manifest.name,
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": around.endpoint,
        # Copilot tells it to those that a load balancer leads to.
        **({"COPILOT_LB_DNS": around.balancer} if _is_balanced(manifest) else {}),
        **({"COPILOT_SNS_TOPIC_ARNS": _json(around.topics)} if around.topics else {}),
        **({"COPILOT_QUEUE_URI": around.queues[""]} if around.queues else {}),
        **({"COPILOT_TOPIC_QUEUE_URIS": _json(own)} if own else {}),
    }


def _is_balanced(manifest: Manifest) -> bool:
    return manifest.may_be_fronted or manifest.internal is not None


def _mounted(volume: str, path: str, read_only: bool) -> dict[str, object]:
    return {"sourceVolume": volume, "containerPath": path, "readOnly": read_only}


def _paths(manifest: Manifest) -> dict[str, str]:
    """What Copilot tells the main container of the volumes: their paths by name, as JSON."""
    paths = {volume.name: volume.path for volume in manifest.mounted}
    return {"COPILOT_MOUNT_POINTS": _json(paths)} if paths else {}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _pairs(values: Mapping[str, str], key: str) -> list[dict[str, str]]:
    return [{"name": name, key: value} for name, value in sorted(values.items())]
