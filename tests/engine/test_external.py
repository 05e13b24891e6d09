"""A default that runs elsewhere, on the real engine: after every single operation each path is answered by its old
owner or its new one, and what isn't ours stays as it was, also when all of ours is destroyed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.model.routes import Route, RouteTable
from tests.engine.projects import must, stack
from tests.engine.results import Results, Shares, Watch
from tests.projects import Tree, manifest
from tests.standin import private_balancer, sample
from tests.standin.driver import Driver
from tools.standin import cloudwatch, lambdas
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Cloud, Object
from tools.standin.elsewhere import Account, serving
from tools.standin.engine import EngineStack

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
TARGET = "10.1.0.9"
HOST = "legacy.example.com"
PATHS = ("/api/users",)

WHERE = [
    *(("alb", "targetGroup"), ("alb", "lambda")),
    *(("api-gateway", "url"), ("api-gateway", "lambda"), ("api-gateway", "listener")),
    *(("refactor-spaces", "url"), ("refactor-spaces", "lambda")),
]

WATCHED = {"targetGroup": ("Errors", "Latency", "Unhealthy"), "lambda": ("Errors", "Latency")}
"""What alarms there are on what a load balancer leads to."""

ASKED = {"url": 0, "targetGroup": 1, "lambda": 1, "listener": 2}
"""How often AWS is asked whether it answers, before the first request is led there."""


@dataclass(frozen=True)
class Elsewhere(Watch):
    """Knows by what name a trace tells of the service that runs elsewhere."""

    answers: str = ""

    def owners(self, table: RouteTable, method: str, path: str) -> Shares:
        found = super().owners(table, method, path)
        return {self.answers if name == "legacy" else name: share for name, share in found.items()}


@dataclass
class Board:
    """A stack whose default runs elsewhere at first."""

    stack: EngineStack
    facade: str
    answers: str
    foreign: Mapping[str, Object]
    results: Results
    table: RouteTable

    def change(self, table: RouteTable) -> None:
        """Another table, in one `up`, watched."""
        url = str(self.stack.outputs()["url"])
        (route,) = table.routes
        self.stack.set("strangler:routes.users", str(route.weight))
        self.stack.set("strangler:default", table.default or "none")
        watch = Elsewhere(self.facade, url, self.table, table, PATHS, self.results, answers=self.answers)
        with self.stack.cloud.watching(watch.look):
            must(self.stack.up())
        watch.ends(self.stack.cloud.snapshot)
        self.table = table

    def routed(self, weight: int) -> RouteTable:
        return replace(self.table, routes=(replace(self.table.routes[0], weight=weight),))

    def touched(self) -> list[str]:
        """What isn't ours, and isn't as it was."""
        now = {resource.id: resource for resource in self.stack.cloud.snapshot}
        return [
            name for name, resource in self.foreign.items() if name not in now or now[name].inputs != resource.inputs
        ]


def _legacy(cloud: Cloud, kind: str) -> tuple[Tree, str, sample.Network]:
    """What the config says of it, by what name it answers, and the network of the target group."""
    network = sample.network(Driver(cloud))
    group = Driver(cloud).create(
        TARGET_GROUP, "legacy", port=80, protocol="HTTP", vpcId=network.vpc.id, targetType="ip"
    )
    Driver(cloud).create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=TARGET)
    function = cloud.arn("lambda", "function:legacy")
    if kind == "listener":
        behind = private_balancer.stood(Driver(cloud), network, group)
        return {kind: behind.listener.id, "serverName": private_balancer.HOST}, TARGET, network
    found = {"url": (f"https://{HOST}", HOST), "targetGroup": (group.id, TARGET), "lambda": (function, "legacy")}
    address, answers = found[kind]
    # It answers nobody here; how it is asked before is in test_first_requests.py.
    unasked = {"check": False} if kind == "url" else {}
    return {kind: address, **unasked}, answers, network


@pytest.mark.parametrize(("facade", "kind"), WHERE)
def test_requests_move_between_a_default_that_runs_elsewhere_and_services_of_ours(
    facade: str, kind: str, tmp_path: Path
) -> None:
    cloud = Cloud()
    legacy, answers, network = _legacy(cloud, kind)
    vpc = {"id": network.vpc.id, "publicSubnets": network.subnets, "privateSubnets": network.subnets}
    config: Tree = {
        "default": "legacy",
        "services": {"legacy": legacy},
        **({"environments": {"shared": {"vpc": vpc}}} if facade == "alb" else {}),
        "alarms": {"topic": "arn:aws:sns:eu-west-1:123456789012:ops"},
    }
    foreign = {resource.id: resource for resource in cloud.snapshot}
    there = Account(cloud, functions={cloud.arn("lambda", "function:legacy"): "Active"})
    with serving(there) as asked, stack(tmp_path, facade, TWO, config, cloud, asked) as found:
        if (facade, kind) == ("api-gateway", "url"):
            assert "CloudWatch doesn't tell apart what legacy answers; what is" in must(found.plan()).output
        must(found.up())
        watching = {alarm.name for alarm in cloud.of(cloudwatch.ALARM) if alarm.name.startswith("legacy-")}
        assert watching == {f"legacy-{what}" for what in WATCHED.get(kind, ()) if facade == "alb"}
        table = RouteTable.of([Route("users", "/api/users", "users")], "legacy")
        board = Board(found, facade, answers, foreign, Results(), table)
        if facade == "alb":
            board.change(board.routed(25))
        board.change(board.routed(100))
        board.change(board.routed(0))
        assert board.results.wrong == []
        assert len(there.asked) == ASKED[kind], "before the first request, and not again"
        assert found.outputs()["services"]["legacy"] == {kind: legacy[kind]}
        assert must(found.up()).lines() == []

        board.change(replace(board.routed(100), default="monolith"))
        board.change(replace(board.routed(0), default="legacy"))
        ends = [line for line in board.results.wrong if line.startswith("in the end")]
        # Refactor Spaces has one DEFAULT route, and changes nothing of it: docs/facades.md.
        assert (ends if facade == "refactor-spaces" else board.results.wrong) == []
        assert board.touched() == []
        must(found.destroy())
        assert board.touched() == []
        assert {resource.id for resource in found.cloud.snapshot} == set(foreign)
