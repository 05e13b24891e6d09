# ruff: noqa: ARG002, N802 -- the methods' names and parameters are gRPC's.
"""What the engine asks of a language host, answered as Pulumi's own (v3.250.0, sdk/python/cmd) answers it."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import IO, cast

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import language_pb2, plugin_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeServicer, add_LanguageRuntimeServicer_to_server

from tools.offline.language_host.processes import PATIENCE, Process, Running
from tools.offline.language_host.program import SHOWN
from tools.offline.language_host.toolchain import Package, Toolchain, ToolchainError, normalized, required, resolve

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes in one message, as in the engine's own servers; gRPC's default of 4 MB is too little for a big stack."""
PARENT_SECONDS = 0.5
"""How often to look whether the CLI is still there: one that was killed cannot say that it goes."""
PROGRAM = Path(__file__).with_name("program.py")
ABOUT = "import pip, sys; print(sys.executable, sys.version.split()[0], pip.__version__, sep='\\n')"
"""Prints what `python --version` and `pip --version` do, which the CLI asks for before each command: `pip` alone would
take a third of a second."""
INSTALL = b"The project's own set-up installs what the program needs: make setup\n"

Start = Callable[[Sequence[str], Mapping[str, str]], Running]
"""Starts a program: its command line and its variables."""

Text = language_pb2.RuntimeOptionPrompt.RuntimeOptionValue
STRING = language_pb2.RuntimeOptionPrompt.STRING


