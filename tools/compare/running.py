"""A route of a stack that is up: what stands before and behind its testers' door. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from components.compare.sides import Sides
from components.compare.standing import sides_of, table_of
from components.input.diagnostics import did_you_mean
from components.model.routes import Route, RouteTable
from tools.compare.asked import VERB
from tools.setup.say import MachineError


@dataclass(frozen=True)
class Running:
    """A route that can be compared."""

    route: Route
    """As it is up."""
    table: RouteTable
    """All routes as they are up."""
    sides: Sides
    """Where its requests go."""


def running(stack: str, name: str, outputs: Mapping[str, Any], configured: RouteTable) -> Running:
    """The route of this id. What is up says the outputs; what they don't say, the config. Raises MachineError."""
    up = cast("Mapping[str, Mapping[str, Any]]", outputs.get("routes") or {})
    if not name:
        raise MachineError(
            VERB, "ROUTE is missing", f"say which, such as ROUTE={next(iter(up), 'users')}: {', '.join(up)}"
        )
    known = {route.id: route for route in configured.routes}
    if name not in up:
        remedy = f"run `pulumi up -s {stack}`" if name in known else did_you_mean(name, up)
        raise MachineError(VERB, f"ROUTE={name}: the stack {stack} has no such route", remedy)
    table = table_of(outputs, configured)
    route = next(candidate for candidate in table.routes if candidate.id == name)
    if route.testers is None and name in known and known[name].testers:
        raise MachineError(VERB, f"ROUTE={name}: its testers aren't up yet", f"run `pulumi up -s {stack}`")
    if route.testers is None:
        wanted = f"{name}: {{weight: 0, testers: {{header: {{name: X-Preview, value: {name}}}}}}}"
        remedy = f"write {wanted} below strangler:routes in Pulumi.{stack}.yaml, and `pulumi up -s {stack}`"
        raise MachineError(
            VERB, f"ROUTE={name}: it has no testers, which the comparison needs to reach the new side", remedy
        )
    if route.weight:
        what = "is its service's already" if route.weight == 100 else "is mixed"
        found = f"ROUTE={name}: its weight is {route.weight}, so that what everybody gets {what}"
        raise MachineError(VERB, found, "set the weight 0 and bring that up, or compare before the route moves")
    return Running(route, table, sides_of(outputs, route.testers))
