"""What security groups let in or out. Pure.

Source: EC2 API, SecurityGroupRule.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True)
class Passage:
    """What a rule of a security group lets through."""

    protocol: str
    """`tcp`, or `-1` for all."""
    first: int
    """The first port."""
    last: int
    """The last port."""
    range: str | None = None
    """The address range of the other side. Default: it isn't named by one."""
    group: str | None = None
    """The other side's security group. Default: it isn't named by one."""
    listed: bool = False
    """Whether a prefix list names the other side, whose ranges nobody has looked up. Default false."""


def passes(rules: Iterable[Passage], network: str, groups: Collection[str], port: int) -> bool:
    """Whether something is let through at a port; where a prefix list says who, it is taken to be. network: the address
    range of the other side. groups: its security groups."""
    fitting = [
        rule for rule in rules if rule.protocol == "-1" or (rule.protocol == "tcp" and rule.first <= port <= rule.last)
    ]
    return any(
        rule.listed or rule.group in groups or (rule.range and IPv4Network(network).subnet_of(IPv4Network(rule.range)))
        for rule in fitting
    )
