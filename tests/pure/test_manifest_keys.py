"""The keys of a manifest: overrides, unknown keys, fields that a platform leaves out or refuses."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path as FilePath
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.manifest.load_balanced_web_service import FIELDS
from components.manifest.support import Field, Group, Path, State, Step, inside, known_at, leaves, places_of, written
from tests.projects import DIGEST, Tree, lines_of, manifest, read_project, without_numbers, write_project
from tests.pure.full import AWS, FULL, ZONE

M = "services/users/manifest.yml: "
IMAGE: Tree = {"build": "services/users/Dockerfile", "port": 3000}


def _groups(known: Group, path: Path = ()) -> Iterator[Path]:
    """The groups that are maps in FULL."""
    if isinstance(_standing(path), dict):
        yield path
    for step, inner in inside(known):
        if isinstance(inner, Group):
            yield from _groups(inner, (*path, step))


def _standing(path: Path) -> Any:
    """What FULL has at a path of the table."""
    return reduce(_inside, _there(path), FULL)


def _inside(here: Any, step: str) -> Any:
    """What stands under a key; of a list, under its first item."""
    if isinstance(here, list):
        return cast("list[Any]", here)[0]
    return cast("dict[str, Any]", here).get(step) if isinstance(here, dict) else None


def _there(path: Path) -> tuple[str, ...]:
    """A path of the table as one of FULL; `[]` is the first item of a list."""
    before = [None, *path]
    names = {
        "secrets": "TOKEN",
        "secretOptions": "TOKEN",
        "volumes": "own" if path[-1:] and path[-1] in ("uid", "gid") else "data",
    }
    return tuple(
        names.get(str(over), "NAME") if step is Step.ANY_KEY else EACH if step is Step.ITEM else str(step)
        for over, step in zip(before, path, strict=False)
    )


EACH = "[]"

READ = [path for path, field in leaves(FIELDS) if field.aws is State.BUILT and path not in (("name",), ("type",))]
GROUPS = [path for path in _groups(FIELDS) if not cast("Group", known_at(FIELDS, path)).any_key]
"""The maps in which only certain keys are known."""


def _with(tree: Tree, path: tuple[str, ...], value: object) -> Tree:
    """A copy of the tree in which the value stands at the path; maps, and lists of one item, are made on the way."""
    key, *rest = path
    if rest == [EACH]:
        return {**tree, key: [value]}
    if rest[:1] == [EACH]:
        inner = tree.get(key)
        listed = cast("list[object]", inner) if isinstance(inner, list) else []
        item = cast("Tree", listed[0]) if listed and isinstance(listed[0], dict) else {}
        return {**tree, key: [_with(item, tuple(rest[1:]), value)]}
    if not rest:
        return {**tree, key: value}
    inner = tree.get(key)
    return {**tree, key: _with(inner if isinstance(inner, dict) else {}, tuple(rest), value)}  # pyright: ignore


def _place(path: tuple[str, ...]) -> str:
    """A path of a manifest that `_with` has made, as messages name it."""
    return ".".join(path).replace(f".{EACH}", "[0]")


def _warnings(folder: FilePath, content: Tree, config: Tree | None = None) -> list[str]:
    write_project(folder, {"users": content})
    found = without_numbers(read_project(folder, {"default": "none", **(config or {})}).warnings)
    # `default: none` is a warning of its own, whatever the manifest says.
    return [line for line in found if "no service answers" not in line]


def _lines(folder: FilePath, content: Tree, config: Tree | None = None) -> list[str]:
    write_project(folder, {"users": content})
    return lines_of(folder, {"default": "none", **(config or {})})


def test_a_manifest_with_every_field_is_read_without_a_warning_on_aws(tmp_path: FilePath) -> None:
    assert _warnings(tmp_path, FULL, AWS) == []


@pytest.mark.parametrize("path", READ, ids=written)
def test_every_field_that_is_built_is_read_and_refuses_what_it_cannot_be(tmp_path: FilePath, path: Path) -> None:
    there = _there(path)
    if there == ("count", "spot"):
        content = _with(FULL, ("count",), {"spot": [["x"]]})
    elif there == ("image", "location"):
        content = _with(FULL, ("image",), {"port": 3000, "location": [["x"]]})
    elif there == ("sidecars", "NAME", "image", "location"):
        content = _with(FULL, there[:-1], {"location": [["x"]]})
    else:
        content = _with(FULL, there, [["x"]])
    (line,) = _lines(tmp_path, content, AWS)
    assert line.startswith(f"{M}{_place(there)}")


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: written(path) or "the top")
def test_an_unknown_key_is_a_warning_and_an_error_if_strict(tmp_path: FilePath, path: Path) -> None:
    there = (*_there(path), "zzz")
    content = _with(FULL, there, "x")
    place = f"{M}{_place(there)}: unknown key; known: "
    (warning,) = [item for item in _warnings(tmp_path, content) if "unknown key" in item]
    assert warning.startswith(place)
    assert _lines(tmp_path, content, {"strict": True}) == [warning]


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        (("imgae",), "did you mean image?"),
        (("enviroments",), "did you mean environments?"),
        (("port",), "did you mean image.port?"),
        (("path",), "did you mean http.path?"),
        (("healthcheck",), "did you mean image.healthcheck?"),
        (("task_role",), "known: command, count, cpu, deployment, entrypoint, env_file, environments, exec"),
        (("execution_role",), "known: command, count"),
        (("http", "success_codes"), "did you mean http.healthcheck.success_codes?"),
        (("http", "interval"), "did you mean http.healthcheck.interval?"),
        (("http", "healthy_threshold"), "did you mean http.healthcheck.healthy_threshold?"),
        (("http", "port"), "did you mean target_port?"),
        (("http", "zone"), "did you mean hosted_zone?"),
        (("http", "container"), "did you mean target_container?"),
        (("http", "pth"), "did you mean path?"),
        (("http", "public"), "known: additional_rules, alb, alias"),
        (("http", "healthcheck", "retries"), "did you mean image.healthcheck.retries?"),
        (("http", "healthcheck", "start_period"), "did you mean image.healthcheck.start_period?"),
        (("image", "context"), "did you mean image.build.context?"),
        (("image", "dockerfile"), "did you mean image.build.dockerfile?"),
        (("count", "spot_from"), "did you mean count.range.spot_from?"),
        (("count", "cpu"), "did you mean cpu_percentage?"),
        (("count", "min"), "did you mean count.range.min?"),
        (("deployment", "circuit_breaker"), "known: rollback_alarms, rolling"),
        (("logging", "enhanced"), "known: configFilePath"),
        (("network", "placement"), "did you mean network.vpc.placement?"),
        (("variables", "NAME", "fromCfn"), "did you mean from_cfn?"),
        (("http", "additional_rules", EACH, "pth"), "did you mean path?"),
        (("publish", "topics", EACH, "nmae"), "did you mean name?"),
        (("sidecars", "NAME", "credentialParameter"), "did you mean credentialsParameter?"),
        (("sidecars", "NAME", "image", "context"), "did you mean sidecars.<name>.image.build.context?"),
        (("network", "connect", "="), "known: alias"),
        (("network", "vpc", "*"), "known: placement, security_groups"),
        (("environments", "prod", "http", "interval"), "did you mean http.healthcheck.interval?"),
        (("environments", "prod", "memroy"), "did you mean memory?"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_place(tmp_path: FilePath, path: tuple[str, ...], remedy: str) -> None:
    write_project(tmp_path, {"users": _with(FULL, path, "x")})
    strict = [
        resource for resource in lines_of(tmp_path, {"default": "none", "strict": True}) if "unknown key" in resource
    ]
    assert len(strict) == 1
    assert strict[0].startswith(f"{M}{_place(path)}: unknown key; {remedy}")


@given(st.sampled_from(GROUPS), st.text(min_size=1, max_size=10))
def test_any_unknown_key_is_one_line_with_its_path(
    tmp_path_factory: pytest.TempPathFactory, group: Path, key: str
) -> None:
    known = cast("Group", known_at(FIELDS, group))
    if key not in ("environments", EACH) and known.of(key) is None:
        folder, there = tmp_path_factory.getbasetemp() / "unknown", (*_there(group), key)
        found = [line for line in _warnings(folder, _with(FULL, there, "x")) if "unknown key" in line]
        assert len(found) == 1
        shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in _place(there))
        assert found[0].startswith(f"{M}{shown}: unknown key; ")


@pytest.mark.parametrize(
    ("fields", "place", "platforms"),
    [
        ({"network": {"connect": True}}, "", ()),
        ({"network": {"connect": {"alias": "web"}}}, "", ()),
        ({"http": {"path": "a", "stickiness": True}}, "http.stickiness", ("local",)),
        ({"http": {"path": "a", "version": "http1"}}, "http.version", ("local",)),
        ({"http": {"path": "a", "alias": [{"name": "a.example.com", "hosted_zone": ZONE}]}}, "", ()),
        ({"http": {"path": "a", "additional_rules": [{"path": "b"}]}}, "http.additional_rules", ("local",)),
        ({"http": {"path": "a", "targetContainer": "users"}}, "", ()),
        ({"http": {"path": "a", "redirect_to_https": True}}, "", ()),
        ({"nlb": {"port": "443/tcp"}}, "nlb", ("local",)),
        ({"sidecars": {"nginx": {"port": 80, "image": f"nginx@{DIGEST}"}}}, "", ()),
        ({"image": {**IMAGE, "labels": {"a": "b"}, "depends_on": {}}}, "", ()),
        ({"storage": {"volumes": {"data": {"path": "/x", "efs": True}}}}, "", ()),
        ({"storage": {"readonly_fs": True}}, "", ()),
        ({"logging": {"destination": {"Name": "http"}}}, "logging.destination", ("local",)),
        ({"logging": {"image": f"fluent@{DIGEST}"}}, "logging.image", ("local",)),
        ({"taskdef_overrides": [{"path": "PidMode", "value": "task"}]}, "taskdef_overrides", ("local",)),
        ({"env_file": "services/users/some.env"}, "", ()),
        ({"observability": {"tracing": "awsxray"}}, "observability", ("local",)),
        *(
            ({"deployment": {"rollback_alarms": alarms}}, "deployment.rollback_alarms", ("local",))
            for alarms in (["a"], {"cpu_utilization": 70})
        ),
        ({"network": {"vpc": {"security_groups": ["sg-0a1b2c3d"]}}}, "", ()),
        ({"count": {"range": "1-2", "cpu_percentage": 1}}, "", ()),
        ({"exec": True}, "", ()),
        ({"storage": {"ephemeral": 30}, "logging": {"retention": 7}, "deployment": {"rolling": "recreate"}}, "", ()),
        (
            {"http": {"path": "a", "stickiness": False, "alias": [], "alb": None}, "sidecars": {}, "secrets": None},
            "",
            (),
        ),
        ({"http": {"path": "a", "allowed_source_ips": ["10.0.0.0/8"]}}, "", ()),
    ],
)
@pytest.mark.parametrize("platform", ["local", "aws"])
def test_what_a_platform_leaves_out_is_reported_where_it_changes_behaviour(
    tmp_path: FilePath, platform: str, fields: Tree, place: str, platforms: tuple[str, ...]
) -> None:
    if platform == "aws" and "allowed_source_ips" in str(fields):
        (line,) = _lines(tmp_path, {**manifest("users"), **fields}, AWS)
        assert line.startswith(f"{M}http.allowed_source_ips: not supported without an alias; ")
        return
    found = _warnings(tmp_path, {**manifest("users"), **fields}, AWS if platform == "aws" else {})
    lines = [item for item in found if item.startswith(f"{M}{place}: omitted on the platform {platform}; ")]
    assert len(lines) == (1 if platform in platforms else 0)
    assert len(found) == len(lines)


def test_every_field_that_is_not_built_says_why() -> None:
    for path, field in leaves(FIELDS):
        assert bool(field.why) or {field.local, field.aws} == {State.BUILT}, path


def test_the_table_of_fields_answers_by_path_and_by_name() -> None:
    assert isinstance(known_at(FIELDS, ("image", "port")), Field)
    assert known_at(FIELDS, ("sidecars", "nginx", "anything")) is None
    assert known_at(FIELDS, ("sidecars", "nginx", "port")) == known_at(FIELDS, ("sidecars", Step.ANY_KEY, "port"))
    assert known_at(FIELDS, ("unknown",)) is None
    assert known_at(FIELDS, ("cpu", "unknown")) is None
    assert known_at(FIELDS, ("variables", Step.ITEM)) is None
    assert ("http", "alias") in places_of("alias", FIELDS)
    assert [*places_of("*", FIELDS)] == [*places_of("[]", FIELDS)] == []
    assert written(("http", "additional_rules", Step.ITEM, "path")) == "http.additional_rules[].path"
    assert written(("sidecars", Step.ANY_KEY, "port")) == "sidecars.<name>.port"
    assert Field(State.KEPT, State.BUILT).on("local") is State.KEPT
    assert Field(State.KEPT, State.BUILT).on("aws") is State.BUILT


def test_no_path_of_the_table_is_there_twice() -> None:
    paths = [path for path, _ in leaves(FIELDS)]
    assert len(paths) == len(set(paths))
