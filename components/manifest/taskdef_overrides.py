"""`taskdef_overrides` of a manifest: what is changed in the task definition, by paths of CloudFormation. Pure.

The paths are those of Copilot (its package template/override at v1.34): names joined by dots, `[n]` for an item of a
list that is there, `[-]` for one more at its end. A container is written in CloudFormation's names (`Ulimits`), and in
the task definition in those of the ECS API (`ulimits`): the same with a small first letter.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from components.input.diagnostics import one_of
from components.input.scalars import AmbiguousScalar, Unresolved
from components.input.value import Value
from components.manifest import limits
from components.manifest.support import Field, Group, State, group
from components.model.where import Where

_SEGMENT = re.compile(r"([a-zA-Z0-9_-]+)(?:\[(\d{1,4}|-)\])?")
_CONTAINER = re.compile(r"ContainerDefinitions\[\d+\]\..+")

_NAMES = re.compile(r"Family|ContainerDefinitions\[\d+\]\.Name")
"""What Copilot refuses as well: others know the family and the containers by their names."""

CPU, MEMORY, EPHEMERAL, PID_MODE = "Cpu", "Memory", "EphemeralStorage.SizeInGiB", "PidMode"

_TOP = (CPU, MEMORY, EPHEMERAL, PID_MODE)
"""What can be overridden beside containers."""

_INSTEAD = {
    "EphemeralStorage": f"use the path {EPHEMERAL}",
    "Volumes": "write storage.volumes",
    "RuntimePlatform": "write platform",
}
"""What to write where a path is refused that a field of the manifest stands for."""

_VERBATIM = ("DockerLabels", "Options")
"""Maps whose keys are the user's own."""


TASKDEF_OVERRIDES = Group(
    item=group(
        "path",
        "value",
        of=Field(State.LEFT_OUT, State.BUILT, "there is no task definition on the local platform"),
    )
)
"""The fields of `taskdef_overrides`."""


@dataclass(frozen=True)
class Override:
    """A value that is put into the task definition."""

    path: str
    """Where, as written."""
    value: str
    """As JSON."""
    where: Where | None = field(default=None, compare=False)
    """Its place, as messages name it. Default: `taskdef_overrides` of its service."""


class OverrideError(Exception):
    """A path that leads nowhere in the task definition. remedy: what to do instead. where: its place, if it has one of
    its own."""

    def __init__(self, path: str, remedy: str, where: Where | None = None) -> None:
        super().__init__(f"{path}: {remedy}")
        self.path, self.remedy, self.where = path, remedy, where


def read_overrides(at: Value) -> tuple[Override, ...]:
    """`taskdef_overrides`, in the order in which they are applied."""
    remedy = "a path such as ContainerDefinitions[0].Ulimits[-]"
    found: list[Override] = []
    for item in at.items():
        item.require_map()
        place = item.required("path", f"write {remedy}")
        path = place.text("", f"give {remedy}")
        if not path:
            continue
        value = item.required("value", "write the value to put there")
        if value and _check_path(place, path) and path in _TOP:
            check_top(path, value)
        found.append(Override(path, json.dumps(typed(value.value), sort_keys=True), place.where))
    return tuple(found)


