"""Address ranges of environments, and the ids of what a VPC is made of. Pure.

An environment's range comes from its name alone: one of the 4,096 blocks of 4,096 addresses (/20) in 10.0.0.0/8. So
none moves when another environment comes or goes. Two names seldom meet (four environments: once in some 700 stacks).
"""

import re
from hashlib import sha256
from ipaddress import IPv4Network

# EC2's ids: 8 hex digits, or 17 since 2018. Amazon S3 user guide: bucket naming rules.
VPC_ID = re.compile(r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})")
SUBNET_ID = re.compile(r"subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

_ALL = IPv4Network("10.0.0.0/8")
_BITS = 20


def of_name(name: str) -> IPv4Network:
    """The range of an environment that is given none."""
    block = int.from_bytes(sha256(name.encode()).digest()[:8]) % 2 ** (_BITS - _ALL.prefixlen)
    return IPv4Network((int(_ALL.network_address) + block * 2 ** (32 - _BITS), _BITS))
