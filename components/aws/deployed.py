"""What the stack has up before this `up`, as its own state tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
import pulumi
import pulumi_aws as aws
from google.protobuf import json_format
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

from components.aws.plan.ecs_services import KnownService

_REFUSED = "invoke of aws:ecs/getService:getService failed: "
"""What the error of a look-up that the provider refused begins with. It is a plain Exception (the SDK's
runtime/invoke.py), so that nothing else tells it from a mistake of this program."""

_READ = "pulumi:pulumi:readStackResourceOutputs"
"""A look-up that the engine itself answers, in previews too (pulumi/pkg, resource/deploy/builtins.go)."""


@dataclass(frozen=True)
class Deployed:
    """Resources by their URN, each with what its provider reported when the stack was last changed."""

    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """Outputs. Default: a stack with nothing in it."""

    def of(self, token: str) -> Mapping[str, Mapping[str, Any]]:
        """The outputs of the resources of a type, by logical name. token: its own, or behind those of what it is in,
        with a `$` between, as a URN has them."""
        return {_name(urn): outputs for urn, outputs in self._of(token)}

    def _of(self, token: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for urn, outputs in self.resources.items():
            if f"${urn.split('::')[2]}".endswith(f"${token}"):
                yield urn, outputs


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def deployed() -> Deployed:
    """Reads the state of the stack that is being planned or brought up, as it was before. Where an engine doesn't give
    it, it is as if nothing were there.

    The SDK's own look-ups aren't used, as they want every resource that an output names to be registered already.
    """
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    request = cast("Any", resource_pb2).ResourceInvokeRequest(tok=_READ, acceptResources=False)
    request.args.update({"stackName": name})
    try:
        answer = cast("Any", settings.get_monitor()).Invoke(request)
    except grpc.RpcError as error:
        pulumi.log.debug(f"The state can't be read: {error}")
        return Deployed()
    found: dict[str, Any] = json_format.MessageToDict(getattr(answer, "return"))
    outputs = cast("Mapping[str, Mapping[str, Any]]", found.get("outputs") or {})
    return Deployed({urn: resource.get("outputs") or {} for urn, resource in outputs.items()})


def tasks_of(known: KnownService) -> int:
    """How many tasks an ECS service is to have now, after its scaler has changed that; as of the last `up`, if AWS
    doesn't say: it is gone, or the caller may not look."""
    try:
        found = aws.ecs.get_service(cluster_arn=known.cluster, service_name=known.name)
    except Exception as error:
        if not str(error).startswith(_REFUSED):
            raise
        reason, _, _ = str(error).removeprefix(_REFUSED).partition("\n")
        pulumi.log.warn(
            f"{known.name}: its task count can't be read, so its replacement starts with {known.count}, as of the last "
            f"`up`, or with the minimum of its range: {reason}"
        )
        return known.count
    return int(found.desired_count)


def is_inactive(groups: list[str]) -> bool:
    """Whether a VPC link with these security groups, which nothing else has, has no network interfaces, as AWS takes
    them away when it turns INACTIVE: no look-up of pulumi-aws tells its status. Where AWS doesn't say, it hasn't."""
    try:
        found = aws.ec2.get_network_interfaces(
            filters=[aws.ec2.GetNetworkInterfacesFilterArgs(name="group-id", values=groups)]
        )
    except Exception as error:  # the SDK has no narrower one
        reason, _, _ = str(error).partition("\n")
        pulumi.log.warn(
            f"facade: whether a VPC link is INACTIVE, as it is after 60 days without a request, can't be read: {reason}"
        )
        return False
    return not found.ids
