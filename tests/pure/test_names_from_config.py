"""Services of a workspace that are told apart by their names, as several may have the path `/` there."""

from pathlib import Path

import pytest

from components.manifest.http import Alias
from tests.projects import Tree, environment, lines_of, of_copilot, read_project, without_numbers, write_workspace

ALB: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
NOTHING = "it gets no requests: no route, no host name, and not the default; "


def two(folder: Path, **http: object) -> Path:
    """A workspace with two services that have the path `/`. http: of api, besides."""
    services = {"web": of_copilot("web", "/"), "api": of_copilot("api", http={"path": "/", **http})}
    return write_workspace(folder, services, {"test": environment("test")})


def warnings(folder: Path, **config: object) -> list[str]:
    return without_numbers(read_project(folder, {**ALB, **config}).warnings)


def test_that_nothing_leads_to_a_service_is_told_with_what_to_do(tmp_path: Path) -> None:
    place, route = "copilot/api/manifest.yml: http.path: ", "strangler:routes.api: {path: /api, service: api}"
    name = "; or a host name: strangler:services.api.alias"
    assert warnings(two(tmp_path), default="web") == [f"{place}{NOTHING}give it a route: {route}{name}"]
    local = without_numbers(read_project(tmp_path, {**ALB, "platform": "local", "default": "web"}).warnings)
    assert local == [f"{place}{NOTHING}give it a route: {route}"]
    assert len([line for line in warnings(tmp_path, default="none") if NOTHING in line]) == 2
    assert warnings(tmp_path, default="web", routes={"api": {"path": "/api", "service": "api"}}) == []
    (line,) = lines_of(tmp_path, ALB)
    assert line.endswith("give the others their own host names: http.alias, or strangler:services.<name>.alias")


def test_a_name_from_the_config_is_as_one_of_the_manifest(tmp_path: Path) -> None:
    names = ["api.example.com", {"name": "*.API.example.com", "hosted_zone": "Z0123456789ABC"}]
    read = read_project(two(tmp_path), {**ALB, "services": {"api": {"alias": names}}})
    (api, _) = read.services
    assert api.manifest.http
    assert api.manifest.http.main.aliases == (
        Alias("api.example.com"),
        Alias("*.api.example.com", "Z0123456789ABC"),
    )
    assert not [line for line in map(str, read.warnings) if NOTHING in line]
    assert read.table.default == "web", "the only one without a name"


@pytest.mark.parametrize(
    ("alias", "http", "message"),
    [
        ("x", {}, "found 'x'; give a host name"),
        ({"name": "a.example.com"}, {}, "found a map; give a host name, or a list of them"),
        ("a.example.com", {"alias": "b.example.com"}, "the manifest has http.alias; remove it"),
    ],
)
def test_a_name_from_the_config_may_be_a_mistake(tmp_path: Path, alias: object, http: Tree, message: str) -> None:
    config = {**ALB, "default": "web", "services": {"api": {"alias": alias}}}
    (line,) = lines_of(two(tmp_path, **http), config)
    assert line.startswith(f"Pulumi.local.yaml: strangler:services.api.alias: {message}")


def test_what_takes_no_requests_has_no_name(tmp_path: Path) -> None:
    services = {"web": of_copilot("web", "/"), "api": {**of_copilot("api", http=None), "type": "Backend Service"}}
    write_workspace(tmp_path, services, {"test": environment("test")})
    (line,) = lines_of(tmp_path, {**ALB, "services": {"api": {"alias": "api.example.com"}}})
    assert "services.api.alias: no http section, which an alias needs; remove it" in line
