"""What the tests of the package run with, made once for those of a process."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.package import hosts, plugins
from tests.package.repository_server import Repository, repository
from tests.package.wheel import environment


@pytest.fixture(scope="session")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, one for all processes of a test run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "of-the-wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            environment(folder / "venv")
            (folder / "made").touch()
    return folder / "venv"


@pytest.fixture(scope="session")
def plugin(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's folder, its requirement installed."""
    return plugins.plugin(tmp_path_factory.mktemp("plugin") / "strangler", venv)


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """PATH with the language hosts."""
    return hosts.path(tmp_path_factory.mktemp("hosts") / "bin")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """The repository, where users have it."""
    with repository(tmp_path_factory.mktemp("repository"), plugins.VERSION) as found:
        yield found
