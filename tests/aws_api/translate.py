"""From a resource's properties to the members of a request: generic, but for the names that `calls` lists.

A property finds its member by name, case and plural apart; the model then says what becomes of the value: one for a
list, a list for one, a number for a text, tags for a map, JSON for what it stands for. What finds no member is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from tests.aws_api import models

Props = dict[str, Any]

HERE = "."
"""In the place of a member: the properties inside are members of the same structure."""

_TAGS = ({"key", "value"}, {"name", "value"}, {"tagkey", "tagvalue"})
_TEXTS = ("string", "character")
_FLOATS = ("float", "double")


@dataclass(frozen=True)
class Call:
    """How a resource becomes a request. Paths of properties and members have dots, and no indexes.

    For a list of structures that the resource has as properties, a path through it makes its one item.
    """

    of: str
    """Service and operation, as botocore names them: `ecs.CreateService`."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Property -> member, seen from the structure that the property's own is; or `HERE`."""
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Member -> what AWS told of the object before."""
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Member -> what the provider always says."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Property -> key in the list or map of attributes, which is the member `Attributes`."""
    values: Mapping[str, Mapping[bool, str]] = field(default_factory=dict[str, Mapping[bool, str]])
    """A property's last name -> true or false -> the member's value."""
    only: tuple[str, ...] = ()
    """The properties that this request is about; none: all that it has members for."""
    without: tuple[str, ...] = ()
    """The properties that it isn't about."""
    when: str = ""
    """The property without which there is no such request."""

    def about(self, name: str) -> bool:
        """Whether a property is its business."""
        return name not in self.without and (not self.only or name in self.only)

    @property
    def operation(self) -> str:
        return self.of.partition(".")[2]

    def to(self, operation: str, *without: str, **outputs: str) -> Call:
        """The request that changes what this one makes: of other properties, and with what AWS told of the object."""
        return replace(self, of=f"{self.of.partition('.')[0]}.{operation}", without=("tags", *without), outputs=outputs)

    def with_fixed(self, **fixed: Any) -> Call:
        return replace(self, fixed={**self.fixed, **fixed})


@dataclass
class Request:
    """A request, and what became of the resource's properties, by their paths."""

    call: Call
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    used: set[str] = field(default_factory=set[str])
    unknown: set[str] = field(default_factory=set[str])
    """Without a member."""


