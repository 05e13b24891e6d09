"""What is read from a manifest: every field in all its shapes, and what holds when it is left out."""

from pathlib import Path

import pytest

from components.manifest.count import Count, Scaling
from components.manifest.http import HealthCheck, Http, HttpRule
from components.manifest.image import Build, ContainerHealthCheck
from components.manifest.manifest import Manifest
from components.manifest.network import Network
from components.manifest.variables import Secret
from tests.projects import DIGEST, Tree, manifest, read_project, write_project

HERE = Path(__file__).parents[2]
ARN = "arn:aws:ssm:eu-west-1:123456789012:parameter/db/password"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"


def read(folder: Path, **fields: object) -> Manifest:
    """A service's manifest with these top-level fields laid over a minimal one, as the settings hold it."""
    write_project(folder, {"users": {**manifest("users"), **fields}})
    (folder / "docker").mkdir(exist_ok=True)
    (folder / "docker" / "Dockerfile").touch()
    (folder / "docker" / "web.Dockerfile").touch()
    (folder / "Dockerfile").touch()
    return read_project(folder, {"default": "none"}).services[0].manifest


def image(folder: Path, **fields: object) -> Manifest:
    return read(folder, image={"port": 3000, **fields})


def http(folder: Path, **fields: object) -> HttpRule:
    found = read(folder, http={"path": "api/users", **fields}).http
    assert found is not None
    return found.main


def count(folder: Path, value: object) -> Count:
    return read(folder, count=value).count


def test_a_minimal_manifest_has_copilots_defaults(tmp_path: Path) -> None:
    assert read(tmp_path) == Manifest(
        name="users",
        port=3000,
        http=Http(
            HttpRule(
                path="/api/users",
                healthcheck=HealthCheck("/", None, "200", 5, 2, 30, 5, 60),
                deregistration_delay=60,
                stickiness=False,
                target_port=None,
            )
        ),
        build=Build("services/users/Dockerfile", "services/users"),
        location=None,
        healthcheck=None,
        entrypoint=(),
        command=(),
        cpu=256,
        memory=512,
        platform="linux/amd64",
        count=Count(1, None, None, None, None, None),
        exec=False,
        variables=(),
        secrets=(),
        ephemeral=20,
        retention=30,
        network=Network("public", (), (), False, False, None),
        rolling="default",
    )


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("docker/Dockerfile", Build("docker/Dockerfile", "docker")),
        ("./docker//Dockerfile", Build("docker/Dockerfile", "docker")),
        ("Dockerfile", Build("Dockerfile", ".")),
        ({"dockerfile": "docker/web.Dockerfile"}, Build("docker/web.Dockerfile", "docker")),
        ({"dockerfile": "docker/web.Dockerfile", "context": "."}, Build("docker/web.Dockerfile", ".")),
        ({"dockerfile": "docker/web.Dockerfile", "context": "./"}, Build("docker/web.Dockerfile", ".")),
        ({"context": "docker"}, Build("docker/Dockerfile", "docker")),
        ({"context": "docker/"}, Build("docker/Dockerfile", "docker")),
        (
            {"args": {"B": 1, "A": True}},
            Build("services/users/Dockerfile", "services/users", (("A", "true"), ("B", "1"))),
        ),
        ({"target": "release"}, Build("services/users/Dockerfile", "services/users", target="release")),
        (
            {"cache_from": ["base:1", "base:2"]},
            Build("services/users/Dockerfile", "services/users", cache_from=("base:1", "base:2")),
        ),
    ],
)
def test_image_build_in_its_short_and_long_form(tmp_path: Path, build: object, expected: Build) -> None:
    assert image(tmp_path, build=build).build == expected


def test_image_location_stands_for_a_build(tmp_path: Path) -> None:
    read_back = image(tmp_path, location=f"registry.example/users@{DIGEST}")
    assert (read_back.location, read_back.build) == (f"registry.example/users@{DIGEST}", None)


