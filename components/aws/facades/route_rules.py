"""The listener rules of routes: in the load balancer that is the facade, or in one of the user's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.facades.target import FacadeTarget
from components.aws.network.listeners import conditions, forward
from components.aws.plan import alb_rules
from components.aws.plan.alb_rules import RouteRule
from components.aws.proof import Guard
from components.model.routes import RouteTable, within


@dataclass(frozen=True)
class OtherGroup:
    """A target group that no service of ours is behind."""

    arn: pulumi.Input[str]
    """Its ARN."""
    ready: Sequence[pulumi.Resource] = ()
    """What leads there once it is made. Default: it is there."""
    stickiness: int | None = None
    """Seconds for which a client stays with one of its targets. Default None: it may meet any of them."""
    function: bool = False
    """Whether its target is a Lambda function. Default false."""

    @property
    def suffix(self) -> pulumi.Output[str]:
        """The part of its ARN by which CloudWatch names it."""
        return pulumi.Output.from_input(self.arn).apply(lambda arn: arn.rpartition(":")[2])


@dataclass(frozen=True)
class RouteRules:
    """What the rules of a route table are made of."""

    table: RouteTable
    """Who gets which request."""
    services: Mapping[str, FacadeTarget]
    """Who runs, by name."""
    listener_arn: pulumi.Input[str]
    """Where the rules are."""
    others: Mapping[str | None, OtherGroup]
    """The target groups of all others who may get requests."""
    stickiness: int | None
    """Seconds for which a client stays with the service that it got by weight. None: every request is drawn anew."""
    sticky_now: Mapping[str, int]
    """The rules whose stickiness is on before this `up`, by name, with its seconds."""
    tags: Mapping[str, str]
    """Of all rules."""
    parent: pulumi.Resource
    """The facade."""
    prefix: str = ""
    """What the rules' logical names begin with. Default: nothing, as a program has one system."""
    guard: Guard | None = None
    """What any of them waits for. Default: for nothing but those to whom it sends requests."""
    only_takers: bool = False
    """Whether a rule names only those who get a share now. Default false: all who get one at some weights, so that a
    cut-over is a change of weights alone."""

    def make(self, planned: Sequence[RouteRule]) -> list[aws.lb.ListenerRule]:
        """Makes rules, given by priority. Each comes after those for longer paths within its own."""
        made: list[aws.lb.ListenerRule] = []
        for rule in planned:
            before = [own for own, other in zip(made, planned, strict=False) if within(other.path, rule.path)]
            made.append(self._rule(rule, before))
        return made

    def rest(
        self,
        name: str,
        priority: int,
        action: aws.lb.ListenerRuleActionArgs,
        planned: Sequence[RouteRule],
        made: Sequence[pulumi.Resource],
    ) -> aws.lb.ListenerRule:
        """Makes the rule for what no route takes. planned, made: the rules of the routes."""
        # What sends everybody where this one does needn't be there before it.
        leads = [rule.takers(self.table) != {self.table.default} for rule in planned]
        elsewhere = [own for own, away in zip(made, leads, strict=True) if away]
        return aws.lb.ListenerRule(
            name,
            listener_arn=self.listener_arn,
            priority=priority,
            tags=dict(self.tags) or None,
            conditions=conditions(paths=("/*",)),
            actions=[action],
            opts=self.once_ready({self.table.default}, elsewhere),
        )

    def _rule(self, rule: RouteRule, before: Sequence[pulumi.Resource]) -> aws.lb.ListenerRule:
        weights = {name: weight for name, weight in rule.weights(self.table).items() if weight or not self.only_takers}
        return aws.lb.ListenerRule(
            f"{self.prefix}{rule.name}",
            listener_arn=self.listener_arn,
            priority=rule.priority,
            tags=dict(self.tags) or None,
            conditions=conditions(paths=rule.paths, regex=rule.regex, methods=rule.methods, mark=rule.mark),
            actions=[self.forward(weights, self.sticky_now.get(rule.name))],
            opts=pulumi.ResourceOptions.merge(
                self.once_ready(rule.takers(self.table), before),
                # In place, a rule with other conditions would leave its requests before their new rule is there.
                pulumi.ResourceOptions(replace_on_changes=["conditions"]),
            ),
        )

    def forward(self, weights: Mapping[str | None, int], now: int | None = None) -> aws.lb.ListenerRuleActionArgs:
        """The action that sends requests to services by weight. now: the seconds of its stickiness, if it is on in
        AWS."""
        # A rule that names now one and now several always does it in the same way: pulumi-aws may keep a block that
        # isn't written any more.
        if len(weights) == 1 and not self.only_takers:
            return forward(self._group(next(iter(weights))))
        own = {name: service.stickiness for name, service in self.services.items()}
        own |= {name: other.stickiness for name, other in self.others.items() if name is not None}
        planned = alb_rules.forward(weights, self.stickiness, own, now)
        return aws.lb.ListenerRuleActionArgs(
            type="forward",
            forward=aws.lb.ListenerRuleActionForwardArgs(
                target_groups=[
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=self._group(service), weight=weight)
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

    def _group(self, service: str | None) -> pulumi.Input[str]:
        other = self.others.get(service)
        return self.services[service or ""].target_group_arn if other is None else other.arn

    def once_ready(self, services: set[str | None], before: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        """The options of a rule that sends requests to these services."""
        everyone = {**self.services, **self.others}
        names = sorted(filter(None, everyone if self.guard else services))
        ready = [needed for name in names for needed in everyone[name].ready]
        hooks = self.guard.hooks if self.guard else None
        return pulumi.ResourceOptions(parent=self.parent, depends_on=[*ready, *before], hooks=hooks)
