"""Pulumi's mocks with a memory: every registration with its inputs, its parent and its options."""

import asyncio
import gc
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pytest
from pulumi.runtime import mocks, resource, rpc, stack
from pulumi.runtime.proto import resource_pb2, source_pb2

from tests.outputs_at_once import ASYNCIO

LIMITS: Mapping[str, int] = {
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:iam/role:Role": 64,
    "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:ecr/repository:Repository": 256,
    "aws:ecs/cluster:Cluster": 255,
    "aws:ecs/service:Service": 255,
    "aws:ec2/securityGroup:SecurityGroup": 255,
    "aws:appautoscaling/policy:Policy": 255,
}
"""The longest physical name, where Pulumi makes it: the logical name, a hyphen and seven digits."""

_MADE_UP = 8


@dataclass(frozen=True)
class Registration:
    """A resource as the engine is told of it."""

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Any]
    parent: str
    options: resource_pb2.RegisterResourceRequest


@dataclass
class Record:
    """What a program registered, and the outputs of its components by URN."""

    all: list[Registration] = field(default_factory=list[Registration])
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    calls: list[str] = field(default_factory=list[str])
    """The look-ups."""

    def of(self, token: str) -> list[Registration]:
        """The resources of a type, which may be given by its end, such as `TargetGroup`."""
        return [
            registration
            for registration in self.all
            if token in (registration.type, registration.type.rpartition(":")[2])
        ]

    def one(self, token: str, name: str | None = None) -> Registration:
        """The only resource of a type, or the one with this logical name."""
        found = [registration for registration in self.of(token) if name in (None, registration.name)]
        assert len(found) == 1, (
            f"{len(found)} of {token} {name}: {[registration.name for registration in self.of(token)]}"
        )
        return found[0]

    def check(self) -> None:
        """What mocks miss by themselves: two resources with one URN, and names that AWS would find too long."""
        urns = [registration.urn for registration in self.all]
        assert len(set(urns)) == len(urns), sorted({urn for urn in urns if urns.count(urn) > 1})
        for registration in self.all:
            limit = LIMITS.get(registration.type)
            if limit:
                physical = registration.inputs.get("name") or registration.name + "x" * _MADE_UP
                assert len(physical) <= limit, f"{registration.type} {physical}: {len(physical)} characters"


Change = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""Type, logical name and state of a resource, to the state that AWS reports, with its id if that matters."""


_LISTENER: Final = {
    "port": 80,
    "protocol": "HTTP",
    "loadBalancerArn": "arn:LoadBalancer/legacy",
    "vpcId": "vpc-legacy",
    "subnets": ["subnet-1"],
    "availabilityZoneId": "euw1-az1",
    "securityGroups": ["sg-legacy"],
}
"""What AWS tells of a listener that is somebody's own, of its load balancer and of that one's subnet."""


class _Aws(mocks.Mocks):
    """Answers as AWS would: with what was asked for, and with what it adds."""

    def __init__(self, record: Record, change: Change) -> None:
        self._record, self._change = record, change

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self._record.calls.append(args.token)
        return (
            {
                "region": "eu-west-1",
                "accountId": "123456789012",
                "partition": "aws",
                "userName": "AWS",
                "password": "hunter2",
                "cidrBlock": "172.31.0.0/16",
                **_LISTENER,
            },
            [],
        )

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        kind = args.typ.rpartition(":")[2]
        added: dict[str, Any] = {
            "arn": f"arn:{kind}/{args.name}",
            "arnSuffix": f"{kind}/{args.name}",
            "dnsName": f"{args.name}.elb",
            "repositoryUrl": f"ecr/{args.name}",
            "url": f"https://sqs/{args.name}",
            "repoDigest": f"ecr/{args.name}@sha256:{'0' * 64}",
            "proxyUrl": "https://proxy/prod",
        }
        state: dict[str, Any] = {"name": f"{args.name}-1234567", **cast("dict[str, Any]", args.inputs), **added}
        if args.typ == "awsx:ec2:Vpc":
            public, private = ([f"{args.name}-{of}-{zone}" for zone in (1, 2)] for of in ("public", "private"))
            state = {"vpcId": f"vpc-{args.name}", "publicSubnetIds": public, "privateSubnetIds": private}
        state = self._change(args.typ, args.name, state)
        return str(state.pop("id", f"{kind}-{args.name}")), state


class _Monitor(mocks.MockMonitor):
    def __init__(self, record: Record, change: Change) -> None:
        super().__init__(_Aws(record, change))
        self._record = record

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        answer = cast("Any", super()).RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            inputs = cast("dict[str, Any]", rpc.deserialize_properties(request.object))
            self._record.all.append(
                Registration(request.type, request.name, str(answer.urn), inputs, request.parent, request)
            )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._record.outputs[request.urn] = cast("dict[str, Any]", rpc.deserialize_properties(request.outputs))
        return cast("Any", super()).RegisterResourceOutputs(request)


def as_asked(_type: str, _name: str, state: dict[str, Any]) -> dict[str, Any]:
    return state


@contextmanager
def at_ease() -> Generator[None]:
    """Half of a program's time under the mocks is spent on what no test looks at: the garbage collector's walks through
    the hundred thousands of objects of Pulumi's packages, the stack trace that each registration carries, which under
    pytest is sixty frames deep, and the wait for one output after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resource, "_get_stack_trace", source_pb2.StackTrace)
        patch.setattr(stack, "asyncio", ASYNCIO)
        gc.disable()
        try:
            yield
        finally:
            gc.enable()


def run(program: Callable[[], object], change: Change = as_asked, *, preview: bool = False) -> Record:
    """Runs a program to its end under the mocks; what it raises is raised here. `change`: what AWS reports of a
    resource, if that isn't what was asked for."""
    record = Record()
    loop = asyncio.new_event_loop()  # of its own: another one may hold what an earlier program still had to do
    asyncio.set_event_loop(loop)
    try:
        mocks.set_mocks(
            cast("Any", None),
            project="strangler",
            stack="dev",
            preview=preview,
            monitor=cast("Any", _Monitor(record, change)),
        )
        with at_ease():
            cast("Any", mocks).test(program)()
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    record.check()
    return record
