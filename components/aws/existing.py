"""What AWS says of a load balancer that is the user's own. Looked up once by the platform, as components make no
look-ups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan import existing_listener
from components.aws.plan.existing_listener import KEY, Action, Rest, rest
from components.aws.plan.passages import Passage, passes
from components.model.facades import Listener
from components.model.routes import RouteTable
from components.settings import Settings


@dataclass(frozen=True)
class ExistingBalancer:
    """A load balancer of the user's own, and the listener that our rules are in."""

    settings: Listener
    """As the config has it."""
    dns: str
    """The load balancer's own name."""
    zone: str
    """Id of the hosted zone of that name."""
    vpc: str
    """Id of its VPC."""
    groups: tuple[str, ...]
    """Ids of its security groups, sorted."""
    secure: bool
    """Whether the listener speaks TLS."""
    port: int
    """Of the listener."""
    rest: Rest
    """What becomes of the requests that no rule takes."""

    def url(self, host: str | None = None) -> str:
        """Where the listener answers, without a path. host: a name of the user's. Default: the load balancer's own."""
        scheme, usual = ("https", 443) if self.secure else ("http", 80)
        return f"{scheme}://{host or self.dns}{'' if self.port == usual else f':{self.port}'}"


def look_up(settings: Listener) -> ExistingBalancer:
    """Reads the load balancer and its listener. Raises RunError if it isn't there, or the caller may not look."""
    try:
        listener = aws.lb.get_listener(arn=settings.arn)
        balancer = aws.lb.get_load_balancer(arn=settings.load_balancer_arn)
    except Exception as error:  # the SDK has no narrower one
        remedy = "check that it exists and that this login may read it"
        raise pulumi.RunError(f"{KEY}: found {settings.arn}; {remedy}: {_first_line(error)}") from error
    actions = [
        Action(
            action.type,
            {group.arn: group.weight for forward in action.forwards for group in forward.target_groups}
            or ({action.target_group_arn: 1} if action.target_group_arn else {}),
        )
        for action in sorted(listener.default_actions, key=lambda action: action.order)
    ]
    return ExistingBalancer(
        settings,
        dns=balancer.dns_name,
        zone=balancer.zone_id,
        vpc=balancer.vpc_id,
        groups=tuple(sorted(balancer.security_groups)),
        secure=listener.protocol == "HTTPS",
        port=int(listener.port),
        rest=rest(actions),
    )


def check_existing(
    existing: ExistingBalancer, settings: Settings, table: RouteTable, own: Mapping[int, str], priorities: Iterable[int]
) -> None:
    """What only AWS knows, told in a plan too: raises RunError for what can't be, and warns of what may not be meant.
    own: the rules of ours that are there. priorities: of all that there may be."""
    shares = existing_listener.shared(table, existing.settings)
    lines = list(existing_listener.mistakes(settings.environments, existing.vpc, existing.rest, shares))
    lines += existing_listener.collisions(taken(existing.settings, priorities, own))
    if lines:
        raise pulumi.RunError("\n".join(lines))
    if existing.rest.authenticates:
        pulumi.log.warn(existing_listener.UNSEEN)
    # Later on, a service that isn't reached fails its deployment. A plan without an account knows no network.
    read = outgoing(existing) if existing.vpc and not own else None
    if read is None:
        return
    network, rules = read
    routed = [service.manifest for service in settings.services if service.manifest.routed]
    names = [
        manifest.name
        for manifest in routed
        if not passes(rules, network, manifest.network.security_groups, manifest.port)
    ]
    if names:
        pulumi.log.warn(existing_listener.closed(names, existing.groups, network))


def outgoing(existing: ExistingBalancer) -> tuple[str, list[Passage]] | None:
    """The address range of the load balancer's network, and what its security groups let out; None if that can't be
    read."""
    try:
        network = aws.ec2.get_vpc(id=existing.vpc).cidr_block
        return network, passages(existing.groups, out=True)
    except Exception as error:  # the SDK has no narrower one
        pulumi.log.debug(f"{KEY}: the egress rules of its security groups can't be read: {_first_line(error)}")
        return None


def passages(groups: Iterable[str], *, out: bool) -> list[Passage]:
    """What security groups let out, or in. groups: their ids. Raises whatever the SDK does if that can't be read."""
    filters = [aws.vpc.GetSecurityGroupRulesFilterArgs(name="group-id", values=list(groups))]
    rules = [
        aws.vpc.get_security_group_rule(security_group_rule_id=one)
        for one in aws.vpc.get_security_group_rules(filters=filters).ids
    ]
    return [
        Passage(
            rule.ip_protocol,
            rule.from_port,
            rule.to_port,
            rule.cidr_ipv4 or None,
            rule.referenced_security_group_id or None,
            listed=bool(rule.prefix_list_id),
        )
        for rule in rules
        if rule.is_egress == out
    ]


def stickiness_of(group: str) -> int | None:
    """Seconds for which a client stays with one target of a group; None if it may meet any of them."""
    found = aws.lb.get_target_group(arn=group).stickiness
    return int(found.cookie_duration) if found.enabled else None


_FREE = ("empty result", "couldn't find resource")
"""What pulumi-aws says of a priority that no rule has (terraform-provider-aws, listener_rule_data_source.go and
tfresource/not_found_error.go)."""


def taken(settings: Listener, priorities: Iterable[int], own: Mapping[int, str]) -> dict[int, str]:
    """The ARNs of the rules that have these priorities in the listener and aren't ours. own: the ARNs of those that
    are, by priority; they aren't looked up. pulumi-aws tells of one priority at a time."""
    found: dict[int, str] = {}
    for priority in sorted(set(priorities) - set(own)):
        try:
            rule = aws.lb.get_listener_rule(listener_arn=settings.arn, priority=priority)
        except Exception as error:  # the SDK has no narrower one
            if any(said in str(error) for said in _FREE):
                continue
            remedy = "if another rule uses one of ours, AWS refuses it with PriorityInUse; set listenerPriorities then"
            pulumi.log.warn(f"{KEY}: the priorities of its rules can't be read; {remedy}: {_first_line(error)}")
            return found
        if rule.arn not in own.values():
            found[priority] = rule.arn
    return found


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
