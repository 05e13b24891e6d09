"""Which load balancers an environment has, and by which way on them a facade reaches a service. Pure.

The facades differ in what they reach: `refactor-spaces` a public load balancer, `api-gateway` an internal one, and
`alb` is a public one. So while facades change, an environment has both. AWS ties a target group to one load balancer
only: a service has one for each.

On a load balancer, port 80 is that of the service for which the environment is named, or of the facade `alb`. Every
other service that is reached by itself has a port of its own there, which follows from its name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from components.aws.places import places

FIRST_PORT = 10_000
_PARTS = (20_000, 2_000)

INTERNAL = {"refactor-spaces": False, "api-gateway": True, "alb": False}
"""Which load balancer each facade wants."""


@dataclass(frozen=True)
class Way:
    """How a service is reached on a load balancer. internal: which one it is. rule: whether a rule on port 80 sends
    requests to it, or, behind those of the facade `alb`, ties it to the load balancer. port: of its own listener, None
    without one. open_port: whether that is open to the internet, as Refactor Spaces comes from there."""

    internal: bool
    rule: bool
    port: int | None = None
    open_port: bool = False


def balancers(facades: Iterable[str], wanted: bool | None) -> tuple[bool, ...]:
    """Of the environment's load balancers, whether each is internal; the public one first. wanted: what the settings
    say; then it is this one for all facades."""
    return tuple(sorted({INTERNAL[each] for each in facades})) if wanted is None else (wanted,)


def of_facade(facade: str, found: tuple[bool, ...]) -> bool:
    """Which of these load balancers a facade uses."""
    return INTERNAL[facade] if INTERNAL[facade] in found else found[0]


def ports(services: Mapping[str, str], facades: Iterable[str]) -> dict[str, int]:
    """The port at which each service is reached by itself. services: their environments, by name."""
    named = {name for name, environment in services.items() if name == environment and "alb" not in facades}
    others = places((name for name in services if name not in named), _PARTS)
    return {**dict.fromkeys(named, 80), **{name: FIRST_PORT + place for name, place in others.items()}}


def ways(facades: Iterable[str], found: tuple[bool, ...], port: int) -> tuple[Way, ...]:
    """How a service is reached on each load balancer of its environment."""
    made: list[Way] = []
    for internal in found:
        users = {each for each in facades if of_facade(each, found) == internal}
        alone = users - {"alb"}
        own = port if alone and port != 80 else None
        made.append(Way(internal, not own or "alb" in users, own, own is not None and "refactor-spaces" in users))
    return tuple(made)
