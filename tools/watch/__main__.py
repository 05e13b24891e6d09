"""`python -m tools.watch watch STACK`, in the project's folder; PORT and ONCE are variables, as `make` has them."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from tools.operate.deployed import Deployed, deployed
from tools.operate.request import switch
from tools.setup.report import NO_FACADE
from tools.setup.say import MachineError, say
from tools.watch import reports
from tools.watch.figures import FiguresByService
from tools.watch.on_docker import EnvoyFigures
from tools.watch.server import HOST, Latest, served
from tools.watch.snapshot import Snapshot

VERB = "watch"
PORT = 8090
INTERRUPTED = 130
ONCE_SECONDS = 2.0
"""How long requests are counted for ONCE=1, where they have to be."""
OUTPUTS_EVERY = {True: 30.0, False: 5.0}
"""Seconds after which a stack's outputs are read again: on AWS, and on this machine."""


class Source(Protocol):
    """Where figures come from."""

    every: float
    """Seconds between two questions."""

    def figures(self) -> FiguresByService: ...


def source(found: Deployed, folder: Path) -> Source:
    """That of a stack. What asks AWS is loaded where AWS is asked."""
    if found.on_aws:
        from tools.watch.on_aws import CloudWatchFigures

        return CloudWatchFigures(VERB, found)
    return EnvoyFigures(VERB, folder, found.project, found.stack)


class Look:
    """Looks at a stack: at the requests each time, at its outputs now and then."""

    def __init__(self, stack: str, folder: Path) -> None:
        self._stack, self._folder, self._read = stack, folder, time.monotonic()
        self._found = deployed(VERB, stack, folder)
        if not self._found.url:
            raise MachineError(VERB, f"STACK={stack}: {NO_FACADE}", f"run `make status STACK={stack}`")
        self.source = source(self._found, folder)

    def snapshot(self) -> Snapshot:
        if time.monotonic() - self._read > OUTPUTS_EVERY[self._found.on_aws]:
            self._found, self._read = deployed(VERB, self._stack, self._folder), time.monotonic()
        return snapshot(self._found, self.source, self._folder)

    def data(self) -> Mapping[str, Any]:
        return self.snapshot().data()


def snapshot(found: Deployed, source: Source, folder: Path) -> Snapshot:
    own = reports.folder(folder, found.stack)
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Snapshot(found, source.figures(), reports.comparisons(own), reports.steps(own), at)


def run(stack: str, variables: Mapping[str, str], folder: Path, wait: Callable[[float], None] = time.sleep) -> int:
    """Serves the page until Ctrl-C, or prints what it would show; the exit code."""
    port, once = _port(variables.get("PORT", "")), switch(VERB, "ONCE", variables)
    look = Look(stack, folder)
    if once:
        if look.snapshot().found.on_aws is False:
            wait(ONCE_SECONDS)
        print(look.snapshot().text())
        return 0
    latest = Latest(look.data, look.source.every)
    latest.start()
    with served(VERB, port, latest.state) as server:
        say(VERB, f"http://{HOST}:{server.server_address[1]}/ shows {stack}; Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
        finally:
            latest.end()
    return 0


def _port(text: str) -> int:
    given = text.strip() or str(PORT)
    if not given.isascii() or not given.isdigit() or int(given) > 65535:
        raise MachineError(VERB, f"PORT={text}", "give a number from 0 to 65535; 0 takes a free one")
    return int(given)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0] != VERB:
        print("usage: python -m tools.watch watch STACK", file=sys.stderr)
        return 2
    try:
        return run(arguments[1], os.environ, Path.cwd())
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
