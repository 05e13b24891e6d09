"""The wheel of this working tree, and a virtual environment that has it, and of this repository nothing else."""

import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.repository import ROOT


@cache
def wheel() -> Path:
    """The wheel, built once for a test run's process, by the backend that pyproject.toml names."""
    folder = Path(mkdtemp(prefix="wheel-"))
    run(ROOT, sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def environment(folder: Path) -> Path:
    """A new virtual environment in which pip has installed the wheel; its Python. What the wheel needs comes from the
    environment of the tests, so that nothing is downloaded: `pip check` says whether it is what the wheel asks for."""
    python = bare(folder, sysconfig.get_path("purelib"))
    pip(python, "install", "--quiet", "--no-index", "--no-deps", str(wheel()))
    return python


def bare(folder: Path, *packages: str) -> Path:
    """A new virtual environment that has what lies in these folders; its Python."""
    run(folder.parent, sys.executable, "-m", "venv", "--without-pip", str(folder))
    python = folder / "bin/python"
    own = Path(run(folder.parent, str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    (own / "of-the-tests.pth").write_text("\n".join(packages) + "\n", encoding="utf-8")
    return python


def pip(python: Path, *arguments: str) -> str:
    """What pip prints for another Python's environment: a pip in each would take most of the time that one takes."""
    return run(python.parent, sys.executable, "-m", "pip", "--python", str(python), *arguments)


def run(folder: Path, *command: str, variables: Mapping[str, str] | None = None) -> str:
    """What a command prints that must succeed. variables: all that it gets. Default: those of the tests."""
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
