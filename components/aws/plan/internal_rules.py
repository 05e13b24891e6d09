"""Listener rules of the internal load balancer that leads to the backends of an environment. Pure.

As with Copilot: without certificates, a backend answers on port 80 at its own name in the environment's private zone
and at the load balancer's; with them, at its aliases on port 443, and port 80 redirects there. Limit: five condition
values in a rule (ELB user guide, "Quotas for your Application Load Balancers").
"""

from collections.abc import Iterable, Mapping

from components.aws.plan.alb_priorities import host_band, host_priorities
from components.aws.plan.alias_rules import VALUES, AliasRule, Outputs, on_hosts, paths_of, rule_name, those_standing
from components.aws.plan.load_balancers import for_backends
from components.aws.plan.stable_slots import settle
from components.manifest.http import HttpRule
from components.model.environment import EnvironmentSettings
from components.settings.service import Service

BALANCERS_OWN = 1
"""Values of a rule without certificates besides the name in the zone: the load balancer's own name."""


def has_backends(environment: str, services: Iterable[Service]) -> bool:
    """Whether an environment has the load balancer: one of its backends has `http`."""
    return any(service.environment == environment and service.manifest.internal for service in services)


def host_of(service: str, zone: str) -> str:
    """The name of a backend in the private zone of its environment."""
    return f"{service}.{zone}"


def internal_rules(service: Service, environment: EnvironmentSettings, zone: str) -> tuple[AliasRule, ...]:
    """The rules of a backend. zone: the name of the private zone of its environment, which there is without
    certificates. The load balancer's own name is known later, and comes to those that don't redirect."""
    found: list[AliasRule] = []
    for number, rule in (service.manifest.internal.numbered if service.manifest.internal else {}).items():
        base, paths = rule_name(service.name, number), paths_of(rule)
        if environment.internal_certificates:
            found += on_hosts(base, number, rule)
        else:
            host = (host_of(service.name, zone),)
            found.append(AliasRule(base, number, host, paths, redirect=False, sources=rule.sources))
    return tuple(found)


def room(rule: HttpRule, *, certified: bool) -> int:
    """How many values of a rule are left for host names, besides those that a rule without certificates has."""
    own = 0 if certified else 1 + BALANCERS_OWN
    return VALUES - len(paths_of(rule)) - len(rule.sources) - own


def priorities(rules: Iterable[AliasRule], known: Mapping[str, int] | None = None) -> dict[str, int]:
    """The priority of each rule on the load balancer, by its name: all have hosts, longer paths come first. known: see
    `alias_rules.priorities`."""
    depths = {rule.name: rule.depth for rule in rules}
    places = {name: host_band(depth).ranges for name, depth in depths.items()}
    return settle(host_priorities(depths), known or {}, places)


def group_name(service: str, number: int) -> str:
    """The logical name of a backend's first target group for a rule. A capital keeps it apart from those of facades."""
    return for_backends(rule_name(service, number))


def standing(service: Service, rules: Iterable[AliasRule], groups: Outputs, known: Outputs) -> frozenset[str]:
    """The names of the rules that are there already: see `alias_rules.standing`. known: listener rules."""
    names = {number: group_name(service.name, number) for number in _numbers(service)}
    return those_standing(rules, names, service.environment, groups, known)


def _numbers(service: Service) -> Mapping[int, HttpRule]:
    return service.manifest.internal.numbered if service.manifest.internal else {}
