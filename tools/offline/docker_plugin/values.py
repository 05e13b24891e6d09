"""Property values between Pulumi's wire format and Python.

On the wire, an unknown is a marker string, and a secret or an output is an object with a signature. Here an unknown is
`UNKNOWN`, and secrets and outputs are unwrapped: the plugin tells the engine that it takes no secrets, so that the
engine itself marks as secret whatever comes of a secret input.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias, cast

from google.protobuf import json_format, struct_pb2


class Unknown(Enum):
    """The type of `UNKNOWN`: a value that is not known before the update runs."""

    UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


UNKNOWN: Final = Unknown.UNKNOWN

Value: TypeAlias = "bool | int | float | str | Unknown | list[Value] | dict[str, Value] | None"
Values: TypeAlias = dict[str, Value]
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

# Pulumi's signatures, from its source (sdk/go/common/resource/sig).
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


def decode(struct: struct_pb2.Struct) -> Values:
    """The properties in `struct`, without those that are null.

    Raises `ValueError` for assets, archives and resource references, which no docker resource takes.
    """
    raw = cast("dict[str, Json]", json_format.MessageToDict(struct))
    return {key: value for key, item in raw.items() if (value := _from_wire(item)) is not None}


def encode(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """`values` as a protobuf struct, unknowns as their marker."""
    struct = struct_pb2.Struct()
    struct.update({key: _to_wire(value) for key, value in values.items()})
    return struct


def has_unknown(value: Value) -> bool:
    """Whether `value` is unknown, or holds an unknown."""
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    return value is UNKNOWN


def _from_wire(value: Json) -> Value:
    if isinstance(value, dict):
        return _object_from_wire(value)
    if isinstance(value, list):
        return [_from_wire(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return UNKNOWN if value == UNKNOWN.value else value


def _object_from_wire(value: dict[str, Json]) -> Value:
    signature = value.get(_SIGNATURE)
    if signature == _SECRET:
        return _from_wire(value.get("value"))
    if signature == _OUTPUT:
        return _from_wire(value["value"]) if "value" in value else UNKNOWN
    if signature is not None:
        raise ValueError("an asset, an archive or a resource was given where a docker resource takes plain values")
    return {key: inner for key, item in value.items() if (inner := _from_wire(item)) is not None}


def _to_wire(value: Value) -> Json:
    if isinstance(value, Unknown):
        return value.value
    if isinstance(value, dict):
        return {key: _to_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_wire(item) for item in value]
    return value


# Readers of values that the schema has already checked: each gives its empty value for what is missing or unknown.


def text(value: Value) -> str:
    """`value` if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def integer(value: Value) -> int:
    """`value` if it is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def flag(value: Value) -> bool:
    """`value` if it is a boolean, else False."""
    return value if isinstance(value, bool) else False


def texts(value: Value) -> list[str]:
    """The strings in `value`, if it is a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def mapping(value: Value) -> Values:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: Value) -> list[Values]:
    """The objects in `value`, if it is a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_map(value: Value) -> dict[str, str]:
    """The string values of `value`, if it is an object."""
    return {key: item for key, item in mapping(value).items() if isinstance(item, str)}
