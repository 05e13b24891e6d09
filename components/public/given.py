"""What a program gives to a component, as values that know their place, and how mistakes in it are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import Any, cast

import pulumi

from components.input.diagnostics import InputError, Problems
from components.input.value import Value
from components.model.names import NAME, NAME_RULE


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


def text_input(at: Value) -> pulumi.Input[str]:
    """A text that may be an output of another resource; an empty one where it is missing or none."""
    if at and not isinstance(at.value, (str, pulumi.Output)) and not isawaitable(at.value):
        at.fail("give a text, or an output that is one")
    return cast("pulumi.Input[str]", at.value if at else "")


def text_inputs(at: Value) -> dict[str, pulumi.Input[str]]:
    """A map of such."""
    return {key: text_input(value) for key, value in at.entries()}


def read_tags(at: Value) -> dict[str, str]:
    """Tags that everything gets."""
    return {key: value.text("") for key, value in at.entries()}


def read_name(at: Value, name: str) -> None:
    """Reports a component's name that services and environments can't have."""
    if not NAME.fullmatch(name):
        replace(at, path="name").fail(NAME_RULE, f"found {name}")


def after(value: pulumi.Input[str], resources: Sequence[pulumi.Input[pulumi.Resource]]) -> pulumi.Output[str]:
    """The value, which depends on these resources. A URN is known in a preview too, so that the value is."""
    urns = [pulumi.Output.from_input(resource).apply(lambda known: known.urn) for resource in resources]
    return pulumi.Output.all(value, *urns).apply(lambda known: str(known[0]))


def register_outputs(component: pulumi.ComponentResource) -> None:
    """Registers all that a component's class declares, by the names that other languages have."""
    found: dict[str, pulumi.Input[object]] = {}
    for key in type(component).__annotations__:
        first, *others = key.split("_")
        if (value := getattr(component, key)) is not None:
            found[first + "".join(map(str.capitalize, others))] = value
    component.register_outputs(found)


def _plain(value: object) -> object:
    """Numbers come as floats over the wire from programs in other languages."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("list[object]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
