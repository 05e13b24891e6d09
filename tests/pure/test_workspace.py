"""Reading of a Copilot workspace as it is: which services and environments are found, and what they are told."""

from pathlib import Path

import pytest

from components.manifest.image import Build
from components.model import cidr
from components.settings import Settings
from tests.projects import (
    Tree,
    environment,
    lines_of,
    manifest,
    of_copilot,
    read_project,
    write_project,
    write_workspace,
)

COPILOT = {"copilot": "copilot", "copilotEnvironment": "test"}
AWS = {"platform": "aws", "facade": "alb", **COPILOT}
C = "Pulumi.local.yaml: strangler:"


def workspace(folder: Path) -> Path:
    """A workspace of two services and two environments."""
    services = {
        "web": of_copilot("web", "/", environments={"prod": {"count": 3}, "local": {"count": 7}}),
        "api": of_copilot("api", variables={"WHERE": "${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}"}),
    }
    return write_workspace(folder, services, {"test": environment("test"), "prod": environment("prod")})


def placed(settings: Settings) -> dict[str, tuple[str, str, str]]:
    """Where each service runs, and what it is told of application and environment."""
    return {service.name: (service.environment, service.application, service.stage) for service in settings.services}


@pytest.mark.parametrize("platform", [COPILOT, AWS])
def test_a_copilot_environment_holds_all_of_its_services(tmp_path: Path, platform: dict[str, object]) -> None:
    settings = read_project(workspace(tmp_path), platform)
    assert placed(settings) == {"api": ("test", "board", "test"), "web": ("test", "board", "test")}
    assert [item.name for item in settings.environments] == ["test"]
    assert settings.table.default == "web"
    assert [(route.id, route.path) for route in settings.table.routes] == [("api", "/api/api")]


@pytest.mark.parametrize("facade", ["refactor-spaces", "api-gateway"])
def test_a_facade_that_reaches_environments_has_one_for_each_service(tmp_path: Path, facade: str) -> None:
    settings = read_project(workspace(tmp_path), {**AWS, "facade": facade})
    assert placed(settings) == {"api": ("api", "board", "test"), "web": ("web", "board", "test")}


def test_the_environment_is_the_stacks_name_unless_it_is_given(tmp_path: Path) -> None:
    workspace(tmp_path)
    settings = read_project(tmp_path, {"copilot": "copilot"}, "prod")
    assert [service.manifest.count.desired for service in settings.services] == [1, 3]
    assert placed(settings)["web"] == ("prod", "board", "prod")


def test_overrides_are_those_of_the_copilot_environment_and_not_of_the_stack(tmp_path: Path) -> None:
    workspace(tmp_path)
    for name, count in (("test", 1), ("prod", 3)):
        settings = read_project(tmp_path, {**COPILOT, "copilotEnvironment": name})
        assert settings.services[1].manifest.count.desired == count


def test_manifests_know_application_and_environment(tmp_path: Path) -> None:
    settings = read_project(workspace(tmp_path), COPILOT)
    assert settings.services[0].manifest.variables == (("WHERE", "board-test"),)


def test_paths_begin_at_the_root_of_the_workspace(tmp_path: Path) -> None:
    workspace(tmp_path / "app")
    settings = read_project(tmp_path, {**COPILOT, "copilot": "app/copilot"})
    assert settings.services[0].build == Build("app/api/Dockerfile", "app/api")
    assert settings.services[0].file == "app/copilot/api/manifest.yml"


