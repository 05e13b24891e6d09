"""Where a route's two sides are, and which requests its comparison is about, by the meaning of the routes. Pure."""

from dataclasses import dataclass

from components.compare.request import Request
from components.model.routes import RouteTable, Testers


@dataclass(frozen=True)
class Sides:
    """Where the requests go."""

    old: str
    """The URL of the old side."""
    new: str
    """The URL of the new side, which may be the same."""
    mark: Testers | None = None
    """What requests to the new side carry. Default: nothing, as it has a URL of its own."""
    at: str = ""
    """The name or address that is called for the old side's URL, whatever that resolves to. Default: what it resolves
    to."""

    @property
    def new_at(self) -> str:
        """The same for the new side's."""
        return self.at if self.new == self.old else ""

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """Each URL, and what is called for it."""
        return list(dict.fromkeys([(self.old, self.at), (self.new, self.new_at)]))


_OF_THE_CONNECTION = (
    *("host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    *("content-length", "accept-encoding", "expect"),
)


def headers_of(request: Request, mark: Testers | None, *, marked: bool) -> list[tuple[str, str]]:
    """What is sent with a request: with the mark, or without it whatever the request had."""
    sent = [(name, value) for name, value in request.headers if name.lower() not in _OF_THE_CONNECTION]
    if mark is None:
        return sent
    name = "cookie" if mark.cookie else mark.name.lower()
    rest = [header for header in sent if header[0].lower() != name]
    if not mark.cookie:
        return [*rest, (mark.name, mark.value)] if marked else rest
    pairs = [pair.strip() for own, value in sent if own.lower() == name for pair in value.split(";")]
    cookies = [pair for pair in pairs if pair and pair.partition("=")[0].strip() != mark.name]
    if marked:
        cookies.append(f"{mark.name}={mark.value}")
    return [*rest, ("Cookie", "; ".join(cookies))] if cookies else rest


OTHER, SAME, MIXED, LONGER = (
    "requests for other paths or methods",
    "requests that go to the same service on both sides, through a more specific route",
    "requests that another route's weight splits on the old side",
    "requests that a more specific route takes once both have moved",
)
"""Why a request says nothing of a route."""


def why_not(table: RouteTable, route: str, sides: Sides, request: Request) -> str:
    """Why a request says nothing of a route of the table; empty if it goes to the route's service on the new side, and
    to another one on the old side."""
    own = next(candidate for candidate in table.routes if candidate.id == route)
    if not own.takes(request.method, request.target.partition("?")[0]):
        return OTHER
    plain, marked = (dict(headers_of(request, sides.mark, marked=tester)) for tester in (False, True))
    old = table.resolve(request.method, request.target, plain)
    new = (table if sides.mark else table.for_testers()).resolve(request.method, request.target, marked)
    if len(old) > 1 or len(new) > 1:
        return MIXED
    return SAME if own.service in old or own.service not in new else ""


def why_not_then(table: RouteTable, route: str, request: Request) -> str:
    """Why a route's move makes no difference to a request; empty if it does. table: all routes once it has moved."""
    own = next(candidate for candidate in table.routes if candidate.id == route)
    then = table.resolve(request.method, request.target, dict(request.headers))
    return "" if own.service in then else LONGER
