"""Target groups: health checks, stickiness, versions of HTTP, and which listeners forward to which protocols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from tools.standin import actions, ec2
from tools.standin.actions import TARGET_GROUP
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props, table

_RULE: Final = "aws:lb/listenerRule:ListenerRule"
_LISTENER: Final = "aws:lb/listener:Listener"


def name_problems(inputs: Props) -> Iterator[Problem]:
    name = inputs.get("name")
    if isinstance(name, str):
        if len(name) > 32:
            yield "name", f"has {len(name)} characters, at most 32 are accepted"
        if not re.fullmatch(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", name):
            yield "name", f"is {name!r}; accepted: letters, digits and hyphens, none at the ends"


def _target_group_problems(inputs: Props) -> Iterator[Problem]:
    yield from name_problems(inputs)
    if inputs.get("targetType") != "lambda":
        for name in ("port", "protocol", "vpcId"):
            if inputs.get(name) is None:
                yield name, "is required unless targetType is lambda"
    yield from actions.between(inputs, "deregistrationDelay", 0, 3600)
    yield from actions.between(inputs, "port", 1, 65535)
    slow = inputs.get("slowStart")
    if isinstance(slow, int) and slow != 0 and not 30 <= slow <= 900:
        yield "slowStart", f"is {slow}; accepted: 0, or 30 to 900"
    health = table(inputs.get("healthCheck"))
    interval, timeout = health.get("interval", 30), health.get("timeout", 5)
    if isinstance(interval, int) and isinstance(timeout, int) and timeout >= interval:
        yield "healthCheck.timeout", f"is {timeout}; it must be smaller than the interval, {interval}"
    path = health.get("path")
    if isinstance(path, str) and not re.fullmatch(r"/[!-~]{0,1023}", path):
        yield "healthCheck.path", f"is {path[:60]!r}; it begins with / and has printable ASCII characters, no spaces"
    yield from _protocol_problems(inputs, health)
    yield from _matcher_problems(health.get("matcher"), inputs.get("protocolVersion") == "GRPC")
    yield from actions.between(table(inputs.get("stickiness")), "cookieDuration", 1, 604800, "stickiness.")


def _protocol_problems(inputs: Props, health: Props) -> Iterator[Problem]:
    """What goes with HTTP, and what with the protocols of a network load balancer."""
    protocol, sticky = inputs.get("protocol"), table(inputs.get("stickiness"))
    if protocol in ("HTTP", "HTTPS"):
        if sticky.get("type") not in (None, "lb_cookie", "app_cookie"):
            yield "stickiness.type", f"is {sticky['type']!r}; with {protocol}, accepted: lb_cookie, app_cookie"
    elif protocol in ("TCP", "UDP", "TCP_UDP", "TLS"):
        if inputs.get("protocolVersion") is not None:
            yield "protocolVersion", f"is not for {protocol}"
        if sticky.get("type") not in (None, "source_ip"):
            yield "stickiness.type", f"is {sticky['type']!r}; with {protocol}, accepted: source_ip"
        if protocol == "TLS" and sticky.get("enabled"):
            yield "stickiness.enabled", "is not for TLS"
        if health.get("protocol") == "TCP" and (health.get("path") or health.get("matcher")):
            yield "healthCheck.path", "path and matcher are not for a health check by TCP"
        if health.get("protocol") == "UDP":
            yield "healthCheck.protocol", "is 'UDP'; accepted: TCP, HTTP, HTTPS"


def _matcher_problems(matcher: Any, grpc: bool) -> Iterator[Problem]:
    if not isinstance(matcher, str):
        return
    if grpc:
        if not re.fullmatch(r"\d{1,2}(-\d{1,2})?(,\d{1,2}(-\d{1,2})?)*", matcher):
            yield "healthCheck.matcher", f"is {matcher!r}; accepted: gRPC codes from 0 to 99"
        return
    for part in matcher.split(","):
        found = re.fullmatch(r"(\d{3})(-(\d{3}))?", part.strip())
        if not found or not 200 <= int(found[1]) <= int(found[3] or found[1]) <= 499:
            yield "healthCheck.matcher", f"is {matcher!r}; accepted: codes from 200 to 499 such as 200,302 or 200-299"


def _target_group_id(call: Call) -> str:
    name = call.get("name") or call.name[:20]
    return call.cloud.arn("elasticloadbalancing", f"targetgroup/{name}/{call.cloud.new_id('', 16)}")


_CARRIES: Final = {
    "HTTP": ("HTTP", "HTTPS"),
    "HTTPS": ("HTTP", "HTTPS"),
    "TCP": ("TCP", "TCP_UDP"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
}
"""The protocols of target groups behind a listener's."""


