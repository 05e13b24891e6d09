"""Paths into JSON, as findings name them and `ignore` lists them: a part of JSONPath (RFC 9535). Pure.

`$` is the whole body; `.name` or `['name']` a field, `.*` every field, `[*]` every element of an array, and `..name` a
field of this name at any depth. A path means what it leads to, and all that is below.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

FORMS = "write $ and then .name, ['name'], .*, [*] or ..name, such as $.items[*].seen"
"""What a path may be made of."""

Path = tuple[str | int, ...]
"""Where something is in a value: names of fields and numbers of elements."""

_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+)|\.(?P<name>[\w-]+)|\.(?P<all>\*)|\[(?P<each>\*)\]|\[(?P<quoted>'(?:[^'\\]|\\.)*')\]"
)
_PLAIN = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@dataclass(frozen=True)
class PatternStep:
    """One step of a pattern."""

    name: str | None = None
    """The field. Default: every field."""
    element: bool = False
    """Whether it is the elements of an array. Default: fields."""
    deep: bool = False
    """Whether it may be at any depth. Default: exactly here."""


Pattern = tuple[PatternStep, ...]
"""A path with its steps read."""


def parse(text: str) -> Pattern | None:
    """The pattern that a text is; None if it is none."""
    if not text.startswith("$"):
        return None
    steps: list[PatternStep] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return None
        at, quoted = found.end(), found["quoted"]
        if quoted:
            name = _unquoted(quoted)
            if name is None:
                return None
            steps.append(PatternStep(name))
        else:
            steps.append(PatternStep(found["deep"] or found["name"], bool(found["each"]), bool(found["deep"])))
    return tuple(steps)


def _unquoted(text: str) -> str | None:
    inner = text[1:-1].replace("\\'", "'").replace('"', '\\"')
    try:
        return cast("str", json.loads(f'"{inner}"'))
    except ValueError:
        return None


def render(path: Path) -> str:
    """A path as text: all elements of an array have the same one."""
    return "$" + "".join("[*]" if isinstance(part, int) else _name(part) for part in path)


def _name(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return f".{name}"
    return "['" + json.dumps(name)[1:-1].replace('\\"', '"').replace("'", "\\'") + "']"


def pruned(value: object, patterns: Sequence[Pattern]) -> object:
    """A value without all that patterns lead to. What is left of a body that one leads to is null."""
    return None if any(not pattern for pattern in patterns) else _pruned(value, patterns)


def _pruned(value: object, patterns: Sequence[Pattern]) -> object:
    if not patterns:
        return value
    if isinstance(value, dict):
        left: dict[str, object] = {}
        for name, inner in cast("dict[str, object]", value).items():
            below = [rest for pattern in patterns for rest in _into(pattern, name)]
            if () not in below:
                left[name] = _pruned(inner, below)
        return left
    if isinstance(value, list):
        below = [rest for pattern in patterns for rest in _into(pattern, None)]
        return [] if () in below else [_pruned(inner, below) for inner in cast("list[object]", value)]
    return value


def _into(pattern: Pattern, name: str | None) -> list[Pattern]:
    """What is left of a pattern one level below: at a field, or at the elements of an array (None)."""
    step = pattern[0]
    kept = [pattern] if step.deep else []
    if step.element != (name is None):
        return kept
    return [*kept, pattern[1:]] if name is None or step.name in (None, name) else kept


def unordered(value: object, patterns: Sequence[Pattern] | None) -> object:
    """A value whose arrays are sorted, those at the patterns, or all for None."""
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return {name: unordered(inner, _below(patterns, name)) for name, inner in named.items()}
    if isinstance(value, list):
        below = _below(patterns, None)
        inside = [unordered(inner, below) for inner in cast("list[object]", value)]
        return sorted(inside, key=canonical) if patterns is None or () in patterns else inside
    return value


def _below(patterns: Sequence[Pattern] | None, name: str | None) -> Sequence[Pattern] | None:
    return patterns if patterns is None else [rest for pattern in patterns if pattern for rest in _into(pattern, name)]


def canonical(value: object) -> str:
    """A text that two values share if they are equal: of the same types, and objects in any order of keys."""
    return json.dumps(value, sort_keys=True)
