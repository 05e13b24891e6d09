# ruff: noqa: ARG002, N802 -- the methods' names and parameters are gRPC's.
"""A Python language host for the Pulumi engine, for machines that have the CLI without its language hosts.

Run as `pulumi-language-python` by the CLI, with the project's own Python: it prints the port of a gRPC server, runs the
program when the engine asks for it, and goes away with the CLI. It behaves as the host of an official install does,
but for one thing: after a `pulumi.RunError` the engine adds nothing to that error's message.
"""

import asyncio
import contextlib
import contextvars
import json
import logging
import os
import queue
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from types import FrameType, TracebackType

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi import RunError, log
from pulumi.runtime import reset_options, run_in_stack, set_all_config
from pulumi.runtime.proto import language_pb2, plugin_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeServicer, add_LanguageRuntimeServicer_to_server

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes in one message, as in the engine's own servers; gRPC's default of 4 MB is too little for a big stack."""
PARENT_SECONDS = 0.5
"""How often to look whether the CLI is still there: one that was killed cannot say that it goes."""
INSTALL = b"The project's own set-up installs what the program needs: make setup\n"


class Host(LanguageRuntimeServicer):
    """What the engine asks of a language host; it runs one program at a time."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._running = threading.Lock()

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        self._engine_address = request.engine_address or self._engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """None: each provider is found when its first resource is registered."""
        return language_pb2.GetRequiredPackagesResponse()

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        found = sorted({(each.name, each.version) for each in metadata.distributions()})
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in found]
        )

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        yield language_pb2.InstallDependenciesResponse(stdout=INSTALL)

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        return language_pb2.RuntimeOptionsResponse()

    def Template(
        self, request: language_pb2.TemplateRequest, context: grpc.ServicerContext
    ) -> language_pb2.TemplateResponse:
        return language_pb2.TemplateResponse()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        with self._running:
            return contextvars.copy_context().run(run, request, self._engine_address)


def run(request: language_pb2.RunRequest, engine_address: str) -> language_pb2.RunResponse:
    """Run the program once, as `python __main__.py` in the program's folder would, and say how it ended."""
    # Half of a graph that failed is never awaited; asyncio's complaints of that would hide the error itself.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    folder = Path(request.info.program_directory or request.pwd)
    reset_options(
        project=request.project,
        stack=request.stack,
        root_directory=request.info.root_directory,
        parallel=request.parallel,
        engine_address=engine_address,
        monitor_address=request.monitor_address,
        preview=request.dryRun,
        organization=request.organization or "organization",
    )
    set_all_config(dict(request.config), list(request.configSecretKeys))
    os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
    os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
    os.chdir(folder)
    entry = folder / (request.info.entry_point or ".")
    main = entry / "__main__.py" if entry.is_dir() else entry
    if not main.is_file():
        log.error(f"unable to find main python program `__main__.py` in `{entry}`")
        return language_pb2.RunResponse(bail=True)
    forget(folder)
    sys.path.insert(0, str(main.parent))
    sys.argv = [str(entry), *request.args]
    try:
        return run_loop(main, request.parallel)
    finally:
        sys.path.remove(str(main.parent))
        sys.stdout.flush()
        sys.stderr.flush()


def forget(folder: Path) -> None:
    """Forget the program's own modules, so that the next run reads them anew, as in a process of its own."""
    for name, module in list(sys.modules.items()):
        source = getattr(module, "__file__", None)
        own = source is not None and Path(source).is_relative_to(folder) and "site-packages" not in source
        if own and name != "__main__":
            del sys.modules[name]


def run_loop(main: Path, parallel: int) -> language_pb2.RunResponse:
    """Run the program in an event loop of its own; its errors are told to the engine, each once."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=max(parallel, 1) * 4))

    def program() -> None:
        runpy.run_path(str(main), run_name="__main__")

    try:
        loop.run_until_complete(run_in_stack(program))
    except RunError as error:
        log.error(str(error))
        return language_pb2.RunResponse(bail=True)
    except grpc.RpcError as error:
        if is_gone(error):
            return language_pb2.RunResponse()
        log.error(unhandled(error, main))
        return language_pb2.RunResponse(bail=True)
    except SystemExit as error:
        return exited(error.code)
    except Exception as error:
        log.error(unhandled(error, main))
        return language_pb2.RunResponse(bail=True)
    finally:
        close(loop)
    return language_pb2.RunResponse()


def is_gone(error: grpc.RpcError) -> bool:
    """Whether the engine has shut down already: then it has said why, and this error says nothing new."""
    return isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.UNAVAILABLE


def exited(code: str | int | None) -> language_pb2.RunResponse:
    """What `sys.exit` in a program means: nothing or 0 is an end like any other, a text is an error's message."""
    if code is None or code == 0:
        return language_pb2.RunResponse()
    if isinstance(code, str):
        print(code, file=sys.stderr)
    return language_pb2.RunResponse(
        error=f"Program exited with non-zero exit code: {1 if isinstance(code, str) else code}"
    )


def unhandled(error: BaseException, main: Path) -> str:
    """The message of an error that the program did not handle, with the frames from the program on."""
    frame: TracebackType | None = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != str(main):
        frame = frame.tb_next
    text = traceback.format_exception(type(error), error, frame or error.__traceback__)
    return "Program failed with an unhandled exception:\n" + "".join(text)


def close(loop: asyncio.AbstractEventLoop) -> None:
    """End what the program left running in its loop."""
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    with contextlib.suppress(Exception):
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.close()
    asyncio.set_event_loop(None)


def serve(engine_address: str) -> None:
    """Serve until a signal comes or the CLI is gone."""
    parent = os.getppid()
    # Its put is the only one that a signal handler may call while the main thread waits in it: an Event's lock is held.
    stops = queue.SimpleQueue[None]()

    def go(_number: int, _frame: FrameType | None) -> None:
        stops.put(None)

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, go)
    server = grpc.server(
        ThreadPoolExecutor(max_workers=8),
        options=[("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)],
    )
    add_LanguageRuntimeServicer_to_server(Host(engine_address), server)  # pyright: ignore[reportUnknownMemberType]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while os.getppid() == parent:
        with contextlib.suppress(queue.Empty):
            stops.get(timeout=PARENT_SECONDS)
            break
    server.stop(None)
    # A program that hangs, or a thread of it, must not keep the process: nothing is left to be done for it.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def main() -> None:
    """The engine's address is the last argument, as for every language host."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    serve(addresses[-1] if addresses else "")


if __name__ == "__main__":
    main()
