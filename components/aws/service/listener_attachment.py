"""How a service is attached to one load balancer: by a rule on port 80, or by a listener of its own."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network.environment import LoadBalancer
from components.aws.plan.load_balancers import AttachmentPlan, name_on
from components.aws.plan.target_groups import Version
from components.aws.service.listener_rules import attachment_rule, catch_all
from components.model.facades import Scheme


@dataclass(frozen=True)
class Attachment:
    """What leads to a service on a load balancer."""

    load_balancer: LoadBalancer
    """The load balancer."""
    url: pulumi.Output[str]
    """Where the load balancer answers for the service, as a client of its network writes it."""
    listener_arn: pulumi.Output[str]
    """ARN of the listener that answers for the service."""
    port: int
    """Of that listener."""
    group: aws.lb.TargetGroup
    """The service's tasks."""
    needs: tuple[pulumi.Resource, ...]
    """What attaches the target group to the load balancer."""


def attach(
    name: str,
    plan: AttachmentPlan,
    load_balancer: LoadBalancer,
    group: aws.lb.TargetGroup,
    priority: int,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> Attachment:
    """Makes what sends requests to the target group. name: the service's. priority: of a rule on port 80, or in the
    user's own listener, unique there."""
    logical = name_on(name, load_balancer.scheme)
    url = load_balancer.url
    needs: list[pulumi.Resource] = []
    if plan.scheme is Scheme.EXISTING:
        # What it leads to without a route is the user's: the rule only attaches the target group.
        needs.append(attachment_rule(Version(logical, priority), load_balancer.listener_arn, group, tags, opts))
    elif plan.rule:
        needs.append(catch_all(logical, load_balancer.listener_arn, priority, group, tags, opts))
    if plan.port is None:
        return Attachment(load_balancer, url, load_balancer.listener_arn, 80, group, tuple(needs))
    listener = aws.lb.Listener(
        logical,
        load_balancer_arn=load_balancer.arn,
        port=plan.port,
        protocol="HTTP",
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
        tags=tags,
        opts=opts,
    )
    own = pulumi.Output.concat(url, f":{plan.port}")
    return Attachment(load_balancer, own, listener.arn, plan.port, group, (*needs, listener))
