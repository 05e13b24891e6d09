"""A release: what a task is made of. Another release means other containers, beside the old ones. Pure."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields

from components.local.mounts import Mount, mounted, volumes_of
from components.manifest.image import ContainerHealthCheck
from components.manifest.manifest import Manifest
from components.manifest.sidecars import Sidecar
from components.model.names import short_hash
from components.settings.service import Service

HOST_NAMES = {"host.docker.internal": "host-gateway"}
"""As Docker Desktop names the machine: a database that runs there is reached by the same name everywhere."""


@dataclass(frozen=True)
class LocalContainer:
    """Everything that a container of a service is made of, and nothing else, so that another count or route leaves it
    as it is. The container is made of this, and its release is a hash of it: no field can be in one and not in the
    other."""

    made_of: str
    """The digest of the image's source, or the image's reference."""

    environment: tuple[tuple[str, str], ...]
    """The environment variables, sorted."""

    entrypoint: tuple[str, ...]
    """Empty: the image's own."""

    command: tuple[str, ...]
    """Empty: the image's own."""

    cpu: int
    """Units of 1/1024, as a share: a container may have more while no other needs it."""

    memory: int
    """MiB, without swap."""

    healthcheck: ContainerHealthCheck | None
    """None: the image's own, if it has one."""

    labels: tuple[tuple[str, str], ...] = ()
    """The manifest's own labels. Default: none."""

    readonly_fs: bool = False
    """Whether the container can't write to its file system. Default false."""

    network: str = ""
    """The environment's network, if it doesn't have its usual name; a container can't change its network. Default: it
    has."""

    names: tuple[str, ...] = ()
    """Further names by which others of its network find it. Default: none."""

    mounts: tuple[Mount, ...] = ()
    """Its volumes. Default: none."""

    waits: tuple[tuple[str, str], ...] = ()
    """The condition by container of its task that it waits for, sorted. Default: it waits for none."""

    sidecars: tuple["LocalSidecar", ...] = ()
    """The containers next to it, if it is the main one, sorted by name. Default: none."""

    @property
    def release(self) -> str:
        """The name of its release. A field with a default has no part in it while it has that value: else another
        version of Strangler, which knows one field more, renamed and so replaced every container."""
        given = {
            field.name: value
            for field, value in zip(fields(self), asdict(self).values(), strict=True)
            if field.default is MISSING or value != field.default
        }
        return short_hash(json.dumps(given, sort_keys=True))

    @property
    def is_plain(self) -> bool:
        """Whether it is a task by itself, without sidecars and volumes."""
        return not (self.sidecars or self.mounts)


@dataclass(frozen=True)
class LocalSidecar:
    """A container beside the main one."""

    name: str
    """Its name in the manifest."""

    container: LocalContainer
    """What it is made of."""

    essential: bool
    """Whether it is started again when it ends."""


def container_of(
    manifest: Manifest,
    made_of: str,
    environment: dict[str, str],
    network: str = "",
    sidecars: tuple[LocalSidecar, ...] = (),
) -> LocalContainer:
    """What the main container of a service is made of, and what is next to it. `made_of`, `network`: as in
    LocalContainer."""
    return LocalContainer(
        made_of=made_of,
        environment=tuple(sorted(environment.items())),
        entrypoint=manifest.entrypoint,
        command=manifest.command,
        cpu=manifest.cpu,
        memory=manifest.memory,
        healthcheck=manifest.healthcheck,
        labels=manifest.labels,
        readonly_fs=manifest.readonly_fs,
        network=network,
        names=(manifest.network.connect_alias or manifest.name,) if manifest.network.connect else (),
        mounts=volumes_of(manifest),
        waits=_waits(manifest, manifest.depends_on),
        sidecars=sidecars,
    )


def sidecar_of(manifest: Manifest, sidecar: Sidecar, made_of: str, environment: dict[str, str]) -> LocalSidecar:
    """What a sidecar is made of. As on Fargate, no container has a part of the task's size to itself."""
    container = LocalContainer(
        made_of=made_of,
        environment=tuple(sorted(environment.items())),
        entrypoint=sidecar.entrypoint,
        command=sidecar.command,
        cpu=manifest.cpu,
        memory=manifest.memory,
        healthcheck=sidecar.healthcheck,
        labels=sidecar.labels,
        mounts=tuple(
            mounted(manifest, point.volume, point.path, read_only=point.read_only) for point in sidecar.mount_points
        ),
        waits=_waits(manifest, sidecar.depends_on),
    )
    return LocalSidecar(sidecar.name, container, sidecar.essential)


def _waits(manifest: Manifest, depends_on: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Without what isn't here, such as a log router."""
    here = {manifest.name, *(sidecar.name for sidecar in manifest.sidecars)}
    return tuple(one for one in depends_on if one[0] in here)


def in_order(name: str, made: LocalContainer) -> dict[str, LocalContainer]:
    """The containers of a task by name, each behind those that it waits for. name: the main one's."""
    left = {name: made, **{sidecar.name: sidecar.container for sidecar in made.sidecars}}
    found: dict[str, LocalContainer] = {}
    while left:
        ready = [one for one, container in left.items() if all(other in found for other, _ in container.waits)]
        assert ready, f"containers wait for each other: {', '.join(left)}"  # refused where they are read
        found |= {one: left.pop(one) for one in ready}
    return found


def environment_of(
    service: Service, endpoint: str, facade: str | None, variables: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of a container: its own, and those that Copilot gives to each. endpoint: the domain in which
    services find each other. facade: host and port of the facade, as containers reach it; None: there is none.
    variables: a sidecar's own; None: it is the main container, which is also told where its volumes are."""
    paths = {volume.name: volume.path for volume in service.manifest.mounted} if variables is None else {}
    return {
        **(dict(service.manifest.variables) if variables is None else variables),
        "COPILOT_APPLICATION_NAME": service.application,
        "COPILOT_ENVIRONMENT_NAME": service.stage,
        "COPILOT_SERVICE_NAME": service.name,
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": endpoint,
        **({"COPILOT_LB_DNS": facade} if facade else {}),
        **({"COPILOT_MOUNT_POINTS": json.dumps(paths, sort_keys=True, separators=(",", ":"))} if paths else {}),
    }
