"""`sidecars` of a manifest: the containers beside the main one, and what starts before what. Pure.

Rules and defaults are Copilot's (v1.34). A name is what ECS takes for a container (RegisterTaskDefinition: name).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from components.input.diagnostics import did_you_mean, one_of
from components.input.value import Value
from components.manifest import variables
from components.manifest.image import Build, ContainerHealthCheck, read_build, read_healthcheck, reference, words
from components.manifest.variables import Secret

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_PORT = re.compile(r"([1-9][0-9]{0,4})(?:/(tcp|udp))?", re.IGNORECASE)

CONDITIONS = ("start", "healthy", "complete", "success")
"""What a container can wait for in another one: that it has been started, that its own check finds it well, that it has
ended, that it has ended with 0."""

_OF_ESSENTIAL = CONDITIONS[:2]
"""The end of an essential container is the end of its task."""


@dataclass(frozen=True)
class MountPoint:
    """Where a sidecar finds one of the task's volumes. read_only: default true."""

    volume: str
    path: str
    read_only: bool = True


@dataclass(frozen=True)
class Sidecar:
    """A container beside the main one, on the same network interface. location: the image's reference, unless it is
    built. port: where it listens (default: nowhere); protocol: tcp or udp. essential: whether the task ends with it.
    credentials: name or ARN of the secret with which its image is pulled. env_file: a file of variables, which
    `variables` go before. depends_on: the condition by container, sorted."""

    name: str
    location: str | None = None
    build: Build | None = None
    port: int | None = None
    protocol: str = "tcp"
    essential: bool = True
    credentials: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, Secret], ...] = ()
    env_file: str | None = None
    mount_points: tuple[MountPoint, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    depends_on: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: ContainerHealthCheck | None = None


def read_sidecars(at: Value, main: str, folder: str) -> tuple[Sidecar, ...]:
    """The sidecars that stand here, sorted. main: the main container's name. folder: where a Dockerfile is unless it is
    named."""
    found = {name: _sidecar(inner, name, main, folder) for name, inner in at.entries() if inner}
    return tuple(found[name] for name in sorted(found))


def _sidecar(at: Value, name: str, main: str, folder: str) -> Sidecar:
    if name == main:
        at.fail("give it another name", f"the main container is called {name} too")
    elif not _NAME.fullmatch(name):
        at.fail("name it with letters, digits, - and _, 255 at most", f"the name {name!r}")
    at.require_map()
    image = at.get("image")
    if at.is_map() and not image:
        at.missing("image", "write an image's reference, or build: with a Dockerfile")
    port, protocol = _port(at.get("port"))
    return Sidecar(
        name=name,
        location=reference(image.get("location") if image.is_map() else image),
        build=read_build(image, folder) if image else None,
        port=port,
        protocol=protocol,
        essential=at.get("essential").boolean(True),
        credentials=read_credentials(at.get("credentialsParameter"), image),
        variables=variables.variables(at.get("variables")),
        secrets=variables.secrets(at.get("secrets")),
        env_file=at.get("env_file").text() or None,
        mount_points=tuple(_mount_point(each) for each in at.get("mount_points").items()),
        labels=read_labels(at.get("labels")),
        depends_on=read_depends_on(at.get("depends_on")),
        entrypoint=words(at.get("entrypoint")),
        command=words(at.get("command")),
        healthcheck=read_healthcheck(at.get("healthcheck")),
    )


def _port(at: Value) -> tuple[int | None, str]:
    """A number, or a text such as `80` and `53/udp`."""
    found = _PORT.fullmatch(str(at.value)) if isinstance(at.value, (int, str)) else None
    if at and not (found and int(found[1]) <= 65535):
        at.fail("give a port from 1 to 65535, and /udp behind it if it is one of UDP, such as 8125/udp")
        return None, "tcp"
    return (int(found[1]), (found[2] or "tcp").lower()) if found else (None, "tcp")


def _mount_point(at: Value) -> MountPoint:
    for key, remedy in (("source_volume", "name one of storage.volumes"), ("path", "write the path in the container")):
        if not at.get(key):
            at.missing(key, remedy)
    return MountPoint(at.get("source_volume").text(""), at.get("path").text(""), at.get("read_only").boolean(True))


def read_credentials(at: Value, image: Value) -> str | None:
    """The name or the ARN of the secret with which a private registry is asked for `image`."""
    name = at.text()
    if name is None:
        return None
    if not variables.is_secret(name):
        at.fail("give a secret's name or arn:aws:secretsmanager:<region>:<account>:secret:<name>")
    elif image.get("build"):
        at.fail("take it out: what is built here is pulled without it", "found beside build")
    return name


def read_labels(at: Value) -> tuple[tuple[str, str], ...]:
    """The labels that stand here, sorted."""
    return tuple(sorted(at.each(lambda each: each.text("")).items()))


def read_depends_on(at: Value) -> tuple[tuple[str, str], ...]:
    """The containers that one waits for, each with its condition, sorted."""
    return tuple((name, state) for name, state in sorted(at.each(_condition).items()) if state)


def _condition(at: Value) -> str:
    if isinstance(at.value, str) and at.value.lower() in CONDITIONS:
        return at.value.lower()
    at.fail(f"give {one_of(CONDITIONS)}")
    return ""


@dataclass(frozen=True)
class Container:
    """What others need to know of a container to wait for it. at: where its depends_on stands."""

    at: Value
    depends_on: tuple[tuple[str, str], ...] = ()
    essential: bool = True
    checked: bool = False


def check_order(containers: Mapping[str, Container]) -> None:
    """Notes what a container waits for in vain: who isn't there, the end of an essential one, the health of one without
    a check, and itself."""
    for name, container in containers.items():
        for other, condition in container.depends_on:
            at, target = container.at.get(other), containers.get(other)
            if target is None:
                at.fail(did_you_mean(other, containers), f"unknown container {other!r}")
            elif target.essential and condition not in _OF_ESSENTIAL:
                remedy = f"give {one_of(_OF_ESSENTIAL)}, or set essential: false there"
                at.fail(remedy, f"{condition} of {other}, with whose end the task ends")
            elif condition == "healthy" and not target.checked:
                at.fail("write a healthcheck for it, or wait for its start", f"{other} has no healthcheck")
            elif other == name:
                at.fail("take it out", f"{name} waits for itself")
            elif _reaches(containers, other, name):
                at.fail("take one of them out", f"{name} and {other} wait for each other")


def _reaches(containers: Mapping[str, Container], start: str, end: str) -> bool:
    """Whether `start` waits for `end`, by way of others too."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name == end:
            return True
        if name not in seen and name in containers:
            seen.add(name)
            ahead += [other for other, _ in containers[name].depends_on]
    return False