def test_a_build_without_a_path_takes_the_dockerfile_at_the_root(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/", image={"build": {"args": {"A": "b"}}, "port": 80})})
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    settings = read_project(tmp_path, COPILOT)
    assert settings.services[0].build == Build("Dockerfile", ".", (("A", "b"),))


def test_a_workspace_may_lie_outside_of_the_project(tmp_path: Path) -> None:
    workspace(tmp_path / "app")
    project = tmp_path / "strangler"
    project.mkdir()
    for place in ("../app/copilot", str(tmp_path / "app/copilot")):
        settings = read_project(project, {**COPILOT, "copilot": place})
        assert settings.services[0].build == Build("../app/api/Dockerfile", "../app/api")


def test_a_service_may_have_a_copilot_environment_of_its_own_name(tmp_path: Path) -> None:
    services = {"web": of_copilot("web", "/"), "api": of_copilot("api", environments={"api": {"count": 2}})}
    write_workspace(tmp_path, services, {name: environment(name) for name in services})
    for config in (COPILOT, {**AWS, "facade": "refactor-spaces"}):
        settings = read_project(tmp_path, {**config, "copilotEnvironment": "web"})
        assert placed(settings) == {"api": ("api", "board", "api"), "web": ("web", "board", "web")}
        assert settings.services[0].manifest.count.desired == 2


def test_services_of_both_folders_live_in_one_stack(tmp_path: Path) -> None:
    write_project(workspace(tmp_path), {"new": manifest("new", environments={"local": {"count": 4}})})
    settings = read_project(tmp_path, COPILOT)
    assert placed(settings) == dict.fromkeys(("api", "new", "web"), ("test", "board", "test"))
    assert [service.root for service in settings.services] == [".", ".", "."]
    assert settings.services[1].manifest.count.desired == 4


def test_a_name_that_both_folders_have_is_reported(tmp_path: Path) -> None:
    write_project(workspace(tmp_path), {"api": manifest("api")})
    assert lines_of(tmp_path, COPILOT) == [
        "copilot/api/manifest.yml: name: 'api' is also the name at services/api/manifest.yml: name; give each service "
        "its own name"
    ]


@pytest.mark.parametrize("kind", ["Static Site", "Environment"])
def test_another_type_of_workload_is_refused_in_one_line_or_left_out(tmp_path: Path, kind: str) -> None:
    workspace(tmp_path)
    (tmp_path / "copilot/job").mkdir()
    (tmp_path / "copilot/job/manifest.yml").write_text(f"name: job\ntype: {kind}\non:\n  schedule: '@daily'\n")
    (line,) = lines_of(tmp_path, COPILOT)
    assert line.startswith(f"copilot/job/manifest.yml: type: the type {kind!r} is not supported; ")
    assert line.endswith("exclude it: add job to strangler:exclude")
    for key in ("exclude", "leaveOut"):
        for names in (["job"], "job", "job, api"):
            settings = read_project(tmp_path, {**COPILOT, key: names})
            assert "job" not in placed(settings)


def test_a_service_is_left_out_by_its_folder_or_by_its_name(tmp_path: Path) -> None:
    workspace(tmp_path)
    (tmp_path / "copilot/folder").mkdir()
    (tmp_path / "copilot/folder/manifest.yml").write_text("name: job\ntype: Worker Service\n")
    for name in ("folder", "job"):
        assert [*placed(read_project(tmp_path, {**COPILOT, "exclude": [name]}))] == ["api", "web"]


def test_what_is_left_out_must_be_there(tmp_path: Path) -> None:
    (line,) = lines_of(workspace(tmp_path), {**COPILOT, "exclude": ["apo"]})
    assert line == f"{C}exclude: unknown service 'apo'; did you mean api?"
    (line,) = lines_of(tmp_path, {**COPILOT, "exclude": {"api": True}})
    assert line == f"{C}exclude: found a map; give a list of service names, or a string such as worker,job"


def test_exclude_has_an_old_spelling_and_only_one_is_given(tmp_path: Path) -> None:
    (line,) = lines_of(workspace(tmp_path), {**COPILOT, "leaveOut": ["apo"]})
    assert line == f"{C}leaveOut: unknown service 'apo'; did you mean api?"
    (line,) = lines_of(tmp_path, {**COPILOT, "exclude": ["api"], "leaveOut": ["api"]})
    assert line == f"{C}leaveOut: both exclude and leaveOut; keep exclude, the new name of leaveOut"
    declared: Tree = {**COPILOT, "exclude": []}  # as Pulumi.yaml gives it to every stack
    assert {*placed(read_project(tmp_path, {**declared, "leaveOut": ["api"]}))} == {"web"}
    (line,) = lines_of(tmp_path, {**declared, "leaveOut": ["apo"]})
    assert line == f"{C}leaveOut: unknown service 'apo'; did you mean api?"


@pytest.mark.parametrize("platform", ["aws", "local"])
def test_that_every_service_is_excluded_is_one_line(tmp_path: Path, platform: str) -> None:
    config = {**COPILOT, "platform": platform, "facade": "alb", "exclude": ["api", "web"], "default": "none"}
    (line,) = lines_of(workspace(tmp_path), config)
    assert line == f"{C}exclude: every service is excluded; keep at least one service"


def test_pipelines_are_no_services_and_reported_until_they_are_left_out(tmp_path: Path) -> None:
    workspace(tmp_path)
    place = tmp_path / "copilot/pipelines/main"
    place.mkdir(parents=True)
    (place / "manifest.yml").write_text("name: main\nversion: 1\n")
    (warning,) = read_project(tmp_path, COPILOT).warnings
    assert str(warning).startswith("copilot/pipelines: a Copilot pipeline, which Strangler doesn't run; ")
    assert read_project(tmp_path, {**COPILOT, "exclude": "pipelines"}).warnings == ()


def test_addons_of_environments_are_reported(tmp_path: Path) -> None:
    workspace(tmp_path)
    (tmp_path / "copilot/environments/addons").mkdir()
    (warning,) = read_project(tmp_path, COPILOT).warnings
    assert str(warning).startswith("copilot/environments/addons: CloudFormation, which Strangler doesn't read; ")


def test_an_environment_that_the_workspace_does_not_know_is_reported(tmp_path: Path) -> None:
    workspace(tmp_path)
    (line,) = lines_of(tmp_path, {"copilot": "copilot"})
    assert line == (
        f"{C}copilotEnvironment: the workspace has no environment 'local'; name an environment of the workspace:"
        " known: prod, test"
    )
    (line,) = lines_of(tmp_path, {**COPILOT, "copilotEnvironment": "prd"})
    assert line.endswith("name an environment of the workspace: did you mean prod?")


def test_a_workspace_without_environment_manifests_needs_none(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/", environments={"staging": {"count": 2}})})
    settings = read_project(tmp_path, {**COPILOT, "copilotEnvironment": "staging"})
    assert settings.services[0].manifest.count.desired == 2
    assert settings.environments[0].cidr == cidr.of_name("staging")


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"copilot": "copylot"}, "copilot: no folder copylot; give the path of the folder that contains .workspace"),
        ({"copilot": "x" * 5000}, "copilot: no folder xxxx"),
        ({"copilot": ""}, "copilot: found ''; give the path of a Copilot folder, such as copilot"),
        ({"copilot": ["copilot"]}, "copilot: found a list; give the path of a Copilot folder, such as copilot"),
        ({"copilot": "."}, "copilot: no file ./.workspace; give the folder that contains .workspace: did you mean"),
        (
            {"copilot": None},
            "copilotEnvironment: no workspace; also set strangler:copilot to the path of the Copilot folder",
        ),
        ({"copilotEnvironment": "Test_1"}, "copilotEnvironment: found 'Test_1'; use up to 40 lower-case letters"),
    ],
)
def test_a_mistake_in_the_place_of_a_workspace_is_reported(
    tmp_path: Path, config: dict[str, object], line: str
) -> None:
    lines = lines_of(write_project(workspace(tmp_path), {"one": manifest("one")}), {**COPILOT, **config})
    assert lines[0].startswith(f"{C}{line}"), lines


