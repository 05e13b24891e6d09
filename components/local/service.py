"""A service on this machine: its image, and as many containers as its count says."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_docker as docker

from components.before import Running, before
from components.local.broker.topology import variables_of
from components.local.command import Command, settings_of
from components.local.docker_engine import Engine
from components.local.image import image
from components.local.messaging import LocalMessaging
from components.local.network import LocalEnvironment
from components.local.ownership import Leftovers
from components.local.release import LocalContainer, container_of, environment_of
from components.local.steady import kept_running, steady
from components.manifest.image import ContainerHealthCheck
from components.model import image_source
from components.model.names import domain
from components.settings.service import Service


@dataclass(frozen=True)
class LocalServiceArgs:
    """What a service is made of."""

    service: Service
    """Its settings."""

    environment: LocalEnvironment
    """Where it runs."""

    folder: Path
    """The project's."""

    leftovers: Leftovers
    """How to clear away what a killed `up` left."""

    engine: Engine
    """Where to look whether a container lives."""

    facade: str
    """The facade's logical name."""

    messaging: LocalMessaging | None = None
    """Where its messages go and come from. Default: nowhere."""

    @property
    def endpoint(self) -> str:
        """The domain in which services find each other."""
        owner = self.leftovers.owner
        return domain(self.service.environment, owner.stack, owner.project)


class LocalService(pulumi.ComponentResource):
    """`strangler:index:LocalService`: image and containers.

    A container's name carries its release: a change makes new containers beside the old ones, and the old ones go when
    the facade has moved the traffic.
    """

    network: LocalEnvironment
    """The environment in which they are."""

    network_name: pulumi.Output[str]
    """The name of its network on the engine."""

    image: pulumi.Output[str]
    """What they are made of."""

    containers: pulumi.Output[list[str]]
    """Their names, once they are started."""

    like: pulumi.Output[dict[str, object]] | None
    """How a container would be made, where there is none that others could be made like: of a service that is scaled to
    zero. `settings`, as `settings_of` has them, and `facade`, the network in which the facade is found: it leaves those
    of services without containers. None: there is one."""

    def __init__(self, name: str, args: LocalServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalService", name, None, opts)
        manifest, owner = args.service.manifest, args.leftovers.owner
        self.network, self.network_name = args.environment, args.environment.network
        if args.service.build:
            source = image_source.source(args.folder, args.service.build, image_source.machine_args(os.environ))
            child = pulumi.ResourceOptions(parent=self)
            built = image(name, f"{owner.project}/{name}", source, args.engine.platform, child)
            made_of, reference, self.image = source.digest, built.repo_digest, built.image_name
        else:
            made_of = manifest.location or ""
            reference = self.image = pulumi.Output.from_input(made_of)
        usual, network = owner.name(args.service.environment), owner.network(args.service.environment, args.facade)
        made = container_of(
            manifest,
            made_of,
            _variables(args),
            network if network != usual else "",
        )
        needs = [*self._before(name, args, made), *_messages(args)]
        self.containers = pulumi.Output.all(
            *(
                self._container(f"{name}-{number}-{made.release}", args, reference, made, needs)
                for number in range(1, (1 if manifest.job else manifest.count.desired) + 1)
            )
        )
        self.like = None if manifest.job or manifest.count.desired else self._like(name, args, made)
        self.register_outputs({"image": self.image, "containers": self.containers})

    def _like(self, name: str, args: LocalServiceArgs, made: LocalContainer) -> pulumi.Output[dict[str, object]]:
        owner = args.leftovers.owner
        return pulumi.Output.all(self.image, self.network_name).apply(
            lambda known: {
                "settings": settings_of(made, known[0], known[1], owner.labels(name), made.command),
                "facade": owner.home_network(args.facade),
            }
        )

    def _before(self, name: str, args: LocalServiceArgs, made: LocalContainer) -> list[pulumi.Resource]:
        """What a release's containers wait for: its command has run."""
        service, owner = args.service, args.leftovers.owner
        if not service.before or not service.manifest.count.desired:
            return []

        def command(release: str, known: Mapping[str, Any]) -> Running | None:
            if args.engine.container(owner.name(f"{name}-1-{release}")):
                return None
            own = settings_of(made, known["image"], known["network"], owner.labels(name), service.before)
            return Command(args.engine, owner.name(f"{name}-before"), own)

        opts = pulumi.ResourceOptions(parent=self, depends_on=_messages(args) or None)
        return [before(service, made.release, command, {"image": self.image, "network": self.network_name}, opts)]

    def _container(
        self,
        name: str,
        args: LocalServiceArgs,
        image: pulumi.Input[str],
        made: LocalContainer,
        needs: list[pulumi.Resource],
    ) -> pulumi.Output[str]:
        owner = args.leftovers.owner
        container = docker.Container(
            name,
            name=owner.name(name),
            image=image,
            entrypoints=list(made.entrypoint) or None,
            command=list(made.command) or None,
            envs=[f"{key}={value}" for key, value in made.environment],
            networks_advanced=[
                docker.ContainerNetworksAdvancedArgs(
                    name=args.environment.network, aliases=[f"{args.service.name}.{args.endpoint}", *made.names]
                )
            ],
            cpu_shares=made.cpu,
            memory=made.memory,
            memory_swap=made.memory,
            # A job's is what `make job` makes others like, and never starts itself.
            restart="no" if args.service.manifest.job else "unless-stopped",
            start=False if args.service.manifest.job else None,
            must_run=False if args.service.manifest.job else None,
            # As ECS gives one with `exec: true`. Process 1 is never ended by a signal that it doesn't handle (Linux,
            # pid_namespaces(7)): without an init, such a service took all of its grace at each change.
            init=True,
            # As Docker Desktop names the machine: a database that runs there is reached by the same name everywhere.
            hosts=[docker.ContainerHostArgs(host="host.docker.internal", ip="host-gateway")],
            # What is still in hand when the facade has moved the traffic may be finished.
            destroy_grace_seconds=max(1, args.service.manifest.drain),
            healthcheck=_healthcheck(made.healthcheck),
            read_only=made.readonly_fs or None,
            labels=[
                docker.ContainerLabelArgs(label=key, value=value)
                for key, value in {**dict(made.labels), **owner.labels(name)}.items()
            ],
            # Health is asked of the facade, which says at once when a process has died, and why.
            wait=False,
            opts=pulumi.ResourceOptions.merge(
                args.leftovers.container(self), pulumi.ResourceOptions(depends_on=needs or None)
            ),
        )
        if args.service.manifest.job:
            return container.name

        async def running(known: list[str]) -> str:
            """Of one that takes requests, health is asked of the facade."""
            if args.service.routed:
                return kept_running(args.engine, known[0])
            return await asyncio.to_thread(steady, args.engine, args.service.name, known[0], args.service.timeout)

        return pulumi.Output.all(container.name, container.id).apply(running)


def _variables(args: LocalServiceArgs) -> dict[str, str]:
    owner, messaging = args.leftovers.owner, args.messaging
    return {
        **(variables_of(args.service, messaging.host) if messaging else {}),
        **environment_of(args.service, args.endpoint, f"{owner.name(args.facade)}:8080"),
    }


def _messages(args: LocalServiceArgs) -> list[pulumi.Resource]:
    """What its containers wait for if it sends or takes messages: topics and queues are there."""
    return [args.messaging.topology] if args.messaging else []


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
