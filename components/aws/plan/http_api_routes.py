"""Which routes an HTTP API holds for a route table. Pure.

API Gateway chooses a full match, then the longest greedy one, then `$default`; at the same path, the method before ANY;
and a plain segment before a parameter (developer guide, «Routing API requests»). What it does with a method that only a
shorter path lists isn't documented; so each path has a route for every method that matters there and one for ANY, and
each names the service that `RouteTable` names. Which of two paths it chooses if each has a parameter where the other
has none isn't documented either; so what both take is a path too (`RouteTable.paths`), and of those that take a request
one lies within all others. Assumed: that is the one chosen. Which routes exist depends on paths and methods only; a
cut-over changes their targets in place.

Two keys that differ in the names of parameters only are one to API Gateway (KensioSoftware/yulin issue 299), so they
are numbered: another name in the config changes nothing.

Where an HTTP API differs from `components.model.routes`, and what came of it:

- A key can't end with `/` (refused: storacha/w3infra pull request 166, aws/serverless-application-model issue 1949) and
  `/a` doesn't take `/a/` (aws-powertools/powertools-lambda-python pull request 1609), but `/a/{proxy+}` does (w3infra
  again). So a route with children holds `/a/`; one without leaves `/a/` to what would answer without the route.
- The path is decoded before it is matched and passed on (developer guide; middleapi/standard-server pull request 93):
  `/%61` is taken as `/a`, and `%2F` separates segments. All other facades compare what the client sent.
- Whether repeated slashes are merged isn't documented. They match no route otherwise.
- A method outside of the seven of `METHODS` matches ANY if API Gateway lets it in at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as numbers

from components.model.routes import ANY_SEGMENT, Route, RouteTable, order


@dataclass(frozen=True)
class HttpRoute:
    """A route of an HTTP API."""

    key: str
    """Method and path, such as `GET /api/users/{proxy+}`, or `$default`."""
    service: str | None
    """The service that answers; None for a 503."""

    @property
    def name(self) -> str:
        """The key as a resource's name; a URN is divided by colons."""
        return self.key.replace(":", "%3A")

    @property
    def path(self) -> str:
        """Of the paths of the table, the one whose requests it takes; empty for `$default`."""
        return self.key.partition(" ")[2].removesuffix("/{proxy+}")

    @property
    def rank(self) -> tuple[int, tuple[bool, ...], bool, bool, str]:
        """The place among the routes: smaller is matched first, of those that take one request."""
        return (*order(self.path), self.key.endswith("+}"), self.key.startswith("ANY "), self.key)


def http_routes(table: RouteTable) -> tuple[HttpRoute, ...]:
    """All routes of the API, by path and method, `$default` last. The table's weights are 0 and 100."""
    routes: list[HttpRoute] = []
    for key, taking in _keys(table):
        (service,) = table.distribution(taking)
        routes.append(HttpRoute(key, service))
    return (*routes, HttpRoute("$default", table.default))


def count(table: RouteTable) -> int:
    """How many routes those are."""
    return sum(1 for _ in _keys(table)) + 1


def _keys(table: RouteTable) -> Iterator[tuple[str, list[Route]]]:
    """Every key, and the routes of the table that take its requests, in the order in which they are matched."""
    for shape, children in sorted(table.paths.items()):
        number = numbers(1)
        path = "/".join(f"{{p{next(number)}}}" if part == ANY_SEGMENT else part for part in shape.split("/"))
        for below in (False, True) if children else (False,):
            taking = [route for route in table.routes if route.covers(shape, below=below)]
            suffix = "/{proxy+}" if below else ""
            for method in sorted({method for route in taking for method in route.methods}):
                yield (
                    f"{method} {path}{suffix}",
                    [other for other in taking if not other.methods or method in other.methods],
                )
            yield f"ANY {path}{suffix}", [other for other in taking if not other.methods]
