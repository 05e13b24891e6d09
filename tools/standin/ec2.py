"""Networks: address ranges nest and don't overlap, routes lead somewhere, and nothing goes while something is in it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any, Final

from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, is_unknown, rows, table

VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
ROUTE: Final = "aws:ec2/route:Route"
ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT: Final = "aws:ec2/natGateway:NatGateway"
EIP: Final = "aws:ec2/eip:Eip"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
_REFACTOR_SPACES: Final = "aws-native:refactorspaces:Application"
_ECS_SERVICE: Final = "aws:ecs/service:Service"
_CLUSTER: Final = "aws:ecs/cluster:Cluster"

WAITS: Final = frozenset({"DependencyViolation"})
"""pulumi-aws keeps trying to delete a network's parts until what uses them is gone."""
VPC_REF: Final = Ref("vpcId", VPC, code="InvalidVpcID.NotFound")


def fresh_id(prefix: str) -> Callable[[Call], str]:
    def make(call: Call) -> str:
        return call.cloud.new_id(prefix)

    return make


def no_texts(*names: str) -> Props:
    """What pulumi-aws reports as an empty text where AWS says nothing. A remote component such as awsx's hands it
    on."""
    return dict.fromkeys(names, "")


def network(text: Any) -> ipaddress.IPv4Network | None:
    """The IPv4 range of a text, or None if it isn't one."""
    try:
        return ipaddress.IPv4Network(str(text))
    except ValueError:
        return None


# Vpc


def _vpc_problems(inputs: Props) -> Iterator[Problem]:
    block = inputs.get("cidrBlock")
    if block is None or is_unknown(block):
        return
    found = network(block)
    if found is None:
        yield "cidrBlock", f"is {block!r}, which is not an IPv4 range without host bits"
    elif not 16 <= found.prefixlen <= 28:
        yield "cidrBlock", f"is {block}; a VPC's range is between /16 and /28"


def _vpc_verify(call: Call) -> None:
    count = len(list(call.others(VPC)))
    refuse(
        call.before is None and count >= call.cloud.vpc_quota,
        "VpcLimitExceeded",
        f"the maximum number of VPCs has been reached: {count} of {call.cloud.vpc_quota}",
    )


def _vpc_outputs(call: Call, identifier: str) -> Props:
    digits = identifier.removeprefix("vpc-")
    return {
        "arn": call.cloud.arn("ec2", f"vpc/{identifier}"),
        "defaultNetworkAclId": f"acl-{digits}",
        "defaultRouteTableId": f"rtb-{digits}",
        "mainRouteTableId": f"rtb-{digits}",
        "defaultSecurityGroupId": f"sg-{digits}",
        "dhcpOptionsId": f"dopt-{digits}",
        "ownerId": call.cloud.account,
        "enableDnsHostnames": call.get("enableDnsHostnames", False),
        "enableNetworkAddressUsageMetrics": call.get("enableNetworkAddressUsageMetrics", False),
        **no_texts("ipv6AssociationId", "ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup"),
    }


# Subnet


def _subnet_verify(call: Call) -> None:
    vpc = call.snapshot.get(VPC, call.inputs["vpcId"])
    assert vpc is not None
    block = network(call.get("cidrBlock"))
    whole = network(vpc["cidrBlock"])
    refuse(block is None or whole is None, "InvalidParameterValue", f"cidrBlock: {call.get('cidrBlock')!r} is no range")
    assert block is not None
    assert whole is not None
    refuse(
        not block.subnet_of(whole), "InvalidSubnet.Range", f"the CIDR '{block}' is not within {describe(vpc)}, {whole}"
    )
    for other in call.others(SUBNET):
        taken = network(other["cidrBlock"])
        refuse(
            other["vpcId"] == vpc.id and taken is not None and block.overlaps(taken),
            "InvalidSubnet.Conflict",
            f"the CIDR '{block}' conflicts with {describe(other)}, {taken}",
        )
    zones = [f"{call.settings.region}{letter}" for letter in call.cloud.zones]
    zone = call.get("availabilityZone")
    refuse(
        zone is not None and zone not in zones,
        "InvalidParameterValue",
        f"availabilityZone: {zone!r} is not a zone of {call.settings.region}; there are: {', '.join(zones)}",
    )


