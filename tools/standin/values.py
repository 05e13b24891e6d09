"""Protobuf values to Python and back: unknowns stay visible, secrets are unwrapped, whole floats become integers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from google.protobuf import struct_pb2

Props = dict[str, Any]
"""Properties by their Pulumi name. Treated as immutable once it has been given to the `Cloud`."""

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that is only known after `up`."""

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key of a map that isn't one: a secret, an output, a resource."""
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


class Unknown:
    """A value that a preview can't know yet. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def is_unknown(value: object) -> bool:
    return isinstance(value, Unknown)


def contains_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(contains_unknown(inner) for inner in cast("Props", value).values())
    if isinstance(value, list):
        return any(contains_unknown(inner) for inner in cast("list[Any]", value))
    return is_unknown(value)


def from_struct(struct: struct_pb2.Struct) -> Props:
    return {name: from_value(value) for name, value in struct.fields.items()}


def from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [from_value(inner) for inner in value.list_value.values]
    if kind == "struct_value":
        return _from_fields(value.struct_value)
    return None


def _from_fields(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else None
    if signature == _SECRET:
        return from_value(struct.fields["value"])
    if signature == _OUTPUT:
        return from_value(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
    return from_struct(struct)


def to_struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    for name, value in props.items():
        struct.fields[name].CopyFrom(to_value(value))
    return struct


def to_value(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if is_unknown(value):
        return struct_pb2.Value(string_value=UNKNOWN_TEXT)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, list | tuple):
        items = cast("list[Any]", value)
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[to_value(inner) for inner in items]))
    return struct_pb2.Value(struct_value=to_struct(cast("Props", value)))


def secret(value: Any) -> Props:
    """The wire form of a secret, for outputs that must not be printed."""
    return {SIGNATURE: _SECRET, "value": value}


def at_path(value: Any, path: str) -> list[Any]:
    """The values at a path such as `loadBalancers[*].targetGroupArn`: none if it is absent, unknowns left out."""
    found: list[Any] = [value]
    for part in path.split("."):
        name, many = (part[:-3], True) if part.endswith("[*]") else (part, False)
        found = [cast("Props", one)[name] for one in found if isinstance(one, dict) and name in one]
        if many:
            found = [item for one in found if isinstance(one, list) for item in cast("list[Any]", one)]
    return [one for one in found if one is not None and not is_unknown(one)]


def first(value: Any, path: str, default: Any = None) -> Any:
    """The first value at a path, or the default."""
    found = at_path(value, path)
    return found[0] if found else default


def canonical(value: Any) -> str:
    """A text that is equal for equal values, to sort and to compare by."""
    return json.dumps(value, sort_keys=True, default=repr)


def table(value: Any) -> Props:
    """A map, empty if there is none."""
    return cast("Props", value) if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list, empty if there is none."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def rows(value: Any) -> list[Props]:
    """A list of maps, empty if there is none."""
    return [table(inner) for inner in items(value)]


def texts(value: Any) -> list[str]:
    """A list of texts, empty if there is none; what is not known yet is left out."""
    return [str(inner) for inner in items(value) if not is_unknown(inner)]
