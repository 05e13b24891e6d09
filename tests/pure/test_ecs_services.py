"""ECS services: what one is called, and with how many tasks it starts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.aws.plan import ecs_services
from components.aws.plan.ecs_services import EcsService, KnownService
from components.aws.plan.target_groups import Version
from components.model.facades import Scheme
from components.settings.service import Service
from tests.projects import Tree, manifest, read_project, write_project

RANGE: Tree = {"range": "2-20", "cpu_percentage": 60}


def service(folder: Path, config: Tree | None = None, **fields: object) -> Service:
    """The service users in an environment of its own."""
    write_project(folder, {"monolith": manifest("monolith", "/"), "users": manifest("users", **fields)})
    whole = {"platform": "aws", "facade": "api-gateway", **(config or {})}
    return next(found for found in read_project(folder, whole, "dev").services if found.name == "users")


def one(logical: str = "users", count: int = 4, environment: str = "users", *, on_fargate: bool = True) -> KnownService:
    return KnownService(logical, f"{logical}-1", "arn:c", environment, on_fargate, count)


def planned(wanted: Service, found: list[KnownService], running: int | None = None) -> EcsService:
    """What is planned where each of them runs so many tasks; None: nobody is asked."""

    def asked(_known: KnownService) -> int:
        assert running is not None, "asked for nothing"
        return running

    return ecs_services.planned(wanted, "users", found, asked)


def test_a_count_without_a_range_is_what_the_manifest_says(tmp_path: Path) -> None:
    assert planned(service(tmp_path, count=3), [one("users-internal")]) == EcsService("users", 3)


def test_the_first_one_starts_with_the_least(tmp_path: Path) -> None:
    """Whose count is left alone: where the state can't be read, it isn't the first."""
    assert planned(service(tmp_path, count=RANGE), []) == EcsService("users", 2, scaled=True)


def test_the_count_of_one_that_stays_is_the_scalers(tmp_path: Path) -> None:
    others = [one(), one("users-internal")]  # a failed `up` left both
    assert planned(service(tmp_path, count=RANGE), others) == EcsService("users", 2, scaled=True)


@pytest.mark.parametrize(("running", "starts"), [(12, 12), (1, 2), (0, 2), (30, 20)])
@pytest.mark.parametrize("known", [one("users-internal"), one(environment="other"), one(on_fargate=False)])
def test_one_that_takes_a_place_starts_with_what_runs_within_its_range(
    known: KnownService, running: int, starts: int, tmp_path: Path
) -> None:
    assert planned(service(tmp_path, count=RANGE), [known], running) == EcsService(
        "users", starts, scaled=known.logical != "users"
    )


def test_one_that_wakes_is_given_its_first_tasks(tmp_path: Path) -> None:
    assert planned(service(tmp_path, count=RANGE), [one(count=0)], 0) == EcsService("users", 2)
    to_zero: Tree = {"range": "0-20", "cpu_percentage": 60}
    assert planned(service(tmp_path, count=to_zero), [one(count=0)]) == EcsService("users", 0, scaled=True)


def test_a_strategy_comes_with_another_service(tmp_path: Path) -> None:
    may: Tree = {"services": {"users": {"forceNewDeployment": True}}}
    assert planned(service(tmp_path, may, count=RANGE), [one()], 7) == EcsService("users", 7)
    assert planned(service(tmp_path, may, count=RANGE), [one(on_fargate=False)]).scaled


def test_what_a_state_has_is_read_by_its_tags() -> None:
    tags = {"service": "users", "environment": "shared"}
    state: dict[str, dict[str, Any]] = {
        "users": {"name": "users-1", "cluster": "arn:c", "desiredCount": 4.0, "tags": tags},
        "users-internal": {"capacityProviderStrategies": [{"weight": 1}], "tags": tags},
        "posts": {"name": "posts-1", "tags": {"service": "posts"}},
        "foreign": {"name": "other"},
    }
    first, second = ecs_services.known("users", state)
    assert first == KnownService("users", "users-1", "arn:c", "shared", True, 4)
    assert (second.logical, second.on_fargate, second.count) == ("users-internal", False, 0)


def test_another_load_balancer_or_target_group_is_another_ecs_service(tmp_path: Path) -> None:
    found = service(tmp_path)
    assert ecs_services.logical_name(found, (Scheme.PUBLIC, Scheme.INTERNAL), {}) == "users"
    assert ecs_services.logical_name(found, (Scheme.INTERNAL,), {}) == "users-internal"
    other = {"users": Version("users-Vabc", 1), "posts": Version("posts-Vabc", 2)}
    assert ecs_services.logical_name(found, (Scheme.INTERNAL,), other) == "users-internal"
    made = ecs_services.logical_name(found, (Scheme.PUBLIC,), other)
    assert made.startswith("users-V")
    assert made != "users-Vabc"
    coming = {"users": Version("users", 1, "users-attached")}
    assert ecs_services.logical_name(found, (Scheme.PUBLIC,), coming) == "users"


def test_what_takes_no_more_requests_is_another_ecs_service_and_stays_it(tmp_path: Path) -> None:
    without, public = service(tmp_path, http=False, nlb={"port": "443/tcp"}), (Scheme.PUBLIC,)
    groups = {"users": {"arn": "http"}, "users-Nlb443tcp": {"arn": "nlb"}}

    def name(**services: tuple[str, ...]) -> str:
        known = {key: {"loadBalancers": [{"targetGroupArn": arn} for arn in arns]} for key, arns in services.items()}
        return ecs_services.logical_name(without, public, {}, ecs_services.registered(known, groups))

    assert name() == "users"
    assert name(users=("nlb",)) == "users"
    other = name(users=("http", "nlb"))
    assert other.startswith("users-V")
    assert name(**{other: ("nlb",)}) == other


def test_the_task_definitions_that_run_are_known(tmp_path: Path) -> None:
    known = [replace(one("users-internal"), definition="arn:1"), one(), replace(one("users-V1"), definition="arn:2")]
    assert planned(service(tmp_path), known).definitions == ("arn:1", "arn:2")


def test_a_backend_has_another_one_where_a_load_balancer_leads_to_it(tmp_path: Path) -> None:
    def name_of(**fields: object) -> str:
        manifests: Tree = {"web": manifest("web", "/"), "stock": {**manifest("stock", http=None), **fields}}
        write_project(tmp_path, manifests)
        read = read_project(tmp_path, {"platform": "aws", "facade": "alb"}, "dev").services
        found = next(one for one in read if one.name == "stock")
        return ecs_services.logical_name(found, (Scheme.PUBLIC,), {})

    assert name_of(type="Backend Service") == "stock"
    assert name_of(type="Backend Service", http={"path": "/"}) == "stock_http"
