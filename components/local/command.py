"""A task that runs a command once, made as those of a release are."""

import contextlib
import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any, cast

from components.local.docker_engine import Engine, EngineError
from components.local.health_check import for_sdk
from components.local.order import OrderError, await_condition
from components.local.ownership import NAME_LIMIT
from components.local.release import HOST_NAMES, LocalContainer, in_order
from components.model.command import CommandError
from components.model.names import fit

STOP_SECONDS = 3
"""What it has between SIGTERM and SIGKILL: the host kills an interrupted program after 5 seconds."""

PATIENCE = 600
"""Seconds that a container of its task may take until another one can start."""

HOLDER = ("sleep", "infinity")
"""What the container does that has the network of a task, and nothing else."""


class DockerCommand:
    """Satisfies `components.before.Running`."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        like: Mapping[str, Any],
        command: Sequence[str] | None,
        networks: Sequence[str] = (),
    ) -> None:
        """name: of its main container. like: see `like_of`. command: None is that of the service. networks: in which it
        is besides the environment's."""
        self._engine, self._name, self._like, self._networks = engine, name, like, networks
        settings = {**like["settings"], **({} if command is None else {"command": list(command)})}
        self._settings = self._placed(settings)
        self._stopped = threading.Event()

    def lines(self) -> Generator[str, None, int]:
        """Runs it to its end, and removes what was made for it; of the main container, the engine does so."""
        try:
            self._engine.remove_container(self._name)  # of an `up` that was killed
            self.clear()
            self._prepare()
            self._engine.create(self._name, self._settings)
            for network in self._networks:
                self._engine.join(self._holder or self._name, network)
            code = yield from self._engine.run(self._name, self._follow)
        except (EngineError, OrderError) as problem:
            with contextlib.suppress(EngineError):  # which must not hide why
                self._engine.remove_container(self._name)
                self.clear()
            raise CommandError(str(problem)) from None
        self.clear()
        return code

    def stop(self, seconds: int = STOP_SECONDS) -> None:
        """Ends it."""
        self._stopped.set()
        try:
            self._engine.stop(self._name, seconds)
        except EngineError as problem:
            raise CommandError(str(problem)) from None

    def clear(self) -> None:
        """Removes what is beside the main container."""
        for sidecar in (*self._like.get("followers", ()), *self._like.get("sidecars", ())):
            self._engine.remove_container(self._named(sidecar["name"]))
        if self._holder:
            self._engine.remove_container(self._holder)
        for volume in self._like.get("volumes", ()):
            self._engine.remove_volume(f"{self._name}{volume}")

    @property
    def _holder(self) -> str:
        return f"{self._name}-network" if "holder" in self._like else ""

    def _prepare(self) -> None:
        """All that is there before the main container."""
        labels = cast("Mapping[str, str]", self._like["settings"]["labels"])
        for volume in self._like.get("volumes", ()):
            self._engine.create_volume(f"{self._name}{volume}", labels)
        if self._holder:
            self._engine.create(self._holder, self._like["holder"])
            self._engine.start(self._holder)
        for sidecar in self._like.get("sidecars", ()):
            self._start(sidecar)
        self._await(self._like.get("waits", ()))

    def _follow(self) -> None:
        """Starts what waits for the main container: its command is another one, whose health nobody knows."""
        for sidecar in self._like.get("followers", ()):
            self._start(sidecar)

    def _start(self, sidecar: Mapping[str, Any]) -> None:
        self._await(sidecar["waits"])
        name = self._named(sidecar["name"])
        self._engine.create(name, self._placed(sidecar["settings"]))
        self._engine.start(name)

    def _await(self, waits: Sequence[Sequence[str]]) -> None:
        for other, condition in waits:
            await_condition(self._engine, self._named(other), condition, PATIENCE, self._stopped.is_set)

    def _named(self, sidecar: str) -> str:
        return fit(f"{self._name}.{sidecar}", NAME_LIMIT)

    def _placed(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings with the names that this run gives to the task's network and volumes."""
        mounts = [
            {**mount, "Source": f"{self._name}{mount['Source']}" if mount["Source"][0] == "." else mount["Source"]}
            for mount in settings.get("mounts", ())
        ]
        network = {"network_mode": f"container:{self._holder}"} if self._holder else {}
        return {**settings, **({"mounts": mounts} if mounts else {}), **network}


def like_of(
    made: LocalContainer,
    images: Mapping[str, str],
    network: str,
    labels: Mapping[str, str],
    volumes: Mapping[str, str],
    name: str,
    holder: str,
) -> dict[str, Any]:
    """How the containers of such a task are made, as JSON: `settings` of the main one and, where there are any, the
    `sidecars` that it may need, the `followers` that wait for it, the `holder` of their network, what it `waits` for,
    and the `volumes` of the task's own. Pure.

    images: by container. volumes: the engine's names of those that are kept, by their logical names. name: the main
    container's in the manifest. holder: the image of what has the network.
    """
    task = in_order(name, made)
    late: dict[str, None] = {name: None}
    for one, container in task.items():
        if any(other in late for other, _ in container.waits):
            late[one] = None
    common = (network, labels, volumes)
    found: dict[str, Any] = {"settings": settings_of(made, images[name], *common)}
    own = sorted({mount.key for container in task.values() for mount in container.mounts if not mount.kept})
    if own:
        found["volumes"] = own
    if made.sidecars:
        alone = {key: found["settings"][key] for key in ("network", "extra_hosts", "labels", "init")}
        found["holder"] = {"image": holder, "entrypoint": [HOLDER[0]], "command": [*HOLDER[1:]], **alone}
        found["waits"] = [list(wait) for wait in made.waits]
        beside = [
            {
                "name": one,
                "settings": _beside(container, settings_of(container, images[one], *common)),
                "waits": [list(wait) for wait in container.waits if wait[0] != name],
            }
            for one, container in task.items()
            if one != name
        ]
        found["sidecars"] = [sidecar for sidecar in beside if sidecar["name"] not in late]
        found["followers"] = [sidecar for sidecar in beside if sidecar["name"] in late]
        found["settings"] = _within(found["settings"])
    return found


def _within(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same in the network of another container, which knows the hosts."""
    return {key: value for key, value in settings.items() if key not in ("network", "extra_hosts")}


def _beside(made: LocalContainer, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a sidecar: others wait for its health, and its end."""
    check = made.healthcheck
    return {**_within(settings), "auto_remove": False, "healthcheck": for_sdk(check) if check else None}


def settings_of(
    made: LocalContainer, image: str, network: str, labels: Mapping[str, str], volumes: Mapping[str, str]
) -> dict[str, Any]:
    """How such a container is made, as the Docker SDK names it: like those of the release, with no name in its network
    and no health check. Pure."""
    mounts = [
        {
            "Type": "volume",
            "Source": volumes[mount.kept] if mount.kept else mount.key,
            "Target": mount.path,
            "ReadOnly": mount.read_only,
            **({"VolumeOptions": {"NoCopy": True}} if mount.kept else {}),
        }
        for mount in made.mounts
    ]
    return {
        "image": image,
        "command": list(made.command),
        "entrypoint": list(made.entrypoint) or None,
        "environment": dict(made.environment),
        "network": network,
        "mem_limit": f"{made.memory}m",
        "memswap_limit": f"{made.memory}m",
        "cpu_shares": made.cpu,
        "read_only": made.readonly_fs,
        "labels": {**dict(made.labels), **labels},
        "extra_hosts": HOST_NAMES,
        "healthcheck": {"test": ["NONE"]},
        "init": True,
        "auto_remove": True,
        **({"mounts": mounts} if mounts else {}),
    }