def one_off_tasks(snapshot: Snapshot) -> Iterator[Props]:
    """The tasks that run and that no service started: `subnets` and `securityGroups` of each. Its network interface has
    both (ECS developer guide, "Fargate task networking"), and a public address, for as long as it runs."""
    for cluster in snapshot.of(_CLUSTER):
        yield from rows(cluster.hidden.get("oneOff"))


def _subnet_verify_delete(call: Call) -> None:
    """The proxy of a Refactor Spaces application has a network load balancer in its VPC."""
    assert call.before is not None
    refuse(
        any(call.before.id in task["subnets"] for task in one_off_tasks(call.snapshot)),
        "DependencyViolation",
        f"The subnet '{call.before.id}' has dependencies and cannot be deleted.",
    )
    for item in call.snapshot.where(_REFACTOR_SPACES, vpcId=call.before["vpcId"]):
        refuse(True, "DependencyViolation", f"{describe(call.before)} can't be deleted while {describe(item)} uses it")


def _subnet_outputs(call: Call, identifier: str) -> Props:
    zone = call.get("availabilityZone", f"{call.settings.region}{call.cloud.zones[0]}")
    return {
        "arn": call.cloud.arn("ec2", f"subnet/{identifier}"),
        "availabilityZone": zone,
        "availabilityZoneId": f"az{zone[-1]}",
        "ownerId": call.cloud.account,
        "privateDnsHostnameTypeOnLaunch": call.get("privateDnsHostnameTypeOnLaunch", "ip-name"),
        **no_texts("ipv6CidrBlock", "ipv6CidrBlockAssociationId"),
    }


# Internet gateway


def _gateway_verify(call: Call) -> None:
    for other in call.others(GATEWAY):
        refuse(
            call.get("vpcId") is not None and other["vpcId"] == call.get("vpcId"),
            "Resource.AlreadyAssociated",
            f"{call.get('vpcId')} has an internet gateway already: {describe(other)}",
        )


def _public_things(call: Call, vpc: str) -> Iterator[Object]:
    subnets = {subnet.id for subnet in call.snapshot.where(SUBNET, vpcId=vpc)}
    for balancer in call.snapshot.where(_LOAD_BALANCER, vpcId=vpc):
        if not balancer["internal"]:
            yield balancer
    for nat in call.snapshot.of(NAT):
        if nat["subnetId"] in subnets and nat["connectivityType"] != "private":
            yield nat
    for service in call.snapshot.of(_ECS_SERVICE):
        configuration = table(service["networkConfiguration"])
        running = service.hidden.get("tasks", {}).get("running", 0)
        if running and configuration.get("assignPublicIp") and subnets & set(configuration.get("subnets", [])):
            yield service
    for cluster in call.snapshot.of(_CLUSTER):
        if any(subnets & set(task["subnets"]) for task in rows(cluster.hidden.get("oneOff"))):
            yield cluster


def _gateway_verify_delete(call: Call) -> None:
    assert call.before is not None
    vpc = call.before["vpcId"]
    user = next(_public_things(call, vpc), None) if vpc else None
    refuse(
        user is not None,
        "DependencyViolation",
        f"network {vpc} has some mapped public address(es); please unmap those before detaching the gateway: "
        f"{describe(user) if user else ''}",
    )


# Routes

_TARGETS = (
    "gatewayId",
    "natGatewayId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
    "networkInterfaceId",
)


def _route_problems(inputs: Props) -> Iterator[Problem]:
    targets = [name for name in _TARGETS if inputs.get(name) is not None]
    if len(targets) != 1:
        yield "gatewayId", f"exactly one target is needed, there are {len(targets)}: {', '.join(targets) or 'none'}"
    for name in ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"):
        if inputs.get(name) is not None:
            return
    yield "destinationCidrBlock", "a destination is needed"


def _route_verify(call: Call) -> None:
    table = call.snapshot.get(ROUTE_TABLE, call.inputs["routeTableId"])
    assert table is not None
    destination = call.get("destinationCidrBlock")
    for other in call.others(ROUTE):
        refuse(
            other["routeTableId"] == table.id and other["destinationCidrBlock"] == destination,
            "RouteAlreadyExists",
            f"the route identified by {destination} already exists in {describe(table)}",
        )
    gateway = call.snapshot.get(GATEWAY, call.get("gatewayId", ""))
    refuse(
        gateway is not None and gateway["vpcId"] != table["vpcId"],
        "InvalidParameterValue",
        f"route table {table.id} and network gateway {call.get('gatewayId')} belong to different networks",
    )
    nat = call.snapshot.get(NAT, call.get("natGatewayId", ""))
    subnet = call.snapshot.get(SUBNET, nat["subnetId"]) if nat else None
    refuse(
        subnet is not None and subnet["vpcId"] != table["vpcId"],
        "InvalidNatGatewayID.NotFound",
        f"route table {table.id} and NAT gateway {call.get('natGatewayId')} belong to different networks",
    )


