"""`AlbFacade` in a listener that stands already, under the mocks."""

from dataclasses import replace
from typing import Any, cast

import pulumi
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from components import AlbFacade, AlbFacadeArgs, RouteArgs
from components.aws.plan import alb_rules
from components.model.facades import Listener
from components.model.routes import Route, RouteTable
from tests.components.recorder import Record, run
from tests.components.test_meaning import placed, running
from tests.engine.results import same, shares
from tests.strategies import SERVICES, methods, request_paths, route_tables
from tools.standin import trace

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/0123456789abcdef"
RULE = "aws:lb/listenerRule:ListenerRule"
BAND = Listener("")


def args(**changes: object) -> AlbFacadeArgs:
    """Those of the shortest useful program."""
    plain: dict[str, object] = {
        "listener_arn": ARN,
        "targets": {"monolith": {"target_group_arn": "arn:old"}, "users": {"target_group_arn": "arn:new"}},
        "default_target": "monolith",
        "routes": [{"path": "/api/users", "target": "users", "weight": 25}],
        **changes,
    }
    return cast("AlbFacadeArgs", {key: value for key, value in plain.items() if value is not None})


def made(**changes: object) -> Record:
    """What is registered of it."""
    return run(lambda: AlbFacade("facade", args(**changes)))


def refused(**changes: object) -> list[str]:
    """The lines that it is refused with; nothing is registered then."""
    with pytest.raises(pulumi.RunError) as found:
        AlbFacade("facade", args(**changes))
    return str(found.value).splitlines()


def weights(record: Record, name: str) -> list[tuple[str, float]]:
    """The target groups of a rule, with their weights."""
    action = record.one(RULE, name).inputs["actions"][0]
    groups: list[dict[str, Any]] = action.get("forward", {}).get("targetGroups") or [{"arn": action["targetGroupArn"]}]
    return [(group["arn"], group.get("weight", 100)) for group in groups]


def given_route(route: Route) -> RouteArgs:
    """A route of a table as a program writes it."""
    found: RouteArgs = {
        "path": route.path,
        "target": route.service,
        "weight": route.weight,
        "include_children": route.children,
    }
    if route.methods:
        found["methods"] = list(route.methods)
    return found


@settings(max_examples=25, deadline=None)
@given(table=route_tables(), requests=st.lists(st.tuples(methods, request_paths()), min_size=10, max_size=30))
def test_its_rules_mean_what_the_routes_mean(table: RouteTable, requests: list[tuple[str, str]]) -> None:
    table = replace(table, routes=tuple(replace(route, testers=None) for route in table.routes))
    assume(not alb_rules.mistakes(table, BAND))
    if table.default is None:
        whole = (replace(route, weight=100 if route.weight > 50 else 0) for route in table.routes)
        table = replace(table, routes=tuple(whole))
    # The listener's own rules lead to the monolith.
    meant = replace(table, default=SERVICES[0])
    found = running("alb")
    front = found.fronts[SERVICES[0]]
    targets = {name: {"target_group_arn": found.groups[name]} for name in SERVICES}
    routes = [given_route(route) for route in table.routes]
    own = args(listener_arn=front.listener.id, targets=targets, routes=routes, default_target=table.default)
    snapshot, _ = placed(found, lambda: AlbFacade("facade", own))
    at = [
        (method, f"{path.replace('{}', value)}{end}")
        for path in table.paths
        for value in ("users", "7")
        for method in ("GET", "POST")
        for end in ("", "/", "/1")
    ]
    for method, path in [*at, *requests]:
        answered = trace.answer(snapshot, f"http://{front.balancer['dnsName']}", method, path)
        expected = shares(meant.resolve(method, path))
        assert same(answered, expected), f"{method} {path}: {dict(answered)}, not {dict(expected)}"


def test_a_share_leaves_the_rest_to_the_default_target() -> None:
    record = made()
    assert weights(record, "facade /api/users") == [("arn:new", 25), ("arn:old", 75)]
    assert weights(record, "facade-default") == [("arn:old", 100)]
    assert record.one(RULE, "facade-default").inputs["priority"] == 29_999
    assert 20_000 <= record.one(RULE, "facade /api/users").inputs["priority"] < 29_999
    assert {rule.inputs["listenerArn"] for rule in record.of(RULE)} == {ARN}
    assert {made.type for made in record.all} == {RULE, "strangler:index:AlbFacade"}


def test_a_cut_over_changes_weights_alone() -> None:
    before, after = (made(routes=[{"path": "/api/users", "target": "users", "weight": weight}]) for weight in (0, 100))
    assert {rule.name for rule in before.of(RULE)} == {rule.name for rule in after.of(RULE)}
    old, new = (record.one(RULE, "facade /api/users").inputs for record in (before, after))
    assert {key for key in old if old[key] != new[key]} == {"actions"}
    assert weights(before, "facade /api/users") == [("arn:new", 0), ("arn:old", 100)]


