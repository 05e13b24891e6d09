"""Builds the package: `components/` under the name `pulumi_strangler`.

A package with the import name `components` would be in the way of every program that has a folder of that name, as
Pulumi programs often do. So the imports are renamed on the way into the wheel, by the places that Python's own parser
gives; a line stays the line that it was.
"""

import ast
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLD, NEW = "components", "pulumi_strangler"


def renamed(text: str) -> str:
    """A module's text with the imports of ours under the package's name."""
    lines = text.encode().splitlines(keepends=True)
    for row, column in sorted(_places(ast.parse(text)), reverse=True):
        line = lines[row - 1]
        found = line.index(OLD.encode(), column)
        lines[row - 1] = line[:found] + NEW.encode() + line[found + len(OLD) :]
    return b"".join(lines).decode()


def _places(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Where the imports of ours begin: line from 1, column in bytes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == OLD:
            yield node.lineno, node.col_offset
        elif isinstance(node, ast.Import) and any(name.name.partition(".")[0] == OLD for name in node.names):
            raise ValueError(
                f"line {node.lineno}: import {OLD} …; write from {OLD} import …, whose name can be changed"
            )


class PackageHook(BuildHookInterface):
    """Puts the renamed modules into the wheel, and everything else of the folder as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """version: `standard` or `editable`."""
        if version == "editable":
            raise ValueError("the package has another name than its folder: build it and install the wheel")
        self._made = Path(tempfile.mkdtemp(prefix="strangler-wheel-"))
        source = Path(self.root) / OLD
        for path in sorted(source.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            place = self._made / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".py":
                place.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
            else:
                shutil.copy(path, place)
            build_data["force_include"][str(place)] = f"{NEW}/{path.relative_to(source)}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Once the wheel is there."""
        shutil.rmtree(self._made, ignore_errors=True)
