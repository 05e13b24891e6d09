"""What the two facades have in common whose routes are rules of a load balancer: one of their own, or the user's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.aws.facades.external import function_group
from components.aws.facades.route_rules import OtherGroup, RouteRules
from components.aws.facades.target import FacadeTarget
from components.aws.plan import alb_rules
from components.aws.plan.alb_rules import Outputs
from components.aws.proof import Guard
from components.model.routes import RouteTable
from components.settings.external import ExternalService


@dataclass(frozen=True)
class Balanced:
    """Routes, and those they lead to."""

    table: RouteTable
    """Who gets which request; in a listener of the user's own, its default is that listener's default action."""
    services: Mapping[str, FacadeTarget]
    """Who runs here, by name, all in the load balancer's network; each target group is attached to it."""
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

    def function_groups(self, name: str, opts: pulumi.ResourceOptions) -> dict[str, OtherGroup]:
        """Makes the target groups of functions, by the service. name: the facade's."""
        tags = dict(self.tags)
        return {service.name: function_group(name, service, tags, opts) for service in self.functions}

    def rules(
        self,
        listener_arn: pulumi.Input[str],
        others: Mapping[str | None, OtherGroup],
        parent: pulumi.Resource,
        *,
        only_takers: bool = False,
    ) -> RouteRules:
        """What rules are made of. others, parent, only_takers: see `RouteRules`."""
        return RouteRules(
            self.table,
            self.services,
            listener_arn,
            others,
            self.stickiness,
            alb_rules.sticky_now(self.known),
            self.tags,
            parent,
            guard=self.guard,
            only_takers=only_takers,
        )
