"""The weight of a route in a stack's config, whatever form it has there. Pure.

A form of the key `routes` is kept where it can say a weight; a list of ids can't, and becomes a map as JSON. Each
change is one `pulumi config set`, so that a kill leaves the old entry or the new one.
"""

import json
import re
from dataclasses import dataclass
from typing import cast

from tools.setup.report import parsed


@dataclass(frozen=True)
class Setting:
    """What `pulumi config set` is given."""

    key: str
    value: str
    path: bool
    """Whether the key is a path."""


def weight_now(config: object, route: str) -> int:
    """The weight that the key `routes` gives a route. config: the key as the CLI stores it, of a stack that reads."""
    structure = parsed(config)
    if isinstance(structure, list):
        return 100 if route in [str(entry).strip() for entry in structure] else 0
    entry, inner, _ = _entry(structure.get(route))
    if inner is not None:
        if "weight" in inner:
            return int(str(inner["weight"]))
        return 100 if str(inner.get("active")).lower() == "true" else 0
    text = str(entry).strip().lower()
    if re.fullmatch(r"[0-9]{1,3}", text):
        return int(text)
    # Another text is the name of a service: active.
    return 0 if entry is None or text == "false" else 100


def with_weight(config: object, route: str, weight: int) -> Setting:
    """How to give a route another weight, and leave the rest of its entry and of the others as they are."""
    structure = parsed(config)
    if isinstance(structure, list):
        names = [name for entry in structure if (name := str(entry).strip())]
        return Setting("routes", json.dumps({**dict.fromkeys(names, True), route: weight}), path=False)
    entry, inner, is_text = _entry(structure.get(route))
    changed: object = weight
    if inner is not None:
        changed = {**{key: value for key, value in inner.items() if key != "active"}, "weight": weight}
    elif isinstance(entry, str) and not re.fullmatch(r"(?i)true|false|[0-9]+|\s*", entry):
        changed = {"service": entry, "weight": weight}
    if isinstance(config, str):
        return Setting("routes", json.dumps({**structure, route: changed}), path=False)
    if inner is not None and not is_text and "active" not in inner:
        return Setting(f"routes.{route}.weight", str(weight), path=True)
    return Setting(f"routes.{route}", json.dumps(changed), path=True)


def _entry(entry: object) -> tuple[object, dict[str, object] | None, bool]:
    """A route's entry, the map that it is, if it is one, and whether it is the JSON text of that."""
    if isinstance(entry, str) and entry.lstrip()[:1] == "{":
        return entry, cast("dict[str, object]", json.loads(entry)), True
    return entry, cast("dict[str, object]", entry) if isinstance(entry, dict) else None, False
