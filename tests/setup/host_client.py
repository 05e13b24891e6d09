# ruff: noqa: ARG002, N802 -- the methods' names and parameters are gRPC's.
"""A language host as the CLI has it, and the servers of an engine that a program talks to."""

import os
import signal
import subprocess
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, language_pb2, resource_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineServicer, add_EngineServicer_to_server
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorServicer, add_ResourceMonitorServicer_to_server

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

    def begin(self, method: str, request: Message, answer: type[Answer]) -> Any:
        """The call, while it goes on: a future of gRPC's."""
        return cast("Any", self.channel.unary_unary(*path_and_codec(method, answer))).future(request, timeout=SECONDS)

    def ask_all(self, method: str, request: Message, answer: type[Answer]) -> list[Answer]:
        call = cast("Callable[..., Iterable[Answer]]", self.channel.unary_stream(*path_and_codec(method, answer)))
        return list(call(request, timeout=SECONDS))

    def interrupt(self) -> None:
        """Interrupt its whole group, which is how the CLI ends it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[str, str]:
        """End it, if it runs; what it, and all that it ran, wrote."""
        if self.process.poll() is None:
            self.interrupt()
        return self.process.communicate(timeout=SECONDS)


def serialize(request: Message) -> bytes:
    return request.SerializeToString()


def path_and_codec(
    method: str, answer: type[Answer]
) -> tuple[str, Callable[[Message], bytes], Callable[[bytes], Answer]]:
    return f"/pulumirpc.LanguageRuntime/{method}", serialize, answer.FromString


@contextmanager
def running(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> Generator[Host]:
    """A host in a group of processes of its own, as the CLI starts it. Nothing of that group outlives this."""
    process = subprocess.Popen(
        [*command, "127.0.0.1:1"],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Host(process, channel)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


class Engine(EngineServicer, ResourceMonitorServicer):
    """Notes what a program logs and exports. address: of both of its servers."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.outputs: dict[str, object] = {}
        self.address = ""

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> Empty:
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        return Empty()

    def GetRootResource(
        self, request: engine_pb2.GetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        return engine_pb2.GetRootResourceResponse()

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.SetRootResourceResponse:
        return engine_pb2.SetRootResourceResponse()

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def SignalAndWaitForShutdown(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:local::board::{request.type}::{request.name}")

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> Empty:
        self.outputs.update(request.outputs)
        return Empty()


@contextmanager
def engine() -> Generator[Engine]:
    """An engine that listens."""
    found = Engine()
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    add_EngineServicer_to_server(found, server)  # pyright: ignore[reportUnknownMemberType]
    add_ResourceMonitorServicer_to_server(found, server)  # pyright: ignore[reportUnknownMemberType]
    found.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield found
    finally:
        server.stop(None).wait()


def shake(host: Host, address: str) -> None:
    """Tell the host where the engine is."""
    host.ask(
        "Handshake",
        language_pb2.LanguageHandshakeRequest(engine_address=address),
        language_pb2.LanguageHandshakeResponse,
    )


def project(folder: Path, options: Mapping[str, str] | None = None) -> language_pb2.ProgramInfo:
    """What the engine tells of a project whose program lies in its folder."""
    own = Struct()
    own.update(dict(options or {}))
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=own
    )
