"""The Docker engine, as far as resources can't tell: whether a container lives, what it logged, files inside it.

A thin face of the Docker SDK, which has no types: they are given here and nowhere else.
"""

import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import docker
import docker.errors

DEFAULT_HOST = "unix:///var/run/docker.sock"
"""Where the SDK looks when DOCKER_HOST names no engine."""

TIMEOUT = 60
"""Seconds that a call may take."""


class EngineError(Exception):
    """The engine can't be reached, or refused a call. Its text is one line."""


@dataclass(frozen=True)
class ContainerState:
    """How a container is. exit_code counts when it isn't running. health: `healthy`, `unhealthy`, `starting`, or empty
    where the image has no check of its own."""

    id: str
    running: bool
    exit_code: int
    restarts: int
    health: str
    labels: Mapping[str, str]
    networks: frozenset[str]
    ports: Mapping[str, int]


class Engine:
    """A connection to the engine that DOCKER_HOST names, or the machine's own."""

    def __init__(self, client: object) -> None:
        self._client = cast("Any", client)

    @staticmethod
    def connect() -> "Engine":
        """Connects. Raises EngineError when no engine answers."""
        try:
            client = cast("Any", docker).from_env(timeout=TIMEOUT)
            client.ping()
        except docker.errors.DockerException as failure:
            raise EngineError(f"{os.environ.get('DOCKER_HOST') or DEFAULT_HOST}: {_reason(failure)}") from None
        return Engine(client)

    def container(self, name: str) -> ContainerState | None:
        """The state of a container; None if there is none of this name."""
        try:
            attributes: dict[str, Any] = self._client.containers.get(name).attrs
        except docker.errors.NotFound:
            return None
        state, settings = attributes["State"], attributes["NetworkSettings"]
        health: dict[str, str] = state.get("Health") or {}
        ports: dict[str, list[dict[str, str]]] = settings["Ports"] or {}
        return ContainerState(
            id=attributes["Id"],
            running=state["Running"] and not state.get("Restarting", False),
            exit_code=state["ExitCode"],
            restarts=attributes.get("RestartCount", 0),
            health=health.get("Status", ""),
            labels=attributes["Config"].get("Labels") or {},
            networks=frozenset(settings["Networks"]),
            ports={inner: int(bound[0]["HostPort"]) for inner, bound in ports.items() if bound},
        )

    def start(self, name: str) -> None:
        """Starts a container that has stopped. Raises EngineError if it can't be started."""
        try:
            self._client.containers.get(name).start()
        except docker.errors.DockerException as failure:
            raise EngineError(_line(failure)) from None

    def remove_container(self, name: str) -> None:
        """Removes a container, running or not, if it is there."""
        try:
            self._client.containers.get(name).remove(force=True, v=True)
        except docker.errors.NotFound:
            return

    def network_labels(self, name: str) -> Mapping[str, str] | None:
        """The labels of a network; None if there is none of this name."""
        found = [each for each in self._client.networks.list(names=[name]) if each.name == name]
        return (found[0].attrs.get("Labels") or {}) if found else None

    def remove_network(self, name: str) -> None:
        """Removes a network, taking what is in it out first."""
        for network in self._client.networks.list(names=[name]):
            if network.name == name:
                network.reload()
                for container in list(network.attrs.get("Containers") or {}):
                    network.disconnect(container, force=True)
                network.remove()

    def join(self, container: str, network: str) -> None:
        """Puts a running container into a network besides its own."""
        self._client.networks.get(network).connect(container)

    def leave(self, container: str, network: str) -> None:
        """Takes a container out of a network, if it is in it."""
        try:
            self._client.networks.get(network).disconnect(container)
        except docker.errors.NotFound:
            return

    def log_tail(self, name: str, lines: int = 10) -> str:
        """The last lines that a container wrote."""
        try:
            return self._client.containers.get(name).logs(tail=lines).decode(errors="replace").strip()
        except docker.errors.DockerException:
            return ""

    def read(self, container: str, path: str) -> bytes:
        """A file's content in a container."""
        chunks, _ = self._client.containers.get(container).get_archive(path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            member = archive.extractfile(archive.getmembers()[0])
            return member.read() if member else b""

    def write(self, container: str, path: str, content: bytes) -> None:
        """Replaces a file in a running container in one step (a rename), so that no one reads half of it."""
        folder, _, name = path.rpartition("/")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            entry = tarfile.TarInfo(f"{name}.new")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
        found = self._client.containers.get(container)
        found.put_archive(folder, buffer.getvalue())
        code, output = found.exec_run(["mv", f"{path}.new", path], user="root")
        if code:
            raise EngineError(f"{container}: {path} can't be written: {output.decode(errors='replace').strip()}")


def _reason(failure: BaseException) -> str:
    """What the machine says at the bottom of a failure: the SDK wraps it several times."""
    inner = failure.__cause__ or failure.__context__
    if inner is not None:
        return _reason(inner)
    text = failure.strerror if isinstance(failure, OSError) else None
    return text or " ".join(str(failure).split())


def _line(failure: Exception) -> str:
    return " ".join(str(failure).split())
