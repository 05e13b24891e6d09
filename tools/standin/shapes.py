"""The inputs that a Pulumi resource has, read from the Python SDK's own types: names, nesting, which are required.

The real plugins refuse the same things from the same schema; a component that hands plain dicts on would otherwise
get away with a misspelt key.
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import threading
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from keyword import iskeyword
from typing import Any, cast

from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage]

from tools.standin.values import Props, is_unknown

_MODULES = {"aws": "pulumi_aws", "aws-native": "pulumi_aws_native", "docker": "pulumi_docker", "awsx": "pulumi_awsx"}

_REQUIRED = "is required"
_IMPORTING = threading.Lock()
"""The SDKs load their modules lazily, which two threads must not do at once."""


@dataclass(frozen=True)
class Shape:
    """The properties of a resource or of a nested object."""

    properties: dict[str, Any]
    required: frozenset[str]


def sdk_class(token: str, suffix: str = "") -> type[Any] | None:
    """The SDK's class for a token such as `aws:ec2/vpc:Vpc`, or for its arguments with `Args` behind it."""
    package, module, name = token.split(":")
    folder = module.partition("/")[0]
    with _IMPORTING:
        # Through the package's own attributes: a module imported past them leaves the lazy one without its names.
        found: object = importlib.import_module(_MODULES[package])
        if folder != "index":
            found = getattr(found, f"{folder}_" if iskeyword(folder) else folder, None)
        return cast("type[Any] | None", getattr(found, name + suffix, None))


@cache
def shape_of(arguments: type[Any]) -> Shape:
    """The shape of an `…Args` class of the SDK."""
    names = sdk_types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters
    required = {
        names.get(name, name)
        for name, argument in parameters.items()
        if name != "__self__" and argument.default is inspect.Parameter.empty
    }
    return Shape(dict(sdk_types.input_type_types(arguments)), frozenset(required))


@cache
def inputs_of(token: str) -> Shape:
    """The inputs of a resource. Where a nested type has the name, its arguments are called `…InitArgs`."""
    found = sdk_class(token, "InitArgs") or sdk_class(token, "Args")
    if found is None:
        raise LookupError(f"{token}: the SDK has no such resource")
    return shape_of(found)


@cache
def outputs_of(token: str) -> frozenset[str]:
    """The names of all properties that the resource reports."""
    found = sdk_class(token)
    if found is None:
        raise LookupError(f"{token}: the SDK has no such resource")
    return frozenset(sdk_types.resource_types(found))


def problems(token: str, inputs: Props) -> Iterator[tuple[str, str]]:
    """Every place where the inputs don't have the shape that the resource has, as path and problem.

    aws-native doesn't look for what is missing in nested objects; AWS does, later.
    """
    missing = not token.startswith("aws-native:")
    for path, problem in _object_problems("", inputs, inputs_of(token)):
        if missing or problem != _REQUIRED or "." not in path:
            yield path, problem


def _object_problems(path: str, value: Props, shape: Shape) -> Iterator[tuple[str, str]]:
    for name in sorted(shape.required - value.keys()):
        yield _join(path, name), _REQUIRED
    for name, inner in value.items():
        if name not in shape.properties:
            yield _join(path, name), f"is not a property; there are: {', '.join(sorted(shape.properties))}"
        elif inner is not None:
            yield from _value_problems(_join(path, name), inner, shape.properties[name])


def _value_problems(path: str, value: Any, declared: Any) -> Iterator[tuple[str, str]]:
    if is_unknown(value):
        return
    wanted = _plain(declared)
    if isinstance(wanted, type) and sdk_types.is_input_type(wanted):
        if isinstance(value, dict):
            yield from _object_problems(path, cast("Props", value), shape_of(wanted))
        else:
            yield path, f"should be an object, not {_kind(value)}"
        return
    origin = typing.get_origin(wanted)
    if origin in (collections.abc.Sequence, list):
        if isinstance(value, list):
            for index, inner in enumerate(cast("list[Any]", value)):
                yield from _value_problems(f"{path}[{index}]", inner, typing.get_args(wanted)[0])
        else:
            yield path, f"should be a list, not {_kind(value)}"
    elif origin in (collections.abc.Mapping, dict):
        if isinstance(value, dict):
            for name, inner in cast("Props", value).items():
                yield from _value_problems(_join(path, name), inner, typing.get_args(wanted)[1])
        else:
            yield path, f"should be a map, not {_kind(value)}"
    elif problem := _scalar_problem(value, wanted):
        yield path, problem


def _scalar_problem(value: Any, wanted: Any) -> str | None:
    """Scalars convert as in the Terraform bridge: "8080" will do for 8080 and 256 for "256"; a list or map won't."""
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return None if isinstance(value, str) else f"should be a string, not {_kind(value)}"
    if wanted is bool and not (isinstance(value, bool) or value in ("true", "false")):
        return f"should be true or false, not {_kind(value)}"
    if wanted in (int, float) and not _is_number(value):
        return f"should be a number, not {_kind(value)}"
    if wanted is str and isinstance(value, dict | list):
        return f"should be a string, not {_kind(cast('Any', value))}"
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and value.lstrip("-").isdigit())


def _plain(declared: Any) -> Any:
    """A type without the SDK's wrapping: `Optional`, `Awaitable`, `Output`."""
    if typing.get_origin(declared) in (typing.Union, types.UnionType):
        for argument in typing.get_args(declared):
            name = getattr(typing.get_origin(argument) or argument, "__name__", "")
            if name not in ("Awaitable", "Output", "NoneType"):
                return _plain(argument)
    return declared


def _kind(value: Any) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a map"}
    return names.get(cast("type[Any]", type(value)), "null")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
