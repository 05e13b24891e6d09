"""The running broker: what it is given to hold, and what it says of that."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components.local.docker_engine import Engine
from components.local.waiting import wait_until

WANTED, IN_USE = "/etc/broker/topology.json", "/tmp/in-use.json"
"""Files in its container: what it is to hold, and what it holds (image/server.py)."""
PROGRAM = "/srv/server.py"
"""Its program."""

PATIENCE = 30
"""Seconds that it is given to start and to take what is written to its file."""


class BrokerError(Exception):
    """The broker doesn't run, or doesn't take what it is given. Its text is one line, and the end of its log."""


@dataclass(frozen=True)
class Broker:
    """The broker, in a container."""

    engine: Engine
    """Where the container is."""
    container: str
    """Its name."""

    def keep_running(self) -> None:
        """Starts it if it was stopped: what it held is lost then, but for what its file names."""
        found = self.engine.container(self.container)
        if found is None:
            raise BrokerError(f"container {self.container} is gone; run pulumi up --refresh")
        if not found.running and not found.restarting:
            self.engine.start(self.container)

    def join(self, networks: frozenset[str], home: str) -> None:
        """Sees that it is in these networks and its home, and in no others."""
        found = self.engine.container(self.container)
        there = found.networks if found else frozenset[str]()
        for network in sorted(networks - there):
            self.engine.join(self.container, network)
        for network in sorted(there - networks - {home}):
            self.engine.leave(self.container, network)

    def give(self, topology: Mapping[str, object]) -> None:
        """Writes what it is to hold."""
        self.engine.write(self.container, WANTED, json.dumps(topology, sort_keys=True).encode())

    def await_topology(self, topology: Mapping[str, object], is_interrupted: Callable[[], bool]) -> None:
        """Waits until it holds this."""
        wanted, last = json.dumps(topology, sort_keys=True), ""

        def holds() -> bool:
            nonlocal last
            last = (self.engine.read(self.container, IN_USE) or b"").decode(errors="replace")
            return last == wanted or bool(_failure(last, wanted)) or is_interrupted()

        wait_until(holds, seconds=PATIENCE)
        if last == wanted:
            return
        why = _failure(last, wanted) or f"they didn't appear within {PATIENCE} s"
        tail = self.engine.log_tail(self.container)
        log = f"\nthe last lines of its log:\n{tail}" if tail else ""
        raise BrokerError(f"container {self.container} doesn't hold the topics and queues of this stack: {why}{log}")


def _failure(answer: str, wanted: str) -> str:
    """What the broker says of a try to hold this; empty if it says nothing of it."""
    found: dict[str, object] = json.loads(answer) if answer else {}
    return str(found["error"]) if "error" in found and found.get("wanted") == wanted else ""