def translate(call: Call, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Request:
    """The request for a resource with these inputs, of which AWS has told these outputs."""
    shape = models.input_of(call.of)
    done = Request(call)
    about = {key: value for key, value in inputs.items() if call.about(key)}
    attributes: dict[str, str] = {}
    for path, key in call.attributes.items():
        value = _at(about, path)
        if value is not None:
            attributes[key] = _scalar(value, "string")
            done.used.add(path)
    left = _without(about, call.attributes)
    _structure("", left, shape, done.params, done)
    for member, output in call.outputs.items():
        _put(done.params, member.split("."), shape, str(outputs[output]))
    for member, value in call.fixed.items():
        _put(done.params, member.split("."), shape, value)
    if attributes:
        rows = [{"Key": key, "Value": value} for key, value in attributes.items()]
        done.params["Attributes"] = rows if shape.members["Attributes"].type_name == "list" else attributes
    return done


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = cast("Any", value).get(part) if isinstance(value, dict) else None
    return value


def _without(value: Mapping[str, Any], paths: Mapping[str, str], above: str = "") -> dict[str, Any]:
    """A map without what these paths lead to, and without what is empty then."""
    left: dict[str, Any] = {}
    for key, inner in value.items():
        path = f"{above}{key}"
        if path in paths:
            continue
        if isinstance(inner, dict) and inner:
            kept = _without(cast("Mapping[str, Any]", inner), paths, f"{path}.")
            if kept:
                left[key] = kept
        else:
            left[key] = inner
    return left


def _structure(path: str, value: Mapping[str, Any], shape: models.Shape, into: dict[str, Any], work: Request) -> None:
    for key, inner in value.items():
        if inner is None:
            continue
        here = f"{path}.{key}".lstrip(".")
        name = work.call.names.get(here) or member_of(key, shape)
        if name == HERE:
            _structure(here, _one(inner), shape, into, work)
            continue
        if name is None:
            work.unknown.add(here)
            continue
        work.used.add(here)
        parts = name.split(".")
        inner = work.call.values.get(key, {}).get(inner, inner) if isinstance(inner, bool) else inner
        _put(into, parts, shape, _value(here, inner, _shape_at(shape, parts), work))


def member_of(name: str, shape: models.Shape) -> str | None:
    """The member for a property's name, case apart and plural or not."""
    by_lower = {str(member).lower(): str(member) for member in shape.members}
    lower = name.lower()
    forms = (lower, lower.removesuffix("s"), f"{lower}s", f"{lower.removesuffix('ies')}y", lower.removesuffix("es"))
    return next((by_lower[form] for form in forms if form in by_lower), None)


def _shape_at(shape: models.Shape, parts: Sequence[str]) -> models.Shape:
    for part in parts:
        shape = shape.member.members[part] if shape.type_name == "list" else shape.members[part]
    return shape


def _put(target: dict[str, Any], parts: Sequence[str], shape: models.Shape, value: Any) -> None:
    """A value at a member's path; lists on the way have one item."""
    first, *rest = parts
    inner = shape.members[first]
    if not rest:
        target[first] = value
    elif inner.type_name == "list":
        (item,) = target.setdefault(first, [{}])
        _put(item, rest, inner.member, value)
    else:
        _put(target.setdefault(first, {}), rest, inner, value)


def _value(path: str, value: Any, shape: models.Shape, work: Request) -> Any:
    kind = shape.type_name
    if isinstance(value, str) and kind in ("structure", "list") and value[:1] in ("[", "{"):
        return json.loads(value)  # as AWS has it: its members are AWS's own
    if kind == "structure":
        value = _one(value)
        if not isinstance(value, Mapping):
            return value
        made: dict[str, Any] = {}
        _structure(path, cast("Mapping[str, Any]", value), shape, made, work)
        return made
    if kind == "list":
        return _list(path, value, shape, work)
    if kind == "map":
        if isinstance(value, list):  # aws-native's tags
            value = {row["key"]: row["value"] for row in cast("list[Props]", value)}
        return {key: _scalar(inner, shape.value.type_name) for key, inner in cast("Props", value).items()}
    return _scalar(value, kind)


def _one(value: Any) -> Any:
    """What a list of one holds, which a structure may be written as."""
    items = cast("list[Any]", value if isinstance(value, list) else [])
    return items[0] if len(items) == 1 else cast("Any", value)


def _list(path: str, value: Any, shape: models.Shape, work: Request) -> list[Any]:
    member = shape.member
    if isinstance(value, Mapping) and member.type_name == "structure":
        lower = {str(name).lower(): str(name) for name in member.members}
        if any({*lower} == wanted for wanted in _TAGS):
            key, content = next(
                (lower[one], lower[other])
                for one, other in (("key", "value"), ("name", "value"), ("tagkey", "tagvalue"))
                if one in lower
            )
            return [{key: name, content: str(text)} for name, text in cast("Props", value).items()]
    items = cast("list[Any]", value if isinstance(value, list) else [value])
    if member.type_name == "structure" and len(member.members) == 1:
        (only,) = member.members
        items = cast("list[Any]", [item if isinstance(item, dict) else {only: item} for item in items])
    return [_value(path, item, member, work) for item in items]


def _scalar(value: Any, kind: str) -> Any:
    """A scalar as the provider converts it, or as it is if it can't be."""
    if kind in _TEXTS and isinstance(value, bool):
        return "true" if value else "false"
    if kind in _TEXTS and isinstance(value, int | float):
        return str(value)
    if kind in ("integer", "long") and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if kind in _FLOATS and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
