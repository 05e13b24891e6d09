"""Where awsx puts subnets: its layout rules, as pure arithmetic."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass, field
from typing import Any, Final, cast

from tools.standin.cloud import AwsError
from tools.standin.values import Props, table, texts

_ORDER: Final = {"public": 0, "private": 1, "isolated": 2, "unused": 3}
"""In which order the subnets of a zone are made."""
_LEGACY_ORDER: Final = {"private": 0, "public": 1, "isolated": 2, "unused": 3}


@dataclass(frozen=True)
class Subnet:
    name: str
    type: str
    zone: str
    cidr: str
    tags: dict[str, Any] = field(default_factory=dict[str, Any])


def layout(vpc: str, inputs: Props, cidr: str, zones: list[str]) -> list[Subnet]:
    """The subnets of a VPC in the order in which they are made; an `AwsError` for a layout that awsx refuses."""
    specs = cast("list[Props] | None", inputs.get("subnetSpecs"))
    strategy = inputs.get("subnetStrategy") or "Legacy"
    if specs is not None and any(spec.get("cidrBlocks") for spec in specs):
        found = _explicit(vpc, specs, zones)
    else:
        found = _automatic(vpc, specs, cidr, zones, inputs.get("availabilityZoneCidrMask"), legacy=strategy == "Legacy")
    _refuse_overlaps(found)
    if strategy == "Exact":
        _refuse_gaps(cidr, found)
    made = [subnet for subnet in found if subnet.type.lower() != "unused"]
    return sorted(made, key=lambda subnet: (zones.index(subnet.zone), _ORDER[subnet.type.lower()]))


def _explicit(vpc: str, specs: list[Props], zones: list[str]) -> list[Subnet]:
    found: list[Subnet] = []
    for number, spec in enumerate(specs):
        blocks = texts(spec.get("cidrBlocks"))
        if len(blocks) != len(zones):
            raise AwsError(
                "",
                f"subnetSpecs[{number}] has {len(blocks)} CIDR blocks for {len(zones)} availability zones",
            )
    for index, zone in enumerate(zones):
        found += [_subnet(vpc, spec, zone, index, spec["cidrBlocks"][index]) for spec in specs]
    return found


def _automatic(
    vpc: str, given: list[Props] | None, cidr: str, zones: list[str], zone_mask: int | None, *, legacy: bool
) -> list[Subnet]:
    whole = ipaddress.IPv4Network(cidr)
    mask = zone_mask or whole.prefixlen + _bits(len(zones))
    specs = given if given is not None else _default_specs(mask)
    if legacy:
        specs = sorted(specs, key=lambda wanted: _LEGACY_ORDER[str(wanted["type"]).lower()])
    per_subnet = mask + _bits(len(specs))
    size = 2 ** (32 - mask)
    total = sum(2 ** (32 - _mask(item, per_subnet)) for item in specs)
    if total > size:
        raise AwsError(
            "", f"Subnets are too large for VPC. VPC has {size} addresses, but subnets require {total} addresses."
        )
    found: list[Subnet] = []
    for index, zone in enumerate(zones):
        position = int(whole.network_address) + index * size
        for spec in specs:
            width = 2 ** (32 - _mask(spec, per_subnet))
            position = -(-position // width) * width
            block = f"{ipaddress.IPv4Address(position)}/{_mask(spec, per_subnet)}"
            found.append(_subnet(vpc, spec, zone, index, block))
            position += width
    return found


def _mask(spec: Props, default: int) -> int:
    if spec.get("cidrMask") is not None:
        return int(spec["cidrMask"])
    return 32 - int(math.log2(int(spec["size"]))) if spec.get("size") else default


def _default_specs(mask: int) -> list[Props]:
    if mask > 26:
        raise AwsError(
            "",
            f"Automatic subnet creation needs at least /26 per availability zone, there is /{mask}",
        )
    wide = max(mask, 16)
    return [{"type": "Private", "cidrMask": wide + 1}, {"type": "Public", "cidrMask": wide + 2}]


def _subnet(vpc: str, spec: Props, zone: str, index: int, cidr: str) -> Subnet:
    kind = str(spec["type"])
    name = f"{vpc}-{spec.get('name') or kind.lower()}-{index + 1}"
    return Subnet(name, kind, zone, cidr, table(spec.get("tags")))


def _bits(count: int) -> int:
    return math.ceil(math.log2(count)) if count > 1 else 0


def _refuse_overlaps(found: list[Subnet]) -> None:
    blocks = [(subnet, ipaddress.IPv4Network(subnet.cidr)) for subnet in found]
    for index, (one, block) in enumerate(blocks):
        for other, taken in blocks[index + 1 :]:
            if block.overlaps(taken):
                raise AwsError("", f"subnet {one.name} ({block}) overlaps with {other.name} ({taken})")


def _refuse_gaps(cidr: str, found: list[Subnet]) -> None:
    whole = ipaddress.IPv4Network(cidr)
    position = int(whole.network_address)
    for block in sorted(ipaddress.IPv4Network(subnet.cidr) for subnet in found):
        if int(block.network_address) != position:
            raise AwsError("", f"There are gaps in the subnet ranges before {block}; add a spec of type Unused")
        position = int(block.broadcast_address) + 1
    if position != int(whole.broadcast_address) + 1:
        raise AwsError(
            "", f"There are gaps in the subnet ranges: {cidr} has space left at its end; add a spec of type Unused"
        )
