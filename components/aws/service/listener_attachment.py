"""How a service is reached on one load balancer: by a rule on port 80, or by a port of its own."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network.environment import Balancer, front_of
from components.aws.plan.load_balancers import Way
from components.aws.service.listener_rules import everything


@dataclass(frozen=True)
class Entrance:
    """listener_arn, port: where the load balancer listens for the service. url: the same, from outside of AWS. group:
    the service's tasks. needs: what ties that group to the load balancer."""

    url: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    port: int
    group: aws.lb.TargetGroup
    needs: tuple[pulumi.Resource, ...]


@dataclass(frozen=True)
class EntranceArgs:
    """way: how the service is reached on the load balancer. group: its tasks. priority: of a rule on port 80, one of
    its own there. tags: of all that is made."""

    way: Way
    balancer: Balancer
    group: aws.lb.TargetGroup
    priority: int
    tags: dict[str, str]


def entrance(name: str, args: EntranceArgs, opts: pulumi.ResourceOptions) -> Entrance:
    """Makes what sends requests to the target group. name: the service's."""
    way, balancer, group = args.way, args.balancer, args.group
    front, url = front_of(name, balancer.internal), pulumi.Output.concat("http://", balancer.dns)
    needs: list[pulumi.Resource] = []
    if way.rule:
        needs.append(everything(front, balancer.listener_arn, args.priority, group, args.tags, opts))
    if way.port is None:
        return Entrance(url, balancer.listener_arn, 80, group, tuple(needs))
    listener = aws.lb.Listener(
        front,
        load_balancer_arn=balancer.arn,
        port=way.port,
        protocol="HTTP",
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
        tags=args.tags,
        opts=opts,
    )
    own = pulumi.Output.concat(url, f":{way.port}")
    return Entrance(own, listener.arn, way.port, group, (*needs, listener))
