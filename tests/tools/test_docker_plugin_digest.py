"""The stand-in docker plugin: the digest of a build context."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.offline.docker_plugin.digest import context_digest


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A build context with an ignore file."""
    folder = tmp_path / "app"
    (folder / "src").mkdir(parents=True)
    (folder / "node_modules").mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "src" / "main.js").write_text("1")
    (folder / "node_modules" / "x.js").write_text("1")
    (folder / "notes.md").write_text("1")
    (folder / ".dockerignore").write_text("# what no build needs\nnode_modules\n*.md\n!README.md\n")
    return folder


def _digest(context: Path) -> str:
    return context_digest(context, context / "Dockerfile")


def _touch(context: Path) -> None:
    os.utime(context / "src" / "main.js", (1, 1))


def _change_ignored(context: Path) -> None:
    (context / "node_modules" / "x.js").write_text("2")
    (context / "notes.md").write_text("2")


@pytest.mark.parametrize("nothing", [_touch, _change_ignored])
def test_what_a_build_does_not_see_does_not_count(context: Path, nothing: Callable[[Path], None]) -> None:
    before = _digest(context)
    nothing(context)
    assert _digest(context) == before


def _change(context: Path) -> None:
    (context / "src" / "main.js").write_text("2")


def _rename(context: Path) -> None:
    (context / "src" / "main.js").rename(context / "src" / "other.js")


def _add_unignored(context: Path) -> None:
    (context / "README.md").write_text("1")


def _make_executable(context: Path) -> None:
    (context / "src" / "main.js").chmod(0o755)


def _link(context: Path) -> None:
    (context / "src" / "link").symlink_to("main.js")


def _change_dockerfile(context: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCMD []\n")


@pytest.mark.parametrize("change", [_change, _rename, _add_unignored, _make_executable, _link, _change_dockerfile])
def test_what_a_build_sees_counts(context: Path, change: Callable[[Path], None]) -> None:
    before = _digest(context)
    change(context)
    assert _digest(context) != before


def test_a_dockerfile_outside_the_context_counts(context: Path, tmp_path: Path) -> None:
    outside = tmp_path / "Other.dockerfile"
    outside.write_text("FROM scratch\n")
    before = context_digest(context, outside)
    outside.write_text("FROM scratch\nCMD []\n")
    assert context_digest(context, outside) != before


def test_an_ignore_file_of_the_dockerfile_comes_first(context: Path) -> None:
    (context / "Dockerfile.dockerignore").write_text("src\n")
    before = _digest(context)
    _change(context)
    assert _digest(context) == before
    (context / "notes.md").write_text("2")
    assert _digest(context) != before


def test_a_link_to_nowhere_is_no_error(context: Path) -> None:
    (context / "src" / "broken").symlink_to("missing")
    assert len(_digest(context)) == 64
