"""The config key `routes` in all its forms, read into a RouteTable. Pure.

Every service that isn't the default has an implied route: id = the service's name, path = its manifest's `http.path`,
inactive. One that runs elsewhere has such a route if its settings give a path. What the key says is laid over that.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from components.input.diagnostics import Problems, did_you_mean, show
from components.input.scalars import truth
from components.input.value import Value
from components.model.routes import METHODS, Distribution, Route, RouteTable, path_mistake
from components.model.where import Where
from components.settings.external import Answering, ExternalService
from components.settings.service import Service
from components.settings.testers import read_testers

ROUTED = "name a service with http: and the version http1, without allowed_source_ips: a facade supports only these"
"""What to do where a facade would send requests to a service that takes none."""

ROUTE_KEYS = ("path", "service", "methods", "children", "active", "weight", "testers", "compare")

_FORMS = "give true, false, a weight from 0 to 100, a service's name, or a map"
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


_Services = Mapping[str, Answering]


def read_table(at: Value, services: _Services, default: str | None) -> RouteTable:
    """The table of the routes that stand at `at`; mistakes are noted in its problems."""
    table: dict[str, Route] = {}
    where: dict[str, Where] = {}
    for name, service in services.items():
        path = service.route_path
        if path is not None and name != default and path != "/":
            table[name] = Route(id=name, path=path, service=name)
            where[name] = service.path_place
    for name, entry in _entries(at, table, services, default):
        where[name] = entry.where
        route = _route(name, entry, table.get(name), services, default)
        if route:
            table[name] = route
        else:
            table.pop(name, None)
    for name, route in table.items():
        mistake = path_mistake(route.path)
        if mistake:
            at.problems.add(where[name], *mistake)
        if route.service in services and not services[route.service].routed:
            at.problems.add(where[name], f"the service {route.service} can't get requests from a facade", ROUTED)
    result = RouteTable.of((route for route in table.values() if not path_mistake(route.path)), default)
    check_table(result, services, where, at.problems)
    return result


def _entries(
    at: Value, implied: Mapping[str, Route], services: _Services, default: str | None
) -> Iterable[tuple[str, Value]]:
    """The entries of all forms as those of the map form."""
    value = at.value
    if isinstance(value, str):
        text = value.strip()
        if text[:1] == '"':
            try:
                text = str(json.loads(text))
            except json.JSONDecodeError as broken:
                at.fail("fix the text", f"invalid JSON: {broken.msg}")
                return []
        names = [name.strip() for name in text.split(",") if name.strip()]
        return _listed([(name, at) for name in names], implied, services, default)
    if isinstance(value, list):
        return _listed([(item.text(""), item) for item in at.items()], implied, services, default)
    return list(at.entries())


def _listed(
    names: list[tuple[str, Value]],
    implied: Mapping[str, Route],
    services: _Services,
    default: str | None,
) -> list[tuple[str, Value]]:
    """A list of ids: these routes are active, the rest is not."""
    found: dict[str, Value] = {}
    for name, place in names:
        if not name or _is_unread(name, services):
            continue
        if name not in implied:
            place.fail(_no_route(name, implied, services, default), f"unknown route {name!r}")
        elif name in found:
            place.fail("remove one", f"duplicate route {name!r}")
        else:
            found[name] = replace(place, value=True)
    return list(found.items())


def _is_unread(name: str, services: _Services) -> bool:
    """Whether it is told elsewhere that nothing says where a service of this name runs."""
    service = services.get(name)
    return isinstance(service, ExternalService) and not service.at


def _no_route(name: str, implied: Mapping[str, Route], services: _Services, default: str | None) -> str:
    if name == default:
        return "the default service gets what no route matches, and has no route"
    if name in services and not services[name].routed:
        return f"it can't get requests from a facade: {ROUTED}"
    if name in services and services[name].route_path is None:
        return f"it has no path of its own: give a map with a path, or strangler:services.{name}.path"
    if name in services:
        return "its http.path is /, so it has no default route: give a map with a path"
    return f"name a route: {did_you_mean(name, implied)}"


def _route(name: str, at: Value, implied: Route | None, services: _Services, default: str | None) -> Route | None:
    """A route as its entry says; None if it can't be one."""
    if not _ID.fullmatch(name):
        at.fail("use up to 40 letters, digits, - and _, starting with a letter", f"the route's name {name!r}")
        return None
    if at.is_map():
        return _from_map(name, at, implied, services)
    if implied is None and _is_unread(name, services):
        return None
    if implied is None:
        remedy = _no_route(name, {}, services, default) if name in services else _no_path(name, services)
        at.fail(remedy, f"unknown route {name!r}")
        return None
    value = at.value
    if isinstance(value, str) and value in ("true", "false"):
        return replace(implied, weight=100 if value == "true" else 0)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return replace(implied, weight=_weight(replace(at, value=int(value))))
    if isinstance(value, bool):
        return replace(implied, weight=100 if value else 0)
    if isinstance(value, int):
        return replace(implied, weight=_weight(at))
    if isinstance(value, str) and value not in services and (meant := _meant(value)):
        at.fail(f"write {meant}")
        return None
    if isinstance(value, str) and value:
        return replace(implied, service=value, weight=100)
    if value is None:
        return implied
    at.fail(_FORMS, f"found {show(value)}")
    return None


