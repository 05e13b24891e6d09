# ruff: noqa: ARG002, N802 -- the methods' names and parameters are gRPC's.
"""The language host, asked by gRPC as the engine asks it, with the engine's own servers played by the test."""

import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from pulumi.runtime.proto import engine_pb2, language_pb2, plugin_pb2, resource_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineServicer, add_EngineServicer_to_server
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorServicer, add_ResourceMonitorServicer_to_server

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0

Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True)
class Host:
    """A language host that runs, and the way to ask it."""

    process: "subprocess.Popen[str]"
    channel: grpc.Channel

    def ask(self, method: str, request: Message, answer: type[Answer]) -> Answer:
        call = cast("Callable[..., Answer]", self.channel.unary_unary(*path_and_codec(method, answer)))
        return call(request, timeout=SECONDS)

    def ask_all(self, method: str, request: Message, answer: type[Answer]) -> list[Answer]:
        call = cast("Callable[..., Iterable[Answer]]", self.channel.unary_stream(*path_and_codec(method, answer)))
        return list(call(request, timeout=SECONDS))


def serialize(request: Message) -> bytes:
    return request.SerializeToString()


def path_and_codec(
    method: str, answer: type[Answer]
) -> tuple[str, Callable[[Message], bytes], Callable[[bytes], Answer]]:
    return f"/pulumirpc.LanguageRuntime/{method}", serialize, answer.FromString


Run = Callable[[str], language_pb2.RunResponse]


class Engine(EngineServicer, ResourceMonitorServicer):
    """Notes what a program logs and registers."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.outputs: dict[str, object] = {}

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> Empty:
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        return Empty()

    def GetRootResource(
        self,
        request: engine_pb2.GetRootResourceRequest,
        context: grpc.ServicerContext,
    ) -> engine_pb2.GetRootResourceResponse:
        return engine_pb2.GetRootResourceResponse()

    def SetRootResource(
        self,
        request: engine_pb2.SetRootResourceRequest,
        context: grpc.ServicerContext,
    ) -> engine_pb2.SetRootResourceResponse:
        return engine_pb2.SetRootResourceResponse()

    def SupportsFeature(
        self,
        request: resource_pb2.SupportsFeatureRequest,
        context: grpc.ServicerContext,
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(
        self,
        request: resource_pb2.RegisterResourceRequest,
        context: grpc.ServicerContext,
    ) -> resource_pb2.RegisterResourceResponse:
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:local::board::{request.type}::{request.name}")

    def RegisterResourceOutputs(
        self,
        request: resource_pb2.RegisterResourceOutputsRequest,
        context: grpc.ServicerContext,
    ) -> Empty:
        self.outputs.update(request.outputs)
        return Empty()


def start() -> "subprocess.Popen[str]":
    script = ROOT / "tools" / "offline" / "language_host.py"
    return subprocess.Popen(
        [sys.executable, "-P", str(script), "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def host() -> Generator[Host]:
    process = start()
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Host(process, channel)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def run(host: Host, engine: Engine, tmp_path: Path) -> Generator[Run]:
    """Runs a program of one text in the host."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    add_EngineServicer_to_server(engine, server)  # pyright: ignore[reportUnknownMemberType]
    add_ResourceMonitorServicer_to_server(engine, server)  # pyright: ignore[reportUnknownMemberType]
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    shake = language_pb2.LanguageHandshakeRequest(engine_address=address)
    host.ask("Handshake", shake, language_pb2.LanguageHandshakeResponse)

    def once(program: str) -> language_pb2.RunResponse:
        (tmp_path / "__main__.py").write_text(program)
        about = language_pb2.ProgramInfo(root_directory=str(tmp_path), program_directory=str(tmp_path), entry_point=".")
        request = language_pb2.RunRequest(
            project="board",
            stack="local",
            pwd=str(tmp_path),
            monitor_address=address,
            parallel=4,
            config={"board:greeting": "hello"},
            info=about,
        )
        return host.ask("Run", request, language_pb2.RunResponse)

    yield once
    server.stop(None).wait()


