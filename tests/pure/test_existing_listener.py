"""Rules in a listener of the user's own: places in the band, which rules there are, and what it says of itself."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan import existing_listener, listener_priorities
from components.aws.plan.alb_priorities import BANDS_PER_DEPTH, MAX_SEGMENTS, Band, plain_band, varying_band
from components.aws.plan.alb_rules import mistakes, needed
from components.aws.plan.existing_listener import Action, rest
from components.aws.plan.listener_priorities import DEEPEST
from components.aws.plan.passages import Passage, passes
from components.model.facades import Listener
from components.model.routes import MAX_PARAMETERS, Route, RouteTable, Testers
from components.settings.listener import FEWEST
from tests import strategies
from tests.pure.test_alb_rules import followed

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/fedcba9876543210"
NARROW, WIDE = Listener(ARN, 1, FEWEST), Listener(ARN)
PLAIN = [plain_band(depth, kind) for depth in range(MAX_SEGMENTS, 0, -1) for kind in range(BANDS_PER_DEPTH)]
VARYING = [
    varying_band(depth, parameters, methods=methods)
    for depth in range(MAX_SEGMENTS, 1, -1)
    for parameters in range(1, MAX_PARAMETERS + 1)
    for methods in (True, False)
]
names = st.text(alphabet="abcdefgh GET-", min_size=1, max_size=8)
bands = st.dictionaries(names, st.sampled_from(PLAIN), max_size=60)


def test_a_listener_tells_its_load_balancer() -> None:
    assert WIDE.load_balancer_arn.endswith(":loadbalancer/app/shop/0123456789abcdef")
    assert WIDE.suffix == "app/shop/0123456789abcdef"


@pytest.mark.parametrize("listener", [NARROW, WIDE, Listener(ARN, 40_001, 50_000)])
def test_the_parts_of_a_band_follow_each_other_and_fill_it(listener: Listener) -> None:
    shares = listener_priorities.shares(listener)
    assert set(shares.routes) == {*PLAIN, *VARYING}
    assert sorted(shares.routes) == sorted(shares.routes, key=lambda band: shares.routes[band])
    parts = sorted([*shares.hosts.values(), *shares.routes.values(), shares.attached, shares.versions])
    assert parts[0].start == listener.first
    assert parts[-1].start + parts[-1].size == listener.last + 1
    assert all(one.start + one.size == other.start for one, other in pairwise(parts))
    assert all(part.size >= 1 for part in parts)


@given(bands)
def test_priorities_are_in_the_band_in_order_and_all_different(found: dict[str, Band]) -> None:
    placed = listener_priorities.of_routes(WIDE, found)
    assert len(set(placed.values())) == len(found)
    assert all(WIDE.first <= priority <= WIDE.last for priority in placed.values())
    in_order = [found[name] for name in sorted(placed, key=placed.__getitem__)]
    assert in_order == sorted(in_order)


@given(bands, names, st.sampled_from(PLAIN))
def test_a_new_rule_moves_others_of_its_own_part_only(found: dict[str, Band], name: str, band: Band) -> None:
    found.pop(name, None)
    before, after = (listener_priorities.of_routes(WIDE, rules) for rules in (found, {**found, name: band}))
    assert all(found[rule] == band for rule in found if before[rule] != after[rule])


def test_a_new_route_moves_no_other_rule_in_all_but_few_cases() -> None:
    known = {f"route-{number}": PLAIN[-1] for number in range(10)}
    before = listener_priorities.of_routes(WIDE, known)
    added = (listener_priorities.of_routes(WIDE, {**known, f"new-{n}": PLAIN[-1]}) for n in range(200))
    assert sum(1 for after in added if after.items() >= before.items()) >= 180


def test_a_band_that_has_no_room_for_the_routes_is_refused_with_their_number() -> None:
    routes = [Route(f"r{number}", f"/r{number}", "users") for number in range(60)]
    table = RouteTable.of(routes, "listener")
    assert mistakes(table, WIDE) == []
    ((where, found, remedy),) = mistakes(table, NARROW)
    assert where is None
    assert found == "60 routes, which need 60 rules"
    assert (
        "1-1000 has no room for so many paths of the same depth: widen facadeSettings.alb.listenerPriorities" in remedy
    )


ALL = Listener(ARN, 1, 50_000)
tables = strategies.route_lists().map(lambda routes: RouteTable.of(routes, "listener"))
accepted = tables.filter(lambda table: not mistakes(table, ALL))


@given(accepted, strategies.methods, strategies.headers, st.data())
def test_the_rules_that_are_there_mean_what_the_table_says(
    table: RouteTable, method: str, headers: dict[str, str], data: st.DataObject
) -> None:
    path = data.draw(st.one_of(strategies.paths_at(table), strategies.request_paths()))
    made = needed(table, ALL)
    assert set(followed(table, method, path, headers, made)) == set(table.resolve(method, path, headers))
    assert all(ALL.first <= rule.priority <= ALL.last for rule in made)
    assert len({rule.priority for rule in made}) == len(made)


@given(accepted)
def test_testers_leave_all_other_rules_as_they_are(table: RouteTable) -> None:
    plain = RouteTable.of([replace(route, testers=None) for route in table.routes], "listener")
    kept = [(rule.name, rule.priority) for rule in needed(table, ALL) if not rule.mark]
    assert kept == [(rule.name, rule.priority) for rule in needed(plain, ALL)]


def test_the_places_of_testers_are_those_of_the_longest_plain_paths() -> None:
    for listener, empty in ((NARROW, 226), (WIDE, 122), (ALL, 36)):
        shares = listener_priorities.shares(listener)
        parts = [shares.marked[band] for band in sorted(shares.marked)]
        others = {band: own for band, own in shares.routes.items() if band not in DEEPEST}
        assert parts[0].start == shares.routes[PLAIN[0]].start
        assert parts[-1].start + parts[-1].size == min(own.start for own in others.values())
        assert all(one.start + one.size == other.start for one, other in pairwise(parts))
        assert sum(1 for part in parts if not part.size) == empty


@pytest.mark.parametrize("methods", [(), ("GET",)])
@pytest.mark.parametrize("path", ["/a", "/a/b/c/d/e/f", "/a/{id}", "/a/b/{id}/c"])
def test_the_usual_band_has_room_for_testers_of_usual_paths(path: str, methods: tuple[str, ...]) -> None:
    mark = Testers("X-Preview", "users")
    table = RouteTable.of([Route("users", path, "users", methods, testers=mark)], "listener")
    assert mistakes(table, WIDE) == []
    assert [rule.mark for rule in needed(table, WIDE)] == [mark]


def test_the_usual_band_has_room_for_testers_of_ten_routes_of_one_depth_and_a_narrow_one_says_that_it_has_none() -> (
    None
):
    mark = Testers("X-Preview", "users")
    routes = [Route(f"r{number}", f"/api/r{number}", "users", testers=mark) for number in range(10)]
    table = RouteTable.of(routes, "listener")
    assert mistakes(table, WIDE) == []
    ((where, found, _),) = mistakes(table, NARROW)
    assert (where, found) == (None, "10 routes, which need 20 rules")


def test_a_path_in_whose_place_testers_are_is_refused() -> None:
    deep = Route("deep", "/a" * MAX_SEGMENTS, "users", weight=100)
    assert mistakes(RouteTable.of([deep], "listener"), WIDE) == []
    tested = Route("posts", "/posts", "posts", testers=Testers("X-Preview", "posts"))
    assert mistakes(RouteTable.of([deep, tested], "monolith")) == []
    ((name, found, remedy),) = mistakes(RouteTable.of([deep, tested], "listener"), WIDE)
    assert (name, found) == ("deep", "a path with 14 segments together with testers")
    assert remedy.startswith("in an existing listener, testers use its priorities")


def test_an_inactive_route_has_no_rule_and_takes_none_from_another() -> None:
    inner, outer = Route("inner", "/a/b", "users"), Route("outer", "/a", "posts", weight=100)
    table = RouteTable.of([inner, outer], "listener")
    weights = [rule.weights(table) for rule in needed(table, WIDE)]
    assert weights == [{"users": 0, "posts": 100, "listener": 0}, {"posts": 100, "listener": 0}]
    assert needed(RouteTable.of([inner], "listener"), WIDE) == ()


@pytest.mark.parametrize(
    ("actions", "group", "found"),
    [
        ([Action("forward", {"a": 1})], "a", "forwards to one target group"),
        ([Action("forward", {"a": 1, "b": 0})], "a", "forwards to one target group"),
        ([Action("forward", {"a": 1, "b": 1})], None, "forwards to 2 target groups"),
        ([Action("fixed-response")], None, "answers by a fixed-response"),
        ([Action("redirect")], None, "answers by a redirect"),
        ([Action("authenticate-oidc"), Action("forward", {"a": 1})], None, "asks who the client is"),
    ],
)
def test_the_rest_goes_to_one_target_group_or_says_why_not(
    actions: list[Action], group: str | None, found: str
) -> None:
    assert (rest(actions).group, rest(actions).found) == (group, found)
    assert rest(actions).authenticates is (len(actions) > 1)


def test_a_share_needs_a_target_group_for_the_rest_and_all_or_nothing_does_not() -> None:
    for weight, expected in ((0, []), (25, ["users"]), (100, [])):
        table = RouteTable.of([Route("users", "/api/users", "users", weight=weight)], "listener")
        assert existing_listener.shared(table, WIDE) == expected
    (line,) = existing_listener.mistakes([], "vpc-1", rest([Action("redirect")]), ["users"])
    assert line == (
        "routes: weights for users, and the default action of facadeSettings.alb.listener answers by a redirect; "
        "only a single target group can get the remaining requests: give 0 or 100"
    )


@pytest.mark.parametrize(
    ("rule", "open_"),
    [
        (Passage("-1", -1, -1, range="0.0.0.0/0"), True),
        (Passage("tcp", 0, 65535, range="10.0.0.0/8"), True),
        (Passage("tcp", 3000, 3000, range="10.1.0.0/16"), True),
        (Passage("tcp", 443, 443, range="0.0.0.0/0"), False),
        (Passage("udp", 0, 65535, range="0.0.0.0/0"), False),
        (Passage("tcp", 0, 65535, range="10.1.2.0/24"), False),
        (Passage("tcp", 0, 65535, group="sg-theirs"), False),
        (Passage("tcp", 0, 65535, group="sg-own"), True),
    ],
)
def test_a_load_balancer_reaches_what_its_security_groups_let_it(rule: Passage, *, open_: bool) -> None:
    assert passes([rule], "10.1.0.0/16", ["sg-own"], 3000) is open_
    assert not passes([], "10.1.0.0/16", ["sg-own"], 3000)


def test_a_priority_that_a_rule_of_theirs_has_is_one_line_with_its_arn() -> None:
    assert list(existing_listener.collisions({20_123: "arn:theirs"})) == [
        "facadeSettings.alb.listener: the priority 20123, needed for one of our rules, is used by arn:theirs; "
        "set another band in facadeSettings.alb.listenerPriorities, or give that rule another priority"
    ]
