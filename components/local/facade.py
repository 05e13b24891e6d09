"""The facade on this machine: one Envoy, which is never replaced or restarted when routes change."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pulumi
import pulumi_docker as docker

from components.compare.gate import Gate, GateError, announced, prove
from components.compare.sides import Sides
from components.compare.standing import due
from components.interrupt import INTERRUPT
from components.local.container import HOSTS
from components.local.cutover import CutOverError, Say, Trial, await_health, cut_over
from components.local.docker_engine import Engine, EngineError
from components.local.envoy.admin import BOOTSTRAP, PUBLIC_PORT, STATUS_PORT, ProxyError
from components.local.envoy.config import IMAGE
from components.local.envoy.staged import staged
from components.local.envoy.state import Target, external_data, table_data, target_of, upstream_data
from components.local.image import image
from components.local.ownership import Leftovers, one_line
from components.local.service import LocalService
from components.manifest.image import Build
from components.model import image_source
from components.model.comparison import Comparison
from components.model.routes import Route, RouteTable
from components.platform import RunningService
from components.settings.external import ExternalService

_Step = Callable[[Engine, str, Target, Say, Callable[[], bool]], None]


@dataclass(frozen=True)
class LocalFacadeArgs:
    """What the facade is made of."""

    table: RouteTable
    """Who gets which request."""

    services: Mapping[str, RunningService[LocalService]]
    """The services of ours that run and take requests, by name."""

    external: tuple[ExternalService, ...]
    """Those that run elsewhere."""

    port: int
    """The public URL's, on 127.0.0.1."""

    leftovers: Leftovers
    """How to clear away what a killed `up` left."""

    engine: Engine
    """Where the containers are."""

    machine: Mapping[str, str]
    """Build arguments of this machine."""

    folder: Path
    """The project's."""

    stack: str
    """The stack's name, below which reports are written."""

    comparisons: Mapping[str, Comparison] = field(default_factory=dict[str, Comparison])
    """What must hold before a route's weight rises from 0, by its id. Default: nothing."""


