"""Pulumi's generated gRPC modules, which are not typed as a checker can follow: all `Any` from here on.

The rest of the plugin takes them from this module alone.
"""

from typing import Any, Final

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

provider: Final[Any] = provider_pb2
plugin: Final[Any] = plugin_pb2
engine: Final[Any] = engine_pb2
EngineStub: Final[Any] = engine_pb2_grpc.EngineStub
ProviderStub: Final[Any] = provider_pb2_grpc.ResourceProviderStub
ServicerBase: Final[Any] = provider_pb2_grpc.ResourceProviderServicer
add_to_server: Final[Any] = provider_pb2_grpc.add_ResourceProviderServicer_to_server

OPTIONS: Final = [
    ("grpc.max_receive_message_length", 400 << 20),
    ("grpc.max_send_message_length", 400 << 20),
    ("grpc.enable_http_proxy", 0),
]
"""The sizes that Pulumi's own plugins allow, as uploads travel within messages; and no proxy, as all is on loopback."""


def nothing() -> empty_pb2.Empty:
    """An empty answer."""
    return empty_pb2.Empty()


def abort(context: grpc.ServicerContext, message: str, detail: Any = None) -> Any:
    """End the request with an error; `detail` is the message that tells the engine more."""
    if detail is None:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, message)
    packed = any_pb2.Any()
    packed.Pack(detail)
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=message, details=[packed])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, message)
