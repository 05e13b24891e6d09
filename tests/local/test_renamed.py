"""A stack that is up is renamed, and back: nothing is touched meanwhile, and what is in the way is named."""

from pathlib import Path

from tests.local.board import WarmBoard
from tests.local.test_meaning import write_service


def test_a_renamed_stack_says_what_to_do_and_back_it_is_as_it_was(tmp_path: Path) -> None:
    write_service(tmp_path / "services/base", "base")
    board = WarmBoard(tmp_path / "board/project", tmp_path / "services")
    first = board.stack
    try:
        board.up().ok()
        board.run("stack", "rename", f"{first}x", "-s", first).ok()
        board.stack = f"{first}x"
        run = board.up().failed()
        assert f"the stack {first} of this folder uses it" in run.output
        assert f"`pulumi stack rename {first} -s {first}x`" in run.output
        assert board.get("/")[0] == 200
        board.run("stack", "rename", first, "-s", f"{first}x").ok()
        board.stack = first
        assert board.up().ok().changed() == set()
        assert board.get("/")[0] == 200
    finally:
        board.remove()
