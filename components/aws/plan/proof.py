"""What of a route's move is compared first, by what the stack has up. Pure.

While it is compared, the facade holds what it held before this `up`: no rule or route of it changes until all that are
to be compared have been. So a route's testers must be up already. To bring them up in the same `up` and compare by them
at once would be unsound: it isn't documented when a new listener rule, or a deployment of an HTTP API, counts
everywhere, and until then testers get the old side's answers, which differ from nothing. A rule has no state that could
be waited for (ELB API, DescribeRules: Rule), and that of a deployment says no more than DEPLOYED (API Gateway V2 API,
Deployment).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.compare.gate import Gate
from components.compare.standing import due, sides_of, table_of
from components.model.comparison import Comparison
from components.model.routes import Route, RouteTable


@dataclass(frozen=True)
class Proof:
    """What is to be compared before any route moves."""

    gates: Sequence[Gate] = ()
    """The routes that are to be. Default none."""
    mistakes: Sequence[str] = ()
    """Lines for what can't be compared as it is asked. Default none."""
    notes: Sequence[str] = ()
    """Lines for what isn't compared, and needn't be. Default none."""


def proof(outputs: Mapping[str, Any], wanted: RouteTable, comparisons: Mapping[str, Comparison], stack: str) -> Proof:
    """Of the routes that rise from 0. outputs: what the stack has up, empty if nothing is. wanted: the routes of this
    `up`."""
    up = table_of(outputs, wanted)
    moving = due(up, wanted, comparisons)
    if not outputs.get("url"):
        return Proof(notes=[_first(route) for route in moving])
    standing = {route.id: route for route in up.routes}
    mistakes = [_too_early(route, stack) for route in moving if not _same(standing.get(route.id), route)]
    gates = [
        Gate(route.id, up, wanted, sides_of(outputs, route.testers), comparisons[route.id])
        for route in moving
        if _same(standing.get(route.id), route)
    ]
    return Proof(gates, mistakes)


def _same(up: Route | None, route: Route) -> bool:
    return up is not None and replace(up, weight=route.weight) == route


def _first(route: Route) -> str:
    return (
        f"route {route.id}: nothing is deployed yet to compare {route.service} with; it starts with the weight "
        f"{route.weight}, uncompared"
    )


def _too_early(route: Route, stack: str) -> str:
    return (
        f"routes.{route.id}: found the weight {route.weight}, but the testers used to compare it aren't deployed "
        "in this "
        f"form; set the weight to 0 and run `pulumi up -s {stack}` first, or remove compare"
    )
