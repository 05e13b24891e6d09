"""What a resource gets for one request: the engine, a voice, and word of a cancellation."""

import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from tools.offline.docker_plugin.docker_engine import Docker
from tools.offline.docker_plugin.errors import PluginError
from tools.offline.docker_plugin.schema import Fields, Problem
from tools.offline.docker_plugin.values import Values


class Cancellation:
    """Whether the run was cancelled; ends the child processes that are under way then."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._children: set[subprocess.Popen[str]] = set()

    def cancel(self) -> None:
        """Cancel everything under way, and what comes later."""
        self._event.set()
        with self._lock:
            for child in self._children:
                child.terminate()

    def check(self) -> None:
        """Raise `PluginError` if the run was cancelled."""
        if self._event.is_set():
            raise PluginError("cancelled")

    def pause(self, seconds: float) -> None:
        """Sleep; raise `PluginError` at once when the run is cancelled."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def child(self, process: subprocess.Popen[str]) -> Generator[None]:
        """End `process` when the run is cancelled within this block."""
        with self._lock:
            self._children.add(process)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._children.discard(process)


@dataclass(frozen=True)
class Job:
    """One request. `tell` shows a passing line beside the resource in Pulumi's display, `warn` a lasting one."""

    docker: Docker
    cancellation: Cancellation
    awaited: Callable[[], bool]
    """Whether the engine still waits for the answer; it doesn't once it was killed."""
    tell: Callable[[str], None]
    warn: Callable[[str], None]

    def check(self) -> None:
        """Raise `PluginError` if the run was cancelled or its engine killed: the real plugin's calls of Docker end with
        the request, and what it would have done next, a rerun's plugin may be doing by then."""
        self.cancellation.check()
        if not self.awaited():
            raise PluginError("the engine is gone")


class Resource(Protocol):
    """A resource type. `inputs` are checked and have their defaults; `outputs` are what the state keeps."""

    fields: Fields
    named: bool
    """Whether it has a `name`, which is generated when left out."""
    deletes_first: bool
    """Whether a replacement deletes the old object first, unless the program says otherwise."""

    def check(self, inputs: Values) -> tuple[Values, list[Problem]]:
        """`inputs` with what is derived from them, and what is wrong beyond their types."""
        ...

    def planned(self, inputs: Values, outputs: Values) -> Values:
        """The outputs to expect in a preview: of a creation if `outputs` is empty, else of an update."""
        ...

    def create(self, job: Job, inputs: Values) -> tuple[str, Values]:
        """Make the object: its id and outputs."""
        ...

    def read(self, job: Job, object_id: str, outputs: Values) -> Values | None:
        """The outputs now, or None when the object is gone."""
        ...

    def update(self, job: Job, object_id: str, outputs: Values, old: Values, new: Values) -> Values:
        """Change the object from the inputs `old` to `new`: its outputs."""
        ...

    def delete(self, job: Job, object_id: str, outputs: Values) -> None:
        """Remove the object."""
        ...


def eventually(job: Job, action: Callable[[], None], busy: str, seconds: float = 30) -> None:
    """Do `action`, again for up to `seconds` while it fails with `busy` in the message, as the real plugin does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except PluginError as error:
            if busy not in str(error) or time.monotonic() > deadline:
                raise
        job.cancellation.pause(0.2)
