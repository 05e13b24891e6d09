"""What a resource takes: check of the inputs, defaults, and what a change of them means (all pure)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from hashlib import sha256

from tools.offline.docker_plugin.values import UNKNOWN, Value, Values, text, texts

DEFAULTED = "__defaults"
"""The input in which, as the real plugin does, the names of the inputs are kept that the user did not give."""


class Kind(Enum):
    """The type of an input; the value is how messages name it."""

    TEXT = "a string"
    INTEGER = "a whole number"
    FLAG = "true or false"
    TEXTS = "a list of strings"
    MAP = "a map of strings"
    OBJECT = "an object"
    OBJECTS = "a list of objects"


@dataclass(frozen=True)
class Field:
    """One input.

    `replaces`: a change makes a new object. `unordered`: a list whose order means nothing. `compared`: a change counts
    at all. `fields`: those of an object, or of the objects in the list. `only_default`: any other value is refused.
    """

    kind: Kind
    replaces: bool = True
    required: bool = False
    default: Value = None
    unordered: bool = False
    compared: bool = True
    only_default: bool = False
    fields: "Mapping[str, Field]" = field(default_factory=dict["str", "Field"])


Fields = Mapping[str, Field]


@dataclass(frozen=True)
class Problem:
    """A wrong input: its path, and what is wrong with it."""

    path: str
    reason: str


class Change(Enum):
    """What became of an input."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True)
class Difference:
    """One changed input, and whether it makes a new object."""

    change: Change
    replaces: bool


def problems(fields: Fields, inputs: Values, path: str = "") -> list[Problem]:
    """Everything wrong with `inputs`: unknown names, wrong types, what is missing."""
    found: list[Problem] = []
    for name, value in inputs.items():
        known = fields.get(name)
        if name.startswith("__"):
            continue
        if known is None:
            near = get_close_matches(name, [key for key, item in fields.items() if not item.only_default], n=1)
            advice = f"leave it out, or did you mean {near[0]}?" if near else "leave it out"
            found.append(Problem(f"{path}{name}", f"the stand-in docker plugin has no such input; {advice}"))
        else:
            found += _wrong_type(known, value, f"{path}{name}") or _not_the_default(known, value, f"{path}{name}")
    missing = [name for name, known in fields.items() if known.required and name not in inputs]
    return found + [Problem(f"{path}{name}", f"is missing; give {fields[name].kind.value}") for name in missing]


def with_defaults(fields: Fields, inputs: Values) -> Values:
    """`inputs` and the defaults of what they leave out, whose names go into `DEFAULTED`."""
    added: Values = {
        name: known.default for name, known in fields.items() if known.default is not None and name not in inputs
    }
    names: list[Value] = [*sorted(added)]
    return {**inputs, **added, DEFAULTED: names}


def with_name(inputs: Values, old: Values, logical_name: str, seed: bytes) -> Values:
    """`inputs` with a name: the given one, else the one generated earlier, else the logical name and 7 hex digits."""
    if "name" in inputs:
        return inputs
    kept = text(old.get("name")) if "name" in texts(old.get(DEFAULTED)) else ""
    names: list[Value] = [*sorted([*texts(inputs.get(DEFAULTED)), "name"])]
    return {**inputs, "name": kept or f"{logical_name}-{sha256(seed).hexdigest()[:7]}", DEFAULTED: names}


def name_is_generated(inputs: Values) -> bool:
    """Whether `with_name` made the name, so that a second object can stand beside the first."""
    return "name" in texts(inputs.get(DEFAULTED))


def differences(fields: Fields, old: Values, new: Values) -> dict[str, Difference]:
    """What changed from `old` to `new` inputs, by path (`ports[0].external`)."""
    found: dict[str, Difference] = {}
    for name, known in fields.items():
        if known.compared:
            pairs = _changes(known, old.get(name), new.get(name), name)
            found.update({path: Difference(change, known.replaces) for path, change in pairs})
    return found


def _changes(known: Field, old: Value, new: Value, path: str) -> Iterator[tuple[str, Change]]:
    if _same(known, old, new):
        return
    if old is None:
        yield path, Change.ADD
    elif new is None:
        yield path, Change.DELETE
    elif isinstance(old, dict) and isinstance(new, dict):
        anything = Field(Kind.TEXT)
        for key in sorted(old.keys() | new.keys()):
            inner = known.fields.get(key, anything)
            if inner.compared:
                before, after = old.get(key, inner.default), new.get(key, inner.default)
                yield from _changes(inner, before, after, f"{path}.{key}")
    elif isinstance(old, list) and isinstance(new, list):
        item = Field(known.kind, fields=known.fields)
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _changes(item, before, after, f"{path}[{index}]")
    else:
        yield path, Change.UPDATE


def _same(known: Field, old: Value, new: Value) -> bool:
    """Equality as the engine of Docker sees it: no list is an empty list, and some lists are sets."""
    if not known.unordered and old == new:
        return True
    if old in (None, [], {}) and new in (None, [], {}):
        return True
    if known.unordered and isinstance(old, list) and isinstance(new, list):
        return sorted(_key(known, item) for item in old) == sorted(_key(known, item) for item in new)
    return False


def _key(known: Field, value: Value) -> str:
    """A text that is the same for equal values, whatever the order in sets within them."""
    if isinstance(value, dict):
        plain = Field(Kind.TEXT)
        parts = [(key, _key(known.fields.get(key, plain), item)) for key, item in sorted(value.items())]
        return repr(parts)
    if isinstance(value, list):
        keys = [_key(known, item) for item in value]
        return repr(sorted(keys) if known.unordered else keys)
    return repr(value)


def _wrong_type(known: Field, value: Value, path: str) -> list[Problem]:
    if value is UNKNOWN or value is None:
        return []
    match known.kind, value:
        case (Kind.FLAG, bool()) | (Kind.TEXT, str()):
            return []
        case (Kind.INTEGER, int()) if not isinstance(value, bool):
            return []
        case (Kind.TEXTS, list()):
            return [p for i, item in enumerate(value) for p in _wrong_type(Field(Kind.TEXT), item, f"{path}[{i}]")]
        case (Kind.MAP, dict()):
            return [p for key, item in value.items() for p in _wrong_type(Field(Kind.TEXT), item, f"{path}.{key}")]
        case (Kind.OBJECT, dict()):
            return problems(known.fields, value, f"{path}.")
        case (Kind.OBJECTS, list()):
            item = Field(Kind.OBJECT, fields=known.fields)
            return [p for i, part in enumerate(value) for p in _wrong_type(item, part, f"{path}[{i}]")]
        case _:
            return [Problem(path, f"is {_shown(value)}; give {known.kind.value}")]


def _not_the_default(known: Field, value: Value, path: str) -> list[Problem]:
    if not known.only_default or value is UNKNOWN or value == known.default:
        return []
    return [Problem(path, f"the stand-in docker plugin takes only {json.dumps(known.default)}; leave it out")]


def _shown(value: Value) -> str:
    """A wrong value for a message; only its type, as it may be a secret."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
