"""The stack's config as the engine hands it over, read as a tree. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from components.input.diagnostics import Problems
from components.input.files import is_utf8
from components.input.value import Value
from components.model.where import Where


def read_config(config: Mapping[str, str], stack: str, project: str, problems: Problems) -> Value:
    """Our own keys of the config, as a tree. Raises InputError where a text is no JSON: what such a text would have
    said is missing elsewhere, and each line about that would be one about no mistake."""
    file = f"Pulumi.{stack}.yaml: {project}:"
    values: dict[object, object] = {}
    broken = Problems()
    for name, text in config.items():
        namespace, _, key = name.partition(":")
        if namespace == project:
            values[key] = _value(key, text, Where(file, key), problems, broken)
    if broken.errors:
        problems.errors.extend(broken.errors)
        problems.check()
    return Value(values, file, "", problems)


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a character, a surrogate, which JSON has in pairs."""


def _value(key: str, text: str, where: Where, problems: Problems, broken: Problems) -> object:
    """A value as it was meant: the engine hands over every value as text, structured ones as JSON. broken: where what
    can't be read is noted."""
    read = json.dumps(_json(text, where, Problems(), Problems()), ensure_ascii=False) if _HALF.search(text) else text
    if not is_utf8(read):
        problems.add(where, "an escape that isn't a valid character", "fix the text")
        return None
    if _is_structured(text):
        try:
            return _opened(_json(text, where, problems, broken), where, problems, broken)
        except RecursionError:
            broken.add(where, f"unreadable JSON: {text[:60]!r}", "use fewer levels")
            return None
    if key == "routes":
        return text
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _is_structured(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _opened(tree: object, where: Where, problems: Problems, broken: Problems) -> object:
    """A tree with the JSON in its texts read: `pulumi config set --path routes.search '{"path": …}'` stores a text
    within the map. No text that is meant as one begins like that."""
    if isinstance(tree, dict):
        named = cast("dict[str, object]", tree)
        return {
            name: _opened(inner, replace(where, path=f"{where.path}.{name}"), problems, broken)
            for name, inner in named.items()
        }
    if isinstance(tree, list):
        items = enumerate(cast("list[object]", tree))
        return [
            _opened(inner, replace(where, path=f"{where.path}[{number}]"), problems, broken) for number, inner in items
        ]
    if isinstance(tree, str) and _is_structured(tree):
        return _value("", tree, where, problems, broken)
    return tree


def _json(text: str, where: Where, problems: Problems, broken: Problems) -> object:
    def no_duplicate_key(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            problems.add(where, f"duplicate key {name}", "keep one of them")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=no_duplicate_key)
    except json.JSONDecodeError as failure:
        broken.add(
            where, f"invalid JSON: {failure.msg} at character {failure.pos + 1} of {text[:60]!r}", "fix the text"
        )
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        broken.add(where, f"unreadable JSON: {text[:60]!r}", "use fewer levels, and shorter numbers")
    return None
