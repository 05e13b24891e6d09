"""The component plugin with the built package, run by Pulumi's own CLI, which has nothing to download."""

import json
import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

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
    assert found["types"] == schema()["types"]
    assert found["resources"] == {token: without(about) for token, about in schema()["resources"].items()}


def without(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource as the CLI prints it: not even of components does it say that they are."""
    return {key: value for key, value in resource.items() if key != "isComponent"}
