"""What each facade on AWS can't hold, found before anything is made."""

from pathlib import Path

import pytest

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


def test_on_alb_all_services_share_one_environment_unless_the_config_says_otherwise(folder: Path) -> None:
    settings = read_project(folder, {"platform": "aws", "facade": "alb"}, "dev")
    assert [environment.name for environment in settings.environments] == ["shared"]
    assert {service.environment for service in settings.services} == {"shared"}


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_on_the_other_facades_every_service_has_its_own_environment(folder: Path, facade: str) -> None:
    settings = read_project(folder, {"platform": "aws", "facade": facade}, "dev")
    assert [environment.name for environment in settings.environments] == ["monolith", "posts", "threads", "users"]


def test_alb_refuses_services_in_several_environments(folder: Path) -> None:
    (line,) = _lines(folder, "alb", services={"users": {"environment": "apart"}})
    assert line == (
        f"{C}services: the services run in apart, shared; "
        "the facade alb forwards within one network: put all of them in one environment"
    )


def test_refactor_spaces_refuses_environments_with_several_services(folder: Path) -> None:
    (line,) = _lines(folder, "refactor-spaces", services={"users": {"environment": "posts"}})
    assert line == (
        f"{C}services: posts, users share the environment posts; the facade refactor-spaces routes to a whole "
        "environment: give each service its own, or use another facade"
    )


def test_behind_api_gateway_services_may_share_an_environment(folder: Path) -> None:
    assert _lines(folder, "api-gateway", services=SHARED) == []


@pytest.mark.parametrize("both", ["refactor-spaces, api-gateway", ["refactor-spaces", "api-gateway"]])
def test_refactor_spaces_and_api_gateway_stand_side_by_side(folder: Path, both: object) -> None:
    found = read_project(folder, {"platform": "aws", "facade": both}, "dev")
    assert found.facades == ("refactor-spaces", "api-gateway")
    assert len(found.environments) == 4


def test_api_gateway_and_alb_stand_side_by_side_in_the_environment_of_alb(folder: Path) -> None:
    found = read_project(folder, {"platform": "aws", "facade": ["api-gateway", "alb"]}, "dev")
    assert found.facades == ("api-gateway", "alb")
    assert [environment.name for environment in found.environments] == ["shared"]


def test_refactor_spaces_and_alb_want_other_environments(folder: Path) -> None:
    (line,) = _lines(folder, "refactor-spaces,alb")
    assert line == (
        f"{C}facade: refactor-spaces together with alb; Refactor Spaces routes to environments, and alb to services "
        "that share one: switch through api-gateway, see docs/facades.md"
    )


def test_every_one_of_several_facades_must_hold_the_routes(folder: Path) -> None:
    (line,) = _lines(folder, "alb,api-gateway", routes={"users": 25})
    assert "the weight 25; the facade api-gateway can't split traffic" in line


def test_alb_holds_weights(folder: Path) -> None:
    assert _lines(folder, "alb", routes={"users": 25, "posts": {"weight": 1}}) == []


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_the_other_facades_refuse_weights_and_name_the_one_that_holds_them(folder: Path, facade: str) -> None:
    assert _lines(folder, facade, routes={"users": 1, "posts": 99, "threads": 100}) == [
        f"{C}routes.{name}: the weight {weight}; the facade {facade} can't split traffic: use 0 or 100, "
        "or the facade alb"
        for name, weight in (("posts", 99), ("users", 1))
    ]


@pytest.mark.parametrize("facade", ["api-gateway", "alb"])
def test_these_facades_do_without_a_default(folder: Path, facade: str) -> None:
    assert _lines(folder, facade, default="none") == []


def test_refactor_spaces_needs_a_default(folder: Path) -> None:
    (line,) = _lines(folder, "refactor-spaces", default="none")
    assert line == (
        f"{C}default: found none; the facade refactor-spaces needs a default: "
        "keep the monolith as default and set its count to 0"
    )


def test_refactor_spaces_refuses_a_tilde_that_the_others_take(folder: Path) -> None:
    routes = {"me": {"path": "/~me", "service": "users"}}
    (line,) = _lines(folder, "refactor-spaces", routes=routes)
    assert line == f"{C}routes.me: the path /~me; Refactor Spaces doesn't allow ~ in a path: use another facade"
    assert _lines(folder, "api-gateway", routes=routes) == []


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway", "alb"])
def test_every_facade_holds_paths_with_parameters(folder: Path, facade: str) -> None:
    routes: Tree = {
        "comments": {"path": "/api/articles/{slug}/comments", "service": "users", "active": True},
        "tags": {"path": "/api/articles/{slug}/tags/{tag}", "service": "posts", "active": True},
        "drafts": {"path": "/api/articles/new", "service": "posts"},
    }
    assert _lines(folder, facade, routes=routes) == []