class LocalFacade(pulumi.ComponentResource):
    """`strangler:index:LocalFacade`: Envoy in a container, and its route table.

    The table is a resource of its own, whose change is what a plan shows of a cut-over; the cut-over itself happens
    just before the state takes the new table, so that a table in the state is one that the facade holds.
    """

    url: pulumi.Output[str]
    """The public URL, known once all services are healthy."""

    def __init__(self, name: str, args: LocalFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalFacade", name, None, opts)
        self._args = args
        owner, child = args.leftovers.owner, pulumi.ResourceOptions(parent=self)
        networks = [running.placed.network for running in args.services.values()]
        home = docker.Network(
            name,
            name=owner.home_network(name),
            driver="bridge",
            labels=[docker.NetworkLabelArgs(label=key, value=value) for key, value in owner.labels(name).items()],
            opts=args.leftovers.network(self),
        )
        source = image_source.source(IMAGE, Build("Dockerfile", "."), args.machine)
        made = image(name, f"{owner.project}/{name}", source, args.engine.platform, child)
        container = docker.Container(
            name,
            name=owner.name(name),
            image=made.repo_digest,
            networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=home.name)],
            ports=[
                docker.ContainerPortArgs(internal=PUBLIC_PORT, external=args.port, ip="127.0.0.1"),
                docker.ContainerPortArgs(internal=STATUS_PORT, ip="127.0.0.1"),
            ],
            restart="unless-stopped",
            # As for services: what runs on this machine, outside of Docker, is found by Docker Desktop's name of it.
            hosts=[*HOSTS],
            destroy_grace_seconds=5,
            labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in owner.labels(name).items()],
            wait=False,
            opts=pulumi.ResourceOptions.merge(
                args.leftovers.container(self),
                # It joins their networks while it runs, and must be gone before they can be.
                pulumi.ResourceOptions(delete_before_replace=True, depends_on=networks),
            ),
        )
        self._warn_of_upgrade(owner.name(name), owner.home_network(name))
        hook = pulumi.ResourceHook("cut-over", self._cut_over, pulumi.ResourceHookOptions(on_dry_run=True))
        services: dict[str, object] = {service.name: external_data(service) for service in args.external}
        services |= {
            name: upstream_data(
                running.service.manifest,
                running.service.manifest.http.main,
                running.placed.network_name,
                running.placed.addresses,
                running.placed.members,
            )
            for name, running in args.services.items()
            if running.service.manifest.http
        }
        self._table = pulumi.Stash(
            "route-table",
            input={
                "facade": container.id,
                "name": container.name,
                "services": services,
                "table": table_data(args.table),
            },
            opts=pulumi.ResourceOptions(
                parent=self, hooks=pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])
            ),
        )
        self.url = self._table.input.apply(self._served)
        self.register_outputs({"url": self.url})

    def _warn_of_upgrade(self, container: str, home: str) -> None:
        """Says in the plan what a facade costs or lacks that an earlier version of Strangler made."""
        with one_line("facade"):
            found = self._args.engine.container(container)
            bootstrap = self._args.engine.read(container, BOOTSTRAP) if found else None
        if found and min(found.networks, default=home) < home:
            pulumi.log.warn(
                f"facade: its port is published through the network {min(found.networks)}, named by an earlier "
                "version of "
                "Strangler; it leaves that network now, which once cuts open connections and makes the URL unreachable "
                "for up to a second",
                self,
            )
        if bootstrap is not None and bootstrap != (IMAGE / "bootstrap.yaml").read_bytes():
            pulumi.log.warn(
                "facade: the running Envoy was started by another version of Strangler and lacks features of this one "
                "(docs/facades.md); to replace it, which makes the URL unreachable for a few seconds, run "
                f"docker rm -f {container} && pulumi up --refresh",
                self,
            )

    async def _cut_over(self, args: pulumi.ResourceHookArgs) -> None:
        before = cast("Mapping[str, object] | None", (args.old_inputs or {}).get("input"))
        old = target_of(before) if before and self._args.comparisons else None
        if pulumi.runtime.is_dry_run():
            # Of what is to be, a plan may know no more than the table.
            self._announce(self._gates(old, Target({}, self._args.table)))
            return
        data = cast("Mapping[str, object]", (args.new_inputs or {})["input"])
        trial = self._trial(old, target_of(data))

        def moved(engine: Engine, container: str, target: Target, say: Say, interrupted: Callable[[], bool]) -> None:
            cut_over(engine, container, target, say, interrupted, trial(say, interrupted) if trial else None)

        # The state has the new table if this succeeds, and the old one if it fails.
        with INTERRUPT.held_back():
            await self._run(moved, str(data["name"]), target_of(data))

    def _moving(self, old: Target | None, new: Target) -> list[Route]:
        return due(old.table if old else None, new.table, self._args.comparisons)

    def _gates(self, old: Target | None, new: Target) -> list[Gate]:
        """What must hold before the routes move."""
        moving, url = self._moving(old, new), f"http://127.0.0.1:{self._args.port}"
        table = staged(old, new, moving, ()).table
        return [
            Gate(route.id, table, new.table, Sides(url, url, route.testers), self._args.comparisons[route.id])
            for route in moving
        ]

    def _announce(self, gates: Sequence[Gate]) -> None:
        """Says in a plan what will be compared."""
        for gate in gates:
            try:
                pulumi.log.info(announced(gate, self._args.folder), self)
            except GateError as failure:
                raise pulumi.RunError(str(failure)) from None

    def _trial(self, old: Target | None, new: Target) -> Callable[[Say, Callable[[], bool]], Trial] | None:
        """The comparisons as a cut-over makes them, if there are any."""
        moving, gates = self._moving(old, new), self._gates(old, new)
        if not moving:
            return None

        def trial(say: Say, is_interrupted: Callable[[], bool]) -> Trial:
            def prove_all() -> None:
                for gate in gates:
                    try:
                        prove(gate, self._args.folder, self._args.stack, say, is_interrupted)
                    except GateError as failure:
                        raise CutOverError(str(failure)) from None

            return Trial(lambda clusters: staged(old, new, moving, clusters), prove_all)

        return trial

    async def _served(self, data: Mapping[str, object]) -> str:
        """The URL, once the facade finds all services healthy: a container may have died since the last `up`."""
        if not pulumi.runtime.is_dry_run():
            await self._run(await_health, str(data["name"]), target_of(data))
        return f"http://127.0.0.1:{self._args.port}"

    async def _run(self, do: _Step, container: str, target: Target) -> None:
        """Does it beside the program, which goes on meanwhile; what it says is logged with the facade."""
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            loop.call_soon_threadsafe(pulumi.log.info, text, self)

        try:
            await asyncio.to_thread(do, self._args.engine, container, target, say, INTERRUPT.happened)
        except (CutOverError, ProxyError, EngineError) as failure:
            raise pulumi.RunError(str(failure)) from None
