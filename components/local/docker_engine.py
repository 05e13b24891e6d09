"""The Docker engine, as far as resources can't tell: whether a container lives, what it logged, files inside it.

A thin face of the Docker SDK, which has no types: they are given here and nowhere else.
"""

import io
import os
import tarfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import docker
import docker.errors
import requests
import urllib3.exceptions

DEFAULT_HOST = "unix:///var/run/docker.sock"
"""Where the SDK looks when DOCKER_HOST names no engine."""

TIMEOUT = 60
"""Seconds that a call may take."""

_FAILURES = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    tarfile.TarError,
)
"""What the SDK lets through when an engine refuses a call, dies in the middle of it, or breaks off its answer."""


class EngineError(Exception):
    """The engine can't be reached, or refused a call. Its text is one line."""


@dataclass(frozen=True)
class ContainerState:
    """How a container is."""

    id: str
    """The engine's own."""

    running: bool
    """Whether its process runs; not while the engine waits before it starts it again."""

    restarting: bool
    """Whether its process has died and the engine is about to start it again."""

    exit_code: int
    """With what it ended; counts when it isn't running."""

    restarts: int
    """How often the engine has started it again since it was made."""

    health: str
    """`healthy`, `unhealthy`, `starting`, or empty where the image has no check of its own."""

    labels: Mapping[str, str]
    """Its labels."""

    networks: frozenset[str]
    """The names of the networks that it is in."""

    ports: Mapping[str, int]
    """The host's port by the container's, such as `8080/tcp`."""

    since: str
    """When it started or, if it doesn't run, ended; as the engine writes it, in UTC."""

    started: str = ""
    """When it started last, likewise. Default: never."""


