"""A task of several containers on this machine, as ECS runs one with `awsvpc`: they share one network.

A container of its own has that network and the task's names in it, as ECS's pause container has: any other one may have
to wait, or may be started again, and those that joined its network would have lost it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.interrupt import INTERRUPT
from components.local.command import HOLDER
from components.local.container import HOSTS, ContainerOptions, container, pulled
from components.local.docker_engine import ContainerState, Engine
from components.local.files import own_volumes
from components.local.order import OrderError, await_condition, is_met
from components.local.ownership import Leftovers, one_line
from components.local.release import LocalContainer, in_order
from components.local.steady import kept_running, steady
from components.model.command import LIKE
from components.settings.service import Service

STOP_SECONDS = 3
"""What a container that has lost its network has between SIGTERM and SIGKILL."""


@dataclass(frozen=True)
class LocalTaskArgs:
    """What a task is made of."""

    service: Service
    """Its service."""

    made: LocalContainer
    """The main container, and those next to it."""

    images: Mapping[str, pulumi.Input[str]]
    """Their images, by container."""

    holder: pulumi.Input[str]
    """The image of the container that has the network."""

    network: pulumi.Input[str]
    """The environment's."""

    names: tuple[str, ...]
    """By which others in the environment find the task."""

    volumes: Mapping[str, pulumi.Input[str]]
    """The engine's names of the volumes that are kept, by their logical names."""

    leftovers: Leftovers
    """How to clear away what a killed `up` left."""

    engine: Engine
    """Where it is."""

    like: pulumi.Input[str]
    """How another such task is made, as JSON: see `like_of`."""

    needs: tuple[pulumi.Resource, ...] = ()
    """What must be there before. Default: nothing."""


@dataclass(frozen=True)
class LocalTask:
    """A task that was made."""

    address: pulumi.Output[str]
    """The name of the container by which the task is reached, once the task runs."""

    containers: Mapping[str, pulumi.Output[str]]
    """The names on the engine of its containers, by those in the manifest; the main one's first."""


def task(name: str, args: LocalTaskArgs, parent: pulumi.Resource) -> LocalTask:
    """Makes a task. name: the logical one of its main container."""
    own = own_volumes(name, args.made, args.leftovers, parent)
    holder = _holder(name, args, parent)
    made: dict[str, docker.Container] = {}
    starts = args.service.manifest.job is None
    kept = {sidecar.name: sidecar.essential for sidecar in args.made.sidecars}
    located = {sidecar.name: sidecar.location for sidecar in args.service.manifest.sidecars if sidecar.location}
    for one, container_made in in_order(args.service.name, args.made).items():
        logical = name if one == args.service.name else f"{name}.{one}"
        gates = [_gate(args, logical, made[other], condition) for other, condition in container_made.waits if starts]
        place = ContainerOptions(
            args.leftovers,
            parent,
            {"network_mode": pulumi.Output.all(holder.id, *gates).apply(lambda known: f"container:{known[0]}")},
            grace=max(1, args.service.manifest.drain),
            kept=kept.get(one, True),
            starts=starts,
            volumes={**args.volumes, **own},
            labels={LIKE: args.like} if one == args.service.name else {},
            hooks=(pulled(args.engine, args.service.name, one, located[one]),) if one in located else (),
        )
        made[one] = container(logical, container_made, args.images[one], place)
    names = {one: made[one].name for one in sorted(made, key=lambda one: (one != args.service.name, one))}
    return LocalTask(_running(args, holder, made) if starts else holder.name, names)


def _holder(name: str, args: LocalTaskArgs, parent: pulumi.Resource) -> docker.Container:
    owner, logical = args.leftovers.owner, f"{name}-network"
    starts = args.service.manifest.job is None
    return docker.Container(
        logical,
        name=owner.name(logical),
        image=args.holder,
        entrypoints=[HOLDER[0]],
        command=[*HOLDER[1:]],
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=args.network, aliases=[*args.names])],
        hosts=[*HOSTS],
        restart="unless-stopped" if starts else "no",
        start=None if starts else False,
        must_run=None if starts else False,
        init=True,
        destroy_grace_seconds=1,
        labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in owner.labels(logical).items()],
        wait=False,
        opts=pulumi.ResourceOptions.merge(
            args.leftovers.container(parent), pulumi.ResourceOptions(depends_on=[*args.needs] or None)
        ),
    )