@pytest.mark.parametrize("port", [1, 80, 65535, "8080"])
def test_image_port_is_a_number_or_its_text(tmp_path: Path, port: int | str) -> None:
    assert read(tmp_path, image={"build": "Dockerfile", "port": port}).port == int(port)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, ContainerHealthCheck(("CMD-SHELL", "curl -f http://localhost/ || exit 1"), 10, 2, 5, 0)),
        ({"command": "wget -q -O- localhost"}, ContainerHealthCheck(("CMD-SHELL", "wget -q -O- localhost"))),
        ({"command": ["CMD-SHELL", "true"]}, ContainerHealthCheck(("CMD-SHELL", "true"))),
        ({"command": ["CMD", "node", "check.js"]}, ContainerHealthCheck(("CMD", "node", "check.js"))),
        (
            {"command": "true", "interval": "1m", "retries": 5, "timeout": "20s", "start_period": "2m30s"},
            ContainerHealthCheck(("CMD-SHELL", "true"), 60, 5, 20, 150),
        ),
    ],
)
def test_image_healthcheck_has_copilots_defaults_once_it_is_given(
    tmp_path: Path, written: Tree, expected: ContainerHealthCheck
) -> None:
    assert image(tmp_path, build="Dockerfile", healthcheck=written).healthcheck == expected


@pytest.mark.parametrize("field", ["command", "entrypoint"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("node server.js", ("node", "server.js")),
        ("sh -c 'echo $HOME | cat'", ("sh", "-c", "echo $HOME | cat")),
        (["node", "server.js", "--port", 1], ("node", "server.js", "--port", "1")),
        ([], ()),
        ("", ()),
    ],
)
def test_command_and_entrypoint_are_a_text_or_a_list(
    tmp_path: Path, field: str, written: object, expected: tuple[str, ...]
) -> None:
    assert getattr(read(tmp_path, **{field: written}), field) == expected


@pytest.mark.parametrize(
    ("written", "path"),
    [("/", "/"), ("api/users", "/api/users"), ("/api/users", "/api/users"), ("/api/users/", "/api/users"), ("a", "/a")],
)
def test_http_path_is_read_with_and_without_slashes(tmp_path: Path, written: str, path: str) -> None:
    assert http(tmp_path, path=written).path == path


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/health", HealthCheck(path="/health")),
        ({"path": "/health"}, HealthCheck(path="/health")),
        ({}, HealthCheck()),
        ({"interval": "15s"}, HealthCheck(interval=15)),
        ({"port": 9000}, HealthCheck(port=9000)),
        ({"success_codes": 200}, HealthCheck(success_codes="200")),
        ({"success_codes": "200,301"}, HealthCheck(success_codes="200,301")),
        ({"success_codes": "200-399"}, HealthCheck(success_codes="200-399")),
        ({"healthy_threshold": 3, "unhealthy_threshold": 4}, HealthCheck(healthy_threshold=3, unhealthy_threshold=4)),
        ({"timeout": "10s"}, HealthCheck(timeout=10)),
        ({"grace_period": "2m30s"}, HealthCheck(grace_period=150)),
        ({"interval": "1.5m", "timeout": "0.5m"}, HealthCheck(interval=90, timeout=30)),
        ({"interval": "60000ms"}, HealthCheck(interval=60)),
    ],
)
def test_http_healthcheck_is_a_path_or_a_map(tmp_path: Path, written: object, expected: HealthCheck) -> None:
    assert http(tmp_path, healthcheck=written).healthcheck == expected


def test_the_other_fields_of_http(tmp_path: Path) -> None:
    read_back = http(tmp_path, deregistration_delay="10s", stickiness=True, target_port="8081")
    assert (read_back.deregistration_delay, read_back.stickiness, read_back.target_port) == (10, True, 8081)
    assert http(tmp_path, deregistration_delay="0s").deregistration_delay == 0
    assert http(tmp_path, deregistration_delay="1h").deregistration_delay == 3600


