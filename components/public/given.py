"""What a program gives to a component, as values that know their place, and how mistakes in it are told."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import pulumi

from components.input.diagnostics import InputError, Problems
from components.input.value import Value


def given(component: str, name: str, args: Mapping[str, Any], keys: Iterable[str]) -> Value:
    """The arguments of a component. keys: those that there are."""
    value = Value(_plain(args), f"{component} {name}", "", Problems())
    value.only(keys)
    return value


def check(value: Value) -> None:
    """Ends the program, with a line for each mistake that was noted."""
    try:
        value.problems.check()
    except InputError as mistakes:
        raise pulumi.RunError(str(mistakes)) from None


def _plain(value: object) -> object:
    """Numbers come as floats over the wire from programs in other languages."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("list[object]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
