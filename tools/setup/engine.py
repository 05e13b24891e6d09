"""The Docker engine: the running one, else, as root on Debian, Debian's own with its data in the project's folder."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.offline import own_engine
from tools.setup import debian
from tools.setup.client import clients, with_buildkit
from tools.setup.docker_api import answers, socket_of
from tools.setup.place import Place
from tools.setup.run import capture
from tools.setup.say import MachineError, say

WHERE = "docker"
DEFAULT_HOST = "unix:///var/run/docker.sock"
ENGINE = r"^docker\.io$"
"""Debian's package of the engine, as apt's pattern for exactly this name."""
NEEDED = ("iptables", "iproute2")
PERHAPS = ("docker-cli", "docker-buildx")
"""Packages of their own since Debian 13, part of the engine's package before."""
REMEDY = "start a Docker engine, or set DOCKER_HOST to one"


@dataclass(frozen=True)
class Docker:
    """An engine that answers."""

    host: str
    """DOCKER_HOST."""
    client: Path
    """A client that can build with BuildKit."""
    own: bool
    """Whether the project started it."""

    def env(self, base: Mapping[str, str]) -> dict[str, str]:
        return {**base, "DOCKER_HOST": self.host}


def is_answering(host: str, env: Mapping[str, str]) -> bool:
    path = socket_of(host)
    if path is not None:
        return answers(path)
    found = clients(env.get("PATH", ""))
    return bool(found) and capture([str(found[0]), "version"], {**env, "DOCKER_HOST": host}, seconds=10).ok


def running(place: Place, env: Mapping[str, str]) -> tuple[str, bool] | None:
    """The engine that is there already, and whether it is the project's own; started again if it died."""
    own_host = f"unix://{place.socket}"
    named = env.get("DOCKER_HOST", "")
    if named and named != own_host:
        if is_answering(named, env):
            return named, False
        raise MachineError(WHERE, f"no engine answers at DOCKER_HOST={named}", "start it, or unset DOCKER_HOST")
    if own_engine.data(place).is_dir():
        own_engine.start(place, dockerd_of(env))
        return own_host, True
    host = default_host(env)
    if is_answering(host, env):
        return host, False
    # Two engines take each other's published ports away when they start, so that another clone's is used.
    return next(((f"unix://{socket}", False) for socket in own_engine.neighbours(place)), None)


def default_host(env: Mapping[str, str]) -> str:
    """Where the user's docker client looks: the endpoint of its current context."""
    bare = {name: value for name, value in env.items() if name != "DOCKER_HOST"}
    socket = socket_of(DEFAULT_HOST)
    if "DOCKER_CONTEXT" not in env and socket is not None and answers(socket):
        return DEFAULT_HOST
    for client in clients(env.get("PATH", ""))[:1]:
        context = capture([str(client), "context", "inspect", "-f", "{{.Endpoints.docker.Host}}"], bare)
        if context.ok and context.out.strip():
            return context.out.strip()
    return DEFAULT_HOST


def dockerd_of(env: Mapping[str, str]) -> Path:
    found = shutil.which("dockerd", path=f"{env.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise MachineError(WHERE, "the project's own engine was used before, and there is no dockerd now", REMEDY)
    return Path(found)


def ready(place: Place, env: Mapping[str, str]) -> Docker:
    """See that an engine answers and that there is a client for it."""
    found = running(place, env)
    if found is None:
        debian.refuse_elsewhere(WHERE, "no engine answers", REMEDY)
        install_missing(place, env)
        host = default_host(env)
        if is_answering(host, env):
            found = (host, False)
        else:
            own_engine.start(place, dockerd_of(env))
            found = (f"unix://{place.socket}", True)
    host, own = found
    client = with_buildkit(clients(env.get("PATH", "")), env)
    if client is None:
        raise MachineError(
            WHERE,
            "no docker client on PATH that can build with BuildKit",
            "install docker's client with its buildx plugin (Debian: docker-cli docker-buildx)",
        )
    what = "the project's own engine" if own else "found an engine"
    say(WHERE, f"{what} at {host}, client {client}")
    return Docker(host, client, own)


def install_missing(place: Place, env: Mapping[str, str]) -> None:
    """Install Debian's engine, its client and what it needs, unless all of it is there."""
    path = f"{env.get('PATH', '')}:/usr/sbin:/sbin"
    has_client = with_buildkit(clients(env.get("PATH", "")), env) is not None
    if has_client and all(shutil.which(name, path=path) for name in ("dockerd", "iptables", "ip")):
        return
    debian.install(WHERE, "engine", [ENGINE, *NEEDED], PERHAPS, place, env)