@pytest.mark.parametrize(
    ("cpu", "memory"), [(256, 2048), (512, 1024), (1024, 8192), (2048, 5120), (8192, 20480), (16384, 122880)]
)
def test_cpu_and_memory_as_fargate_has_them(tmp_path: Path, cpu: int, memory: int) -> None:
    read_back = read(tmp_path, cpu=cpu, memory=str(memory))
    assert (read_back.cpu, read_back.memory) == (cpu, memory)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/arm64", "linux/arm64"),
        ("Linux/ARM64", "linux/arm64"),
        ({"osfamily": "linux", "architecture": "arm64"}, "linux/arm64"),
        ({"architecture": "x86_64"}, "linux/amd64"),
        ({"osfamily": "linux"}, "linux/amd64"),
    ],
)
def test_platform_is_a_text_or_a_map(tmp_path: Path, written: object, expected: str) -> None:
    assert read(tmp_path, platform=written).platform == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (0, Count(0)),
        (3, Count(3)),
        ("3", Count(3)),
        ({"spot": 2}, Count(2, spot_from=1)),
        ({"range": "2-10", "cpu_percentage": 70}, Count(2, 10, cpu=Scaling(70, 120, 60))),
        ({"range": {"min": 1, "max": 4}, "memory_percentage": 80}, Count(1, 4, memory=Scaling(80))),
        ({"range": {"min": 1, "max": 4, "spot_from": 2}, "requests": 1000}, Count(1, 4, 2, requests=Scaling(1000))),
        ({"range": "1-2", "response_time": "2s"}, Count(1, 2, response_time=Scaling(2))),
        (
            {"range": "1-2", "response_time": {"value": "250ms", "cooldown": {"in": "1m"}}},
            Count(1, 2, response_time=Scaling(0.25, 60)),
        ),
        (
            {"range": "1-9", "cooldown": {"in": "30s"}, "cpu_percentage": 50, "requests": 9},
            Count(1, 9, cpu=Scaling(50, 30, 60), requests=Scaling(9, 30, 60)),
        ),
        (
            {
                "range": "1-9",
                "cooldown": {"in": "30s", "out": "40s"},
                "cpu_percentage": {"value": 50, "cooldown": {"out": "2m"}},
                "memory_percentage": {"value": 60},
            },
            Count(1, 9, cpu=Scaling(50, 30, 120), memory=Scaling(60, 30, 40)),
        ),
    ],
)
def test_count_in_all_its_shapes(tmp_path: Path, written: object, expected: Count) -> None:
    assert count(tmp_path, written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [(True, True), (False, False), ({"enable": True}, True), ({"enable": False}, False), ({}, False)],
)
def test_exec_is_a_boolean_or_a_map(tmp_path: Path, written: object, expected: bool) -> None:
    assert read(tmp_path, exec=written).exec is expected


def test_variables_are_texts_as_they_were_written(tmp_path: Path) -> None:
    text = "variables: {V: 1.10, ON: on, YES: true, N: 5, TIME: -05:00, NOTHING: , QUOTED: '007', JSON: '{\"a\": 1}'}\n"
    write_project(tmp_path, {"users": _yaml(text)})
    assert read_project(tmp_path, {"default": "none"}).services[0].manifest.variables == (
        ("JSON", '{"a": 1}'),
        ("N", "5"),
        ("NOTHING", ""),
        ("ON", "on"),
        ("QUOTED", "007"),
        ("TIME", "-05:00"),
        ("V", "1.10"),
        ("YES", "true"),
    )


