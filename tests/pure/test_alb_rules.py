"""ALB rules: followed as a load balancer follows them, they give what the route table says; and they stay in place."""

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import count as count_up
from math import lcm
from types import MappingProxyType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from components.aws.plan import listener_priorities
from components.aws.plan.alb_rules import TARGET_GROUPS, Forward, RouteRule, count, forward, mistakes, rules, sticky_now
from components.model.facades import Listener
from components.model.routes import METHODS, Route, RouteTable, Testers, within
from tests import strategies

USERS = Route("users", "/api/users", "users")
GET = Route("reads", "/api", "posts", ("GET",))


def table(*routes: Route, default: str | None = "monolith") -> RouteTable:
    return RouteTable.of(routes, default)


def conditions(found: RouteTable) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(rule.name, rule.paths, rule.methods) for rule in rules(found)]


def matches(rule: RouteRule, method: str, path: str, headers: Mapping[str, str]) -> bool:
    if rule.methods and method not in rule.methods:
        return False
    if rule.mark and not rule.mark.carried(headers):
        return False
    if rule.regex:
        return any(re.search(pattern, path) for pattern in rule.paths)
    return any(path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern for pattern in rule.paths)


def followed(
    found: RouteTable,
    method: str,
    asked: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    made: tuple[RouteRule, ...] | None = None,
) -> dict[str | None, Fraction]:
    """Who gets a request by the rules: the weights of the first one that matches, or the rule for everything else."""
    path = asked.partition("?")[0]
    for rule in sorted(rules(found) if made is None else made, key=lambda rule: rule.priority):
        if matches(rule, method, path, headers):
            weights = rule.weights(found)
            return {service: Fraction(weight, sum(weights.values())) for service, weight in weights.items() if weight}
    return {found.default: Fraction(1)}