def _association_verify(call: Call) -> None:
    subnet = call.snapshot.get(SUBNET, call.get("subnetId", ""))
    table = call.snapshot.get(ROUTE_TABLE, call.inputs["routeTableId"])
    refuse(
        subnet is not None and table is not None and subnet["vpcId"] != table["vpcId"],
        "InvalidParameterValue",
        f"route table {call.inputs['routeTableId']} and subnet {call.get('subnetId')} belong to different networks",
    )
    for other in call.others(ASSOCIATION):
        refuse(
            subnet is not None and other["subnetId"] == subnet.id,
            "Resource.AlreadyAssociated",
            f"subnet {call.get('subnetId')} has a route table already: {describe(other)}",
        )


KINDS: Final = (
    Kind(
        VPC,
        fresh_id("vpc-"),
        cfn="AWS::EC2::VPC",
        retries=WAITS,
        defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
        problems=_vpc_problems,
        verify=_vpc_verify,
        outputs=_vpc_outputs,
    ),
    Kind(
        SUBNET,
        fresh_id("subnet-"),
        cfn="AWS::EC2::Subnet",
        retries=WAITS,
        refs=(VPC_REF,),
        verify=_subnet_verify,
        verify_delete=_subnet_verify_delete,
        outputs=_subnet_outputs,
    ),
    Kind(
        GATEWAY,
        fresh_id("igw-"),
        refs=(VPC_REF,),
        retries=WAITS,
        verify=_gateway_verify,
        verify_delete=_gateway_verify_delete,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("ec2", f"internet-gateway/{identifier}"),
            "ownerId": call.cloud.account,
        },
    ),
    Kind(
        ROUTE_TABLE,
        fresh_id("rtb-"),
        cfn="AWS::EC2::RouteTable",
        refs=(VPC_REF, Ref("routes[*].gatewayId", GATEWAY, prefix="igw-"), Ref("routes[*].natGatewayId", NAT)),
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("ec2", f"route-table/{identifier}"),
            "ownerId": call.cloud.account,
            "propagatingVgws": call.get("propagatingVgws", []),
            "routes": call.get("routes", []),
        },
    ),
    Kind(
        ROUTE,
        lambda call: call.cloud.new_id(f"r-{call.inputs['routeTableId']}", 10),
        cfn="AWS::EC2::Route",
        import_id=lambda current: f"{current['routeTableId']}_{current['destinationCidrBlock']}",
        refs=(
            Ref("routeTableId", ROUTE_TABLE, blocks=False, code="InvalidRouteTableID.NotFound"),
            Ref("gatewayId", GATEWAY, blocks=False, code="InvalidGatewayID.NotFound", prefix="igw-"),
            Ref("natGatewayId", NAT, blocks=False, code="InvalidNatGatewayID.NotFound"),
            Ref("vpcEndpointId", ENDPOINT, blocks=False),
        ),
        problems=_route_problems,
        verify=_route_verify,
        outputs=lambda _call, _identifier: {
            "origin": "CreateRoute",
            "state": "active",
            **no_texts("instanceId", "instanceOwnerId", "networkInterfaceId"),
        },
    ),
    Kind(
        ASSOCIATION,
        fresh_id("rtbassoc-"),
        cfn="AWS::EC2::SubnetRouteTableAssociation",
        import_id=lambda current: f"{current['subnetId']}/{current['routeTableId']}",
        names={"gatewayId": None, "!SubnetId": None},
        in_place=frozenset({"routeTableId"}),
        refs=(
            Ref("routeTableId", ROUTE_TABLE, code="InvalidRouteTableID.NotFound"),
            Ref("subnetId", SUBNET, blocks=False, code="InvalidSubnetID.NotFound"),
        ),
        verify=_association_verify,
    ),
)
