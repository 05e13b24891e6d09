"""The gRPC side: what the engine calls, translated to `operations`. One servicer per package, one `Cloud` for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sized
from typing import Any, NoReturn, TypeVar, cast

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tools.standin import invokes, operations
from tools.standin.catalog import KINDS
from tools.standin.cloud import AwsError, Cloud, Object
from tools.standin.kinds import Call, IncompleteError, Kind, Settings
from tools.standin.values import Props, from_struct, table, to_struct

_Request = TypeVar("_Request")
_KINDS_OF_CHANGE = {"add": 0, "delete": 2, "update": 4}
"""`PropertyDiff.Kind`; one more means that it forces a replacement."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A resource plugin for one package.

    The engine opens a connection of its own per configured provider, so settings are kept by peer.
    """

    def __init__(self, package: str, version: str, cloud: Cloud) -> None:
        self.package = package
        self.version = version
        self.cloud = cloud
        self._is_component = package == "awsx"
        """The engine insists that a plugin with components takes secrets; from the others it keeps them."""
        self._settings: dict[str, Settings] = {}
        self._checked: dict[tuple[str, bytes, bytes], Any] = {}
        self._compared: dict[tuple[Any, bytes], Any] = {}
        """What was answered: each `up` asks the same again of all that stays as it is."""

    # The plugin itself

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=self._is_component, accept_resources=self._is_component
        )

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self.package, "version": self.version}))

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """A provider's settings can change without its objects being replaced, except for the region."""
        old, new = from_struct(request.olds), from_struct(request.news)
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name) and name != "version")
        return provider_pb2.DiffResponse(
            changes=_changes(changed), diffs=changed, replaces=["region"] if "region" in changed else []
        )

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        settings = from_struct(request.args)
        tags = table(table(_decoded(settings.get("defaultTags"))).get("tags"))
        region = settings.get("region")
        if self.package in ("aws", "aws-native") and not isinstance(region, str):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"missing region: set `{self.package}:region`")
        self._settings[context.peer()] = Settings(
            str(region or self.cloud.region), {name: str(value) for name, value in tags.items()}
        )
        return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=self._is_component)

    # Resources

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn, context)
        asked = request.urn, _bytes(request.olds), _bytes(request.news)
        if asked in self._checked:
            return self._checked[asked]
        name = request.name or request.urn.rpartition("::")[2]
        seed = bytes(request.randomSeed) or request.urn.encode()
        olds, news = from_struct(request.olds), from_struct(request.news)
        inputs, problems = operations.check(kind, name, olds, news, seed, self.cloud.root)
        failures = [provider_pb2.CheckFailure(property=path, reason=f"{path} {text}") for path, text in problems]
        answer = provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=failures)
        if operations.is_repeatable(kind, olds, news):
            self._checked[asked] = answer
        return answer

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        tags = self._settings_of(context).default_tags
        asked = tuple(sorted(tags.items())), _bytes(request)
        if asked not in self._compared:
            self._compared[asked] = self._difference(request, context)
        return self._compared[asked]

    def _difference(self, request: Any, context: Any) -> Any:
        kind = self._kind(request.urn, context)
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        reported = from_struct(request.olds)
        old = {**old, **{name: reported[name] for name in kind.tracked if name in old and name in reported}}
        old = {
            **{name: reported.get(name, value) for name, value in kind.assumed(old).items() if name in new},
            **old,
        }
        if problem := kind.change_problem(old, new):
            context.abort(grpc.StatusCode.UNKNOWN, f"diffing {request.urn}: {problem}")
        # A refresh asks with what the program wants and with what it ignores: pulumi-terraform-bridge, provider.Diff,
        # drops from the difference what is at a path that is ignored (doIgnoreChanges).
        changes = [change for change in operations.diff(kind, old, new) if change.path not in request.ignoreChanges]
        tags = operations.planned(kind, self._call(kind, request.urn, new, context), None).get("tagsAll")
        detailed = {change.path: _detail(change) for change in changes}
        if not changes and tags is not None and tags != reported.get("tagsAll"):
            detailed["tagsAll"] = provider_pb2.PropertyDiff(kind=cast("Any", 4))
        replaces = sorted({_top(change.path) for change in changes if change.replaces})
        return provider_pb2.DiffResponse(
            changes=_changes(detailed),
            diffs=sorted({_top(path) for path in detailed}),
            replaces=replaces,
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replaces) and operations.needs_delete_first(kind, old, new),
        )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn, context)
        call = self._call(kind, request.urn, from_struct(request.properties), context, timeout=request.timeout)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(operations.planned(kind, call, None)))
        made = self._run("creating", kind, call, lambda: operations.create(kind, call), context)
        return provider_pb2.CreateResponse(id=_id(kind, made), properties=to_struct(made.attributes))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn, context)
        before = self._find(kind, request.id, from_struct(request.olds))
        news, reported = from_struct(request.news), from_struct(request.olds)
        # What is as it was reported isn't asked for again, nor what is ignored: terraform-provider-aws,
        # resourceServiceUpdate (`if d.HasChange("desired_count")`); pulumi-terraform-bridge, provider.Update.
        for name in kind.tracked & news.keys():
            if before and name in before.inputs and (name in request.ignoreChanges or news[name] == reported.get(name)):
                news[name] = before.inputs[name]
        call = self._call(kind, request.urn, news, context, before=before, timeout=request.timeout)
        if request.preview:
            planned = operations.planned(kind, call, reported)
            return provider_pb2.UpdateResponse(properties=to_struct(planned))
        if before is None:
            _abort(context, f"updating {_what(kind)} ({request.id}): it does not exist any more; run `pulumi refresh`")
        made = self._run("updating", kind, call, lambda: operations.update(kind, call), context)
        return provider_pb2.UpdateResponse(properties=to_struct(made.attributes))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn, context)
        before = self._find(kind, request.id, from_struct(request.properties))
        inputs = dict(before.inputs) if before else {}
        call = self._call(kind, request.urn, inputs, context, before=before, timeout=request.timeout)
        self._run("deleting", kind, call, lambda: operations.delete(kind, call), context)
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = self._kind(request.urn, context)
        current = self._find(kind, request.id, from_struct(request.properties))
        if current is None:
            return provider_pb2.ReadResponse()
        attributes = operations.reread(kind, current, from_struct(request.properties))
        inputs = current.inputs
        if kind.native:
            inputs = {**current.inputs, **from_struct(request.inputs)}
        return provider_pb2.ReadResponse(
            id=_id(kind, current), properties=to_struct(attributes), inputs=to_struct(inputs)
        )

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        settings = self._settings_of(context)
        try:
            result = invokes.answer(self.cloud, settings, request.tok, from_struct(request.args))
        except AwsError as error:
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=str(error))])
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(result))
        return response

    # Helpers

    def _settings_of(self, context: Any) -> Settings:
        return self._settings.get(context.peer(), Settings(self.cloud.region))

    def _kind(self, urn: str, context: Any) -> Kind:
        token = urn.split("::")[2].rpartition("$")[2]
        kind = KINDS.get(token)
        if kind is None:
            _abort(context, f"{token}: the stand-in doesn't know this type; add it to tools/standin/catalog.py")
        return kind

    def _find(self, kind: Kind, identifier: str, known: Props) -> Object | None:
        """The object that the engine means, by its id or by the attribute that tells such objects apart."""
        if kind.key and isinstance(known.get(kind.key), str):
            return self.cloud.snapshot.one(kind.token, **{kind.key: known[kind.key]})
        made_id = kind.import_id
        if made_id and not known:  # an import knows nothing but its id
            return next((resource for resource in self.cloud.of(kind.token) if made_id(resource) == identifier), None)
        return self.cloud.snapshot.get(kind.token, identifier)

    def _call(
        self,
        kind: Kind,
        urn: str,
        inputs: Props,
        context: Any,
        *,
        before: Object | None = None,
        timeout: float = 0.0,
    ) -> Call:
        settings = self._settings_of(context)
        if kind.token.startswith("docker:"):
            settings = Settings(self.cloud.region)
        return Call(self.cloud, settings, urn, inputs, before, timeout)

    def _run(self, doing: str, kind: Kind, call: Call, act: Callable[[], _Request], context: Any) -> _Request:
        """Do it; turn AWS's refusal into the error that the engine shows."""
        try:
            return act()
        except AwsError as error:
            text = error.message if not error.code else str(error)
            _abort(context, f"{doing} {_what(kind)} ({call.name}): {text}")
        except IncompleteError as failed:
            _abort_incomplete(
                context, failed, _id(kind, failed.current), f"{doing} {_what(kind)} ({call.name}): {failed.message}"
            )


