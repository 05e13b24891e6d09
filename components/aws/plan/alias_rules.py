"""Listener rules and host names of services: what leads to one without a facade. Pure.

An alias rule sends a host name straight to one service, on the load balancer of its environment and ahead of the
facade's routes. Limit: five condition values in a rule (ELB user guide, listener rules).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from components.aws.plan import alb_priorities, listener_priorities
from components.aws.plan.load_balancers import name_on
from components.aws.plan.stable_slots import settle
from components.manifest.http import Alias, HttpRule
from components.manifest.manifest import Manifest
from components.model.environment import EnvironmentSettings
from components.model.facades import Listener, Scheme
from components.settings.service import Service

VALUES = 5
"""Of the conditions of a rule."""

_SECURE = " tls"

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


@dataclass(frozen=True)
class AliasRule:
    """Routes a host name straight to one service, ahead of the facade's routes; or a path, for a further rule of `http`
    without a host name."""

    name: str
    """Unique on the load balancer."""
    rule: int
    """The number in `http.numbered` of the rule that it belongs to; 0 is the main one."""
    hosts: tuple[str, ...]
    """Condition: host names. Empty: all."""
    paths: tuple[str, ...]
    """Condition: path patterns. Empty: all."""
    redirect: bool
    """Whether plain HTTP is sent to HTTPS where there is a certificate."""
    sources: tuple[str, ...] = ()
    """Condition: address ranges of those who ask. Default: all."""

    @property
    def secure_name(self) -> str:
        """The logical name of its listener rule on port 443. On port 80 it has its own."""
        return self.name + _SECURE

    @property
    def depth(self) -> int:
        """Segments of its path."""
        return self.paths[0].count("/") if self.paths else 0


@dataclass(frozen=True)
class HostName:
    """A host name that leads to the load balancer of an environment."""

    name: str
    """Such as `api.example.com`."""
    hosted_zone: str | None
    """Id of the Route 53 zone in which its record and its certificate's validation are made; None: neither is made."""
    services: tuple[str, ...]
    """Those that answer there."""


def alias_rules(service: Service) -> tuple[AliasRule, ...]:
    """A rule for each group of host names that fits into one; for a further rule without a name, one by its path."""
    found: list[AliasRule] = []
    for number, rule in (service.manifest.http.numbered if service.manifest.http else {}).items():
        base = rule_name(service.name, number)
        found += on_hosts(base, number, rule)
        if number and not rule.aliases:
            found.append(AliasRule(base, number, (), paths_of(rule), rule.redirect))
    return tuple(found)


def paths_of(rule: HttpRule) -> tuple[str, ...]:
    """The path patterns of a rule; empty: all paths."""
    return () if rule.path == "/" else (rule.path, f"{rule.path}/*")


def on_hosts(base: str, number: int, rule: HttpRule) -> Iterator[AliasRule]:
    """A rule for each group of the host names of one that fits. base: what their names begin with."""
    paths, hosts = paths_of(rule), [alias.name for alias in rule.aliases]
    # A rule whose other values leave no room is a mistake that is reported.
    room = max(1, VALUES - len(paths) - len(rule.sources))
    for start in range(0, len(hosts), room):
        some = tuple(hosts[start : start + room])
        yield AliasRule(f"{base} {some[0]}", number, some, paths, rule.redirect, rule.sources)


def priorities(
    services: Iterable[Service], listener: Listener | None = None, known: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The priority of each alias rule of services that share a load balancer, by the rule's name. Those with hosts come
    before the rules of every facade. listener: where they are, if that is the user's own; then all have hosts. known:
    the priorities that rules of that load balancer have, by name, also those that go."""
    rules = [rule for service in services for rule in alias_rules(service)]
    hosted = {rule.name: rule.depth for rule in rules if rule.hosts}
    if listener:
        parts = listener_priorities.shares(listener).hosts
        places = {name: parts[depth].ranges for name, depth in hosted.items()}
        return settle(listener_priorities.of_hosts(listener, hosted), known or {}, places)
    bands = {rule.name: alb_priorities.plain_band(rule.depth, 0) for rule in rules if not rule.hosts}
    wanted = {**alb_priorities.host_priorities(hosted), **alb_priorities.priorities(bands)}
    bands |= {name: alb_priorities.host_band(depth) for name, depth in hosted.items()}
    return settle(wanted, known or {}, {name: band.ranges for name, band in bands.items()})


def known_priorities(rules: Outputs, listeners: Iterable[str]) -> dict[str, int]:
    """The priorities that rules have on a load balancer, by name. rules: the listener rules that the stack has.
    listeners: ARNs of the load balancer's."""
    there = set(listeners)
    here = {
        name: int(rule["priority"])
        for name, rule in rules.items()
        if rule.get("listenerArn") in there and "priority" in rule
    }
    return {name.removesuffix(_SECURE): priority for name, priority in here.items()}


def standing(service: Service, scheme: Scheme, groups: Outputs, rules: Outputs) -> frozenset[str]:
    """The names of the alias rules that are there already, and attach their target group to the load balancer. They
    wait with what changes until the service is in steady state: a release that fails leaves them as they were.

    scheme: of the first load balancer of its environment. groups: target groups. rules: listener rules.
    """
    numbers = service.manifest.http.numbered if service.manifest.http else {}
    names = {number: name_on(rule_name(service.name, number), scheme) for number in numbers}
    return those_standing(alias_rules(service), names, service.environment, groups, rules)


def those_standing(
    wanted: Iterable[AliasRule], names: Mapping[int, str], environment: str, groups: Outputs, rules: Outputs
) -> frozenset[str]:
    """Those of the rules that are there already, and attach their target group. names: of the first target groups, by
    the number of the rule. environment: that of the service."""
    found: set[str] = set()
    for rule in wanted:
        group = groups.get(names[rule.rule], {}).get("arn")
        for known in (rules.get(rule.name, {}), rules.get(rule.secure_name, {})):
            # In another environment, they are on another load balancer.
            here = cast("Mapping[str, object]", known.get("tags") or {}).get("environment") == environment
            actions = cast("list[Mapping[str, object]]", known.get("actions") or [])
            if here and group and any(action.get("targetGroupArn") == group for action in actions):
                found.add(rule.name)
    return frozenset(found)


def rule_name(service: str, number: int) -> str:
    """What belongs to one of `http.numbered` is named so: capitals keep it apart from every service's name."""
    return service if number == 0 else f"{service}-Rule{number}"


def host_names(services: Iterable[Service]) -> tuple[HostName, ...]:
    """The host names of services that share a load balancer, sorted."""
    found: dict[str, HostName] = {}
    for service in services:
        for alias in _aliases(service.manifest):
            known = found.get(alias.name, HostName(alias.name, None, ()))
            names = known.services if service.name in known.services else (*known.services, service.name)
            found[alias.name] = HostName(alias.name, known.hosted_zone or alias.hosted_zone, names)
    return tuple(found[name] for name in sorted(found))


def _aliases(manifest: Manifest) -> list[Alias]:
    return [alias for rule in (manifest.http.rules if manifest.http else ()) for alias in rule.aliases]


def has_certificate(environment: EnvironmentSettings, services: Iterable[Service]) -> bool:
    """Whether the load balancer of an environment has a certificate, its own or one for an alias in a hosted zone."""
    here = (service for service in services if service.environment == environment.name)
    return bool(environment.certificates) or any(host.hosted_zone for host in host_names(here))


def count(services: Iterable[Service]) -> int:
    """How many rules of load balancers these are, at most: on both listeners if by host name."""
    return sum(2 if rule.hosts else 1 for service in services for rule in alias_rules(service))
