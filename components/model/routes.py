"""What a route means: the only definition, which every facade holds to. Pure.

A route is a path prefix that a service may take over from the default. Paths are matched case-sensitively and without
the query. A segment in braces, `{slug}`, is a parameter: it takes any one segment that isn't empty; its name means
nothing. The longest path wins: the one with more segments, and of two that have as many, the one with a plain segment
at the first place where only one of them has a parameter. At the same path, a route that lists the request's method
beats one that lists none. Weight w sends w of 100 requests to the route's service, and the rest where they would go
without the route.

A route may have testers, whose requests a header or a cookie marks: to a request that carries its mark, its weight is
100. So a marked request that the route takes goes to its service, unless a longer route without the mark takes it
first, as its own weight says. Of several routes whose mark it carries, the longest has it.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""The methods that a route can list: those that Refactor Spaces, HTTP APIs and ALBs all know."""

MAX_PATH = 128
"""The longest path of a route in characters: an ALB condition's value holds no more (ELB API, PathPatternConfig)."""

MAX_PARAMETERS = 3
"""The most parameters in a path, so that what routes have in common are few paths; ALB rules are ordered by them."""

ANY_SEGMENT = "{}"
"""A parameter without its name, as in `Route.shape`."""

MAX_MARK_NAME, MAX_MARK_VALUE = 40, 64
"""The longest name and value of a mark: an ALB condition takes header names of 40 characters (ELB API,
HttpHeaderConditionConfig), and 128 of a regular expression, which finds a cookie."""

_SEGMENT = re.compile(r"[A-Za-z0-9._~:-]+")
_PARAMETER = re.compile(r"\{[A-Za-z0-9_-]+\}")
_COLON = re.compile(r":[A-Za-z_]\w*")
"""As many routers of applications write a parameter. No client asks for it literally."""


