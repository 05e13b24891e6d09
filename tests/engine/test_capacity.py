"""A service that is up goes to Fargate Spot and back on the real engine, and keeps its name in Service Connect."""

from pathlib import Path

import yaml

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest
from tools.standin import ecs, trace
from tools.standin.cloud import Operation
from tools.standin.engine import EngineStack

SERVICES: dict[str, Tree] = {
    "monolith": manifest("monolith", "/"),
    "users": manifest("users", network={"connect": True}),
}
ACTIVE: Tree = {"routes": {"users": True}}


def _counted(project: EngineStack, count: object) -> None:
    """Another count of the service users."""
    content = yaml.safe_dump({**SERVICES["users"], "count": count})
    (project.program / "services/users/manifest.yml").write_text(content, encoding="utf-8")


def test_a_service_goes_to_spot_and_back_in_place_where_the_config_says_that_it_may(tmp_path: Path) -> None:
    may = {"services": {"users": {"forceNewDeployment": True}}}
    with stack(tmp_path, "alb", SERVICES, {**ACTIVE, **may}) as project:
        must(project.up())
        (first,) = (made for made in project.cloud.of(ecs.SERVICE) if made.name == "users")
        url, seen = str(project.outputs()["url"]), set[str | int]()

        def still(operation: Operation) -> None:
            seen.update(trace.names(trace.answer(operation.snapshot, url, "GET", "/api/users/1")))

        for count in ({"spot": 2}, {"range": {"min": 1, "max": 4, "spot_from": 2}, "cpu_percentage": 70}, 1):
            _counted(project, count)
            with project.cloud.watching(still):
                must(project.up())
            assert must(project.up()).lines() == []
            (now,) = (made for made in project.cloud.of(ecs.SERVICE) if made.name == "users")
            assert now.id == first.id
        assert now["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "weight": 1}]
        assert seen == {"users"}


def test_without_it_the_plan_refuses_the_change(tmp_path: Path) -> None:
    with stack(tmp_path, "alb", SERVICES, ACTIVE) as project:
        must(project.up())
        before = project.cloud.attempts
        _counted(project, {"spot": 1})
        refused = project.plan()
        assert not refused.ok
        assert "force_new_deployment should be true when capacity_provider_strategy is being updated" in refused.output
        assert project.cloud.attempts == before