class Host(LanguageRuntimeServicer):
    """A host that runs each program in a process of its own. What it has no method for is answered as unimplemented."""

    def __init__(self, engine_address: str, start: Start = Process) -> None:
        self._engine_address, self._start = engine_address, start
        self._lock = threading.Lock()
        self._running = set[Running]()
        self._cancelled = False

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        self._engine_address = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=f"v{metadata.version('pulumi')}")

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        with _with_message(context):
            toolchain = _toolchain(request.info)
            toolchain.check()
            packages = [_dependency(package) for package in required(toolchain)]
        return language_pb2.GetRequiredPackagesResponse(packages=packages)

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        with _with_message(context):
            # Without a project it is the Python on PATH.
            toolchain = _toolchain(request.info) if request.HasField("info") else Toolchain("Pip", "", "")
            executable, version, pip = toolchain.ask("-c", ABOUT).splitlines()
        metadata = {"toolchain": toolchain.name, "toolchainVersion": _semver(pip), "typechecker": "None"}
        return language_pb2.AboutResponse(executable=executable, version=version, metadata=metadata)

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        with _with_message(context):
            extra = [] if request.transitiveDependencies else ["--not-required"]
            text = _toolchain(request.info).ask("-m", "pip", "list", "--format", "json", *extra)
        found = [
            language_pb2.DependencyInfo(name=normalized(package["name"]), version=package["version"])
            for package in cast("list[dict[str, str]]", json.loads(text))
        ]
        return language_pb2.GetProgramDependenciesResponse(dependencies=found)

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        if not request.is_plugin:
            yield language_pb2.InstallDependenciesResponse(stdout=INSTALL)
            return
        with _with_message(context):
            _toolchain(request.info, is_plugin=True).install(request.info.program_directory)

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        options = _options(request.info)
        prompts: list[language_pb2.RuntimeOptionPrompt] = []
        if "toolchain" not in options:
            about = "The toolchain to use for installing dependencies and running the program"
            others = sorted(("poetry", "uv"), key=lambda name: shutil.which(name) is None)
            choices = [_choice("pip", "pip"), *(_found(name) for name in others)]
            prompts = [_prompt("toolchain", about, choices)]
        elif options["toolchain"] == "pip" and "virtualenv" not in options:
            prompts = [_prompt("virtualenv", "The virtualenv to use", [_choice("venv", "")])]
        return language_pb2.RuntimeOptionsResponse(prompts=prompts)

    def Template(
        self, request: language_pb2.TemplateRequest, context: grpc.ServicerContext
    ) -> language_pb2.TemplateResponse:
        with _with_message(context):
            _toolchain(request.info)
        return language_pb2.TemplateResponse()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        self.interrupt()
        return Empty()

    def interrupt(self) -> bool:
        """Interrupt what runs, and run nothing more; whether anything runs."""
        with self._lock:
            self._cancelled = True
            running = list(self._running)
        for process in running:
            process.interrupt()
        return bool(running)

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        with _with_message(context):
            if not self._engine_address:
                raise ToolchainError("when debugging or running explicitly, must call Handshake before Run")
            toolchain = _toolchain(request.info)
            toolchain.check()
            command = [toolchain.python(), "-P", str(PROGRAM), *self._arguments(request)]
            code = self._run(command, {**toolchain.environment(), **_config(request)}, context)
        if code is None:
            return language_pb2.RunResponse(
                error="problem executing program (could not run language executor): context canceled"
            )
        if code == SHOWN:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}" if code else "")

    def _run(self, command: Sequence[str], environment: dict[str, str], context: grpc.ServicerContext) -> int | None:
        """The exit code of a program that is interrupted when its engine goes or cancels; None if it has already."""
        with self._lock:
            if self._cancelled:
                return None
            process = self._start(command, environment)
            self._running.add(process)
        # False: the engine has gone meanwhile, and nobody calls it any more.
        if not context.add_callback(process.interrupt):
            process.interrupt()
        code = process.wait()
        with self._lock:
            self._running.discard(process)
        return code

    def _arguments(self, request: language_pb2.RunRequest) -> list[str]:
        named = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        given = [word for name, value in named.items() if value for word in (f"--{name}", value)]
        return [*given, request.info.entry_point, *request.args]

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """A folder with a `__main__.py`, or a package that exports components, as a plugin."""
        with _with_message(context):
            if request.kind == "analyzer":
                raise ToolchainError("policy packs: not supported by the language host in tools/offline")
            toolchain = _toolchain(request.info, is_plugin=True)
            command = [toolchain.python(), *_plugin(request, toolchain), *request.args]
            environment = {**toolchain.environment(), **dict(entry.split("=", 1) for entry in request.env)}
            process = subprocess.Popen(
                command,
                cwd=request.pwd or None,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        context.add_callback(process.kill)
        yield from _output(process)
        if code := max(process.wait(), -1):
            yield language_pb2.RunPluginResponse(exitcode=code)


@contextlib.contextmanager
def _with_message(context: grpc.ServicerContext) -> Generator[None]:
    """Answer with the error: Go's gRPC gives every plain error this code."""
    try:
        yield
    except (ToolchainError, OSError) as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _options(info: language_pb2.ProgramInfo) -> dict[str, object]:
    return cast("dict[str, object]", MessageToDict(info.options))


def _toolchain(info: language_pb2.ProgramInfo, is_plugin: bool = False) -> Toolchain:
    return resolve(info.root_directory, info.program_directory, _options(info), is_plugin)


def _dependency(package: Package) -> plugin_pb2.PackageDependency:
    found = plugin_pb2.PackageDependency(
        name=package.name, version=package.version, kind="resource", server=package.server
    )
    if package.parameterization:
        name, version, value = package.parameterization
        found.parameterization.CopyFrom(plugin_pb2.PackageParameterization(name=name, version=version, value=value))
    return found


def _config(request: language_pb2.RunRequest) -> dict[str, str]:
    """The variables from which the SDK reads the config, in Go's JSON; without config the first isn't set."""
    config = {"PULUMI_CONFIG": _go_json(dict(request.config))} if request.config else {}
    return {**config, "PULUMI_CONFIG_SECRET_KEYS": _go_json(list(request.configSecretKeys))}


def _go_json(value: dict[str, str] | list[str]) -> str:
    """As `json.Marshal` writes it: keys sorted, nothing between the parts, HTML's characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _semver(version: str) -> str:
    return ".".join([*version.split("."), "0", "0"][: max(3, version.count(".") + 1)])


def _prompt(key: str, about: str, choices: list[Text]) -> language_pb2.RuntimeOptionPrompt:
    default = choices[0]
    return language_pb2.RuntimeOptionPrompt(
        key=key, description=about, promptType=STRING, choices=choices, default=default
    )


def _choice(value: str, shown: str) -> Text:
    return Text(promptType=STRING, stringValue=value, displayName=shown)


def _found(name: str) -> Text:
    return _choice(name, name if shutil.which(name) else f"{name} [not found]")


def _plugin(request: language_pb2.RunPluginRequest, toolchain: Toolchain) -> list[str]:
    """What Python runs for a plugin: its folder, or `pulumi.run.plugin` with its package, if its SDK has that."""
    root = Path(request.info.root_directory)
    if (root / "__main__.py").is_file() or not toolchain.has("pulumi.run.plugin"):
        return [request.info.program_directory]
    file = root / "pyproject.toml"
    about = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    name = about.get("project", {}).get("name", "")
    if not name or not about.get("build-system", {}).get("build-backend"):
        raise ToolchainError("plugin is not runnable, it provides neither __main__.py nor a buildable pyproject.toml")
    return ["-m", "pulumi.run.plugin", name]


def _output(process: "subprocess.Popen[bytes]") -> Iterator[language_pb2.RunPluginResponse]:
    """What a plugin writes, as it comes, until it has closed both."""
    parts = queue.SimpleQueue[language_pb2.RunPluginResponse | None]()

    def pump(source: IO[bytes], wrap: Callable[[bytes], language_pb2.RunPluginResponse]) -> None:
        while part := os.read(source.fileno(), 65536):
            parts.put(wrap(part))
        parts.put(None)

    def out(part: bytes) -> language_pb2.RunPluginResponse:
        return language_pb2.RunPluginResponse(stdout=part)

    def err(part: bytes) -> language_pb2.RunPluginResponse:
        return language_pb2.RunPluginResponse(stderr=part)

    sources = [(process.stdout, out), (process.stderr, err)]
    for source, wrap in sources:
        assert source is not None
        threading.Thread(target=pump, args=(source, wrap), daemon=True).start()
    ended = 0
    while ended < len(sources):
        part = parts.get()
        ended += part is None
        if part is not None:
            yield part


def serve(engine_address: str) -> None:
    """Serve until a signal comes or the CLI is gone; then what runs has a moment to end."""
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
    host = Host(engine_address)
    add_LanguageRuntimeServicer_to_server(host, server)  # pyright: ignore[reportUnknownMemberType]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while os.getppid() == parent:
        with contextlib.suppress(queue.Empty):
            stops.get(timeout=PARENT_SECONDS)
            break
    runs = host.interrupt()
    server.stop(2 * PATIENCE if runs else None).wait()
    # A thread of the server's must not keep the process: nothing is left to be done for it.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def main() -> None:
    """The engine's address is the first argument, as for every language host."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    serve(addresses[0] if addresses else "")
