"""Topics and queues on this machine: one broker, which stays when what it holds changes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pulumi
import pulumi_docker as docker

from components.interrupt import INTERRUPT
from components.local.broker.admin import PROGRAM, Broker, BrokerError
from components.local.broker.topology import Topology
from components.local.docker_engine import Engine, EngineError
from components.local.image import image
from components.local.network import LocalEnvironment
from components.local.ownership import Leftovers, one_line
from components.manifest.image import Build
from components.model import image_source

IMAGE = Path(__file__).parent / "broker/image"
"""What the broker's image is built from."""

BROKER = "broker"
"""Its logical name."""


@dataclass(frozen=True)
class LocalMessagingArgs:
    """What the broker is made of."""

    topology: Topology
    """What it holds."""

    environments: tuple[LocalEnvironment, ...]
    """Those in which services send or take messages."""

    leftovers: Leftovers
    """How to clear away what a killed `up` left."""

    engine: Engine
    """Where the container is."""

    machine: Mapping[str, str]
    """Build arguments of this machine."""


class LocalMessaging(pulumi.ComponentResource):
    """`strangler:index:LocalMessaging`: a container that speaks SQS and SNS, and what it holds.

    What it holds is a resource of its own, whose change is what a plan shows; the container learns of it just before
    the state does, and goes on with the messages that it has. So do its networks: were they inputs, a new environment
    would replace it, and lose them.
    """

    host: str
    """Its name in the environments' networks."""

    topology: pulumi.Resource
    """What a container waits for that sends or takes messages."""

    def __init__(self, name: str, args: LocalMessagingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LocalMessaging", name, None, opts)
        self._engine = args.engine
        owner, child = args.leftovers.owner, pulumi.ResourceOptions(parent=self)
        self.host = owner.name(name)
        labels = owner.labels(name)
        # `_` is in no environment's name.
        self._home = f"{owner.name(name)}_home"
        home = docker.Network(
            name,
            name=self._home,
            driver="bridge",
            labels=[docker.NetworkLabelArgs(label=key, value=value) for key, value in labels.items()],
            opts=args.leftovers.network(self),
        )
        source = image_source.source(IMAGE, Build("Dockerfile", "."), args.machine)
        made = image(name, f"{owner.project}/{name}", source, args.engine.platform, child)
        container = docker.Container(
            name,
            name=self.host,
            image=made.repo_digest,
            networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=home.name)],
            restart="unless-stopped",
            init=True,
            destroy_grace_seconds=3,
            labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in labels.items()],
            wait=False,
            opts=pulumi.ResourceOptions.merge(
                args.leftovers.container(self),
                # It joins their networks while it runs, and must be gone before they can be.
                pulumi.ResourceOptions(delete_before_replace=True, depends_on=list(args.environments)),
            ),
        )
        self._warn_of_upgrade()
        hook = pulumi.ResourceHook("hold-topology", self._hold)
        stash = pulumi.Stash(
            "topology",
            input={
                "broker": container.id,
                "name": container.name,
                "networks": pulumi.Output.all(*(environment.network for environment in args.environments)),
                "holds": args.topology.data,
            },
            opts=pulumi.ResourceOptions(
                parent=self, hooks=pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])
            ),
        )
        self.topology = stash
        self.register_outputs({"host": stash.input.apply(self._held)})

    def _warn_of_upgrade(self) -> None:
        """Says in the plan that the running broker is that of another version of Strangler."""
        with one_line(BROKER):
            running = self._engine.read(self.host, PROGRAM) if self._engine.container(self.host) else None
        if running is not None and running != (IMAGE / "server.py").read_bytes():
            pulumi.log.warn(
                "broker: the running one was created by another version of Strangler; to replace it, which loses the "
                f"messages in its queues, run docker rm -f {self.host} && pulumi up --refresh",
                self,
            )

    async def _hold(self, args: pulumi.ResourceHookArgs) -> None:
        """Gives the running broker what it is to hold: the state has it if this succeeds."""
        data = cast("Mapping[str, object]", (args.new_inputs or {})["input"])
        networks = frozenset(cast("list[str]", data["networks"]))

        def hold(broker: Broker) -> None:
            broker.keep_running()
            broker.join(networks, self._home)
            broker.give(_holds(data))
            broker.await_topology(_holds(data), INTERRUPT.happened)

        with INTERRUPT.held_back():
            await self._run(str(data["name"]), hold)

    async def _held(self, data: Mapping[str, object]) -> str:
        """Its name, once it is seen to hold what it should: it may have been stopped since the last `up`."""

        def look(broker: Broker) -> None:
            broker.keep_running()
            broker.await_topology(_holds(data), INTERRUPT.happened)

        if not pulumi.runtime.is_dry_run():
            await self._run(str(data["name"]), look)
        return self.host

    async def _run(self, name: str, do: Callable[[Broker], None]) -> None:
        try:
            await asyncio.to_thread(do, Broker(self._engine, name))
        except (BrokerError, EngineError) as failure:
            raise pulumi.RunError(f"broker: {failure}") from None


def _holds(data: Mapping[str, object]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", data["holds"])
