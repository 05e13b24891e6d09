"""The facades through the real CLI: the operations of every step, and who answers after each single one."""

import json
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.aws.plan.alb_rules import rules
from components.model.routes import Route, RouteTable
from tests.engine.projects import must, stack
from tests.projects import manifest
from tools.standin import apigateway as http
from tools.standin import ec2, ecs, elb, trace
from tools.standin import refactorspaces as rs
from tools.standin.cloud import Operation, Snapshot
from tools.standin.engine import EngineStack, Run

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
THREE = {**TWO, "posts": manifest("posts")}

USERS_ROUTES = (f"{http.ROUTE} ANY /api/users", f"{http.ROUTE} ANY /api/users/{{proxy+}}")

CUT_OVER: Mapping[str, list[str]] = {
    "refactor-spaces": [f"create {rs.ROUTE} users"],
    "api-gateway": [f"update {route}" for route in USERS_ROUTES],
    "alb": [f"update {elb.RULE} users"],
}
WAY_BACK: Mapping[str, list[str]] = {**CUT_OVER, "refactor-spaces": [f"delete {rs.ROUTE} users"]}

FACADE: Mapping[str, list[str]] = {
    "refactor-spaces": [
        f"create {rs.APPLICATION} facade",
        f"create {rs.ENVIRONMENT} facade",
        f"create {rs.ROUTE} facade-default",
        f"create {rs.SERVICE} facade-monolith",
        f"create {rs.SERVICE} facade-users",
    ],
    "api-gateway": sorted(
        [
            f"create {http.API} facade",
            f"create {http.STAGE} facade",
            "create aws:cloudwatch/logGroup:LogGroup facade",
            f"create {http.ROUTE} $default",
            *(f"create {route}" for route in USERS_ROUTES),
            *(
                f"create {kind} facade-{name}"
                for name in TWO
                for kind in (
                    http.INTEGRATION,
                    http.VPC_LINK,
                    "aws:ec2/securityGroup:SecurityGroup",
                    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
                    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                )
            ),
        ]
    ),
    "alb": [f"create {elb.RULE} facade-default", f"create {elb.RULE} users"],
}


def answer(snapshot: Snapshot, url: str, path: str = "/api/users", method: str = "GET") -> dict[str | int, float]:
    return dict(trace.answer(snapshot, url, method, path, greedy_takes_empty=True))


def left(found: EngineStack) -> list[str]:
    """What is still in the account. An image stays on the machine that built it, with its repository gone."""
    return [
        f"{resource.type} {resource.name}"
        for resource in found.cloud.snapshot
        if resource.type != "docker:index/image:Image"
    ]


def facade_lines(run: Run) -> list[str]:
    """What a run did below the facade."""
    return sorted(str(operation) for operation in run.operations if "Facade$" in operation.urn)


@contextmanager
def watched(found: EngineStack, path: str = "/api/users") -> Generator[list[set[str | int]]]:
    """Who answers a path after each single operation, without repetitions."""
    url, seen = str(found.outputs()["url"]), list[set[str | int]]()

    def look(operation: Operation) -> None:
        names = trace.names(answer(operation.snapshot, url, path))
        if not seen or seen[-1] != names:
            seen.append(names)

    with found.cloud.watching(look):
        yield seen


@pytest.mark.parametrize("facade", FACADE)
def test_the_life_of_a_facade(facade: str, tmp_path: Path) -> None:
    with stack(tmp_path, facade, TWO) as found:
        first = must(found.up())
        assert facade_lines(first) == FACADE[facade]
        assert must(found.up()).lines() == []
        url = str(found.outputs()["url"])
        assert not url.endswith("/")
        paths = ("/", "/api/users", "/api/users/", "/api/users/1", "/api/usersx", "/api")
        assert [answer(found.cloud.snapshot, url, path) for path in paths] == [{"monolith": 1.0}] * len(paths)

        found.set("strangler:routes.users", "true")
        assert sorted(must(found.plan()).lines()) == CUT_OVER[facade]
        with watched(found) as seen:
            assert sorted(must(found.up()).lines()) == CUT_OVER[facade]
        assert [item for item in seen if item != {"monolith"}] == [{"users"}]
        taken = [{"users": 1.0} if "users" in path and "x" not in path else {"monolith": 1.0} for path in paths]
        assert [answer(found.cloud.snapshot, url, path) for path in paths] == taken
        assert must(found.refresh()).lines() == []
        assert must(found.up()).lines() == []

        found.set("strangler:routes.users", "false")
        with watched(found) as seen:
            assert sorted(must(found.up()).lines()) == WAY_BACK[facade]
        assert seen[-1] == {"monolith"}
        assert all(item in ({"users"}, {"monolith"}) for item in seen)
        assert found.outputs()["url"] == url

        must(found.destroy())
        assert left(found) == []