def verify_protocols(call: Call, arns: list[str], protocol: str) -> None:
    for arn in arns:
        group = call.snapshot.get(TARGET_GROUP, arn)
        if group is None or group["targetType"] == "lambda":  # it has neither port nor protocol
            continue
        version = group["protocolVersion"]
        refuse(
            group["protocol"] not in _CARRIES.get(protocol, (group["protocol"],)),
            "IncompatibleProtocols",
            f"A listener for {protocol} can't forward to a target group for {group['protocol']}",
        )
        refuse(
            protocol == "HTTP" and version in ("HTTP2", "GRPC"),
            "InvalidLoadBalancerAction",
            f"Listener protocol 'HTTP' is not supported with a target group with the protocol-version '{version}'",
        )


def _sticky(group: Any) -> bool:
    return bool(group is not None and table(group["stickiness"]).get("enabled"))


def verify_stickiness(call: Call, field: str) -> None:
    """Source of the message: an error of CreateRule, quoted in aws-ecs modules of Terraform that set both."""
    arns = actions.forwarded(call.inputs, field)
    refuse(
        len(arns) > 1
        and not actions.group_stickiness(call.inputs, field).get("enabled")
        and any(_sticky(call.snapshot.get(TARGET_GROUP, arn)) for arn in arns),
        "InvalidLoadBalancerAction",
        "You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups",
    )


def _target_group_verify(call: Call) -> None:
    """Source of the message: kubernetes-sigs/aws-load-balancer-controller issue 2734."""
    if call.before is None or not table(call.get("stickiness")).get("enabled"):
        return
    for token, field in (_RULE, "actions"), (_LISTENER, "defaultActions"):
        for found in call.snapshot.of(token):
            arns = actions.forwarded(found.attributes, field)
            refuse(
                call.before.id in arns
                and len(arns) > 1
                and not actions.group_stickiness(found.attributes, field).get("enabled"),
                "InvalidConfigurationRequest",
                f"This target group appears behind a rule with group stickiness disabled ({found.id}). You must enable "
                "group stickiness before enabling target stickiness",
            )


KINDS: Final = (
    Kind(
        TARGET_GROUP,
        _target_group_id,
        cfn="AWS::ElasticLoadBalancingV2::TargetGroup",
        names={
            "healthCheck.path": "HealthCheckPath",
            "healthCheck.port": "HealthCheckPort",
            "healthCheck.protocol": "HealthCheckProtocol",
            "healthCheck.interval": "HealthCheckIntervalSeconds",
            "healthCheck.timeout": "HealthCheckTimeoutSeconds",
            "healthCheck.healthyThreshold": "HealthyThresholdCount",
            "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
            "stickiness": None,
        },
        autoname=AutoName(maximum=32),
        unique=("name",),
        unique_code="DuplicateTargetGroupName",
        in_use_code="ResourceInUse",
        retries=frozenset({"ResourceInUse"}),
        replace=frozenset({"namePrefix"}),
        refs=(Ref("vpcId", ec2.VPC, blocks=False, code="ValidationError"),),
        problems=_target_group_problems,
        verify=_target_group_verify,
        outputs=lambda call, identifier: {
            "arn": identifier,
            "arnSuffix": identifier.rpartition(":")[2],
            "loadBalancerArns": call.before["loadBalancerArns"] if call.before else [],
        },
    ),
)
