"""The facade `alb`: the rules of the load balancer of the one environment in which all services run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.facades.target import FacadeService
from components.aws.plan.alb_priorities import CATCH_ALL
from components.aws.plan.alb_rules import Rule, rules
from components.model.routes import RouteTable, within


@dataclass(frozen=True)
class AlbFacadeArgs:
    """table: who gets which request. services: who runs, by name, all in one environment with a public load balancer,
    whose listener has no rules before `alb_priorities.CATCH_ALL`; each target group is tied to that balancer already.
    listener_arn, url: of that load balancer. vpc_id: its network. stickiness: seconds for which a client stays with
    the service that it got by weight, 1 to 604800 (default None: every request is drawn anew).
    tags: default none."""

    table: RouteTable
    services: Mapping[str, FacadeService]
    listener_arn: pulumi.Input[str]
    url: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    stickiness: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


class AlbFacade(pulumi.ComponentResource):
    """`strangler:index:AlbFacade`: a rule or a few for each route, from the start, and one for what no route takes.

    A cut-over, or a step of one, changes weights in place. A rule sends requests to a service once that is ready.
    Rules change from the longest paths to the shortest, and go the other way round, new ones beside the old: so who is
    asked on the way is the old owner or the new one, and never one whose route lies between.
    Without a default, the last rule answers 503, and so does a target group with nobody in it where a route's weight
    leaves something over.
    url: of the load balancer.
    """

    url: pulumi.Output[str]

    def __init__(self, name: str, args: AlbFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:AlbFacade", name, None, opts)
        self._args = args
        self._groups: dict[str | None, pulumi.Input[str]] = {
            each: service.target_group_arn for each, service in args.services.items()
        }
        planned = rules(args.table)
        if args.table.default is None and planned:
            nobody = aws.lb.TargetGroup(
                f"{name}-nobody",
                port=80,
                protocol="HTTP",
                target_type="ip",
                vpc_id=args.vpc_id,
                tags=dict(args.tags),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self._groups[None] = nobody.arn
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
            conditions=_conditions(("/*",), ()),
            actions=[self._last()],
            opts=self._once_ready({args.table.default}, elsewhere),
        )
        self.url = pulumi.Output.from_input(args.url)
        if not pulumi.runtime.is_dry_run():  # in a preview, a new rule must not make a known URL unknown
            self.url = pulumi.Output.all(self.url, last.id).apply(lambda known: str(known[0]))
        self.register_outputs({"url": self.url})

    def _rule(self, rule: Rule, before: list[pulumi.Resource]) -> aws.lb.ListenerRule:
        weights = rule.weights(self._args.table)
        return aws.lb.ListenerRule(
            rule.name,
            listener_arn=self._args.listener_arn,
            priority=rule.priority,
            tags=dict(self._args.tags),
            conditions=_conditions(rule.paths, rule.methods),
            actions=[self._forward(weights)],
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
        return aws.lb.ListenerRuleActionArgs(
            type="fixed-response",
            fixed_response=aws.lb.ListenerRuleActionFixedResponseArgs(
                content_type="text/plain", status_code="503", message_body="No service answers this path.\n"
            ),
        )

    def _forward(self, weights: Mapping[str | None, int]) -> aws.lb.ListenerRuleActionArgs:
        if len(weights) == 1:
            return aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=self._groups[next(iter(weights))])
        seconds = self._args.stickiness
        return aws.lb.ListenerRuleActionArgs(
            type="forward",
            forward=aws.lb.ListenerRuleActionForwardArgs(
                target_groups=[
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=self._groups[service], weight=weight)
                    for service, weight in weights.items()
                ],
                stickiness=aws.lb.ListenerRuleActionForwardStickinessArgs(enabled=True, duration=seconds)
                if seconds
                else None,
            ),
        )

    def _once_ready(self, services: set[str | None], before: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        ready = [self._args.services[each].ready for each in sorted(filter(None, services))]
        return pulumi.ResourceOptions(parent=self, depends_on=[*ready, *before])


def _conditions(paths: tuple[str, ...], methods: tuple[str, ...]) -> list[aws.lb.ListenerRuleConditionArgs]:
    found = [
        aws.lb.ListenerRuleConditionArgs(
            path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=list(paths)),
        )
    ]
    if methods:
        found.append(
            aws.lb.ListenerRuleConditionArgs(
                http_request_method=aws.lb.ListenerRuleConditionHttpRequestMethodArgs(values=list(methods))
            )
        )
    return found
