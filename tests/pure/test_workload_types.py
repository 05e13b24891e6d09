"""What is read of the types of workloads besides load-balanced web services."""

from pathlib import Path

import pytest

from components.manifest.image import Build
from components.manifest.workload_types import WORKLOAD_TYPES
from components.settings import Settings
from tests.projects import Tree, board, lines_of, manifest, read_project, write_project

ON_AWS: Tree = {"platform": "aws", "facade": "alb", "default": "monolith"}
APP_RUNNER: Tree = {
    "name": "site",
    "type": "Request-Driven Web Service",
    "image": {"build": "services/site/Dockerfile", "port": 8080},
    "http": {"healthcheck": "/health"},
    "count": "high-availability/3",
}
AS: Tree = {**ON_AWS, "services": {"site": {"as": "load-balanced"}}}


def backend(name: str = "users", **fields: object) -> Tree:
    """A backend's manifest."""
    return {
        **{key: value for key, value in manifest(name).items() if key != "http"},
        "type": "Backend Service",
        **fields,
    }


def read(folder: Path, config: Tree, **manifests: object) -> Settings:
    write_project(folder, {**board(), **manifests})
    return read_project(folder, config)


def test_a_job_without_a_time_is_one_mistake(tmp_path: Path) -> None:
    job = {**backend(), "type": "Scheduled Job", "image": {"build": "services/users/Dockerfile"}}
    write_project(tmp_path, {**board(), "users": job})
    assert lines_of(tmp_path, ON_AWS) == [
        "services/users/manifest.yml: on: missing; write on: with a schedule, such as on: {schedule: '@daily'}"
    ]
    write_project(tmp_path, {**board(), "users": {**job, "on": {}}})
    (line,) = lines_of(tmp_path, ON_AWS)
    assert line.startswith("services/users/manifest.yml: on.schedule: missing; write a schedule")


@pytest.mark.parametrize("config", [{}, ON_AWS], ids=["local", "aws"])
def test_a_backend_is_a_service_without_a_route(tmp_path: Path, config: Tree) -> None:
    settings = read(tmp_path, config, users=backend(count=2))
    (found,) = (service.manifest for service in settings.services if service.name == "users")
    assert (found.type, found.port, found.count.desired, found.http) == ("Backend Service", 3000, 2, None)
    assert sorted(route.id for route in settings.table.routes) == ["posts", "threads"]


def test_a_backend_that_is_alone_in_its_environment_is_told(tmp_path: Path) -> None:
    warnings = [str(warning) for warning in read(tmp_path, {"default": "monolith"}, users=backend()).warnings]
    assert any(
        "users/manifest.yml" in line and "alone in the environment users, where no other" in line for line in warnings
    )
    together: Tree = {"default": "monolith", "services": {"users": {"environment": "posts"}}}
    assert not any("alone in" in str(warning) for warning in read(tmp_path, together, users=backend()).warnings)


def test_a_route_to_a_backend_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": backend()})
    (line,) = lines_of(tmp_path, {**ON_AWS, "routes": {"users": {"path": "/api/users", "active": True}}})
    assert "the service users can't get requests from a facade" in line


def test_a_backend_without_a_port_may_call_others(tmp_path: Path) -> None:
    image: Tree = {"build": "services/users/Dockerfile"}
    settings = read(tmp_path, ON_AWS, users=backend(image=image, network={"connect": True}))
    (found,) = (service.manifest for service in settings.services if service.name == "users")
    assert found.port == 0


def test_http_of_a_backend_is_no_route(tmp_path: Path) -> None:
    settings = read(tmp_path, ON_AWS, users=backend(http={"path": "api/users"}))
    (found,) = (service for service in settings.services if service.name == "users")
    assert (found.routed, found.route_path, found.manifest.http) == (False, None, None)
    assert found.manifest.internal is not None
    assert found.manifest.internal.main.path == "/api/users"


def test_a_service_of_app_runner_is_refused_until_the_config_says_how_to_read_it(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "site": APP_RUNNER})
    (line,) = lines_of(tmp_path, ON_AWS)
    assert "site/manifest.yml: type: App Runner is closed to new customers" in line
    assert "`pulumi config set --path services.site.as load-balanced`" in line
    (line,) = lines_of(tmp_path, {**ON_AWS, "services": {"site": {"as": "backend"}}})
    assert line.endswith("found 'backend'; give load-balanced")


def test_a_service_of_app_runner_is_read_with_its_own_defaults_and_what_differs_is_told(tmp_path: Path) -> None:
    settings = read(tmp_path, AS, site=APP_RUNNER)
    (found,) = (service.manifest for service in settings.services if service.name == "site")
    assert (found.type, found.cpu, found.memory, found.port) == ("Load Balanced Web Service", 1024, 2048, 8080)
    assert found.build == Build("services/site/Dockerfile", "services/site")
    assert found.http is not None
    check = found.http.main.healthcheck
    assert (check.path, check.healthy_threshold, check.unhealthy_threshold) == ("/health", 3, 3)
    assert (check.interval, check.timeout) == (5, 2)
    assert dict(found.variables)["PORT"] == "8080"
    warnings = [str(warning) for warning in settings.warnings]
    assert any("type: Request-Driven Web Service runs as load-balanced here" in line for line in warnings), warnings
    assert any("count: omitted on the platform aws" in line for line in warnings), warnings


@pytest.mark.parametrize("name", WORKLOAD_TYPES)
def test_every_type_is_known_by_its_own_name(name: str) -> None:
    assert WORKLOAD_TYPES[name].name == name
