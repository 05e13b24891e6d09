"""Any valid manifest: written out and read again it is the same, overrides merge by Copilot's rules, and a mistake
anywhere is told with the path to the field."""

import copy
from collections.abc import Mapping
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.input import yaml
from components.input.diagnostics import Problems
from components.input.value import Value
from components.input.yaml import merged
from components.manifest.deployment import RollbackAlarms
from components.manifest.load_balanced_web_service import read
from components.manifest.manifest import Manifest
from components.manifest.publish import Topic
from components.manifest.storage import ManagedFiles, OwnFiles, Volume
from tests.projects import Tree, lines_of, read_project, write_project
from tests.strategies import part_of_examples

NAMES = st.from_regex(r"[A-Z][A-Z_]{0,5}", fullmatch=True)
WORDS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="$"), max_size=8)
SIZES = st.sampled_from([(256, 512), (256, 2048), (512, 1024), (1024, 4096), (4096, 30720)])


def _range(low: int, more: int, percent: int) -> Tree:
    return {"range": f"{low}-{low + more}", "cpu_percentage": percent}


COUNTS: st.SearchStrategy[object] = st.one_of(
    st.integers(0, 50), st.builds(_range, st.integers(0, 5), st.integers(0, 5), st.integers(1, 100))
)
ALARMS = st.one_of(
    st.builds(RollbackAlarms, names=st.lists(WORDS, min_size=1, max_size=2).map(tuple)),
    st.builds(RollbackAlarms, cpu=st.integers(1, 100), memory=st.none() | st.integers(1, 100)),
)
TOPICS = st.dictionaries(WORDS, st.sampled_from([(False, False), (True, False), (True, True)]), max_size=3).map(
    lambda found: tuple(Topic(name, *form) for name, form in sorted(found.items()))
)
OWN = st.one_of(
    st.builds(OwnFiles, st.just("fs-0a1b2c3d"), root=st.sampled_from(["/", "/a/b"]), iam=st.booleans()),
    st.just(OwnFiles("fs-0a1b2c3d", iam=True, access_point="fsap-0a1b2c3d")),
)
MANAGED = st.builds(ManagedFiles, st.integers(1, 4294967295), st.integers(0, 4294967295))


@st.composite
def volumes(draw: st.DrawFn) -> tuple[Volume, ...]:
    """Volumes, of which one at most is in the environment's file system."""
    names = sorted(draw(st.sets(WORDS, max_size=3)))
    own = [Volume(name, f"/{name}", draw(st.booleans()), draw(st.none() | OWN)) for name in names]
    return (Volume("0", "/0", draw(st.booleans()), draw(MANAGED)), *own) if draw(st.booleans()) else tuple(own)


@st.composite
def manifests(draw: st.DrawFn) -> Tree:
    """A valid manifest, written out, with some of its fields."""
    cpu, memory = draw(SIZES)
    fields: Tree = {
        "cpu": cpu,
        "memory": memory,
        "count": draw(COUNTS),
        "variables": draw(st.dictionaries(NAMES, TEXTS, max_size=3)),
        "command": draw(st.lists(TEXTS.filter(bool), min_size=1, max_size=3)),
        "exec": draw(st.booleans()),
        "platform": draw(st.sampled_from(["linux/arm64", "linux/x86_64"])),
        "storage": {"ephemeral": draw(st.integers(20, 200)), "volumes": written_volumes(draw(volumes()))},
        "deployment": {
            "rolling": draw(st.sampled_from(["default", "recreate"])),
            "rollback_alarms": written_alarms(draw(ALARMS)),
        },
        "publish": {"topics": written_topics(draw(TOPICS))},
        "observability": {"tracing": "awsxray"},
        "logging": {"retention": draw(st.sampled_from([1, 30, 3653]))},
    }
    kept = draw(st.sets(st.sampled_from(sorted(fields))))
    if "memory" in kept or "cpu" in kept:
        kept |= {"cpu", "memory"}
    return {**BASE, **{key: value for key, value in fields.items() if key in kept}}


BASE: Tree = {
    "name": "users",
    "type": "Load Balanced Web Service",
    "image": {"build": "services/users/Dockerfile", "port": 3000},
    "http": {"path": "api/users"},
}


