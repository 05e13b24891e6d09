"""Values against AWS's published CloudFormation schemas, as cfn-lint ships them.

A Pulumi property finds its CloudFormation property by name (case apart, singular for plural); `names` of a kind says
where they differ. What has no counterpart is not checked here: `shapes` has checked its name and type already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import regex

from tools.standin.values import Props, canonical, contains_unknown, is_unknown

Problem = tuple[str, str]
_REGION = "us-east-1"
"""The region whose schemas are read: it has every type."""


@cache
def cfn_schema(cfn: str) -> Props:
    """The schema of a type such as `AWS::ECS::Service`."""
    return _json(f"resources/{_json(f'providers/{_REGION}.json')[cfn]}.json")


@cache
def _json(file: str) -> Props:
    """A file of the pinned cfn-lint's schemas. It isn't asked itself: its import takes half a second, and it would
    prefer the schemas of a newer one that was run on this machine."""
    spec = find_spec("cfnlint")
    assert spec
    assert spec.submodule_search_locations
    (package,) = spec.submodule_search_locations
    text = (Path(package) / "data" / "schemas" / file).read_text(encoding="utf-8")
    return cast("Props", json.loads(text))


def create_only(cfn: str) -> frozenset[str]:
    """Property paths that AWS can't change in place, with dots: `UriPathRoute.SourcePath`."""
    return frozenset(_paths(cfn, "createOnlyProperties"))


def write_only(cfn: str) -> frozenset[str]:
    return frozenset(_paths(cfn, "writeOnlyProperties"))


def read_only(cfn: str) -> frozenset[str]:
    return frozenset(_paths(cfn, "readOnlyProperties"))


def _paths(cfn: str, which: str) -> Iterator[str]:
    for name in cast("list[str]", cfn_schema(cfn).get(which, [])):
        yield name.removeprefix("/properties/").replace("/", ".")


def problems(cfn: str, inputs: Props, names: Mapping[str, str | None]) -> Iterator[Problem]:
    """Every value that AWS's schema refuses, as Pulumi path and problem."""
    root = cfn_schema(cfn)
    yield from _Checker(root, names).check("", inputs, root)


def cfn_path(cfn: str, path: str, names: Mapping[str, str | None]) -> str | None:
    """The CloudFormation path of a Pulumi path without indices, or None."""
    root = cfn_schema(cfn)
    checker = _Checker(root, names)
    node, found, seen = root, "", ""
    for part in path.split("."):
        seen = f"{seen}.{part}" if seen else part
        if seen in names and names[seen] is None:
            return None
        if seen in names:
            found = cast("str", names[seen])
            node = checker.resolve(root["properties"].get(found.partition(".")[0], {}))
            continue
        property_name = checker.property_name(part, node)
        if property_name is None:
            return found or None
        found = f"{found}.{property_name}" if found else property_name
        node = checker.resolve(node["properties"][property_name])
        if node.get("type") == "array":
            node = checker.resolve(node.get("items", {}))
    return found


class _Checker:
    def __init__(self, root: Props, names: Mapping[str, str | None]) -> None:
        self.root = root
        self.names = names

    def resolve(self, node: Props) -> Props:
        while "$ref" in node:
            target: Any = self.root
            for part in cast("str", node["$ref"]).removeprefix("#/").split("/"):
                target = target.get(part, {})
            node = cast("Props", target)
        return node

    def property_name(self, name: str, node: Props) -> str | None:
        """The schema's property for a Pulumi name, case apart and plural or not."""
        by_lower = {word.lower(): word for word in node.get("properties", {})}
        lower = name.lower()
        forms = (lower, lower.removesuffix("s"), lower + "s", lower.removesuffix("ies") + "y", lower.removesuffix("es"))
        return next((by_lower[form] for form in forms if form in by_lower), None)

    def check(self, path: str, value: Any, node: Props) -> Iterator[Problem]:
        node = self.resolve(node)
        if value is None or is_unknown(value):
            return
        kind = node.get("type")
        kinds = cast("list[str]", kind) if isinstance(kind, list) else [cast("str", kind)] if kind else []
        if isinstance(value, list) and "array" not in kinds and len(cast("list[Any]", value)) == 1:
            value = cast("list[Any]", value)[0]
        if "array" in kinds:
            yield from self._array(path, value, node)
        elif isinstance(value, dict):
            yield from self._object(path, cast("Props", value), node)
        elif not isinstance(value, list):
            yield from _scalar(path, value, node, kinds)

    def _array(self, path: str, value: Any, node: Props) -> Iterator[Problem]:
        if path == "tags" and isinstance(value, dict):
            value = [{"key": name, "value": inner} for name, inner in cast("Props", value).items()]
        items = cast("list[Any]", value) if isinstance(value, list) else [value]
        if len(items) < node.get("minItems", 0):
            yield path, f"has {len(items)} items, at least {node['minItems']} are needed"
        if len(items) > node.get("maxItems", len(items)):
            yield path, f"has {len(items)} items, at most {node['maxItems']} are accepted"
        if node.get("uniqueItems") and not contains_unknown(items):
            texts = [canonical(inner) for inner in items]
            if len(set(texts)) < len(texts):
                yield path, "has the same item twice"
        for index, inner in enumerate(items):
            yield from self.check(f"{path}[{index}]", inner, node.get("items", {}))

    def _object(self, path: str, value: Props, node: Props) -> Iterator[Problem]:
        met: set[str] = set()
        plain = regex.sub(r"\[\d+\]", "", path)
        for name, inner in value.items():
            if inner is None or name.startswith("__"):
                continue
            here, plain_here = _join(path, name), _join(plain, name)
            if plain_here in self.names:
                target = self.names[plain_here]
                if target is None:
                    continue
                met.add(target.rpartition(".")[2])
                yield from self.check(here, inner, self._at(target))
            elif found := self.property_name(name, node):
                met.add(found)
                yield from self.check(here, inner, node["properties"][found])
            elif isinstance(inner, dict) and any(other.startswith(plain_here + ".") for other in self.names):
                yield from self._flattened(here, plain_here, cast("Props", inner))
        if not path or node is not self.root:
            for name in cast("list[str]", node.get("required", [])):
                if name not in met and not self._named_by_default(name):
                    yield _join(path, name[0].lower() + name[1:]), "is required by AWS"

    def _flattened(self, path: str, plain: str, value: Props) -> Iterator[Problem]:
        """A nested object whose members are properties of the whole in CloudFormation."""
        for name, inner in value.items():
            target = self.names.get(_join(plain, name))
            if target is not None and inner is not None:
                yield from self.check(_join(path, name), inner, self._at(target))

    def _named_by_default(self, required: str) -> bool:
        """`!Name` in `names` says that the provider fills this property in by itself."""
        return f"!{required}" in self.names

    def _at(self, target: str) -> Props:
        node = self.root
        for part in target.split("."):
            node = self.resolve(node)
            if node.get("type") == "array":
                node = self.resolve(node["items"])
            node = node["properties"][part]
        return node


