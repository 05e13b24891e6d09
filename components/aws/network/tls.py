"""TLS of load balancers: certificates, the listener on port 443, and the records of host names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network.listeners import no_service
from components.aws.plan.alias_rules import HostName
from components.manifest.http import Alias
from components.model.facades import Domain
from components.model.names import fit

NAMES = 128
"""The longest logical name of what belongs to a host name."""


POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.2 and 1.3 with forward secrecy: what AWS recommends and its console gives, where its API gives
ELBSecurityPolicy-2016-08 with TLS 1.0 (ELB user guides, "Security policies for your Application Load Balancer" and
"... Network Load Balancer")."""

Certificates = Mapping[str, pulumi.Input[str]]
"""The ARNs of certificates, each by a name of its own. The first is for clients that name no host."""


@dataclass(frozen=True)
class HttpsListenerArgs:
    """What a listener for TLS is made of."""

    name: str
    """The logical name of its load balancer."""
    load_balancer_arn: pulumi.Output[str]
    """ARN of its load balancer."""
    security_group: pulumi.Output[str]
    """Id of the load balancer's security group."""
    callers: Mapping[str, pulumi.Input[str]]
    """The address ranges that may connect, by the names of their rules."""
    certificates: Certificates
    """One at least."""
    policy: str | None
    """The name of a security policy; None: `POLICY`."""


def certificates(
    given: Sequence[str], hosts: Sequence[HostName | Alias], tags: dict[str, str], parent: pulumi.Resource
) -> Certificates:
    """The certificates of a load balancer: those that are given, else one for each host name in a hosted zone. One for
    each, so that another name touches no other's."""
    if given:
        return {arn.rpartition("/")[2]: arn for arn in given}
    return {
        host.name: certificate(host.name, host.hosted_zone, tags, pulumi.ResourceOptions(parent=parent))
        for host in hosts
        if host.hosted_zone
    }


def of_domains(domains: Sequence[Domain], tags: dict[str, str], opts: pulumi.ResourceOptions) -> Certificates:
    """The certificates of a facade's names: the given ones, or one that is made for a name in a hosted zone."""
    found: dict[str, pulumi.Input[str]] = {}
    for own in domains:
        if own.certificate_arn:
            found[own.certificate_arn.rpartition("/")[2]] = own.certificate_arn
        elif own.hosted_zone:
            found[own.name] = certificate(own.name, own.hosted_zone, tags, opts)
    return found


def policy(wanted: str | None, opts: pulumi.ResourceOptions) -> tuple[str, pulumi.ResourceOptions]:
    """The policy of a listener for TLS, and its options: one that nobody asked for is given to new listeners only."""
    if wanted:
        return wanted, opts
    return POLICY, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["sslPolicy"]))


def first(found: Certificates) -> pulumi.Input[str]:
    """The certificate for clients that name no host."""
    return next(iter(found.values()))


def certificate(host: str, zone: str, tags: dict[str, str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The ARN of a certificate for a host name, once AWS has found in the zone that it is ours. The record that shows
    it is the same for every certificate of this name in the account: one that is there already is taken over, and it
    stays when ours goes, as AWS renews the others by it (ACM user guide, "DNS validation")."""
    made = aws.acm.Certificate(fit(host, NAMES), domain_name=host, validation_method="DNS", tags=tags, opts=opts)
    option = made.domain_validation_options[0]
    record = aws.route53.Record(
        fit(f"{host} validation", NAMES),
        zone_id=zone,
        name=option.resource_record_name.apply(str),
        type=option.resource_record_type.apply(str),
        records=[option.resource_record_value.apply(str)],
        ttl=60,
        allow_overwrite=True,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
    valid = aws.acm.CertificateValidation(
        fit(host, NAMES), certificate_arn=made.arn, validation_record_fqdns=[record.fqdn], opts=opts
    )
    return valid.certificate_arn


def https_listener(
    args: HttpsListenerArgs, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> tuple[aws.lb.Listener, list[pulumi.Resource]]:
    """Port 443 of an environment's load balancer, which answers 503 unless a rule says more, as port 80 does; and what
    holds its certificates."""
    for name, callers in args.callers.items():
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=args.security_group,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=callers,
            description="HTTPS",
            tags=tags,
            opts=opts,
        )
    wanted, own = policy(args.policy, opts)
    made = aws.lb.Listener(
        f"{args.name}-tls",
        load_balancer_arn=args.load_balancer_arn,
        port=443,
        protocol="HTTPS",
        ssl_policy=wanted,
        certificate_arn=first(args.certificates),
        default_actions=[no_service()],
        tags=tags,
        opts=own,
    )
    return made, hold(f"{args.name}-tls", made, args.certificates, opts)


def hold(name: str, made: aws.lb.Listener, found: Certificates, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """Puts certificates on a listener's list, the first one too: which is the first may change, and what is on the list
    stays there then."""
    return [
        aws.lb.ListenerCertificate(fit(f"{name} {own}", NAMES), listener_arn=made.arn, certificate_arn=arn, opts=opts)
        for own, arn in found.items()
    ]


def records(
    hosts: Sequence[HostName],
    dns_name: pulumi.Input[str],
    zone_id: pulumi.Input[str],
    needs: Mapping[str, Sequence[pulumi.Input[pulumi.Resource]]],
    parent: pulumi.Resource,
) -> list[aws.route53.Record]:
    """The records that lead host names to a load balancer, or to an API's domain name. needs: by host name, what must
    be there before, such as the services that answer there. One that another owner has is not taken over: `up`
    fails then, and no request goes astray."""
    return [
        aws.route53.Record(
            fit(host.name, NAMES),
            zone_id=host.hosted_zone,
            name=host.name,
            type="A",
            aliases=[aws.route53.RecordAliasArgs(name=dns_name, zone_id=zone_id, evaluate_target_health=True)],
            opts=pulumi.ResourceOptions(parent=parent, depends_on=list(needs[host.name])),
        )
        for host in hosts
        if host.hosted_zone
    ]
