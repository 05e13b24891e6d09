"""The stand-in docker plugin for a command, forked from a process that has its packages loaded: half a second of a
processor less than the CLI's own start of it. The CLI finds it by PULUMI_DEBUG_PROVIDERS, and tells it where the engine
is (sdk/go/common/resource/plugin/provider_plugin.go). A board as a user has it, and what is killed, goes without."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from functools import cache
from pathlib import Path

PLUGIN = "PULUMI_DEBUG_PROVIDERS"
"""The variable that leads the CLI to such a plugin."""

_lock = threading.Lock()


@cache
def _loaded() -> "subprocess.Popen[str]":
    command = [sys.executable, str(Path(__file__).with_name("loaded_plugin.py"))]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, start_new_session=True
    )
    assert process.stdin
    atexit.register(process.stdin.close)
    return process


@contextlib.contextmanager
def docker_plugin(environment: Mapping[str, str], folder: Path, log: Path) -> Generator[dict[str, str]]:
    """A plugin for one command in this folder, and the variable for it. log: what it says on its standard error."""
    process = _loaded()
    assert process.stdin
    assert process.stdout
    with _lock:
        order = {"environment": dict(environment), "folder": str(folder), "log": str(log)}
        process.stdin.write(f"{json.dumps(order)}\n")
        number, port = int(process.stdout.readline()), int(process.stdout.readline())
    try:
        yield {PLUGIN: f"docker:{port}"}
    finally:
        with contextlib.suppress(ProcessLookupError):  # the engine may have ended it
            os.kill(number, signal.SIGTERM)
