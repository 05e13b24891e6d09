"""The listener rules of a service on the load balancer of its environment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.network.listeners import conditions, forward, no_service_at_this_path, redirect_to_https
from components.aws.plan.alias_rules import AliasRule
from components.aws.plan.further_rules import NO_HOST, GoingRule
from components.aws.plan.target_groups import Version


@dataclass(frozen=True)
class Listeners:
    """Where a load balancer listens, by ARN."""

    http: pulumi.Output[str]
    """Port 80."""
    https: pulumi.Output[str] | None = None
    """Port 443, if it has a certificate. Default: there is none."""


def catch_all(
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
        conditions=conditions(paths=("/*",)),
        actions=[forward(group.arn)],
        tags=tags,
        opts=opts,
    )


def attachment_rule(
    version: Version,
    listener: pulumi.Input[str],
    group: aws.lb.TargetGroup,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.lb.ListenerRule:
    """A rule that only attaches a target group, as ECS wants it."""
    return aws.lb.ListenerRule(
        version.rule or version.name,
        listener_arn=listener,
        priority=version.priority,
        conditions=conditions(hosts=(NO_HOST,)),
        actions=[forward(group.arn)],
        tags=tags,
        opts=opts,
    )


def without_requests(
    rules: Iterable[GoingRule], listeners: Listeners, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> list[aws.lb.ListenerRule]:
    """Rules that go, and have neither requests nor a target group any more. Port 80 first: what it redirects is
    answered on port 443 until then."""
    made: list[aws.lb.ListenerRule] = []
    for rule in sorted(rules, key=lambda rule: rule.secure):
        listener = listeners.https if rule.secure else listeners.http
        if listener is None:
            continue  # it goes with its listener
        before = pulumi.ResourceOptions(depends_on=list(made) if rule.secure else [])
        made.append(
            aws.lb.ListenerRule(
                rule.name,
                listener_arn=listener,
                priority=rule.priority,
                conditions=conditions(hosts=(NO_HOST,)),
                actions=[no_service_at_this_path()],
                tags=tags,
                opts=pulumi.ResourceOptions.merge(opts, before),
            )
        )
    return made


def alias_listener_rules(
    rule: AliasRule,
    priority: int,
    listeners: Listeners,
    group: aws.lb.TargetGroup,
    version: str,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
    also: Sequence[pulumi.Input[str]] = (),
) -> list[aws.lb.ListenerRule]:
    """What an alias rule takes on the listeners. With a certificate, port 443 forwards, and port 80 redirects there
    unless the manifest says otherwise. HTTP/2 and gRPC are forwarded by TLS only: AWS refuses a rule on port 80. also:
    further host names, known later."""
    # One that belongs to no host name takes what a facade sends, which comes by port 80.
    secure = listeners.https if rule.hosts else None
    made: list[aws.lb.ListenerRule] = []
    if secure is not None:
        made.append(
            aws.lb.ListenerRule(
                rule.secure_name,
                listener_arn=secure,
                priority=priority,
                conditions=conditions(hosts=(*rule.hosts, *also), paths=rule.paths, sources=rule.sources),
                actions=[forward(group.arn)],
                tags=tags,
                opts=opts,
            )
        )
    if secure is not None and rule.redirect:
        action = redirect_to_https()
    elif version == "http1":
        action = forward(group.arn)
    else:
        return made
    made.append(
        aws.lb.ListenerRule(
            rule.name,
            listener_arn=listeners.http,
            priority=priority,
            conditions=conditions(hosts=(*rule.hosts, *also), paths=rule.paths, sources=rule.sources),
            actions=[action],
            tags=tags,
            # What it sends to port 443 is to be answered there.
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(made))),
        )
    )
    return made
