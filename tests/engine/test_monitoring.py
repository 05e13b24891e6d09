"""Alarms and the dashboard on the real engine: they come, follow what changes, and go."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import manifest
from tools.standin import cloudwatch, ecs, sns
from tools.standin.cloud import Cloud
from tools.standin.engine import Step

ALL = (cloudwatch.ALARM, cloudwatch.DASHBOARD, sns.TOPIC, sns.SUBSCRIPTION)


def names(cloud: Cloud) -> set[str]:
    return {str(alarm["name"]) for alarm in cloud.of(cloudwatch.ALARM)}


def watching(*services: str) -> set[str]:
    """The names of the alarms of a stack with these services."""
    facade = {f"strangler-test-Facade-alb-{what}" for what in ("Errors", "Latency")}
    return facade | {
        f"strangler-test-{name}-{what}" for name in services for what in ("Errors", "Latency", "Unhealthy")
    }


def table_of(cloud: Cloud) -> str:
    """The route table as the dashboard shows it."""
    (dashboard,) = cloud.of(cloudwatch.DASHBOARD)
    return str(json.loads(dashboard["dashboardBody"])["widgets"][0]["properties"]["markdown"])


def of_others(steps: Iterable[Step]) -> list[str]:
    """The steps on what is neither an alarm nor a dashboard."""
    own = {*ALL, "strangler:index:Monitoring"}
    return sorted(str(step) for step in steps if step.type not in own)


def test_alarms_and_a_dashboard_come_follow_and_go(tmp_path: Path) -> None:
    cloud = Cloud()
    services = {name: manifest(name, "/" if name == "monolith" else None) for name in ("monolith", "posts", "users")}
    with stack(tmp_path, "alb", services, cloud=cloud) as board:
        aside, posts = tmp_path / "aside", board.program / "services/posts"
        shutil.move(posts, aside)
        must(board.up())
        assert not [found for token in ALL for found in cloud.of(token)]
        running = {found.id for found in cloud.of(ecs.SERVICE)}

        # On: nothing but the deployments' alarms changes, in place, and these are there before.
        board.set("strangler:alarms", json.dumps({"email": "ops@example.com"}), path=False)
        board.set("strangler:dashboard", "true")
        plan, first = must(board.plan()), must(board.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert of_others(first.operations) == [f"update {ecs.SERVICE} {name}" for name in ("monolith", "users")]
        assert {found.id for found in cloud.of(ecs.SERVICE)} == running
        assert names(cloud) == watching("monolith", "users")
        (topic,) = cloud.of(sns.TOPIC)
        assert {(*found["alarmActions"],) for found in cloud.of(cloudwatch.ALARM)} == {(topic["arn"],)}
        for found in cloud.of(ecs.SERVICE):
            own = {f"strangler-test-{found.name}-{what}" for what in ("Errors", "Latency")}
            assert ({*found["alarms"]["alarmNames"]}, found["alarms"]["enable"]) == (own, True)
        assert must(board.up()).lines() == []
        assert must(board.refresh()).lines() == []
        assert "| users | /api/users/… | all | users | 0 |" in table_of(cloud)

        # A step of a cut-over: the rule, and then what is told of it.
        board.set("strangler:routes.users", "25")
        moved = must(board.up()).lines()
        assert moved == ["update aws:lb/listenerRule:ListenerRule users", f"update {cloudwatch.DASHBOARD} Dashboard"]
        assert "| users | /api/users/… | all | users | 25 |" in table_of(cloud)

        # A service comes with its alarms, and goes with them.
        shutil.copytree(aside, posts)
        must(board.up())
        assert names(cloud) == watching("monolith", "posts", "users")
        assert "| posts | /api/posts/… | all | posts | 0 |" in table_of(cloud)
        shutil.rmtree(posts)
        must(board.up())
        assert names(cloud) == watching("monolith", "users")

        # Off: nothing is left, and ECS, which keeps what isn't said, is told.
        board.set("strangler:alarms", "false")
        board.set("strangler:dashboard", "false")
        off = must(board.up())
        assert of_others(off.operations) == [f"update {ecs.SERVICE} {name}" for name in ("monolith", "users")]
        assert not [found for token in ALL for found in cloud.of(token)]
        assert [found["alarms"]["enable"] for found in cloud.of(ecs.SERVICE)] == [False, False]
        assert {found.id for found in cloud.of(ecs.SERVICE)} == running
        assert must(board.up()).lines() == []
        assert must(board.refresh()).lines() == []
