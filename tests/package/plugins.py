"""The component plugin, and the CLI that asks it for its schema with nothing to download."""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from tests.repository import ROOT
from tools.standin.engine import isolated_environment
from tools.standin.server import PACKAGES

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
"""The package's, and so the plugin's."""


def plugin(folder: Path, venv: Path) -> Path:
    """A copy of the plugin's folder with this virtual environment."""
    shutil.copytree(ROOT / "plugin", folder, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    (folder / "venv").symlink_to(venv)
    return folder


def package(
    folder: Path, *arguments: str, project: Path | None = None, variables: Mapping[str, str] | None = None
) -> str:
    """What `pulumi package …` prints. folder: a new one, for what the CLI keeps."""
    own = isolated_environment(folder, "")
    _installed(folder / "home")
    done = subprocess.run(
        ["pulumi", "package", *arguments],
        cwd=project or folder,
        env={**os.environ, **own, **(variables or {})},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _installed(home: Path) -> None:
    """Plugins of the packages that are installed beside ours: the CLI wants them there, and starts none of them for a
    schema."""
    distributions = {name: distribution for name, (_, distribution) in PACKAGES.items()}
    for name, distribution in {**distributions, "docker-build": "pulumi-docker-build"}.items():
        place = home / "plugins" / f"resource-{name}-v{version(distribution)}"
        place.mkdir(parents=True)
        (place / f"pulumi-resource-{name}").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (place / f"pulumi-resource-{name}").chmod(0o755)
