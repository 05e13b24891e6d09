"""What the facade holds while routes are compared before they move: everybody gets what they got, and testers the new
services. Pure."""

from collections.abc import Collection
from dataclasses import replace

from components.local.envoy.config import cluster_name
from components.local.envoy.state import Target, Upstream
from components.model.routes import Route, RouteTable


def staged(old: Target | None, new: Target, moving: Collection[Route], clusters: Collection[str]) -> Target:
    """What the facade holds meanwhile. clusters: the names of all that it knows."""
    ids = {route.id for route in moving}
    before = old.table if old else replace(new.table, routes=tuple(r for r in new.table.routes if r.id not in ids))
    routes = [route for route in before.routes if route.id not in ids] + [replace(route, weight=0) for route in moving]
    upstreams: dict[str, Upstream] = dict(new.upstreams)
    services = {route.service for route in moving}
    for name, upstream in old.upstreams.items() if old else ():
        if name not in services and cluster_name(upstream) in clusters:
            upstreams[name] = upstream
    return Target(upstreams, RouteTable.of(routes, before.default))
