"""The volumes of tasks on this machine: those of a task's own, and what stands for a file system and outlives it."""

import asyncio

import pulumi
import pulumi_docker as docker

from components.local.docker_engine import Engine
from components.local.ownership import Leftovers, Owner, one_line
from components.local.release import LocalContainer


class LocalFiles(pulumi.ComponentResource):
    """`strangler:index:LocalFiles`: a volume to which every user may write, as the rights in a file system of EFS are
    those of its access point, whoever a container runs as."""

    volume: pulumi.Output[str]
    """Its name on the engine."""

    def __init__(
        self,
        name: str,
        leftovers: Leftovers,
        engine: Engine,
        image: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """image: one with chmod."""
        super().__init__("strangler:index:LocalFiles", name, None, opts)
        owner = leftovers.owner

        async def make(args: pulumi.ResourceHookArgs) -> None:
            """Makes it before the provider does, which finds it: one that a killed `up` made has its files still."""
            known, volume = await image.future(), str((args.new_inputs or {})["name"])

            def opened() -> None:
                with one_line(f"volume {volume}"):
                    engine.create_volume(volume, owner.labels(name))
                    engine.open_volume(volume, known or "", owner.labels(name))

            await asyncio.to_thread(opened)

        made = docker.Volume(
            name,
            name=owner.name(name),
            labels=_labels(owner, name),
            opts=pulumi.ResourceOptions(
                parent=self,
                hooks=pulumi.ResourceHookBinding(before_create=[pulumi.ResourceHook(f"make {name}", make)]),
                # Labels tell the owner only: no reason to lose the files.
                ignore_changes=["labels"],
            ),
        )
        self.volume = made.name
        self.register_outputs({"volume": self.volume})


def own_volumes(
    task: str, made: LocalContainer, leftovers: Leftovers, parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Makes the volumes of a task's own: their names on the engine by their keys. task: its logical name. made: its
    main container, and those next to it."""
    owner, found = leftovers.owner, dict[str, pulumi.Output[str]]()
    containers = (made, *(sidecar.container for sidecar in made.sidecars))
    for key in sorted({mount.key for one in containers for mount in one.mounts if not mount.kept}):
        name = f"{task}{key}"
        labels = _labels(owner, name)
        found[key] = docker.Volume(name, name=owner.name(name), labels=labels, opts=leftovers.volume(parent)).name
    return found


def _labels(owner: Owner, name: str) -> list[docker.VolumeLabelArgs]:
    return [docker.VolumeLabelArgs(label=key, value=value) for key, value in owner.labels(name).items()]
