"""The facade `alb` in a load balancer that stands already: rules in one of its listeners, and nothing else of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.aws.facades.external import function_group
from components.aws.facades.route_rules import OtherGroup, RouteRules
from components.aws.facades.target import FacadeTarget
from components.aws.facades.url import known_after
from components.aws.plan import alb_rules
from components.aws.plan.alb_rules import Outputs
from components.aws.proof import Guard
from components.model.facades import Listener
from components.model.routes import RouteTable
from components.settings.external import ExternalService


@dataclass(frozen=True)
class ListenerFacadeArgs:
    """What the facade is made of."""

    table: RouteTable
    """Who gets which request; its default is the listener's own default action."""
    services: Mapping[str, FacadeTarget]
    """Who runs, by name, all in the load balancer's network; each target group is attached to it."""
    listener: Listener
    """The user's own."""
    url: pulumi.Input[str]
    """Where it answers."""
    rest: OtherGroup | None = None
    """The target group of its default action. Default None: no route leaves it a share of its requests."""
    stickiness: int | None = None
    """Seconds for which a client stays with the service that it got by weight, 1 to 604800. Default None: every request
    is drawn anew."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Default none."""
    known: Outputs = field(default_factory=dict[str, Mapping[str, Any]])
    """The facade's rules before this `up`, as the provider reported them, by logical name. Default none."""
    functions: Sequence[ExternalService] = ()
    """Services that run elsewhere as Lambda functions. Default none."""
    groups: Mapping[str, OtherGroup] = field(default_factory=dict[str, OtherGroup])
    """Target groups of services that run elsewhere, by the service. Default none."""
    guard: Guard | None = None
    """What its rules wait for before they come or change. Default: for nothing but the services."""


class ListenerFacade(pulumi.ComponentResource):
    """`strangler:index:ListenerFacade`: a rule or a few for each active route, within a band of priorities.

    A route that is off has no rule, but those of its testers: its other requests meet the listener's other rules and
    its default action as if we were not there. So a cut-over makes a rule, and the way back deletes it; a step between
    changes its weights in place, and names the target group of the default action for the rest. Rules come from the
    longest paths to the shortest, and go the other way round: while an update runs, every request goes to its previous
    or its new service, never to a third.
    """

    url: pulumi.Output[str]
    """Of the listener."""
    elsewhere: Mapping[str, OtherGroup]
    """The target groups of services that run elsewhere, by the service."""

    def __init__(self, name: str, args: ListenerFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:ListenerFacade", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        functions = {service.name: function_group(name, service, dict(args.tags), child) for service in args.functions}
        self.elsewhere = {**args.groups, **functions}
        others: dict[str | None, OtherGroup] = {**self.elsewhere}
        if args.rest:
            others[args.table.default] = args.rest
        rules = RouteRules(
            args.table,
            args.services,
            args.listener.arn,
            others,
            args.stickiness,
            alb_rules.sticky_now(args.known),
            args.tags,
            self,
            guard=args.guard,
            only_takers=True,
        )
        made = rules.make(alb_rules.needed(args.table, args.listener, args.known))
        self.url = known_after(args.url, made)
        self.register_outputs({"url": self.url})
