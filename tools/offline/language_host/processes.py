"""The processes of programs and plugins: how they are started, interrupted, and ended."""

import subprocess
import threading
from collections.abc import Mapping, Sequence
from signal import SIGINT
from typing import Protocol

PATIENCE = 5.0
"""Seconds that a program has after an interrupt until it is killed, as in Pulumi's own host (`cmd.WaitDelay`)."""


class Running(Protocol):
    """A program that runs."""

    def interrupt(self) -> None:
        """Ask it to end, and see to it that it does."""
        ...

    def wait(self) -> int:
        """Its exit code; -1 if a signal ended it, which is how Go tells that."""
        ...


class Process:
    """A program that runs, with the host's own output, in the host's own group of processes.

    The CLI interrupts that whole group when it is done with the host, so that a program gets an interrupt from there
    as well as from the host, as it does with Pulumi's own.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL)
        self._timer: threading.Timer | None = None

    def interrupt(self) -> None:
        """Ask it to end, and see to it that it does."""
        if self._process.poll() is None and self._timer is None:
            self._process.send_signal(SIGINT)
            self._timer = threading.Timer(PATIENCE, self._process.kill)
            self._timer.daemon = True
            self._timer.start()

    def wait(self) -> int:
        """Its exit code; -1 if a signal ended it, which is how Go tells that."""
        code = self._process.wait()
        if self._timer:
            self._timer.cancel()
        return max(code, -1)
