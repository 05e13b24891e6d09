"""Who answers on the way from one route table to the next, asked after every single operation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from components.model.routes import Distribution, RouteTable
from tools.standin import trace
from tools.standin.cloud import Operation, Snapshot

_METHODS = ("GET", "POST")

TOLD = 403
"""What port 80 of the facade `alb` says to what it can't redirect."""

Shares = Mapping[str | int, float]


@dataclass
class Results:
    """What was asked, and what was wrong with the answers; of all lives together."""

    operations: int = 0
    answers: int = 0
    wrong: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Watch:
    """From the table `old` to the table `new` behind `url`. paths: what is asked for."""

    facade: str
    url: str
    old: RouteTable
    new: RouteTable
    paths: tuple[str, ...]
    results: Results
    https: str = ""
    """Where the facade `alb` answers with TLS after it, if it does then."""
    redirected: bool = False
    """Whether a client may be told to come by https, before it or after."""

    def look(self, operation: Operation) -> None:
        """Notes who answers just after an operation, where that is neither the old owner nor the new one."""
        self.results.operations += 1
        for method, path in self.requests():
            answered = self.ask(operation.snapshot, method, path)
            self.results.answers += 1
            to_https = self.redirected and method != "GET" and same(answered, {TOLD: 1.0})
            if not to_https and not any(
                same(answered, self.owners(table, method, path)) for table in (self.old, self.new)
            ):
                what = f"{operation.kind} {operation.type.rpartition(':')[2]} {operation.name} {operation.phase}"
                self.results.wrong.append(
                    f"{what}: {method} {path} is answered by {dict(answered)}, {self.meant(method, path)}"
                )

    def ends(self, snapshot: Snapshot) -> None:
        """Notes who answers in the end, where that is not the new owner."""
        for method, path in self.requests():
            answered = self.ask(snapshot, method, path, self.https or self.url)
            self.results.answers += 1
            if not same(answered, self.owners(self.new, method, path)):
                self.results.wrong.append(
                    f"in the end: {method} {path} is answered by {dict(answered)}, {self.meant(method, path)}"
                )

    def ask(self, snapshot: Snapshot, method: str, path: str, url: str = "") -> Shares:
        if self.facade == "alb":
            return trace.followed(snapshot, url or self.url, method, path)
        return trace.answer(snapshot, self.url, method, path, greedy_takes_empty=True)

    def meant(self, method: str, path: str) -> str:
        old, new = (dict(self.owners(table, method, path)) for table in (self.old, self.new))
        return f"not by {old} or {new}"

    def owners(self, table: RouteTable, method: str, path: str) -> Shares:
        return shares(table.resolve(method, path))

    def requests(self) -> Iterator[tuple[str, str]]:
        """At, below and beside every path, and what no route takes."""
        for path in dict.fromkeys(pattern.replace("{id}", value) for pattern in self.paths for value in ("b", "7")):
            for asked in (path, f"{path}/", f"{path}/1", f"{path}x"):
                if not (asked == f"{path}/" and self._ambiguous(path)):
                    yield from ((method, asked) for method in _METHODS)
        yield "GET", "/"

    def _ambiguous(self, path: str) -> bool:
        """An HTTP API can't give `/a/` to a route without children; see `components.aws.plan.http_api_routes`."""
        routes = (*self.old.routes, *self.new.routes)
        exact = [replace(route, methods=()) for route in routes if not route.children]
        return self.facade == "api-gateway" and any(route.takes("GET", path) for route in exact)


def shares(found: Distribution) -> Shares:
    """As a trace tells it: nobody is a 503."""
    return {trace.UNAVAILABLE if name is None else name: float(share) for name, share in found.items()}


def same(one: Shares, other: Shares) -> bool:
    """Whether two answers are the same, but for the rounding of weights."""
    return one.keys() == other.keys() and all(abs(share - other[name]) < 0.002 for name, share in one.items())