def assert_meant(found: RouteTable, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
    meant, sent = found.resolve(method, path, headers), followed(found, method, path, headers)
    assert set(sent) == set(meant)
    parts = lcm(*(share.denominator for share in meant.values()))
    if parts <= 999:
        assert sent == meant
    assert all(abs(sent[service] - share) < Fraction(4, 1000) for service, share in meant.items())


accepted = strategies.route_tables().filter(lambda found: not mistakes(found))


@given(accepted, strategies.methods, strategies.request_paths(), strategies.headers)
def test_the_rules_mean_what_the_table_says(found: RouteTable, method: str, path: str, headers: dict[str, str]) -> None:
    assert_meant(found, method, path, headers)


@given(accepted, st.data())
def test_the_rules_mean_what_the_table_says_at_and_below_routes(found: RouteTable, data: st.DataObject) -> None:
    path = data.draw(strategies.paths_at(found))
    assert_meant(found, data.draw(strategies.methods), path, data.draw(strategies.headers))


@given(accepted)
def test_testers_leave_all_other_rules_as_they_are(found: RouteTable) -> None:
    plain = RouteTable.of([replace(route, testers=None) for route in found.routes], found.default)

    def kept(table: RouteTable) -> list[tuple[str, int, dict[str | None, int]]]:
        return [(rule.name, rule.priority, rule.weights(table)) for rule in rules(table) if not rule.mark]

    assert kept(found) == kept(plain)


@given(accepted)
def test_every_rule_is_one_that_a_load_balancer_takes(found: RouteTable) -> None:
    made = rules(found)
    assert len({rule.priority for rule in made}) == len(made)
    assert len({rule.name for rule in made}) == len(made)
    for rule in made:
        assert 1 <= rule.priority < 40_000
        assert len(rule.paths) + len(rule.methods) + bool(rule.mark) <= 5
        assert len(rule.methods) <= 3
        assert all(len(pattern) <= 128 for pattern in rule.paths)
        weights = rule.weights(found)
        assert 1 <= len(weights) <= TARGET_GROUPS
        assert all(0 <= weight <= 999 for weight in weights.values())
        assert sum(weights.values()) > 0


@given(accepted, st.data())
def test_a_switch_changes_nothing_but_weights(found: RouteTable, data: st.DataObject) -> None:
    switched = [replace(route, weight=data.draw(strategies.weights)) for route in found.routes]
    other = RouteTable.of(switched, found.default)
    before, after = rules(found), rules(other)
    assert [(r.name, r.paths, r.methods, r.priority) for r in before] == [
        (r.name, r.paths, r.methods, r.priority) for r in after
    ]
    assert [set(rule.weights(found)) for rule in before] == [set(rule.weights(other)) for rule in after]


@given(accepted)
@pytest.mark.parametrize("marked", [False, True])
def test_a_rule_comes_after_those_of_paths_within_its_own(marked: bool, found: RouteTable) -> None:
    """Rules for requests at a path have none in common with those of longer paths. Those for testers are in order among
    themselves."""
    made = [rule for rule in rules(found) if bool(rule.mark) == marked]
    for number, rule in enumerate(made):
        later = {other.path for other in made[number:]} - {rule.path}
        assert " at" in rule.name or not any(within(path, rule.path) for path in later)


def test_a_route_with_a_parameter_leaves_all_other_rules_as_they_are() -> None:
    plain = [USERS, GET, Route("new", "/api/users/new", "posts", children=False), Route("all", "/api", "users")]
    before = {rule.name: rule.priority for rule in rules(table(*plain))}
    after = {rule.name: rule.priority for rule in rules(table(*plain, Route("x", "/api/users/{id}/x", "threads")))}
    assert {name: after[name] for name in before} == before


def test_a_plain_route_has_one_rule_with_percent_for_weights() -> None:
    for weight in (0, 5, 25, 100):
        found = table(replace(USERS, weight=weight))
        (rule,) = rules(found)
        assert (rule.name, rule.paths, rule.methods) == ("users", ("/api/users", "/api/users/*"), ())
        assert rule.weights(found) == {"users": weight, "monolith": 100 - weight}


def test_a_route_without_children_takes_the_slash_at_its_end() -> None:
    assert conditions(table(replace(USERS, children=False))) == [("users", ("/api/users", "/api/users/"), ())]


def test_a_parameter_is_a_regular_expression_of_one_segment() -> None:
    comments = Route("comments", "/api/v1.2/{slug}/comments", "users")
    assert conditions(table(comments)) == [("comments", (r"^/api/v1\.2/[^/]+/comments(/.*)?$",), ())]
    exact = replace(comments, children=False)
    assert conditions(table(exact)) == [("comments", (r"^/api/v1\.2/[^/]+/comments/?$",), ())]


def test_what_two_routes_have_in_common_has_a_rule_of_its_own() -> None:
    comments, drafts = Route("comments", "/a/{slug}/comments", "users"), Route("drafts", "/a/new", "posts")
    found = table(comments, drafts)
    assert conditions(found) == [
        ("comments /a/new/comments", ("^/a/new/comments(/.*)?$",), ()),
        ("comments", ("^/a/[^/]+/comments(/.*)?$",), ()),
        ("drafts", ("/a/new", "/a/new/*"), ()),
    ]
    assert [len(rule.chain) for rule in rules(found)] == [2, 1, 1]


def test_a_regular_expression_has_room_for_128_characters() -> None:
    def told_of(length: int) -> list[tuple[str | None, str, str]]:
        return mistakes(table(Route("long", "/{id}/" + "a" * length, "users")))

    assert told_of(128 - len("^/[^/]+/(/.*)?$")) == []
    ((where, found, remedy),) = told_of(129 - len("^/[^/]+/(/.*)?$"))
    assert (where, found.partition(" for ")[0]) == ("long", "a regular expression with 129 characters")
    assert remedy == "the facade alb allows 128: use a shorter path, or another facade"


def test_many_routes_below_parameters_keep_their_places() -> None:
    some = table(*(Route(f"r{n}", f"/api/{{id}}/r{n}", "users") for n in range(30)))
    assert mistakes(some) == []
    assert len({rule.priority for rule in rules(some)}) == 30
    ((_, found, _),) = mistakes(table(*(Route(f"r{n}", f"/api/{{id}}/r{n}", "users") for n in range(100))))
    assert found == "100 routes, which need 100 rules"


def test_methods_are_divided_among_rules_with_five_values_each() -> None:
    found = table(replace(USERS, methods=("DELETE", "GET", "PATCH", "POST")))
    paths = ("/api/users", "/api/users/*")
    assert sorted(conditions(found)) == [("users", paths, ("DELETE", "GET", "PATCH")), ("users POST", paths, ("POST",))]


def test_a_rule_for_each_group_of_methods_that_an_outer_route_tells_apart() -> None:
    found = table(replace(USERS, weight=50), replace(GET, weight=50))
    by_name = {rule.name: rule.weights(found) for rule in rules(found)}
    assert by_name == {
        "users": {"users": 50, "monolith": 50},
        "users GET": {"users": 50, "posts": 25, "monolith": 25},
        "reads": {"posts": 50, "monolith": 50},
    }


def test_requests_at_the_path_have_a_rule_of_their_own_where_others_take_only_them() -> None:
    reads = Route("reads", "/api/users", "posts", ("GET",), children=True)
    exact = replace(USERS, children=False)
    assert conditions(table(reads, exact)) == [
        ("reads at", ("/api/users", "/api/users/"), ("GET",)),
        ("reads", ("/api/users", "/api/users/*"), ("GET",)),
        ("users", ("/api/users", "/api/users/"), ()),
    ]


def test_without_a_default_the_rest_of_a_weight_has_no_service() -> None:
    found = table(replace(USERS, weight=25), default=None)
    (rule,) = rules(found)
    assert rule.weights(found) == {"users": 25, None: 75}


def test_weights_that_percent_cannot_tell_are_in_their_own_proportion() -> None:
    inner = Route("inner", "/api/users/me", "posts", weight=10)
    found = table(inner, replace(USERS, weight=25))
    (first, _) = rules(found)
    assert first.weights(found) == {"posts": 4, "users": 9, "monolith": 27}


def test_weights_that_a_rule_has_no_numbers_for_are_rounded_and_never_to_nothing() -> None:
    nested = [Route(f"r{n}", "/a" + "/b" * n, f"s{n}", weight=weight) for n, weight in enumerate((99, 1, 1))]
    found = table(*nested)
    first = rules(found)[0]
    assert first.weights(found) == {"s2": 10, "s1": 10, "s0": 969, "monolith": 10}


@pytest.mark.parametrize("method", [*METHODS, "TRACE"])
def test_each_method_of_nested_routes_goes_where_the_table_says(method: str) -> None:
    found = table(replace(USERS, weight=10), replace(GET, weight=100), Route("rest", "/api", "threads", weight=40))
    for path in ("/api", "/api/", "/api/x", "/api/users", "/api/users/", "/api/users/1", "/", "/apix"):
        assert_meant(found, method, path)


NEW, BETA, THIRD = Testers("X-Preview", "new"), Testers("preview", "beta", cookie=True), Testers("X-Third", "3")


def test_testers_have_a_rule_before_the_routes_own_whatever_the_weight() -> None:
    for weight in (0, 25, 100):
        found = table(replace(USERS, weight=weight, testers=NEW))
        first, second = rules(found)
        assert (first.name, first.paths, first.mark) == ("users testers", ("/api/users", "/api/users/*"), NEW)
        assert first.weights(found) == {"users": 100}
        assert (second.name, second.mark) == ("users", None)
        assert second.weights(found) == {"users": weight, "monolith": 100 - weight}


def test_a_longer_route_has_a_rule_for_the_testers_of_a_shorter_one_too() -> None:
    found = table(replace(USERS, weight=30), replace(GET, path="/api", methods=(), testers=NEW))
    by_name = {rule.name: rule.weights(found) for rule in rules(found) if rule.mark}
    assert by_name == {"users testers": {"users": 30, "posts": 70}, "reads testers": {"posts": 100}}


def test_methods_leave_room_for_the_mark_in_rules_of_testers() -> None:
    found = table(replace(USERS, methods=("DELETE", "GET", "PATCH"), testers=NEW))
    assert {rule.name: rule.methods for rule in rules(found) if rule.mark} == {
        "users testers": ("DELETE", "GET"),
        "users testers PATCH": ("PATCH",),
    }


def test_nested_routes_have_two_marks_at_most() -> None:
    nested = [Route(f"r{n}", "/a" + "/b" * n, "users", testers=mark) for n, mark in enumerate((NEW, BETA, THIRD))]
    assert mistakes(table(*nested[:2])) == []
    ((where, found, remedy),) = mistakes(table(*nested))
    assert (where, found) == ("r2", "3 different testers for /a/b/b")
    assert remedy == "the facade alb can distinguish 2: give nested routes the same testers"


def test_the_longest_paths_have_no_rules_for_testers() -> None:
    assert mistakes(table(Route("long", "/a" * 13, "users", testers=NEW))) == []
    ((_, found, remedy),) = mistakes(table(Route("long", "/a" * 14, "users", testers=NEW)))
    assert found == "a path with 14 segments, on a route with testers"
    assert remedy == "the facade alb allows at most 13 for testers: use another facade"


def test_forty_routes_of_one_depth_may_have_testers() -> None:
    some = table(*(Route(f"r{n}", f"/r{n}", "users", testers=NEW) for n in range(40)))
    assert (count(some), mistakes(some)) == (81, [])


def test_many_rules_of_one_depth_keep_their_bands() -> None:
    some = table(*(Route(f"r{n}", f"/r{n}", "users") for n in range(200)))
    assert count(some) == 201
    assert mistakes(some) == []
    assert len({rule.priority for rule in rules(some)}) == 200
    ((where, found, _),) = mistakes(table(*(Route(f"r{n}", f"/r{n}", "users") for n in range(500))))
    assert (where, found) == (None, "500 routes, which need 500 rules")


def reported(rule: RouteRule) -> dict[str, object]:
    """A rule as the provider reports it: with what isn't there as nothing."""
    header: dict[str, object] | None = None
    if rule.mark:
        name, value = ("Cookie", None) if rule.mark.cookie else (rule.mark.name, [rule.mark.value])
        pattern = [rule.mark.header_expression] if rule.mark.cookie else None
        header = {"httpHeaderName": name, "values": value, "regexValues": pattern}
    listed = sorted(rule.paths)
    found: list[dict[str, object]] = [
        {"pathPattern": {"values": None if rule.regex else listed, "regexValues": listed if rule.regex else None}},
        *([{"httpRequestMethod": {"values": [*rule.methods]}, "hostHeader": None}] if rule.methods else []),
        *([{"httpHeader": header}] if header else []),
    ]
    return {"priority": float(rule.priority), "conditions": found}


bands = st.sampled_from((None, Listener("arn"), Listener("arn", 1000, 40_000), Listener("arn", 1000, 1999)))


@given(accepted, accepted, bands)
def test_a_rule_that_comes_has_no_priority_that_one_has_which_goes(
    before: RouteTable, after: RouteTable, band: Listener | None
) -> None:
    assume(not mistakes(before, band) and not mistakes(after, band))
    now = {rule.name: rule for rule in rules(before, band)}
    known = {name: reported(rule) for name, rule in now.items()}
    made = rules(after, band, known)
    assert len({rule.priority for rule in made}) == len(made)
    taken = {rule.priority for rule in (*made, *now.values())}
    for rule in made:
        part = listener_priorities.parts(band, {"": rule.band})[""] if band else rule.band
        same = rule.name in now and now[rule.name].slot == rule.slot and now[rule.name].band == rule.band
        if same:
            assert rule.priority == now[rule.name].priority
        else:
            # Unless there is no other left.
            assert rule.priority not in {own.priority for own in now.values()} or {*part.all} <= taken
    assert rules(after, band, {rule.name: reported(rule) for rule in made}) == made


@given(accepted, accepted, strategies.methods, strategies.request_paths(), strategies.headers)
def test_the_rules_beside_those_that_go_mean_what_the_table_says(
    before: RouteTable, found: RouteTable, method: str, path: str, headers: dict[str, str]
) -> None:
    made = rules(found, known={rule.name: reported(rule) for rule in rules(before)})
    assert followed(found, method, path, headers, made) == followed(found, method, path, headers)


def test_a_route_may_take_the_place_in_the_rules_of_one_that_goes() -> None:
    """Which AWS refuses while the old one is there: PriorityInUse."""
    one, other = meeting()
    assert rules(table(one))[0].priority == rules(table(other))[0].priority
    (old,), (new,) = rules(table(one)), rules(table(other), known={"a": {}, one.id: reported(rules(table(one))[0])})
    assert old.priority != new.priority


def meeting() -> tuple[Route, Route]:
    """Two routes whose rules would have the same priority."""
    seen: dict[int, Route] = {}
    for number in count_up():
        route = Route(f"r{number}", f"/api/r{number}", "users")
        (rule,) = rules(table(route))
        if rule.priority in seen:
            return seen[rule.priority], route
        seen[rule.priority] = route
    raise AssertionError


def test_a_rule_that_is_sticky_is_known_by_what_the_provider_reported_of_it() -> None:
    def reported(**stickiness: object) -> dict[str, object]:
        return {"actions": [{"type": "forward", "forward": {"stickiness": {"duration": 60.0, **stickiness}}}]}

    plain: dict[str, object] = {"actions": [{"type": "forward", "targetGroupArn": "arn", "forward": None}]}
    found = {"on": reported(enabled=True), "off": reported(enabled=False), "plain": plain, "new": {}}
    assert sticky_now(found) == {"on": 60}
    assert forward({"a": 25, "b": 75}, None, {}, now=60) == Forward({"a": 25, "b": 75}, 60, wanted=False)
    assert not forward({"a": 25, "b": 75}, None, {}, now=60).sticky
