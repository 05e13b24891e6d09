"""The whole program on the real engine and a stand-in for AWS: what each `up` does, and that nothing is left."""

import shutil
from collections.abc import Mapping
from typing import Any

import yaml

from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tools.standin import ecr, ecs, trace
from tools.standin import refactorspaces as rs
from tools.standin.cloud import Cloud, Operation
from tools.standin.engine import EngineStack, Run

IMAGE = "docker:index/image:Image"
KEPT = {IMAGE, "aws:ecr/repository:Repository", "aws:ecr/lifecyclePolicy:LifecyclePolicy"}

EVERYTHING: Mapping[str, Any] = {
    "exec": True,
    "network": {"connect": True, "vpc": {"placement": "private"}},
    "secrets": {"A": "/x/y", "B": {"secretsmanager": "b:key::"}},
    "variables": {"LOG_LEVEL": "debug"},
    "count": {
        "range": {"min": 1, "max": 5, "spot_from": 2},
        "cpu_percentage": 70,
        "memory_percentage": 60,
        "requests": 100,
    },
    "platform": "linux/arm64",
    "storage": {"ephemeral": 30},
    "deployment": {"rolling": "recreate"},
}
"""A manifest's fields that the message board has no use for."""


class Fickle(Cloud):
    """An AWS on which the tasks of the service users can be told to crash."""

    crashes = False

    def deployment_outcome(self, *subjects: str) -> str | None:
        return "it crashed" if self.crashes and any("users" in subject for subject in subjects) else None


def stack_of(cloud: Cloud, config: Mapping[str, Any], *services: str) -> EngineStack:
    """The stack dev of this project with some of its services."""
    stack = WarmStack(ROOT, cloud, stack="dev", config=config)
    for folder in (stack.program / "services").iterdir():
        if folder.name not in services:
            shutil.rmtree(folder)
    return stack


def must(run: Run) -> Run:
    assert run.code == 0, "\n".join(run.errors) or run.output
    return run


def left(cloud: Cloud) -> set[str]:
    """The types of what is there."""
    return {resource.type for resource in cloud.snapshot}


def test_a_stack_comes_moves_a_route_there_and_back_and_goes() -> None:
    cloud = Cloud()
    with stack_of(cloud, {}, "monolith", "users") as stack:
        plan, first = must(stack.plan()), must(stack.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        for again in (stack.up(), stack.refresh(), stack.up()):
            assert must(again).lines() == []
        url = stack.outputs()["url"]
        answers: list[set[str | int]] = []

        def asked(operation: Operation) -> None:
            answers.append(trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users/1")))

        with cloud.watching(asked):
            stack.set("strangler:routes.users", "true")
            assert must(stack.plan()).lines() == [f"create {rs.ROUTE} users"]
            assert must(stack.up()).lines() == [f"create {rs.ROUTE} users"]
            stack.set("strangler:routes.users", "false")
            assert must(stack.up()).lines() == [f"delete {rs.ROUTE} users"]
        assert set[str | int]().union(*answers) == {"monolith", "users"}
        assert all(len(names) == 1 for names in answers)
        must(stack.destroy())
        assert left(cloud) == KEPT


def test_an_up_of_a_part_leaves_out_what_is_new_and_a_whole_one_makes_it() -> None:
    cloud = Cloud()
    with stack_of(cloud, {"strangler:exclude": ["users"], "strangler:facade": "alb"}, "monolith", "users") as stack:
        must(stack.up())
        stack.set("strangler:exclude", "[]", path=False)
        (rule,) = (
            resource["urn"] for resource in stack.state()["resources"] if resource["urn"].endswith("Rule::monolith")
        )
        for choice in (("--target", rule), ("--exclude", "**users**")):
            part = must(stack.pulumi("up", "--yes", "--skip-preview", *choice))
            assert "Error" not in part.output
        assert [service.name for service in cloud.of(ecs.SERVICE)] == ["monolith"]
        assert f"create {ecs.SERVICE} users" in must(stack.up()).lines()


def test_complaint_1_a_deployment_that_ecs_rolled_back_fails_the_up_and_changes_no_route() -> None:
    cloud = Fickle()
    with stack_of(cloud, {"strangler:deleteImages": True}, "monolith", "users") as stack:
        must(stack.up())
        data = stack.program / "services/users/db.json"
        data.write_text(data.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        stack.set("strangler:routes.users", "true")
        expected = [
            f"create {rs.ROUTE} users",
            f"replace {ecs.TASK_DEFINITION} users",
            f"update {ecr.LIFECYCLE} users",
            f"update {ecs.SERVICE} users",
            f"update {IMAGE} users",
        ]
        assert sorted(must(stack.plan()).lines()) == expected
        (kept,) = (policy for policy in cloud.of(ecr.LIFECYCLE) if policy.name == "users")
        cloud.crashes = True
        failed = stack.up()
        assert failed.code != 0
        (line,) = {error for error in failed.errors if "rolled back" in error}
        assert line.startswith("service users: ECS rolled back to strangler-dev-users-users:1")
        assert "\n" not in line
        assert [route.name for route in cloud.of(rs.ROUTE)] == ["facade-default"]
        # Complaint 2: the image that still runs stays, however many releases fail.
        assert cloud.snapshot.get(ecr.LIFECYCLE, kept.id) == kept
        cloud.crashes = False
        mended = must(stack.up()).lines()
        assert cloud.snapshot.get(ecr.LIFECYCLE, kept.id) != kept
        assert f"update {ecs.SERVICE} users" in mended
        assert f"create {rs.ROUTE} users" in mended
        assert len(cloud.of(ecs.TASK_DEFINITION)) == 2
        assert must(stack.up()).lines() == []
        must(stack.destroy())
        assert left(cloud) == set()


def test_a_service_with_everything_comes_scales_and_goes_behind_a_load_balancer() -> None:
    cloud = Cloud()
    config = {
        "strangler:facade": "alb",
        "strangler:deleteImages": True,
        "strangler:environments": {"shared": {"nat": "single", "containerInsights": True}},
    }
    with stack_of(cloud, config, "monolith", "users") as stack:
        manifest = stack.program / "services/users/manifest.yml"
        fields = yaml.safe_load(manifest.read_text(encoding="utf-8"))
        manifest.write_text(yaml.safe_dump({**fields, **EVERYTHING}), encoding="utf-8")
        must(stack.up())
        assert must(stack.up()).lines() == []
        # What the scaler does is its own business.
        (service,) = (made for made in cloud.of(ecs.SERVICE) if made.name == "users")
        cloud.drift(service, desiredCount=4)
        must(stack.refresh())
        assert must(stack.up()).lines() == []
        # Another port and another size are a new task definition, and nothing is replaced but that.
        image = {**fields["image"], "port": 8080}
        manifest.write_text(yaml.safe_dump({**fields, **EVERYTHING, "image": image, "cpu": 512, "memory": 1024}))
        changed = sorted(must(stack.plan()).lines())
        assert changed == [
            f"replace {ecs.TASK_DEFINITION} users",
            f"update {ecs.SERVICE} users",
        ]
        must(stack.up())
        must(stack.destroy())
        assert left(cloud) == set()
