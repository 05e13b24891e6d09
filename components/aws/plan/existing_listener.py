"""What a load balancer of the user's own says of itself, and what can't be there beside our rules. Pure.

Sources: ELB API, DescribeListeners (DefaultActions), DescribeRules; ELB user guide, "Listener rules" (a target group
belongs to one load balancer, and has a weight of its own beside others).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.aws.plan import alb_rules
from components.model.environment import EnvironmentSettings
from components.model.facades import Listener, Priorities
from components.model.routes import RouteTable

KEY = "facadeSettings.alb.listener"

UNSEEN = (
    f"{KEY}: its default action authenticates clients, but the rules for routes don't; authenticate in the service, "
    "or leave the route inactive"
)
"""What to tell where a default action authenticates."""


@dataclass(frozen=True)
class Action:
    """A default action of a listener."""

    type: str
    """`forward`, `redirect`, `authenticate-oidc`, …"""
    groups: Mapping[str, int] = field(default_factory=dict[str, int])
    """The weight of each target group that it forwards to, by ARN. Default: it forwards to none."""


@dataclass(frozen=True)
class Rest:
    """What becomes of the requests that no rule takes."""

    group: str | None
    """ARN of the one target group that gets them. None: none does, or several do."""
    found: str
    """What the default action does."""
    authenticates: bool = False
    """Whether it lets in only who has logged in, which no rule of ours does. Default false."""


def rest(actions: Sequence[Action]) -> Rest:
    """What the default actions of a listener come to: the last one answers, those before it see who may pass (ELB API,
    CreateListener: DefaultActions)."""
    last = actions[-1] if actions else Action("nothing")
    before = any(action.type.startswith(("authenticate", "jwt")) for action in actions[:-1])
    groups = [arn for arn, weight in last.groups.items() if weight]
    if last.type != "forward":
        return Rest(None, f"answers by a {last.type}", before)
    if before:
        return Rest(None, "asks who the client is", before)
    if len(groups) != 1:
        return Rest(None, f"forwards to {len(groups)} target groups")
    return Rest(groups[0], "forwards to one target group")


def shared(table: RouteTable, listener: Priorities) -> list[str]:
    """The ids of routes some of whose requests, and not all, go where they would go without any rule of ours."""
    found = [rule for rule in alb_rules.needed(table, listener) if table.default in rule.takers(table)]
    return list(dict.fromkeys(rule.chain[0].id for rule in found))


def mistakes(
    environments: Iterable[EnvironmentSettings], vpc: str, found: Rest, shares: Sequence[str]
) -> Iterator[str]:
    """A line for what the load balancer can't do. environments: in which the services are. vpc: the load balancer's,
    empty in a plan without an account. found: what its default action is. shares: see `shared`."""
    for environment in environments:
        if environment.vpc and vpc and environment.vpc.id != vpc:
            remedy = f"the load balancer of {KEY} reaches only tasks in its own network: give {vpc} and its subnets"
            yield f"environments.{environment.name}.vpc: found {environment.vpc.id}; {remedy}"
    if shares and found.group is None:
        remedy = "only a single target group can get the remaining requests: give 0 or 100"
        yield f"routes: weights for {', '.join(shares)}, and the default action of {KEY} {found.found}; {remedy}"


def own_rules(listener: Listener, rules: Mapping[str, Mapping[str, Any]]) -> dict[int, str]:
    """The ARNs of the rules that the stack has in the listener, by priority. rules: all that it has, by name."""
    found = (rule for rule in rules.values() if rule.get("listenerArn") == listener.arn)
    return {int(rule["priority"]): str(rule.get("arn")) for rule in found if rule.get("priority")}


def collisions(taken: Mapping[int, str]) -> Iterator[str]:
    """A line for each priority of ours that a rule has which isn't ours. taken: the ARN of the rule, by priority."""
    for priority, arn in sorted(taken.items()):
        remedy = "set another band in facadeSettings.alb.listenerPriorities, or give that rule another priority"
        yield f"{KEY}: the priority {priority}, needed for one of our rules, is used by {arn}; {remedy}"


def closed(names: Iterable[str], groups: Iterable[str], network: str) -> str:
    """What to tell where it may not."""
    return (
        f"{KEY}: its security groups {', '.join(groups)} let out nothing to all of {network}, so that it may not reach "
        f"{', '.join(names)}; let them out to that range or to the tasks' security group, or place the tasks in one "
        "that it reaches (network.vpc.security_groups)"
    )