def test_refactor_spaces_refuses_active_paths_that_part_at_a_parameter(folder: Path) -> None:
    comments: Tree = {"path": "/api/articles/{slug}/comments", "service": "users", "active": True}
    articles: Tree = {"path": "/api/articles", "service": "posts", "active": True}
    routes: Tree = {"comments": comments, "articles": articles}
    (line,) = _lines(folder, "refactor-spaces", routes=routes)
    assert line == (
        f"{C}routes.articles: /api/articles beside /api/articles/{{slug}}/comments of comments; "
        "Refactor Spaces doesn't allow a parameter where two paths differ: activate only one, or use another facade"
    )
    (line,) = _lines(folder, "refactor-spaces", routes={"own": {**comments, "path": "/{tenant}/comments"}})
    assert line.startswith(f"{C}routes.own: /{{tenant}}/comments beside the DEFAULT route; Refactor Spaces doesn't")
    others: list[Tree] = [{"comments": comments, "articles": {**articles, "children": False}}, {"articles": articles}]
    for routes in others:
        assert _lines(folder, "refactor-spaces", routes=routes) == []


def test_a_rule_by_host_name_has_no_parameter(tmp_path: Path) -> None:
    alias = {"path": "/api/{id}/users", "alias": "users.example.com"}
    write_project(tmp_path, {**board(), "users": manifest("users", http=alias)})
    lines = _lines(tmp_path, "api-gateway")
    assert lines == [
        "services/users/manifest.yml: http.path: the path '/api/{id}/users' has a parameter; "
        "use the part of the path before it: only facade routes can have parameters"
    ]


def test_refactor_spaces_refuses_two_active_routes_for_one_path_and_method(folder: Path) -> None:
    reads: Tree = {"path": "/api/users", "service": "users", "methods": ["GET"], "active": True}
    rest: Tree = {"path": "/api/users", "service": "posts", "active": True}
    (line,) = _lines(folder, "refactor-spaces", routes={"users": {"path": "/x"}, "reads": reads, "rest": rest})
    assert line == (
        f"{C}routes.rest: /api/users is active here and in reads for the same methods; "
        "Refactor Spaces allows each path once per method: list the methods of rest"
    )
    for other in ({**rest, "active": False}, {**rest, "methods": ["POST"]}):
        routes = {"users": {"path": "/x"}, "reads": reads, "rest": other}
        assert _lines(folder, "refactor-spaces", routes=routes) == []


def test_alb_takes_no_path_whose_pattern_is_too_long(folder: Path) -> None:
    fits, over = "/" + "x" * 125, "/" + "x" * 126
    assert _lines(folder, "alb", routes={"long": {"path": fits, "service": "users"}}) == []
    (line,) = _lines(folder, "alb", routes={"long": {"path": over, "service": "users"}})
    assert line == (
        f"{C}routes.long: a path with 127 characters; the facade alb allows 126: use a shorter one, or another facade"
    )


def test_alb_orders_paths_of_so_many_segments_only(folder: Path) -> None:
    assert _lines(folder, "alb", routes={"deep": {"path": "/x" * 14, "service": "users"}}) == []
    (line,) = _lines(folder, "alb", routes={"deep": {"path": "/x" * 15, "service": "users"}})
    assert line == (f"{C}routes.deep: a path with 15 segments; the facade alb allows at most 14: use another facade")


def test_alb_divides_a_path_among_five_services_only(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(5)]
    services = {name: manifest(name, http={"path": f"/{name}"}) for name in names}
    write_project(tmp_path, {**board(), **services})
    nested: Tree = {name: {"path": "/x" + "/y" * number} for number, name in enumerate(names)}
    fits: Tree = {**nested, "s4": {"path": "/z"}}
    assert _lines(tmp_path, "alb", routes=fits) == []
    (line,) = _lines(tmp_path, "alb", routes=nested)
    assert line == (
        f"{C}routes.s4: 6 services may get requests of /x/y/y/y/y; "
        "the facade alb splits a path's requests between at most 5: nest fewer routes"
    )


def test_several_mistakes_are_reported_together_with_those_of_the_manifests(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": manifest("users", cpu=300)})
    lines = _lines(tmp_path, "refactor-spaces", default="none", routes={"posts": 5}, services=SHARED)
    assert [line.split(":")[1].split(":")[0].strip() for line in lines] == [
        "strangler",
        "strangler",
        "strangler",
        "cpu",
    ]
    assert len(lines) == 4


def test_on_the_local_platform_no_facade_sets_limits(folder: Path) -> None:
    config: Tree = {"facade": "refactor-spaces", "default": "none", "routes": {"users": 5}, "services": SHARED}
    settings = read_project(folder, config)
    assert settings.facades == ()
    assert settings.table.default is None