class Engine:
    """A connection to the engine that DOCKER_HOST names, or the machine's own. Every call raises EngineError when the
    engine refuses it or doesn't answer."""

    def __init__(self, client: object, platform: str) -> None:
        self._client = cast("Any", client)
        self.platform = platform
        """What its own processor runs, such as `linux/arm64`."""

    @staticmethod
    def connect() -> "Engine":
        """Connects. Raises EngineError when no engine answers."""

        def connected() -> Engine:
            client = cast("Any", docker).from_env(timeout=TIMEOUT)
            version: dict[str, str] = client.version()
            return Engine(client, f"{version['Os']}/{version['Arch']}")

        return _do(os.environ.get("DOCKER_HOST") or DEFAULT_HOST, connected)

    def container(self, name: str) -> ContainerState | None:
        """The state of a container; None if there is none of this name."""
        what = f"container {name}"
        return _do(what, lambda: _state(self._client.containers.get(name).attrs), none_if_gone=True)

    def labels_of_port(self, port: int) -> Mapping[str, str]:
        """The labels of the container that publishes this port of the machine; empty if none does."""
        what = f"who publishes port {port}"

        def labels() -> Mapping[str, str]:
            listed = self._client.containers.list(filters={"publish": str(port)})
            return dict(listed[0].labels) if listed else {}

        return _do(what, labels)

    def start(self, name: str) -> None:
        """Starts a container that has stopped."""
        _do("it can't be started", lambda: self._client.containers.get(name).start())

    def remove_container(self, name: str) -> None:
        """Removes a container, running or not, if it is there."""
        found = self._found(name)
        if found is not None:
            _do(f"container {name} can't be removed", lambda: found.remove(force=True, v=True), none_if_gone=True)

    def network_labels(self, name: str) -> Mapping[str, str] | None:
        """The labels of a network; None if there is none of this name."""
        found = self._network(name)
        return None if found is None else _do(f"network {name}", lambda: dict(found.attrs.get("Labels") or {}))

    def create_network(self, name: str, labels: Mapping[str, str]) -> None:
        """Makes a bridge network."""
        make = self._client.networks.create
        _do(f"network {name} can't be created", lambda: make(name, driver="bridge", labels=dict(labels)))

    def remove_network(self, name: str) -> None:
        """Removes a network, taking what is in it out first."""

        def remove(network: Any) -> None:
            network.reload()
            for container in list(network.attrs.get("Containers") or {}):
                network.disconnect(container, force=True)
            network.remove()

        found = self._network(name)
        if found is not None:
            _do(f"network {name} can't be removed", lambda: remove(found), none_if_gone=True)

    def volume_labels(self, name: str) -> Mapping[str, str] | None:
        """The labels of a volume; None if there is none of this name."""
        get = self._client.volumes.get
        return _do(f"volume {name}", lambda: dict(get(name).attrs.get("Labels") or {}), none_if_gone=True)

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Makes a volume."""
        make = self._client.volumes.create
        _do(f"volume {name} can't be created", lambda: make(name, labels=dict(labels)))

    def open_volume(self, name: str, image: str, labels: Mapping[str, str]) -> None:
        """Lets every user write to a volume. image: one with chmod."""
        mount = {"Type": "volume", "Source": name, "Target": "/files", "VolumeOptions": {"NoCopy": True}}
        opening = {"entrypoint": ["chmod"], "command": ["0777", "/files"], "user": "root", "network_mode": "none"}
        run = self._client.containers.run
        what = f"volume {name} can't be created writable for every user"
        _do(what, lambda: run(image, mounts=[mount], labels=dict(labels), remove=True, **opening))

    def users_of_volume(self, name: str) -> dict[str, Mapping[str, str]]:
        """The labels of the containers that mount a volume, running or not, by their names."""
        listing = self._client.containers.list
        found = _do(f"volume {name}", lambda: listing(all=True, filters={"volume": name}, ignore_removed=True))
        return {one.name: dict(one.labels) for one in found}

    def remove_volume(self, name: str) -> None:
        """Removes a volume, if it is there."""
        remove = self._client.volumes.get
        _do(f"volume {name} can't be removed", lambda: remove(name).remove(), none_if_gone=True)

    def join(self, container: str, network: str) -> None:
        """Puts a running container into a network besides its own."""
        what = f"container {container} can't join network {network}"
        _do(what, lambda: self._client.networks.get(network).connect(container))

    def leave(self, container: str, network: str) -> None:
        """Takes a container out of a network, if it is in it."""
        what = f"container {container} can't leave network {network}"
        _do(what, lambda: self._client.networks.get(network).disconnect(container), none_if_gone=True)

    def log_tail(self, name: str, lines: int = 10) -> str:
        """The last lines that a container wrote; empty if there are none or they can't be read."""
        try:
            found = self._found(name)
            said = _do(name, lambda: found.logs(tail=lines)) if found else b""
        except EngineError:
            return ""
        return said.decode(errors="replace").strip()

    def log_lines(self, name: str, since: float, follow: bool) -> Iterator[str]:
        """What a container has written, a line at a time with the engine's time in front. since: in seconds since 1970;
        follow: and what it goes on to write, until it ends."""
        found = _do(f"container {name}", lambda: self._client.containers.get(name))
        yield from _lines(name, _do(name, lambda: found.logs(stream=True, follow=follow, since=since, timestamps=True)))

    def create_like(self, like: str, name: str, command: Sequence[str] | None) -> None:
        """Makes a container of the same image, variables, networks, labels and limits as another one, which runs
        another command (None: the same). It publishes no port, has no name in the networks but its own, and the engine
        removes it when it ends."""
        found = _do(f"container {like}", lambda: self._client.containers.get(like)).attrs
        first, *others = [*found["NetworkSettings"]["Networks"]] or ["none"]
        once = {"RestartPolicy": {"Name": "no"}, "AutoRemove": True, "PortBindings": {}, "NetworkMode": first}
        settings = {
            **found["Config"],
            "Image": found["Image"],
            "Cmd": found["Config"]["Cmd"] if command is None else list(command),
            "Hostname": "",
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": {**found["HostConfig"], **once},
        }
        make = self._client.api.create_container_from_config
        _do(f"container {name} can't be created", lambda: make(settings, name))
        for network in others:
            self.join(name, network)

    def have(self, image: str) -> None:
        """Pulls an image that isn't there."""
        images = self._client.images
        if _do(f"image {image}", lambda: images.get(image), none_if_gone=True) is None:
            _do(f"image {image} can't be pulled", lambda: images.pull(image))

    def create(self, name: str, settings: Mapping[str, object]) -> None:
        """Makes a container. settings: as the SDK names them; an image that isn't there is pulled."""
        self.have(str(settings["image"]))
        make = self._client.containers.create
        _do(f"container {name} can't be created", lambda: make(name=name, **settings))

    def run(self, name: str, then: Callable[[], None] = lambda: None) -> Generator[str, None, int]:
        """Starts a container that was made and that the engine removes when it ends: what it writes, a line at a time,
        and when it is gone its exit code. then: what is done once it has started."""
        found = _do(f"container {name}", lambda: self._client.containers.get(name))
        # Both before it starts: it may be gone at once.
        filters = {"container": found.id, "event": ["die", "destroy"]}
        events = _do(name, lambda: self._client.events(decode=True, filters=filters))
        written = _do(name, lambda: found.attach(stream=True))
        _do(f"container {name} can't be started", found.start)
        then()
        yield from _lines(name, written)
        code = 0
        while event := _do(f"{name}: its exit code can't be read", lambda: next(events, None)):
            if event["Action"] == "destroy":
                return code
            code = int(event["Actor"]["Attributes"]["exitCode"])
        raise EngineError(f"{name}: the Docker engine stopped before it ended")

    def stop(self, name: str, seconds: int) -> None:
        """Ends a container, if it is there. seconds: what it has for that."""
        found = self._found(name)
        if found is not None:
            what = f"container {name} can't be stopped"
            _do(what, lambda: found.stop(timeout=seconds), none_if_gone=True)

    def read(self, container: str, path: str) -> bytes | None:
        """A file's content in a container; None if the file isn't there."""

        def content() -> bytes:
            chunks, _ = self._client.containers.get(container).get_archive(path)
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
                member = archive.extractfile(archive.getmembers()[0])
                return member.read() if member else b""

        return _do(f"{container}: {path} can't be read", content, none_if_gone=True)

    def write(self, container: str, path: str, content: bytes) -> None:
        """Replaces a file in a running container in one step (a rename), so that no one reads half of it."""
        folder, _, name = path.rpartition("/")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            entry = tarfile.TarInfo(f"{name}.new")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))

        def replace() -> tuple[int, bytes]:
            found = self._client.containers.get(container)
            found.put_archive(folder, buffer.getvalue())
            return found.exec_run(["mv", f"{path}.new", path], user="root")

        code, output = _do(f"{container}: {path} can't be written", replace)
        if code:
            raise EngineError(f"{container}: {path} can't be written: {output.decode(errors='replace').strip()}")

    def _found(self, name: str) -> Any:
        return _do(f"container {name}", lambda: self._client.containers.get(name), none_if_gone=True)

    def _network(self, name: str) -> Any:
        def find() -> Any:
            listed = self._client.networks.list(names=[name])
            return next((network for network in listed if network.name == name), None)

        return _do(f"network {name}", find)


