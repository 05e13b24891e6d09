"""`sidecars` of a manifest: the containers beside the main one, and what starts before what. Pure.

Rules and defaults are Copilot's (v1.34). A name is what ECS takes for a container (RegisterTaskDefinition: name).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from components.input.diagnostics import did_you_mean, one_of
from components.input.value import Value
from components.manifest.image import (
    BUILD,
    FORMS,
    HEALTHCHECK,
    Build,
    ContainerHealthCheck,
    read_build,
    read_healthcheck,
    reference,
    words,
)
from components.manifest.storage import check_mounted
from components.manifest.support import BUILT, PULLED, Field, Group, State, group
from components.manifest.variables import SECRETS, VARIABLES, Secret, is_secret, read_secrets, read_variables

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_PORT = re.compile(r"([1-9][0-9]{0,4})(?:/(tcp|udp))?", re.IGNORECASE)

CONDITIONS = ("start", "healthy", "complete", "success")
"""What a container can wait for in another one: that it has started, that its own health check passes, that it has
exited, that it has exited with 0."""

_OF_ESSENTIAL = CONDITIONS[:2]
"""When an essential container exits, its task stops."""


SIDECARS = Group(
    any_key=Group(
        {
            "port": BUILT,
            "image": Group({"build": BUILD, "location": BUILT}, short=BUILT, forms=FORMS),
            "essential": Field(
                State.BUILT,
                State.BUILT,
                "on the local platform, a container that ends is restarted alone, not the whole task",
            ),
            "credentialsParameter": PULLED,
            "variables": VARIABLES,
            "env_file": BUILT,
            "secrets": SECRETS,
            "labels": Group(any_key=BUILT),
            "depends_on": Group(any_key=BUILT),
            "mount_points": Group(item=group("source_volume", "path", "read_only", of=BUILT)),
            "healthcheck": HEALTHCHECK,
            "entrypoint": BUILT,
            "command": BUILT,
        }
    )
)
"""The fields of `sidecars`."""


@dataclass(frozen=True)
class MountPoint:
    """Where a sidecar mounts one of the task's volumes."""

    volume: str
    """Its name in `storage.volumes`."""
    path: str
    """In the container."""
    read_only: bool = True
    """Default true."""


@dataclass(frozen=True)
class Sidecar:
    """A container beside the main one, on the same network interface."""

    name: str
    """Up to 255 letters, digits, `-` and `_`."""
    location: str | None = None
    """The image's reference. Default: it is built."""
    build: Build | None = None
    """How the image is built. Default: it is given by its location."""
    port: int | None = None
    """The port on which it listens. Default: none."""
    protocol: str = "tcp"
    """Of the port: `tcp` (default) or `udp`."""
    essential: bool = True
    """Whether the task stops when it exits. Default true."""
    credentials: str | None = None
    """Name or ARN of the secret with which its image is pulled. Default: none is needed."""
    variables: tuple[tuple[str, str], ...] = ()
    """Sorted. Default: none."""
    secrets: tuple[tuple[str, Secret], ...] = ()
    """Sorted. Default: none."""
    env_file: str | None = None
    """A file of variables, which `variables` override. Default: none."""
    mount_points: tuple[MountPoint, ...] = ()
    """Default: none."""
    labels: tuple[tuple[str, str], ...] = ()
    """Docker labels, sorted. Default: none."""
    depends_on: tuple[tuple[str, str], ...] = ()
    """The condition by container that it waits for, sorted. Default: it waits for none."""
    entrypoint: tuple[str, ...] = ()
    """Default: the image's."""
    command: tuple[str, ...] = ()
    """Default: the image's."""
    healthcheck: ContainerHealthCheck | None = None
    """Default: none."""


def read_sidecars(at: Value, main: str, folder: str) -> tuple[Sidecar, ...]:
    """`sidecars`, sorted. main: the main container's name. folder: where a Dockerfile is unless it is named."""
    found = {name: _sidecar(inner, name, main, folder) for name, inner in at.entries() if inner}
    return tuple(found[name] for name in sorted(found))


def check_name(at: Value, name: str, main: str) -> None:
    """Reports a sidecar's name that it can't have. main: the main container's."""
    if name == main:
        at.fail("give it another name", f"the main container also has the name {name}")
    elif not _NAME.fullmatch(name):
        at.fail("use up to 255 letters, digits, - and _", f"the name {name!r}")


