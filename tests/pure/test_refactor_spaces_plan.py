"""Refactor Spaces routes: those that exist give, with the DEFAULT route, what the route table says."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan.refactor_spaces_routes import PathRoute, ambiguous, name, path_routes
from components.model.routes import METHODS, Route, RouteTable
from tests import strategies


@st.composite
def tables(draw: st.DrawFn) -> RouteTable:
    """Tables that Refactor Spaces holds: on or off, with a default, no ~ in a path, and no parameter that meets."""
    routes = [replace(route, weight=draw(st.sampled_from((0, 100)))) for route in draw(strategies.route_lists())]
    table = RouteTable.of([route for route in routes if "~" not in route.path], "monolith")
    meeting = {route.id for route, _ in ambiguous(table)}
    return RouteTable.of([route for route in table.routes if route.id not in meeting], "monolith")


def answering(table: RouteTable, method: str, asked: str) -> str | None:
    """Who answers: the longest path among the routes that exist, the one with methods before the one without; and the
    DEFAULT route if there is none."""
    path = asked.partition("?")[0]
    taking = [route for route in path_routes(table) if route.takes(method, path)]
    best = max(taking, key=lambda route: (route.path.count("/"), bool(route.methods)), default=None)
    return best.service if best else table.default


def only(table: RouteTable, method: str, path: str) -> str | None:
    (pair,) = table.resolve(method, path).items()
    assert pair[1] == Fraction(1)
    return pair[0]


@given(tables(), st.sampled_from(METHODS), strategies.request_paths())
def test_the_routes_mean_what_the_table_says(table: RouteTable, method: str, path: str) -> None:
    assert answering(table, method, path) == only(table, method, path)


@given(tables(), st.data())
def test_the_routes_mean_what_the_table_says_at_and_below_routes(table: RouteTable, data: st.DataObject) -> None:
    path = data.draw(strategies.paths_at(table))
    method = data.draw(st.sampled_from(METHODS))
    assert answering(table, method, path) == only(table, method, path)


@given(tables())
def test_a_route_exists_exactly_while_it_is_active(table: RouteTable) -> None:
    assert [route.name for route in path_routes(table)] == [route.id for route in table.routes if route.weight == 100]


def test_a_route_has_the_properties_that_aws_gets() -> None:
    reads = Route("reads", "/api/users", "users", ("GET",), children=False, weight=100)
    assert path_routes(RouteTable.of([reads], "monolith")) == (
        PathRoute("reads", "/api/users", ("GET",), children=False, service="users"),
    )


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ("/a/{x}/c", "/a/{x}/d", False),
        ("/a/{x}/c", "/a/{y}/d", True),
        ("/a/{x}/c", "/a/b", True),
        ("/a/{x}/c", "/a", True),
        ("/a/{x}/c", "/a/{x}", False),
        ("/a/{x}/{y}", "/a/{x}", True),
        ("/a/{x}/c", "/b", False),
        ("/a/b", "/a", False),
        ("/{x}/c", "/b", True),
    ],
)
def test_no_parameter_stands_where_two_paths_part(one: str, other: str, *, meets: bool) -> None:
    for first, second in ((one, other), (other, one)):
        routes = [Route("r", first, "users", weight=100), Route("s", second, "posts", weight=100)]
        table = RouteTable.of(routes, "monolith")
        assert bool(ambiguous(table)) == meets
        assert ambiguous(RouteTable.of([routes[0], replace(routes[1], weight=0)], "monolith")) == (
            [(routes[0], None)] if first.startswith("/{") else []
        )


@given(st.lists(st.text(alphabet="abz09-_ .é", max_size=40), min_size=1, max_size=3))
def test_every_name_is_one_that_aws_takes(parts: list[str]) -> None:
    assert re.fullmatch(r"(?!env-|app-|svc-)[A-Za-z0-9][A-Za-z0-9_-]{2,62}", name(*parts))


@pytest.mark.parametrize(
    ("parts", "made"),
    [
        (("strangler", "dev", "users"), "strangler-dev-users"),
        (("app-x",), "strangler-app-x"),
        (("ab",), "strangler-ab"),
        (("my project", "dev"), "my-project-dev"),
    ],
)
def test_a_name_reads_as_it_was_given_where_aws_allows(parts: tuple[str, ...], made: str) -> None:
    assert name(*parts) == made


def test_long_names_stay_apart() -> None:
    names = {name("x" * 70, service) for service in ("users", "posts")}
    assert len(names) == 2
    assert all(len(shortened) == 63 for shortened in names)
