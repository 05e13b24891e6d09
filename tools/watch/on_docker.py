"""The figures of the facade on this machine, from Envoy's own counters."""

import time
from collections import deque
from pathlib import Path

from components.local.docker_engine import Engine
from components.local.envoy.admin import Proxy, ProxyError
from components.local.envoy.statistics import Counts, RequestCount, by_service
from components.local.ownership import Owner
from tools.operate.on_docker import one_line
from tools.setup.say import MachineError
from tools.watch.figures import FiguresByService, of_count

SECONDS = 5.0
"""Over how long figures are taken."""


class EnvoyFigures:
    """Asks Envoy, and compares with what it said some seconds ago."""

    every = 1.0
    """Seconds between two questions."""

    def __init__(self, verb: str, folder: Path, project: str, stack: str) -> None:
        self._verb, self._samples = verb, deque[tuple[float, Counts]]()
        with one_line(verb):
            self._proxy = Proxy(Engine.connect(), Owner(folder.resolve(), project, stack).name("facade"))

    def figures(self) -> FiguresByService:
        """Of the last seconds; nothing at the first question."""
        self._samples.append((time.monotonic(), self._counted()))
        while len(self._samples) > 2 and self._samples[-1][0] - self._samples[1][0] >= SECONDS:
            self._samples.popleft()
        (then, before), (now, after) = self._samples[0], self._samples[-1]
        if now == then:
            return {name: of_count(RequestCount(), 1) for name in by_service(after, after)}
        return {name: of_count(count, now - then) for name, count in by_service(after, before).items()}

    def _counted(self) -> Counts:
        with one_line(self._verb):
            try:
                return self._proxy.counted()
            except ProxyError as failure:
                remedy = "`make up` brings back what is gone"
                raise MachineError(self._verb, str(failure).splitlines()[0], remedy) from None
