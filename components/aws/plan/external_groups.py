"""Target groups that aren't ours: what a load balancer of ours would be refused with. Pure.

Sources: ELB user guide ("Target groups for your Application Load Balancers": a target group is in one VPC, and behind
one load balancer; target type alb is for network load balancers), ELB API (CreateRule: TargetGroupAssociationLimit).
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class ExternalGroup:
    """A target group that isn't ours, as AWS tells of it."""

    target_type: str
    """What its targets are: `instance`, `ip`, `lambda` or `alb`."""
    protocol: str | None = None
    """How it speaks to its targets. Default None: they are Lambda functions."""
    vpc_id: str | None = None
    """Where its targets are. Default None: they are Lambda functions."""
    load_balancers: tuple[str, ...] = ()
    """ARNs of those that it is behind. Default: none."""
    stickiness: int | None = None
    """Seconds for which a client stays with one of its targets. Default None: it may meet any of them."""


def mistake(group: ExternalGroup, vpc_id: str | None, own: Collection[str]) -> tuple[str, str] | None:
    """What was found and what to do, if a load balancer of ours can't forward to it. vpc_id: of that load balancer;
    None if it isn't made yet, and makes its own. own: ARNs of the load balancers that the stack has."""
    if group.target_type != "lambda" and group.protocol not in ("HTTP", "HTTPS"):
        return (
            f"a target group of {group.protocol}",
            "give one with HTTP or HTTPS, for an ALB",
        )
    if group.vpc_id and group.vpc_id != vpc_id:
        return (
            f"a target group in {group.vpc_id}, and the load balancer is in {vpc_id or 'a VPC that is created for it'}",
            f"give one in that VPC, or set the environment's: strangler:environments.<name>.vpc {{id: {group.vpc_id},"
            " …}",
        )
    others = sorted(set(group.load_balancers) - set(own))
    if others:
        return (
            f"a target group that is already behind {others[0]}",
            "AWS allows only one load balancer: create another target group for the same targets",
        )
    return None
