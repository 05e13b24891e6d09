"""The facade `alb` in a load balancer that stands already: rules in one of its listeners, and nothing else of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.aws.facades.balanced import Balanced
from components.aws.facades.route_rules import OtherGroup
from components.aws.facades.url import known_after
from components.aws.plan import alb_rules
from components.model.facades import Listener


@dataclass(frozen=True)
class ListenerFacadeArgs:
    """What the facade is made of."""

    balanced: Balanced
    """Its routes."""
    listener: Listener
    """The user's own."""
    url: pulumi.Input[str]
    """Where it answers."""
    rest: OtherGroup | None = None
    """The target group of its default action. Default None: no route leaves it a share of its requests."""


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
        routes = args.balanced
        self.elsewhere = {**routes.groups, **routes.function_groups(name, child)}
        others: dict[str | None, OtherGroup] = {**self.elsewhere}
        if args.rest:
            others[routes.table.default] = args.rest
        rules = routes.rules(args.listener.arn, others, self, only_takers=True)
        made = rules.make(alb_rules.needed(routes.table, args.listener, routes.known))
        self.url = known_after(args.url, made)
        self.register_outputs({"url": self.url})
