"""What the local facade's Envoy counts of a route's service and of the old side."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from components.local.docker_engine import Engine, EngineError
from components.local.envoy.admin import Proxy, ProxyError
from components.local.envoy.statistics import Counts, RequestCount, by_service
from components.local.ownership import Owner
from components.local.platform import FACADE
from tools.cutover.request import VERB, Asked
from tools.cutover.stack import Found, Stack
from tools.cutover.verdict import Verdict, judge
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
    _before: Counts = field(default_factory=dict[str, RequestCount])

    @staticmethod
    def of(stack: Stack, found: Found, asked: Asked) -> "LocalWatch":
        """That of a stack."""
        owner = Owner(stack.folder, found.deployed.project, stack.name)
        try:
            proxy = Proxy(Engine.connect(), owner.name(FACADE))
        except EngineError as failure:
            raise MachineError(VERB, str(failure), "check that the Docker engine is running") from None
        return LocalWatch(asked, found.service, [found.default] if found.default else [], proxy)

    def trouble(self) -> str:
        """Why nothing can be watched now; empty: it can."""
        try:
            self._counted()
        except (EngineError, ProxyError) as failure:
            return str(failure)
        return ""

    def begin(self) -> None:
        """From now on."""
        self._before = self._counted()

    def look(self) -> Verdict:
        """What has been so far."""
        since = by_service(self._counted(), self._before)
        old = RequestCount()
        for service in self.old:
            old = old.plus(since.get(service, RequestCount()))
        return judge(self.asked, self.service, since.get(self.service, RequestCount()), old)

    def _counted(self) -> Counts:
        return self.proxy.counted()
