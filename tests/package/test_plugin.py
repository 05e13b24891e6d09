"""The component plugin with the built package, run by Pulumi's own CLI, which has nothing to download."""

import json
from pathlib import Path
from typing import Any, cast

from tests.package.plugins import package
from tests.public.test_schema import schema


def test_its_schema_is_the_one_of_the_pages(plugin: Path, tmp_path: Path) -> None:
    found = json.loads(package(tmp_path, "get-schema", str(plugin)))
    assert found["name"] == "strangler"
    assert f"pulumi-strangler=={found['version']}" == (plugin / "requirements.txt").read_text(encoding="utf-8").strip()
    assert {part: found[part] for part in ("resources", "types")} == {
        part: as_printed(schema()[part]) for part in ("resources", "types")
    }


def as_printed(value: Any) -> Any:
    """A part of the schema as the CLI prints it: it leaves out that an item of a list or map is described like all of
    it, and that no input is required."""
    if isinstance(value, list):
        return [as_printed(inner) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    kept = {key: as_printed(inner) for key, inner in cast("dict[str, Any]", value).items()}
    for key in kept.keys() & {"items", "additionalProperties"}:
        kept[key].pop("description", None)
    if kept.get("requiredInputs") == []:
        del kept["requiredInputs"]
    return kept
