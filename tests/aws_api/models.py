"""AWS's models of its own interfaces, as botocore ships them, and what they say against a request.

botocore itself checks names, types, what is required and the lower bounds. Enums, patterns and upper bounds are in the
models, and are left to AWS: they are read here. A pattern holds for the whole text, as AWS's services have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import botocore.session  # pyright: ignore[reportMissingTypeStubs]
import botocore.validate  # pyright: ignore[reportMissingTypeStubs]
import regex

Shape = Any
"""botocore's description of a value: `type_name`, `members`, `member`, `metadata`. It has no types of its own."""

_SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
"""How a pattern of Java's says: all characters above U+FFFF."""


@cache
def _session() -> Any:
    return cast("Any", botocore.session).get_session()


@cache
def service(name: str) -> Any:
    """The model of a service, by botocore's name for it."""
    return _session().get_service_model(name)


def input_of(operation: str) -> Shape:
    """What an operation such as `ecs.CreateService` takes."""
    of, _, name = operation.partition(".")
    return service(of).operation_model(name).input_shape


@cache
def compiled(pattern: str) -> regex.Pattern[str]:
    r"""A pattern of a model, which is Java's: `\w`, `\d` and `\s` are ASCII there."""
    return regex.compile(pattern.replace(_SURROGATES, r"\U00010000-\U0010FFFF"), regex.ASCII)


def patterns(name: str) -> dict[str, str]:
    """The patterns of a service, by the shape that has them."""
    found = service(name)
    shapes = {str(name): found.shape_for(name) for name in found.shape_names}
    return {name: str(shape.metadata["pattern"]) for name, shape in shapes.items() if "pattern" in shape.metadata}


def mistakes(operation: str, params: Mapping[str, Any]) -> list[str]:
    """What AWS would refuse of a request by its own model, one line each: place and reason."""
    shape = input_of(operation)
    report = cast("Any", botocore.validate).ParamValidator().validate(dict(params), shape)
    return [*(line for line in str(report.generate_report()).split("\n") if line), *_bounds("", params, shape)]


def _bounds(path: str, value: Any, shape: Shape) -> Iterator[str]:
    """Enums, patterns and bounds; what has another type than the model says has been told already."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            if key in shape.members:
                yield from _bounds(f"{path}.{key}".lstrip("."), inner, shape.members[key])
    elif shape.type_name == "map" and isinstance(value, Mapping):
        found = cast("Mapping[str, Any]", value)
        yield from _size(path, len(found), "entries", shape)
        for key, inner in found.items():
            yield from _bounds(f"{path} (key)", key, shape.key)
            yield from _bounds(f"{path}.{key}", inner, shape.value)
    elif shape.type_name == "list" and isinstance(value, list):
        items = cast("list[Any]", value)
        yield from _size(path, len(items), "items", shape)
        for index, inner in enumerate(items):
            yield from _bounds(f"{path}[{index}]", inner, shape.member)
    elif isinstance(value, str):
        yield from _text(path, value, shape)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _size(path, value, "", shape)


def _text(path: str, text: str, shape: Shape) -> Iterator[str]:
    yield from _size(path, len(text), "characters", shape)
    enum = cast("list[str]", shape.metadata.get("enum", []))
    if enum and text not in enum:
        yield f"{path}: {text!r} is none of {', '.join(enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not compiled(pattern).fullmatch(text):
        yield f"{path}: {text!r} doesn't match {pattern}"


def _size(path: str, size: float, unit: str, shape: Shape) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"{path}: {f'{size} {unit}'.strip()}, not from {least} to {most}"
