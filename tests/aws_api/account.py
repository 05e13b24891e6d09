"""The program on the stand-in AWS without the engine: everything that it registers reaches an account, in seconds.

Pulumi's mock monitor stands in the engine's place, and hands each registration on to the stand-in's rules: so ids, ARNs
and addresses have AWS's own form, and what depends on one of them is given it. A second run on the same account is an
update. Left out: the order of deletions, aliases, and what a preview would say. Those are the engine's: tests/engine.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2

from tests.components.recorder import at_ease
from tools.standin import awsx, invokes, operations
from tools.standin.catalog import KINDS
from tools.standin.cloud import AwsError, Cloud, Object
from tools.standin.kinds import Call, Settings
from tools.standin.values import Props, from_struct, table, to_struct

ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"


@dataclass(frozen=True)
class Registered:
    """A resource that AWS was asked to make, or to change."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    """What the program and the provider ask for, without what the stand-in notes for itself."""
    outputs: Mapping[str, Any]
    """What AWS answered, with its `id`."""
    changed: frozenset[str] = frozenset()
    """The properties that differ from before; none: it is made."""


@dataclass(frozen=True)
class LookUp:
    """Something that the program asked the account for."""

    token: str
    arguments: Mapping[str, Any]


@dataclass
class Account:
    """An AWS account that programs run against, one after the other."""

    cloud: Cloud = field(default_factory=lambda: Cloud(patience=0, lenient=True))
    registered: list[Registered] = field(default_factory=list[Registered])
    """Of the last run."""
    look_ups: list[LookUp] = field(default_factory=list[LookUp])
    made: set[str] = field(default_factory=set[str])
    """The URNs of what the last run left: a program leaves out only what it has made."""

    def run(self, program: Callable[[], object], project: str = "strangler", stack: str = "dev") -> list[Registered]:
        """Run a program to its end; what AWS refuses is raised."""
        self.registered, self.look_ups = [], []
        monitor = _Monitor(self)
        loop = asyncio.new_event_loop()  # of its own: another one may hold what an earlier program still had to do
        asyncio.set_event_loop(loop)
        try:
            mocks.set_mocks(
                cast("Any", None), project=project, stack=stack, preview=False, monitor=cast("Any", monitor)
            )
            with at_ease():
                cast("Any", mocks).test(program)()
        finally:
            loop.close()
            asyncio.set_event_loop(None)
        for known in list(self.cloud.snapshot):
            if known.urn in self.made - monitor.seen:
                self.cloud.forget(known)
        self.made = monitor.seen
        return self.registered


_STATE = "pulumi:pulumi:readStackResourceOutputs"
"""What the program asks of the engine itself: the stack as it was before."""


class _Monitor(mocks.MockMonitor):
    """The engine's side of the program's calls."""

    def __init__(self, account: Account) -> None:
        super().__init__(cast("Any", None))
        self._account = account
        state = {known.urn: {"outputs": dict(known.attributes)} for known in account.cloud.snapshot}
        self._before: Props = {"outputs": state}
        self._noting = threading.Lock()
        self.seen: set[str] = set()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        answer = resource_pb2.RegisterResourceResponse
        inputs = from_struct(request.object)
        if request.type == awsx.VPC:
            _, outputs = awsx.make_network(cast("Any", _Children(self, urn)), request.name, inputs)
            plain = {key: value for key, value in outputs.items() if key.endswith(("Id", "Ids"))}
            return answer(urn=urn, object=to_struct(plain))
        if not request.custom:
            return answer(urn=urn)
        if request.type.startswith("pulumi:"):
            return answer(urn=urn, id="provider", object=request.object)
        current = self.registered(urn, request.type, request.name, inputs, frozenset(request.ignoreChanges))
        kind = KINDS[request.type]
        identifier = kind.reported_id(current) if kind.reported_id else current.id
        return answer(urn=urn, id=identifier, object=to_struct(current.attributes))

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        own = request.tok == _STATE
        response: Any = resource_pb2.ResourceInvokeResponse()
        try:
            found = self._before if own else self.look_up(request.tok, from_struct(request.args))
        except AwsError as error:  # as a provider answers: a program may go on without
            response.failures.add(reason=str(error))
            return response
        getattr(response, "return").CopyFrom(to_struct(found))
        return response

    def look_up(self, token: str, arguments: Props) -> Props:
        cloud = self._account.cloud
        with self._noting:
            self._account.look_ups.append(LookUp(token, arguments))
        return invokes.answer(cloud, Settings(cloud.region), token, arguments)

    def registered(self, urn: str, token: str, name: str, inputs: Props, ignored: frozenset[str]) -> Object:
        """The object that the resource is, made or changed now."""
        cloud, kind = self._account.cloud, KINDS[token]
        before = next((known for known in cloud.of(token) if known.urn == urn), None)
        old = dict(before.inputs) if before else {}
        wanted = {key: value for key, value in inputs.items() if key not in ignored or before is None}
        wanted |= {key: old[key] for key in ignored if key in old}
        checked, found = operations.check(kind, name, old, wanted, urn.encode(), cloud.root)
        if found:
            raise AssertionError(f"{token} {name}: {'; '.join(f'{path} {problem}' for path, problem in found)}")
        changes = operations.diff(kind, old, checked) if before else []
        settings = Settings(cloud.region)
        if before and any(change.replaces for change in changes):
            cloud.forget(before)
            before, changes = None, []
        if before is None:
            current = operations.create(kind, Call(cloud, settings, urn, checked))
        else:
            current = operations.update(kind, Call(cloud, settings, urn, checked, before)) if changes else before
        changed = frozenset(change.path.partition(".")[0].partition("[")[0] for change in changes)
        shown = {key: value for key, value in checked.items() if not key.startswith("__")}
        with self._noting:
            self.seen.add(urn)
            if before is None or changed:
                outputs = {**current.attributes, "id": current.id}
                self._account.registered.append(Registered(token, name, shown, outputs, changed))
        return current


@dataclass(frozen=True)
class _Children:
    """The engine's side of `awsx`, whose resources lie below its own."""

    monitor: _Monitor
    urn: str

    def component(self) -> str:
        return self.urn

    def resource(self, token: str, name: str, inputs: Props, parent: str, _needs: list[str]) -> awsx.Child:
        urn = self.monitor.make_urn(parent, token, name)
        given = {key: value for key, value in inputs.items() if value is not None}
        current = self.monitor.registered(urn, token, name, given, frozenset())
        return awsx.Child(token, urn, current.id, dict(current.attributes))

    def finish(self, _urn: str, _outputs: Props) -> None:
        return None

    def zones(self) -> list[str]:
        return [str(name) for name in table(self.monitor.look_up(ZONES, {"state": "available"}))["names"]]
