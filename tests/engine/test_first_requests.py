"""What runs elsewhere is asked before the first request is led there, on the real engine: a URL by the program's own
HTTP client, which goes by the variables that name a proxy, and AWS by boto3; both answer on this machine."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tests.standin import private_balancer, sample
from tests.standin.driver import Driver
from tools.standin import elb, lambdas
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Cloud
from tools.standin.elsewhere import Account, serving
from tools.standin.engine import EngineStack

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
URL = "http://legacy.example.com"
OTHER = "http://other.example.com"
WHERE = "services.legacy.url"
TARGET = "10.1.0.9"
BESIDE = "check: false next to it"
UNCHANGED = "nothing has been changed"


def routes(service: str, weight: int) -> Tree:
    return {"routes": {"old": {"path": "/old", "service": service, "weight": weight}}}


@dataclass
class Elsewhere:
    """Who answers for every host, by a proxy."""

    status: int = 200
    seen: list[str] = field(default_factory=list[str])
    port: int = 0


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        elsewhere = cast("_Server", self.server).elsewhere
        elsewhere.seen.append(self.path)
        self.send_response(elsewhere.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.elsewhere = Elsewhere(port=self.server_port)


@contextmanager
def _served() -> Generator[Elsewhere]:
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.elsewhere
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("facade", ["api-gateway", "refactor-spaces"])
def test_a_route_turns_to_what_runs_elsewhere_only_if_that_answers(facade: str, tmp_path: Path) -> None:
    config: Tree = {"services": {"legacy": {"url": URL, "healthcheck": "/health"}}, **routes("legacy", 0)}
    with _served() as elsewhere, stack(tmp_path, facade, TWO, config) as found:
        proxy = f"http://127.0.0.1:{elsewhere.port}"
        found.environment.update({"http_proxy": proxy, "no_proxy": "127.0.0.1,localhost"})
        must(found.up())
        assert elsewhere.seen == [], "no request is led there"

        found.set("strangler:routes", json.dumps(routes("legacy", 100)["routes"]))
        planned = must(found.plan())
        assert f"{WHERE}: up asks for {URL}/health before anything is created or routed there" in planned.output
        assert elsewhere.seen == [], "a preview asks nothing"
        elsewhere.status = 503
        refused = found.up()
        assert not refused.ok
        (line,) = [error for error in refused.errors if "legacy" in error]
        assert f"{WHERE}: {URL}/health: answers 503; nothing has been changed; it must answer 200-499; if" in line
        assert (refused.lines(), elsewhere.seen) == ([], [f"{URL}/health"] * 3)

        found.environment["http_proxy"] = "http://127.0.0.1:1"
        refused = found.up()
        assert not refused.ok
        assert f"{URL}/health: Connection refused; nothing has been changed" in refused.output
        assert refused.lines() == []

        found.environment["http_proxy"] = proxy
        elsewhere.status = 401
        must(found.up())
        assert len(elsewhere.seen) == 4
        elsewhere.status = 503
        assert must(found.up()).lines() == []
        found.set("strangler:routes", json.dumps(routes("legacy", 0)["routes"]))
        must(found.up())
        assert len(elsewhere.seen) == 4, "neither where nothing moves nor on the way back"

        # As the default, and by another URL.
        found.set("strangler:routes", json.dumps(routes("users", 0)["routes"]))
        found.set("strangler:default", "legacy")
        refused = found.up()
        assert not refused.ok
        assert f"{URL}/health: answers 503" in refused.output
        assert refused.lines() == []
        found.set("strangler:services", json.dumps({"legacy": {"url": OTHER, "check": False}}))
        must(found.up())
        assert f"{OTHER}/" not in elsewhere.seen
        must(found.destroy())


def refused(found: EngineStack, says: str) -> None:
    """An `up` ends in one line that says this, and has changed nothing."""
    failed = found.up()
    assert not failed.ok
    (line,) = {error for error in failed.errors if "services.legacy" in error}
    assert says in line
    assert f"; {UNCHANGED}; " in line
    assert BESIDE in line
    assert [line for line in failed.lines() if "pulumi:pulumi:Stack" not in line] == []


def lead(found: EngineStack, weight: int) -> None:
    found.set("strangler:routes", json.dumps(routes("legacy", weight)["routes"]))


def _group(cloud: Cloud) -> tuple[str, Tree]:
    """The ARN of a target group, and what lets it be behind a load balancer of ours."""
    network = sample.network(Driver(cloud))
    keys = {"port": 80, "protocol": "HTTP", "vpcId": network.vpc.id, "targetType": "ip"}
    group = Driver(cloud).create(TARGET_GROUP, "legacy", **keys)
    vpc = {"id": network.vpc.id, "publicSubnets": network.subnets, "privateSubnets": network.subnets}
    return group.id, {"services": {"legacy": {"targetGroup": group.id}}, "environments": {"shared": {"vpc": vpc}}}


def test_a_route_turns_to_a_target_group_only_if_one_of_its_targets_is_healthy(tmp_path: Path) -> None:
    cloud = Cloud()
    group, config = _group(cloud)
    there = Account(cloud)
    with serving(there) as asked, stack(tmp_path, "alb", TWO, {**config, **routes("legacy", 0)}, cloud, asked) as found:
        must(found.up())
        assert there.asked == [], "no request is led there"
        lead(found, 25)
        where = f"services.legacy.targetGroup: {group}"
        question = f"services.legacy.targetGroup: up asks AWS whether a target of {group} is healthy before anything"
        assert question in must(found.plan()).output
        assert there.asked == [], "a preview asks nothing"
        refused(found, f"{where}: it has no registered targets; {UNCHANGED}; get a target healthy, or set")
        assert there.asked == [f"DescribeTargetHealth {group}"]

        there.refused = "DescribeTargetHealth"
        refused(
            found, f"{where}: the AWS request failed: An error occurred (AccessDenied) when calling the DescribeTarget"
        )
        refused(
            found, f"{UNCHANGED}; log in with the permissions listed in docs/facades.md, or set check: false next to it"
        )
        there.refused = ""

        # The rule has it already, at the weight 0: the load balancer checks its targets.
        Driver(cloud).create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group, targetId=TARGET)
        there.states[TARGET] = "unhealthy"
        there.asked.clear()
        refused(found, f"{group}: none of its targets is healthy: 1 unhealthy (Target.FailedHealthChecks)")
        assert len(there.asked) == 1, "it stays so"
        there.states[TARGET] = "initial"
        refused(found, f"{group}: none of its targets is healthy: 1 initial (Elb.InitialHealthChecking)")
        assert len(there.asked) == 4, "it may pass"
        there.states[TARGET] = "healthy"
        must(found.up())
        there.states[TARGET] = "unhealthy"
        for weight in (100, 0):
            lead(found, weight)
            must(found.up())
        assert len(there.asked) == 5, "neither where it gets more nor on the way back"
        gone = f"{group[:-4]}0000"
        found.set("strangler:services", json.dumps({"legacy": {"targetGroup": gone}}))
        lead(found, 100)
        says = f"services.legacy.targetGroup: {gone}: there is no such target group; {UNCHANGED}; give one that exists"
        refused(found, says)
        must(found.destroy())


def test_of_a_target_group_that_no_load_balancer_checks_the_up_says_that_nobody_knows(tmp_path: Path) -> None:
    cloud = Cloud()
    group, config = _group(cloud)
    there = Account(cloud)
    with serving(there) as asked, stack(tmp_path, "alb", TWO, {**config, "default": "legacy"}, cloud, asked) as found:
        refused(found, f"services.legacy.targetGroup: {group}: it has no registered targets")
        Driver(cloud).create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group, targetId=TARGET)
        told = must(found.up()).output
        why = "as no load balancer uses it yet, or none in its targets' zones: 1 unused (Target.NotInUse)"
        assert f"{group}: whether one of its targets is healthy can't be known before the switch, {why}" in told
        must(found.destroy())


@pytest.mark.parametrize("facade", ["api-gateway", "refactor-spaces", "alb"])
def test_a_route_turns_to_a_function_only_if_that_is_there_and_active(facade: str, tmp_path: Path) -> None:
    cloud = Cloud()
    function = f"{cloud.arn('lambda', 'function:legacy')}:live"
    config: Tree = {"services": {"legacy": {"lambda": function}}, **routes("legacy", 0)}
    there = Account(cloud, functions={function.removesuffix(":live"): "Active"})
    with serving(there) as asked, stack(tmp_path, facade, TWO, config, cloud, asked) as found:
        must(found.up())
        lead(found, 100)
        where = f"services.legacy.lambda: {function}"
        assert f"services.legacy.lambda: up asks AWS whether {function} is active before" in must(found.plan()).output
        assert there.asked == []
        refused(found, f"{where}: there is no such function, version or alias; {UNCHANGED}; give one that exists")
        assert there.asked == [f"GetFunctionConfiguration {function}"]
        there.functions[function] = "Failed"
        refused(found, f"{where}: it is Failed (")
        there.refused = "GetFunctionConfiguration"
        refused(found, f"{where}: the AWS request failed: An error occurred (AccessDenied)")
        there.refused, there.functions[function] = "", "Inactive"
        if facade == "refactor-spaces":
            must(found.up())
        else:
            refused(
                found,
                f"{where}: it is Inactive (The function is idle.); {UNCHANGED}; give one that is active (invoking",
            )
            there.functions[function] = "Active"
            must(found.up())
        there.functions.clear()
        assert must(found.up()).lines() == [], "what gets requests already is not asked again"

        lead(found, 0)
        must(found.up())
        found.set("strangler:services", json.dumps({"legacy": {"lambda": function, "check": False}}))
        there.asked.clear()
        lead(found, 100)
        must(found.up())
        assert there.asked == [], "it is not to be asked"
        must(found.destroy())


def test_a_route_turns_to_a_listener_only_if_its_load_balancer_is_active(tmp_path: Path) -> None:
    cloud = Cloud()
    driver = Driver(cloud)
    network = sample.network(driver)
    keys = {"port": 80, "protocol": "HTTP", "vpcId": network.vpc.id, "targetType": "ip"}
    behind = private_balancer.stood(driver, network, driver.create(TARGET_GROUP, "legacy", **keys))
    (balancer,) = cloud.of(elb.BALANCER)
    legacy = {"listener": behind.listener.id, "serverName": private_balancer.HOST}
    config: Tree = {"services": {"legacy": legacy}, **routes("legacy", 100)}
    there = Account(cloud, balancers={balancer.id: "failed"})
    where = f"services.legacy.listener: {behind.listener.id}"
    with serving(there) as asked, stack(tmp_path, "api-gateway", TWO, config, cloud, asked) as found:
        planned = must(found.plan()).output
        assert f"listener: up asks AWS whether the load balancer of {behind.listener.id} is active before" in planned
        refused(found, f"{where}: its load balancer is failed; {UNCHANGED}; give one whose load balancer is active,")
        there.balancers[balancer.id] = "provisioning"
        there.asked.clear()
        refused(found, f"{where}: its load balancer is provisioning; {UNCHANGED}")
        assert len(there.asked) == 6, "it may pass"
        for action in ("DescribeListeners", "DescribeLoadBalancers"):
            there.refused = action
            refused(
                found, f"{where}: the AWS request failed: An error occurred (AccessDenied) when calling the {action} op"
            )
        there.refused, there.balancers[balancer.id] = "", "active_impaired"
        must(found.up())
        there.balancers[balancer.id] = "failed"
        assert must(found.up()).lines() == [], "what gets requests already is not asked again"

        other = f"{behind.listener.id[:-4]}0000"
        found.set("strangler:services", json.dumps({"legacy": {**legacy, "listener": other}}))
        refused(found, f"services.legacy.listener: {other}: there is no such listener; {UNCHANGED}")
        must(found.destroy())
