"""The running Envoy means what the route table means."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.local.cutover import SETTLE
from components.local.envoy.admin import Proxy
from components.local.envoy.config import route_configuration
from components.local.envoy.state import Target, target_of
from components.model.routes import METHODS, Route, RouteTable, Testers
from tests import strategies
from tests.local.board import Board, WarmBoard

ECHO = """import http from 'node:http';
const server = http.createServer((request, response) => response.end(process.env.COPILOT_SERVICE_NAME));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(3000);
"""
NAMES = ("base", "one", "two", "three")
METHOD = st.sampled_from([method for method in METHODS if method != "HEAD"])
"""Those whose answers have a body."""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """Four services that answer with their names, and nested routes with methods and weights between them."""
    services = tmp_path_factory.mktemp("echo") / "services"
    for name in NAMES:
        write_service(services / name, name)
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", services)
    try:
        yield made
    finally:
        made.remove()


def write_service(folder: Path, name: str, code: str = ECHO) -> None:
    """A service without dependencies, which answers every request with its name unless its code does more."""
    folder.mkdir(parents=True)
    (folder / "server.mjs").write_text(code)
    (folder / "Dockerfile").write_text(
        "ARG NODE_IMAGE=node:26.8.2-alpine3.24\nFROM ${NODE_IMAGE}\n"
        'COPY server.mjs .\nUSER node\nCMD ["node", "server.mjs"]\n'
    )
    path = "/" if name == "base" else f"x/{name}"
    (folder / "manifest.yml").write_text(
        f"name: {name}\ntype: Load Balanced Web Service\nimage: {{build: services/{name}/Dockerfile, port: 3000}}\n"
        f"http: {{path: {path}, deregistration_delay: 1s, healthcheck: {{interval: 5s, timeout: 2s}}}}\n"
    )


ROUTES = """{
  "one": {"path": "/a", "active": true},
  "two": {"path": "/a/b", "active": true, "methods": ["GET", "PUT"]},
  "exact": {"path": "/a/c", "service": "three", "active": true, "children": false},
  "three": {"path": "/a/b/c.d", "weight": 0, "testers": {"header": {"name": "X-Preview", "value": "new"}}},
  "half": {"path": "/w", "service": "one", "weight": 50, "testers": {"cookie": {"name": "preview", "value": "new"}}},
  "deep": {"path": "/w/deep", "service": "two", "weight": 50},
  "below": {"path": "/a/{id}/x", "service": "three", "active": true},
  "any": {"path": "/v/{id}", "service": "one", "active": true, "children": false},
  "more": {"path": "/v/{id}/{part}/d", "service": "two", "methods": ["PUT"], "active": true}
}"""

REQUESTS = (
    *("/", "/a", "/a/", "/a/x", "/ab", "/A", "/a/b", "/a/b/", "/a/b/x", "/a/bx", "/a/c", "/a/c/", "/a/c/x", "/a/b/c.d"),
    *(
        "/a?x=/a/b",
        "/a/b?q",
        "//a",
        "/a//b",
        "/a/%62",
        "/w",
        "/w/deep",
        "/w/deep/x",
        "/a/./b",
        "/a/../a/b",
        "/a/cx",
        "/a/b/cxd",
        *("/a/q/x", "/a/q/x/", "/a/q/x/y", "/a/q/xx", "/a/q/r/x", "/a//x", "/a/c/x/y", "/a/q/x?z=/a", "/a/%2F/x"),
        *("/v", "/v/", "/v/1", "/v/1/", "/v/1/2", "/v//", "/v/x/y/d", "/v/x/y/d/e"),
    ),
)

MARKS: tuple[dict[str, str], ...] = (
    *({"X-Preview": "new"}, {"x-preview": "NEW"}, {"X-Preview": "newer"}, {"X-Preview": ""}, {"Cookie": "preview=new"}),
    *(
        {"Cookie": "a=1; preview=new; b"},
        {"Cookie": "xpreview=new"},
        {"Cookie": "preview=news"},
        {"Cookie": "a=preview=new"},
    ),
    {"Cookie": "preview=NEW", "X-Preview": "preview=new"},
)
"""What marks testers, and what looks like it."""


def test_every_request_goes_where_the_route_table_says(echo: Board) -> None:
    echo.config("routes", ROUTES)
    echo.up().ok()
    table = RouteTable.of(
        [
            Route("one", "/a", "one", weight=100),
            Route("two", "/a/b", "two", ("GET", "PUT"), weight=100),
            Route("exact", "/a/c", "three", children=False, weight=100),
            Route("three", "/a/b/c.d", "three", weight=0, testers=Testers("X-Preview", "new")),
            Route("half", "/w", "one", weight=50, testers=Testers("preview", "new", cookie=True)),
            Route("deep", "/w/deep", "two", weight=50),
            Route("below", "/a/{id}/x", "three", weight=100),
            Route("any", "/v/{id}", "one", children=False, weight=100),
            Route("more", "/v/{id}/{part}/d", "two", ("PUT",), weight=100),
        ],
        "base",
    )
    plain: list[tuple[str, str, dict[str, str]]] = [
        (method, path, {}) for method in ("GET", "PUT", "POST", "DELETE", "OPTIONS") for path in REQUESTS
    ]
    marked = [
        ("GET", path, headers) for path in ("/a/b/c.d", "/a/b/c.d/x", "/a/b", "/w", "/w/deep") for headers in MARKS
    ]
    for method, path, headers in (*plain, *marked):
        expected = table.resolve(method, path, headers)
        answers = {echo.get(path, method, headers)[1].decode() for _ in range(80 if len(expected) > 1 else 2)}
        assert answers == set(expected), f"{method} {path} {headers}"


@pytest.fixture(scope="module")
def proxy(echo: Board) -> Proxy:
    """Its facade, once it is up."""
    echo.up().ok()
    (facade,) = echo.containers("facade")
    return Proxy(echo.engine, facade)


@pytest.fixture
def held(echo: Board, proxy: Proxy) -> Iterator[Target]:
    """What the facade holds, and holds again after the test."""
    before = proxy.routes()
    assert before
    state = json.loads(echo.run("stack", "export", "-s", echo.stack).ok().output)
    (table,) = [found for found in state["deployment"]["resources"] if found["urn"].endswith("::route-table")]
    try:
        yield target_of(table["inputs"]["input"])
    finally:
        proxy.use_routes(before)
        time.sleep(SETTLE)


@settings(
    max_examples=30,
    phases=[Phase.generate],  # each example takes a second: a smaller one isn't looked for
    # What is held is the same for all examples; the other is that of the profile, as this list takes its place.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(table=strategies.route_tables(), data=st.data())
def test_any_table_means_the_same_to_envoy(
    echo: Board, proxy: Proxy, held: Target, table: RouteTable, data: st.DataObject
) -> None:
    """Nested routes with methods, weights and testers: nobody answers but those who may, and where one may, that one.
    Routes are written as a cut-over writes them."""
    named: dict[str, str] = dict(zip(strategies.SERVICES, NAMES, strict=True))
    meant = RouteTable.of(
        (replace(route, service=named[route.service]) for route in table.routes), table.default and named[table.default]
    )
    requests = [
        (data.draw(METHOD), data.draw(strategies.paths_at(meant)), data.draw(strategies.headers)) for _ in range(20)
    ]
    proxy.use_routes(route_configuration(replace(held, table=meant), echo.port))
    time.sleep(SETTLE)
    for method, path, sent in requests:
        expected = meant.resolve(method, path, sent)
        for _ in range(3 if len(expected) > 1 else 1):
            status, body = echo.get(path, method, sent)
            answered = body.decode() if status == 200 else None
            assert answered in expected, f"{method} {path} {sent}: {status} {body}, not {dict(expected)}"


def test_nested_weights_share_as_the_table_says(echo: Board) -> None:
    """/w/deep: half to two, of the rest half to one, the rest to base."""
    answers = [echo.get("/w/deep")[1].decode() for _ in range(2000)]
    shares = {name: 100 * answers.count(name) / len(answers) for name in ("two", "one", "base")}
    assert abs(shares["two"] - 50) < 6, shares
    assert abs(shares["one"] - 25) < 5, shares
    assert abs(shares["base"] - 25) < 5, shares


def test_without_a_default_what_no_route_takes_is_503_and_a_weight_sends_its_share(echo: Board) -> None:
    echo.config("default", "none")
    echo.up().ok()
    assert echo.get("/") == (503, b"No service answers this path.\n"), "as on AWS"
    assert echo.get("/a")[1] == b"one"
    statuses = [echo.get("/w")[0] for _ in range(1000)]
    assert set(statuses) == {200, 503}
    assert abs(statuses.count(200) - 500) < 100