@pytest.mark.parametrize("facade", FACADE)
def test_a_new_service_that_takes_its_route_at_once_never_leaves_it_unanswered(facade: str, tmp_path: Path) -> None:
    with stack(tmp_path / "project", facade, THREE) as found:
        posts, aside = found.program / "services" / "posts", tmp_path / "posts"
        shutil.move(posts, aside)
        must(found.up())
        shutil.move(aside, posts)
        found.set("strangler:routes.posts", "true")
        with watched(found, "/api/posts") as seen:
            added = must(found.up())
        assert seen == [{"monolith"}, {"posts"}]
        assert {operation.op for operation in added.operations} == {"create"}

        shutil.move(posts, aside)
        found.set("strangler:routes", "{}", path=False)
        with watched(found, "/api/posts") as seen:
            removed = must(found.up())
        # What goes first is the engine's choice; until the path's own route goes, its old owner answers.
        assert seen in ([{"monolith"}], [{"posts"}, {"monolith"}])
        assert {operation.op for operation in removed.operations} == {"delete"}


@pytest.mark.parametrize("facade", FACADE)
def test_a_route_does_not_turn_to_a_service_whose_deployment_failed(facade: str, tmp_path: Path) -> None:
    with stack(tmp_path, facade, TWO) as found:
        must(found.up())
        found.cloud.deployment_fails("users", "it crashed")
        (found.program / "services" / "users" / "Dockerfile").write_text("FROM scratch\nCMD new\n", encoding="utf-8")
        found.set("strangler:routes.users", "true")
        with watched(found) as seen:
            failed = found.up()
        assert not failed.ok
        assert any("it crashed" in problem or "rolled back" in problem for problem in failed.errors), failed.errors
        assert all(item == {"monolith"} for item in seen)
        assert facade_lines(failed) == []


def test_a_canary_on_alb_changes_the_weights_of_one_rule_step_by_step(tmp_path: Path) -> None:
    with stack(tmp_path, "alb", TWO) as found:
        must(found.up())
        url = str(found.outputs()["url"])
        for percent in (5, 25, 100):
            found.set("strangler:routes.users", str(percent))
            assert must(found.up()).lines() == [f"update {elb.RULE} users"]
            expected = {"users": percent / 100, "monolith": 1 - percent / 100}
            assert answer(found.cloud.snapshot, url) == pytest.approx({k: v for k, v in expected.items() if v})
            assert answer(found.cloud.snapshot, url, "/api/usersx") == {"monolith": 1.0}


def nested(percent: int) -> dict[str, object]:
    """A route for reading within one for everything, and next to it one without children."""
    return {
        "users": percent,
        "reads": {"path": "/api", "service": "posts", "methods": ["GET"], "active": True},
        "me": {"path": "/api/users/me", "service": "posts", "children": False, "active": True},
    }


@pytest.mark.parametrize("facade", FACADE)
def test_nested_routes_mean_the_same_on_every_facade(facade: str, tmp_path: Path) -> None:
    with stack(tmp_path, facade, THREE, {"routes": nested(0)}) as found:
        must(found.up())
        url = str(found.outputs()["url"])

        def ask(method: str, path: str) -> set[str | int]:
            return trace.names(answer(found.cloud.snapshot, url, path, method))

        assert ask("GET", "/api/users/7") == {"posts"}
        assert ask("POST", "/api/users/7") == {"monolith"}
        found.set("strangler:routes.users", "100")
        must(found.up())
        asked = [("GET", "/api/users/7"), ("POST", "/api/users"), ("GET", "/api/users/me/x"), ("GET", "/api/users/me")]
        assert [ask(*request) for request in asked] == [{"users"}, {"users"}, {"users"}, {"posts"}]
        assert [ask("GET", "/api/x"), ask("POST", "/api/x"), ask("GET", "/apix")] == [
            {"posts"},
            {"monolith"},
            {"monolith"},
        ]


