"""The examples, by the wheel alone, on the stand-ins: a load balancer that stands already, and what becomes of it; and
services beside resources of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.engine.projects import must
from tests.repository import ROOT
from tests.standin import sample, shop
from tests.standin.driver import Driver
from tools.standin import ecs, elb, trace
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack

EXAMPLES = ROOT / "examples/alb-facade"
SERVICES = ROOT / "examples/services"
IMAGES = {
    "services:monolithImage": "example.com/monolith@sha256:" + "1" * 64,
    "services:usersImage": "example.com/users@sha256:" + "2" * 64,
}
USERS, REST = "/api/users/7", "/api/posts"


@dataclass(frozen=True)
class Standing:
    """An account with a monolith behind a load balancer, and a new service whose target group is attached to it."""

    cloud: Cloud
    url: str | None
    config: Mapping[str, str]

    def answers(self, path: str) -> dict[str | int, float]:
        """Who answers a path, with which share."""
        return dict(trace.answer(self.cloud.snapshot, self.url or "", "GET", path))


def standing() -> Standing:
    """A new one."""
    cloud = Cloud()
    driver = Driver(cloud)
    front = shop.stood(driver)
    users = sample.named(driver, front, "users", 49_000)
    (attached,) = (rule for rule in cloud.of(elb.RULE) if rule.name == "users")
    driver.update(attached, conditions=[{"pathPattern": {"values": ["/never/*"]}}])
    (monolith,) = (group["arn"] for group in cloud.of(TARGET_GROUP) if group.name == "monolith")
    arns = {"listenerArn": front.listener.id, "monolithArn": monolith, "usersArn": users}
    url = f"http://{front.balancer['dnsName']}"
    return Standing(cloud, url, {f"alb-facade:{key}": str(arn) for key, arn in arns.items()})


def test_the_example_moves_a_quarter_and_back_and_leaves_the_rest_alone(venv: Path) -> None:
    account = standing()
    theirs = {(item.type, item.id): item for item in account.cloud.snapshot}
    with EngineStack(EXAMPLES / "python", account.cloud, config=account.config) as stack:
        (stack.program / "venv").symlink_to(venv)
        assert account.answers(USERS) == {"monolith": 1.0}
        must(stack.up())
        assert account.answers(USERS) == {"users": 0.25, "monolith": 0.75}
        assert account.answers(REST) == {"monolith": 1.0}
        assert account.answers("/admin/1") == {"admin": 1.0}
        assert {*stack.outputs()["rules"]} == {"/api/users", "default"}
        program = (stack.program / "__main__.py").read_text(encoding="utf-8")
        stack.rewrite(program.replace('"weight": 25', '"weight": 100'))
        assert must(stack.up()).lines() == ["update aws:lb/listenerRule:ListenerRule facade /api/users"]
        assert account.answers(USERS) == {"users": 1.0}
        must(stack.destroy())
        assert account.answers(USERS) == {"monolith": 1.0}
    assert {(item.type, item.id): item for item in account.cloud.snapshot} == theirs


def test_services_of_ones_own_are_up_and_change_hands_and_go_without_a_trace(venv: Path) -> None:
    cloud = Cloud()
    with EngineStack(SERVICES / "python", cloud, config=IMAGES) as stack:
        (stack.program / "venv").symlink_to(venv)

        def answers(path: str) -> dict[str | int, float]:
            return dict(trace.answer(cloud.snapshot, stack.outputs()["url"], "GET", path))

        must(stack.up())
        assert answers(USERS) == {"users": 0.25, "monolith": 0.75}
        assert answers(REST) == {"monolith": 1.0}
        assert must(stack.up()).lines() == []
        program = (stack.program / "__main__.py").read_text(encoding="utf-8")
        stack.rewrite(program.replace('"weight": 25', '"weight": 100'))
        assert must(stack.up()).lines() == ["update aws:lb/listenerRule:ListenerRule facade /api/users"]
        assert answers(USERS) == {"users": 1.0}
        must(stack.destroy())
    assert list(cloud.snapshot) == []


SCALED = """
import pulumi
from pulumi_strangler import Environment, FargateWebService

shop = Environment("shop", {})
image = pulumi.Config().require("usersImage")
scaling = {"min": 2, "max": 9, "cpu_percent": 70, "requests_per_target": 500}
FargateWebService("users", {"environment": shop.placement, "image": image, "port": 3000, "scaling": scaling})
"""


def test_a_new_release_leaves_the_tasks_that_a_scaler_gave(venv: Path) -> None:
    cloud = Cloud()
    with EngineStack(SERVICES / "python", cloud, config=IMAGES) as stack:
        (stack.program / "venv").symlink_to(venv)
        stack.rewrite(SCALED.replace('"scaling": scaling', '"count": 3'))
        must(stack.up())
        stack.rewrite(SCALED)
        must(stack.up())
        (service,) = cloud.of(ecs.SERVICE)
        assert service["desiredCount"] == 3
        cloud.drift(service, desiredCount=6)
        assert must(stack.up()).lines() == []
        stack.rewrite(SCALED.replace('"port": 3000', '"port": 3000, "cpu": 512, "memory": 1024'))
        assert f"update {ecs.SERVICE} users" in must(stack.up()).lines()
        (service,) = cloud.of(ecs.SERVICE)
        assert service["desiredCount"] == 6
        must(stack.destroy())
    assert list(cloud.snapshot) == []


def test_an_http_api_and_refactor_spaces_lead_to_what_runs_beside_them(venv: Path) -> None:
    cloud = Cloud()
    config = {"apis:legacyUrl": "https://legacy.example.com", "apis:image": "example.com/users@sha256:" + "1" * 64}
    with EngineStack(ROOT / "examples/apis/python", cloud, config=config) as stack:
        (stack.program / "venv").symlink_to(venv)

        def answers(facade: str) -> dict[str | int, float]:
            return dict(trace.answer(cloud.snapshot, stack.outputs()[facade], "GET", USERS))

        must(stack.up())
        assert answers("api") == answers("spaces") == {"legacy.example.com": 1.0}
        assert must(stack.up()).lines() == []
        program = (stack.program / "__main__.py").read_text(encoding="utf-8")
        stack.rewrite(program.replace('"weight": 0', '"weight": 100'))
        assert sorted(must(stack.up()).lines()) == [
            "create aws-native:refactorspaces:Route spaces /api/users",
            "update aws:apigatewayv2/route:Route api ANY /api/users",
            "update aws:apigatewayv2/route:Route api ANY /api/users/{proxy+}",
        ]
        assert answers("api") == {"users": 1.0}
        must(stack.destroy())
    assert list(cloud.snapshot) == []
