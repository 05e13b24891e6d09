"""The stand-in docker plugin in this process, spoken to over gRPC as the engine does."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]

from tools.offline.docker_plugin import wire
from tools.offline.docker_plugin.server import Provider
from tools.offline.docker_plugin.values import Value, Values, decode, encode

CONTAINER: Final = "docker:index/container:Container"
IMAGE: Final = "docker:index/image:Image"
NETWORK: Final = "docker:index/network:Network"
VOLUME: Final = "docker:index/volume:Volume"


@dataclass(frozen=True)
class Checked:
    """What Check answered: the inputs, and the reasons against them by path."""

    inputs: Values
    failures: dict[str, str]


@dataclass(frozen=True)
class Diffed:
    """What Diff answered: the kinds of change by path, the replaced inputs, and whether the old object goes first."""

    changes: dict[str, str]
    replaces: list[str]
    deletes_first: bool


@dataclass(frozen=True)
class Made:
    """An object: its type, id, inputs and outputs."""

    token: str
    object_id: str
    inputs: Values
    outputs: Values


@dataclass(frozen=True)
class Unfinished:
    """A creation that failed after the object came to be, as the engine is told of it."""

    made: Made
    reasons: list[str]


class RefusedError(Exception):
    """The plugin answered with an error; the message is what a user reads."""


class Plugin:
    """A served plugin."""

    def __init__(self, docker_host: str) -> None:
        self._provider = Provider(None)
        self._workers = ThreadPoolExecutor(32)
        self._server = grpc.server(self._workers, options=wire.OPTIONS)
        wire.add_to_server(self._provider, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=wire.OPTIONS)
        self.stub = wire.ProviderStub(self._channel)
        self.stub.Configure(wire.provider.ConfigureRequest(args=encode({"host": docker_host})))

    def stop(self) -> None:
        """End the server and its connections."""
        self._channel.close()
        self._server.stop(None).wait()
        self._workers.shutdown()
        self._provider.close()

    def check(
        self, token: str, inputs: Mapping[str, Value], old: Values | None = None, name: str = "a", seed: bytes = b"1"
    ) -> Checked:
        """Check inputs as the engine does before everything else."""
        request = wire.provider.CheckRequest(
            urn=_urn(token, name), news=encode(inputs), olds=encode(old or {}), name=name, randomSeed=seed
        )
        answer = _answered(lambda: self.stub.Check(request))
        return Checked(decode(answer.inputs), {item.property: item.reason for item in answer.failures})

    def diff(self, made: Made, inputs: Values) -> Diffed:
        """Compare an object with checked inputs."""
        request = wire.provider.DiffRequest(
            id=made.object_id,
            urn=_urn(made.token),
            olds=encode(made.outputs),
            old_inputs=encode(made.inputs),
            news=encode(inputs),
        )
        answer = _answered(lambda: self.stub.Diff(request))
        kinds = wire.provider.PropertyDiff.Kind
        changes = {path: kinds.Name(item.kind) for path, item in answer.detailedDiff.items()}
        return Diffed(changes, list(answer.replaces), answer.deleteBeforeReplace)

    def create(self, token: str, inputs: Mapping[str, Value]) -> Made:
        """Check and create; a `RefusedError` has an `Unfinished` as its second argument if the engine keeps it."""
        checked = self.check(token, inputs)
        if checked.failures:
            raise RefusedError(str(checked.failures))
        request = wire.provider.CreateRequest(urn=_urn(token), properties=encode(checked.inputs))
        answer = _answered(lambda: self.stub.Create(request), lambda state: _unfinished(token, checked.inputs, state))
        return Made(token, answer.id, checked.inputs, decode(answer.properties))

    def preview(self, token: str, inputs: Mapping[str, Value]) -> Values:
        """The outputs that a preview of the creation expects."""
        checked = self.check(token, inputs)
        assert checked.failures == {}
        request = wire.provider.CreateRequest(urn=_urn(token), properties=encode(checked.inputs), preview=True)
        return decode(_answered(lambda: self.stub.Create(request)).properties)

    def read(self, made: Made) -> Made | None:
        """What a refresh finds; None when the object is gone."""
        request = wire.provider.ReadRequest(
            id=made.object_id, urn=_urn(made.token), properties=encode(made.outputs), inputs=encode(made.inputs)
        )
        answer = _answered(lambda: self.stub.Read(request))
        return Made(made.token, answer.id, decode(answer.inputs), decode(answer.properties)) if answer.id else None

    def update(self, made: Made, inputs: Mapping[str, Value], *, preview: bool = False) -> Made:
        """Check and change in place."""
        checked = self.check(made.token, inputs, made.inputs)
        assert checked.failures == {}
        request = wire.provider.UpdateRequest(
            id=made.object_id,
            urn=_urn(made.token),
            olds=encode(made.outputs),
            old_inputs=encode(made.inputs),
            news=encode(checked.inputs),
            preview=preview,
        )
        answer = _answered(lambda: self.stub.Update(request))
        return Made(made.token, made.object_id, checked.inputs, decode(answer.properties))

    def delete(self, made: Made) -> None:
        """Delete an object."""
        _answered(lambda: self.stub.Delete(_deletion(made)))

    def leave_deletion(self, made: Made, condition: Callable[[], None]) -> None:
        """Ask for a deletion, and hang up once `condition` returns, as an engine does that is killed meanwhile."""
        call = self.stub.Delete.future(_deletion(made))
        condition()
        call.cancel()

    def cancel(self) -> None:
        """Cancel what is under way, as the engine does on Ctrl-C."""
        self.stub.Cancel(wire.nothing())


def _deletion(made: Made) -> Any:
    return wire.provider.DeleteRequest(
        id=made.object_id, urn=_urn(made.token), properties=encode(made.outputs), old_inputs=encode(made.inputs)
    )


def _urn(token: str, name: str = "a") -> str:
    return f"urn:pulumi:dev::test::{token}::{name}"


def _answered(request: Callable[[], Any], unfinished: Callable[[Any], Unfinished] | None = None) -> Any:
    """The answer to a request; `RefusedError` for an error."""
    try:
        return request()
    except grpc.RpcError as error:
        call: Any = error
        packed = dict(call.trailing_metadata()).get("grpc-status-details-bin")
        if packed is None or unfinished is None:
            raise RefusedError(call.details()) from error
        state = wire.provider.ErrorResourceInitFailed()
        status_pb2.Status.FromString(packed).details[0].Unpack(state)
        raise RefusedError(call.details(), unfinished(state)) from error


def _unfinished(token: str, inputs: Values, state: Any) -> Unfinished:
    return Unfinished(Made(token, state.id, inputs, decode(state.properties)), list(state.reasons))
