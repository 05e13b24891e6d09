"""What `pulumi config set` and `pulumi stack output` do to the files of a stack, without the CLI's start: a fifth of a
second each, of a processor too. tests/local/test_board.py compares them with the CLI."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

_NUMBER = re.compile(r"[1-9]\d*|0")
Tree = dict[str, Any]


def set_config(file: Path, key: str, value: str, path: bool = False) -> None:
    """`pulumi config set [--path] key value`. key: without a project, and as a path one of names alone."""
    content, (*above, last) = _read(file), f"strangler:{key}".split(".") if path else [f"strangler:{key}"]
    place: Tree = content.setdefault("config", {})
    for name in above:
        place = place.setdefault(name, {})
    place[last] = _typed(value) if above else value
    _write(file, content)


def remove_config(file: Path, key: str) -> None:
    """`pulumi config rm key`."""
    content = _read(file)
    content.get("config", {}).pop(f"strangler:{key}", None)
    _write(file, content)


def outputs(state: Path, stack: str) -> Tree:
    """`pulumi stack output --json`, of a stack without secrets."""
    checkpoint = json.loads((state / ".pulumi/stacks/strangler" / f"{stack}.json").read_text())["checkpoint"]
    resources: list[Tree] = checkpoint["latest"].get("resources", [])
    (stack_itself,) = [found for found in resources if found["type"] == "pulumi:pulumi:Stack"]
    return stack_itself.get("outputs", {})


def _typed(value: str) -> object:
    """A value within an object is a truth value or a number if it looks like one."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if _NUMBER.fullmatch(value) else value


def _read(file: Path) -> Tree:
    return yaml.safe_load(file.read_text()) or {}


def _write(file: Path, content: Tree) -> None:
    file.write_text(yaml.safe_dump(content, sort_keys=False))
