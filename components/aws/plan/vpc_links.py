"""The VPC link into each environment, and when another one takes its place. Pure.

"If no traffic is sent over the VPC link for 60 days, it becomes INACTIVE. […] API Gateway deletes all of the VPC link's
network interfaces. This causes API requests that depend on the VPC link to fail. If API requests resume, API Gateway
reprovisions network interfaces. It can take a few minutes" (API Gateway developer guide, «Set up VPC links V2 in API
Gateway»). An environment waits that long for its first cut-over easily. So a route that is the first to lead there
finds a new link, which pulumi-aws waits for until it is AVAILABLE; the integrations turn to it before the route does.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from components.model.routes import RouteTable

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


def newly_led_to(table: RouteTable, environments: Mapping[str, str], outputs: Mapping[str, Any]) -> set[str]:
    """The environments into which the first route is to lead. environments: of each service, by name. outputs: the
    stack's, as the last `up` left them. The default's is in use all the time."""
    before = {str(route.get("service")) for route in _routes(outputs) if route.get("weight")}
    in_use = {environments.get(name) for name in (*before, table.default or "")}
    wanted = {environments.get(route.service) for route in table.routes if route.weight}
    return {name for name in wanted - in_use if name is not None}


def _routes(outputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """By id; earlier versions had a list."""
    found: object = outputs.get("routes") or {}
    listed = list(cast("Mapping[str, object]", found).values()) if isinstance(found, Mapping) else found
    return (route for route in cast("list[Mapping[str, Any]]", listed))


def name_of(plain: str, links: Outputs, asleep: Callable[[list[str]], bool]) -> str:
    """The logical name of the link into an environment. plain: of the first one. links: those that the stack has.
    asleep: whether nothing is there of a link with security groups of these ids; it is asked only of one that is
    there."""
    numbered = re.compile(rf"{re.escape(plain)}(?:-V(\d+))?")
    found = {int(match[1] or 1): name for name in links if (match := numbered.fullmatch(name))}
    if not found:
        return plain
    newest = max(found)
    if asleep([str(group) for group in links[found[newest]].get("securityGroupIds") or ()]):
        return f"{plain}-V{newest + 1}"
    return found[newest]
