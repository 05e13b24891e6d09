"""What a network reaches the world by: NAT gateways, addresses, endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.standin.ec2 import EIP, ENDPOINT, GATEWAY, NAT, ROUTE_TABLE, SUBNET, VPC_REF, fresh_id
from tools.standin.kinds import Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props

# NAT gateways and addresses


def _nat_problems(inputs: Props) -> Iterator[Problem]:
    if inputs.get("connectivityType") != "private" and inputs.get("allocationId") is None:
        yield "allocationId", "is required for a public NAT gateway"
    if inputs.get("subnetId") is None:
        yield "subnetId", "is required"


def _nat_verify(call: Call) -> None:
    subnet = call.snapshot.get(SUBNET, call.inputs["subnetId"])
    assert subnet is not None
    refuse(
        not call.snapshot.where(GATEWAY, vpcId=subnet["vpcId"]),
        "Gateway.NotAttached",
        f"network {subnet['vpcId']} has no internet gateway attached",
    )
    for other in call.others(NAT):
        refuse(
            other["allocationId"] == call.get("allocationId"),
            "Resource.AlreadyAssociated",
            f"elastic IP address {call.get('allocationId')} is already associated: {describe(other)}",
        )


def _address(identifier: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", identifier)[-4:].rjust(4, "0")
    return f"203.0.{int(digits[:2], 16)}.{int(digits[2:], 16)}"


# Endpoints


def _endpoint_verify(call: Call) -> None:
    service = call.get("serviceName", "")
    refuse(
        not service.startswith(f"com.amazonaws.{call.settings.region}.")
        and not service.startswith("com.amazonaws.vpce."),
        "InvalidServiceName",
        f"the Vpc Endpoint Service '{service}' does not exist in {call.settings.region}",
    )
    for path, token in (("subnetIds", SUBNET), ("routeTableIds", ROUTE_TABLE)):
        for item in call.get(path, []):
            found = call.snapshot.get(token, item)
            refuse(
                found is not None and found["vpcId"] != call.inputs["vpcId"],
                "InvalidParameter",
                f"{path}: {item} is not in {call.inputs['vpcId']}",
            )


KINDS: Final = (
    Kind(
        NAT,
        fresh_id("nat-"),
        cfn="AWS::EC2::NatGateway",
        retries=frozenset({"Gateway.NotAttached"}),
        names={"privateIp": "PrivateIpAddress"},
        refs=(
            Ref("subnetId", SUBNET, code="InvalidSubnetID.NotFound"),
            Ref("allocationId", EIP, code="InvalidAllocationID.NotFound"),
        ),
        problems=_nat_problems,
        verify=_nat_verify,
        outputs=lambda _call, identifier: {
            "publicIp": _address(identifier),
            "networkInterfaceId": identifier.replace("nat-", "eni-"),
        },
    ),
    Kind(
        EIP,
        fresh_id("eipalloc-"),
        cfn="AWS::EC2::EIP",
        in_use_code="InvalidIPAddress.InUse",
        outputs=lambda call, identifier: {
            "allocationId": identifier,
            "arn": call.cloud.arn("ec2", f"elastic-ip/{identifier}"),
            "publicIp": _address(identifier),
        },
    ),
    Kind(
        ENDPOINT,
        fresh_id("vpce-"),
        cfn="AWS::EC2::VPCEndpoint",
        names={"policy": None},
        defaults={"vpcEndpointType": "Gateway"},
        sets=frozenset({"subnetIds", "securityGroupIds", "routeTableIds"}),
        refs=(
            VPC_REF,
            Ref("subnetIds[*]", SUBNET, code="InvalidSubnetID.NotFound"),
            Ref("routeTableIds[*]", ROUTE_TABLE, code="InvalidRouteTableID.NotFound"),
            Ref("securityGroupIds[*]", "aws:ec2/securityGroup:SecurityGroup", code="InvalidGroup.NotFound"),
        ),
        verify=_endpoint_verify,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("ec2", f"vpc-endpoint/{identifier}"),
            "ownerId": call.cloud.account,
            "state": "available",
            "prefixListId": identifier.replace("vpce-", "pl-"),
            "networkInterfaceIds": [],
            "dnsEntries": [],
        },
    ),
)
