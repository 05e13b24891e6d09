"""A process that has Pulumi's packages loaded, and forks for each program that is to run: `python loaded.py SOCKET`.

One line of JSON on a connection is an order; the answer is the program's process number, and at its end the exit code.
The process is gone, and its socket with the folder around it, as soon as its standard input is closed.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, get_args

import pulumi
from pulumi import _types  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime import resource, stack
from pulumi.runtime.proto import source_pb2

ROOT = str(Path(__file__).resolve().parents[2])


def load() -> Any:
    """Load what programs need: the repository's components, and Pulumi's packages. Pulumi's `run` for programs."""
    sys.path[0] = ROOT
    for name in ("alb", "api_gateway", "refactor_spaces"):
        importlib.import_module(f"components.aws.facades.{name}")
    for name in ("program", "aws.platform", "aws.checks", "aws.look_ups", "local.platform"):
        importlib.import_module(f"components.{name}")
    for name in ("experimental", "_channel"):  # which gRPC imports with the first channel
        importlib.import_module(f"grpc.{name}")
    # Refactor Spaces alone has the first one.
    others = ("pulumi_aws_native.refactorspaces", "pulumi_awsx.ec2", "pulumi_docker", "pulumi_aws.ecr", "pulumi_aws")
    *_, aws = whole = [importlib.import_module(name) for name in others]
    learn(classes(aws, importlib.import_module("tools.standin.catalog").KINDS))
    learn([one for package in whole for one in vars(package).values() if isinstance(one, type)])
    learn([stack.Stack, *pulumi.ComponentResource.__subclasses__()])
    run = importlib.import_module("tools.offline.language_host.program").run
    stack.asyncio = importlib.import_module("tests.outputs_at_once").ASYNCIO  # pyright: ignore[reportPrivateImportUsage]
    forget("tools", "tests")
    # The engine drops these without `--debug`; a call for each of them is a sixth of a program's time.
    pulumi.log.debug = silent
    # Where in the program each resource was made stands in the state (`sourcePosition`), at which no test looks.
    resource._get_stack_trace = source_pb2.StackTrace  # pyright: ignore[reportPrivateUsage]
    _types.unwrap_type = functools.cache(_types.unwrap_type)  # which is asked for each value that a program sends
    del sys.path[0]
    importlib.invalidate_caches()
    # No program lives long enough to need its garbage collector, which would walk through the packages, and copy them.
    gc.freeze()
    gc.disable()
    return run


def classes(aws: Any, tokens: Iterable[str]) -> Iterator[object]:
    """The resources of pulumi-aws that programs may make, and their arguments."""
    for token in tokens:
        package = getattr(aws, token.split(":")[1].partition("/")[0].replace("lambda", "lambda_"), None)
        for name in (token.rpartition(":")[2], f"{token.rpartition(':')[2]}Args"):
            if hasattr(package, name):
                yield getattr(package, name)


def learn(kinds: Iterable[object]) -> None:
    """Find the types of these classes' properties, and of theirs: Pulumi keeps what it has found (`_types.py`), and a
    program would find it anew."""
    left, seen = [*kinds], set[object]()
    while left:
        kind = left.pop()
        if not isinstance(kind, type):
            left += get_args(kind)
        elif kind not in seen:
            seen.add(kind)
            known = _types.is_input_type(kind) or _types.is_output_type(kind) or issubclass(kind, pulumi.Resource)
            left += _types._types_from_py_properties(kind).values() if known else ()  # pyright: ignore[reportPrivateUsage]


def forget(*packages: str) -> None:
    """Let these packages be read anew, from where the program says."""
    for name in list(sys.modules):
        if name.partition(".")[0] in packages:
            del sys.modules[name]


def silent(*_arguments: object, **_named: object) -> None:
    """A message that nobody reads."""


def serve(path: str) -> NoReturn:
    """Take orders until the standard input is closed."""
    run = load()
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 -- no file is looked at
    assert threads == 1, f"a fork would lose {threads - 1} threads"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's: pytest's end is this one's
    running = dict[int, Running]()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in (ready := select.select([listener, sys.stdin, *running], [], [])[0]):
            for one in ready:
                if isinstance(one, int):
                    running.pop(one).ended()
                    os.close(one)
                else:
                    started = start(listener, running, run)
                    running[os.pidfd_open(started.number)] = started
    Path(path).unlink()
    Path(path).parent.rmdir()
    os._exit(0)


@dataclass(frozen=True)
class Running:
    """A program, and who asked for it."""

    number: int
    connection: socket.socket

    def ended(self) -> None:
        """Tell how."""
        _, status = os.waitpid(self.number, 0)
        with self.connection, contextlib.suppress(BrokenPipeError):  # who asked may be gone
            self.connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def start(listener: socket.socket, running: Mapping[int, Running], run: Any) -> Running:
    """Run the program that somebody orders. There is one fork for it: each copies the page tables of all that is
    loaded, and takes them down again, a hundredth of a second."""
    connection, _ = listener.accept()
    with connection.makefile() as lines:
        order = json.loads(lines.readline())
    number = os.fork()
    if number == 0:
        for one in (listener, connection, *(other.connection for other in running.values())):
            one.close()
        for descriptor in running:
            os.close(descriptor)
        become(order, run)
    connection.sendall(f"{number}\n".encode())
    return Running(number, connection)


def become(order: Mapping[str, Any], run: Any) -> NoReturn:
    """Be the program: its variables, its folder, its output; and its end, as the interpreter would end it."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    if Path("components").resolve() != Path(ROOT, "components"):
        forget("components")  # the program has its own
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        code = run(order["words"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        traceback.print_exc()
        sys.stderr.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
