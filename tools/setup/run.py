"""Run other programs: short ones with their output caught, long ones with a sign of life."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.setup.say import MachineError, say

SIGN_OF_LIFE_SECONDS = 15.0
NOT_FOUND = 127
TIMED_OUT = 124


@dataclass(frozen=True)
class Outcome:
    """How a program ended: its exit code (127: not found, 124: took too long), stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def reason(self) -> str:
        """The last line that it wrote on stderr, or else on stdout: what an error message shows."""
        return last_lines(self.err, 1) or last_lines(self.out, 1) or f"exit code {self.code}"


def last_lines(text: str, count: int) -> str:
    """The last lines of a text that are not blank."""
    return "\n".join([row.strip() for row in text.splitlines() if row.strip()][-count:])


def capture(
    args: Sequence[str],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = 60.0,
) -> Outcome:
    """Run a short program and catch what it writes; it is ended after `seconds`."""
    try:
        done = subprocess.run(
            args,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        return Outcome(NOT_FOUND, "", f"{args[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Outcome(TIMED_OUT, "", f"{args[0]} gave no answer in {seconds:.0f} s")
    return Outcome(done.returncode, done.stdout, done.stderr)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program that was started in a session of its own, and whatever it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return


def patiently(
    where: str,
    doing: str,
    args: Sequence[str],
    log: Path,
    remedy: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    every: float = SIGN_OF_LIFE_SECONDS,
) -> float:
    """Run a long program with its output in `log`, saying every `every` seconds that it still runs.

    Gives the seconds that it took. A failure is a MachineError with the last line of the log and the remedy.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    say(where, f"{doing} …")
    begun = time.monotonic()
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                args,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise MachineError(where, f"{args[0]}: {error.strerror}", remedy) from error
        try:
            while True:
                try:
                    code = process.wait(every)
                    break
                except subprocess.TimeoutExpired:
                    say(where, f"{doing}: {time.monotonic() - begun:.0f} s")
        except BaseException:
            end(process)
            raise
    if code != 0:
        said = last_lines(log.read_text(errors="replace"), 1) or "it wrote nothing"
        raise MachineError(where, f"{doing} ended with code {code}: {said} (all of it: {log})", remedy)
    return time.monotonic() - begun
