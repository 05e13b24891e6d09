"""Overrides of a manifest: by environment and then by stack, what they may change, and where their mistakes stand."""

from pathlib import Path

import pytest

from components.manifest.count import Count, Scaling
from components.manifest.deployment import RollbackAlarms
from components.manifest.http import HealthCheck
from components.manifest.image import Build
from components.manifest.manifest import Manifest
from components.manifest.sidecars import Sidecar
from components.manifest.storage import ManagedFiles, OwnFiles, Volume
from components.manifest.variables import Secret
from tests.projects import Tree, lines_of, manifest, read_project, without_numbers, write_project

M = "services/users/manifest.yml: "
FS = "fs-0a1b2c3d4e5f67890"
BUILT = Build("services/users/Dockerfile", "services/users")


def _read(folder: Path, content: Tree, config: Tree | None = None, stack: str = "local") -> Manifest:
    write_project(folder, {"users": content})
    return read_project(folder, {"default": "none", **(config or {})}, stack).services[0].manifest


def _warnings(folder: Path, content: Tree, config: Tree | None = None) -> list[str]:
    write_project(folder, {"users": content})
    found = without_numbers(read_project(folder, {"default": "none", **(config or {})}).warnings)
    # `default: none` is a warning of its own, whatever the manifest says.
    return [line for line in found if "no service answers" not in line]


def _lines(folder: Path, content: Tree, config: Tree | None = None) -> list[str]:
    write_project(folder, {"users": content})
    return lines_of(folder, {"default": "none", **(config or {})})


def test_overrides_apply_by_environment_and_then_by_stack(tmp_path: Path) -> None:
    content = manifest(
        "users",
        environments={
            "shared": {"cpu": 512, "memory": 2048, "variables": {"A": "environment", "B": "environment"}},
            "prod": {"memory": 4096, "variables": {"B": "stack"}},
            "other": {"cpu": 1024},
        },
    )
    shared: Tree = {"services": {"users": {"environment": "shared"}}}
    both = _read(tmp_path, content, shared, "prod")
    assert (both.cpu, both.memory, both.variables) == (512, 4096, (("A", "environment"), ("B", "stack")))
    by_environment = _read(tmp_path, content, shared, "dev")
    assert (by_environment.cpu, by_environment.memory) == (512, 2048)
    neither = _read(tmp_path, content, {}, "dev")
    assert (neither.cpu, neither.memory, neither.variables) == (256, 512, ())


@pytest.mark.parametrize("name", ["users", "local"])
def test_the_environment_of_ones_own_and_the_stack_both_override(tmp_path: Path, name: str) -> None:
    assert _read(tmp_path, manifest("users", environments={name: {"count": 3}})).count == Count(3)


@pytest.mark.parametrize(
    ("base", "override", "expected"),
    [
        ({"count": 2}, {"count": {"range": "1-4", "cpu_percentage": 50}}, {"count": Count(1, 4, cpu=Scaling(50))}),
        ({"count": {"range": "1-4", "cpu_percentage": 50}}, {"count": 2}, {"count": Count(2)}),
        (
            {"count": {"range": "1-4", "cpu_percentage": 50}},
            {"count": {"range": "2-8"}},
            {"count": Count(2, 8, cpu=Scaling(50))},
        ),
        (
            {"count": {"range": "1-4", "requests": 50}},
            {"count": {"range": {"min": 2, "max": 3, "spot_from": 3}}},
            {"count": Count(2, 3, 3, requests=Scaling(50))},
        ),
        ({"count": {"range": "1-4", "cpu_percentage": 50}}, {"count": {"spot": 2}}, {"count": Count(2, spot_from=1)}),
        (
            {"count": {"spot": 2}},
            {"count": {"range": "1-4", "cpu_percentage": 50}},
            {"count": Count(1, 4, cpu=Scaling(50))},
        ),
        ({}, {"image": {"location": "users:1"}}, {"location": "users:1", "build": None, "port": 3000}),
        (
            {"image": {"location": "users:1", "port": 80}},
            {"image": {"build": {"context": "services/users"}}},
            {"location": None, "build": Build("services/users/Dockerfile", "services/users"), "port": 80},
        ),
        *(
            ({"sidecars": {"nginx": {"image": base}}}, {"sidecars": {"nginx": {"image": over}}}, {"sidecars": (nginx,)})
            for base, over, nginx in (
                ({"build": "services/users/Dockerfile"}, {"location": "nginx:1"}, Sidecar("nginx", "nginx:1")),
                ({"location": "nginx:1"}, {"build": "services/users/Dockerfile"}, Sidecar("nginx", build=BUILT)),
                ("nginx:1", {"build": "services/users/Dockerfile"}, Sidecar("nginx", build=BUILT)),
            )
        ),
        ({"http": False}, {"http": {"path": "api/users"}}, {}),
        ({"command": "a b"}, {"command": ["c"]}, {"command": ("c",)}),
        ({"command": ["a", "b"]}, {"command": ["c"]}, {"command": ("c",)}),
        ({"platform": "linux/arm64"}, {"platform": {"architecture": "x86_64"}}, {"platform": "linux/amd64"}),
        ({"exec": True}, {"exec": False}, {"exec": False}),
        ({"cpu": 512, "memory": 1024}, {"cpu": None}, {"cpu": 512}),
        (
            {"secrets": {"A": "a"}},
            {"secrets": {"B": "b"}},
            {"secrets": (("A", Secret("ssm", "a")), ("B", Secret("ssm", "b")))},
        ),
        *(
            (
                {"storage": {"volumes": {"data": {"path": "/data", "efs": base}}}},
                {"storage": {"volumes": {"data": {"efs": over}}}},
                {"volumes": (Volume("data", "/data", efs=files),)},
            )
            for base, over, files in (
                (True, {"id": FS}, OwnFiles(FS)),
                ({"id": FS, "auth": {"iam": True}}, {"uid": 7, "gid": 8}, ManagedFiles(7, 8)),
                ({"uid": 7, "gid": 8}, {"id": FS}, OwnFiles(FS)),
                ({"id": FS, "root_dir": "/a"}, {"auth": {"iam": True}}, OwnFiles(FS, "/a", iam=True)),
                ({"id": FS}, False, None),
            )
        ),
        (
            {"deployment": {"rollback_alarms": ["slow"]}},
            {"deployment": {"rollback_alarms": {"cpu_utilization": 70}}},
            {"rollback_alarms": RollbackAlarms(cpu=70)},
        ),
    ],
)
def test_an_override_may_change_a_fields_shape(tmp_path: Path, base: Tree, override: Tree, expected: Tree) -> None:
    read_back = _read(tmp_path, {**manifest("users"), **base, "environments": {"local": override}})
    assert {name: getattr(read_back, name) for name in expected} == expected


