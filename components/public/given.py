"""What a program gives to a component, as values that know their place, and how mistakes in it are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any, cast

import pulumi

from components.input.diagnostics import InputError, Problems
from components.input.scalars import Unresolved
from components.input.value import Value
from components.model.names import NAME, NAME_RULE

PLAIN = "give a plain value: it is needed before any output is known"
"""What to do about an output where there can't be one."""


@dataclass(frozen=True)
class _Coming(Unresolved):
    """What another resource makes, where it is given: a mistake wherever it isn't asked for as such."""

    output: pulumi.Output[Any] | None = None
    """It. Default: there is none."""


class ArgumentsError(pulumi.RunError):
    """What a program gave to a component can't be used. Its text is a line for each problem."""

    def __init__(self, mistakes: InputError) -> None:
        self.problems = mistakes.problems
        super().__init__(str(mistakes))


class ForeignArguments(dict[str, Any]):
    """Arguments from a program in another language."""

    def __init__(self, args: Mapping[str, Any], names: Mapping[str, str]) -> None:
        """args: by our names. names: what that program writes, by our names."""
        super().__init__(args)
        self.names = names


def given(component: str, name: str, args: Mapping[str, Any] | None, keys: Iterable[str]) -> Value:
    """The arguments of a component; None is none of them. keys: those that there are."""
    names = args.names if isinstance(args, ForeignArguments) else dict[str, str]()
    value = Value(_plain(args or {}), f"{component} {name}", "", Problems(), spelled=lambda key: names.get(key, key))
    value.require_map()
    value.only(keys)
    return value


def check(value: Value) -> None:
    """Ends the program, with a line for each mistake that was noted."""
    try:
        value.problems.check()
    except InputError as mistakes:
        raise ArgumentsError(mistakes) from None


def text_input(at: Value, *, may_be_empty: bool = False) -> pulumi.Input[str]:
    """A text that may be an output of another resource; an empty one where it is missing or none."""
    if (output := coming(at)) is not None:
        return output
    if isinstance(at.value, str) and (at.value or may_be_empty):
        return at.value
    if at:
        at.fail("give a string, or an output of one")
    return ""


def text_inputs(at: Value, *, may_be_empty: bool = False) -> dict[str, pulumi.Input[str]]:
    """A map of such."""
    return {key: text_input(value, may_be_empty=may_be_empty) for key, value in at.entries()}


def ids_input(at: Value) -> pulumi.Input[list[pulumi.Input[str]]]:
    """A list of such, or an output that is a list."""
    if (output := coming(at)) is not None:
        return output
    return [text_input(item) for item in at.items()]


def coming(at: Value) -> pulumi.Output[Any] | None:
    """The output of another resource, if that is what is given."""
    return at.value.output if isinstance(at.value, _Coming) else None


def filled(at: Value, remedy: str) -> Value:
    """The same, which is a mistake if it is a list or a map with nothing in it."""
    if isinstance(at.value, list) and not at.items():
        at.fail(remedy, "an empty list")
    if at.is_map() and not at.names():
        at.fail(remedy, "an empty map")
    return at


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


def url_of(host: pulumi.Output[str]) -> pulumi.Output[str]:
    """Of a load balancer; empty if its host name is."""
    return host.apply(lambda name: f"http://{name}" if name else "")


def register_outputs(component: pulumi.ComponentResource) -> None:
    """Registers all that a component's class declares, by the names that other languages have."""
    found: dict[str, pulumi.Input[object]] = {}
    for key in type(component).__annotations__:
        first, *others = key.split("_")
        if (value := getattr(component, key)) is not None:
            found[first + "".join(map(str.capitalize, others))] = value
    component.register_outputs(found)


def _output(value: Any) -> pulumi.Output[Any]:
    return cast("pulumi.Output[Any]", value) if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)


def _plain(value: object) -> object:
    """Numbers come as floats over the wire from programs in other languages. What is
    awaited may be so once only: an output of it may be taken many times."""
    if isinstance(value, pulumi.Output) or isawaitable(value):
        return _Coming("found an output", PLAIN, output=_output(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("list[object]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
