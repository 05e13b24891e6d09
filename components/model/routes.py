"""What a route means: the only definition, which every facade holds to. Pure.

A route is a path prefix that a service may take over from the default. Paths are matched case-sensitively and without
the query; the longest path wins; at the same path, a route that lists the request's method beats one that lists none.
Weight w sends w of 100 requests to the route's service, and the rest where they would go without the route.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""The methods that a route can list: those that Refactor Spaces, HTTP APIs and ALBs all know."""

MAX_PATH = 128
"""The longest path of a route in characters: an ALB condition's value holds no more (ELB API, PathPatternConfig)."""

_SEGMENT = re.compile(r"[A-Za-z0-9._~:-]+")
_PARAMETER = re.compile(r":[A-Za-z_]\w*|\{[^{}]*\}")
"""As routers of applications write a part that varies: `:slug`, `{slug}`. No client asks for it literally."""


@dataclass(frozen=True)
class Route:
    """A path that a service may take over."""

    id: str
    """Its name in config, plans and messages."""
    path: str
    """A path prefix. Begins with `/`, and doesn't end with it."""
    service: str
    """The service that gets the requests."""
    methods: tuple[str, ...] = ()
    """The HTTP methods that it takes, sorted. Default: all."""
    children: bool = True
    """Whether it takes everything below the path too. Default true."""
    weight: int = 0
    """Percent of matching requests that the service gets, 0 to 100: the others go where they would without the route.
    Default 0: inactive."""

    def takes(self, method: str, path: str) -> bool:
        """Whether a request would be this route's, were it the only one and active."""
        if self.methods and method not in self.methods:
            return False
        return path in (self.path, f"{self.path}/") or (self.children and path.startswith(f"{self.path}/"))

    def covers(self, path: str, *, below: bool) -> bool:
        """Whether the route takes requests for a path itself, or for what is below it, were it the only one and
        active."""
        if self.path == path:
            return self.children or not below
        return self.children and path.startswith(f"{self.path}/")

    @property
    def rank(self) -> tuple[int, bool, str, str]:
        """The place among the routes: smaller is matched first. Of the routes that take one request, each path is a
        prefix of the next, so that more segments means longer."""
        return (-self.path.count("/"), not self.methods, self.path, self.id)


def within(path: str, other: str) -> bool:
    """Whether a path is another one, or below it. Everything is below the empty path."""
    return path == other or path.startswith(f"{other}/")


Distribution = Mapping[str | None, Fraction]
"""Which services get a request, and with what probability; None is a 503."""


@dataclass(frozen=True)
class RouteTable:
    """All routes and the default."""

    routes: tuple[Route, ...]
    """Sorted as they are matched."""
    default: str | None
    """The service that answers what no route takes; None for a 503."""

    @staticmethod
    def of(routes: Iterable[Route], default: str | None) -> "RouteTable":
        """The table of routes in any order."""
        return RouteTable(tuple(sorted(routes, key=lambda route: route.rank)), default)

    def resolve(self, method: str, path: str) -> Distribution:
        """Who gets a request. `path` is what the client asked for; a query is left out of account."""
        plain = path.partition("?")[0]
        return self.distribution([route for route in self.routes if route.takes(method, plain)])

    def distribution(self, matching: Iterable[Route]) -> Distribution:
        """Who gets a request that these routes take, given in the order in which they are matched."""
        left = Fraction(1)
        shares: dict[str | None, Fraction] = {}
        for route in matching:
            share = left * route.weight / 100
            shares[route.service] = shares.get(route.service, Fraction(0)) + share
            left -= share
        shares[self.default] = shares.get(self.default, Fraction(0)) + left
        return {service: share for service, share in shares.items() if share}


def path_mistake(path: str) -> tuple[str, str] | None:
    """What is wrong with a route's path and how to write it, or None. Only what every facade can hold is a path."""
    if not path.startswith("/"):
        return f"the path {path!r} does not begin with /", f"write /{path}"
    if path == "/":
        return "the path / is what the default service answers", "write a path below it, such as /api/users"
    if path.endswith("/"):
        return (
            f"the path {path!r} ends with /",
            f"write {path.rstrip('/') or '/api/users'}: {path} is taken along with it",
        )
    if len(path) > MAX_PATH:
        return f"the path has {len(path)} characters", f"write at most {MAX_PATH}, as an ALB rule takes no more"
    for segment in path[1:].split("/"):
        if not segment:
            return f"the path {path!r} has an empty segment", "write single slashes"
        if segment in (".", ".."):
            return f"the path {path!r} has the segment {segment!r}", "write the path that it leads to"
        if segment == "*" and path.endswith("/*") and path.count("*") == 1:
            return f"the path {path!r} ends with /*", f"write {path[:-2] or '/'}: all below it is taken along with it"
        if _PARAMETER.fullmatch(segment):
            above = path.partition(f"/{segment}")[0] or "a path above it"
            remedy = f"routes have no parameters: write {above}, and all below it is taken along with it"
            return f"the path {path!r} has the parameter {segment!r}", remedy
        if not _SEGMENT.fullmatch(segment):
            return f"the path {path!r} has the segment {segment!r}", "write letters, digits and . _ ~ : - only"
    return None
