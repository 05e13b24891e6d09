"""What a route means: RouteTable against the rules, written a second time in another way."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.input.diagnostics import Problems
from components.model.routes import MAX_PATH, METHODS, Route, RouteTable, Testers, path_mistake, within
from components.model.where import Where
from components.settings.routes import check_table
from tests import strategies


def marked(testers: Testers | None, headers: Mapping[str, str]) -> bool:
    """Whether a request carries a mark, by what is written of headers and cookies in another way."""
    if testers is None:
        return False
    sent = f"{testers.name}={testers.value}"
    for name, value in headers.items():
        if testers.cookie and name.lower() == "cookie":
            return f";{sent};" in f";{value.replace(' ', '')};"
        if not testers.cookie and name.lower() == testers.name.lower():
            return value.lower() == testers.value.lower()
    return False


def expected(
    table: RouteTable, method: str, asked: str, headers: Mapping[str, str] = MappingProxyType({})
) -> dict[str | None, Fraction]:
    """The rules of the design from the request's side: walks up from the path asked for, segment by segment, and at
    one length by all that could be written for it, plain segments before parameters, the first ones first."""
    parts = asked.split("?", 1)[0].split("/")[1:]
    stops: list[Route] = []
    for length in range(len(parts), 0, -1):
        below = parts[length:]
        for written in itertools.product(*((part, "{}") if part else ("",) for part in parts[:length])):
            own = [route for route in table.routes if strategies.shape(route.path) == "/" + "/".join(written)]
            own = [route for route in own if route.children or below in ([], [""])]
            stops += [route for route in own if method in route.methods]
            stops += [route for route in own if not route.methods]

    def sent(rest: list[Route], amount: Fraction) -> dict[str | None, Fraction]:
        if not rest:
            return {table.default: amount}
        taken = amount * Fraction(100 if marked(rest[0].testers, headers) else rest[0].weight, 100)
        shares = sent(rest[1:], amount - taken)
        return {**shares, rest[0].service: shares.get(rest[0].service, Fraction(0)) + taken}

    return {service: share for service, share in sent(stops, Fraction(1)).items() if share}


@given(strategies.route_tables(), strategies.methods, strategies.request_paths(), strategies.headers)
def test_resolve_follows_the_rules_for_every_table_and_request(
    table: RouteTable, method: str, path: str, headers: dict[str, str]
) -> None:
    assert table.resolve(method, path, headers) == expected(table, method, path, headers)


@given(strategies.route_tables(), st.data())
def test_resolve_follows_the_rules_for_requests_at_below_and_beside_routes(
    table: RouteTable, data: st.DataObject
) -> None:
    path = data.draw(strategies.paths_at(table))
    method, headers = data.draw(strategies.methods), data.draw(strategies.headers)
    assert table.resolve(method, path, headers) == expected(table, method, path, headers)


@given(strategies.route_tables(), strategies.methods, strategies.request_paths())
def test_shares_are_positive_and_add_up_to_one(table: RouteTable, method: str, path: str) -> None:
    shares = table.resolve(method, path).values()
    assert sum(shares) == 1
    assert all(share > 0 for share in shares)


@given(strategies.route_lists().flatmap(lambda routes: st.tuples(st.just(routes), st.permutations(routes))))
def test_the_table_does_not_depend_on_the_order_of_its_input(both: tuple[list[Route], list[Route]]) -> None:
    assert RouteTable.of(both[0], None) == RouteTable.of(both[1], None)


@given(strategies.route_tables(), st.data())
def test_without_a_mark_testers_make_no_difference(table: RouteTable, data: st.DataObject) -> None:
    plain = RouteTable.of([replace(route, testers=None) for route in table.routes], table.default)
    path, method = data.draw(strategies.paths_at(table)), data.draw(strategies.methods)
    assert table.resolve(method, path) == plain.resolve(method, path)


@given(strategies.route_tables(), st.data())
def test_a_facade_with_an_address_for_testers_means_what_a_request_with_every_mark_means(
    table: RouteTable, data: st.DataObject
) -> None:
    one = RouteTable.of([replace(route, testers=route.testers and NEW) for route in table.routes], table.default)
    path, method = data.draw(strategies.paths_at(table)), data.draw(strategies.methods)
    assert table.for_testers().resolve(method, path) == one.resolve(method, path, {"X-Preview": "new"})


NEW = Testers("X-Preview", "new")
BETA = Testers("preview", "beta", cookie=True)


@pytest.mark.parametrize(
    ("headers", "shares"),
    [
        ({}, {"monolith": 1}),
        ({"X-Preview": "new"}, {"users": 1}),
        ({"x-preview": " New "}, {"users": 1}),
        ({"X-Preview": "newer"}, {"monolith": 1}),
        ({"X-Preview": ""}, {"monolith": 1}),
        ({"Cookie": "X-Preview=new"}, {"monolith": 1}),
    ],
)
def test_a_header_marks_a_request_by_its_whole_value_in_any_case(
    headers: dict[str, str], shares: dict[str | None, int]
) -> None:
    table = RouteTable.of([Route("users", "/users", "users", weight=0, testers=NEW)], "monolith")
    assert table.resolve("GET", "/users/1?x", headers) == shares


@pytest.mark.parametrize(
    ("cookies", "carried"),
    [
        ("preview=beta", True),
        ("a=1; preview=beta; b=2", True),
        ("a=1;preview=beta", True),
        ("preview=old; preview=beta", True),
        ("xpreview=beta", False),
        ("x-preview=beta; preview=betas", False),
        ("a=preview=beta", False),
        ("Preview=beta", False),
        ("preview=Beta", False),
        ("preview", False),
        ("", False),
    ],
)
def test_a_cookie_marks_a_request_by_its_name_and_value_as_written(cookies: str, carried: bool) -> None:
    table = RouteTable.of([Route("users", "/users", "users", testers=BETA)], "monolith")
    assert table.resolve("GET", "/users", {"Cookie": cookies}) == {"users" if carried else "monolith": 1}
    assert bool(re.fullmatch(BETA.expression, cookies)) == carried


def test_a_mark_leads_only_to_routes_that_take_the_request() -> None:
    table = RouteTable.of([Route("users", "/users", "users", ("GET",), children=False, testers=NEW)], "monolith")
    assert table.resolve("POST", "/users", {"X-Preview": "new"}) == {"monolith": 1}
    assert table.resolve("GET", "/users/1", {"X-Preview": "new"}) == {"monolith": 1}


def test_of_several_routes_whose_mark_a_request_carries_the_longest_has_it() -> None:
    long = Route("long", "/api/users", "users", testers=BETA)
    table = RouteTable.of([long, Route("api", "/api", "posts", testers=NEW)], "monolith")
    both = {"X-Preview": "new", "Cookie": "preview=beta"}
    assert table.resolve("GET", "/api/users", both) == {"users": 1}
    assert table.resolve("GET", "/api/other", both) == {"posts": 1}
    same = RouteTable.of([replace(long, testers=NEW), *table.routes[1:]], "monolith")
    assert same.resolve("GET", "/api/users", {"X-Preview": "new"}) == {"users": 1}


def test_a_longer_route_without_the_mark_takes_its_own_share_first() -> None:
    long, short = Route("long", "/api/users", "users", weight=30), Route("api", "/api", "posts", testers=NEW)
    shares = RouteTable.of([long, short], "monolith").resolve("GET", "/api/users", {"X-Preview": "new"})
    assert shares == {"users": Fraction(30, 100), "posts": Fraction(70, 100)}


@given(strategies.route_tables(), strategies.methods, strategies.request_paths())
def test_inactive_routes_make_no_difference(table: RouteTable, method: str, path: str) -> None:
    active = RouteTable.of([route for route in table.routes if route.weight], table.default)
    assert active.resolve(method, path) == table.resolve(method, path)


@given(strategies.route_lists())
def test_a_longer_path_stands_before_a_shorter_one_that_it_lies_below(routes: list[Route]) -> None:
    ranked = RouteTable.of(routes, None).routes
    for number, route in enumerate(ranked):
        for later in ranked[number + 1 :]:
            assert not within(later.shape, route.shape) or later.shape == route.shape
            assert not (later.shape == route.shape and later.methods and not route.methods)


@given(strategies.route_tables(), st.data())
def test_of_the_paths_that_take_a_request_the_first_lies_within_all_others_and_tells_the_routes(
    table: RouteTable, data: st.DataObject
) -> None:
    path = data.draw(st.one_of(strategies.paths_at(table), strategies.request_paths())).partition("?")[0]

    def takes(own: str, *, children: bool) -> bool:
        return Route("", own, "", children=children).takes("GET", path)

    own = [route for route in table.routes if takes(route.path, children=route.children)]
    taking = [other for other, children in table.paths.items() if takes(other, children=children)]
    assert bool(own) == bool(taking)
    for first in taking[:1]:
        assert all(within(first, other) for other in taking)
        below = not takes(first, children=False)
        assert own == [route for route in table.routes if route.covers(first, below=below)]


@given(strategies.route_tables(), st.data())
def test_the_names_of_parameters_mean_nothing(table: RouteTable, data: st.DataObject) -> None:
    named = [replace(route, path=route.path.replace("{", "{x")) for route in table.routes]
    path, method = data.draw(strategies.paths_at(table)), data.draw(strategies.methods)
    other = RouteTable.of(named, table.default)
    assert other.resolve(method, path) == table.resolve(method, path)
    assert other.paths == table.paths


@pytest.mark.parametrize(
    ("asked", "service"),
    [
        ("/api/articles/x/comments", "comments"),
        ("/api/articles/x/comments/", "comments"),
        ("/api/articles/x/comments/7?page=2", "comments"),
        ("/api/articles/comments/comments", "comments"),
        ("/api/articles/x", "articles"),
        ("/api/articles/x/y/comments", "articles"),
        ("/api/articles//comments", "articles"),
        ("/api/articles/new/tags", "drafts"),
        ("/api/articles/new/comments", "comments"),
        ("/api/articles/new/7", "one"),
        ("/api/articles/x/7", "two"),
        ("/api/articles/x/7/8", "articles"),
    ],
)
def test_a_parameter_takes_one_segment_and_a_plain_one_at_the_same_place_beats_it(asked: str, service: str) -> None:
    routes = [
        Route("articles", "/api/articles", "articles", weight=100),
        Route("comments", "/api/articles/{slug}/comments", "comments", weight=100),
        Route("drafts", "/api/articles/new", "drafts", weight=100),
        Route("one", "/api/articles/new/{id}", "one", children=False, methods=("GET",), weight=100),
        Route("tags", "/api/articles/new/tags", "drafts", weight=100),
        Route("two", "/api/articles/{slug}/7", "two", children=False, weight=100),
        Route("three", "/api/{kind}/x/8", "three", weight=0),
    ]
    routes = [route for route in routes if (route.id, asked) != ("one", "/api/articles/new/comments")]
    assert RouteTable.of(routes, None).resolve("GET", asked) == {service: 1}


USERS = Route("users", "/api/users", "users", weight=100)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/api/users", True),
        ("/api/users/", True),
        ("/api/users/1", True),
        ("/api/users/1/posts/", True),
        ("/api/users?active=true", True),
        ("/api/users/?next=/api/posts", True),
        ("/api/users//", True),
        ("/api/usersx", False),
        ("/api/users.json", False),
        ("/api/user", False),
        ("/api", False),
        ("/API/users", False),
        ("/api/Users", False),
        ("/", False),
        ("/x?/api/users", False),
        ("/api//users", False),
        ("/v1/api/users", False),
    ],
)
def test_a_route_takes_its_path_and_what_lies_below_and_nothing_beside(path: str, taken: bool) -> None:
    table = RouteTable.of([USERS], "monolith")
    assert table.resolve("GET", path) == {"users" if taken else "monolith": 1}


@pytest.mark.parametrize(
    ("path", "taken"), [("/api/users", True), ("/api/users/", True), ("/api/users?a", True), ("/api/users/1", False)]
)
def test_without_children_a_route_takes_its_path_only(path: str, taken: bool) -> None:
    table = RouteTable.of([Route("users", "/api/users", "users", children=False, weight=100)], "monolith")
    assert table.resolve("GET", path) == {"users" if taken else "monolith": 1}


@pytest.mark.parametrize("method", METHODS)
def test_a_route_with_methods_takes_these_only(method: str) -> None:
    table = RouteTable.of([Route("posts", "/posts", "posts", ("GET", "HEAD"), weight=100)], "monolith")
    assert table.resolve(method, "/posts") == {"posts" if method in ("GET", "HEAD") else "monolith": 1}


def test_methods_are_matched_case_sensitively() -> None:
    table = RouteTable.of([Route("posts", "/posts", "posts", ("GET",), weight=100)], "monolith")
    assert table.resolve("get", "/posts") == {"monolith": 1}


def test_a_route_with_the_method_beats_one_without_at_the_same_path() -> None:
    everything = Route("a", "/posts", "posts", weight=100)
    reading = Route("b", "/posts", "users", ("GET",), weight=100)
    table = RouteTable.of([everything, reading], "monolith")
    assert table.resolve("GET", "/posts/1") == {"users": 1}
    assert table.resolve("PUT", "/posts/1") == {"posts": 1}


def test_a_longer_path_beats_a_route_with_the_method() -> None:
    table = RouteTable.of(
        [Route("a", "/api", "users", ("GET",), weight=100), Route("b", "/api/posts", "posts", weight=100)], None
    )
    assert table.resolve("GET", "/api/posts") == {"posts": 1}
    assert table.resolve("GET", "/api/other") == {"users": 1}


def test_what_a_longer_route_does_not_take_goes_to_the_shorter_one() -> None:
    table = RouteTable.of(
        [
            Route("api", "/api", "users", weight=100),
            Route("posts", "/api/posts", "posts", ("POST",), children=False, weight=100),
        ],
        "monolith",
    )
    assert table.resolve("POST", "/api/posts") == {"posts": 1}
    assert table.resolve("GET", "/api/posts") == {"users": 1}
    assert table.resolve("POST", "/api/posts/1") == {"users": 1}


@given(st.integers(0, 100))
def test_weight_w_sends_w_of_100_and_the_rest_to_the_default(weight: int) -> None:
    table = RouteTable.of([Route("users", "/users", "users", weight=weight)], "monolith")
    shares = table.resolve("GET", "/users")
    assert shares.get("users", 0) * 100 == weight
    assert shares.get("monolith", 0) * 100 == 100 - weight


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_rest_of_a_weighted_route_goes_where_it_would_go_without_it(inner: int, outer: int) -> None:
    long, short = Route("a", "/api/users", "users", weight=inner), Route("b", "/api", "posts", weight=outer)
    shares = RouteTable.of([short, long], "monolith").resolve("GET", "/api/users/1")
    without = RouteTable.of([short], "monolith").resolve("GET", "/api/users/1")
    rest = Fraction(100 - inner, 100)
    assert shares.get("users", 0) == Fraction(inner, 100)
    assert {name: share for name, share in shares.items() if name != "users"} == {
        name: share * rest for name, share in without.items() if rest
    }


def test_shares_of_one_service_by_several_routes_are_added() -> None:
    routes = [Route("a", "/api/users", "users", weight=50), Route("b", "/api", "users", weight=50)]
    assert RouteTable.of(routes, "monolith").resolve("GET", "/api/users") == {
        "users": Fraction(3, 4),
        "monolith": Fraction(1, 4),
    }


def test_a_route_to_the_default_service_leaves_all_with_it() -> None:
    table = RouteTable.of([Route("a", "/a", "monolith", weight=25)], "monolith")
    assert table.resolve("GET", "/a") == {"monolith": 1}


def test_without_a_default_no_service_gets_what_no_route_takes() -> None:
    table = RouteTable.of([Route("users", "/users", "users", weight=25)], None)
    assert table.resolve("GET", "/other") == {None: 1}
    assert table.resolve("GET", "/users") == {"users": Fraction(1, 4), None: Fraction(3, 4)}


def test_a_table_without_routes_sends_all_to_the_default() -> None:
    assert RouteTable.of([], "monolith").resolve("PUT", "/any/thing?x") == {"monolith": 1}


@given(strategies.route_paths)
def test_paths_by_the_rules_have_no_mistake(path: str) -> None:
    assert path_mistake(path) is None


@pytest.mark.parametrize(
    ("path", "found", "remedy"),
    [
        ("api/users", "does not begin with /", "write /api/users"),
        ("", "does not begin with /", "write /"),
        ("/", "belongs to the default service", "below it"),
        ("/api/users/", "ends with /", "write /api/users:"),
        ("//", "ends with /", "write /api/users:"),
        ("/api//users", "empty segment", "single slashes"),
        ("/api/./users", "the segment '.'", "the path that it resolves to"),
        ("/api/../users", "the segment '..'", "the path that it resolves to"),
        ("/api/*", "ends with /*", "write /api: everything below it"),
        ("/*", "ends with /*", "write /: everything below it"),
        ("/api/*/users", "the segment '*'", "letters, digits"),
        ("/api/articles/:slug/comments", "the parameter ':slug'", "write {slug}"),
        ("/{id}", "only of parameters", "add a plain segment"),
        ("/{a}/{b}", "only of parameters", "add a plain segment"),
        ("/api/{}", "the parameter '{}'", "write a name"),
        ("/api/{proxy+}", "the parameter '{proxy+}'", "write a name of letters, digits, _ and -"),
        ("/api/{id", "the parameter '{id'", "it matches one segment"),
        ("/api/x{id}", "the segment 'x{id}'", "or a parameter such as {id}"),
        ("/a/{b}/{c}/{d}/{e}", "4 parameters", "use at most 3"),
        ("/a/{id}/b/{id}", "a parameter twice", "another name"),
        ("/api/a b", "the segment 'a b'", "letters, digits"),
        ("/api/%20", "the segment '%20'", "letters, digits"),
        ("/api/é", "the segment 'é'", "letters, digits"),
        ("/api?x", "the segment 'api?x'", "letters, digits"),
        ("/users\n", "the segment 'users\\n'", "letters, digits"),
        ("/" + "a" * MAX_PATH, "129 characters", "at most 128"),
    ],
)
def test_a_path_against_the_rules_gets_a_remedy(path: str, found: str, remedy: str) -> None:
    mistake = path_mistake(path)
    assert mistake is not None
    assert found in mistake[0]
    assert remedy in mistake[1]


def test_the_longest_path_that_a_balancer_takes_has_no_mistake() -> None:
    assert path_mistake("/" + "a" * (MAX_PATH - 1)) is None


@given(st.text(max_size=12))
def test_a_path_without_mistake_is_taken_by_its_own_route(path: str) -> None:
    if path_mistake(path) is None:
        assert RouteTable.of([Route("r", path, "users", weight=100)], None).resolve("GET", path) == {"users": 1}


def _checked(*routes: Route) -> list[str]:
    problems = Problems()
    where = {route.id: Where(f"routes.{route.id}") for route in routes}
    check_table(RouteTable.of(routes, "monolith"), strategies.SERVICES, where, problems)
    return [str(error) for error in problems.errors]


@given(strategies.route_lists())
def test_tables_in_which_no_method_is_taken_twice_pass_the_check(routes: list[Route]) -> None:
    listed = [route for route in routes if route.methods]
    assert _checked(*listed) == []


def test_the_same_path_twice_for_all_methods_is_a_mistake() -> None:
    (line,) = _checked(Route("a", "/x", "users"), Route("b", "/x", "posts"))
    assert line == (
        "routes.b: the path /x is used twice for all methods; "
        "the route a already has it: change one of their paths or methods"
    )


def test_paths_that_differ_in_the_names_of_parameters_are_the_same() -> None:
    (line,) = _checked(Route("a", "/x/{id}/y", "users"), Route("b", "/x/{slug}/y", "posts"))
    assert "the path /x/{slug}/y is used twice for all methods" in line
    assert _checked(Route("a", "/x/{id}/y", "users"), Route("b", "/x/new/y", "posts")) == []


def test_overlapping_methods_at_the_same_path_are_a_mistake() -> None:
    (line,) = _checked(Route("a", "/x", "users", ("GET", "PUT")), Route("b", "/x", "posts", ("DELETE", "PUT")))
    assert "routes.b: the path /x is used twice for PUT" in line


def test_one_route_with_methods_and_one_without_may_share_a_path() -> None:
    assert _checked(Route("a", "/x", "users", ("GET",)), Route("b", "/x", "posts"), Route("c", "/X", "posts")) == []


def test_a_route_to_an_unknown_service_names_the_nearest() -> None:
    (line,) = _checked(Route("a", "/x", "user"))
    assert line == "routes.a: unknown service 'user'; did you mean users?"


@given(st.sets(st.sampled_from(METHODS), min_size=1), st.sets(st.sampled_from(METHODS), min_size=1))
def test_exactly_overlapping_methods_are_refused(one: set[str], other: set[str]) -> None:
    lines = _checked(Route("a", "/x", "users", tuple(sorted(one))), Route("b", "/x", "posts", tuple(sorted(other))))
    assert len(lines) == (1 if one & other else 0)
