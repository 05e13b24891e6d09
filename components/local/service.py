"""A service on this machine: its image, and as many containers as its count says."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pulumi_docker as docker

from components.before import RunningCommand, before
from components.local.broker.topology import variables_of
from components.local.command import DockerCommand, like_of
from components.local.container import HOSTS, ContainerOptions, container
from components.local.docker_engine import Engine
from components.local.envoy.admin import PUBLIC_PORT
from components.local.files import LocalFiles, own_volumes
from components.local.image import image
from components.local.messaging import LocalMessaging
from components.local.network import LocalEnvironment
from components.local.ownership import Leftovers
from components.local.release import (
    LocalContainer,
    LocalSidecar,
    container_of,
    environment_of,
    sidecar_of,
)
from components.local.steady import kept_running, steady
from components.local.task import LocalTask, LocalTaskArgs, task
from components.model import image_source
from components.model.command import LIKE
from components.model.image_source import Build
from components.model.names import domain, slug
from components.settings.service import Service, below


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

    holder: pulumi.Input[str] = ""
    """The image of the containers that have a task's network. Default: every task has one container."""

    files: Mapping[str, LocalFiles] = field(default_factory=dict[str, LocalFiles])
    """The volumes that outlive its tasks, by their logical names. Default: none."""

    fronted: bool = True
    """Whether there is a facade. Default true."""

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
    """The names of its main containers, once they are started."""

    addresses: pulumi.Output[list[str]]
    """The names of the containers by which its tasks are reached: where there are no sidecars, the same."""

    members: pulumi.Output[list[str]] | None
    """The names of the containers that have to run besides those, the one that takes requests first. None: there are
    no sidecars."""

    sidecars: pulumi.Output[dict[str, list[str]]] | None
    """The names of its sidecars' containers by those in the manifest, in the order of the main ones. None: there are
    none."""

    like: pulumi.Output[dict[str, object]] | None
    """How a task would be made, where there is no container that another one could be made like: of a service that is
    scaled to zero. As `like_of` has it, and `facade`, the network in which the facade is found: it leaves those of
    services without containers. None: there is one."""

    def __init__(self, name: str, args: LocalServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalService", name, None, opts)
        manifest, owner = args.service.manifest, args.leftovers.owner
        self.network, self.network_name = args.environment, args.environment.network
        child = pulumi.ResourceOptions(parent=self)
        if args.service.build:
            source = image_source.source(args.folder, args.service.build, image_source.machine_args(os.environ))
            built = image(name, f"{owner.project}/{name}", source, args.engine.platform, child)
            made_of, reference, self.image = source.digest, built.repo_digest, built.image_name
        else:
            made_of = manifest.location or ""
            reference = self.image = pulumi.Output.from_input(made_of)
        usual, network = owner.name(args.service.environment), owner.network(args.service.environment, args.facade)
        self._images: dict[str, pulumi.Input[str]] = {name: reference}
        sidecars = self._sidecars(name, args)
        made = container_of(manifest, made_of, _variables(args), network if network != usual else "", sidecars)
        needs = [*self._before(name, args, made), *_messages(args)]
        count = 1 if manifest.job else manifest.count.desired
        tasks = [f"{name}-{number}-{made.release}" for number in range(1, count + 1)]
        like = None if made.is_plain else self._shown(name, args, made)
        if made.sidecars:
            its = self._task_args(args, made, like, needs)
            self._tasks([task(one, its, self) for one in tasks], args, made)
        else:
            listed = [self._container(one, args, reference, made, needs, like) for one in tasks]
            self.containers = self.addresses = pulumi.Output.all(*listed)
            self.members, self.sidecars = None, None
        self.like = None if count else self._like(name, args, made)
        self.register_outputs({"image": self.image, "containers": self.containers})

    def _sidecars(self, name: str, args: LocalServiceArgs) -> tuple[LocalSidecar, ...]:
        """What its sidecars are made of; their images go to the others."""
        manifest, found = args.service.manifest, list[LocalSidecar]()
        for sidecar in manifest.sidecars:
            made_of = sidecar.location or ""
            self._images[sidecar.name] = made_of
            if sidecar.build:
                build, project = below(args.service.root, sidecar.build), args.leftovers.owner.project
                made_of, self._images[sidecar.name] = self._built(
                    f"{name}.{sidecar.name}", f"{project}/{name}/{slug(sidecar.name)}", build, args
                )
            own = _variables(args, dict(sidecar.variables))
            found.append(sidecar_of(manifest, sidecar, made_of, own))
        return tuple(found)

    def _built(
        self, logical: str, repository: str, build: Build, args: LocalServiceArgs
    ) -> tuple[str, pulumi.Output[str]]:
        """The digest of a sidecar's source, and its image."""
        source = image_source.source(args.folder, build, image_source.machine_args(os.environ))
        child = pulumi.ResourceOptions(parent=self)
        return source.digest, image(logical, repository, source, args.engine.platform, child).repo_digest

    def _task_args(
        self,
        args: LocalServiceArgs,
        made: LocalContainer,
        like: pulumi.Output[str] | None,
        needs: list[pulumi.Resource],
    ) -> LocalTaskArgs:
        return LocalTaskArgs(
            args.service,
            made,
            self._images,
            args.holder,
            self.network_name,
            (f"{args.service.name}.{args.endpoint}", *made.names),
            self._kept_names(args),
            args.leftovers,
            args.engine,
            like or "",
            tuple(needs),
        )

    def _tasks(self, tasks: list[LocalTask], args: LocalServiceArgs, made: LocalContainer) -> None:
        """What is told of tasks of several containers."""
        name, http = args.service.name, args.service.manifest.http
        essential = {name, *(sidecar.name for sidecar in made.sidecars if sidecar.essential)}
        target = (http.main.target_container if http else None) or name
        order = sorted(essential, key=lambda one: (one != target, one))

        def named(containers: Mapping[str, pulumi.Output[str]], address: pulumi.Output[str], one: str) -> Any:
            return pulumi.Output.all(containers[one], address).apply(lambda known: known[0])

        listed = {
            one: pulumi.Output.all(*(named(made_task.containers, made_task.address, one) for made_task in tasks))
            for one in (name, *(sidecar.name for sidecar in made.sidecars))
        }
        self.containers = listed[name]
        self.addresses = pulumi.Output.all(*(made_task.address for made_task in tasks))
        self.members = pulumi.Output.all(*(listed[one] for one in order)).apply(lambda known: sum(known, list[str]()))
        self.sidecars = pulumi.Output.all(**{sidecar.name: listed[sidecar.name] for sidecar in made.sidecars})

    def _shown(self, name: str, args: LocalServiceArgs, made: LocalContainer) -> pulumi.Output[str]:
        """How another task is made, as JSON."""
        return pulumi.Output.all(**self._known(args)).apply(
            lambda known: json.dumps(_like(name, args, made, known), sort_keys=True)
        )

    def _like(self, name: str, args: LocalServiceArgs, made: LocalContainer) -> pulumi.Output[dict[str, object]]:
        owner = args.leftovers.owner
        return pulumi.Output.all(**self._known(args)).apply(
            lambda known: {**_like(name, args, made, known), "facade": owner.home_network(args.facade)}
        )

    def _known(self, args: LocalServiceArgs) -> dict[str, pulumi.Input[object]]:
        """What is known of a task once images and networks are there."""
        return {
            "images": pulumi.Output.all(**{**self._images, args.service.name: self.image}),
            "network": self.network_name,
            "holder": args.holder,
            "volumes": pulumi.Output.all(**self._kept_names(args)),
        }

    def _kept_names(self, args: LocalServiceArgs) -> dict[str, pulumi.Output[str]]:
        """The engine's names of the volumes that outlive its tasks, by their logical names."""
        return {kept: files.volume for kept, files in args.files.items()}

    def _before(self, name: str, args: LocalServiceArgs, made: LocalContainer) -> list[pulumi.Resource]:
        """What a release's containers wait for: its command has run."""
        service, owner = args.service, args.leftovers.owner
        if not service.before or not service.manifest.count.desired:
            return []

        def command(release: str, known: Mapping[str, Any]) -> RunningCommand | None:
            if args.engine.container(owner.name(f"{name}-1-{release}")):
                return None
            return DockerCommand(
                args.engine, owner.name(f"{name}-before"), _like(name, args, made, known), service.before
            )

        opts = pulumi.ResourceOptions(parent=self, depends_on=_messages(args) or None)
        return [before(service, made.release, command, self._known(args), opts)]

    def _container(
        self,
        name: str,
        args: LocalServiceArgs,
        image: pulumi.Input[str],
        made: LocalContainer,
        needs: list[pulumi.Resource],
        like: pulumi.Output[str] | None,
    ) -> pulumi.Output[str]:
        """A task of one container, which is in the network itself. like: how another one is made, if it isn't plain."""
        names = [f"{args.service.name}.{args.endpoint}", *made.names]
        network = docker.ContainerNetworksAdvancedArgs(name=args.environment.network, aliases=names)
        place = ContainerOptions(
            args.leftovers,
            self,
            {"networks_advanced": [network], "hosts": [*HOSTS]},
            grace=max(1, args.service.manifest.drain),
            starts=args.service.manifest.job is None,
            volumes={**self._kept_names(args), **own_volumes(name, made, args.leftovers, self)},
            labels={LIKE: like} if like is not None else {},
            needs=tuple(needs),
        )
        made_one = container(name, made, image, place)
        if args.service.manifest.job:
            return made_one.name

        async def running(known: list[str]) -> str:
            """Of one that takes requests, health is asked of the facade."""
            if args.service.routed:
                return kept_running(args.engine, known[0])
            return await asyncio.to_thread(steady, args.engine, args.service.name, known[0], args.service.timeout)

        return pulumi.Output.all(made_one.name, made_one.id).apply(running)


def _like(name: str, args: LocalServiceArgs, made: LocalContainer, known: Mapping[str, Any]) -> dict[str, Any]:
    labels = args.leftovers.owner.labels(name)
    return like_of(made, known["images"], known["network"], labels, known["volumes"], name, known["holder"])


def _variables(args: LocalServiceArgs, own: Mapping[str, str] | None = None) -> dict[str, str]:
    """own: as `environment_of` has it."""
    owner, messaging = args.leftovers.owner, args.messaging
    return {
        **(variables_of(args.service, messaging.host) if messaging else {}),
        **environment_of(
            args.service, args.endpoint, f"{owner.name(args.facade)}:{PUBLIC_PORT}" if args.fronted else None, own
        ),
    }


def _messages(args: LocalServiceArgs) -> list[pulumi.Resource]:
    """What its containers wait for if it sends or takes messages: topics and queues are there."""
    return [args.messaging.topology] if args.messaging else []
