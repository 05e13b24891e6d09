"""The gRPC service that Pulumi's engine talks to."""

import contextlib
import os
import queue
from typing import Any, Final

import grpc

from tools.offline.docker_plugin import wire
from tools.offline.docker_plugin.container import UNFINISHED, Container
from tools.offline.docker_plugin.docker_engine import DEFAULT_HOST, Docker
from tools.offline.docker_plugin.errors import PluginError, UnfinishedError
from tools.offline.docker_plugin.image import Image
from tools.offline.docker_plugin.job import Cancellation, Job, Resource
from tools.offline.docker_plugin.network import Network
from tools.offline.docker_plugin.schema import (
    Change,
    Difference,
    Field,
    Fields,
    Kind,
    Problem,
    differences,
    problems,
    with_defaults,
    with_name,
)
from tools.offline.docker_plugin.values import Values, decode, encode, text
from tools.offline.docker_plugin.volume import Volume

VERSION: Final = "4.11.2"
"""The version of the real plugin that this one stands in for: the one that the Python SDK asks for."""

_TYPES: Final[dict[str, Resource]] = {
    "docker:index/container:Container": Container(),
    "docker:index/image:Image": Image(),
    "docker:index/network:Network": Network(),
    "docker:index/volume:Volume": Volume(),
}
_TEXT: Final = Field(Kind.TEXT)
_CONFIG: Final[Fields] = {"host": _TEXT, "version": _TEXT, "pluginDownloadURL": _TEXT}


