"""What the outputs of a stack that is up say of its routes, and where their two sides are. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

from components.compare.sides import Sides
from components.model.comparison import Comparison
from components.model.routes import Route, RouteTable, Testers

_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn")


def due(before: RouteTable | None, after: RouteTable, comparisons: Mapping[str, Comparison]) -> list[Route]:
    """The routes to compare before they move: those that ask for it and rise from 0. From a higher weight there is no
    plain side to compare with, as everybody's is mixed. before: None if nothing was up."""
    weights = {route.id: route.weight for route in before.routes} if before else {}
    return [route for route in after.routes if route.id in comparisons and route.weight and not weights.get(route.id)]


def table_of(outputs: Mapping[str, Any], configured: RouteTable) -> RouteTable:
    """All routes as they are up. What the outputs don't say, the config does."""
    known = {route.id: route for route in configured.routes}
    found = cast("Mapping[str, Mapping[str, Any]] | list[Mapping[str, Any]]", outputs.get("routes") or {})
    # A list, each with its id, is what versions before the maps by name have left in states.
    up = {str(entry["id"]): entry for entry in found} if isinstance(found, list) else found
    return RouteTable.of((_as_up(name, entry, known.get(name)) for name, entry in up.items()), configured.default)


def _as_up(name: str, entry: Mapping[str, Any], configured: Route | None) -> Route:
    methods = str(entry.get("methods", "all"))
    listed = () if methods == "all" else tuple(methods.split(", "))
    children = configured.children if configured and configured.path == entry["path"] else True
    marked = cast("Mapping[str, Mapping[str, str]]", entry.get("testers") or {})
    testers = next((Testers(it["name"], it["value"], kind == "cookie") for kind, it in marked.items()), None)
    whole = Route(name, str(entry["path"]), str(entry["service"]), listed, children, int(entry["weight"]))
    return replace(whole, testers=testers)


def sides_of(outputs: Mapping[str, Any], testers: Testers | None) -> Sides:
    """Where a route with these testers is compared. A name of the user's own may still lead elsewhere, whose answers
    would be compared with themselves: requests go to what the name is to lead to."""
    url, apart, target = str(outputs.get("url", "")), outputs.get("testersUrl"), outputs.get("dnsTarget")
    own = not (urlsplit(url).hostname or "").endswith(_OF_AWS)
    at = str(target) if target and own else ""
    return Sides(url, str(apart), None, at) if apart else Sides(url, url, testers, at)
