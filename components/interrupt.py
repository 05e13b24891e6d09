"""How the program ends when it is interrupted, or can't do what it is asked: without a traceback.

The engine has it interrupted twice: as soon as a user cancels an update, while operations that have begun go on, and
when it is done with the program, be it after a failed update. Python's own answer is a KeyboardInterrupt, whose
traceback the engine shows above the error that matters.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import pulumi

SHOWN = 32
"""The exit code that tells the language host that the user has been told all there is: it adds nothing then
(`pulumi-language-python-exec` in Pulumi's repository)."""


class Interrupt:
    """The interrupt of this process. Of what is in hand then, the engine still waits for the answer."""

    def __init__(self) -> None:
        self._happened = threading.Event()
        self._in_hand = 0

    def happened(self) -> bool:
        """Whether it has come; any thread may ask."""
        return self._happened.is_set()

    def ends_the_program(self) -> None:
        """From now on. To be called where the program's event loop runs, which its main thread does."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._come)

    @contextmanager
    def held_back(self) -> Generator[None]:
        """Let this be finished. The host kills a program 5 seconds after its first interrupt: it has to be quick."""
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    def _come(self) -> None:
        self._happened.set()
        # The engine interrupts once more when it has the answer.
        if not self._in_hand:
            sys.stdout.flush()
            sys.stderr.flush()
            # Not sys.exit, which would wait for threads: what they wait for is of no interest any more.
            os._exit(SHOWN)


INTERRUPT = Interrupt()
"""A process has one."""


def refuse(text: str) -> NoReturn:
    """End the program with an error, and nothing behind it."""
    pulumi.log.error(text)
    sys.exit(SHOWN)
