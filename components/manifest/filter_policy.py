"""`filter_policy` of a subscription: which messages of a topic it gets, by their attributes. Pure.

The rules are those of the SNS developer guide, «Filter policy constraints in Amazon SNS», for attributes: Copilot says
nothing of the scope. Operators such as `prefix` are SNS's to check, as it gets further ones.
"""

import json
from math import prod

from components.input.scalars import AmbiguousScalar, FractionScalar, Unresolved
from components.input.value import Value

_KEYS = 5
_COMBINATIONS = 150
_LONGEST = 256 * 1024
_OR = "$or"


def read_filter(at: Value) -> str | None:
    """The policy as canonical JSON; None: every message."""
    if not at or at.value == {}:
        return None
    policy: dict[str, object] = {}
    counts: list[int] = []
    for key, inner in at.entries():
        policy[key] = _plain(inner)
        if key != _OR:
            counts.append(len(_values(inner)))
    if len(counts) > _KEYS:
        at.fail(f"use at most {_KEYS} attributes, SNS's limit", f"{len(counts)} attributes")
    elif prod(count for count in counts if count) > _COMBINATIONS:
        remedy = f"use fewer values: their counts multiply to at most {_COMBINATIONS}, SNS's limit"
        at.fail(remedy, f"{prod(counts)} combinations of values")
    text = json.dumps(policy, sort_keys=True, separators=(",", ":"))
    if len(text) > _LONGEST:
        at.fail("use fewer or shorter values: SNS allows 256 KiB", f"{len(text)} characters")
    return text if policy else None


def _values(at: Value) -> list[Value]:
    """What an attribute may be; reported if it isn't a list of values and operators."""
    items = at.places() if isinstance(at.value, list) else []
    if not items:
        example = "write its values as a list, such as [a] or [{prefix: a}]"
        at.fail("attributes can't contain maps: filter on each attribute separately" if at.is_map() else example)
    for item in items:
        if isinstance(item.value, list):
            item.fail("give a value, or an operator such as {prefix: a}")
    return items


def _plain(at: Value) -> object:
    """A tree as YAML has it where nothing says what a value is: numbers without quotes are numbers."""
    value = at.value
    if isinstance(value, Unresolved):
        at.fail("")
        return None
    if isinstance(value, (AmbiguousScalar, FractionScalar)):
        return value.typed
    if isinstance(value, list):
        return [_plain(item) for item in at.places()]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in at.entries()}
    return value
