"""A mistake in any field of any manifest names the line on which it was made: in an override its own, and where a key
is missing that of the map.

The fields are those of the tables beside the readers, so that a new row is tried here too.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import groupby, pairwise, zip_longest
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from components.input.diagnostics import InputError
from components.manifest.manifest import LOAD_BALANCED_WEB_SERVICE, SCHEDULED_JOB
from components.manifest.support import Field, State, Step, leaves
from components.manifest.support import Path as FieldPath
from components.manifest.workload_types import WORKLOAD_TYPES
from tests.projects import (
    Tree,
    as_yaml,
    manifest,
    read_project,
    write_project,
)

Keys = tuple[str | int, ...]

STRUCTURES = ([["x"]], {"a": {"b": ["c"]}})
"""What no field can be, but for TAKES_ANYTHING and where it changes nothing."""

SCALARS = ("?/?", -1)
"""What few fields can be."""

TAKES_ANYTHING = "taskdef_overrides[0].value"


def _keys(path: FieldPath) -> Keys:
    """Where the field of a table is put."""
    return tuple(0 if step is Step.ITEM else "NAME" if step is Step.ANY_KEY else step for step in path)


def _written(keys: Keys) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".")


def _put(tree: Tree, keys: Keys, value: object) -> None:
    here: Any = tree
    for key, following in pairwise(keys):
        inner: Any = [None] if isinstance(following, int) else {}
        if isinstance(key, int):
            here[key] = here[key] if isinstance(here[key], type(inner)) else inner
        elif not isinstance(here.get(key), type(inner)):
            here[key] = inner
        here = here[key]
    here[keys[-1]] = value


def _one_of_each_section(paths: Iterable[FieldPath]) -> list[tuple[Keys, ...]]:
    """All fields of a table, as many times one of each section as the longest section has fields. What they are called
    and of which type they are is left out: without that, nothing else is read."""
    places = [_keys(path) for path in paths if path and path[0] not in ("name", "type")]
    sections = [list(section) for _, section in groupby(places, lambda keys: keys[0])]
    return [tuple(keys for keys in round_ if keys) for round_ in zip_longest(*sections)]


def _lines(text: str) -> dict[str, int]:
    """The line of every path, as PyYAML's own marks have it."""

    def walk(node: Any, path: str) -> Iterator[tuple[str, int]]:
        if isinstance(node, yaml.MappingNode):
            for key, value in cast("Any", node).value:
                inner = f"{path}.{key.value}" if path else str(key.value)
                yield inner, key.start_mark.line + 1
                yield from walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(cast("Any", node).value):
                yield f"{path}[{number}]", item.start_mark.line + 1
                yield from walk(item, f"{path}[{number}]")

    return dict(walk(cast("Any", yaml).compose(text, Loader=yaml.SafeLoader), ""))


def _messages(folder: Path, config: Tree) -> list[str]:
    try:
        return [str(warning) for warning in read_project(folder, config, "test", region="eu-west-1").warnings]
    except InputError as refused:
        return [str(problem) for problem in (*refused.problems, *refused.warnings)]


def _told(text: str, file: str, messages: list[str]) -> set[str]:
    """The paths in a file of which messages tell, each with the line that it has there."""
    lines, told = _lines(text), set[str]()
    assert len(messages) == len(set(messages))
    for message in messages:
        if not message.startswith(f"{file}:"):
            continue
        line, path, found = message.removeprefix(f"{file}:").split(": ", 2)
        around = [known for known in lines if path == known or path.startswith((f"{known}.", f"{known}["))]
        assert line == str(lines[max(around, key=len)] if around else 1), (message, text)
        assert path in lines or found.startswith("missing"), (message, text)
        told.add(path)
    return told


def _is_told(keys: Keys, before: Keys, told: set[str]) -> bool:
    """Whether a mistake is told: where it is, in it, or in the field that it is a part of."""
    around = {_written((*before, *keys[:length])) for length in range(1, len(keys) + 1)}
    return bool(around & told) or any(path.startswith(_written((*before, *keys))) for path in told)


def _workload(kind: str) -> Tree:
    """A manifest of a type that is valid as it stands."""
    image = {"build": "services/users/Dockerfile", "port": 3000}
    of_type: Tree = {"http": {"path": "api/users"}} if kind == LOAD_BALANCED_WEB_SERVICE else {}
    of_type = {"on": {"schedule": "none"}} if kind == SCHEDULED_JOB else of_type
    return {"name": "users", "type": kind, "image": image, **of_type}


def _rounds() -> list[tuple[str, list[tuple[Keys, ...]]]]:
    """By type, the fields that no type before it has: they are read by the same code."""
    tried, found = set[tuple[FieldPath, Field]](), list[tuple[str, list[tuple[Keys, ...]]]]()
    for name, kind in WORKLOAD_TYPES.items():
        fresh = [leaf for leaf in leaves(kind.fields) if leaf not in tried]
        tried |= set(fresh)
        found.append((name, _one_of_each_section(path for path, _ in fresh)))
    return found


@pytest.mark.parametrize("override", [False, True], ids=["itself", "override"])
@pytest.mark.parametrize("platform", ["local", "aws"])
@pytest.mark.parametrize(("kind", "rounds"), _rounds(), ids=[*WORKLOAD_TYPES])
def test_a_mistake_in_a_field_of_a_manifest_names_its_line(
    tmp_path: Path, kind: str, rounds: list[tuple[Keys, ...]], platform: str, override: bool
) -> None:
    config: Tree = {"platform": platform, "default": "posts", **({"facade": "alb"} if platform == "aws" else {})}
    if WORKLOAD_TYPES[kind].only_as:
        config["services"] = {"users": {"as": WORKLOAD_TYPES[kind].only_as}}
    before = ("environments", "test") if override else ()
    fields = leaves(WORKLOAD_TYPES[kind].fields)
    kept = {_written(_keys(path)) for path, field in fields if field.on(platform) is State.KEPT}
    for number, places in enumerate(rounds):
        for wrong in (STRUCTURES[number % 2], *(() if override else (SCALARS[number % 2],))):
            content = _workload(kind)
            for keys in places:
                _put(content, (*before, *keys), deepcopy(wrong))
            text = as_yaml(content)
            write_project(tmp_path, {"posts": manifest("posts"), "users": text})
            told = _told(text, "services/users/manifest.yml", _messages(tmp_path, config))
            if wrong in STRUCTURES:
                untold = {_written(keys) for keys in places if not _is_told(keys, before, told)}
                assert untold - kept <= {TAKES_ANYTHING}