def _state(attributes: dict[str, Any]) -> ContainerState:
    """What the engine tells of a container."""
    state, settings = attributes["State"], attributes["NetworkSettings"]
    health: dict[str, str] = state.get("Health") or {}
    ports: dict[str, list[dict[str, str]]] = settings["Ports"] or {}
    running = state["Running"] and not state.get("Restarting", False)
    return ContainerState(
        id=attributes["Id"],
        running=running,
        restarting=state.get("Restarting", False),
        exit_code=int(state["ExitCode"]),
        restarts=int(attributes.get("RestartCount", 0)),
        health=health.get("Status", ""),
        labels=dict(attributes["Config"].get("Labels") or {}),
        networks=frozenset(settings["Networks"]),
        ports={inner: int(bound[0]["HostPort"]) for inner, bound in ports.items() if bound},
        since=state.get("StartedAt" if running else "FinishedAt", ""),
        started=state.get("StartedAt", ""),
    )


def _lines(name: str, chunks: Iterator[bytes]) -> Iterator[str]:
    """The lines of what a container wrote."""
    rest = b""
    while chunk := _do(f"{name}: its log broke off", lambda: next(chunks, None)):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if rest:
        yield rest.decode(errors="replace")


def _do(what: str, call: Callable[[], Any], none_if_gone: bool = False) -> Any:
    """The only place where the SDK's failures are known: what the call returns, or an EngineError that says what was
    to be done and why it failed. none_if_gone: None, and no error, if what it is about isn't there."""
    try:
        return call()
    except docker.errors.NotFound as failure:
        if none_if_gone:
            return None
        raise EngineError(f"{what}: {_reason(failure)}") from None
    except _FAILURES as failure:
        raise EngineError(f"{what}: {_reason(failure)}") from None
    except Exception as failure:  # the SDK has no word of its own for an answer of another shape, and nor have we
        reason = f"{type(failure).__name__}: {_reason(failure)}"
        raise EngineError(f"{what}: an unexpected answer from the Docker engine ({reason})") from None


def _reason(failure: BaseException) -> str:
    """What the engine says, or what the machine says at the bottom of a failure: the SDK wraps it several times."""
    said = failure.explanation if isinstance(failure, docker.errors.APIError) else None
    if said:
        return " ".join(str(said).split())
    inner = failure.__cause__ or failure.__context__
    if inner is not None:
        return _reason(inner)
    text = failure.strerror if isinstance(failure, OSError) else None
    return text or " ".join(str(failure).split()) or type(failure).__name__
