"""What a user lets through an environment's security groups, beside what the system needs. Each rule is a resource of
its own, named by what it says, so that their order means nothing."""

from collections.abc import Iterable, Mapping

import pulumi
import pulumi_aws as aws

from components.environment import Rule
from components.names import fit

_DESCRIPTION = "As the manifest of the environment says"


def into_tasks(
    name: str, group: pulumi.Input[str], rules: Iterable[Rule], tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> None:
    """What tasks take besides."""
    for each in rules:
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-tasks-take-{title(each)}",
            security_group_id=group,
            ip_protocol=each.protocol,
            from_port=_port(each, each.first),
            to_port=_port(each, each.last),
            cidr_ipv4=each.cidr,
            description=_DESCRIPTION,
            tags=tags,
            opts=opts,
        )


def out_of_tasks(
    name: str, group: pulumi.Input[str], rules: Iterable[Rule], tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> None:
    """What alone tasks may call."""
    for each in rules:
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-tasks-call-{title(each)}",
            security_group_id=group,
            ip_protocol=each.protocol,
            from_port=_port(each, each.first),
            to_port=_port(each, each.last),
            cidr_ipv4=each.cidr,
            description=_DESCRIPTION,
            tags=tags,
            opts=opts,
        )


def _port(rule: Rule, port: int) -> int | None:
    """Protocols without ports take none (EC2, AuthorizeSecurityGroupIngress)."""
    return port if rule.protocol in ("tcp", "udp", "icmp", "6", "17", "1") else None


def title(rule: Rule) -> str:
    """A rule's part of a logical name."""
    protocol = "all" if rule.protocol == "-1" else rule.protocol
    return fit(f"{protocol}-{rule.first}-{rule.last}-{of_range(rule.cidr)}", 60)


def of_range(cidr: str) -> str:
    """An address range in a logical name."""
    return cidr.replace("/", "-")
