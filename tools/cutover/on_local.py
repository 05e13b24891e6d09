"""What the local facade's Envoy counts of a route's service and of the old side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.local.docker_engine import Engine, EngineError
from components.local.envoy.admin import Proxy, ProxyError, Tally
from components.local.ownership import Owner
from components.local.platform import FACADE
from tools.cutover.request import VERB, Asked
from tools.cutover.stack import Found, Stack
from tools.cutover.verdict import Counts, Verdict, judge
from tools.setup.say import MachineError

LOOK_EVERY = 1.0


@dataclass
class LocalWatch:
    """Counts from a moment on. What a container counted that has gone since is lost, as Envoy forgets it."""

    asked: Asked
    service: str
    """The route's."""
    old: Sequence[str]
    """Those that would answer without the route."""
    proxy: Proxy
    every: float = LOOK_EVERY
    _before: Mapping[str, Tally] = field(default_factory=dict[str, Tally])

    @staticmethod
    def of(stack: Stack, found: Found, asked: Asked) -> "LocalWatch":
        """That of a stack."""
        owner = Owner(stack.folder, found.deployed.project, stack.name)
        try:
            proxy = Proxy(Engine.connect(), owner.name(FACADE))
        except EngineError as failure:
            raise MachineError(VERB, str(failure), "look whether the engine runs") from None
        return LocalWatch(asked, found.service, [found.default] if found.default else [], proxy)

    def trouble(self) -> str:
        """Why nothing can be watched now; empty: it can."""
        try:
            self._tallies()
        except (EngineError, ProxyError) as failure:
            return str(failure)
        return ""

    def begin(self) -> None:
        """From now on."""
        self._before = self._tallies()

    def look(self) -> Verdict:
        """What has been so far."""
        now = self._tallies()
        return judge(self.asked, self.service, self._since([self.service], now), self._since(self.old, now))

    def _tallies(self) -> Mapping[str, Tally]:
        return self.proxy.tallies()

    def _since(self, services: Sequence[str], now: Mapping[str, Tally]) -> Counts:
        total = Counts(0, 0)
        for name, tally in now.items():
            # A cluster's name is its service's, with a hash behind it.
            if name.rpartition("-")[0] in services:
                total = total.plus(_counts(tally).since(_counts(self._before.get(name, Tally(0, 0)))))
        return total


def _counts(tally: Tally) -> Counts:
    return Counts(tally.requests, tally.errors, tally.slower)
