"""What `make status` prints. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.setup.report import HEADINGS, NO_FACADE, default_row, row, table


@dataclass(frozen=True)
class ServiceStatus:
    """How a service is."""

    name: str
    desired: int
    running: int
    state: str
    """Of its deployment or, where there is none, of its containers; in one line."""
    image: str
    """What runs."""
    events: tuple[str, ...] = ()
    """The last ones, the newest first, a line each."""


@dataclass(frozen=True)
class Alarm:
    """How an alarm is."""

    name: str
    state: str
    """`OK`, `ALARM` or `INSUFFICIENT_DATA`."""
    reason: str


@dataclass(frozen=True)
class Status:
    """How a stack is."""

    services: Sequence[ServiceStatus]
    alarms: Sequence[Alarm] | None = field(default=None)
    """None: the platform has none."""


def text(
    status: Status,
    url: str,
    routes: Iterable[Mapping[str, Any]],
    diagram: str,
    elsewhere: Mapping[str, str] | None = None,
) -> str:
    """The whole page. elsewhere: where each service is that isn't ours."""
    services = [
        (service.name, f"{service.running} of {service.desired}", service.state, short(service.image))
        for service in status.services
    ]
    services += [(name, "", "runs elsewhere", place) for name, place in (elsewhere or {}).items()]
    parts = [
        url or NO_FACADE,
        table([("SERVICE", "RUNNING", "STATE", "IMAGE"), *services]),
        *([table([HEADINGS, *(row(dict(route)) for route in routes), default_row(diagram)])] if url else ()),
    ]
    events = [f"  {service.name}: {event}" for service in status.services for event in service.events]
    if events:
        parts.append("\n".join(["Last events:", *events]))
    if status.alarms is not None:
        parts.append(_alarms(status.alarms))
    return "\n\n".join(parts)


def _alarms(alarms: Sequence[Alarm]) -> str:
    if not alarms:
        return "Alarms: none"
    listed = sorted(alarms, key=lambda alarm: (alarm.state != "ALARM", alarm.name))
    rows = [(item.name, item.state, item.reason if item.state == "ALARM" else "") for item in listed]
    return table([("ALARM", "STATE", "REASON"), *rows])


def short(image: str) -> str:
    """An image's reference without its registry, and with 12 characters of its digest."""
    name = image.rpartition("/")[2]
    plain, at, digest = name.partition("@sha256:")
    return f"{plain}@{digest[:12]}" if at else name
