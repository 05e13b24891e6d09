"""On which port of its environment's load balancer a service is reached behind a facade. Pure.

Port 80 belongs to the facade `alb`. Without it, port 80 belongs to the environment's only service, or to the service
with the environment's name; all others get a stable port of 10000 or more, with a listener of their own.

That is where a stack begins. While it changes, port 80 of an environment leads to whoever had it, until the facade has
turned away from there, which is last: a second rule for everything would take its requests, or get those of the new
one. So who comes to an environment whose port 80 is another's gets a listener of its own; and who has one keeps it, as
port 80 is no better.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from components.aws.plan.load_balancers import name_on, numbers_on, scheme_of
from components.aws.plan.stable_slots import assign_slots, settle
from components.model.facades import FacadeKind, Reach, Scheme
from components.settings.service import Service

FIRST_PORT = 10_000
"""Of those that services have of their own."""

_RANGES = (20_000, 2_000)

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


@dataclass(frozen=True)
class Standing:
    """What the stack has of ports, before this change of it."""

    kept: frozenset[str] = frozenset()
    """The services that have a listener of their own and may keep it. Default: none has."""
    crowded: frozenset[str] = frozenset()
    """The services that would come to a port 80 which is another's yet. Default: none would."""
    known: Mapping[str, int] = field(default_factory=dict[str, int])
    """The ports of listeners of services, also of those that go, whose port is free only once they are gone. Default:
    there are none."""


def own_ports(
    services: Mapping[str, str], kinds: Iterable[FacadeKind], standing: Standing | None = None
) -> dict[str, int]:
    """The ports of the services that don't have port 80 to themselves. services: their environments, by name. standing:
    None where the stack isn't known."""
    port_80_taken = any(kind.reach is Reach.TARGET_GROUP for kind in kinds)
    used, now = list(services.values()), standing or Standing()
    owners = {name for name, environment in services.items() if name == environment or used.count(environment) == 1}
    others = services if port_80_taken else set(services) - owners | ((now.kept | now.crowded) & services.keys())
    wanted = {name: FIRST_PORT + slot for name, slot in assign_slots(others, _RANGES).items()}
    return settle(wanted, now.known, dict.fromkeys(wanted, range(FIRST_PORT, FIRST_PORT + sum(_RANGES))))


def by_path_alone(service: Service) -> bool:
    """Whether rules of a service take paths without a host name, which are met on port 80 only."""
    http = service.manifest.http
    return http is not None and any(not rule.aliases for rule in http.additional)


def standing(
    services: Sequence[Service],
    kinds: Sequence[FacadeKind],
    present: Mapping[str, tuple[Scheme, ...]],
    listeners: Outputs,
    own: Outputs,
    rules: Outputs,
) -> Standing:
    """What the stack has for these services. present: the schemes of the load balancers of each environment, by name.
    listeners: those of environments. own: those of services. rules: those of services."""
    everything = [(name, str(rule.get("listenerArn"))) for name, rule in rules.items() if _takes_everything(rule)]
    # Nothing but port 80 of a public load balancer is open.
    keeps = all(kind.reach is not Reach.LOAD_BALANCER for kind in kinds)
    kept, crowded = set[str](), set[str]()
    for service in services:
        environment = service.environment
        names = {name_on(service.name, scheme) for scheme in Scheme}
        if keeps and names & own.keys() and not by_path_alone(service):
            kept.add(service.name)
        for scheme in {scheme_of(kind, present[environment]) for kind in kinds if kind.reach is not Reach.TARGET_GROUP}:
            port_80 = listeners.get(name_on(environment, scheme), {}).get("arn")
            there = {name for name, listener in everything if listener == port_80}
            if there and not there & names:
                crowded.add(service.name)
    taken = {name: int(listener["port"]) for name, listener in own.items() if "port" in listener}
    known = numbers_on((service.name for service in services), (Scheme.PUBLIC, Scheme.INTERNAL), taken)
    return Standing(frozenset(kept), frozenset(crowded), known)


def mistakes(services: Iterable[Service], kinds: Iterable[FacadeKind], standing: Standing) -> Iterable[str]:
    """A line for each service that can only be reached by a port 80 which is another's yet."""
    reaches = {kind.reach for kind in kinds}
    if Reach.TARGET_GROUP in reaches:
        return
    for service in services:
        if service.name not in standing.crowded:
            continue
        if Reach.LOAD_BALANCER in reaches:
            why = "the facade refactor-spaces uses"
        elif by_path_alone(service):
            why = "http.additional_rules without an alias need"
        else:
            continue
        yield (
            f"services.{service.name}.environment: found {service.environment}, whose load balancer's port 80, which "
            f"{why}, belongs to another service until this change is complete: move it to another environment first, "
            "and to this one in a separate `up`"
        )


def _takes_everything(rule: Mapping[str, Any]) -> bool:
    conditions = cast("list[Mapping[str, Any]]", rule.get("conditions") or [])
    return [one.get("pathPattern", {}).get("values") for one in conditions] == [["/*"]]