def _sidecar(at: Value, name: str, main: str, folder: str) -> Sidecar:
    check_name(at, name, main)
    at.require_map()
    image = at.required("image", "write an image's reference, or build: with a Dockerfile")
    port, protocol = _port(at.get("port"))
    return Sidecar(
        name=name,
        location=reference(image.get("location") if image.is_map() else image),
        build=read_build(image, folder) if image else None,
        port=port,
        protocol=protocol,
        essential=at.get("essential").boolean(True),
        credentials=read_credentials(at.get("credentialsParameter"), built=bool(image.get("build"))),
        variables=read_variables(at.get("variables")),
        secrets=read_secrets(at.get("secrets")),
        env_file=at.get("env_file").text() or None,
        mount_points=tuple(_mount_point(point) for point in at.get("mount_points").items()),
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
        at.fail("give a port from 1 to 65535, with /udp for UDP, such as 8125/udp")
        return None, "tcp"
    return (int(found[1]), (found[2] or "tcp").lower()) if found else (None, "tcp")


def _mount_point(at: Value) -> MountPoint:
    place = at.required("path", "write the path in the container")
    return MountPoint(
        volume=at.required("source_volume", "give the name of one of storage.volumes").text(""),
        path=check_mounted(place, place.text("")),
        read_only=at.get("read_only").boolean(True),
    )


def read_credentials(at: Value, built: bool) -> str | None:
    """The name or the ARN of the secret with which an image is pulled from a private registry. built: whether it is
    built here."""
    name = at.text()
    if name is None:
        return None
    if not is_secret(name):
        at.fail("give a secret's name or arn:aws:secretsmanager:<region>:<account>:secret:<name>")
    elif built:
        at.fail("remove it: an image that is built here doesn't need it", "found together with build")
    return name


def read_labels(at: Value) -> tuple[tuple[str, str], ...]:
    """Docker labels, sorted."""
    return tuple(sorted(at.mapped(lambda label: label.text("")).items()))


def read_depends_on(at: Value) -> tuple[tuple[str, str], ...]:
    """The containers that one waits for, each with its condition, sorted."""
    return tuple((name, state) for name, state in sorted(at.mapped(_condition).items()) if state)


def _condition(at: Value) -> str:
    if isinstance(at.value, str) and at.value.lower() in CONDITIONS:
        return at.value.lower()
    at.fail(f"give {one_of(CONDITIONS)}")
    return ""


@dataclass(frozen=True)
class Container:
    """What matters of a container to those that wait for it."""

    at: Value
    """Its `depends_on`."""
    depends_on: tuple[tuple[str, str], ...] = ()
    """The condition by container that it waits for, sorted. Default: it waits for none."""
    essential: bool = True
    """Whether the task stops when the container does. Default true."""
    checked: bool = False
    """Whether it has a health check of its own. Default false."""


def check_order(containers: Mapping[str, Container]) -> None:
    """Reports what a container would wait for in vain: an unknown container, the end of an essential one, the health of
    one without a check, and itself."""
    for name, container in containers.items():
        for other, condition in container.depends_on:
            at, target = container.at.entry(other), containers.get(other)
            if target is None:
                at.fail(did_you_mean(other, containers), f"unknown container {other!r}")
            elif target.essential and condition not in _OF_ESSENTIAL:
                remedy = f"give {one_of(_OF_ESSENTIAL)}, or set essential: false there"
                at.fail(remedy, f"{condition} of {other}, which is essential: when it ends, so does the task")
            elif condition == "healthy" and not target.checked:
                at.fail("write a healthcheck for it, or use start", f"{other} has no healthcheck")
            elif other == name:
                at.fail("remove it", f"{name} waits for itself")
            elif _reaches(containers, other, name):
                at.fail("remove one of them", f"{name} and {other} wait for each other")


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


def check_mounts(at: Value, sidecars: Iterable[Sidecar], volumes: Collection[str]) -> None:
    """Reports a sidecar that mounts what is no volume of its task. at: `sidecars`. volumes: their names."""
    for sidecar in sidecars:
        for point in at.get(sidecar.name).get("mount_points").items():
            place = point.get("source_volume")
            name = place.value if isinstance(place.value, str) else ""  # what is no name was reported where it was read
            if name and name not in volumes:
                remedy = did_you_mean(name, volumes) if volumes else "write it under storage.volumes"
                place.fail(remedy, f"unknown volume {name!r}")