def typed(value: object) -> object:
    """A tree in which `True` and `+1` without quotes are what YAML takes them for, as their fields aren't known."""
    if isinstance(value, AmbiguousScalar):
        return value.typed
    if isinstance(value, Unresolved):
        return None  # reported
    if isinstance(value, list):
        return [typed(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in cast("dict[str, object]", value).items()}
    return value


def _check_path(at: Value, path: str) -> bool:
    if not all(map(_SEGMENT.fullmatch, path.split("."))):
        at.fail("give names separated by dots, with [0] or [-] for a list item")
    elif _NAMES.fullmatch(path):
        at.fail("remove it: others refer to the task definition and its containers by these names")
    elif path not in _TOP and not _CONTAINER.fullmatch(path):
        at.fail(_INSTEAD.get(re.split(r"[.\[]", path)[0], f"give ContainerDefinitions[n].… or {one_of(_TOP)}"))
    else:
        return True
    return False


def check_top(path: str, value: Value) -> None:
    """Reports a value that a field beside containers can't have."""
    if path == PID_MODE:
        value.choice("", ("task",))
    elif path == EPHEMERAL:
        value.integer(0, 21, 200, " GiB")
    elif value.integer(0, 1, 122880) and path == CPU and value.integer(0, 1, 122880) not in limits.CPU:
        value.fail(f"give one of {', '.join(map(str, limits.CPU))}")


@dataclass(frozen=True)
class Size:
    """What a task has next to its containers."""

    cpu: int
    """Units of 1/1024 of a vCPU."""
    memory: int
    """MiB."""
    ephemeral: int
    """GiB of disk."""
    pid_mode: str | None = None
    """`task` if its containers see each other's processes. Default: they don't."""


def overridden_size(overrides: Iterable[Override], size: Size) -> Size:
    """The size with the overrides applied; the last one of a path counts."""
    found = {override.path: cast("object", json.loads(override.value)) for override in overrides}
    cpu, memory, ephemeral = (
        int(str(found.get(path, given)))
        for path, given in ((CPU, size.cpu), (MEMORY, size.memory), (EPHEMERAL, size.ephemeral))
    )
    return Size(cpu, memory, ephemeral, str(found[PID_MODE]) if PID_MODE in found else size.pid_mode)


def overridden(containers: Sequence[dict[str, object]], overrides: Iterable[Override]) -> list[dict[str, object]]:
    """The container definitions with the overrides applied. Raises OverrideError for a path that leads nowhere."""
    task: dict[str, object] = {"containerDefinitions": json.loads(json.dumps(containers))}
    for override in overrides:
        if override.path not in _TOP:
            try:
                _put(task, override.path, json.loads(override.value))
            except OverrideError as wrong:
                raise OverrideError(wrong.path, wrong.remedy, override.where) from None
    return cast("list[dict[str, object]]", task["containerDefinitions"])


def _put(task: dict[str, object], path: str, value: object) -> None:
    """Puts a value at a path, making maps on the way as Copilot does."""
    here, verbatim, parts = task, False, path.split(".")
    for number, part in enumerate(parts):
        found = _SEGMENT.fullmatch(part)
        assert found is not None  # checked when it was read
        name, index = found[1], found[2]
        key = name if verbatim else _camel(name)
        verbatim = verbatim or name in _VERBATIM
        last = number == len(parts) - 1
        what = value if verbatim else _in_camel(value)
        if index is None:
            inner = what if last else here.get(key, {})
            here[key] = inner
        else:
            inner = _item(here, key, index, what if last else None, path)
        if not last:
            if not isinstance(inner, dict):
                raise OverrideError(path, f"{part} is not a map: use another path")
            here = cast("dict[str, object]", inner)


def _item(here: dict[str, object], key: str, index: str, value: object, path: str) -> object:
    """An item of a list: the one at an index, or a further one; `value` is put there unless it is None."""
    listed = here.setdefault(key, [])
    if not isinstance(listed, list):
        raise OverrideError(path, f"{key} is not a list: remove the brackets")
    items = cast("list[object]", listed)
    if index == "-":
        items.append({} if value is None else value)
        return items[-1]
    if int(index) >= len(items):
        raise OverrideError(path, f"the list has {len(items)}: use [-] to append one")
    if value is not None:
        items[int(index)] = value
    return items[int(index)]


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _in_camel(value: object) -> object:
    """A value in the names of the ECS API."""
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {_camel(key): inner if key in _VERBATIM else _in_camel(inner) for key, inner in pairs}
    if isinstance(value, list):
        return [_in_camel(item) for item in cast("list[object]", value)]
    return value