def _yaml(text: str) -> str:
    return (
        '# The manifest for the "other" service.\r\nname: users\ntype: Load Balanced Web Service\n'
        "image:\n  build: services/users/Dockerfile\n  port: 3000\nhttp:\n  path: api/users\n" + text
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("GITHUB_TOKEN", Secret("ssm", "GITHUB_TOKEN")),
        ("/copilot/app/test/secrets/db.password_1-a", Secret("ssm", "/copilot/app/test/secrets/db.password_1-a")),
        (ARN, Secret("ssm", ARN)),
        ({"secretsmanager": "demo/test/mysql"}, Secret("secretsmanager", "demo/test/mysql")),
        ({"secretsmanager": "mysql:password::"}, Secret("secretsmanager", "mysql:password::")),
        ({"secretsmanager": SECRET_ARN}, Secret("secretsmanager", SECRET_ARN)),
        (SECRET_ARN, Secret("secretsmanager", SECRET_ARN)),
        (f"{SECRET_ARN}:user:AWSCURRENT:", Secret("secretsmanager", f"{SECRET_ARN}:user:AWSCURRENT:")),
        (
            "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/a",
            Secret("ssm", "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/a"),
        ),
    ],
)
def test_secrets_are_parameters_or_secrets_by_name_or_arn(tmp_path: Path, written: object, expected: Secret) -> None:
    assert read(tmp_path, secrets={"B": written, "A": "x"}).secrets == (("A", Secret("ssm", "x")), ("B", expected))


def test_the_remaining_fields(tmp_path: Path) -> None:
    assert read(tmp_path, storage={"ephemeral": 100}).ephemeral == 100
    assert read(tmp_path, storage={"ephemeral": 20}).ephemeral == 20
    assert read(tmp_path, logging={"retention": 7}).retention == 7
    assert read(tmp_path, deployment={"rolling": "recreate"}).rolling == "recreate"


def test_shell_variables_are_interpolated_into_every_kind_of_field(tmp_path: Path) -> None:
    fields = manifest(
        "users", cpu="${CPU}", memory=1024, exec="${EXEC}", variables={"E": "${COPILOT_ENVIRONMENT_NAME}"}
    )
    write_project(
        tmp_path, {"users": {**fields, "environments": {"local": {"command": "run ${COPILOT_APPLICATION_NAME}"}}}}
    )
    settings = read_project(tmp_path, {"default": "none"}, shell={"CPU": "512", "EXEC": "true"})
    read_back = settings.services[0].manifest
    assert (read_back.cpu, read_back.exec) == (512, True)
    assert read_back.variables == (("E", "users"),)
    assert read_back.command == ("run", "strangler")


def test_the_shell_cannot_change_copilots_own_two_names(tmp_path: Path) -> None:
    fields = manifest("users", variables={"E": "${COPILOT_ENVIRONMENT_NAME}", "A": "${COPILOT_APPLICATION_NAME}"})
    write_project(tmp_path, {"users": fields})
    shell = {"COPILOT_ENVIRONMENT_NAME": "other", "COPILOT_APPLICATION_NAME": "other"}
    settings = read_project(
        tmp_path, {"default": "none", "services": {"users": {"environment": "shared"}}}, shell=shell
    )
    assert settings.services[0].manifest.variables == (("A", "strangler"), ("E", "shared"))


@pytest.mark.parametrize("platform", ["local", "aws"])
def test_the_message_boards_own_manifests_are_read_without_a_warning(platform: str) -> None:
    config = {"platform": platform, **({"facade": "refactor-spaces"} if platform == "aws" else {})}
    settings = read_project(HERE, config, "dev")
    # Four networks are near an account's quota, whatever the manifests say.
    assert [warning for warning in settings.warnings if "networks are created" not in warning.found] == []
    assert settings.table.default == "monolith"
    assert [(route.id, route.path, route.weight) for route in settings.table.routes] == [
        ("posts", "/api/posts", 0),
        ("threads", "/api/threads", 0),
        ("users", "/api/users", 0),
    ]
    for service in settings.services:
        assert service.manifest.port == 3000
        assert service.manifest.build == Build(f"services/{service.name}/Dockerfile", f"services/{service.name}")
        assert (service.manifest.cpu, service.manifest.memory, service.manifest.count) == (256, 512, Count(1))
        assert service.manifest.http is not None
        assert service.manifest.http.main.healthcheck == HealthCheck("/", interval=5, timeout=2, healthy_threshold=2)
        assert (service.environment, service.file) == (service.name, f"services/{service.name}/manifest.yml")
