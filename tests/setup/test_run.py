"""Running other programs, short and long."""

import subprocess
from pathlib import Path

import pytest

from tests.setup.conftest import MakeProgram
from tools.setup import run
from tools.setup.say import MachineError, line


def test_a_message_is_one_line_whatever_is_in_it() -> None:
    assert line("docker", "no\n  engine\t answers ") == "make: docker: no engine answers"
    assert str(MachineError("docker", "no\nengine", "start one")) == "make: docker: no engine; start one"


def test_a_program_that_is_missing_is_an_outcome_and_no_exception() -> None:
    done = run.capture(["/nowhere/program"])
    assert (done.code, done.ok) == (run.NOT_FOUND, False)
    assert done.reason == "/nowhere/program: No such file or directory"


def test_a_program_that_hangs_is_ended() -> None:
    done = run.capture(["sleep", "600"], seconds=0.2)
    assert done.code == run.TIMED_OUT
    assert "gave no answer" in done.reason


def test_the_reason_of_a_failure_is_the_last_line_on_stderr(program: MakeProgram) -> None:
    failing = program("failing", "echo out; echo first >&2; echo last >&2; echo >&2; exit 3")
    assert run.capture([str(failing)]).reason == "last"


def test_a_long_program_that_fails_is_one_line_with_its_last_words_and_the_log(
    tmp_path: Path, program: MakeProgram
) -> None:
    failing = program("failing", "echo working; echo no space left; exit 3")
    log = tmp_path / "logs" / "it.log"
    with pytest.raises(MachineError) as caught:
        run.patiently("go", "building", [str(failing)], log, "make room")
    assert str(caught.value) == (f"make: go: building ended with code 3: no space left (all of it: {log}); make room")
    assert log.read_text() == "working\nno space left\n"


def test_a_long_program_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"^make: go: /nowhere/go: No such file or directory; install it$"):
        run.patiently("go", "building", ["/nowhere/go"], tmp_path / "log", "install it")


def test_a_long_program_gives_signs_of_life_until_its_end(
    tmp_path: Path, program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    waiting = program("waiting", f'while [ ! -e "{gate}" ]; do sleep 0.05; done')
    said: list[str] = []

    def note(_where: str, text: str) -> None:
        said.append(text)
        if len(said) == 3:
            gate.touch()

    monkeypatch.setattr(run, "say", note)
    run.patiently("go", "building", [str(waiting)], tmp_path / "log", "wait", every=0.1)
    assert said[0] == "building …"
    assert all(text.startswith("building: ") and text.endswith(" s") for text in said[1:])
    assert len(said) >= 3


def test_an_interrupt_ends_a_long_program_and_what_it_started(
    tmp_path: Path, program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "child"
    running = program("running", f'sleep 600 & echo $! > "{note}.part"; mv "{note}.part" "{note}"; wait')

    def interrupt(_where: str, text: str) -> None:
        if not text.endswith("…") and note.exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(run, "say", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run.patiently("go", "building", [str(running)], tmp_path / "log", "wait", every=0.05)
    # `end` has waited for the script; its child got the same signal and is dead or dying.
    subprocess.run(
        ["sh", "-c", f"while grep -qs '^State:.[^Z]' /proc/{note.read_text().strip()}/status; do sleep 0.05; done"],
        check=True,
        timeout=60,
    )
