"""A container of a service, as a resource."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_docker as docker

from components.local.docker_engine import Engine, EngineError
from components.local.health_check import for_resource
from components.local.ownership import Leftovers
from components.local.release import HOST_NAMES, LocalContainer

HOSTS = tuple(docker.ContainerHostArgs(host=name, ip=address) for name, address in HOST_NAMES.items())

_ECR = re.compile(r"[0-9]{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True)
class ContainerOptions:
    """Where a container is, and how it lives there."""

    leftovers: Leftovers
    """How to clear away what a killed `up` left."""

    parent: pulumi.Resource
    """Below which it is registered."""

    network: Mapping[str, Any]
    """`networks_advanced` and `hosts`, or `network_mode`, of the resource."""

    grace: int
    """Seconds that it has between SIGTERM and SIGKILL."""

    kept: bool = True
    """Whether the engine starts it, and again when it ends. Default true."""

    starts: bool = True
    """Whether it is started at all: a job's is what `make job` makes others like. Default true."""

    volumes: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """The engine's names of its volumes, by their keys. Default: none."""

    needs: tuple[pulumi.Resource, ...] = ()
    """What must be there before. Default: nothing."""

    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Labels besides the manifest's and the owner's. Default: none."""

    hooks: tuple[pulumi.ResourceHook, ...] = ()
    """What is done before it is made, besides clearing away a leftover. Default: nothing."""


def container(name: str, made: LocalContainer, image: pulumi.Input[str], place: ContainerOptions) -> docker.Container:
    """name: the logical one, which labels tell too."""
    owner = place.leftovers.owner
    opts = pulumi.ResourceOptions.merge(
        place.leftovers.container(place.parent, place.hooks),
        pulumi.ResourceOptions(depends_on=[*place.needs] or None),
    )
    return docker.Container(
        name,
        name=owner.name(name),
        image=image,
        entrypoints=list(made.entrypoint) or None,
        command=list(made.command) or None,
        envs=[f"{key}={value}" for key, value in made.environment],
        cpu_shares=made.cpu,
        memory=made.memory,
        memory_swap=made.memory,
        restart="unless-stopped" if place.kept and place.starts else "no",
        start=None if place.starts else False,
        must_run=None if place.kept and place.starts else False,
        # As ECS gives one with `exec: true`. Process 1 is never ended by a signal that it doesn't handle (Linux,
        # pid_namespaces(7)): without an init, such a service took all of its grace at each change.
        init=True,
        # What is still in hand when the facade has moved the traffic may be finished.
        destroy_grace_seconds=place.grace,
        healthcheck=docker.ContainerHealthcheckArgs(**for_resource(check)) if (check := made.healthcheck) else None,
        read_only=made.readonly_fs or None,
        labels=[
            docker.ContainerLabelArgs(label=key, value=value)
            for key, value in {**dict(made.labels), **place.labels, **owner.labels(name)}.items()
        ],
        # Health is asked of the facade, which says at once when a process has died, and why.
        wait=False,
        mounts=[
            docker.ContainerMountArgs(
                type="volume",
                source=place.volumes[mount.key],
                target=mount.path,
                read_only=mount.read_only,
                volume_options=docker.ContainerMountVolumeOptionsArgs(no_copy=True) if mount.kept else None,
            )
            for mount in made.mounts
        ]
        or None,
        **place.network,
        opts=opts,
    )


def pulled(engine: Engine, service: str, sidecar: str, image: str) -> pulumi.ResourceHook:
    """A hook that pulls a sidecar's image, so that one that this machine can't have is one line with its remedy."""

    def pull(_args: pulumi.ResourceHookArgs) -> None:
        try:
            engine.have(image)
        except EngineError as failure:
            raise pulumi.RunError(cannot_be_pulled(service, sidecar, image, str(failure))) from None

    return pulumi.ResourceHook(f"pull {service}.{sidecar}", pull)


def cannot_be_pulled(service: str, sidecar: str, image: str, reason: str) -> str:
    """Why a sidecar isn't there, and what to do. Pure."""
    ignore = f"`pulumi config set --path services.{service}.ignore sidecars.{sidecar}`"
    return f"service {service}: sidecar {sidecar}: {reason}; {_login(image)}, or leave it out of this stack: {ignore}"


def _login(image: str) -> str:
    """What to do about an image that can't be pulled."""
    host = image.partition("/")[0]
    ecr = _ECR.fullmatch(host)
    if ecr:
        password = f"aws ecr get-login-password --region {ecr[1]}"
        return f"log in: `{password} | docker login --username AWS --password-stdin {host}`"
    return "check its name, and `docker login` if it needs one"
