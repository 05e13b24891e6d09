"""Where two JSON values differ. Pure.

They are equal if their types are (1, 1.0 and "1" are three), and objects have the same fields in any order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from components.compare.json_paths import Path, canonical

MISSING, EXTRA, TYPE, VALUE, ORDER = "missing", "extra", "type", "value", "order"
"""How the new value differs: it lacks something, has more, another type, another value, or the elements of an array in
another order."""

_TYPES: Mapping[type[object], str] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True)
class JsonDifference:
    """One place in which two values differ."""

    kind: str
    """One of those above."""
    path: Path
    """Where, in the old value; of something extra, in the new one."""
    old: object = None
    """What the old value has there. Default: null, or nothing where it is extra."""
    new: object = None
    """What the new value has in its place. Default: null, or nothing where it is missing."""


def type_name(value: object) -> str:
    """What JSON calls it; whole numbers are told from others."""
    return _TYPES.get(type(value), "null")


def differences(old: object, new: object, path: Path = ()) -> Iterator[JsonDifference]:
    """All places in which two values differ; none if and only if they are equal. Raises RecursionError for values of
    hundreds of levels."""
    if type(old) is not type(new):
        yield JsonDifference(TYPE, path, old, new)
    elif isinstance(old, dict):
        yield from _objects(cast("dict[str, object]", old), cast("dict[str, object]", new), path)
    elif isinstance(old, list):
        yield from _arrays(cast("list[object]", old), cast("list[object]", new), path)
    elif repr(old) != repr(new):
        yield JsonDifference(VALUE, path, old, new)


def _objects(old: dict[str, object], new: dict[str, object], path: Path) -> Iterator[JsonDifference]:
    for name, value in old.items():
        if name in new:
            yield from differences(value, new[name], (*path, name))
        else:
            yield JsonDifference(MISSING, (*path, name), old=value)
    for name, value in new.items():
        if name not in old:
            yield JsonDifference(EXTRA, (*path, name), new=value)


def _arrays(old: list[object], new: list[object], path: Path) -> Iterator[JsonDifference]:
    """Elements that both have are told apart from others first, so that one more in front is one difference."""
    was, now = list(map(canonical, old)), list(map(canonical, new))
    if was == now:
        return
    common = Counter(was) & Counter(now)
    lost, came = _without(was, common), _without(now, common)
    if _those_in(was, lost) != _those_in(now, came):
        yield JsonDifference(ORDER, path, old, new)
    for left, right in zip(lost, came, strict=False):
        yield from differences(old[left], new[right], (*path, left))
    yield from (JsonDifference(MISSING, (*path, left), old=old[left]) for left in lost[len(came) :])
    yield from (JsonDifference(EXTRA, (*path, right), new=new[right]) for right in came[len(lost) :])


def _without(elements: Sequence[str], common: Counter[str]) -> list[int]:
    """The places of the elements that aren't common, each of which counts once."""
    left, places = Counter(common), list[int]()
    for place, element in enumerate(elements):
        if left[element]:
            left[element] -= 1
        else:
            places.append(place)
    return places


def _those_in(elements: Sequence[str], apart: Sequence[int]) -> list[str]:
    without = set(apart)
    return [element for place, element in enumerate(elements) if place not in without]
