"""Who can reach whom, from a snapshot alone: security groups, routes to the internet, endpoints."""

from __future__ import annotations

from typing import Any, Final

from tools.standin import ec2, security
from tools.standin.cloud import Object, Snapshot
from tools.standin.values import Props, rows

_ALL: Final = ("-1", "all")


def vpc_of_subnets(snapshot: Snapshot, subnets: list[Any]) -> set[str]:
    """The VPCs of these subnets."""
    found = [snapshot.get(ec2.SUBNET, str(subnet)) for subnet in subnets]
    return {subnet["vpcId"] for subnet in found if subnet is not None}


def zones_of_subnets(snapshot: Snapshot, subnets: list[Any]) -> set[str]:
    """The Availability Zones of these subnets."""
    found = [snapshot.get(ec2.SUBNET, str(subnet)) for subnet in subnets]
    return {str(subnet["availabilityZone"]) for subnet in found if subnet is not None}


def _rules(snapshot: Snapshot, token: str, inline: str, group: str) -> list[Props]:
    """A group's rules in one form, whether they are resources of their own or part of the group."""
    rules = [dict(resource.attributes) for resource in snapshot.where(token, securityGroupId=group)]
    owner = snapshot.get(security.GROUP, group)
    for item in rows(owner[inline] if owner else None):
        common: Props = {
            "ipProtocol": item.get("protocol"),
            "fromPort": item.get("fromPort"),
            "toPort": item.get("toPort"),
        }
        rules += [{**common, "cidrIpv4": block} for block in item.get("cidrBlocks", [])]
        rules += [{**common, "referencedSecurityGroupId": other} for other in item.get("securityGroups", [])]
        if item.get("self"):
            rules.append({**common, "referencedSecurityGroupId": group})
    return rules


def _covers(rule: Props, port: int) -> bool:
    if str(rule.get("ipProtocol")) in _ALL:
        return True
    first, last = rule.get("fromPort"), rule.get("toPort")
    return (
        str(rule.get("ipProtocol")) in ("tcp", "6") and first is not None and int(first) <= port <= int(last or first)
    )


def _open(
    snapshot: Snapshot, token: str, inline: str, groups: list[str], peers: list[str], peer_vpc: str, port: int
) -> bool:
    whole = snapshot.get(ec2.VPC, peer_vpc)
    peer_range = ec2.network(whole["cidrBlock"]) if whole else None
    for group in groups:
        for rule in _rules(snapshot, token, inline, group):
            if not _covers(rule, port):
                continue
            block = ec2.network(rule.get("cidrIpv4") or "-")
            if rule.get("referencedSecurityGroupId") in peers:
                return True
            if block is not None and peer_range is not None and peer_range.subnet_of(block):
                return True
    return False


def may_talk(snapshot: Snapshot, sources: list[str], targets: list[str], port: int) -> str | None:
    """None if something in the source groups reaches a port of something in the target groups, or else why not."""
    source_vpc = _vpc_of_groups(snapshot, sources)
    target_vpc = _vpc_of_groups(snapshot, targets)
    if not _open(snapshot, security.EGRESS, "egress", sources, targets, target_vpc, port):
        return f"no egress rule of {', '.join(sources) or 'no group'} allows port {port} to {', '.join(targets)}"
    if not _open(snapshot, security.INGRESS, "ingress", targets, sources, source_vpc, port):
        return f"no ingress rule of {', '.join(targets)} allows port {port} from {', '.join(sources)}"
    return None


def lets_out(snapshot: Snapshot, sources: list[str], subnets: list[str], port: int) -> bool:
    """Whether the source groups let out to all of these subnets, in which something without a group is."""
    ranges = [ec2.network(subnet["cidrBlock"]) for name in subnets if (subnet := snapshot.get(ec2.SUBNET, name))]
    blocks = [
        block
        for group in sources
        for rule in _rules(snapshot, security.EGRESS, "egress", group)
        if _covers(rule, port) and (block := ec2.network(rule.get("cidrIpv4") or "-")) is not None
    ]
    return all(found is not None and any(found.subnet_of(block) for block in blocks) for found in ranges)


def _vpc_of_groups(snapshot: Snapshot, groups: list[str]) -> str:
    for group in groups:
        found = snapshot.get(security.GROUP, group)
        if found is not None:
            return str(found["vpcId"])
    return ""


def _any_rule(snapshot: Snapshot, token: str, inline: str, groups: list[str], port: int) -> bool:
    for group in groups:
        for rule in _rules(snapshot, token, inline, group):
            block = rule.get("cidrIpv4")
            if _covers(rule, port) and block == "0.0.0.0/0":
                return True
    return False


def accepts_internet(snapshot: Snapshot, groups: list[str], port: int) -> bool:
    """Whether anyone may connect to this port."""
    return _any_rule(snapshot, security.INGRESS, "ingress", groups, port)


def _routes(snapshot: Snapshot, subnet: str) -> list[Props]:
    tables = [association["routeTableId"] for association in snapshot.where(ec2.ASSOCIATION, subnetId=subnet)]
    found: list[Props] = []
    for table in tables:
        found += [dict(route.attributes) for route in snapshot.where(ec2.ROUTE, routeTableId=table)]
        owner = snapshot.get(ec2.ROUTE_TABLE, table)
        for route in rows(owner["routes"] if owner else None):
            found.append({**route, "destinationCidrBlock": route.get("cidrBlock")})
    return [route for route in found if route.get("destinationCidrBlock") == "0.0.0.0/0"]


def is_public(snapshot: Snapshot, subnet: str) -> bool:
    """Whether the subnet's default route leads to an internet gateway that exists."""
    return any(snapshot.get(ec2.GATEWAY, route.get("gatewayId") or "") for route in _routes(snapshot, subnet))


def _has_nat(snapshot: Snapshot, subnet: str) -> bool:
    return any(snapshot.get(ec2.NAT, route.get("natGatewayId") or "") for route in _routes(snapshot, subnet))


def _endpoints(snapshot: Snapshot, subnet: Object) -> set[str]:
    """The AWS services with an endpoint in this subnet's VPC."""
    found = snapshot.where(ec2.ENDPOINT, vpcId=subnet["vpcId"])
    return {".".join(str(endpoint["serviceName"]).split(".")[3:]) for endpoint in found}


def reaches_aws(snapshot: Snapshot, subnets: list[str], groups: list[str], *, public_address: bool) -> str | None:
    """None if a task here can fetch its image and write its log, or else why not."""
    vpc = next(iter(vpc_of_subnets(snapshot, list(subnets))), "")
    whole = snapshot.get(ec2.VPC, vpc)
    https_out = _any_rule(snapshot, security.EGRESS, "egress", groups, 443)
    for name in subnets:
        subnet = snapshot.get(ec2.SUBNET, name)
        if subnet is None:
            return f"subnet {name} is gone"
        way = is_public(snapshot, name) if public_address else _has_nat(snapshot, name)
        if way and https_out:
            continue
        needed = {"ecr.api", "ecr.dkr", "s3", "logs"}
        missing = needed - _endpoints(snapshot, subnet)
        if missing:
            if way:
                return f"no egress rule of {', '.join(groups)} allows port 443"
            how = "an internet gateway" if public_address else "a NAT gateway (the task has no public address)"
            return f"subnet {name} has no route to {how} and no endpoint for {', '.join(sorted(missing))}"
        inside = whole is not None and _open(snapshot, security.EGRESS, "egress", groups, [], vpc, 443)
        if not (https_out or inside):
            return f"no egress rule of {', '.join(groups)} allows port 443"
    return None
