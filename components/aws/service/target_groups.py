"""The target groups of a service: where load balancers send to, and how these see whether a task lives."""

import pulumi
import pulumi_aws as aws

from components.aws.plan.target_groups import http_inputs
from components.manifest.http import HttpRule
from components.manifest.nlb import NlbListener

COOKIE = 86400
"""Seconds for which a client stays with a task, as with Copilot."""


def http_group(
    name: str,
    rule: HttpRule,
    port: int,
    vpc_id: pulumi.Input[str],
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.lb.TargetGroup:
    """The target group of a rule. port: the container's, which only says whether it speaks TLS: the group's own port is
    always 80, as ECS gives the real one for each task; so another port replaces nothing (complaint 7 of
    docs/decisions.md)."""
    inputs = http_inputs(rule, port)
    check = inputs["healthCheck"]
    return aws.lb.TargetGroup(
        name,
        vpc_id=vpc_id,
        target_type="ip",
        port=80,
        protocol=inputs["protocol"],
        protocol_version=inputs["protocolVersion"],
        deregistration_delay=rule.deregistration_delay,
        stickiness=aws.lb.TargetGroupStickinessArgs(type="lb_cookie", cookie_duration=COOKIE, **inputs["stickiness"]),
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=check["enabled"],
            protocol=check["protocol"],
            path=check["path"],
            port=check["port"],
            matcher=check["matcher"],
            healthy_threshold=check["healthyThreshold"],
            unhealthy_threshold=check["unhealthyThreshold"],
            interval=check["interval"],
            timeout=check["timeout"],
        ),
        tags=tags,
        opts=opts,
    )


def network_group(
    name: str, listener: NlbListener, vpc_id: pulumi.Input[str], tags: dict[str, str], opts: pulumi.ResourceOptions
) -> aws.lb.TargetGroup:
    """The target group of a network load balancer's listener. TLS ends at the listener: behind it is TCP. Whether a
    target lives is seen by a connection, as UDP has none."""
    check = listener.healthcheck
    return aws.lb.TargetGroup(
        name,
        vpc_id=vpc_id,
        target_type="ip",
        port=80,
        protocol=listener.transport.upper(),
        deregistration_delay=listener.deregistration_delay,
        stickiness=aws.lb.TargetGroupStickinessArgs(type="source_ip", enabled=listener.stickiness),
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=True,
            protocol="TCP",
            port=str(check.port) if check.port else "traffic-port",
            healthy_threshold=check.healthy_threshold,
            unhealthy_threshold=check.unhealthy_threshold,
            interval=check.interval,
            timeout=check.timeout,
        ),
        tags=tags,
        opts=opts,
    )
