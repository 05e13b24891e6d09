"""The VPC link into each environment, and when another one takes its place. Pure.

"If no traffic is sent over the VPC link for 60 days, it becomes INACTIVE. […] API Gateway deletes all of the VPC link's
network interfaces. This causes API requests that depend on the VPC link to fail. If API requests resume, API Gateway
reprovisions network interfaces. It can take a few minutes" (API Gateway developer guide, «Set up VPC links V2 in API
Gateway»). An environment waits that long for its first cut-over easily. So a route that is the first to lead there
finds a new link, which pulumi-aws waits for until it is AVAILABLE; the integrations turn to it before the route does.
One that routes lead through and nobody asks fails its first requests; an `up` puts a new one in its place as well.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from components.model.routes import RouteTable

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


def led_to(table: RouteTable, environments: Mapping[str, str]) -> set[str]:
    """The environments into which requests are led. environments: of each service, by name."""
    owners = {route.service for route in table.routes if route.weight} | {table.default or ""}
    return {environments[name] for name in owners if name in environments}


def name_of(plain: str, links: Outputs, inactive: Callable[[list[str]], bool]) -> str:
    """The logical name of the link into an environment. plain: of the first one. links: those that the stack has.
    inactive: whether nothing is there of a link with security groups of these ids; it is asked only of one that is
    there."""
    numbered = re.compile(rf"{re.escape(plain)}(?:-V(\d+))?")
    found = {int(match[1] or 1): name for name in links if (match := numbered.fullmatch(name))}
    if not found:
        return plain
    newest = max(found)
    if inactive([str(group) for group in links[found[newest]].get("securityGroupIds") or ()]):
        return f"{plain}-V{newest + 1}"
    return found[newest]
