"""What the user of a random run wants: a small board, and the changes of it that one `up` is to make. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from components.aws.plan.alb_rules import mistakes
from components.aws.plan.refactor_spaces_routes import ambiguous, collide, twice
from components.input.diagnostics import Problems
from components.model.routes import Route, RouteTable
from components.model.where import Where
from components.settings.routes import check_table

NAMES = ("monolith", "posts", "threads", "users")
PATHS = ("/a", "/a/b", "/a/b/c", "/a/{id}", "/a/{id}/c", "/d", "/d/b")
"""Few, and nested, so that routes meet; parameters too."""

_METHODS = ((), (), (), ("GET",), ("GET", "PUT"), ("POST",))
_MOST_ROUTES = 6


@dataclass(frozen=True)
class Wanted:
    """A service: how many tasks, and which release of its image."""

    count: int = 1
    release: int = 0


def _two() -> dict[str, Wanted]:
    return {name: Wanted() for name in NAMES[:3]}


@dataclass(frozen=True)
class Scenario:
    """All that the stack file says. routes: by id. secure: whether the facade `alb` has a name, and so https."""

    facade: str
    secure: bool = False
    default: str | None = "monolith"
    services: Mapping[str, Wanted] = field(default_factory=_two)
    routes: Mapping[str, Route] = field(default_factory=dict[str, Route])

    @property
    def table(self) -> RouteTable:
        """Who gets which request."""
        return RouteTable.of(self.routes.values(), self.default)

    def asked(self, service: str) -> bool:
        """Whether requests are sent to a service."""
        return service == self.default or any(
            route.service == service and route.weight for route in self.routes.values()
        )

    def with_route(self, route: Route) -> Scenario:
        return replace(self, routes={**self.routes, route.id: route})

    def with_service(self, name: str, wanted: Wanted) -> Scenario:
        return replace(self, services={**self.services, name: wanted})


Change = Callable[[Random, Scenario], Scenario]
"""A change that a user may make; the same scenario if there is nothing to change in this way."""


def _weight(random: Random, facade: str) -> int:
    return random.choice((0, 5, 50, 100) if facade == "alb" else (0, 100))


def _some_route(random: Random, scenario: Scenario, change: Callable[[Route], Route]) -> Scenario:
    if not scenario.routes:
        return scenario
    return scenario.with_route(change(scenario.routes[random.choice(sorted(scenario.routes))]))


def _switch(random: Random, scenario: Scenario) -> Scenario:
    def other(route: Route) -> Route:
        left = (0, 25, 50, 100) if scenario.facade == "alb" else (0, 100)
        return replace(route, weight=random.choice([weight for weight in left if weight != route.weight]))

    return _some_route(random, scenario, other)


def _move(random: Random, scenario: Scenario) -> Scenario:
    return _some_route(random, scenario, lambda route: replace(route, path=random.choice(PATHS)))


def _reshape(random: Random, scenario: Scenario) -> Scenario:
    methods, children = random.choice(_METHODS), random.choice((True, True, False))
    return _some_route(random, scenario, lambda route: replace(route, methods=methods, children=children))


def _hand_over(random: Random, scenario: Scenario) -> Scenario:
    service = random.choice(sorted(scenario.services))
    return _some_route(random, scenario, lambda route: replace(route, service=service))


def _add_route(random: Random, scenario: Scenario) -> Scenario:
    if len(scenario.routes) == _MOST_ROUTES:
        return scenario
    name = next(f"r{number}" for number in range(_MOST_ROUTES + 1) if f"r{number}" not in scenario.routes)
    service, weight = random.choice(sorted(scenario.services)), _weight(random, scenario.facade)
    return scenario.with_route(Route(name, random.choice(PATHS), service, random.choice(_METHODS), weight=weight))


def _remove_route(random: Random, scenario: Scenario) -> Scenario:
    if not scenario.routes:
        return scenario
    gone = random.choice(sorted(scenario.routes))
    return replace(scenario, routes={name: route for name, route in scenario.routes.items() if name != gone})


def _release(random: Random, scenario: Scenario) -> Scenario:
    name = random.choice(sorted(scenario.services))
    return scenario.with_service(name, replace(scenario.services[name], release=scenario.services[name].release + 1))


def _count(random: Random, scenario: Scenario) -> Scenario:
    name = random.choice(sorted(scenario.services))
    return scenario.with_service(name, replace(scenario.services[name], count=random.choice((1, 2))))


def _leave(random: Random, scenario: Scenario, name: str) -> Scenario:
    """Nothing leads to a service any more: its routes are off, and another one is the default."""
    routes = {
        key: replace(route, weight=0) if route.service == name else route for key, route in scenario.routes.items()
    }
    others = [service for service in sorted(scenario.services) if service != name]
    default = random.choice(others) if scenario.default == name else scenario.default
    return replace(scenario, routes=routes, default=default)


def _may_leave(scenario: Scenario) -> list[str]:
    """Another default makes another URL on Refactor Spaces."""
    return [
        service
        for service in sorted(scenario.services)
        if scenario.facade != "refactor-spaces" or service != scenario.default
    ]


def _sleep(random: Random, scenario: Scenario) -> Scenario:
    name = random.choice(_may_leave(scenario))
    left = _leave(random, scenario, name)
    return left.with_service(name, replace(left.services[name], count=0))


def _add_service(random: Random, scenario: Scenario) -> Scenario:
    missing = [service for service in NAMES if service not in scenario.services]
    return scenario.with_service(random.choice(missing), Wanted()) if missing else scenario


def _remove_service(random: Random, scenario: Scenario) -> Scenario:
    if len(scenario.services) < 3:
        return scenario
    name = random.choice(_may_leave(scenario))
    left = _leave(random, scenario, name)
    routes = {key: route for key, route in left.routes.items() if route.service != name}
    return replace(left, routes=routes, services={key: wanted for key, wanted in left.services.items() if key != name})


def _default(random: Random, scenario: Scenario) -> Scenario:
    if scenario.facade == "refactor-spaces":
        return scenario
    return replace(scenario, default=random.choice((None, *sorted(scenario.services))))


CHANGES: tuple[Change, ...] = (
    *(_switch, _switch, _switch, _switch, _move, _reshape, _hand_over, _add_route, _add_route, _remove_route),
    *(_release, _count, _sleep, _sleep, _add_service, _remove_service, _default),
)


def _secure(_random: Random, scenario: Scenario) -> Scenario:
    return replace(scenario, secure=not scenario.secure)


def next_scenario(random: Random, now: Scenario, changes: int) -> Scenario:
    """What the user wants after so many changes, made together in one `up`."""
    while True:
        scenario, made = now, 0
        while made < changes:
            possible = (*CHANGES, _secure) if scenario.facade == "alb" else CHANGES
            after = random.choice(possible)(random, scenario)
            if after != scenario:
                scenario, made = after, made + 1
        scenario = _sane(now, scenario)
        if scenario != now and _accepted(now, scenario):
            return scenario


def _sane(now: Scenario, scenario: Scenario) -> Scenario:
    """Who is asked is awake; and a route of Refactor Spaces changes only while it is off, as the README says."""
    if scenario.facade == "refactor-spaces":
        for name, route in scenario.routes.items():
            old = now.routes.get(name)
            if old and old.weight and route.weight and old != route:
                scenario = scenario.with_route(replace(route, weight=0))
    for name, wanted in scenario.services.items():
        if wanted.count == 0 and scenario.asked(name):
            scenario = scenario.with_service(name, replace(wanted, count=1))
    return scenario


def _accepted(now: Scenario, scenario: Scenario) -> bool:
    """Whether AWS takes this scenario in one `up` after the old one."""
    problems, table = Problems(), scenario.table
    check_table(table, scenario.services, {route.id: Where(route.id) for route in table.routes}, problems)
    if problems.errors:
        return False
    if scenario.facade == "alb":
        return not mistakes(table)
    return scenario.facade != "refactor-spaces" or not (twice(table) or _comes_where_one_goes(now, scenario))


def _comes_where_one_goes(now: Scenario, scenario: Scenario) -> bool:
    """Whether a route comes to the path of another one that goes, or where a parameter of either would meet the other:
    Refactor Spaces refuses that, as the README says."""
    both = RouteTable((*now.table.routes, *scenario.table.routes), None)
    return bool(ambiguous(both)) or any(
        route.weight and old.weight and route.id != old.id and collide(route, old)
        for route in scenario.routes.values()
        for old in now.routes.values()
    )
