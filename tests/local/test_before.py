"""`services.<name>.before` on Docker: a command runs once in each new release, before its containers come."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.board import Board, WarmBoard
from tests.local.streams import SERVER
from tests.local.test_meaning import write_service

COMMAND = "node -e 'console.log(`${process.env.COPILOT_SERVICE_NAME} migrated`); process.exit(process.env.WRONG | 0)'"


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Board]:
    """A board with one service, never up before."""
    write_service(tmp_path / "services/base", "base", SERVER)
    made = WarmBoard(tmp_path / "board/project", tmp_path / "services")
    try:
        yield made
    finally:
        made.remove()


def test_a_command_runs_once_in_each_release_and_a_failure_leaves_what_runs(new: Board) -> None:
    new.config("services.base.before", COMMAND, path=True)
    assert "migrated" not in new.preview().ok().output
    assert "base migrated" in new.up().ok().output
    assert new.up().ok().changed() == set()
    running = new.containers("base-")

    new.edit("services/base/manifest.yml", "image:", "variables: {WRONG: '3'}\nimage:")
    failed = new.up().failed()
    assert "service base: before: it ended with exit code 3; its last lines:\n" in failed.output
    assert "base migrated" in failed.output
    assert new.containers("base-") == running
    assert new.get("/")[0] == 200

    new.edit("services/base/manifest.yml", "WRONG: '3'", "WRONG: '0'")
    assert "base migrated" in new.up().ok().output
    assert new.containers("base-") != running
    assert new.get("/")[0] == 200
    assert new.up().ok().changed() == set()


def test_a_command_that_is_added_waits_for_the_next_release_and_one_that_is_too_slow_is_ended(new: Board) -> None:
    new.up().ok()
    new.config("services.base.before", "sleep 600", path=True)
    assert new.up().ok().changed() == {"base-before"}
    new.config("services.base.timeout", "30s", path=True)
    new.edit("services/base/manifest.yml", "image:", "variables: {NEXT: '1'}\nimage:")
    assert "service base: before: not finished after 30 s" in new.up().failed().output
    assert [name for name in new.containers() if name.endswith("-before")] == []