def test_without_a_default_target_the_listener_answers_the_rest() -> None:
    routes = [
        {"path": "/api/users", "target": "users", "weight": 100},
        {"path": "/api/posts", "target": "users"},
    ]
    record = made(default_target=None, routes=routes)
    assert [rule.name for rule in record.of(RULE)] == ["facade /api/users"]
    assert weights(record, "facade /api/users") == [("arn:new", 100)]


def test_the_order_of_routes_means_nothing() -> None:
    routes = [
        {"path": "/api", "target": "users", "weight": 5},
        {"path": "/api/users", "target": "users", "methods": ["POST", "GET"], "weight": 100},
    ]
    one, other = made(routes=routes), made(routes=routes[::-1])
    assert [(rule.name, rule.inputs) for rule in one.of(RULE)] == [(rule.name, rule.inputs) for rule in other.of(RULE)]
    assert "facade GET,POST /api/users" in [rule.name for rule in one.of(RULE)]


def test_two_of_them_stand_side_by_side_in_one_program() -> None:
    def program() -> None:
        AlbFacade("one", args())
        AlbFacade("two", args(priorities="1000-2999"))

    record = run(program)
    record.check()
    assert {rule.name for rule in record.of(RULE)} == {
        f"{name}{end}" for name in ("one", "two") for end in (" /api/users", "-default")
    }


def test_its_listener_is_known_once_all_rules_are_there() -> None:
    record = made(tags={"team": "shop"})
    outputs = next(value for urn, value in record.outputs.items() if "strangler:index:AlbFacade" in urn)
    assert outputs == {
        "listenerArn": ARN,
        "ruleArns": {
            "/api/users": "arn:ListenerRule/facade /api/users",
            "default": "arn:ListenerRule/facade-default",
        },
    }
    assert {str(rule.inputs["tags"]) for rule in record.of(RULE)} == {"{'team': 'shop'}"}


def test_stickiness_that_is_off_is_written_so_that_it_is_switched_off() -> None:
    def stickiness(**changes: object) -> dict[str, object]:
        return made(**changes).one(RULE, "facade /api/users").inputs["actions"][0]["forward"]["stickiness"]

    assert stickiness() == {"enabled": False, "duration": 1}
    assert stickiness(stickiness_seconds=600) == {"enabled": True, "duration": 600}
    sticky = {"target_group_arn": "arn:new", "stickiness_seconds": 60}
    targets = {"monolith": {"target_group_arn": "arn:old"}, "users": sticky}
    assert stickiness(targets=targets) == {"enabled": True, "duration": 60}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"routes": [{"path": "api/users", "target": "user", "weight": 101.0, "methods": ["get"]}]},
            [
                "AlbFacade facade: routes[0].methods[0]: unknown method 'get'; write GET",
                "AlbFacade facade: routes[0].weight: found 101; give a whole number from 0 to 100",
                "AlbFacade facade: routes[0].path: the path 'api/users' does not begin with /; write /api/users",
                "AlbFacade facade: routes[0].target: unknown target 'user'; did you mean users?",
            ],
        ),
        (
            {"listener_arn": None, "default_targets": "x", "default_target": "monolit", "priorities": "1-9"},
            [
                "AlbFacade facade: default_targets: unknown key; did you mean default_target?",
                "AlbFacade facade: listener_arn: missing; give the ARN of a listener of an application load balancer",
                "AlbFacade facade: priorities: 9 priorities; give 1000 or more, so that rules keep their priorities",
                "AlbFacade facade: default_target: unknown target 'monolit'; did you mean monolith?",
            ],
        ),
        (
            {"routes": [{"path": "/a", "target": "users"}, {"path": "/a", "target": "users"}, {"target": "users"}]},
            [
                "AlbFacade facade: routes[1]: duplicate route /a; remove one, or change its path or methods",
                "AlbFacade facade: routes[2].path: missing; give a path such as /api/users",
            ],
        ),
        (
            {
                "routes": [
                    {"path": "/{a}/b", "target": "users", "methods": ["GET"]},
                    {"path": "/{c}/b", "target": "users", "methods": ["GET", "PUT"]},
                ]
            },
            [
                "AlbFacade facade: routes[1]: the path /{c}/b is used twice for GET; the route GET /{a}/b already "
                "has it: change one of their paths or methods"
            ],
        ),
        (
            {"default_target": None},
            [
                "AlbFacade facade: routes: weights for /api/users; set default_target to the target "
                "that gets the rest, or give 0 or 100"
            ],
        ),
        (
            {"targets": {"monolith": {"target_group": "arn:old"}, "users": {"target_group_arn": "arn:new"}}},
            [
                "AlbFacade facade: targets.monolith.target_group: unknown key; did you mean target_group_arn?",
                "AlbFacade facade: targets.monolith.target_group_arn: missing; give the ARN of its target group",
            ],
        ),
    ],
)
def test_mistakes_are_told_in_one_go_and_nothing_is_made(changes: dict[str, object], lines: list[str]) -> None:
    assert refused(**changes) == lines