def _scalar(path: str, value: Any, node: Props, kinds: list[str]) -> Iterator[Problem]:
    options = [_scalar_of(inner, kinds) for inner in (value,)]
    value = options[0]
    if isinstance(value, str) and "object" in kinds and "string" not in kinds:
        yield from _json_text(path, value)
        return
    choices = cast("list[Any]", node.get("enum", []))
    if choices and value not in choices and str(value) not in [str(choice) for choice in choices]:
        yield path, f"is {value!r}; accepted: {', '.join(str(choice) for choice in choices)}"
    if isinstance(value, str):
        yield from _text(path, value, node)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < node.get("minimum", value):
            yield path, f"is {value}, less than the minimum {node['minimum']}"
        if value > node.get("maximum", value):
            yield path, f"is {value}, more than the maximum {node['maximum']}"
    for key in ("anyOf", "oneOf"):
        choices = cast("list[Props]", node.get(key, []))
        if choices and all("$ref" not in choice for choice in choices):
            tried = [list(_scalar(path, value, choice, _kinds(choice))) for choice in choices]
            if all(tried):
                yield tried[0][0]


def _kinds(node: Props) -> list[str]:
    kind = node.get("type")
    return cast("list[str]", kind) if isinstance(kind, list) else [kind] if isinstance(kind, str) else []


def _scalar_of(value: Any, kinds: list[str]) -> Any:
    if isinstance(value, str) and "string" not in kinds and ("integer" in kinds or "number" in kinds):
        return int(value) if value.lstrip("-").isdigit() else value
    if "string" in kinds and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _text(path: str, value: str, node: Props) -> Iterator[Problem]:
    if len(value) < node.get("minLength", 0):
        yield path, f"has {len(value)} characters, at least {node['minLength']} are needed"
    if len(value) > node.get("maxLength", len(value)):
        yield path, f"has {len(value)} characters, at most {node['maxLength']} are accepted"
    if "pattern" in node and not _pattern(node["pattern"]).search(value):
        yield path, f"is {value!r}, which does not match {node['pattern']}"


def _json_text(path: str, value: str) -> Iterator[Problem]:
    try:
        json.loads(value)
    except ValueError as error:
        yield path, f"is not JSON: {error}"


@cache
def _pattern(text: str) -> Any:
    return regex.compile(text)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def nested_problems(cfn: str, definition: str, path: str, value: Props) -> Iterator[Problem]:
    """As `problems`, for a value that is one of the type's definitions; unknown properties are refused as well."""
    root = cfn_schema(cfn)
    node = cast("Props", root["definitions"][definition])
    checker = _Checker(root, {})
    yield from _unknown_properties(checker, path, value, node)
    yield from checker.check(path, value, node)


def _unknown_properties(checker: _Checker, path: str, value: Any, node: Props) -> Iterator[Problem]:
    node = checker.resolve(node)
    if isinstance(value, list) and "items" in node:
        for index, inner in enumerate(cast("list[Any]", value)):
            yield from _unknown_properties(checker, f"{path}[{index}]", inner, node["items"])
    if not isinstance(value, dict) or not node.get("properties"):
        return
    for name, inner in cast("Props", value).items():
        found = name[0].upper() + name[1:]
        if found not in node["properties"]:
            known = sorted(other[0].lower() + other[1:] for other in node["properties"])
            yield _join(path, name), f"is not a property; there are: {', '.join(known)}"
        else:
            yield from _unknown_properties(checker, _join(path, name), inner, node["properties"][found])
