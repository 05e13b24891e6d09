"""Hypothesis strategies for what users and clients send."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from components.model.routes import METHODS, Route, RouteTable, Testers, path_mistake

SERVICES = ("monolith", "posts", "threads", "users")


def part_of_examples(percent: int) -> settings:
    """So many of the profile's examples: of a hundred, or of the few that `make check` takes."""
    return settings(max_examples=settings().max_examples * percent // 100)


_SEGMENTS = ("api", "users", "Users", "usersx", "posts", "v1.2", "~me")

segments = st.sampled_from(_SEGMENTS)
"""Few enough that routes nest and requests hit."""


def _path(parts: Sequence[str]) -> str:
    numbered = (f"{{{part}{number}}}" if part in ("id", "slug") else part for number, part in enumerate(parts))
    return "/" + "/".join(numbered)


route_paths = (
    st.lists(st.one_of(segments, st.sampled_from((*_SEGMENTS[:2], "id", "slug"))), min_size=1, max_size=4)
    .map(_path)
    .filter(lambda path: path_mistake(path) is None)
)
"""Paths of routes, as the rules have them: half of them have parameters, which meet plain segments and each other."""

weights = st.one_of(st.sampled_from((0, 100)), st.integers(0, 100))


TESTERS = (Testers("X-Preview", "new"), Testers("X-Preview", "beta"), Testers("preview", "new", cookie=True))
"""Marks: few enough that nested routes share them."""

testers = st.one_of(st.none(), st.sampled_from(TESTERS))


def shape(path: str) -> str:
    """A path without the names of its parameters."""
    return Route("", path, "").shape


def _numbered(routes: Iterable[Route]) -> list[Route]:
    return [replace(route, id=f"r{number}") for number, route in enumerate(routes)]


@st.composite
def route_lists(draw: st.DrawFn) -> list[Route]:
    """Routes that don't take one path twice for one method."""
    routes: list[Route] = []
    marked = draw(st.booleans())
    for path in draw(st.lists(route_paths, unique_by=shape, max_size=6)):
        free = list(METHODS)
        for everything in draw(st.sampled_from(((True,), (False,), (False, True), (False, False)))):
            methods = () if everything else tuple(sorted(draw(st.sets(st.sampled_from(free), min_size=1, max_size=3))))
            free = [method for method in free if method not in methods]
            service = draw(st.sampled_from(SERVICES[1:]))
            mark = draw(testers) if marked else None
            routes.append(Route("", path, service, methods, draw(st.booleans()), draw(weights), mark))
    return _numbered(routes)


@st.composite
def route_tables(draw: st.DrawFn) -> RouteTable:
    """Tables of such routes, with a default or without."""
    return RouteTable.of(draw(route_lists()), draw(st.sampled_from((None, "monolith"))))


@st.composite
def paths_at(draw: st.DrawFn, table: RouteTable) -> str:
    """What clients ask for at the paths of a table, below them and beside them."""
    path = draw(st.sampled_from([*table.paths] or ["/"]))
    for _ in range(path.count("{}")):
        path = path.replace("{}", draw(st.one_of(segments, st.just("7"))), 1)
    return path + draw(st.sampled_from(("", "/", "/7", "/7/", "x", "?q=/", "//", "/users", ".")))


@st.composite
def request_paths(draw: st.DrawFn) -> str:
    """What clients ask for: paths at, below and beside those of routes, some with empty segments and queries."""
    path = "/" + "/".join(draw(st.lists(st.one_of(segments, st.just("")), max_size=6)))
    return path + draw(st.sampled_from(("", "", "/", "x", "?id=1", "/?to=/api/users", "?")))


methods = st.sampled_from((*METHODS, "TRACE", "get"))

_HEADERS: tuple[dict[str, str], ...] = (
    *({}, {}, {"X-Preview": "new"}, {"x-preview": "BETA"}, {"X-Preview": "newer"}, {"X-Preview": ""}),
    *({"Cookie": "preview=new"}, {"cookie": "a=1; preview=new;b=2"}, {"Cookie": "a=preview=new"}),
    *({"Cookie": "xpreview=new; preview=newer"}, {"Cookie": "preview=beta; preview=new", "X-Preview": "beta"}),
)

headers = st.sampled_from(_HEADERS)
"""What clients send: marks, what looks like them, and nothing of the kind."""

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 70000),
    st.sampled_from((10**30, -(10**30), 1.5, float("inf"))),
    st.sampled_from(("", "none", "true", "users", "api/users", "/", "10s", "1-10", "GET", "${HOME}", "linux/arm64")),
    st.text(max_size=8),
)

KEYS = (
    *("name", "type", "image", "build", "port", "http", "path", "healthcheck", "cpu", "memory", "count", "range"),
    *("environments", "local", "variables", "secrets", "from_cfn", "network", "vpc", "connect", "platform", "users"),
    *("routes", "weight", "methods", "service", "cidr", "zones", "spot", "command", "logging", "retention", "nat"),
)

trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=4)), inner, max_size=5),
    ),
    max_leaves=12,
)
"""What YAML and JSON hold, with keys that often mean something."""
