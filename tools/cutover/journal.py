"""What was done, an event a line: `.strangler/reports/<stack>/steps.jsonl`."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

EVENTS = ("started", "advanced", "baked", "taken back", "interrupted", "failed")
"""A step begins; the traffic has moved; it was watched to its end; it went back; it was left, or could not be made."""


@dataclass(frozen=True)
class Journal:
    """The events of a stack."""

    path: Path

    @staticmethod
    def of(folder: Path, stack: str) -> "Journal":
        """The one of a stack. folder: the project's."""
        return Journal(folder / ".strangler/reports" / stack.replace("/", "_") / "steps.jsonl")

    def note(self, event: str, route: str, before: int, after: int, why: str) -> None:
        """Appends an event, in one piece."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = {"at": at, "route": route, "from": before, "to": after, "event": event, "why": why}
        with self.path.open("ab+") as file:
            half = file.tell() > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
            file.write(b"\n" * half + json.dumps(entry).encode() + b"\n")

    def last(self, route: str) -> dict[str, Any]:
        """The last event of a route; empty if there is none. Half a line, of a killed run, is passed over."""
        found: dict[str, Any] = {}
        for line in self.path.read_text().splitlines() if self.path.is_file() else ():
            try:
                entry = cast("dict[str, Any]", json.loads(line))
            except ValueError:
                continue
            if entry.get("route") == route:
                found = entry
        return found
