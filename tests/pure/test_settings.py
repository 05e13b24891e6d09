"""Reading of a project as a whole: which manifests are found, what config adds to them, what is handed on."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from components.input.diagnostics import InputError, Problems
from components.input.value import Value
from components.manifest.count import Count
from components.model.cidr import of_name
from components.model.environment import AccessLogs, EnvironmentSettings, Vpc
from components.model.facades import Scheme
from components.platform import checks_for
from components.settings import read_settings
from components.settings.facades import read_facade_settings
from tests.projects import (
    DIGEST,
    Tree,
    board,
    config_of,
    lines_of,
    manifest,
    read_project,
    without_numbers,
    write_project,
)
from tests.pure.bad_aws import CERTIFICATE, WEB_ACL


def _warnings(folder: Path) -> list[str]:
    return without_numbers(read_project(folder).warnings)


def test_the_board_runs_locally_with_nothing_but_the_platform(tmp_path: Path) -> None:
    settings = read_project(write_project(tmp_path, board()))
    assert (settings.project, settings.stack, settings.platform, settings.facades) == (
        "strangler",
        "local",
        "local",
        (),
    )
    assert [service.name for service in settings.services] == ["monolith", "posts", "threads", "users"]
    assert [service.environment for service in settings.services] == ["monolith", "posts", "threads", "users"]
    assert [service.timeout for service in settings.services] == [600] * 4
    assert settings.environments == tuple(
        EnvironmentSettings(name, of_name(name)) for name in ("monolith", "posts", "threads", "users")
    )
    assert (settings.port, settings.keep_releases, settings.delete_images, settings.warnings) == (8080, 10, False, ())


def test_every_key_of_the_config_is_handed_on(tmp_path: Path) -> None:
    config = {
        "platform": "aws",
        "facade": "api-gateway",
        "port": "9090",
        "keepReleases": 3,
        "deleteImages": True,
        "allowMutableTags": True,
        "services": {"users": {"count": 4, "environment": "shared", "image": "users:1", "timeout": "2m30s"}},
        "environments": {
            "shared": {
                "cidr": "10.7.0.0/16",
                "zones": 3,
                "nat": "per-az",
                "containerInsights": True,
                "loadBalancer": "internal",
                "accessLogs": "my-logs",
            },
            "posts": {
                "loadBalancer": "public",
                "vpc": {
                    "id": "vpc-0123456789abcdef0",
                    "publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
                    "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
                },
            },
        },
    }
    settings = read_project(write_project(tmp_path, board()), config, "dev")
    users, environments = settings.services[3], {environment.name: environment for environment in settings.environments}
    assert (users.environment, users.timeout, users.manifest.count) == ("shared", 150, Count(4))
    assert (users.manifest.location, users.manifest.build) == ("users:1", None)
    assert environments["shared"] == EnvironmentSettings(
        "shared", IPv4Network("10.7.0.0/16"), 3, "per-az", True, None, Scheme.INTERNAL, AccessLogs("my-logs")
    )
    assert environments["posts"].vpc == Vpc(
        "vpc-0123456789abcdef0", ("subnet-0a1b2c3d", "subnet-0a1b2c3e"), ("subnet-0a1b2c3f", "subnet-0a1b2c40")
    )
    assert environments["posts"].scheme is Scheme.PUBLIC
    assert environments["monolith"].scheme is None
    assert (settings.port, settings.keep_releases, settings.delete_images) == (9090, 3, True)
    assert (settings.facades, settings.stack) == (("api-gateway",), "dev")


def test_keys_of_other_namespaces_are_not_ours(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    config = {**config_of({"platform": "local"}), "aws:region": "eu-west-1", "other:platform": "x", "pulumi:tags": "{"}
    assert read_settings(config, tmp_path, "dev", {}, checks_for).platform == "local"


def test_another_projects_name_is_the_namespace_and_copilots_application(tmp_path: Path) -> None:
    write_project(tmp_path, {"one": manifest("one", "/", variables={"APP": "${COPILOT_APPLICATION_NAME}"})})
    settings = read_settings(
        {"board:platform": "local", "strangler:platform": "x"}, tmp_path, "dev", {}, checks_for, "board"
    )
    assert settings.services[0].manifest.variables == (("APP", "board"),)
    with pytest.raises(InputError, match=r"^Pulumi\.dev\.yaml: board:platform: missing; give aws or local$"):
        read_settings({"strangler:platform": "local"}, tmp_path, "dev", {}, checks_for, "board")


def test_a_service_may_be_named_otherwise_than_its_folder(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": manifest("people", image={"location": "x", "port": 1})})
    assert [service.name for service in read_project(tmp_path).services] == ["monolith", "people", "posts", "threads"]
    (line,) = lines_of(tmp_path, {"services": {"users": {}}})
    says = (
        "services.users: unknown service 'users'; known: monolith, people, posts, threads; one that runs elsewhere has"
    )
    assert line.endswith(f"{says} url, targetGroup, listener or lambda")


def test_a_manifest_may_end_in_yaml_but_not_in_both(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    place = tmp_path / "services/users"
    (place / "manifest.yml").rename(place / "manifest.yaml")
    assert read_project(tmp_path).services[3].file == "services/users/manifest.yaml"
    (place / "manifest.yml").write_text("name: users\n")
    assert lines_of(tmp_path)[0] == "services/users: both manifest.yml and manifest.yaml; keep one of them"


def test_folders_that_are_no_services_are_passed_over_and_reported_if_they_look_like_one(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    for name in (".cache", "_old", "docs", "draft"):
        (tmp_path / "services" / name).mkdir()
    for name in (".cache", "_old", "draft"):
        (tmp_path / "services" / name / "Dockerfile").touch()
    (tmp_path / "services" / "README.md").touch()
    assert _warnings(tmp_path) == [
        "services/draft: a Dockerfile without a manifest.yml: not a service; write one, or move the folder elsewhere"
    ]
    assert len(read_project(tmp_path).services) == 4


@pytest.mark.parametrize("make", ["nothing", "an empty folder"])
def test_a_project_without_services_gets_a_line_on_where_to_write_one(tmp_path: Path, make: str) -> None:
    if make == "an empty folder":
        (tmp_path / "services").mkdir()
    assert lines_of(tmp_path) == [
        "services: no service; write services/<name>/manifest.yml and services/<name>/Dockerfile"
    ]


def test_a_manifest_that_is_no_text_is_reported(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    (tmp_path / "services/users/manifest.yml").write_bytes("name: üsers".encode("latin-1"))
    assert lines_of(tmp_path) == [
        "services/users/manifest.yml: can't be read: not UTF-8 text; make it a readable UTF-8 file"
    ]


def test_a_manifest_that_cannot_be_opened_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path, board())
    read_bytes = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self.parent.name == "users":
            raise PermissionError(13, "Permission denied")
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert lines_of(tmp_path) == [
        "services/users/manifest.yml: can't be read: Permission denied; make it a readable UTF-8 file"
    ]


def test_config_gives_the_image_that_a_manifest_leaves_to_a_pipeline(tmp_path: Path) -> None:
    write_project(tmp_path, {**board(), "users": manifest("users", image={"port": 3000})})
    assert "neither build nor location" in lines_of(tmp_path)[0]
    image = f"registry.example/users@{DIGEST}"
    users = read_project(tmp_path, {"services": {"users": {"image": image}}}).services[3].manifest
    assert (users.location, users.build, users.port) == (image, None, 3000)


def test_an_image_from_config_needs_no_dockerfile(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    (tmp_path / "services/users/Dockerfile").unlink()
    assert len(lines_of(tmp_path)) == 1
    assert lines_of(tmp_path, {"services": {"users": {"image": "users:1"}}}) == []


@pytest.mark.parametrize("count", [0, 3])
def test_a_count_from_config_replaces_autoscaling(tmp_path: Path, count: int) -> None:
    scaled = {"range": "2-9", "cpu_percentage": 50}
    write_project(tmp_path, {**board(), "monolith": manifest("monolith", "/", count=scaled)})
    settings = read_project(tmp_path, {"services": {"monolith": {"count": count}}})
    assert settings.services[0].manifest.count == Count(count)


def test_a_digest_says_what_an_image_is_and_a_tag_only_if_the_stack_allows_it(tmp_path: Path) -> None:
    aws = {"platform": "aws", "facade": "refactor-spaces"}
    write_project(tmp_path, {**board(), "users": manifest("users", image={"location": "users:1", "port": 1})})
    assert len(lines_of(tmp_path, aws)) == 1
    assert lines_of(tmp_path, {**aws, "allowMutableTags": True}) == []
    assert lines_of(tmp_path, {**aws, "services": {"users": {"image": f"users@{DIGEST}"}}}) == []
    assert lines_of(tmp_path) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"nat": "single"},
        {"nat": "per-az"},
        {
            "vpc": {
                "id": "vpc-0a1b2c3d",
                "publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
                "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
            }
        },
    ],
)
def test_private_tasks_run_where_there_is_a_way_out(tmp_path: Path, settings: dict[str, object]) -> None:
    write_project(tmp_path, {**board(), "users": manifest("users", network={"vpc": {"placement": "private"}})})
    aws = {"platform": "aws", "facade": "refactor-spaces"}
    assert len(lines_of(tmp_path, aws)) == 1
    assert lines_of(tmp_path, {**aws, "environments": {"users": settings}}) == []


def test_environments_that_are_brought_may_overlap_with_those_that_are_made(tmp_path: Path) -> None:
    vpc = {
        "id": "vpc-0a1b2c3d",
        "publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
        "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
    }
    environments = {"users": {"vpc": vpc}, "posts": {"cidr": str(of_name("users"))}}
    write_project(tmp_path, board())
    aws = {"platform": "aws", "facade": "refactor-spaces", "environments": environments}
    assert lines_of(tmp_path, aws) == []


def test_services_are_in_order_of_their_names_whatever_their_folders_are(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            "a": manifest("zebra", image={"location": "x", "port": 1}),
            "b": manifest("ant", "/", image={"location": "x", "port": 1}),
        },
    )
    assert [service.name for service in read_project(tmp_path).services] == ["ant", "zebra"]


def test_complaint_of_users_a_plan_says_what_share_of_which_paths_no_service_answers(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    config = {"default": "none", "routes": {"users": True, "posts": 25}}
    (warning,) = map(str, read_project(tmp_path, config).warnings)
    assert warning == (
        "Pulumi.local.yaml: strangler:default: no service answers some requests for /api/posts (75 of 100), "
        "/api/threads (all): they get a 503; activate these routes first, or keep a default that has tasks"
    )
    everything = {"default": "none", "routes": "users,posts,threads"}
    assert read_project(tmp_path, everything).warnings == ()


def test_a_default_that_is_scaled_to_zero_answers_no_share_either(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    config = {"services": {"monolith": {"count": 0}}, "routes": {"users": 60, "posts": True, "threads": True}}
    (warning,) = map(str, read_project(tmp_path, config).warnings)
    assert "some requests for /api/users (40 of 100): they get a 503" in warning


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_manifest_may_begin_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    write_project(tmp_path, board())
    place = tmp_path / "services/users/manifest.yml"
    text = place.read_text(encoding="utf-8")
    place.write_bytes(("" if encoding != "utf-16-le" else "\ufeff").encode("utf-16-le") + text.encode(encoding))
    assert lines_of(tmp_path) == []


def test_secrets_are_reported_in_one_line_and_those_that_have_a_variable_are_not(tmp_path: Path) -> None:
    secrets = {"KEY": "/key", "DATABASE": {"secretsmanager": "db"}}
    write_project(
        tmp_path,
        {
            **board(),
            "posts": manifest("posts", secrets=secrets),
            "threads": manifest("threads", secrets={"KEY": "/key"}),
            "users": manifest("users", secrets=secrets, environments={"local": {"variables": {"KEY": "k"}}}),
        },
    )
    assert _warnings(tmp_path) == [
        "services/posts/manifest.yml: secrets.DATABASE: "
        "omitted on the platform local: DATABASE of posts and users, KEY of posts and threads; if they are"
        " needed, set variables with these names for this stack, in the manifests' environments"
    ]


def test_a_sidecars_secrets_and_file_systems_of_aws_are_told_once_on_the_local_platform(tmp_path: Path) -> None:
    files: Tree = {"volumes": {"files": {"path": "/files", "efs": {"id": "fs-0123456789abcdef0"}}}}
    nginx: Tree = {"image": f"nginx@{DIGEST}", "secrets": {"KEY": "/key", "OWN": "/own"}, "variables": {"OWN": "1"}}
    write_project(
        tmp_path,
        {
            **board(),
            "posts": manifest("posts", storage=files, sidecars={"nginx": nginx}),
            "users": manifest("users", storage=files),
        },
    )
    assert _warnings(tmp_path) == [
        "services/posts/manifest.yml: storage.volumes.files.efs.id: "
        "an empty Docker volume replaces fs-0123456789abcdef0 of posts and users; copy what"
        " the services need into it: `docker volume ls`, `docker cp`",
        "services/posts/manifest.yml: sidecars.nginx.secrets.KEY: "
        "omitted on the platform local: KEY of posts.nginx; if they are needed, set variables with these"
        " names for this stack, in the manifests' environments",
    ]


def test_a_sidecar_is_left_out_of_a_stack_by_what_ignores_it(tmp_path: Path) -> None:
    write_project(tmp_path, {"users": manifest("users", "/", sidecars={"agent": {"image": f"agent@{DIGEST}"}})})
    (service,) = read_project(tmp_path, {"services": {"users": {"ignore": "sidecars.agent"}}}).services
    assert service.manifest.sidecars == ()


def test_a_secret_may_have_its_variable_from_a_file_on_the_local_platform(tmp_path: Path) -> None:
    write_project(
        tmp_path, {"users": manifest("users", "/", secrets={"FROM_FILE": "/x"}, env_file="services/users/some.env")}
    )
    (service,) = read_project(tmp_path).services
    assert service.manifest.variables == (("FROM_FILE", "yes"),)
    assert _warnings(tmp_path) == []


def test_a_secret_that_is_another_one_for_each_service_is_a_warning(tmp_path: Path) -> None:
    key = "/board/${COPILOT_ENVIRONMENT_NAME}/jwt-key"
    services = {name: manifest(name, secrets={"KEY": key}) for name in ("posts", "users")}
    write_project(tmp_path, {**board(), **services})
    config: Tree = {"platform": "aws", "facade": "api-gateway"}

    def warnings(config: Tree) -> list[str]:
        found = without_numbers(read_project(tmp_path, config).warnings)
        return [line for line in found if "secret" in line]

    (warning,) = warnings(config)
    assert warning == (
        "services/posts/manifest.yml: secrets.KEY: a different secret for each service: /board/posts/jwt-key,"
        " /board/users/jwt-key; write the name of one secret, or run these services in one environment:"
        " strangler:services.<name>.environment"
    )
    assert warnings({**config, "facade": "alb"}) == []
    shared: Tree = {name: {"environment": "shared"} for name in ("posts", "users")}
    assert warnings({**config, "services": shared}) == []
    (apart,) = warnings({**config, "facade": "refactor-spaces"})
    assert apart.endswith("; write the name of one secret")


def test_an_ambiguous_default_is_reported_beside_other_mistakes(tmp_path: Path) -> None:
    write_project(tmp_path, {"a": manifest("a", "/"), "b": manifest("b", "/"), "c": manifest("c", cpu="many")})
    assert lines_of(tmp_path) == [
        "Pulumi.local.yaml: strangler:default: not given, and a and b could answer the path /; give none, or one of a,"
        " b, c; on aws, give the others their own host names: http.alias, or strangler:services.<name>.alias",
        "services/c/manifest.yml: cpu: found 'many'; give a whole number from 256 to 16384",
    ]


def test_a_missing_default_is_not_reported_while_it_is_open_who_answers_what(tmp_path: Path) -> None:
    write_project(tmp_path, {"a": manifest("a", http={"path": ""}), "b": manifest("b")})
    (line,) = lines_of(tmp_path)
    assert line.startswith("services/a/manifest.yml: http.path: found ''; ")


def test_an_image_that_is_missing_may_be_given_in_the_config(tmp_path: Path) -> None:
    write_project(tmp_path, {"users": manifest("users", "/", image={"port": 3000})})
    (line,) = lines_of(tmp_path)
    assert line.endswith("or set strangler:services.users.image")
    assert lines_of(tmp_path, {"services": {"users": {"image": f"users@{DIGEST}"}}}) == []


@pytest.mark.parametrize(
    ("facade", "settings", "line"),
    [
        (
            "alb",
            {"domain": {"name": "a.example.com", "certificate": CERTIFICATE}},
            "alb.domain.certificate: a certificate",
        ),
        (
            "api-gateway",
            {"domain": {"name": "a.b.de", "certificate": CERTIFICATE}},
            "api-gateway.domain.certificate: a cer",
        ),
        ("alb", {"webAcl": WEB_ACL}, "alb.webAcl: a web ACL"),
    ],
)
def test_what_belongs_to_a_region_must_be_of_the_stacks(facade: str, settings: Tree, line: str) -> None:
    def messages(region: str | None) -> list[str]:
        at = Value({facade: settings}, "Pulumi.dev.yaml: strangler:", "facadeSettings", Problems())
        read_facade_settings(at, region)
        return [str(problem) for problem in at.problems.errors]

    (found,) = messages("us-west-1")
    assert f"facadeSettings.{line}" in found
    assert found.endswith(" in eu-west-1; give one in the stack's region us-west-1")
    assert messages("eu-west-1") == messages(None) == []