@dataclass(frozen=True)
class Testers:
    """What marks the requests of a route's testers. It is no secret: whoever knows it is a tester."""

    name: str
    """Of a header, in any case: `X-Preview`. Or of a cookie, as written."""
    value: str
    """Of the header, in any case, as an ALB compares it (ELB API, HttpHeaderConditionConfig). Or of the cookie, as
    written."""
    cookie: bool = False
    """Whether it is a cookie. Default false: a header."""

    def carried(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these headers carries it. The name of each header is there once."""
        known = {name.lower(): value.strip() for name, value in headers.items()}
        if self.cookie:
            return f"{self.name}={self.value}" in [pair.strip() for pair in known.get("cookie", "").split(";")]
        return known.get(self.name.lower(), "").lower() == self.value.lower()

    @property
    def expression(self) -> str:
        """A regular expression of all of a header `Cookie` in which the cookie is. Letters, digits, - and _ have no
        meaning of their own there."""
        return f"(.*; *)?{self.name}={self.value} *(;.*)?"

    @property
    def header_expression(self) -> str:
        """The same where an expression may match a part of a header: with its ends."""
        return f"^{self.expression}$"


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
    testers: Testers | None = None
    """Whose requests the service gets whatever the weight. Default: nobody's."""

    @property
    def shape(self) -> str:
        """The path without the names of its parameters. Routes with the same one have the same path."""
        return _PARAMETER.sub(ANY_SEGMENT, self.path)

    def takes(self, method: str, path: str) -> bool:
        """Whether a request would be this route's, were it the only one and active."""
        if self.methods and method not in self.methods:
            return False
        own, asked = self.path.split("/"), path.split("/")
        return _begins(asked, own) and (self.children or asked[len(own) :] in ([], [""]))

    def covers(self, path: str, *, below: bool) -> bool:
        """Whether the route takes all requests for a path itself, or for what is below it, were it the only one and
        active."""
        own, other = self.path.split("/"), path.split("/")
        return _begins(other, own) and (self.children or (len(own) == len(other) and not below))

    @property
    def rank(self) -> tuple[int, tuple[bool, ...], bool, str, str]:
        """The place among the routes: smaller is matched first."""
        return (*order(self.path), not self.methods, self.path, self.id)


def order(path: str) -> tuple[int, tuple[bool, ...]]:
    """The place of a path among those that take one request: smaller is longer."""
    segments = path.split("/")
    return (-len(segments), tuple(_varies(segment) for segment in segments))


def within(path: str, other: str) -> bool:
    """Whether all that a path takes is taken by another one and what is below that. Everything is below the empty
    path."""
    return _begins(path.split("/"), other.split("/"))


def expression(path: str) -> str:
    """A regular expression of what a path takes, without what is below it."""
    return "/".join("[^/]+" if _varies(part) else part.replace(".", r"\.") for part in path.split("/"))


def _begins(segments: Sequence[str], start: Sequence[str]) -> bool:
    if len(segments) < len(start):
        return False
    return all(own == part or (_varies(own) and part) for own, part in zip(start, segments, strict=False))


def _varies(segment: str) -> bool:
    return segment[:1] == "{"


def _common(one: tuple[str, bool], other: tuple[str, bool]) -> tuple[str, bool] | None:
    """The path that has what two paths both take, and whether anything below it is of that; they are given with whether
    what is below them is taken."""
    (long, below), (short, children) = sorted((one, other), key=lambda item: order(item[0]))
    inner, outer = long.split("/"), short.split("/")
    if len(inner) > len(outer) and not children:
        return None
    start = [part if _varies(own) else own for own, part in zip(inner, outer, strict=False)]
    path = "/".join((*start, *inner[len(outer) :]))
    return (path, below and children) if within(path, short) else None


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

    @cached_property
    def paths(self) -> Mapping[str, bool]:
        """The paths by which requests differ in the routes that take them, the longest first, and whether what is below
        the path counts: those of all routes, and those that have what two others both take. Parameters have no names.

        So of the paths that take a request, there is one that lies within all others. It comes before them, and exactly
        the routes that cover it take the request.
        """
        found: dict[str, bool] = {}
        left = deque((route.shape, route.children) for route in self.routes)
        while left:
            path, children = left.popleft()
            if path in found and (found[path] or not children):
                continue
            found[path] = children
            # What plain paths have in common is the longer one.
            others = [other for other in found.items() if ANY_SEGMENT in path + other[0]]
            left.extend(filter(None, (_common((path, children), other) for other in others)))
        return dict(sorted(found.items(), key=lambda item: order(item[0])))

    def resolve(self, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> Distribution:
        """Who gets a request. `path` is what the client asked for; a query is left out of account. headers: by name;
        default none that matters."""
        plain = path.partition("?")[0]
        matching = [route for route in self.routes if route.takes(method, plain)]
        return self.distribution(matching, next((mark for mark in marks(matching) if mark.carried(headers)), None))

    def distribution(self, matching: Iterable[Route], mark: Testers | None = None) -> Distribution:
        """Who gets a request that these routes take, given in the order in which they are matched. mark: of those of
        the routes, the first one that it carries. Default: it carries none."""
        left = Fraction(1)
        shares: dict[str | None, Fraction] = {}
        for route in matching:
            weight = 100 if mark and route.testers == mark else route.weight
            share = left * weight / 100
            shares[route.service] = shares.get(route.service, Fraction(0)) + share
            left -= share
        shares[self.default] = shares.get(self.default, Fraction(0)) + left
        return {service: share for service, share in shares.items() if share}

    @property
    def has_testers(self) -> bool:
        """Whether any route has them."""
        return any(route.testers for route in self.routes)

    def for_testers(self) -> "RouteTable":
        """The same for requests that carry every mark: what a facade is that has an address for testers."""
        return replace(
            self, routes=tuple(replace(route, weight=100) if route.testers else route for route in self.routes)
        )


def marks(matching: Iterable[Route]) -> tuple[Testers, ...]:
    """The marks by which routes that take a request tell testers, in the order in which they count: of those that a
    request carries, the first one alone decides."""
    return tuple(dict.fromkeys(route.testers for route in matching if route.testers))


def path_mistake(path: str) -> tuple[str, str] | None:
    """What is wrong with a route's path and how to write it, or None. Only what every facade can hold is a path."""
    if not path.startswith("/"):
        return f"the path {path!r} does not begin with /", f"write /{path}"
    if path == "/":
        return "the path / belongs to the default service", "write a path below it, such as /api/users"
    if path.endswith("/"):
        return (
            f"the path {path!r} ends with /",
            f"write {path.rstrip('/') or '/api/users'}: it also matches {path}",
        )
    if len(path) > MAX_PATH:
        return f"the path has {len(path)} characters", f"use at most {MAX_PATH}, the limit of an ALB rule"
    for segment in path[1:].split("/"):
        if not segment:
            return f"the path {path!r} has an empty segment", "write single slashes"
        if segment in (".", ".."):
            return f"the path {path!r} has the segment {segment!r}", "write the path that it resolves to"
        if segment == "*" and path.endswith("/*") and path.count("*") == 1:
            return f"the path {path!r} ends with /*", f"write {path[:-2] or '/'}: everything below it is matched too"
        if _COLON.fullmatch(segment):
            return f"the path {path!r} has the parameter {segment!r}", f"write {{{segment[1:]}}}"
        if _varies(segment) and not _PARAMETER.fullmatch(segment):
            remedy = "write a name of letters, digits, _ and - in the braces, such as {id}: it matches one segment"
            return f"the path {path!r} has the parameter {segment!r}", remedy
        if not _varies(segment) and not _SEGMENT.fullmatch(segment):
            remedy = "write letters, digits and . _ ~ : - only, or a parameter such as {id}"
            return f"the path {path!r} has the segment {segment!r}", remedy
    return _mistake_of_parameters(path)


def _mistake_of_parameters(path: str) -> tuple[str, str] | None:
    names = _PARAMETER.findall(path)
    if len(names) > MAX_PARAMETERS:
        return f"the path {path!r} has {len(names)} parameters", f"use at most {MAX_PARAMETERS}"
    if len(names) == path.count("/"):
        return f"the path {path!r} consists only of parameters", "add a plain segment, such as /api/{id}"
    if len(set(names)) < len(names):
        return f"the path {path!r} has a parameter twice", "give the second one another name"
    return None
