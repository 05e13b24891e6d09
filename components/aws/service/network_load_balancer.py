"""The network load balancer of a service: `nlb` of its manifest."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network import tls
from components.aws.network.security_groups import BESIDE, CHECKED, GroupRule, between, security_group
from components.aws.plan import network_listeners
from components.aws.plan.load_balancers import name_on, own_name
from components.aws.service.context import ServiceContext
from components.aws.service.target_groups import network_group
from components.manifest.nlb import Nlb, NlbListener
from components.model.facades import Scheme


@dataclass(frozen=True)
class NetworkLoadBalancer:
    """A network load balancer that exists."""

    dns_name: pulumi.Output[str]
    """Its host name."""
    zone_id: pulumi.Output[str]
    """Id of its hosted zone, for alias records."""
    groups: tuple[aws.lb.TargetGroup, ...]
    """A target group for each listener, in their order."""
    needs: tuple[pulumi.Resource, ...]
    """What the tasks need to be reached."""


def network_load_balancer(context: ServiceContext, nlb: Nlb, parent: pulumi.Resource) -> NetworkLoadBalancer:
    """A load balancer in the public subnets, or in the private ones if the settings want the environment's internal."""
    name, opts, tags = context.name, context.child, context.tags
    environment, settings = context.environment, context.environment.args.settings
    scheme = settings.scheme or Scheme.PUBLIC
    group = security_group(f"{name}-Nlb", environment.vpc_id, f"The network load balancer of {name}", tags, opts)
    rules = _group_rules(context, nlb, group, scheme)
    load_balancer = aws.lb.LoadBalancer(
        own_name(name_on(f"{name}-Nlb", scheme)),
        internal=scheme is Scheme.INTERNAL,
        load_balancer_type="network",
        subnets=environment.load_balancer_subnets(scheme),
        security_groups=[group.id],
        tags=tags,
        opts=opts,
    )
    certificates = tls.certificates(
        settings.certificates if nlb.tls else (), nlb.aliases if nlb.tls else (), tags, parent
    )
    groups: list[aws.lb.TargetGroup] = []
    listeners: list[pulumi.Resource] = []
    for listener in nlb.listeners:
        own = network_listeners.name_of(name, listener.port, listener.transport)
        target = network_group(name_on(own, scheme), listener, environment.vpc_id, tags, opts)
        listeners.append(_listener(own, context, listener, load_balancer, target, certificates))
        groups.append(target)
    return NetworkLoadBalancer(load_balancer.dns_name, load_balancer.zone_id, tuple(groups), (*rules, *listeners))


def _listener(
    name: str,
    context: ServiceContext,
    listener: NlbListener,
    load_balancer: aws.lb.LoadBalancer,
    target: aws.lb.TargetGroup,
    certificates: tls.Certificates,
) -> aws.lb.Listener:
    secure = listener.protocol == "tls"
    asked = listener.ssl_policy or context.environment.args.settings.ssl_policy
    policy, opts = tls.policy(asked, context.child) if secure else (None, context.child)
    made = aws.lb.Listener(
        name,
        load_balancer_arn=load_balancer.arn,
        port=listener.port,
        protocol=listener.protocol.upper(),
        certificate_arn=tls.first(certificates) if secure else None,
        ssl_policy=policy,
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
        tags=context.tags,
        opts=opts,
    )
    tls.hold(name, made, certificates if secure else {}, context.child)
    return made


def _group_rules(
    context: ServiceContext, nlb: Nlb, group: aws.ec2.SecurityGroup, scheme: Scheme
) -> list[pulumi.Resource]:
    """Who may open what: callers the listeners' ports, the load balancer the tasks' ports, checks included."""
    name, tags, opts = context.name, context.tags, context.child
    callers = context.environment.inside() if scheme is Scheme.INTERNAL else "0.0.0.0/0"
    made: list[pulumi.Resource] = []
    for listener in nlb.listeners:
        made.append(
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-Nlb-in-{listener.port}{listener.transport}",
                security_group_id=group.id,
                ip_protocol=listener.transport,
                from_port=listener.port,
                to_port=listener.port,
                cidr_ipv4=callers,
                description=f"{listener.protocol} on port {listener.port}",
                tags=tags,
                opts=pulumi.ResourceOptions.merge(opts, BESIDE),
            )
        )
    for transport in sorted({"tcp", *(listener.transport for listener in nlb.listeners)}):
        rule = GroupRule(group.id, context.security_groups[0], CHECKED, transport)
        made += between(f"{name}-Nlb-{transport}-to-tasks", rule, tags, opts)
    return made
