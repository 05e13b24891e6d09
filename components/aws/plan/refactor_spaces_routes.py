"""Which routes Refactor Spaces holds for a route table, and the names it takes. Pure.

A route there is a path and a set of methods; the longest path wins. It can be switched by creation and deletion only,
as what aws-native sends for a change in place is refused (its issues 1720 and 2944): so a route exists exactly while
it is active, and the DEFAULT route answers before and after.

Assumed, as no document says it: a method that no route of a path lists goes to a shorter path or to the DEFAULT route.

A path may have parameters (API reference, UriPathRouteInput). Behind it is a REST API of API Gateway, which has one
variable part at most below a resource, `{proxy+}` included («A sibling of this resource already has a variable path
part -- only one is allowed»; claudiajs/claudia-api-builder issue 62, serverless-nextjs/serverless-next.js issue 938),
and no document says whether it turns back from a plain segment to a parameter. So where two paths part, neither may
have a parameter.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.model.names import fit
from components.model.routes import METHODS, Route, RouteTable

NAME_LIMIT = 63
"""Characters of an environment's, application's and service's name; at least 3 (API reference, CreateService)."""

_GREEDY = "{proxy+}"
_RESERVED = ("env-", "app-", "svc-")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class PathRoute:
    """A URI_PATH route."""

    name: str
    """The id of the route that it is made for."""
    path: str
    """Its source path; begins with `/`."""
    methods: tuple[str, ...]
    """The methods that it takes: all seven if the route lists none."""
    children: bool
    """Whether it takes what is below the path too."""
    service: str
    """The service that gets its requests."""

    def takes(self, method: str, path: str) -> bool:
        """Whether a request is this route's; a slash at the end of a path means nothing."""
        route = Route(self.name, self.path, self.service, self.methods or METHODS, self.children)
        return route.takes(method, path)


def path_routes(table: RouteTable) -> tuple[PathRoute, ...]:
    """The routes that exist beside the DEFAULT route: the active ones, in the table's order."""
    return tuple(
        PathRoute(route.id, route.path, route.methods, route.children, route.service)
        for route in table.routes
        if route.weight == 100
    )


def twice(table: RouteTable) -> list[tuple[Route, Route]]:
    """Active routes of which AWS refuses the first: the second has its path for some of its methods. A table takes
    such two, if only one of them lists methods."""
    active = [route for route in table.routes if route.weight == 100]
    return [(route, other) for number, route in enumerate(active) for other in active[:number] if collide(route, other)]


def ambiguous(table: RouteTable) -> list[tuple[Route, Route | None]]:
    """Active routes of which AWS may refuse the first, or match it otherwise, as there is a parameter where its path
    parts from the second's; None is the DEFAULT route."""
    active = [route for route in table.routes if route.weight == 100]
    return [
        (route, other)
        for number, route in enumerate(active)
        for other in (None, *active[:number])
        if _part_at_a_parameter(_resources(route), _resources(other))
    ]


def mistakes(table: RouteTable) -> Iterator[tuple[Route, str, str]]:
    """What Refactor Spaces can't hold: a route, what is wrong with it, and what to do."""
    for route, other in twice(table):
        remedy = f"Refactor Spaces allows each path once per method: list the methods of {route.id}"
        yield route, f"{route.path} is active here and in {other.id} for the same methods", remedy
    for route, other in ambiguous(table):
        found = f"{route.path} beside {f'{other.path} of {other.id}' if other else 'the DEFAULT route'}"
        remedy = (
            "Refactor Spaces doesn't allow a parameter where two paths differ: activate only one, or use another facade"
        )
        yield route, found, remedy
    for route in table.routes:
        if "~" in route.path:
            yield route, f"the path {route.path}", "Refactor Spaces doesn't allow ~ in a path: use another facade"


def _resources(route: Route | None) -> list[str]:
    path = route.path.split("/") if route else [""]
    return [*path, _GREEDY] if route is None or route.children else path


def _part_at_a_parameter(one: list[str], other: list[str]) -> bool:
    parting = next((pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]), ())
    return any(segment.startswith("{") and segment != _GREEDY for segment in parting)


def collide(route: Route, other: Route) -> bool:
    """Whether two routes can't be active side by side, nor one in the `up` in which the other goes."""
    return route.shape == other.shape and bool(set(route.methods or METHODS) & set(other.methods or METHODS))


def home(default: str | None, now: object, vpcs: Mapping[str, object]) -> str | None:
    """The environment whose network an application is in: the default's. A default that runs elsewhere has none: then
    it stays where it is, as another network would be another application, with another URL. None: any one will do.
    now: the VPC that it is in, if it is up. vpcs: of the environments that are up."""
    return default or next((environment for environment, vpc in vpcs.items() if now and vpc == now), None)


def name(*parts: str) -> str:
    """A name that Refactor Spaces takes: 3 to 63 letters, digits, - and _, the first one a letter or digit, and none
    of its own prefixes. Nothing checks that before AWS does."""
    joined = _NOT_IN_NAMES.sub("-", "-".join(parts)).strip("-_")
    if len(joined) < 3 or joined.startswith(_RESERVED):
        joined = f"strangler-{joined}".rstrip("-")
    return fit(joined, NAME_LIMIT)