class Provider(wire.ServicerBase):
    """The provider `docker`. `stops` gets an item when the engine cancels the run, or a signal comes: a
    SimpleQueue, since its put is the only one that a signal handler may call while the main thread waits in it."""

    def __init__(self, engine_address: str | None) -> None:
        self.stops = queue.SimpleQueue[None]()
        self._cancellation = Cancellation()
        self._docker = Docker(os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
        self._channel: grpc.Channel | None = None
        self._engine: Any = None
        if engine_address:
            self._attach(engine_address)

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        self._attach(request.engine_address)
        return wire.provider.ProviderHandshakeResponse()

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        self._attach(request.address)
        return wire.nothing()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        return wire.plugin.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        return wire.provider.GetSchemaResponse(schema=f'{{"name": "docker", "version": "{VERSION}"}}')

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        return _checked(decode(request.news), problems(_CONFIG, decode(request.news)))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        return _diff(
            differences({"host": Field(Kind.TEXT, replaces=False)}, decode(request.olds), decode(request.news))
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        host = text(decode(request.args).get("host")) or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
        self._docker.close()
        self._docker = Docker(host)
        return wire.provider.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return wire.abort(context, f"the stand-in docker plugin has no function {request.tok}")

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        resource = _resource(request.urn, context)
        try:
            given = decode(request.news)
        except ValueError as error:
            return wire.abort(context, str(error))
        found = problems(resource.fields, given)
        if found:
            return _checked(given, found)
        inputs = with_defaults(resource.fields, given)
        if resource.named:
            inputs = with_name(inputs, decode(request.olds), request.name or _name(request.urn), request.randomSeed)
        return _checked(*resource.check(inputs))

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        resource = _resource(request.urn, context)
        found = differences(resource.fields, decode(request.old_inputs), decode(request.news))
        if UNFINISHED in decode(request.olds):
            found[UNFINISHED] = Difference(Change.DELETE, replaces=True)
        return _diff(found, deletes_first=resource.deletes_first)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        resource, inputs = _resource(request.urn, context), decode(request.properties)
        if request.preview:
            return wire.provider.CreateResponse(properties=_encode(resource.planned(inputs, {})))
        try:
            object_id, outputs = resource.create(self._job(request.urn, context), inputs)
        except UnfinishedError as error:
            properties = _encode(error.outputs)
            detail = wire.provider.ErrorResourceInitFailed(
                id=error.object_id, properties=properties, reasons=[str(error)], inputs=request.properties
            )
            return wire.abort(context, str(error), detail)
        except PluginError as error:
            return wire.abort(context, str(error))
        return wire.provider.CreateResponse(id=object_id, properties=_encode(outputs))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        resource, outputs = _resource(request.urn, context), decode(request.properties)
        if not outputs:
            return wire.abort(context, "the stand-in docker plugin imports nothing; create the object instead")
        try:
            now = resource.read(self._job(request.urn, context), request.id, outputs)
        except PluginError as error:
            return wire.abort(context, str(error))
        if now is None:
            return wire.provider.ReadResponse()
        return wire.provider.ReadResponse(id=request.id, properties=_encode(now), inputs=request.inputs)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        resource, outputs = _resource(request.urn, context), decode(request.olds)
        new = decode(request.news)
        if request.preview:
            return wire.provider.UpdateResponse(properties=_encode(resource.planned(new, outputs)))
        try:
            job = self._job(request.urn, context)
            updated = resource.update(job, request.id, outputs, decode(request.old_inputs), new)
        except PluginError as error:
            return wire.abort(context, str(error))
        return wire.provider.UpdateResponse(properties=_encode(updated))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        try:
            _resource(request.urn, context).delete(
                self._job(request.urn, context), request.id, decode(request.properties)
            )
        except PluginError as error:
            return wire.abort(context, str(error))
        return wire.nothing()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        self._cancellation.cancel()
        self.stops.put(None)
        return wire.nothing()

    def cancel(self) -> None:
        """What the engine's Cancel does, when the process is told to end."""
        self._cancellation.cancel()

    def close(self) -> None:
        """Close the connections to Docker and to the engine, when the server has stopped."""
        self._docker.close()
        if self._channel is not None:
            self._channel.close()

    def _attach(self, engine_address: str) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = grpc.insecure_channel(engine_address, options=wire.OPTIONS)
        self._engine = wire.EngineStub(self._channel)

    def _job(self, urn: str, context: grpc.ServicerContext) -> Job:
        return Job(
            self._docker,
            self._cancellation,
            awaited=context.is_active,
            tell=lambda line: self._log(wire.engine.INFO, urn, line, passing=True),
            warn=lambda line: self._log(wire.engine.WARNING, urn, line, passing=False),
        )

    def _log(self, severity: Any, urn: str, message: str, *, passing: bool) -> None:
        if self._engine is not None:
            request = wire.engine.LogRequest(severity=severity, message=message, urn=urn, ephemeral=passing)
            with contextlib.suppress(grpc.RpcError):  # a lost line must not fail the work
                self._engine.Log(request)


def _resource(urn: str, context: grpc.ServicerContext) -> Resource:
    """The resource type in a URN (`urn:pulumi:stack::project::parent$type::name`)."""
    token = urn.split("::")[2].split("$")[-1]
    if token not in _TYPES:
        wire.abort(context, f"the stand-in docker plugin has no {token}; it has {', '.join(sorted(_TYPES))}")
    return _TYPES[token]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _encode(outputs: Values) -> Any:
    return encode({name: value for name, value in outputs.items() if not name.startswith("__") or name == UNFINISHED})


def _checked(inputs: Values, found: list[Problem]) -> Any:
    failures = [wire.provider.CheckFailure(property=problem.path, reason=problem.reason) for problem in found]
    return wire.provider.CheckResponse(inputs=encode(inputs), failures=failures)


def _diff(found: dict[str, Difference], *, deletes_first: bool = False) -> Any:
    detailed = {path: wire.provider.PropertyDiff(kind=_kind(item), inputDiff=True) for path, item in found.items()}
    replaced = {_top(path) for path, item in found.items() if item.replaces}
    return wire.provider.DiffResponse(
        changes=wire.provider.DiffResponse.DIFF_SOME if found else wire.provider.DiffResponse.DIFF_NONE,
        diffs=sorted({_top(path) for path in found}),
        replaces=sorted(replaced),
        deleteBeforeReplace=deletes_first and bool(replaced),
        detailedDiff=detailed,
        hasDetailedDiff=bool(found),
    )


def _kind(item: Difference) -> Any:
    return wire.provider.PropertyDiff.Kind.Value(item.change.value + ("_REPLACE" if item.replaces else ""))


def _top(path: str) -> str:
    return path.split(".")[0].split("[")[0]
