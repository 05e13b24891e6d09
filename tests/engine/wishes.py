"""What the user of a random life wishes for: a small board, and the changes of it that one `up` is to make. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from components.aws.plan.alb_rules import mistakes
from components.aws.plan.refactor_spaces_routes import ambiguous, collide, twice
from components.input.diagnostics import Problems
from components.model.routes import Route, RouteTable
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
class Wishes:
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

    def with_route(self, route: Route) -> Wishes:
        return replace(self, routes={**self.routes, route.id: route})

    def with_service(self, name: str, wanted: Wanted) -> Wishes:
        return replace(self, services={**self.services, name: wanted})


Change = Callable[[Random, Wishes], Wishes]
"""A change that a user may make; the same wishes if there is nothing to change in this way."""


def _weight(random: Random, facade: str) -> int:
    return random.choice((0, 5, 50, 100) if facade == "alb" else (0, 100))


def _some_route(random: Random, wishes: Wishes, change: Callable[[Route], Route]) -> Wishes:
    if not wishes.routes:
        return wishes
    return wishes.with_route(change(wishes.routes[random.choice(sorted(wishes.routes))]))


def _switch(random: Random, wishes: Wishes) -> Wishes:
    def other(route: Route) -> Route:
        left = (0, 25, 50, 100) if wishes.facade == "alb" else (0, 100)
        return replace(route, weight=random.choice([weight for weight in left if weight != route.weight]))

    return _some_route(random, wishes, other)


def _move(random: Random, wishes: Wishes) -> Wishes:
    return _some_route(random, wishes, lambda route: replace(route, path=random.choice(PATHS)))


def _reshape(random: Random, wishes: Wishes) -> Wishes:
    methods, children = random.choice(_METHODS), random.choice((True, True, False))
    return _some_route(random, wishes, lambda route: replace(route, methods=methods, children=children))


def _hand_over(random: Random, wishes: Wishes) -> Wishes:
    service = random.choice(sorted(wishes.services))
    return _some_route(random, wishes, lambda route: replace(route, service=service))


def _add_route(random: Random, wishes: Wishes) -> Wishes:
    if len(wishes.routes) == _MOST_ROUTES:
        return wishes
    name = next(f"r{number}" for number in range(_MOST_ROUTES + 1) if f"r{number}" not in wishes.routes)
    service, weight = random.choice(sorted(wishes.services)), _weight(random, wishes.facade)
    return wishes.with_route(Route(name, random.choice(PATHS), service, random.choice(_METHODS), weight=weight))


def _remove_route(random: Random, wishes: Wishes) -> Wishes:
    if not wishes.routes:
        return wishes
    gone = random.choice(sorted(wishes.routes))
    return replace(wishes, routes={name: route for name, route in wishes.routes.items() if name != gone})


def _release(random: Random, wishes: Wishes) -> Wishes:
    name = random.choice(sorted(wishes.services))
    return wishes.with_service(name, replace(wishes.services[name], release=wishes.services[name].release + 1))


def _count(random: Random, wishes: Wishes) -> Wishes:
    name = random.choice(sorted(wishes.services))
    return wishes.with_service(name, replace(wishes.services[name], count=random.choice((1, 2))))


def _leave(random: Random, wishes: Wishes, name: str) -> Wishes:
    """Nothing leads to a service any more: its routes are off, and another one is the default."""
    routes = {key: replace(route, weight=0) if route.service == name else route for key, route in wishes.routes.items()}
    others = [service for service in sorted(wishes.services) if service != name]
    default = random.choice(others) if wishes.default == name else wishes.default
    return replace(wishes, routes=routes, default=default)


def _may_leave(wishes: Wishes) -> list[str]:
    """Another default makes another URL on Refactor Spaces."""
    return [
        service
        for service in sorted(wishes.services)
        if wishes.facade != "refactor-spaces" or service != wishes.default
    ]


def _sleep(random: Random, wishes: Wishes) -> Wishes:
    name = random.choice(_may_leave(wishes))
    left = _leave(random, wishes, name)
    return left.with_service(name, replace(left.services[name], count=0))


def _add_service(random: Random, wishes: Wishes) -> Wishes:
    missing = [service for service in NAMES if service not in wishes.services]
    return wishes.with_service(random.choice(missing), Wanted()) if missing else wishes


def _remove_service(random: Random, wishes: Wishes) -> Wishes:
    if len(wishes.services) < 3:
        return wishes
    name = random.choice(_may_leave(wishes))
    left = _leave(random, wishes, name)
    routes = {key: route for key, route in left.routes.items() if route.service != name}
    return replace(left, routes=routes, services={key: wanted for key, wanted in left.services.items() if key != name})


def _default(random: Random, wishes: Wishes) -> Wishes:
    if wishes.facade == "refactor-spaces":
        return wishes
    return replace(wishes, default=random.choice((None, *sorted(wishes.services))))


CHANGES: tuple[Change, ...] = (
    *(_switch, _switch, _switch, _switch, _move, _reshape, _hand_over, _add_route, _add_route, _remove_route),
    *(_release, _count, _sleep, _sleep, _add_service, _remove_service, _default),
)


def _secure(_random: Random, wishes: Wishes) -> Wishes:
    return replace(wishes, secure=not wishes.secure)


def next_wishes(random: Random, now: Wishes, changes: int) -> Wishes:
    """What the user wishes for after so many changes, made together in one `up`."""
    while True:
        wishes, made = now, 0
        while made < changes:
            possible = (*CHANGES, _secure) if wishes.facade == "alb" else CHANGES
            after = random.choice(possible)(random, wishes)
            if after != wishes:
                wishes, made = after, made + 1
        wishes = _sane(now, wishes)
        if wishes != now and _accepted(now, wishes):
            return wishes


def _sane(now: Wishes, wishes: Wishes) -> Wishes:
    """Who is asked is awake; and a route of Refactor Spaces changes only while it is off, as the README says."""
    if wishes.facade == "refactor-spaces":
        for name, route in wishes.routes.items():
            old = now.routes.get(name)
            if old and old.weight and route.weight and old != route:
                wishes = wishes.with_route(replace(route, weight=0))
    for name, wanted in wishes.services.items():
        if wanted.count == 0 and wishes.asked(name):
            wishes = wishes.with_service(name, replace(wanted, count=1))
    return wishes


def _accepted(now: Wishes, wishes: Wishes) -> bool:
    """Whether AWS takes these wishes in one `up` after the old ones."""
    problems, table = Problems(), wishes.table
    check_table(table, wishes.services, {route.id: route.id for route in table.routes}, problems)
    if problems.errors:
        return False
    if wishes.facade == "alb":
        return not mistakes(table)
    return wishes.facade != "refactor-spaces" or not (twice(table) or _comes_where_one_goes(now, wishes))


def _comes_where_one_goes(now: Wishes, wishes: Wishes) -> bool:
    """Whether a route comes to the path of another one that goes, or where a parameter of either would meet the other:
    Refactor Spaces refuses that, as the README says."""
    both = RouteTable((*now.table.routes, *wishes.table.routes), None)
    return bool(ambiguous(both)) or any(
        route.weight and old.weight and route.id != old.id and collide(route, old)
        for route in wishes.routes.values()
        for old in now.routes.values()
    )