def test_a_workspace_must_say_its_application(tmp_path: Path) -> None:
    workspace(tmp_path)
    (tmp_path / "copilot/.workspace").write_text("version: 1\n")
    (line,) = lines_of(tmp_path, COPILOT)
    assert line == "copilot/.workspace:1: application: missing; write application: with the application's name"


def test_a_workspace_that_is_not_named_is_reported(tmp_path: Path) -> None:
    write_project(workspace(tmp_path), {"one": manifest("one", "/")})
    (warning,) = read_project(tmp_path).warnings
    assert str(warning) == "copilot: a Copilot workspace, which isn't used; `pulumi config set copilot copilot`"


def test_a_name_that_is_too_long_for_a_file_is_one_that_is_not_there(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/", image={"build": "x" * 5000, "port": 80})})
    (line,) = lines_of(tmp_path, COPILOT)
    assert "no Dockerfile at xxxx" in line


def test_a_dockerfile_is_looked_for_at_the_root_of_the_workspace(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/", image={"build": "src/Dockerfile", "port": 80})})
    (line,) = lines_of(tmp_path, COPILOT)
    assert line == (
        "copilot/web/manifest.yml: image.build: no Dockerfile at src/Dockerfile; give the path relative to "
        "the workspace root"
    )


@pytest.mark.parametrize(("placement", "nat"), [("public", "none"), ("private", "per-az")])
def test_a_private_placement_gets_the_nat_gateways_that_copilot_makes(tmp_path: Path, placement: str, nat: str) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/", network={"vpc": {"placement": placement}})})
    assert [item.nat for item in read_project(tmp_path, AWS).environments] == [nat]
    override = {"environments": {"test": {"nat": "single"}}}
    assert [item.nat for item in read_project(tmp_path, {**AWS, **override}).environments] == ["single"]