def test_what_the_engine_asks_before_a_run_is_answered(host: Host) -> None:
    assert host.ask("GetPluginInfo", Empty(), plugin_pb2.PluginInfo).version
    about = host.ask("About", language_pb2.AboutRequest(), language_pb2.AboutResponse)
    assert about.version == ".".join(map(str, sys.version_info[:3]))
    assert Path(about.executable).samefile(sys.executable)
    plugins, none = language_pb2.GetRequiredPluginsRequest(), language_pb2.GetRequiredPluginsResponse()
    assert host.ask("GetRequiredPlugins", plugins, language_pb2.GetRequiredPluginsResponse) == none
    packages, empty = language_pb2.GetRequiredPackagesRequest(), language_pb2.GetRequiredPackagesResponse()
    assert host.ask("GetRequiredPackages", packages, language_pb2.GetRequiredPackagesResponse) == empty
    options = language_pb2.RuntimeOptionsRequest()
    assert not host.ask("RuntimeOptionsPrompts", options, language_pb2.RuntimeOptionsResponse).prompts
    wanted = language_pb2.GetProgramDependenciesRequest()
    found = host.ask("GetProgramDependencies", wanted, language_pb2.GetProgramDependenciesResponse)
    assert "pulumi" in {each.name for each in found.dependencies}
    install = language_pb2.InstallDependenciesRequest()
    said = host.ask_all("InstallDependencies", install, language_pb2.InstallDependenciesResponse)
    assert b"make setup" in said[0].stdout
    assert host.ask("Cancel", Empty(), Empty) == Empty()


def test_a_program_runs_as_main_in_its_folder_with_its_config(run: Run, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WORD = 'beside'\n")
    ended = run(
        "import os, pulumi, beside\n"
        "pulumi.export('seen', [__name__, os.getcwd(), beside.WORD, pulumi.Config('board').require('greeting'),\n"
        "                       pulumi.get_stack(), pulumi.get_project()])\n"
    )
    assert (ended.error, ended.bail, engine.errors) == ("", False, [])
    assert list(engine.outputs["seen"]) == ["__main__", str(tmp_path), "beside", "hello", "local", "board"]  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]


def test_the_second_run_sees_changed_modules(run: Run, engine: Engine, tmp_path: Path) -> None:
    program = "import pulumi, beside\npulumi.export('word', beside.WORD)\n"
    for word in ("one", "longer"):
        (tmp_path / "beside.py").write_text(f"WORD = {word!r}\n")
        assert not run(program).bail
        assert engine.outputs["word"] == word


def test_a_run_error_is_its_message_and_nothing_else(run: Run, engine: Engine) -> None:
    ended = run("import pulumi\nraise pulumi.RunError('Pulumi.local.yaml: wrong\\nposts: wrong too')\n")
    assert (ended.error, ended.bail) == ("", True)
    assert engine.errors == ["Pulumi.local.yaml: wrong\nposts: wrong too"]


def test_an_exception_is_shown_from_the_program_on(run: Run, engine: Engine, tmp_path: Path) -> None:
    ended = run("def f():\n    raise ValueError('broken')\nf()\n")
    assert (ended.error, ended.bail) == ("", True)
    (message,) = engine.errors
    lines = message.splitlines()
    assert lines[:2] == ["Program failed with an unhandled exception:", "Traceback (most recent call last):"]
    assert lines[2] == f'  File "{tmp_path}/__main__.py", line 3, in <module>'
    assert lines[-1] == "ValueError: broken"
    assert "language_host" not in message


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("import sys; sys.exit(3)", "Program exited with non-zero exit code: 3"),
        ("import sys; sys.exit('broken')", "Program exited with non-zero exit code: 1"),
        ("import sys; sys.exit(0)", ""),
        ("import sys; sys.exit()", ""),
    ],
)
def test_the_exit_code_of_a_program_counts(run: Run, program: str, error: str) -> None:
    assert run(program).error == error


def test_a_folder_without_a_program_is_one_line(host: Host, run: Run, engine: Engine, tmp_path: Path) -> None:
    run("")
    about = language_pb2.ProgramInfo(program_directory=str(tmp_path / "missing"), entry_point=".")
    (tmp_path / "missing").mkdir()
    ended = host.ask("Run", language_pb2.RunRequest(info=about, parallel=1), language_pb2.RunResponse)
    assert (ended.error, ended.bail) == ("", True)
    assert engine.errors == [f"unable to find main python program `__main__.py` in `{tmp_path}/missing`"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_host_without_a_word(host: Host, sign: signal.Signals) -> None:
    process = host.process
    process.send_signal(sign)
    out, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (0, "")


def test_the_host_goes_when_its_cli_was_killed() -> None:
    script = ROOT / "tools" / "offline" / "language_host.py"
    # The shell is the CLI: it starts the host, and is killed.
    shell = subprocess.Popen(
        ["sh", "-c", '"$0" -P "$1" 127.0.0.1:1 & wait', sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdout is not None
    assert int(shell.stdout.readline()) > 0
    shell.kill()
    # The pipe ends when the last process that could write to it is gone.
    rest, _ = shell.communicate(timeout=SECONDS)
    assert rest == ""
