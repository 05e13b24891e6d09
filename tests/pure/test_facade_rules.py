"""What each facade on AWS can't hold, found before anything is made."""

from pathlib import Path

import pytest

from components.facade_rules import ALB_RULES
from tests.projects import Tree, board, lines_of, manifest, read_project, write_project

C = "Pulumi.dev.yaml: strangler:"
SHARED: Tree = {name: {"environment": "shared"} for name in ("monolith", "posts", "threads", "users")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("board"), board())


def _lines(folder: Path, facade: str, **config: object) -> list[str]:
    return lines_of(folder, {"platform": "aws", "facade": facade, **config}, "dev")


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway", "alb"])
@pytest.mark.parametrize("routes", [{}, "users,posts", {"users": 100, "posts": 0, "threads": "users"}])
def test_every_facade_holds_routes_that_are_on_or_off(folder: Path, facade: str, routes: object) -> None:
    assert _lines(folder, facade, routes=routes) == []


def test_on_alb_all_services_share_one_environment_unless_told_otherwise(folder: Path) -> None:
    settings = read_project(folder, {"platform": "aws", "facade": "alb"}, "dev")
    assert [each.name for each in settings.environments] == ["shared"]
    assert {each.environment for each in settings.services} == {"shared"}


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_on_the_other_facades_every_service_has_its_own_environment(folder: Path, facade: str) -> None:
    settings = read_project(folder, {"platform": "aws", "facade": facade}, "dev")
    assert [each.name for each in settings.environments] == ["monolith", "posts", "threads", "users"]


def test_alb_refuses_services_in_several_environments(folder: Path) -> None:
    (line,) = _lines(folder, "alb", services={"users": {"environment": "apart"}})
    assert line == (
        f"{C}services: the services run in apart, shared; "
        "the facade alb forwards within one network: give all of them one environment"
    )


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_the_other_facades_refuse_environments_with_several_services(folder: Path, facade: str) -> None:
    (line,) = _lines(folder, facade, services={"users": {"environment": "posts"}})
    assert line.startswith(f"{C}services: posts, users share the environment posts; the facade {facade} reaches an env")
    assert line.endswith("give each its own, or use alb")


def test_alb_holds_weights(folder: Path) -> None:
    assert _lines(folder, "alb", routes={"users": 25, "posts": {"weight": 1}}) == []


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_the_other_facades_refuse_weights_and_name_the_one_that_holds_them(folder: Path, facade: str) -> None:
    assert _lines(folder, facade, routes={"users": 1, "posts": 99, "threads": 100}) == [
        f"{C}routes.{name}: the weight {weight}; the facade {facade} sends all or nothing: give 0 or 100, "
        "or use the facade alb"
        for name, weight in (("posts", 99), ("users", 1))
    ]


@pytest.mark.parametrize("facade", ["api-gateway", "alb"])
def test_these_facades_do_without_a_default(folder: Path, facade: str) -> None:
    assert _lines(folder, facade, default="none") == []


def test_refactor_spaces_needs_a_default(folder: Path) -> None:
    (line,) = _lines(folder, "refactor-spaces", default="none")
    assert line == (
        f"{C}default: found none; Refactor Spaces needs a DEFAULT route: "
        "keep the monolith as default and set its count to 0"
    )


def test_refactor_spaces_refuses_a_tilde_that_the_others_take(folder: Path) -> None:
    routes = {"me": {"path": "/~me", "service": "users"}}
    (line,) = _lines(folder, "refactor-spaces", routes=routes)
    assert line == f"{C}routes.me: the path /~me; Refactor Spaces takes no ~ in a path: use another facade"
    assert _lines(folder, "api-gateway", routes=routes) == []


def test_alb_has_room_for_so_many_rules_only(folder: Path) -> None:
    def some(number: int) -> Tree:
        return {f"r{n}": {"path": f"/r/{n}", "service": "users"} for n in range(number)}

    assert _lines(folder, "alb", routes=some(ALB_RULES - 3)) == []
    (line,) = _lines(folder, "alb", routes=some(ALB_RULES - 2))
    assert line == f"{C}routes: 101 routes; the facade alb has room for 100: use another facade"


def test_several_mistakes_are_told_together_with_those_of_the_manifests(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": manifest("users", cpu=300)})
    lines = _lines(tmp_path, "refactor-spaces", default="none", routes={"posts": 5}, services=SHARED)
    assert [line.split(":")[1].split(":")[0].strip() for line in lines] == [
        "cpu",
        "strangler",
        "strangler",
        "strangler",
    ]
    assert len(lines) == 4


def test_on_the_local_platform_no_facade_sets_limits(folder: Path) -> None:
    config: Tree = {"facade": "refactor-spaces", "default": "none", "routes": {"users": 5}, "services": SHARED}
    settings = read_project(folder, config)
    assert settings.facade is None
    assert settings.table.default is None
