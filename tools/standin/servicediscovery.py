"""Cloud Map: namespaces and services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast

from tools.standin import ec2
from tools.standin.cloud import AwsError, Object, Snapshot
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, first, rows, table

PRIVATE_DNS: Final = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"
HTTP: Final = "aws:servicediscovery/httpNamespace:HttpNamespace"
SERVICE: Final = "aws:servicediscovery/service:Service"
_ECS_SERVICE: Final = "aws:ecs/service:Service"


def namespace(snapshot: Snapshot, value: str) -> Object | None:
    """A namespace of either kind by its id, name or ARN."""
    for token in (PRIVATE_DNS, HTTP):
        for resource in snapshot.of(token):
            if value in (resource.id, resource["name"], resource["arn"]):
                return resource
    return None


def _namespace_problems(inputs: Props) -> Iterator[Problem]:
    name = inputs.get("name")
    if isinstance(name, str) and not re.fullmatch(r"[!-~]{1,253}", name):
        yield "name", f"is {name!r}; accepted: 1 to 253 printable characters"
    elif isinstance(name, str) and not all(1 <= len(label) <= 63 for label in name.split(".")):
        yield "name", f"is {name!r}; accepted: labels of 1 to 63 characters"


def _dns_verify(call: Call) -> None:
    for other in call.others(PRIVATE_DNS):
        refuse(
            other["name"] == call.inputs["name"] and other["vpc"] == call.inputs["vpc"],
            "ConflictingDomainExists",
            f"the domain {call.inputs['name']} exists already in {call.inputs['vpc']}: {describe(other)}",
        )


def _namespace_verify_delete(call: Call) -> None:
    assert call.before is not None
    mine = (call.before.id, call.before["name"], call.before["arn"])
    for service in call.snapshot.of(SERVICE):
        refuse(
            namespace_of(service) == call.before.id,
            "ResourceInUse",
            f"Namespace has associated services: {describe(service)}",
        )
    for service in call.snapshot.of(_ECS_SERVICE):
        refuse(
            first(dict(service.inputs), "serviceConnectConfiguration.namespace") in mine,
            "ResourceInUse",
            f"Namespace has associated services: Service Connect of {describe(service)}",
        )


def namespace_of(service: Object) -> str | None:
    found = service["namespaceId"] or first(dict(service.inputs), "dnsConfig.namespaceId")
    return cast("str | None", found)


def _service_problems(inputs: Props) -> Iterator[Problem]:
    dns = table(inputs.get("dnsConfig"))
    for index, record in enumerate(rows(dns.get("dnsRecords"))):
        if record.get("type") not in ("A", "AAAA", "SRV", "CNAME"):
            yield f"dnsConfig.dnsRecords[{index}].type", f"is {record.get('type')!r}; accepted: A, AAAA, SRV, CNAME"
    if inputs.get("healthCheckConfig") and inputs.get("healthCheckCustomConfig"):
        yield "healthCheckConfig", "excludes healthCheckCustomConfig"


def _service_verify(call: Call) -> None:
    wanted = call.get("namespaceId") or first(call.inputs, "dnsConfig.namespaceId")
    found = namespace(call.snapshot, str(wanted))
    if found is None:
        raise AwsError("NamespaceNotFound", f"the namespace '{wanted}' does not exist")
    refuse(
        call.get("dnsConfig") and found.type == HTTP,
        "InvalidInput",
        f"{describe(found)} is an HTTP namespace, which takes no DNS records",
    )
    for other in call.others(SERVICE):
        refuse(
            other["name"] == call.inputs["name"] and namespace_of(other) == found.id,
            "ServiceAlreadyExists",
            f"Service already exists: {describe(other)}",
        )


def _namespace_outputs(call: Call, identifier: str) -> Props:
    return {"arn": call.cloud.arn("servicediscovery", f"namespace/{identifier}")}


KINDS: Final = (
    Kind(
        PRIVATE_DNS,
        lambda call: call.cloud.new_id("ns-", 16),
        cfn="AWS::ServiceDiscovery::PrivateDnsNamespace",
        autoname=AutoName(),
        refs=(Ref("vpc", ec2.VPC, blocks=False, code="InvalidInput"),),
        problems=_namespace_problems,
        verify=_dns_verify,
        import_id=lambda current: f"{current.id}:{current['vpc']}",
        verify_delete=_namespace_verify_delete,
        outputs=lambda call, identifier: {
            **_namespace_outputs(call, identifier),
            "hostedZone": identifier.replace("ns-", "Z").upper(),
        },
    ),
    Kind(
        HTTP,
        lambda call: call.cloud.new_id("ns-", 16),
        cfn="AWS::ServiceDiscovery::HttpNamespace",
        autoname=AutoName(),
        unique=("name",),
        unique_code="NamespaceAlreadyExists",
        problems=_namespace_problems,
        verify_delete=_namespace_verify_delete,
        outputs=lambda call, identifier: {**_namespace_outputs(call, identifier), "httpName": call.inputs["name"]},
    ),
    Kind(
        SERVICE,
        lambda call: call.cloud.new_id("srv-", 16),
        cfn="AWS::ServiceDiscovery::Service",
        autoname=AutoName(),
        in_use_code="ResourceInUse",
        replace=frozenset({"healthCheckCustomConfig", "dnsConfig.namespaceId", "dnsConfig.routingPolicy"}),
        problems=_service_problems,
        verify=_service_verify,
        outputs=lambda call, identifier: {"arn": call.cloud.arn("servicediscovery", f"service/{identifier}")},
    ),
)
