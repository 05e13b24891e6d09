"""The facade of a load balancer that stands already: weighted routes by path in one of its listeners."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi

from components.aws.facades.route_rules import OtherGroup, RouteRules
from components.aws.plan import alb_rules, existing_listener
from components.input.value import NUMBERS, Value
from components.model.routes import RouteTable
from components.public.elsewhere import read_default
from components.public.given import check, filled, given, read_tags, text_input
from components.public.route_args import RouteArgs
from components.settings.facades import STICKINESS
from components.settings.given_routes import read_given_routes
from components.settings.listener import read_priorities


class AlbTargetArgs(TypedDict):
    """Who may get requests."""

    target_group_arn: pulumi.Input[str]
    """ARN of its target group, in the load balancer's VPC. ECS takes a service only once its target group is attached
    to a load balancer, as the rules do with `default_target`: let the service depend on the facade then."""
    stickiness_seconds: NotRequired[int]
    """Seconds for which a client stays with one of its targets, 1 to 604800, if its target group is sticky by the load
    balancer's cookie: AWS refuses a rule that divides requests and isn't sticky itself then. Default: it isn't."""


class AlbFacadeArgs(TypedDict):
    """What `AlbFacade` is made of."""

    listener_arn: pulumi.Input[str]
    """ARN of a listener of an application load balancer. Its default action, its certificates and all rules outside of
    `priorities` stay as they are."""
    targets: dict[str, AlbTargetArgs]
    """Who may get requests, by a name of your own, which `routes` use."""
    routes: list[RouteArgs]
    """Which requests go where. Their order means nothing: the longest path wins, and at the same path a route that
    lists the request's method."""
    default_target: NotRequired[str]
    """Key of `targets`: who gets what no route takes, by a rule for all paths at the last of `priorities`. Every route
    has its rules from the start then, and a cut-over changes weights alone. Default: the listener's own rules and
    default action answer the rest; a route that is inactive has no rule, and weights are 0 or 100."""
    priorities: NotRequired[str]
    """The band of the listener's priorities that is the facade's alone, 1000 or more of 1 to 50000. Default:
    `20000-29999`."""
    stickiness_seconds: NotRequired[int]
    """Seconds for which a client stays with the target that it got by weight, 1 to 604800. Default: each request is
    drawn anew."""
    tags: NotRequired[dict[str, str]]
    """Tags of the rules. Default: none."""


@dataclass(frozen=True)
class _Band:
    """A `components.model.facades.Priorities`."""

    first: int
    last: int


class AlbFacade(pulumi.ComponentResource):
    """Weighted routes by path in a listener of an application load balancer that stands already.

    Nothing of the load balancer is made or changed but rules within a band of priorities. While an update runs, every
    request goes to its previous or its new target, never to a third one. Whether a target is healthy isn't asked: give
    it a weight once it is. A priority that another rule has is refused by AWS, with PriorityInUse.
    """

    listener_arn: pulumi.Output[str]
    """The listener's ARN, known once all rules are as they should be."""
    rule_arns: pulumi.Output[dict[str, str]]
    """ARNs of the rules, by what they are for: methods and path, and what tells several of one route apart; `default`
    is that of `default_target`."""

    def __init__(self, name: str, args: AlbFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("AlbFacade", name, args, AlbFacadeArgs.__annotations__)
        remedy = "give the ARN of a listener of an application load balancer"
        listener_arn = text_input(at.required("listener_arn", remedy))
        band = _Band(*read_priorities(at.get("priorities")))
        seconds = NUMBERS.read(at, "stickiness", *STICKINESS)
        listed = filled(at.required("targets", "give one or more"), "give one or more")
        groups = {key: _group(value) for key, value in listed.entries()}
        default = read_default(at, groups, required=False)
        table = read_given_routes(at.required("routes", "give a list, which may be empty"), groups, default)
        tags = read_tags(at.get("tags"))
        _check_rules(at, table, band)
        check(at)
        super().__init__("strangler:index:AlbFacade", name, None, opts)
        every = alb_rules.rules(table, band) if default else alb_rules.needed(table, band)
        rules = RouteRules(
            table=table,
            services={},
            listener_arn=listener_arn,
            others={**groups},
            stickiness=seconds,
            # Written even where it is off: what is on in AWS isn't known here.
            sticky_now={rule.name: 1 for rule in every},
            tags=tags,
            parent=self,
            prefix=f"{name} ",
            only_takers=default is None,
        )
        made = rules.make(every)
        arns = {rule.name: own.arn for rule, own in zip(every, made, strict=True)}
        if default:
            rest = rules.rest(f"{name}-default", band.last, rules.forward({default: 100}), every, made)
            arns["default"] = rest.arn
        self.rule_arns = pulumi.Output.all(**arns) if arns else pulumi.Output.from_input(dict[str, str]())
        self.listener_arn = pulumi.Output.all(listener_arn, self.rule_arns).apply(lambda known: str(known[0]))
        self.register_outputs({"listenerArn": self.listener_arn, "ruleArns": self.rule_arns})


def _group(at: Value) -> OtherGroup:
    at.require_map()
    at.only(AlbTargetArgs.__annotations__)
    arn = text_input(at.required("target_group_arn", "give the ARN of its target group"))
    return OtherGroup(arn, stickiness=NUMBERS.read(at, "stickiness", *STICKINESS))


def _check_rules(at: Value, table: RouteTable, band: _Band) -> None:
    """What the listener can't hold."""
    if at.problems.errors:
        return
    for route, found, remedy in alb_rules.mistakes(table, band):
        if route is None:
            at.get("priorities").fail("give a wider band", found)
        else:
            at.get("routes").fail(remedy, f"{route}: {found}")
    shares = existing_listener.shared(table, band) if table.default is None else []
    if shares:
        remedy = f"set {at.spelled('default_target')} to the target that gets the rest, or give 0 or 100"
        at.get("routes").fail(remedy, f"weights for {', '.join(shares)}")
