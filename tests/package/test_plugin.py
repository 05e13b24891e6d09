"""The component plugin with the built package, run by Pulumi's own CLI, which has nothing to download."""

import json
import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pytest

from tests.package.wheel import environment
from tests.public.test_schema import schema
from tests.repository import ROOT
from tools.standin.engine import isolated_environment
from tools.standin.server import PACKAGES


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's folder, its requirement installed."""
    folder = tmp_path_factory.mktemp("plugin") / "strangler"
    shutil.copytree(ROOT / "plugin", folder, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    environment(folder / "venv")
    return folder


def installed(home: Path) -> None:
    """Plugins of the packages that are installed beside ours: the CLI wants them there, and starts none of them for a
    schema."""
    distributions = {name: distribution for name, (_, distribution) in PACKAGES.items()}
    for name, distribution in {**distributions, "docker-build": "pulumi-docker-build"}.items():
        place = home / "plugins" / f"resource-{name}-v{version(distribution)}"
        place.mkdir(parents=True)
        (place / f"pulumi-resource-{name}").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (place / f"pulumi-resource-{name}").chmod(0o755)


def test_its_schema_is_the_one_of_the_page(plugin: Path, tmp_path: Path) -> None:
    variables = isolated_environment(tmp_path, "")
    installed(tmp_path / "home")
    done = subprocess.run(
        ["pulumi", "package", "get-schema", str(plugin)],
        cwd=tmp_path,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
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
