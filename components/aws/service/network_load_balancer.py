"""The network load balancer of a service: `nlb` of its manifest."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network import tls
from components.aws.network.environment import Environment, front_of
from components.aws.network.security_groups import CHECKED, Way, between
from components.aws.service.target_groups import network_group
from components.manifest.nlb import Nlb, NlbListener


@dataclass(frozen=True)
class NetworkBalancerArgs:
    """nlb: what the manifest says. environment: where the tasks are. task_group: id of the security group through which
    they are reached. tags: of all that is made."""

    nlb: Nlb
    environment: Environment
    task_group: pulumi.Input[str]
    tags: dict[str, str]


@dataclass(frozen=True)
class NetworkBalancer:
    """dns_name, zone_id: of the load balancer. groups: a target group for each listener, in their order. needs: what
    the tasks need to be reached."""

    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    groups: tuple[aws.lb.TargetGroup, ...]
    needs: tuple[pulumi.Resource, ...]


def network_balancer(name: str, args: NetworkBalancerArgs, parent: pulumi.Resource) -> NetworkBalancer:
    """A load balancer in the public subnets, or in the private ones if the settings want the environment's internal."""
    opts = pulumi.ResourceOptions(parent=parent)
    environment, settings = args.environment, args.environment.args.environment
    internal = settings.internal is True
    group = aws.ec2.SecurityGroup(
        f"{name}-Nlb",
        vpc_id=environment.vpc_id,
        description=f"The network load balancer of {name}",
        tags=args.tags,
        opts=opts,
    )
    ways = _ways(name, args, group, internal, opts)
    balancer = aws.lb.LoadBalancer(
        front_of(f"{name}-Nlb", internal),
        internal=internal,
        load_balancer_type="network",
        subnets=environment.balancer_subnets(internal),
        security_groups=[group.id],
        tags=args.tags,
        opts=opts,
    )
    hosts = args.nlb.aliases if args.nlb.tls else ()
    found = tls.certificates(settings.certificates if args.nlb.tls else (), hosts, args.tags, parent)
    groups: list[aws.lb.TargetGroup] = []
    listeners: list[pulumi.Resource] = []
    for each in args.nlb.listeners:
        own = f"{name}-Nlb{each.port}{each.transport}"
        target = network_group(front_of(own, internal), each, environment.vpc_id, args.tags, opts)
        listeners.append(_listener(own, each, balancer, target, found, args, opts))
        groups.append(target)
    return NetworkBalancer(balancer.dns_name, balancer.zone_id, tuple(groups), (*ways, *listeners))


def _listener(
    name: str,
    listener: NlbListener,
    balancer: aws.lb.LoadBalancer,
    target: aws.lb.TargetGroup,
    found: tls.Certificates,
    args: NetworkBalancerArgs,
    opts: pulumi.ResourceOptions,
) -> aws.lb.Listener:
    secure = listener.protocol == "tls"
    made = aws.lb.Listener(
        name,
        load_balancer_arn=balancer.arn,
        port=listener.port,
        protocol=listener.protocol.upper(),
        certificate_arn=tls.first(found) if secure else None,
        ssl_policy=(listener.ssl_policy or args.environment.args.environment.ssl_policy) if secure else None,
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
        tags=args.tags,
        opts=opts,
    )
    tls.hold(name, made, found if secure else {}, opts)
    return made


def _ways(
    name: str, args: NetworkBalancerArgs, group: aws.ec2.SecurityGroup, internal: bool, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Who may open what: callers the listeners' ports, the load balancer the tasks' ports, checks included."""
    callers = args.environment.inside() if internal else "0.0.0.0/0"
    ways: list[pulumi.Resource] = []
    for each in args.nlb.listeners:
        ways.append(
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-Nlb-in-{each.port}{each.transport}",
                security_group_id=group.id,
                ip_protocol=each.transport,
                from_port=each.port,
                to_port=each.port,
                cidr_ipv4=callers,
                description=f"{each.protocol} on port {each.port}",
                tags=args.tags,
                opts=opts,
            )
        )
    for transport in sorted({"tcp", *(each.transport for each in args.nlb.listeners)}):
        way = Way(group.id, args.task_group, CHECKED, transport)
        ways += between(f"{name}-Nlb-{transport}-to-tasks", way, args.tags, opts)
    return ways