def _meant(text: str) -> str | None:
    """What a text stands for that is neither a weight nor a service's name."""
    share = re.fullmatch(r"\+?([0-9]{1,3})(?:\.0*)?\s*%?", text.strip())
    word = truth(text.strip().lower())
    return share[1] if share else None if word is None else str(word).lower()


def _no_path(name: str, services: Mapping[str, object]) -> str:
    hint = did_you_mean(name, services)
    stop = "" if hint.endswith("?") else "."
    return f"{hint}{stop} A route that isn't named after a service needs a map, {name}: {{path: /…, service: …}}"


def _weight(at: Value) -> int:
    return at.integer(0, 0, 100)


def _from_map(name: str, at: Value, implied: Route | None, services: _Services) -> Route | None:
    at.only(ROUTE_KEYS)
    path = at.get("path").text(implied.path if implied else None, "give a path such as /api/users")
    service = at.get("service").text(implied.service if implied else (name if name in services else None))
    if path is None or service is None:
        missing = "path" if path is None else "service"
        at.get(missing).fail(f"give the {missing}, since the route isn't named after a service", "missing")
        return None
    if at.get("active") and at.get("weight"):
        at.fail("give one of them", "found both active and weight")
    weight = _weight(at.get("weight")) if at.get("weight") else (100 if at.get("active").boolean(False) else 0)
    methods, children = read_methods(at.get("methods")), at.get("children").boolean(True)
    return Route(name, path, service, methods, children, weight, read_testers(at.get("testers")))


def read_methods(at: Value) -> tuple[str, ...]:
    """The methods of a route, sorted; none if it takes all."""
    methods: set[str] = set()
    for item in at.items():
        method = item.text(None, f"known methods: {', '.join(METHODS)}")
        if method is None:
            continue
        if method not in METHODS:
            remedy = f"write {method.upper()}" if method.upper() in METHODS else f"known methods: {', '.join(METHODS)}"
            item.fail(remedy, f"unknown method {method!r}")
        elif method in methods:
            item.fail("remove one", f"duplicate method {method}")
        methods.add(method)
    if at.value == []:
        at.fail("remove it to match all methods, or list some", "an empty list")
    return tuple(sorted(methods & set(METHODS)))


def check_table(table: RouteTable, services: Iterable[str], where: Mapping[str, Where], problems: Problems) -> None:
    """Notes what is wrong between routes: unknown services, and the same path taken twice for one method. `where`
    names the place of each route's id."""
    known = sorted(services)
    for number, route in enumerate(table.routes):
        if route.service not in known:
            problems.add(where[route.id], f"unknown service {route.service!r}", did_you_mean(route.service, known))
        for other in table.routes[:number]:
            if other.shape != route.shape:
                continue
            both_all = not other.methods and not route.methods
            common = sorted(set(other.methods) & set(route.methods))
            if both_all or common:
                what = "all methods" if both_all else ", ".join(common)
                first, second = sorted((other.id, route.id))
                remedy = f"the route {first} already has it: change one of their paths or methods"
                problems.add(where[second], f"the path {route.path} is used twice for {what}", remedy)


def warn_unanswered(table: RouteTable, services: _Services, at: Value) -> None:
    """Tells what share of the requests for which paths gets a 503, as they go to no service or to one without tasks;
    of testers' requests too. Not of what no route takes: that is what `default: none` says. `at` is the config."""
    away = {name for name, service in services.items() if _sleeps(service)}
    lost: list[str] = []
    for route in table.routes:
        methods = route.methods or METHODS
        shares = [_unanswered(table.resolve(method, route.path), away) for method in methods]
        if worst := max(shares):
            percent = "all" if worst == 1 else f"{float(100 * worst):g} of 100"
            lost.append(f"{route.path} ({percent})")
        elif route.testers and route.service in away:
            lost.append(f"{route.path} (of testers)")
    if lost:
        found = f"no service answers some requests for {', '.join(dict.fromkeys(lost))}: they get a 503"
        remedy = "activate these routes first, or keep a default that has tasks"
        at.problems.warn(at.get("default").where if table.default is None else at.get("services").where, found, remedy)


def _sleeps(service: Answering) -> bool:
    return isinstance(service, Service) and service.manifest.count.scaled_to_zero


def _unanswered(distribution: Distribution, away: Collection[str]) -> Fraction:
    return sum((share for name, share in distribution.items() if name is None or name in away), Fraction(0))
