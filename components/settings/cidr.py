"""Address ranges of environments: they never overlap, and never move when another environment comes or goes. Pure.

An environment's range comes from its name alone: one of the 4,096 blocks of 4,096 addresses (/20) in 10.0.0.0/8.
Two names seldom meet (four environments: once in some 700 stacks); then the newer one is to be given a `cidr`.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from components.input.value import Cursor

# EC2's ids: 8 hex digits, or 17 since 2018. Amazon S3 user guide: bucket naming rules.
VPC_ID = re.compile(r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})")
SUBNET_ID = re.compile(r"subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

_ALL = IPv4Network("10.0.0.0/8")
_BITS = 20

_PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
)
"""What a VPC should lie in: RFC 1918 and RFC 6598, as the VPC user guide recommends."""

_ACCEPTED = "give a range such as 10.7.0.0/16, whose host bits are 0"


def of_name(name: str) -> IPv4Network:
    """The range of an environment that is given none."""
    block = int.from_bytes(sha256(name.encode()).digest()[:8]) % 2 ** (_BITS - _ALL.prefixlen)
    return IPv4Network((int(_ALL.network_address) + block * 2 ** (32 - _BITS), _BITS))


def read(at: Cursor, name: str) -> IPv4Network:
    """The range that stands here, or the name's own."""
    text = at.text(None, _ACCEPTED)
    if text is None:
        return of_name(name)
    try:
        network = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        at.fail(_ACCEPTED)
        return of_name(name)
    if not 16 <= network.prefixlen <= 24:
        at.fail("give a range from /16 to /24: a VPC takes no larger one, and two zones need room")
        return of_name(name)
    if not any(network.subnet_of(each) for each in _PRIVATE):
        at.fail("give a private range: within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10")
        return of_name(name)
    return network


def check(ranges: Mapping[str, IPv4Network], at: Cursor) -> None:
    """Notes the environments whose ranges overlap, which could never be joined by peering or a transit gateway."""
    names = sorted(ranges)
    for number, name in enumerate(names):
        for other in names[:number]:
            if ranges[name].overlaps(ranges[other]):
                found = f"the range {ranges[name]} overlaps with {ranges[other]} of the environment {other}"
                at.at(name).at("cidr").fail("give the newer of the two a cidr of its own, such as 10.7.0.0/16", found)
