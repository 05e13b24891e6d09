"""Which load balancers an environment has, and by which way on them a facade reaches a service. Pure.

The facades differ in what they reach: `refactor-spaces` a public load balancer, `api-gateway` an internal one, and
`alb` is a public one. So while two of them stand side by side, an environment may have both. AWS ties a target group to
one load balancer only: a service has one for each.

On a load balancer, port 80 is that of the facade `alb`, else of the service for which the environment is named or that
is alone in it. Every other service that is reached by itself has a port of its own there, which follows from its name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from components.aws.plan.stable_slots import places

FIRST_PORT = 10_000
_PARTS = (20_000, 2_000)

_INTERNAL = {"refactor-spaces": False, "api-gateway": True, "alb": False}
"""Which load balancer each facade wants."""


@dataclass(frozen=True)
class Way:
    """How a service is reached on a load balancer. internal: which one it is. rule: whether a rule on port 80 sends
    requests to it, or, behind those of the facade `alb`, ties it to the load balancer. port: of its own listener, None
    without one."""

    internal: bool
    rule: bool = True
    port: int | None = None


def balancers(facades: Iterable[str], wanted: bool | None) -> tuple[bool, ...]:
    """Of the environment's load balancers, whether each is internal; the public one first. wanted: what the settings
    say; then it is this one for all facades."""
    return tuple(sorted({_INTERNAL[each] for each in facades})) if wanted is None else (wanted,)


def of_facade(facade: str, found: tuple[bool, ...]) -> bool:
    """Which of these load balancers a facade uses."""
    return _INTERNAL[facade] if _INTERNAL[facade] in found else found[0]


def own_ports(services: Mapping[str, str], facades: Iterable[str]) -> dict[str, int]:
    """The ports of the services that can't have port 80 to themselves. services: their environments, by name."""
    shared, inhabited = "alb" in facades, list(services.values())
    owners = {name for name, place in services.items() if name == place or inhabited.count(place) == 1}
    others = services if shared else set(services) - owners
    return {name: FIRST_PORT + place for name, place in places(others, _PARTS).items()}


def ways(facades: Iterable[str], found: tuple[bool, ...], port: int | None) -> tuple[Way, ...]:
    """How a service is reached on each load balancer of its environment. port: its own, if it has one."""
    made: list[Way] = []
    for internal in found:
        users = {each for each in facades if of_facade(each, found) == internal}
        own = port if users - {"alb"} else None
        made.append(Way(internal, own is None or "alb" in users, own))
    return tuple(made)
