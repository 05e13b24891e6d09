"""Run programs to their end: one in this terminal, or several at once, each with its output in a log."""

import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType

from tools.setup.place import Place
from tools.setup.say import MachineError
from tools.setup.steps import Ready

LOOK_EVERY_SECONDS = 0.05

terminated: list[int] = []
"""The signals other than Ctrl-C that this process got."""


_starting = Event()
"""Whether a program is about to start: an interrupt in this moment would lose it out of sight."""


def on_terminate(number: int, _frame: FrameType | None) -> None:
    """What a signal other than Ctrl-C does."""
    terminated.append(number)
    if not _starting.is_set():
        raise KeyboardInterrupt


@dataclass(frozen=True)
class Program:
    """What is run, and how."""

    args: Sequence[str]
    log: Path | None = None
    """Where its output goes. Default: this terminal."""
    nice: int = 0
    """How much it yields the processors to others, up to 19: it takes only what nothing else wants."""

    @property
    def command(self) -> list[str]:
        return [*(("nice", "-n", str(self.nice)) if self.nice else ()), *self.args]


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    """Its exit code; negative: the signal that ended it."""
    seconds: float
    """How long it ran."""

    def __str__(self) -> str:
        return f"{'FAILED' if self.code else 'passed'} in {self.seconds:.0f} s"


def foreground(args: Sequence[str], ready: Ready, place: Place) -> int:
    """Run a program with this terminal; its exit code."""
    return together({"": Program(args)}, ready, place)[""].code


def together(programs: Mapping[str, Program], ready: Ready, place: Place) -> dict[str, Ended]:
    """Run programs at the same time. Ctrl-C is their own business, and the end of each is waited for."""
    begun = time.monotonic()
    running: dict[str, subprocess.Popen[bytes]] = {}
    ended: dict[str, Ended] = {}
    _starting.set()
    try:
        for name, program in programs.items():
            running[name] = _started(program, ready, place)
    except BaseException:
        _terminate(running.values())
        raise
    finally:
        _starting.clear()
    if terminated:
        _terminate(running.values())
    while len(ended) < len(running):
        try:
            time.sleep(LOOK_EVERY_SECONDS)
            for name, process in running.items():
                code = process.poll()
                if code is not None and name not in ended:
                    ended[name] = Ended(code, time.monotonic() - begun)
        except KeyboardInterrupt:
            # The terminal has sent the signal to the programs too; a `kill` of this process has not.
            if terminated:
                _terminate(running.values())
    return ended


def _started(program: Program, ready: Ready, place: Place) -> subprocess.Popen[bytes]:
    try:
        if program.log is None:
            return subprocess.Popen(program.command, env=ready.env(), cwd=place.root)
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("wb") as log:
            return subprocess.Popen(
                program.command, env=ready.env(), cwd=place.root, stdout=log, stderr=subprocess.STDOUT
            )
    except OSError as error:
        raise MachineError(program.command[0], str(error.strerror), "run `make setup`") from error


def _terminate(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