@pytest.mark.parametrize("facade", ["api-gateway", "alb"])
def test_without_a_default_what_no_route_takes_is_answered_503(facade: str, tmp_path: Path) -> None:
    with stack(tmp_path, facade, TWO, {"routes": {"users": True}, "default": "none"}) as found:
        must(found.up())
        url = str(found.outputs()["url"])
        assert answer(found.cloud.snapshot, url) == {"users": 1.0}
        assert answer(found.cloud.snapshot, url, "/") == {503: 1.0}
        assert must(found.up()).lines() == []

        found.set("strangler:routes.users", "false")
        assert {operation.op for operation in must(found.up()).operations} == {"update"}
        assert answer(found.cloud.snapshot, url) == {503: 1.0}

        found.set("strangler:default", "monolith")
        with watched(found) as seen:
            must(found.up())
        assert seen[-1] == {"monolith"}
        assert answer(found.cloud.snapshot, url, "/") == {"monolith": 1.0}
        must(found.destroy())
        assert left(found) == []


def test_half_a_route_without_a_default_leaves_the_other_half_unanswered(tmp_path: Path) -> None:
    with stack(tmp_path, "alb", TWO, {"routes": {"users": 25}, "default": "none"}) as found:
        must(found.up())
        assert answer(found.cloud.snapshot, str(found.outputs()["url"])) == {"users": 0.25, 503: 0.75}


def test_the_proxy_of_refactor_spaces_goes_before_the_subnets_that_it_is_in(tmp_path: Path) -> None:
    with stack(tmp_path, "refactor-spaces", TWO) as found:
        must(found.up())
        destroyed = must(found.destroy()).lines()
        subnets = [f"delete {ec2.SUBNET} monolith-private-{number}" for number in (1, 2)]
        assert all(destroyed.index(f"delete {rs.APPLICATION} facade") < destroyed.index(subnet) for subnet in subnets)


def test_another_default_on_refactor_spaces_replaces_the_application_in_an_order_that_aws_accepts(
    tmp_path: Path,
) -> None:
    with stack(tmp_path, "refactor-spaces", TWO, {"routes": {"users": True}}) as found:
        must(found.up())
        old = found.outputs()["url"]
        found.set("strangler:default", "users")
        found.set("strangler:routes", '{"mono": {"path": "/api/mono", "service": "monolith"}}', path=False)
        must(found.up())
        assert found.outputs()["url"] != old
        assert answer(found.cloud.snapshot, str(found.outputs()["url"]), "/") == {"users": 1.0}
        must(found.destroy())
        assert left(found) == []


def colliding() -> tuple[str, str]:
    """Two ids of routes whose rules would have the same priority, were they alone."""
    places: dict[int, str] = {}
    for number in range(1000):
        name = f"r{number}"
        place = rules(RouteTable.of([Route(name, f"/{name}/x", "users")], "monolith"))[0].priority
        if place in places:
            return places[place], name
        places[place] = name
    raise AssertionError("no two ids fall on one place")


def test_a_rule_never_gets_the_priority_of_another_that_is_there_yet(tmp_path: Path) -> None:
    """Which AWS refuses: PriorityInUse. README promised another `up` for it once."""
    first, second = colliding()
    one = {first: {"path": f"/{first}/x", "service": "users"}}
    other = {second: {"path": f"/{second}/x", "service": "users", "active": True}}
    with stack(tmp_path, "alb", TWO, {"routes": one}) as found:
        must(found.up())
        for routes, changes in (
            ({**one, **other}, [f"create {elb.RULE} {second}"]),
            (one, [f"delete {elb.RULE} {second}"]),
            (other, [f"create {elb.RULE} {second}", f"delete {elb.RULE} {first}"]),
        ):
            found.set("strangler:routes", json.dumps(routes), path=False)
            assert sorted(must(found.up()).lines()) == changes
        assert answer(found.cloud.snapshot, str(found.outputs()["url"]), f"/{second}/x/1") == {"users": 1.0}
        assert must(found.up()).lines() == []


FIRST: Mapping[str, Callable[[EngineStack], None]] = {
    "default": lambda found: found.cloud.fail_next(rs.ROUTE, "create", "Throttling: slow down"),
    "service": lambda found: found.cloud.fail_next(ecs.SERVICE, "create", "no capacity"),
}


@pytest.mark.parametrize("failing", FIRST)
def test_a_first_up_that_failed_half_way_is_finished_by_the_next(failing: str, tmp_path: Path) -> None:
    with stack(tmp_path, "refactor-spaces", TWO, {"routes": {"users": True}}) as found:
        FIRST[failing](found)
        assert not found.up().ok
        must(found.up())
        assert must(found.up()).lines() == []
        assert answer(found.cloud.snapshot, str(found.outputs()["url"])) == {"users": 1.0}
        assert len(found.cloud.of(rs.ROUTE)) == 2
