"""HTTP API routes: followed as API Gateway chooses among them, they give what the route table says."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from components.aws.plan.http_api_routes import HttpRoute, count, http_routes
from components.model.routes import METHODS, Route, RouteTable
from tests import strategies

USERS = Route("users", "/api/users", "users")


@st.composite
def tables(draw: st.DrawFn) -> RouteTable:
    """Tables that an HTTP API holds: on or off."""
    routes = [replace(route, weight=draw(st.sampled_from((0, 100)))) for route in draw(strategies.route_lists())]
    return RouteTable.of(routes, draw(st.sampled_from((None, "monolith"))))


def chosen(routes: tuple[HttpRoute, ...], method: str, asked: str) -> str | None:
    """Who answers, by the priorities of the developer guide: a full match, then the longest greedy one, then
    `$default`; the one with more plain segments; the method before ANY at the same path. `{proxy+}` takes an empty
    rest, a path no slash at its end."""
    path = asked.partition("?")[0]
    best: tuple[tuple[int, ...], str | None] = ((0,), None)
    for route in routes:
        if route.key == "$default":
            rank = (0,)
        else:
            verb, _, where = route.key.partition(" ")
            prefix = where.removesuffix("/{proxy+}")
            greedy = prefix != where
            pattern = re.sub(r"\\{p\d\\}", "[^/]+", re.escape(prefix)) + ("/.*" if greedy else "")
            if verb not in ("ANY", method) or not re.fullmatch(pattern, path):
                continue
            plain = sum("{" not in segment for segment in prefix.split("/"))
            rank = (1 if greedy else 2, prefix.count("/"), plain, 0 if verb == "ANY" else 1)
        if rank >= best[0]:
            best = (rank, route.service)
    return best[1]


def only(table: RouteTable, method: str, path: str) -> str | None:
    (pair,) = table.resolve(method, path).items()
    assert pair[1] == Fraction(1)
    return pair[0]


def differs_as_documented(table: RouteTable, path: str) -> bool:
    """A slash at the end of the path of a route without children."""
    plain = path.partition("?")[0]
    exact = [replace(route, methods=()) for route in table.routes if not route.children]
    return plain.endswith("/") and any(route.takes("GET", plain) for route in exact)


@given(tables(), strategies.methods, strategies.request_paths())
def test_the_routes_mean_what_the_table_says(table: RouteTable, method: str, path: str) -> None:
    assume(not differs_as_documented(table, path))
    assert chosen(http_routes(table), method, path) == only(table, method, path)


@given(tables(), st.data())
def test_the_routes_mean_what_the_table_says_at_and_below_routes(table: RouteTable, data: st.DataObject) -> None:
    path = data.draw(strategies.paths_at(table))
    method = data.draw(strategies.methods)
    assume(not differs_as_documented(table, path))
    assert chosen(http_routes(table), method, path) == only(table, method, path)


@given(tables(), strategies.methods, st.data())
def test_nothing_is_left_to_what_aws_does_with_methods_of_shorter_paths(
    table: RouteTable, method: str, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([route.path for route in table.routes if "{" not in route.path] or ["/"]))
    keys = {route.key for route in http_routes(table)}
    suffixes = [suffix for suffix in ("", "/{proxy+}") if f"ANY {path}{suffix}" in keys]
    for suffix in suffixes:
        listed = f"{method} {path}{suffix}" in keys
        matter = any(
            method in route.methods and route.takes(method, path + "/x" * bool(suffix)) for route in table.routes
        )
        assert listed == matter


@given(tables(), st.data())
def test_a_cut_over_retargets_routes_and_neither_makes_nor_removes_any(table: RouteTable, data: st.DataObject) -> None:
    switched = [replace(route, weight=data.draw(st.sampled_from((0, 100)))) for route in table.routes]
    after = http_routes(RouteTable.of(switched, table.default))
    assert [route.key for route in after] == [route.key for route in http_routes(table)]


@given(tables())
def test_the_count_is_that_of_the_routes_whose_keys_and_names_are_all_different(table: RouteTable) -> None:
    routes = http_routes(table)
    assert count(table) == len(routes) == len({r.key for r in routes}) == len({r.name for r in routes})


def test_a_route_has_its_path_and_what_is_below() -> None:
    assert http_routes(RouteTable.of([USERS], "monolith")) == (
        HttpRoute("ANY /api/users", "monolith"),
        HttpRoute("ANY /api/users/{proxy+}", "monolith"),
        HttpRoute("$default", "monolith"),
    )
    active = http_routes(RouteTable.of([replace(USERS, weight=100)], "monolith"))
    assert [route.service for route in active] == ["users", "users", "monolith"]


def test_a_route_without_children_has_its_path_only_and_the_slash_at_its_end_is_the_documented_difference() -> None:
    routes = http_routes(RouteTable.of([replace(USERS, children=False, weight=100)], "monolith"))
    assert [route.key for route in routes] == ["ANY /api/users", "$default"]
    assert chosen(routes, "GET", "/api/users") == "users"
    assert chosen(routes, "GET", "/api/users/") == "monolith"


def test_methods_that_no_route_lists_have_a_route_of_their_own() -> None:
    reads = Route("reads", "/api/users", "posts", ("GET",), weight=100)
    outer = Route("outer", "/api", "threads", ("POST",), weight=100)
    routes = {route.key: route.service for route in http_routes(RouteTable.of([reads, outer], None))}
    assert {key: service for key, service in routes.items() if "proxy" not in key} == {
        "GET /api/users": "posts",
        "POST /api/users": "threads",
        "ANY /api/users": None,
        "POST /api": "threads",
        "ANY /api": None,
        "$default": None,
    }


@pytest.mark.parametrize("method", METHODS)
def test_an_inactive_inner_route_leaves_its_requests_to_the_outer_one(method: str) -> None:
    outer = Route("outer", "/api", "threads", ("GET", "POST"), weight=100)
    table = RouteTable.of([USERS, outer], "monolith")
    assert chosen(http_routes(table), method, "/api/users/7") == only(table, method, "/api/users/7")


def test_parameters_are_numbered_so_that_their_names_never_clash() -> None:
    comments = Route("comments", "/articles/{slug}/comments/{id}", "users", children=False, weight=100)
    tags = Route("tags", "/articles/{article}/tags", "posts", children=False)
    keys = [route.key for route in http_routes(RouteTable.of([comments, tags], "monolith"))]
    assert keys == ["ANY /articles/{p1}/comments/{p2}", "ANY /articles/{p1}/tags", "$default"]


def test_what_two_routes_have_in_common_has_a_key_of_its_own() -> None:
    comments = Route("comments", "/a/{slug}/comments", "users", children=False, weight=100)
    drafts = Route("drafts", "/a/new", "posts", weight=100)
    routes = {route.key: route.service for route in http_routes(RouteTable.of([comments, drafts], "monolith"))}
    assert routes["ANY /a/new/comments"] == "users"
    assert "ANY /a/new/comments/{proxy+}" not in routes


def test_a_name_has_no_colons() -> None:
    (first, *_) = http_routes(RouteTable.of([Route("odd", "/a::b", "users")], None))
    assert (first.key, first.name) == ("ANY /a::b", "ANY /a%3A%3Ab")
