"""What leads to the backends of an environment: an internal load balancer, which no facade uses, and their names."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network import security_groups, tls
from components.aws.network.listeners import no_service
from components.aws.plan.load_balancers import for_backends, own_name
from components.model.environment import EnvironmentSettings


@dataclass(frozen=True)
class BackendsArgs:
    """What it is made of."""

    settings: EnvironmentSettings
    """Of its environment."""
    vpc_id: pulumi.Output[str]
    """Id of its network."""
    subnets: pulumi.Input[list[str]]
    """Ids of its subnets."""
    task_group: pulumi.Output[str]
    """Id of the security group of tasks, which call it and which it calls."""
    domain: str
    """The name of the private zone, which there is without certificates."""
    needs: tuple[pulumi.Resource, ...]
    """What must be there before it."""


@dataclass(frozen=True)
class Backends:
    """The load balancer of an environment's backends."""

    dns: pulumi.Output[str]
    """Its host name."""
    hosted_zone: pulumi.Output[str]
    """Id of the hosted zone of that name, for alias records."""
    suffix: pulumi.Output[str]
    """The part of its ARN by which CloudWatch's metrics name it."""
    listener_arn: pulumi.Output[str]
    """Of its port 80, which answers 503 unless a rule says more."""
    https_arn: pulumi.Output[str] | None
    """The same of its port 443; None without certificates."""
    group: pulumi.Output[str]
    """Id of its security group."""
    zone_id: pulumi.Output[str] | None
    """Id of the private zone in which backends have names; None with certificates."""
    held: tuple[pulumi.Resource, ...]
    """What holds its certificates."""


def backends(name: str, args: BackendsArgs, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> Backends:
    """An internal load balancer, which takes requests of the environment's tasks, as Copilot's does. name: the
    environment's."""
    settings, plain = args.settings, dict(tags)
    of_tasks = "The internal load balancer of backends: requests of tasks"
    group = security_groups.security_group(f"{name}-backends", args.vpc_id, of_tasks, plain, opts)
    ports = {"": 80, **({"-tls": 443} if settings.internal_certificates else {})}
    for end, port in ports.items():
        _take(f"{name}-backends-from-tasks{end}", group, port, plain, opts, source=args.task_group)
        if settings.internal_open:
            _take(f"{name}-backends-in{end}", group, port, plain, opts)
    called = security_groups.GroupRule(group.id, args.task_group, security_groups.CHECKED)
    security_groups.between(f"{name}-backends-to-tasks", called, plain, opts)
    made = aws.lb.LoadBalancer(
        own_name(for_backends(name)),
        internal=True,
        load_balancer_type="application",
        subnets=args.subnets,
        security_groups=[group.id],
        drop_invalid_header_fields=settings.drop_invalid_headers,
        desync_mitigation_mode="defensive",
        tags=plain,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(args.needs))),
    )
    listener = aws.lb.Listener(
        for_backends(name),
        load_balancer_arn=made.arn,
        port=80,
        protocol="HTTP",
        default_actions=[no_service()],
        tags=plain,
        opts=opts,
    )
    secure, held, zone = None, list[pulumi.Resource](), None
    if settings.internal_certificates:
        https = tls.HttpsListenerArgs(
            name=for_backends(name),
            load_balancer_arn=made.arn,
            security_group=group.id,
            callers={},  # its rules are made above
            certificates={arn.rpartition("/")[2]: arn for arn in settings.internal_certificates},
            policy=settings.internal_ssl_policy,
        )
        secure, held = tls.https_listener(https, plain, opts)
    else:
        zone = aws.route53.Zone(
            f"{name}-backends",
            name=args.domain,
            comment="Names of backends",
            vpcs=[aws.route53.ZoneVpcArgs(vpc_id=args.vpc_id)],
            tags=plain,
            opts=opts,
        )
    return Backends(
        dns=made.dns_name,
        hosted_zone=made.zone_id,
        suffix=made.arn_suffix,
        listener_arn=listener.arn,
        https_arn=secure.arn if secure else None,
        group=group.id,
        zone_id=zone.zone_id if zone else None,
        held=tuple(held),
    )


def _take(
    name: str,
    group: aws.ec2.SecurityGroup,
    port: int,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
    source: pulumi.Output[str] | None = None,
) -> None:
    """source: the security group whose requests it takes; None: everybody's, who comes no further than the network."""
    aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=source,
        cidr_ipv4=None if source is not None else "0.0.0.0/0",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description="HTTPS" if port == 443 else "HTTP",
        tags=tags,
        opts=opts,
    )
