"""Message boards for the tests: one for each module, removed at its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.board import Board, WarmBoard


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A message board that is up, with all routes inactive."""
    made = WarmBoard(_folder(tmp_path_factory))
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("board") / "project"
