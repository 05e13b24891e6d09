"""One at a time."""

import threading
from pathlib import Path

import pytest

from tools.setup import locks


def test_the_second_one_says_that_it_waits_and_goes_on_when_the_first_is_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    waiting, done = threading.Event(), threading.Event()

    def note(_where: str, text: str) -> None:
        said.append(text)
        waiting.set()

    def second() -> None:
        with locks.held(tmp_path / "folder" / "lock", "up"):
            done.set()

    monkeypatch.setattr(locks, "say", note)
    thread = threading.Thread(target=second)
    with locks.held(tmp_path / "folder" / "lock", "up"):
        thread.start()
        assert waiting.wait(60)
        assert not done.is_set()
    assert done.wait(60)
    thread.join()
    assert said[0].startswith("process ")
    assert said[0].endswith(" is doing this already: waiting for it to end …")


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with locks.held(tmp_path / "lock", "up"):
            pass
    assert capsys.readouterr().err == ""


def test_a_failure_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), locks.held(tmp_path / "lock", "up"):
        raise ValueError("inside")
    with locks.held(tmp_path / "lock", "up"):
        assert (tmp_path / "lock").exists()
