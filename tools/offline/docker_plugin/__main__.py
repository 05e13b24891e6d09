"""`python -m tools.offline.docker_plugin <engine address>`: print the port, then serve until told to end."""

import os
import queue
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Final

import grpc

from tools.offline import protocol

if __name__ == "__main__":
    protocol.without_sdk()

from tools.offline.docker_plugin import wire
from tools.offline.docker_plugin.server import Provider

_WORKERS: Final = 64
"""Requests at a time: the engine sends as many as `--parallel` says, 4 for each processor by default."""

_DRAIN_SECONDS: Final = 15
"""How long requests in hand may take to end after a cancellation."""


def main() -> None:
    """Serve; ends on SIGINT and SIGTERM, when the engine cancels, and when the engine is gone (it was killed)."""
    engine_address = sys.argv[1] if len(sys.argv) > 1 else None
    parent = os.getppid()
    provider = Provider(engine_address)
    server = grpc.server(ThreadPoolExecutor(_WORKERS), options=wire.OPTIONS)
    wire.add_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")

    def stop(_number: int, _frame: FrameType | None) -> None:
        provider.stops.put(None)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    server.start()
    print(port, flush=True)
    while not _stopped(provider.stops):
        if engine_address is not None and os.getppid() != parent:
            break
    provider.cancel()
    server.stop(_DRAIN_SECONDS).wait()
    provider.close()


def _stopped(stops: queue.SimpleQueue[None]) -> bool:
    """Whether word of an end comes within a second."""
    try:
        stops.get(timeout=1)
    except queue.Empty:
        return False
    return True


if __name__ == "__main__":
    main()
