"""A clock of a deployment's own: minutes pass at once, and in the same way on a slow machine and on a quick one."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

Needs = Mapping[str, frozenset[str]]
"""Of each operation, by its URN, the operations that must have ended before it can begin."""


@dataclass(frozen=True)
class Span:
    """When an operation began and ended, in seconds from the clock's start."""

    begin: float
    end: float


class Clock:
    """Goes on to the next end of an operation as soon as everything that can have begun has begun.

    So it stands still while the engine and the program compute, however long that takes on this machine, and what is
    measured is the time of the operations alone. needs: what can begin when. slots: how many operations the engine runs
    side by side (`--parallel`). patience: seconds of real time without any news, after which it goes on nevertheless,
    and notes in `late` what had not begun: it waits for something that `needs` doesn't say.
    """

    def __init__(self, needs: Needs, slots: int, patience: float = 60.0) -> None:
        self.now = 0.0
        self.spans: dict[str, Span] = {}
        self.late: set[str] = set()
        self._needs, self._slots, self._patience = needs, slots, patience
        self._due: dict[str, float] = {}
        self._ended: set[str] = set()
        self._changed = threading.Condition()
        self._news = time.monotonic()

    def sleep(self, urn: str, seconds: float) -> None:
        """Take so many seconds of this clock's time for an operation."""
        with self._changed:
            self.spans[urn] = Span(self.now, self.now + seconds)
            self._due[urn] = self.now + seconds
            self._tell()
            while urn in self._due:
                if self._settled():
                    self._go_on()
                elif not self._changed.wait(self._patience) and time.monotonic() - self._news >= self._patience:
                    self.late |= self._missing()
                    self._go_on()

    def _missing(self) -> set[str]:
        """What can have begun, and has not."""
        return {urn for urn, needs in self._needs.items() if urn not in self.spans and needs <= self._ended}

    def _settled(self) -> bool:
        return len(self._due) >= self._slots or not self._missing()

    def _go_on(self) -> None:
        self.now = min(self._due.values())
        over = {urn for urn, due in self._due.items() if due <= self.now}
        self._ended |= over
        for urn in over:
            del self._due[urn]
        self._tell()

    def _tell(self) -> None:
        self._news = time.monotonic()
        self._changed.notify_all()
