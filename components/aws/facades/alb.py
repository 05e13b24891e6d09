"""The facade `alb`: the rules of the load balancer of the one environment in which all services run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.facades.target import FacadeTarget
from components.aws.facades.url import known_after
from components.aws.network.listeners import conditions, forward, no_service_at_this_path
from components.aws.plan import alb_rules
from components.aws.plan.alb_priorities import CATCH_ALL
from components.aws.plan.alb_rules import Rule, rules
from components.model.routes import RouteTable, within


@dataclass(frozen=True)
class AlbFacadeArgs:
    """What the facade is made of."""

    table: RouteTable
    """Who gets which request."""
    services: Mapping[str, FacadeTarget]
    """Who runs, by name, all in one environment with a public load balancer; each target group is attached to it."""
    listener_arn: pulumi.Input[str]
    """Of that load balancer. It has no other rules before `alb_priorities.CATCH_ALL`."""
    url: pulumi.Input[str]
    """Of that load balancer."""
    vpc_id: pulumi.Input[str]
    """Its VPC."""
    stickiness: int | None = None
    """Seconds for which a client stays with the service that it got by weight, 1 to 604800. Default None: every request
    is drawn anew."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Default none."""
    sticky_now: Mapping[str, int] = field(default_factory=dict[str, int])
    """The rules whose stickiness is on before this `up`, by name, with its seconds. Default none."""


class AlbFacade(pulumi.ComponentResource):
    """`strangler:index:AlbFacade`: a rule or a few for each route, from the start, and one for what no route takes.

    A cut-over, or a step of one, changes weights in place. A rule sends requests to a service once that is ready.
    Rules change from the longest paths to the shortest, and go the other way round, new ones beside the old: while an
    update runs, every request goes to its previous or its new service, never to a third.
    Without a default, the last rule answers 503, and so does an empty target group where a route's weight leaves
    something over.
    """

    url: pulumi.Output[str]
    """Of the load balancer."""

    def __init__(self, name: str, args: AlbFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:AlbFacade", name, None, opts)
        self._args = args
        self._groups: dict[str | None, pulumi.Input[str]] = {
            name: service.target_group_arn for name, service in args.services.items()
        }
        planned = rules(args.table)
        if args.table.default is None and planned:
            empty = aws.lb.TargetGroup(
                f"{name}-nobody",
                port=80,
                protocol="HTTP",
                target_type="ip",
                vpc_id=args.vpc_id,
                tags=dict(args.tags),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self._groups[None] = empty.arn
        made: list[pulumi.Resource] = []
        for rule in planned:
            before = [own for own, other in zip(made, planned, strict=False) if within(other.path, rule.path)]
            made.append(self._rule(rule, before))
        # What sends everybody where the last rule does needn't be there before it.
        leads = [rule.takers(args.table) != {args.table.default} for rule in planned]
        elsewhere = [own for own, away in zip(made, leads, strict=True) if away]
        last = aws.lb.ListenerRule(
            f"{name}-default",
            listener_arn=args.listener_arn,
            priority=CATCH_ALL,
            tags=dict(args.tags),
            conditions=conditions(paths=("/*",)),
            actions=[self._last()],
            opts=self._once_ready({args.table.default}, elsewhere),
        )
        self.url = known_after(args.url, [last])
        self.register_outputs({"url": self.url})

    def _rule(self, rule: Rule, before: list[pulumi.Resource]) -> aws.lb.ListenerRule:
        weights = rule.weights(self._args.table)
        return aws.lb.ListenerRule(
            rule.name,
            listener_arn=self._args.listener_arn,
            priority=rule.priority,
            tags=dict(self._args.tags),
            conditions=conditions(paths=rule.paths, methods=rule.methods),
            actions=[self._forward(weights, self._args.sticky_now.get(rule.name))],
            opts=pulumi.ResourceOptions.merge(
                self._once_ready(rule.takers(self._args.table), before),
                # In place, a rule with other conditions would leave its requests before their new rule is there.
                pulumi.ResourceOptions(replace_on_changes=["conditions"]),
            ),
        )

    def _last(self) -> aws.lb.ListenerRuleActionArgs:
        default = self._args.table.default
        if default is not None:
            return self._forward({default: 100})
        return no_service_at_this_path()

    def _forward(self, weights: Mapping[str | None, int], now: int | None = None) -> aws.lb.ListenerRuleActionArgs:
        if len(weights) == 1:
            return forward(self._groups[next(iter(weights))])
        own = {name: service.stickiness for name, service in self._args.services.items()}
        planned = alb_rules.forward(weights, self._args.stickiness, own, now)
        return aws.lb.ListenerRuleActionArgs(
            type="forward",
            forward=aws.lb.ListenerRuleActionForwardArgs(
                target_groups=[
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=self._groups[service], weight=weight)
                    for service, weight in planned.weights.items()
                ],
                # Written also where it is off: pulumi-aws keeps a block that isn't written any more
                # (terraform-provider-aws, listener_rule.go: SuppressMissingOptionalConfigurationBlock).
                stickiness=aws.lb.ListenerRuleActionForwardStickinessArgs(
                    enabled=planned.sticky, duration=planned.stickiness
                )
                if planned.stickiness is not None
                else None,
            ),
        )

    def _once_ready(self, services: set[str | None], before: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        ready = [needed for name in sorted(filter(None, services)) for needed in self._args.services[name].ready]
        return pulumi.ResourceOptions(parent=self, depends_on=[*ready, *before])
