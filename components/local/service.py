"""A service on this machine: its image, and as many containers as its count says."""

import os
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.local.docker_engine import Engine, EngineError
from components.local.image import image
from components.local.network import LocalEnvironment
from components.local.ownership import Leftovers
from components.local.release import environment_of, release_of
from components.manifest.image import ContainerHealthCheck
from components.model import image_source
from components.model.names import domain
from components.settings.service import Service


@dataclass(frozen=True)
class LocalServiceArgs:
    """service: its settings. environment: where it runs. folder: the project's. leftovers: how to clear away what a
    killed `up` left. engine: where to look whether a container lives. facade: its logical name."""

    service: Service
    environment: LocalEnvironment
    folder: Path
    leftovers: Leftovers
    engine: Engine
    facade: str

    @property
    def endpoint(self) -> str:
        """The domain in which services find each other."""
        owner = self.leftovers.owner
        return domain(self.service.environment, owner.stack, owner.project)


class LocalService(pulumi.ComponentResource):
    """`strangler:index:LocalService`: image and containers.

    A container's name carries its release: a change makes new containers beside the old ones, and the old ones go when
    the facade has moved the traffic. image: what they are made of. containers: their names, once they are started.
    network: the environment in which they are; network_name: its name on the engine.
    """

    network: LocalEnvironment
    network_name: pulumi.Output[str]
    image: pulumi.Output[str]
    containers: pulumi.Output[list[str]]

    def __init__(self, name: str, args: LocalServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalService", name, None, opts)
        manifest, owner = args.service.manifest, args.leftovers.owner
        self.network, self.network_name = args.environment, args.environment.network
        if args.service.build:
            source = image_source.source(args.folder, args.service.build, image_source.machine_args(os.environ))
            made = image(name, f"{owner.project}/{name}", source, pulumi.ResourceOptions(parent=self))
            made_of, reference, self.image = source.digest, made.repo_digest, made.image_name
        else:
            made_of = manifest.location or ""
            reference = self.image = pulumi.Output.from_input(made_of)
        variables = environment_of(args.service, args.endpoint, f"{owner.name(args.facade)}:8080")
        release = release_of(manifest, made_of, variables)
        self.containers = pulumi.Output.all(
            *(
                self._container(f"{name}-{number}-{release}", args, reference, variables)
                for number in range(1, manifest.count.desired + 1)
            )
        )
        self.register_outputs({"image": self.image, "containers": self.containers})

    def _container(
        self, name: str, args: LocalServiceArgs, image: pulumi.Input[str], variables: dict[str, str]
    ) -> pulumi.Output[str]:
        manifest, owner = args.service.manifest, args.leftovers.owner
        container = docker.Container(
            name,
            name=owner.name(name),
            image=image,
            entrypoints=list(manifest.entrypoint) or None,
            command=list(manifest.command) or None,
            envs=[f"{key}={value}" for key, value in sorted(variables.items())],
            networks_advanced=[
                docker.ContainerNetworksAdvancedArgs(
                    name=args.environment.network, aliases=[f"{args.service.name}.{args.endpoint}"]
                )
            ],
            cpu_shares=manifest.cpu,
            memory=manifest.memory,
            memory_swap=manifest.memory,
            restart="unless-stopped",
            # What is still in hand when the facade has moved the traffic may be finished.
            destroy_grace_seconds=max(1, manifest.drain),
            healthcheck=_healthcheck(manifest.healthcheck),
            read_only=manifest.readonly_fs or None,
            labels=[
                docker.ContainerLabelArgs(label=key, value=value)
                for key, value in {**dict(manifest.labels), **owner.labels(name)}.items()
            ],
            # Health is asked of the facade, which says at once when a process has died, and why.
            wait=False,
            opts=args.leftovers.container(self),
        )
        return pulumi.Output.all(container.name, container.id).apply(lambda known: _kept_running(args.engine, known[0]))


def _healthcheck(check: ContainerHealthCheck | None) -> docker.ContainerHealthcheckArgs | None:
    if check is None:
        return None
    return docker.ContainerHealthcheckArgs(
        tests=list(check.command) if check.command[:1] in (("CMD",), ("CMD-SHELL",)) else ["CMD", *check.command],
        interval=f"{check.interval}s",
        timeout=f"{check.timeout}s",
        retries=check.retries,
        start_period=f"{check.start_period}s",
    )


def _kept_running(engine: Engine, name: str) -> str:
    """Starts a container that was stopped or killed since the last `up`, which the provider doesn't notice."""
    if not pulumi.runtime.is_dry_run():
        found = engine.container(name)
        if found and not found.running and not found.restarts:
            try:
                engine.start(name)
            except EngineError as failure:
                raise pulumi.RunError(f"container {name}: can't be started: {failure}") from None
    return name