def _bytes(message: Any) -> bytes:
    """The same for equal messages."""
    return message.SerializeToString(deterministic=True)


def _id(kind: Kind, current: Object) -> str:
    return kind.reported_id(current) if kind.reported_id else current.id


def _what(kind: Kind) -> str:
    package, module, name = kind.token.split(":")
    return f"{package} {module.partition('/')[0]} {name}"


def _decoded(value: Any) -> Any:
    """Nested provider settings travel as JSON text."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value


def _changes(differences: Sized) -> Any:
    return provider_pb2.DiffResponse.DIFF_SOME if differences else provider_pb2.DiffResponse.DIFF_NONE


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _detail(change: operations.Change) -> Any:
    kind = _KINDS_OF_CHANGE[change.kind] + (1 if change.replaces else 0)
    return provider_pb2.PropertyDiff(kind=cast("Any", kind), inputDiff=True)


def _abort(context: Any, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("abort returned")


def _abort_incomplete(context: Any, failed: IncompleteError, identifier: str, message: str) -> NoReturn:
    """Say that the operation failed and that there is an object all the same, so that the engine keeps it."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=identifier,
            properties=to_struct(failed.current.attributes),
            inputs=to_struct(failed.current.inputs),
            reasons=[message],
        ),
        type_url_prefix="type.googleapis.com/",
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    _abort(context, message)
