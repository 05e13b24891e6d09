"""What the tests of the package run with, made once for those of a process."""

from pathlib import Path

import pytest

from tests.package import hosts, plugins
from tests.package.wheel import environment


@pytest.fixture(scope="session")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel."""
    folder = tmp_path_factory.mktemp("python") / "venv"
    environment(folder)
    return folder


@pytest.fixture(scope="session")
def plugin(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's folder, its requirement installed."""
    return plugins.plugin(tmp_path_factory.mktemp("plugin") / "strangler", venv)


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """PATH with the language hosts."""
    return hosts.path(tmp_path_factory.mktemp("hosts") / "bin")
