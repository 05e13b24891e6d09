"""Routes as a program gives them to a component, by the rules of those of the config. Pure.

Their ids follow from methods and paths: a list has none, and its order must mean nothing.
"""

from collections.abc import Collection

from components.input.diagnostics import did_you_mean
from components.input.value import Value
from components.model.routes import Route, RouteTable, path_mistake
from components.model.where import Where
from components.settings.routes import check_table, read_methods

KEYS = ("path", "target", "methods", "include_children", "weight")


def read_given_routes(
    at: Value, targets: Collection[str], default: str | None, all_or_nothing: str | None = None
) -> RouteTable:
    """The table of a list of routes; mistakes are noted in its problems. default: the target that answers what no route
    takes. all_or_nothing: what can't divide requests, as messages name it."""
    where: dict[str, Where] = {}
    found: dict[str, Route] = {}
    for item in at.items():
        item.require_map()
        item.only(KEYS)
        route = _route(item)
        if route is None:
            continue
        if mistake := path_mistake(route.path):
            item.get("path").fail(mistake[1], mistake[0])
        elif route.id in found:
            item.fail("remove one, or change its path or methods", f"duplicate route {route.id}")
        else:
            found[route.id], where[route.id] = route, item.where
        if all_or_nothing and 0 < route.weight < 100:
            remedy = f"{all_or_nothing} can't split traffic: use 0 or 100, or AlbFacade"
            item.get("weight").fail(remedy, f"the weight {route.weight}")
        if route.service not in targets:
            item.get("target").fail(did_you_mean(route.service, targets), f"unknown target {route.service!r}")
    table = RouteTable.of(found.values(), default)
    check_table(table, [route.service for route in table.routes], where, at.problems)
    return table


def _route(at: Value) -> Route | None:
    path = at.required("path", "give a path such as /api/users").text(None)
    target = at.required("target", "give a key of targets").text(None)
    methods, children = read_methods(at.get("methods")), at.get("include_children").boolean(True)
    weight = at.get("weight").integer(0, 0, 100)
    if path is None or target is None:
        return None
    name = " ".join(filter(None, (",".join(methods), path)))
    return Route(name, path, target, methods, children, weight)
