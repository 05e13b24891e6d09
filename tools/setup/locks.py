"""One at a time: a lock on a file that goes with the process that holds it."""

import contextlib
import fcntl
import os
from collections.abc import Generator
from pathlib import Path

from tools.setup.say import say


@contextlib.contextmanager
def held(path: Path, what: str) -> Generator[None]:
    """Hold the lock of a file, saying that one waits if another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(number, 32, 0).decode(errors="replace").strip()
            say(what, f"process {holder or '(unknown)'} is doing this already: waiting for it to end …")
            fcntl.flock(number, fcntl.LOCK_EX)
        os.truncate(number, 0)
        os.pwrite(number, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(number)
