"""Load balancers: names, zones, who owns a target group, listeners, priorities, the limits of rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tools.standin import actions, dns, ec2, network, security
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, describe, refuse
from tools.standin.target_groups import name_problems, verify_protocols, verify_stickiness
from tools.standin.values import Props, at_path, rows, table

BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LISTENER: Final = "aws:lb/listener:Listener"
RULE: Final = "aws:lb/listenerRule:ListenerRule"
LISTENER_CERTIFICATE: Final = "aws:lb/listenerCertificate:ListenerCertificate"
_CERTIFICATES: Final = 25
"""Of a listener, besides its default one."""
_RULES_PER_BALANCER: Final = 100
_VALUES_PER_RULE: Final = 5
_ZONE_ID: Final = "Z32O12XQLNTSW2"
"""The hosted zone of load balancers in eu-west-1; any constant will do here."""


# Load balancer


def _balancer_verify(call: Call) -> None:
    subnets = [str(item) for item in call.get("subnets", []) or at_path(call.inputs, "subnetMappings[*].subnetId")]
    vpcs = network.vpc_of_subnets(call.snapshot, subnets)
    zones = {subnet["availabilityZone"] for name in subnets if (subnet := call.snapshot.get(ec2.SUBNET, name))}
    application = call.get("loadBalancerType", "application") == "application"
    refuse(
        application and len(zones) < 2,
        "ValidationError",
        "At least two subnets in two different Availability Zones must be specified",
    )
    refuse(len(vpcs) != 1, "InvalidConfigurationRequest", "all subnets must be in one VPC")
    refuse(len(zones) < len(subnets), "InvalidConfigurationRequest", "a load balancer takes one subnet per zone")
    vpc = next(iter(vpcs))
    for item in call.get("securityGroups", []):
        group = call.snapshot.get(security.GROUP, item)
        refuse(
            group is not None and group["vpcId"] != vpc,
            "InvalidConfigurationRequest",
            f"one or more security groups are invalid: {item} is not in {vpc}",
        )
    refuse(
        not call.get("internal") and not call.snapshot.where(ec2.GATEWAY, vpcId=vpc),
        "InvalidSubnet",
        f"VPC {vpc} has no internet gateway",
    )
    logs = call.get("accessLogs", {})
    if logs.get("enabled"):
        policies = call.snapshot.of("aws:s3/bucketPolicy:BucketPolicy")
        refuse(
            not any(policy["bucket"] == logs.get("bucket") for policy in policies),
            "InvalidConfigurationRequest",
            f"access denied for bucket {logs.get('bucket')}: it has no policy that lets the load balancer write",
        )


def _balancer_problems(inputs: Props) -> Iterator[Problem]:
    yield from name_problems(inputs)
    if str(inputs.get("name")).startswith("internal-"):
        yield "name", "can't begin with internal-"
    prefix = table(inputs.get("accessLogs")).get("prefix")
    if isinstance(prefix, str) and ("AWSLogs" in prefix or prefix.strip("/") != prefix):
        yield "accessLogs.prefix", f"is {prefix!r}; accepted: one without AWSLogs, and without / at its ends"


def _balancer_outputs(call: Call, identifier: str) -> Props:
    suffix = identifier.partition(":loadbalancer/")[2]
    name = suffix.split("/")[1]
    host = f"{name}-{int(suffix.split('/')[2][:8], 16)}.{call.settings.region}.elb.amazonaws.com"
    subnets = call.get("subnets", []) or at_path(call.inputs, "subnetMappings[*].subnetId")
    return {
        "arn": identifier,
        "arnSuffix": suffix,
        "dnsName": f"internal-{host}" if call.get("internal") else host,
        "zoneId": _ZONE_ID,
        "vpcId": next(iter(sorted(network.vpc_of_subnets(call.snapshot, subnets))), ""),
    }


def _balancer_id(call: Call) -> str:
    kind = {"network": "net", "gateway": "gwy"}.get(call.get("loadBalancerType", ""), "app")
    name = call.get("name") or call.name[:20]
    unique = call.cloud.new_id("", 16)
    return call.cloud.arn("elasticloadbalancing", f"loadbalancer/{kind}/{name}/{unique}")


def _balancer_verify_delete(call: Call) -> None:
    assert call.before is not None
    refuse(
        call.before["enableDeletionProtection"],
        "OperationNotPermitted",
        f"Load balancer '{call.before.id}' cannot be deleted because deletion protection is enabled",
    )


def owner_of(snapshot: Snapshot, target_group: str) -> Object | None:
    """The load balancer whose listener or rule forwards to this target group."""
    for item in snapshot.of(LISTENER):
        if target_group in actions.forwarded(item.inputs, "defaultActions"):
            return snapshot.get(BALANCER, item["loadBalancerArn"])
    for rule in snapshot.of(RULE):
        if target_group in actions.forwarded(rule.inputs, "actions"):
            listener = snapshot.get(LISTENER, rule["listenerArn"])
            return snapshot.get(BALANCER, listener["loadBalancerArn"]) if listener else None
    return None


def _verify_targets(call: Call, arns: list[str], balancer: Object | None) -> None:
    for arn in arns:
        group = call.snapshot.get(TARGET_GROUP, arn)
        owner = owner_of(call.snapshot, arn)
        refuse(
            owner is not None and balancer is not None and owner.id != balancer.id,
            "TargetGroupAssociationLimit",
            f"The following target groups cannot be associated with more than one load balancer: {arn}",
        )
        refuse(
            group is not None
            and group["targetType"] != "lambda"
            and balancer is not None
            and group["vpcId"] != balancer["vpcId"],
            "ValidationError",
            f"target group {arn} is not in the VPC of its load balancer",
        )


# Listener


def _listener_problems(inputs: Props) -> Iterator[Problem]:
    yield from actions.action_problems(inputs, "defaultActions")
    yield from actions.between(inputs, "port", 1, 65535)
    secure = inputs.get("protocol") in ("HTTPS", "TLS")
    if secure and inputs.get("certificateArn") is None:
        yield "certificateArn", f"is required for protocol {inputs['protocol']}"
    if inputs.get("protocol") == "HTTP" and (inputs.get("certificateArn") or inputs.get("sslPolicy")):
        yield "certificateArn", "a certificate and an SSL policy are for HTTPS only"


def _listener_verify(call: Call) -> None:
    balancer = call.snapshot.get(BALANCER, call.inputs["loadBalancerArn"])
    for other in call.others(LISTENER):
        refuse(
            other["loadBalancerArn"] == call.inputs["loadBalancerArn"] and other["port"] == call.get("port"),
            "DuplicateListener",
            f"a listener already exists on port {call.get('port')}: {describe(other)}",
        )
    arns, protocol = actions.forwarded(call.inputs, "defaultActions"), call.get("protocol", "HTTP")
    network = balancer is not None and balancer["loadBalancerType"] == "network"
    refuse(
        balancer is not None and network == (protocol in ("HTTP", "HTTPS")),
        "UnsupportedProtocol",
        f"{'A network' if network else 'An application'} load balancer has no listeners for {protocol}",
    )
    _verify_targets(call, arns, balancer)
    verify_protocols(call, arns, protocol)
    verify_stickiness(call, "defaultActions")
    _verify_redirect(call, "defaultActions", protocol)
    _verify_certificate(call)


def _verify_certificate(call: Call) -> None:
    arn = call.get("certificateArn")
    certificate = call.snapshot.one(dns.CERTIFICATE, arn=arn) if arn else None
    refuse(
        certificate is not None and not dns.is_issued(certificate),
        "UnsupportedCertificate",
        f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and be issued",
    )


def _listener_certificate_verify(call: Call) -> None:
    listener = call.snapshot.get(LISTENER, call.inputs["listenerArn"])
    refuse(
        listener is not None and listener["protocol"] not in ("HTTPS", "TLS"),
        "InvalidConfigurationRequest",
        "certificates are for listeners with HTTPS or TLS",
    )
    others = [
        certificate
        for certificate in call.others(LISTENER_CERTIFICATE)
        if certificate["listenerArn"] == call.inputs["listenerArn"]
    ]
    refuse(len(others) >= _CERTIFICATES, "TooManyCertificates", f"a listener has at most {_CERTIFICATES} certificates")
    _verify_certificate(call)


def _child_id(parent: str, field: str) -> Any:
    def make(call: Call) -> str:
        suffix = str(call.inputs[field]).partition(f":{parent}/")[2]
        kind = {"loadbalancer": "listener", "listener": "listener-rule"}[parent]
        return call.cloud.arn("elasticloadbalancing", f"{kind}/{suffix}/{call.cloud.new_id('', 16)}")

    return make


# Rules


def _rule_problems(inputs: Props) -> Iterator[Problem]:
    yield from actions.action_problems(inputs, "actions")
    yield from actions.between(inputs, "priority", 1, 50000)
    conditions = actions.condition_values(rows(inputs.get("conditions")))
    if not conditions:
        yield "conditions", "a rule needs a condition"
    count = sum(len(condition.values) for condition in conditions)
    if count > _VALUES_PER_RULE:
        yield "conditions", f"has {count} values; a rule takes at most {_VALUES_PER_RULE}"
    single = ("hostHeader", "httpRequestMethod", "pathPattern", "sourceIp")
    kinds = [field for condition in conditions if (field := condition.kind.partition(".")[0]) in single]
    for kind in sorted({item for item in kinds if kinds.count(item) > 1}):
        yield "conditions", f"has {kind} more than once"
    for condition in conditions:
        yield from actions.condition_problems(condition)


def _rule_verify(call: Call) -> None:
    listener = call.snapshot.get(LISTENER, call.inputs["listenerArn"])
    assert listener is not None
    siblings = [rule for rule in call.others(RULE) if rule["listenerArn"] == listener.id]
    for other in siblings:
        refuse(
            other["priority"] == call.get("priority"),
            "PriorityInUse",
            f"Priority '{call.get('priority')}' is currently in use: {describe(other)}",
        )
    listeners = {item.id for item in call.snapshot.where(LISTENER, loadBalancerArn=listener["loadBalancerArn"])}
    count = sum(1 for rule in call.others(RULE) if rule["listenerArn"] in listeners)
    refuse(
        count >= _RULES_PER_BALANCER,
        "TooManyRules",
        f"the load balancer has {count} rules, at most {_RULES_PER_BALANCER}",
    )
    balancer = call.snapshot.get(BALANCER, listener["loadBalancerArn"])
    arns = actions.forwarded(call.inputs, "actions")
    _verify_targets(call, arns, balancer)
    verify_protocols(call, arns, str(listener["protocol"] or "HTTP"))
    verify_stickiness(call, "actions")
    _verify_redirect(call, "actions", str(listener["protocol"] or "HTTP"))


def _verify_redirect(call: Call, field: str, protocol: str) -> None:
    to = actions.redirect_of(rows(call.inputs.get(field)))
    refuse(
        to is not None and protocol == "HTTPS" and to.get("protocol") == "HTTP",
        "InvalidLoadBalancerAction",
        "HTTPS can't be redirected to HTTP",
    )


def certified(snapshot: Snapshot, listener: Object, host: str) -> bool:
    """Whether a listener has a certificate for a host name (ELB user guide, "SNI"): its default one or one of its
    list."""
    arns = [listener["certificateArn"]]
    arns += [item["certificateArn"] for item in snapshot.where(LISTENER_CERTIFICATE, listenerArn=listener.id)]
    found = (snapshot.one(dns.CERTIFICATE, arn=arn) for arn in arns)
    return any(item is not None and dns.covers(item, host) for item in found)


def _keeps_stickiness(call: Call, current: Object) -> Object:
    """A `stickiness` that leaves the program stays in AWS: the provider takes a missing block for one that was never
    there (terraform-provider-aws, listener_rule.go: SuppressMissingOptionalConfigurationBlock)."""
    before = actions.group_stickiness(call.before.attributes, "actions") if call.before else {}
    if not before or actions.group_stickiness(call.inputs, "actions"):
        return current
    kept = [
        {**action, "forward": {**table(action["forward"]), "stickiness": before}} if action.get("forward") else action
        for action in rows(call.inputs.get("actions"))
    ]
    return current.with_attributes(actions=kept)


def _rule_outputs(call: Call, identifier: str) -> Props:
    priority = call.get("priority")
    if priority is None:
        taken = [rule["priority"] for rule in call.others(RULE) if rule["listenerArn"] == call.inputs["listenerArn"]]
        priority = max(taken, default=0) + 1
    return {"arn": identifier, "priority": priority}


KINDS: Final = (
    Kind(
        BALANCER,
        _balancer_id,
        cfn="AWS::ElasticLoadBalancingV2::LoadBalancer",
        names={"internal": None, "loadBalancerType": "Type"},
        autoname=AutoName(maximum=32),
        unique=("name",),
        unique_code="DuplicateLoadBalancerName",
        replace=frozenset({"internal", "namePrefix"}),
        sets=frozenset({"subnets", "securityGroups"}),
        refs=(
            Ref("subnets[*]", ec2.SUBNET, code="SubnetNotFound"),
            Ref("subnetMappings[*].subnetId", ec2.SUBNET, code="SubnetNotFound"),
            Ref("securityGroups[*]", security.GROUP, code="InvalidConfigurationRequest"),
            Ref("accessLogs.bucket", "aws:s3/bucket:Bucket", ("id", "bucket"), code="NoSuchBucket"),
        ),
        problems=_balancer_problems,
        verify=_balancer_verify,
        verify_delete=_balancer_verify_delete,
        outputs=_balancer_outputs,
    ),
    Kind(
        LISTENER,
        _child_id("loadbalancer", "loadBalancerArn"),
        cfn="AWS::ElasticLoadBalancingV2::Listener",
        names=actions.action_names("defaultActions", "DefaultActions"),
        refs=(
            Ref("loadBalancerArn", BALANCER, blocks=False, code="LoadBalancerNotFound"),
            Ref("certificateArn", dns.CERTIFICATE, ("arn",), code="CertificateNotFound"),
            *actions.action_refs("defaultActions"),
        ),
        problems=_listener_problems,
        verify=_listener_verify,
        outputs=lambda _call, identifier: {"arn": identifier},
    ),
    Kind(
        LISTENER_CERTIFICATE,
        lambda call: f"{call.inputs['listenerArn']}_{call.inputs['certificateArn']}",
        replace=frozenset({"*"}),
        unique=("listenerArn", "certificateArn"),
        puts=True,
        refs=(
            Ref("listenerArn", LISTENER, blocks=False, code="ListenerNotFound"),
            Ref("certificateArn", dns.CERTIFICATE, ("arn",), code="CertificateNotFound"),
        ),
        verify=_listener_certificate_verify,
    ),
    Kind(
        RULE,
        _child_id("listener", "listenerArn"),
        cfn="AWS::ElasticLoadBalancingV2::ListenerRule",
        names={
            **actions.action_names("actions", "Actions"),
            "conditions": None,
            "!Conditions": None,
            "!Priority": None,
        },
        refs=(Ref("listenerArn", LISTENER, blocks=False, code="ListenerNotFound"), *actions.action_refs("actions")),
        sets=frozenset(
            {
                "conditions",
                "conditions.pathPattern.values",
                "conditions.pathPattern.regexValues",
                "conditions.hostHeader.values",
                "conditions.httpHeader.values",
                "conditions.httpHeader.regexValues",
                "actions.forward.targetGroups",
            }
        ),
        problems=_rule_problems,
        verify=_rule_verify,
        start=_keeps_stickiness,
        kept=frozenset({"actions.forward.stickiness"}),
        outputs=_rule_outputs,
    ),
)
