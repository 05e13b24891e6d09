"""Which routes Refactor Spaces holds for a route table, and the names it takes. Pure.

A route there is a path and a set of methods; the longest path wins. It can be switched by creation and deletion only,
as what aws-native sends for a change in place is refused (its issues 1720 and 2944): so a route exists exactly while
it is active, and the DEFAULT route answers before and after.

Assumed, as no document says it: a method that no route of a path lists goes to a shorter path or to the DEFAULT route.
"""

import re
from dataclasses import dataclass

from components.model.names import fit
from components.model.routes import METHODS, Route, RouteTable

NAME_LIMIT = 63
"""Characters of an environment's, application's and service's name; at least 3 (API reference, CreateService)."""

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
        if method not in (self.methods or METHODS):
            return False
        plain = path.removesuffix("/")
        return plain == self.path or (self.children and path.startswith(f"{self.path}/"))


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


def collide(route: Route, other: Route) -> bool:
    """Whether two routes can't be active side by side, nor one in the `up` in which the other goes."""
    return route.path == other.path and bool(set(route.methods or METHODS) & set(other.methods or METHODS))


def name(*parts: str) -> str:
    """A name that Refactor Spaces takes: 3 to 63 letters, digits, - and _, the first one a letter or digit, and none
    of its own prefixes. Nothing checks that before AWS does."""
    joined = _NOT_IN_NAMES.sub("-", "-".join(parts)).strip("-_")
    if len(joined) < 3 or joined.startswith(_RESERVED):
        joined = f"strangler-{joined}".rstrip("-")
    return fit(joined, NAME_LIMIT)
