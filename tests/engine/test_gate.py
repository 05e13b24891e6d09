"""`up` on AWS compares a route with what answers now before it moves: the program's own client asks by the facade's
URL, and gets what the account's rules say at that moment (`internet.py`)."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.internet import Internet, internet
from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin import shop
from tests.standin.driver import Driver
from tools.compare.__main__ import OVER, of_outputs
from tools.standin import deployments, dns, ecs, trace
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack

MARK = {"header": {"name": "X-Preview", "value": "users"}}
WWW = "www.example.com"
MOVES = ("aws:lb/listenerRule:ListenerRule", "aws:apigatewayv2/route:Route")
USERS: list[dict[str, object]] = [{"id": 1, "name": "ann", "bio": "x"}, {"id": 2, "name": "bob", "bio": "y"}]
WRONG: list[dict[str, object]] = [{"id": user["id"], "name": user["name"]} for user in USERS]


@dataclass
class Board:
    """A stack whose services answer what a test says."""

    stack: EngineStack
    internet: Internet
    users: list[dict[str, object]]
    """What the service users answers."""

    def route(self, name: str, **entry: object) -> None:
        self.stack.set(f"strangler:routes.{name}", json.dumps(entry))

    def answers(self, path: str) -> set[str | int]:
        url = str(self.stack.outputs()["url"])
        return trace.names(trace.answer(self.stack.cloud.snapshot, url, "GET", path, greedy_takes_empty=True))


def board(tmp_path: Path, facade: str, routes: Tree, *, named: bool = False) -> Iterator[Board]:
    """named: whether the facade has a name of the user's own."""
    services = {"monolith": manifest("monolith", "/"), "users": manifest("users"), "posts": manifest("posts")}
    cloud, folder = Cloud(), tmp_path / "project"
    own = {"domain": {"name": WWW, "hostedZone": Driver(cloud).create(dns.ZONE, "example", name="example.com").id}}
    config: Tree = {"routes": routes, **({"facadeSettings": {facade: own}} if named else {})}
    users = list(WRONG)
    with (
        internet(cloud, {"users": users, "monolith": USERS, "posts": ""}, tmp_path / "tls") as served,
        stack(folder, facade, services, config, cloud, served.environment) as found,
    ):
        (found.program / "users.requests").write_text("/api/users\n/api/users/2\n/api/posts\n")
        yield Board(found, served, users)


@pytest.fixture
def alb(tmp_path: Path) -> Iterator[Board]:
    routes: Tree = {"users": {"testers": MARK, "compare": {"requests": "users.requests"}, "weight": 100}}
    yield from board(tmp_path, "alb", routes)


FIRST = "route users: nothing is deployed yet to compare users with; it starts with the weight 100, uncompared"
FINDING = "route users: 2 requests compared, 1 finding; the traffic stays where it was"
PLAN = (
    "route users: before any route moves, up compares users with the current service, using 2 requests of "
    "users.requests"
)


def test_on_alb_a_route_moves_once_it_has_proved_itself(alb: Board) -> None:
    found, entry = alb.stack, {"testers": MARK, "compare": {"requests": "users.requests"}}

    # A first `up` has nothing to compare with.
    assert FIRST in must(found.plan()).output
    assert FIRST in must(found.up()).output
    alb.route("users", **entry, weight=0)
    must(found.up())
    assert (alb.answers("/api/users"), alb.internet.seen) == ({"monolith"}, [])

    # The plan says what `up` will do, and compares nothing.
    alb.route("users", **entry, weight=100)
    alb.route("posts", weight=100)
    planned = must(found.plan())
    assert PLAN in planned.output
    assert "doesn't reach" not in planned.output
    assert alb.internet.seen == []

    # A wrong service: nothing moves, neither this route nor the other, and the findings are told once.
    failed = found.up()
    assert not failed.ok
    (told,) = [error for error in failed.errors if FINDING in error]
    assert "2 times missing $[*].bio" in told
    assert [line for line in failed.lines() if any(kind in line for kind in MOVES)] == []
    assert (alb.answers("/api/users"), alb.answers("/api/posts")) == ({"monolith"}, {"monolith"})
    asked = [(seen.by, "X-Preview" in seen.headers) for seen in alb.internet.seen]
    assert sorted(asked) == [("monolith", False)] * 4 + [("users", True)] * 2
    report = json.loads((found.program / ".strangler/reports/test/compare-users.json").read_text())
    assert report["findings"][0]["path"] == "$[*].bio"
    assert found.outputs()["routes"]["users"]["weight"] == 0
    assert sorted(must(found.plan()).lines()) == sorted(planned.lines())

    # Its next release answers as the monolith does: it is what is compared, and then both routes move.
    alb.users[:] = USERS
    running: list[object] = []

    def note() -> None:
        (service,) = [one for one in found.cloud.of(ecs.SERVICE) if one.name == "users"]
        running.append(deployments.tasks(service)["taskDefinition"])
        assert alb.answers("/api/posts") == {"monolith"}

    alb.internet.before = note
    (found.program / "services/users/Dockerfile").write_text("FROM scratch\n# the next release\n")
    # Long enough for the other route to be ready before.
    found.cloud.durations, found.cloud.time_scale = {f"{ecs.SERVICE}:update": 3.0}, 1.0
    moved = must(found.up())
    found.cloud.durations = {}
    alb.internet.before = None
    assert "2 requests compared, no findings" in moved.output
    assert (alb.answers("/api/users"), alb.answers("/api/posts")) == ({"users"}, {"posts"})
    (service,) = [one for one in found.cloud.of(ecs.SERVICE) if one.name == "users"]
    assert set(running) == {service["taskDefinition"]}
    assert must(found.plan()).lines() == []

    # On the way back nothing is compared.
    count = len(alb.internet.seen)
    alb.route("users", **entry, weight=0)
    must(found.up())
    assert len(alb.internet.seen) == count

    # Testers that aren't up yet, and a facade that this machine doesn't reach.
    other = {"header": {"name": "X-Preview", "value": "other"}}
    alb.route("users", **{**entry, "testers": other}, weight=100)
    refused = found.plan()
    assert not refused.ok
    assert (
        "routes.users: found the weight 100, but the testers used to compare it aren't deployed in this form"
        in refused.output
    )
    alb.route("users", **entry, weight=5)
    found.environment["http_proxy"] = "http://127.0.0.1:1"
    assert "route users: this machine can't reach http://" in must(found.plan()).output
    failed = found.up()
    assert not failed.ok
    assert "Connection refused; the traffic stays where it was; run pulumi up on a machine" in failed.output
    assert alb.answers("/api/users") == {"monolith"}
    must(found.destroy())


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Board]:
    """Rules in the listener of a monolith that stands already."""
    cloud = Cloud()
    config: Tree = {
        **shop.settings(shop.stood(Driver(cloud))),
        "routes": {"users": {"testers": MARK, "compare": {"requests": "users.requests"}, "weight": 0}},
    }
    users = list(WRONG)
    with (
        internet(cloud, {"users": users, "monolith": USERS}, tmp_path / "tls") as served,
        stack(tmp_path / "project", "alb", {"users": manifest("users")}, config, cloud, served.environment) as found,
    ):
        (found.program / "users.requests").write_text("/api/users\n/api/users/2\n")
        yield Board(found, served, users)


