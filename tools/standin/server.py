"""The stand-in plugins, listening in this process."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from types import TracebackType
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tools.standin.awsx import AwsxProvider
from tools.standin.cloud import Cloud
from tools.standin.provider import Provider

PACKAGES = {
    "aws": (Provider, "pulumi-aws"),
    "aws-native": (Provider, "pulumi-aws-native"),
    "awsx": (AwsxProvider, "pulumi-awsx"),
    "docker": (Provider, "pulumi-docker"),
}
_WORKERS = 256
"""Slow operations sleep in their thread; the engine runs fewer than this side by side."""


@dataclass
class Servers:
    """The running servers. Keep this object: a server that nobody refers to stops."""

    cloud: Cloud
    ports: dict[str, int]
    servers: list[Any]

    @property
    def debug_providers(self) -> str:
        """The value of `PULUMI_DEBUG_PROVIDERS`."""
        return ",".join(f"{package}:{port}" for package, port in self.ports.items())

    def stop(self) -> None:
        for server in self.servers:
            server.stop(grace=None).wait()

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(cloud: Cloud, real: Collection[str] = ()) -> Servers:
    """Start one plugin per package on a free port of 127.0.0.1, without those packages whose plugin is a real one."""
    ports: dict[str, int] = {}
    servers: list[Any] = []
    for package, (provider, distribution) in PACKAGES.items():
        if package in real:
            continue
        server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=[("grpc.so_reuseport", 0)])
        servicer = provider(package, version(distribution), cloud)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        ports[package] = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
    return Servers(cloud, ports, servers)