def _gate(args: LocalTaskArgs, logical: str, other: docker.Container, condition: str) -> pulumi.Output[str]:
    """Known once a container may start that waits for another one. One that is there has started before."""
    name, patience = args.leftovers.owner.name(logical), args.service.timeout

    def wait(other: str) -> str:
        with one_line(f"container {name}"):
            if args.engine.container(name) is None:
                try:
                    if other not in args.leftovers.made:
                        tried_again(args.engine, other, condition)
                    await_condition(args.engine, other, condition, patience, INTERRUPT.happened)
                except OrderError as failure:
                    raise pulumi.RunError(f"service {args.service.name}: {failure}") from None
        return other

    async def passed(known: list[str]) -> str:
        return known[0] if pulumi.runtime.is_dry_run() else await asyncio.to_thread(wait, known[0])

    return pulumi.Output.all(other.name, other.id).apply(passed)


def tried_again(engine: Engine, container: str, condition: str) -> None:
    """Starts a container again that failed in an earlier `up`, as ECS tries a task again."""
    found = engine.container(container)
    if found is not None and is_met(condition, found) is None:
        engine.stop(container, STOP_SECONDS)
        engine.start(container)


def _running(args: LocalTaskArgs, holder: docker.Container, made: Mapping[str, docker.Container]) -> pulumi.Output[str]:
    """The name of what has the network, once the task runs: of one that takes requests, health is asked of the
    facade."""
    containers = in_order(args.service.name, args.made)
    essential = {args.service.name, *(sidecar.name for sidecar in args.made.sidecars if sidecar.essential)}

    def look(names: dict[str, str], address: str) -> str:
        with one_line(f"container {address}"):
            try:
                revive(args.engine, address, names, containers, essential, args.service.timeout)
            except OrderError as failure:
                raise pulumi.RunError(f"service {args.service.name}: {failure}") from None
        for one in sorted(essential) if not args.service.routed else ():
            steady(args.engine, args.service.name, names[one], args.service.timeout)
        return address

    async def running(known: list[str]) -> str:
        names = dict(zip(made, known[2 : 2 + len(made)], strict=True))
        return known[0] if pulumi.runtime.is_dry_run() else await asyncio.to_thread(look, names, known[0])

    outputs = [*(one.name for one in made.values()), *(one.id for one in made.values())]
    return pulumi.Output.all(holder.name, holder.id, *outputs).apply(running)


def revive(
    engine: Engine,
    holder: str,
    names: Mapping[str, str],
    containers: Mapping[str, LocalContainer],
    essential: set[str],
    patience: float,
) -> None:
    """Starts what was stopped or killed since the last `up`, which the provider doesn't notice; all of a task whose
    network is another one by now, in its order. names: the containers' on the engine. containers: in the order in which
    they start. Raises OrderError and EngineError."""
    kept_running(engine, holder)
    network = engine.container(holder)
    for one, made in containers.items():
        found = engine.container(names[one])
        if found is None or network is None:
            continue
        is_lost = when(found) < when(network)
        if not is_lost and (found.running or found.restarting or one not in essential):
            continue
        if is_lost and (found.running or found.restarting):
            engine.stop(names[one], STOP_SECONDS)
        for other, condition in made.waits:
            await_condition(engine, names[other], condition, patience, INTERRUPT.happened)
        engine.start(names[one])


def when(found: ContainerState) -> tuple[str, str]:
    """When a container started, to be compared: the engine leaves out zeros at the end. Pure."""
    seconds, _, fraction = found.started.rstrip("Z").partition(".")
    return seconds, fraction.ljust(9, "0")
