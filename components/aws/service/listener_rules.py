"""The listener rules of a service on the load balancer of its environment."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.checks.load_balancing import Door


@dataclass(frozen=True)
class Listeners:
    """Where a load balancer listens: http on port 80, and https on port 443 if it has a certificate."""

    http: pulumi.Output[str]
    https: pulumi.Output[str] | None = None


def nobody() -> aws.lb.ListenerDefaultActionArgs:
    """What a listener answers unless a rule says more: 503, as an empty Copilot environment does."""
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", status_code="503", message_body="No service answers here.\n"
        ),
    )


def everything(
    name: str,
    listener: pulumi.Input[str],
    priority: int,
    group: aws.lb.TargetGroup,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.lb.ListenerRule:
    """The rule for what comes by a facade: all that no other rule takes."""
    return aws.lb.ListenerRule(
        name,
        listener_arn=listener,
        priority=priority,
        conditions=_conditions((), ("/*",)),
        actions=[_forward(group)],
        tags=tags,
        opts=opts,
    )


def door_rules(
    door: Door,
    listeners: Listeners,
    group: aws.lb.TargetGroup,
    version: str,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> list[aws.lb.ListenerRule]:
    """The rules for one of a service's own doors. With a certificate, port 443 forwards, and port 80 redirects there
    unless the manifest says otherwise. HTTP/2 and gRPC are forwarded by TLS only: AWS refuses a rule on port 80."""
    conditions = _conditions(door.hosts, door.paths)
    # One that belongs to no host name takes what a facade sends, which comes by port 80.
    secure = listeners.https if door.hosts else None
    made: list[aws.lb.ListenerRule] = []
    if secure is not None:
        made.append(
            aws.lb.ListenerRule(
                f"{door.name} tls",
                listener_arn=secure,
                priority=door.priority,
                conditions=conditions,
                actions=[_forward(group)],
                tags=tags,
                opts=opts,
            )
        )
    if secure is not None and door.redirect:
        plain = _to_https()
    elif version == "http1":
        plain = _forward(group)
    else:
        return made
    made.append(
        aws.lb.ListenerRule(
            door.name,
            listener_arn=listeners.http,
            priority=door.priority,
            conditions=conditions,
            actions=[plain],
            tags=tags,
            opts=opts,
        )
    )
    return made


def _forward(group: aws.lb.TargetGroup) -> aws.lb.ListenerRuleActionArgs:
    return aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)


def _to_https() -> aws.lb.ListenerRuleActionArgs:
    return aws.lb.ListenerRuleActionArgs(
        type="redirect",
        redirect=aws.lb.ListenerRuleActionRedirectArgs(protocol="HTTPS", port="443", status_code="HTTP_301"),
    )


def _conditions(hosts: Sequence[str], paths: Sequence[str]) -> list[aws.lb.ListenerRuleConditionArgs]:
    found: list[aws.lb.ListenerRuleConditionArgs] = []
    if hosts:
        found.append(
            aws.lb.ListenerRuleConditionArgs(host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=list(hosts)))
        )
    if paths:
        found.append(
            aws.lb.ListenerRuleConditionArgs(
                path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=list(paths))
            )
        )
    return found
