# ruff: noqa: N802 -- the methods' names are gRPC's.
"""A stack whose programs start at once: its language host is in this process, and has Pulumi's packages loaded.

Half of an `up` against the stand-ins was the start of Python and of Pulumi's packages. What the engine sees of a
program is the same: a process of its own, run by the code of tools/offline/language_host. The CLI finds this host by
PULUMI_DEBUG_LANGUAGES (sdk/go/common/resource/plugin/langruntime_plugin.go). An `up` that is killed, the states that
were recorded, the example's production stack and all of tests/local go by the machine's own host; test_warm.py
compares the two.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import add_LanguageRuntimeServicer_to_server

from tests.repository import ROOT
from tools.offline.language_host.processes import PATIENCE, Process
from tools.offline.language_host.server import Host
from tools.standin.engine import EngineStack

OWN = ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "VIRTUAL_ENV", "PATH")
"""The variables that the host gives to a program besides those of the CLI."""


WARM = "PULUMI_DEBUG_LANGUAGES"
"""The variable that leads the CLI to such a host."""


class Loaded:
    """One process with the packages loaded."""

    def __init__(self) -> None:
        self.path = f"{tempfile.mkdtemp(prefix='loaded-')}/socket"
        command = [sys.executable, str(Path(__file__).with_name("loaded.py")), self.path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin
        atexit.register(self._process.stdin.close)
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"


@cache
def loaded() -> itertools.cycle[Loaded]:
    """Two of them in turn: each has a seed of its own for the order of sets, and what depends on that order shows."""
    return itertools.cycle([Loaded(), Loaded()])


_lock = threading.Lock()


class Forked:
    """A running program, as `Process` is one."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        with _lock:
            source = next(loaded())
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(source.path)
        self._connection.sendall(f"{json.dumps(order)}\n".encode())
        self._lines = self._connection.makefile()
        self._number = int(self._lines.readline())
        self._timer: threading.Timer | None = None
        self._code: int | None = None

    def interrupt(self) -> None:
        if self._timer is None and self._code is None:
            self._kill(signal.SIGINT)
            self._timer = threading.Timer(PATIENCE, self._kill, (signal.SIGKILL,))
            self._timer.daemon = True
            self._timer.start()

    def _kill(self, sign: signal.Signals) -> None:
        if self._code is None:
            os.kill(self._number, sign)

    def wait(self) -> int:
        self._code = int(self._lines.readline())
        if self._timer:
            self._timer.cancel()
        self._connection.close()
        return max(self._code, -1)


_packages: dict[str, language_pb2.GetRequiredPackagesResponse] = {}
"""What a virtual environment has, by its folder."""


class WarmHost(Host):
    """The language host of one stack, whose CLIs come one after the other."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        super().__init__("", self._fork)
        self._environment, self._folder = environment, folder

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        self._cancelled = False  # that was another CLI
        return super().Handshake(request, context)

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        place = str(Path(request.info.root_directory, ".venv").resolve())
        if place not in _packages:
            _packages[place] = super().GetRequiredPackages(request, context)
        return _packages[place]

    def _fork(self, command: Sequence[str], environment: Mapping[str, str]) -> Forked | Process:
        whole = {**self._environment, **{name: environment[name] for name in OWN if name in environment}}
        python, _isolated, _program, *words = command
        if Path(python).parents[1].resolve() != Path(sys.prefix).resolve():
            return Process(command, whole)  # its packages may be others
        log = str(self._folder.parent / "program.log")
        return Forked({"words": words, "environment": whole, "folder": str(self._folder), "log": log})


def give_warm_host(environment: dict[str, str], program: Path) -> grpc.Server:
    """Serve a program folder's stack, and lead the CLIs with this environment there. To be stopped."""
    server: grpc.Server = grpc.server(ThreadPoolExecutor(max_workers=8))
    host = WarmHost(environment, program)
    add_LanguageRuntimeServicer_to_server(host, server)  # pyright: ignore[reportUnknownMemberType]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    environment[WARM] = f"python:{port}"
    return server


class WarmStack(EngineStack):
    """An `EngineStack` with that language host."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._languages = give_warm_host(self.environment, self.program)

    def _place(self, program: Path | str, *without: str) -> None:
        """The repository's own components are not copied: the host has them loaded."""
        name, own = "components", ROOT / "components"
        loaded = isinstance(program, Path) and (program / name).resolve() == own
        super()._place(program, *without, *([name] if loaded else []))
        if loaded:
            (self.program / name).symlink_to(own)

    def close(self) -> None:
        self._languages.stop(grace=None).wait()
        super().close()
