"""The boards of these tests do to a stack's files what the CLI does to them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.local.board import Board, WarmBoard

SET = (
    *(("plain", "1", False), ("plain", "true", False), ("with.dots", "text", False), ("gone", "x", False)),
    *(("routes.users", "true", True), ("routes.posts", "25", True), ("routes.none", "0", True)),
    *(("routes.users", "false", True), ("routes.leading", "007", True), ("routes.half", "1.5", True)),
    *(("routes.json", '{"weight": 0}', True), ("services.a.b.c", "text", True), ("services.a.d", "true", True)),
    *(("exports.orders-test-HelpMail", "help@example.com", True), ("top", "true", True)),
)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[WarmBoard]:
    """A board that is never up."""
    made = WarmBoard(tmp_path / "board/project")
    yield made
    made.remove()


def test_the_config_that_a_board_writes_is_the_clis(board: WarmBoard) -> None:
    begun = board.stack_file.read_text()

    def written(config: Any, unset: Any) -> dict[str, Any]:
        board.stack_file.write_text(begun)
        for key, value, path in SET:
            config(board, key, value, path)
        unset(board, "gone")
        return yaml.safe_load(board.stack_file.read_text())

    own = written(WarmBoard.config, WarmBoard.unset)
    assert own == written(Board.config, Board.unset)
    assert {"strangler:plain", "strangler:with.dots", "strangler:routes", "strangler:port"} <= set(own["config"])
    assert "strangler:gone" not in own["config"]
