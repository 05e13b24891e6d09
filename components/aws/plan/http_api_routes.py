"""Which routes an HTTP API holds for a route table. Pure.

API Gateway chooses a full match, then the longest greedy one, then `$default`; at the same path, the method before ANY
(developer guide, «Routing API requests»). What it does with a method that only a shorter path lists isn't documented;
so each path has a route for every method that matters there and one for ANY, and each names the service that
`RouteTable` names. Which routes exist depends on paths and methods only; a cut-over changes their targets in place.

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

from components.model.routes import Route, RouteTable


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
        """The path of the table's routes that take its requests; empty for `$default`."""
        return self.key.partition(" ")[2].removesuffix("/{proxy+}")

    @property
    def rank(self) -> tuple[int, bool, bool, str]:
        """The place among the routes: smaller is matched first, of those that take one request."""
        return (-self.path.count("/"), self.key.endswith("+}"), self.key.startswith("ANY "), self.key)


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
    for path in sorted({route.path for route in table.routes}):
        for below in (False, True) if any(route.children for route in table.routes if route.path == path) else (False,):
            taking = [route for route in table.routes if route.covers(path, below=below)]
            suffix = "/{proxy+}" if below else ""
            for method in sorted({method for route in taking for method in route.methods}):
                yield (
                    f"{method} {path}{suffix}",
                    [other for other in taking if not other.methods or method in other.methods],
                )
            yield f"ANY {path}{suffix}", [other for other in taking if not other.methods]
