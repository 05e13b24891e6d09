"""A service that its scaler has scaled out: whatever takes its place starts with as many tasks."""

import json
from pathlib import Path
from typing import Any

from tests.engine.projects import must, stack
from tests.engine.test_new_release import always_answered
from tests.projects import Tree, manifest, write_project
from tools.reviewed import differences, note
from tools.standin import deployments, ecs
from tools.standin.cloud import Object
from tools.standin.engine import EngineStack

SCALED = {"range": "2-20", "cpu_percentage": 60}


def users(**fields: object) -> Tree:
    return manifest("users", count=SCALED, **fields)


def scale(found: EngineStack, count: int) -> Object:
    """What the scaler does."""
    (service,) = (made for made in found.cloud.of(ecs.SERVICE) if made["tags"]["service"] == "users")
    running = deployments.tasks(service)
    changed = found.cloud.drift(service, desiredCount=count)
    return found.cloud.change(changed, tasks={**running, "running": count, "healthy": count})


def started(found: EngineStack) -> list[int]:
    """With how many tasks ECS services of users were made, since the history was cleared."""
    ends = (
        step for step in found.cloud.history if (step.type, step.kind, step.phase) == (ecs.SERVICE, "create", "end")
    )
    return [made.after["desiredCount"] for made in ends if made.after and made.after["tags"]["service"] == "users"]


def preview(found: EngineStack) -> dict[str, Any]:
    """The plan, as the CLI writes it for CI."""
    return json.JSONDecoder().raw_decode(must(found.pulumi("preview", "--json")).output)[0]


def planned(found: EngineStack) -> list[int]:
    """With how many tasks ECS services of users would be made."""
    made = [
        step["newState"]["inputs"]
        for step in preview(found)["steps"]
        if step["op"].startswith("create") and ecs.SERVICE in step["urn"]
    ]
    return [inputs["desiredCount"] for inputs in made if inputs["tags"]["service"] == "users"]


def test_what_takes_the_place_of_a_service_starts_with_as_many_tasks_as_run(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": users()}
    with stack(tmp_path, "api-gateway", manifests, {"routes": {"users": True}}) as found:
        must(found.up())
        assert started(found) == [2]
        scale(found, 12)
        assert must(found.up()).lines() == []  # that is the scaler's

        write_project(found.program, {"users": users(http={"path": "api/users", "healthcheck": "/new"})})
        found.cloud.history.clear()
        must(found.up())
        assert started(found) == [12]

        scale(found, 9)
        found.set("strangler:services.users.environment", "other")
        found.cloud.history.clear()
        with always_answered(found):
            must(found.up())
        assert started(found) == [9]

        scale(found, 30)  # by hand: over what the range allows
        found.set("strangler:facade", "alb")
        found.set("strangler:services.users.environment", "shared")
        assert planned(found) == [20]
        reviewed = note(preview(found))
        service = scale(found, 12)
        assert differences(reviewed, note(preview(found))) == []
        assert planned(found) == [12]
        found.cloud.history.clear()
        must(found.up())
        assert started(found) == [12]
        assert must(found.up()).lines() == []

        found.cloud.forget(scale(found, 7))  # nobody can tell how many it ran
        found.set("strangler:facade", "api-gateway")
        run = found.plan()
        assert "its task count can't be read, so its replacement starts with 12" in must(run).output
        assert str(service["name"]) not in {made["name"] for made in found.cloud.of(ecs.SERVICE)}
        assert planned(found) == [12]


def test_a_service_that_wakes_has_its_tasks_before_requests(tmp_path: Path) -> None:
    """From no task, the scaler alone would make the first ones, after the routes have turned."""
    scaled_to_zero = {"monolith": manifest("monolith", "/"), "users": manifest("users", count=0)}
    with stack(tmp_path, "alb", scaled_to_zero) as found:
        must(found.up())
        write_project(found.program, {"users": users()})
        must(found.up())
        (service,) = (made for made in found.cloud.of(ecs.SERVICE) if made.name == "users")
        assert service.inputs["desiredCount"] == 2
        assert must(found.up()).lines() == []
