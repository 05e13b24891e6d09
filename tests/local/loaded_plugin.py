"""A process that has the stand-in docker plugin loaded, and forks one for each command: `python loaded_plugin.py`.

One line of JSON on its standard input is an order; the answers are the plugin's process number and its port. Its end,
and that of all that it forked, is the end of its standard input.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.offline.docker_plugin import __main__ as plugin  # noqa: E402


def serve() -> None:
    """Take orders; alone in its session, so that a kill of the group hits nobody else."""
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 -- no file is looked at
    assert threads == 1, f"a fork would lose {threads - 1} threads"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while line := sys.stdin.readline():
        if os.fork() == 0:
            become(json.loads(line))
    os.killpg(0, signal.SIGTERM)


def become(order: Mapping[str, Any]) -> NoReturn:
    """Be the plugin that a CLI would have started: its variables, its folder, its messages."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # it waits for builds
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(output, 2)
    print(os.getpid(), flush=True)
    sys.argv[1:] = []
    plugin.main()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    serve()
