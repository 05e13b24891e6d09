"""TLS of load balancers: certificates, the listener on port 443, and the records of host names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.checks.load_balancing import HostName
from components.aws.service.listener_rules import nobody
from components.manifest.http import Alias
from components.model.names import fit

NAMES = 128
"""The longest logical name of what belongs to a host name."""


Certificates = Mapping[str, pulumi.Input[str]]
"""The ARNs of certificates, each by a name of its own. The first is for clients that name no host."""


@dataclass(frozen=True)
class Secured:
    """What a listener for TLS is made of. front: its logical name. balancer: ARN. group: id of the load balancer's
    security group. callers: the address ranges that may connect, by the names of their rules. certificates: there is
    one at least. policy: the name of a policy (None: AWS's choice). tags: of all that is made."""

    front: str
    balancer: pulumi.Output[str]
    group: pulumi.Output[str]
    callers: Mapping[str, pulumi.Input[str]]
    certificates: Certificates
    policy: str | None
    tags: dict[str, str]


def certificates(
    given: Sequence[str], hosts: Sequence[HostName | Alias], tags: dict[str, str], parent: pulumi.Resource
) -> Certificates:
    """The certificates of a load balancer: those that are given, else one for each host name in a hosted zone. One for
    each, so that another name touches no other's."""
    if given:
        return {arn.rpartition("/")[2]: arn for arn in given}
    return {
        each.name: certificate(each.name, each.hosted_zone, tags, pulumi.ResourceOptions(parent=parent))
        for each in hosts
        if each.hosted_zone
    }


def first(found: Certificates) -> pulumi.Input[str]:
    """The certificate for clients that name no host."""
    return next(iter(found.values()))


def certificate(host: str, zone: str, tags: dict[str, str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The ARN of a certificate for a host name, once AWS has found in the zone that it is ours. The record that shows
    it is the same for every certificate of this name in the account: one that is there already is taken over."""
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
        opts=opts,
    )
    valid = aws.acm.CertificateValidation(
        fit(host, NAMES), certificate_arn=made.arn, validation_record_fqdns=[record.fqdn], opts=opts
    )
    return valid.certificate_arn


def listener(secured: Secured, opts: pulumi.ResourceOptions) -> aws.lb.Listener:
    """Port 443 of an environment's load balancer, which answers 503 unless a rule says more, as port 80 does."""
    for name, callers in secured.callers.items():
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=secured.group,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=callers,
            description="HTTPS",
            tags=secured.tags,
            opts=opts,
        )
    made = aws.lb.Listener(
        f"{secured.front}-tls",
        load_balancer_arn=secured.balancer,
        port=443,
        protocol="HTTPS",
        ssl_policy=secured.policy,
        certificate_arn=first(secured.certificates),
        default_actions=[nobody()],
        tags=secured.tags,
        opts=opts,
    )
    hold(f"{secured.front}-tls", made, secured.certificates, opts)
    return made


def hold(name: str, made: aws.lb.Listener, found: Certificates, opts: pulumi.ResourceOptions) -> None:
    """Puts certificates on a listener's list, the first one too: which is the first may change, and what is on the list
    stays there then."""
    for own, arn in found.items():
        aws.lb.ListenerCertificate(fit(f"{name} {own}", NAMES), listener_arn=made.arn, certificate_arn=arn, opts=opts)


def records(
    hosts: Sequence[HostName],
    dns_name: pulumi.Input[str],
    zone_id: pulumi.Input[str],
    ready: Mapping[str, pulumi.Input[pulumi.Resource]],
    parent: pulumi.Resource,
) -> None:
    """The records that lead host names to a load balancer, each once the services that answer there are ready. One that
    is somebody else's is not taken over: `up` fails then, and nobody's requests go astray."""
    for each in hosts:
        if each.hosted_zone:
            aws.route53.Record(
                fit(each.name, NAMES),
                zone_id=each.hosted_zone,
                name=each.name,
                type="A",
                aliases=[aws.route53.RecordAliasArgs(name=dns_name, zone_id=zone_id, evaluate_target_health=True)],
                opts=pulumi.ResourceOptions(parent=parent, depends_on=[ready[name] for name in each.services]),
            )