def test_an_access_point_of_the_base_needs_iam_in_an_override_too(tmp_path: Path) -> None:
    auth = {"iam": True, "access_point_id": "fsap-0a1b2c3d4e5f67890"}
    volume: Tree = {"path": "/data", "efs": {"id": FS, "auth": auth}}
    off = {"storage": {"volumes": {"data": {"efs": {"auth": {"iam": False}}}}}}
    content = manifest("users", storage={"volumes": {"data": volume}}, environments={"local": off})
    (line,) = _lines(tmp_path, content)
    assert line == (
        f"{M}environments.local.storage.volumes.data.efs.auth.iam: found false; write iam: true, or remove"
        " access_point_id, which requires it"
    )


def test_health_checks_are_merged_key_by_key(tmp_path: Path) -> None:
    content = {
        **manifest("users", http={"path": "a", "healthcheck": {"path": "/h", "interval": "20s"}}),
        "environments": {"local": {"http": {"healthcheck": {"interval": "40s", "timeout": "9s"}}}},
    }
    http = _read(tmp_path, content).http
    assert http is not None
    assert http.main.healthcheck == HealthCheck("/h", interval=40, timeout=9)


def test_a_mistake_in_an_override_is_placed_there(tmp_path: Path) -> None:
    content = manifest(
        "users",
        cpu=256,
        environments={
            "users": {"http": {"healthcheck": {"interval": 10}}, "variables": {"A": "${NOBODY}"}},
            "local": {"cpu": "many", "command": ["a", ["b"]]},
            "prod": {"cpu": "unread here"},
        },
    )
    assert sorted(line.split(";")[0] for line in _lines(tmp_path, content)) == [
        f"{M}environments.local.command[1]: found a list",
        f"{M}environments.local.cpu: found 'many'",
        f"{M}environments.users.http.healthcheck.interval: found 10",
        f"{M}environments.users.variables.A: the variable NOBODY is not set",
    ]


def test_a_mistake_beside_an_override_is_placed_where_it_stands(tmp_path: Path) -> None:
    content = manifest("users", cpu="many", environments={"local": {"memory": 1024, "http": {"path": "x"}}})
    (line,) = _lines(tmp_path, content)
    assert line.startswith(f"{M}cpu: found 'many'")


@pytest.mark.parametrize("key", ["name", "type", "environments"])
def test_what_cannot_be_overridden_is_reported_and_left_out_of_account(tmp_path: Path, key: str) -> None:
    content = manifest("users", environments={"local": {key: {"x": 1} if key == "environments" else "posts"}})
    (warning,) = _warnings(tmp_path, content)
    assert warning == f"{M}environments.local.{key}: can't be overridden; remove it: it is ignored"
    assert _read(tmp_path, content).name == "users"