def test_in_a_listener_of_the_users_own_it_is_compared_with_what_is_behind_that(theirs: Board) -> None:
    found = theirs.stack
    must(found.up())
    theirs.route("users", testers=MARK, compare={"requests": "users.requests"}, weight=100)
    assert PLAN in must(found.plan()).output
    failed = found.up()
    assert not failed.ok
    assert FINDING in failed.output
    assert [line for line in failed.lines() if any(kind in line for kind in MOVES)] == []
    assert theirs.answers("/api/users") == {"monolith"}
    theirs.users[:] = USERS
    assert "2 requests compared, no findings" in must(found.up()).output
    assert theirs.answers("/api/users") == {"users"}
    must(found.destroy())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Board]:
    routes: Tree = {"users": {"testers": MARK, "compare": {"requests": "users.requests"}, "weight": 0}}
    yield from board(tmp_path, "api-gateway", routes, named=True)


def test_on_api_gateway_testers_and_comparisons_go_by_the_output_testers_url(
    api: Board, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found, entry = api.stack, {"testers": MARK, "compare": {"requests": "users.requests"}}
    must(found.up())
    outputs = found.outputs()
    url, apart = str(outputs["url"]), str(outputs["testersUrl"])
    assert url == f"https://{WWW}"
    answered = trace.answer(found.cloud.snapshot, apart, "GET", "/api/users", greedy_takes_empty=True)
    assert (url != apart, trace.names(answered), api.answers("/api/users")) == (True, {"users"}, {"monolith"})

    # `make compare`, from the same outputs and config.
    for name, value in api.internet.environment.items():
        monkeypatch.setenv(name, value)
    config = json.loads(found.pulumi("config", "--json").output)
    variables = {**os.environ, "ROUTE": "users"}
    assert of_outputs("test", outputs, config, variables, found.program) == OVER
    assert "missing $[*].bio" in capsys.readouterr().out
    answered = {(seen.url.startswith(apart), seen.by) for seen in api.internet.seen}
    assert answered == {
        (True, "users"),
        (False, "monolith"),
    }
    assert not [seen for seen in api.internet.seen if "X-Preview" in seen.headers]
    # The name of one's own is called at what it is to lead to, and the other address as it is.
    assert {(seen.by, seen.called) for seen in api.internet.seen} == {
        ("monolith", outputs["dnsTarget"]),
        ("users", apart.removeprefix("https://")),
    }
    assert of_outputs("test", outputs, config, {**variables, "DRY": "1"}, found.program) == 0
    assert f"and once to {apart}\n" in capsys.readouterr().out

    # The gate goes by it too.
    api.route("users", **entry, weight=100)
    planned = must(found.plan())
    assert PLAN in planned.output
    failed = found.up()
    assert not failed.ok
    assert FINDING in failed.output
    assert [line for line in failed.lines() if any(kind in line for kind in MOVES)] == []
    assert api.answers("/api/users") == {"monolith"}
    api.users[:] = USERS
    must(found.up())
    assert api.answers("/api/users") == {"users"}
    assert must(found.plan()).lines() == []
