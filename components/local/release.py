"""A release: what a container is made of. Another release means other containers, beside the old ones. Pure."""

import json
from dataclasses import MISSING, asdict, dataclass, fields

from components.manifest.image import ContainerHealthCheck
from components.manifest.manifest import Manifest
from components.model.names import short_hash
from components.settings.service import Service


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


def container_of(manifest: Manifest, made_of: str, environment: dict[str, str], network: str = "") -> LocalContainer:
    """What a container of a service is made of. `made_of`, `network`: as in LocalContainer."""
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
    )


def environment_of(service: Service, endpoint: str, facade: str) -> dict[str, str]:
    """The variables of a container: the manifest's, and those that Copilot gives to each. endpoint: the domain in which
    services find each other. facade: host and port of the facade, as containers reach it."""
    return {
        **dict(service.manifest.variables),
        "COPILOT_APPLICATION_NAME": service.application,
        "COPILOT_ENVIRONMENT_NAME": service.stage,
        "COPILOT_SERVICE_NAME": service.name,
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": endpoint,
        "COPILOT_LB_DNS": facade,
    }
