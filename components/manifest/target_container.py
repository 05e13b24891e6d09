"""Which container and port of a task a load balancer sends to. Pure.

As Copilot's parser at v1.34 has it: without either field, the main container at the port that the caller gives; a
sidecar without `target_port`, at its own port; a port without `target_container`, the sidecar that listens there, else
the main container.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from components.input.diagnostics import did_you_mean
from components.input.value import Value


@dataclass(frozen=True)
class Containers:
    """The containers of a task."""

    main: str
    """The main container's name: the service's."""
    sidecars: Mapping[str, int | None]
    """The port of each sidecar by name; None: it has none."""


def containers(at: Value) -> Containers:
    """The containers of a manifest. Mistakes in a sidecar are reported where it is read."""
    sidecars = at.get("sidecars")
    ports = {name: _port(sidecars.get(name).get("port").value) for name in sidecars.names()}
    return Containers(str(at.get("name").value), ports)


def _port(value: object) -> int | None:
    """A sidecar's port: a number, or a text such as `80` and `53/udp`."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})(?:/\w+)?", str(value))
    return int(found[1]) if found else None


def target(at: Value, known: Containers) -> tuple[str | None, int | None]:
    """The container and port of a rule or listener: None is the main container, and the default port there."""
    name, port = _name(at, known), at.get("target_port").integer(None, 1, 65535)
    if name is None and port is not None:
        name = next((sidecar for sidecar, own in known.sidecars.items() if own == port), None)
    elif name is not None and port is None:
        port = known.sidecars[name]
        if port is None and not at.get("target_port"):
            remedy = f"write target_port, or port: in sidecars.{name}"
            at.get("target_container").fail(remedy, f"the sidecar {name} has no port")
    return name, port


def _name(at: Value, known: Containers) -> str | None:
    """The sidecar that is named; None for the main container. `targetContainer` is the old spelling."""
    given, old = at.get("target_container"), at.get("targetContainer")
    if given and old:
        old.fail("keep one of them", "both target_container and targetContainer")
    place = given or old
    name = place.text()
    if name is None or name == known.main:
        return None
    if name not in known.sidecars:
        names = (known.main, *known.sidecars)
        place.fail(f"name a container of this service: {did_you_mean(name, names)}", f"unknown container {name!r}")
        return None
    return name
