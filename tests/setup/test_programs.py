"""Programs that run at the same time: their output, their exit codes, and what a kill or a missing program does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.setup.place import Place
from tools.setup.programs import Program, together
from tools.setup.say import MachineError
from tools.setup.steps import Ready

HERE = Ready({"PATH": os.environ["PATH"]})

KILLED = """
import signal, sys
from pathlib import Path
from tools.setup.place import Place
from tools.setup.programs import Program, on_terminate, together
from tools.setup.steps import Ready
signal.signal(signal.SIGTERM, on_terminate)
both = {name: Program(("sh", "-c", f"echo $$ > {name}; exec sleep 300")) for name in ("one", "two")}
print([end.code for end in together(both, Ready({}), Place(Path(sys.argv[1]))).values()])
"""


def shell(text: str, log: Path | None = None, *, nice: int = 0) -> Program:
    return Program(("sh", "-c", text), log, nice)


def test_programs_run_at_the_same_time_and_each_has_its_own_end(place: Place) -> None:
    waits = "until [ -e there ]; do sleep 0.01; done; exit 3"
    ended = together({"waits": shell(waits), "makes": shell("touch there")}, HERE, place)
    assert {name: end.code for name, end in ended.items()} == {"waits": 3, "makes": 0}
    assert str(ended["waits"]).startswith("FAILED in ")
    assert str(ended["makes"]).startswith("passed in ")


def test_the_output_of_a_program_with_a_log_is_in_it(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    log = place.logs / "one.log"
    together({"one": shell("echo this; echo that >&2", log), "other": shell("echo here")}, HERE, place)
    assert log.read_text() == "this\nthat\n"
    assert capfd.readouterr() == ("here\n", "")


def test_a_program_that_yields_has_a_lower_priority(place: Place) -> None:
    own = os.nice(0)
    logs = {nice: place.logs / f"{nice}.log" for nice in (0, 3, 19)}
    together({str(nice): shell("nice", log, nice=nice) for nice, log in logs.items()}, HERE, place)
    assert [int(log.read_text()) for log in logs.values()] == [own, min(own + 3, 19), 19]


def test_a_missing_program_is_one_line_and_ends_the_others(place: Place) -> None:
    begun = time.monotonic()
    with pytest.raises(MachineError, match=r"^make: /nowhere/it: No such file or directory; run `make setup`$"):
        together({"one": shell("echo $$ > one; exec sleep 300"), "two": Program(("/nowhere/it",))}, HERE, place)
    assert time.monotonic() - begun < 100


def test_a_kill_ends_all_of_them(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "two")]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, stdout=subprocess.PIPE) as process:
        while not all(file.exists() and file.read_text().endswith("\n") for file in files):
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        out, _ = process.communicate(timeout=60)
    assert out.decode() == f"{[-signal.SIGTERM] * 2}\n"
