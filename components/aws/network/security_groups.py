"""Security groups and their rules: from one to another, and what a user lets through an environment's, beside what the
system needs. Each rule is a resource of its own, so that their order means nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan.load_balancers import group_name
from components.model.environment import Rule
from components.model.names import fit

Ingress = aws.vpc.SecurityGroupIngressRule
Egress = aws.vpc.SecurityGroupEgressRule

BESIDE = pulumi.ResourceOptions(replace_on_changes=["referencedSecurityGroupId", "cidrIpv4"])
"""Of a rule: in place, pulumi-aws would take the way away from those who use it."""

CHECKED = "Requests and health checks"
"""What goes from a load balancer to tasks."""


@dataclass(frozen=True)
class GroupRule:
    """From the members of one security group to those of another."""

    source: pulumi.Input[str]
    """Id of the security group that calls."""
    target: pulumi.Input[str]
    """Id of the security group that is called."""
    description: str
    """What goes there."""
    protocol: str = "tcp"
    """Default tcp."""
    first: int = 0
    """The first port. Default 0."""
    last: int = 65535
    """The last port. Default 65535."""


def security_group(
    name: str, vpc_id: pulumi.Input[str], description: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> aws.ec2.SecurityGroup:
    """A security group without rules, whose name AWS takes whatever the environment or the service is called."""
    return aws.ec2.SecurityGroup(group_name(name), vpc_id=vpc_id, description=description, tags=tags, opts=opts)


def between(name: str, rule: GroupRule, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """The two rules that it takes: out of the one group, and into the other. Those to or from another group come beside
    the ones that are there, which go last: the tasks that run are in the group of before."""
    return [
        _one(Egress, name, rule, (rule.source, rule.target), tags, opts),
        into(name, rule, tags, opts),
    ]


def into(name: str, rule: GroupRule, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """The rule into the group that is called alone: the other one is the user's."""
    return _one(Ingress, name, rule, (rule.target, rule.source), tags, opts)


def _one(
    kind: type[Ingress | Egress],
    name: str,
    rule: GroupRule,
    groups: tuple[pulumi.Input[str], pulumi.Input[str]],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """groups: the one that the rule is of, and the other side."""
    group, other = groups
    return kind(
        name,
        security_group_id=group,
        referenced_security_group_id=other,
        ip_protocol=rule.protocol,
        from_port=rule.first,
        to_port=rule.last,
        description=rule.description,
        tags=tags,
        opts=pulumi.ResourceOptions.merge(opts, BESIDE),
    )


def of_tasks(
    kind: type[Ingress | Egress],
    name: str,
    group: pulumi.Input[str],
    rules: Iterable[Rule],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """What tasks accept besides requests, or what alone they may call. name: what the rules' names begin with."""
    for rule in rules:
        kind(
            f"{name}-{title(rule)}",
            security_group_id=group,
            ip_protocol=rule.protocol,
            from_port=_port(rule, rule.first),
            to_port=_port(rule, rule.last),
            cidr_ipv4=rule.cidr,
            description="As the manifest of the environment says",
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