def written_alarms(alarms: RollbackAlarms) -> object:
    given_ = {"cpu_utilization": alarms.cpu, "memory_utilization": alarms.memory}
    return list(alarms.names) or {key: value for key, value in given_.items() if value is not None}


def written_topics(topics: tuple[Topic, ...]) -> list[Tree]:
    return [
        {"name": topic.name, "fifo": {"content_based_deduplication": True} if topic.deduplicated else topic.fifo}
        for topic in topics
    ]


def written_volumes(found: tuple[Volume, ...]) -> Tree:
    return {item.name: {"path": item.path, "read_only": item.read_only, "efs": _efs(item.efs)} for item in found}


def _efs(files: ManagedFiles | OwnFiles | None) -> object:
    if files is None:
        return False
    if isinstance(files, ManagedFiles):
        return {"uid": files.uid, "gid": files.gid}
    point = {"access_point_id": files.access_point} if files.access_point else {}
    return {"id": files.id, "root_dir": files.root, "auth": {"iam": files.iam, **point}}


def of(content: object) -> Manifest:
    """A manifest as it is read, without a mistake."""
    problems = Problems()
    found = read(Value(content, "manifest.yml", "", problems), "services/users")
    problems.check()
    return found


@given(ALARMS, TOPICS, volumes())
def test_what_is_written_out_is_read_again(
    alarms: RollbackAlarms, topics: tuple[Topic, ...], found: tuple[Volume, ...]
) -> None:
    content: Tree = {
        **BASE,
        "deployment": {"rollback_alarms": written_alarms(alarms)},
        "publish": {"topics": written_topics(topics)},
        "storage": {"volumes": written_volumes(found)},
    }
    manifest = of(content)
    assert (manifest.rollback_alarms, manifest.topics, manifest.volumes) == (alarms, topics, found)


@given(manifests())
def test_a_manifest_on_disk_is_the_one_that_was_meant(tmp_path_factory: pytest.TempPathFactory, content: Tree) -> None:
    folder = write_project(tmp_path_factory.getbasetemp() / "trip", {"users": content})
    (service,) = read_project(folder, {"default": "none"}).services
    problems = Problems()
    text = (folder / "services/users/manifest.yml").read_text(encoding="utf-8")
    assert service.manifest == of(yaml.load(text, "manifest.yml", problems).value) == of(content)


@given(manifests(), manifests())
def test_an_override_is_merged_key_by_key_and_everything_but_maps_replaces(base: Tree, over: Tree) -> None:
    assert merged(base, base) == base
    assert merged(base, None) == base
    _follows(base, over, cast("Tree", merged(base, over)))


def _follows(base: Tree, over: Tree, found: Tree) -> None:
    """Whether a map is what Copilot makes of two."""
    assert found.keys() == base.keys() | over.keys()
    for key, value in found.items():
        below, above = base.get(key), over.get(key, base.get(key))
        if isinstance(below, dict) and isinstance(above, dict):
            _follows(cast("Tree", below), cast("Tree", above), cast("Tree", value))
        else:
            assert value == above


@given(manifests())
def test_an_override_with_everything_is_the_manifest_itself(
    tmp_path_factory: pytest.TempPathFactory, content: Tree
) -> None:
    own = {key: value for key, value in content.items() if key not in ("name", "type")}
    folder = write_project(tmp_path_factory.getbasetemp() / "over", {"users": {**BASE, "environments": {"local": own}}})
    (service,) = read_project(folder, {"default": "none"}).services
    assert service.manifest == of(content)


@given(st.data(), manifests())
@part_of_examples(60)
def test_a_mistake_in_any_valid_manifest_is_reported_with_the_path_to_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, content: Tree
) -> None:
    path = data.draw(st.sampled_from(_places(content)))
    wrong = copy.deepcopy(content)
    here = wrong
    for key in path[:-1]:
        here = cast("Tree", here[key])
    here[path[-1]] = [[["x"]]]
    folder = write_project(tmp_path_factory.getbasetemp() / "wrong", {"users": wrong})
    lines = lines_of(folder, {"default": "none"})
    assert any(line.startswith(f"services/users/manifest.yml: {'.'.join(path)}") for line in lines), (path, lines)


def _places(content: Mapping[str, object], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, inner in content.items():
        found.append((*path, key))
        if isinstance(inner, dict):
            found += _places(cast("Tree", inner), (*path, key))
    return found
