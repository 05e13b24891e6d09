"""Lines of logs: one form on both platforms. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, order=True)
class Line:
    """A line of a log. They sort by time."""

    time: str
    """In UTC, to the second: `2026-11-29T22:55:07Z`."""
    origin: str
    """Who wrote it: a service's task or container."""
    text: str

    def __str__(self) -> str:
        return f"{self.time} {self.origin}  {self.text}"


def of_event(service: str, stream: str, milliseconds: int, message: str) -> Line:
    """Of an event in CloudWatch Logs. stream: `<prefix>/<container>/<task>`, as the driver `awslogs` names it."""
    container, _, task = stream.rpartition("/")
    container = container.rpartition("/")[2]
    who = service if container in ("", service) else f"{service}/{container}"
    time = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return Line(f"{time:%Y-%m-%dT%H:%M:%SZ}", f"{who} {task[:8]}", message.rstrip("\n"))


def of_docker(origin: str, written: str) -> Line:
    """Of a line with the engine's time in front, which has nanoseconds."""
    time, _, text = written.partition(" ")
    return Line(f"{time[:19]}Z", origin, text.rstrip("\r"))
