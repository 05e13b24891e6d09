"""The listener rules of a load balancer for a route table: their conditions, weights and priorities. Pure.

A rule has one set of weights for every request that it matches. So a route has a rule for each group of its requests
that other routes would take in the same way: by method, and at the path itself or below it. Most routes have one. Which
rules exist, their conditions and priorities depend on paths and methods only; a cut-over changes weights in place.

Limits (ELB user guide, quotas and listener rules): five condition values in a rule, five target groups in a rule,
weights 0 to 999, priorities 1 to 50000, 128 characters in a path pattern. How many rules there may be is a quota that
AWS raises: `components/settings/quotas.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any, cast

from components.aws.plan.alb_priorities import BANDS_PER_DEPTH, MAX_SEGMENTS, overfull, priorities
from components.model.routes import METHODS, Route, RouteTable

TARGET_GROUPS = 5
_VALUES = 5
_MAX_PATTERN = 128
_MAX_WEIGHT = 999

_Chain = tuple[Route, ...]


@dataclass(frozen=True)
class Rule:
    """A listener rule of a route."""

    name: str
    """The route's id, with the methods and `at` behind it if the route has several rules."""
    paths: tuple[str, ...]
    """Condition: path patterns."""
    methods: tuple[str, ...]
    """Condition: methods. Empty: all."""
    chain: _Chain
    """The routes that take its requests, as they are matched."""
    band: int
    """Where among the rules it is matched, see `alb_priorities`."""
    priority: int = 0
    """Unique on the listener. Default 0, until all rules are known."""

    @property
    def slot(self) -> str:
        """What its place in the band follows from: with other conditions it is another rule, made beside this one."""
        return " ".join((self.name, *self.paths, *self.methods))

    @property
    def path(self) -> str:
        """The path of the route that is the first to take its requests."""
        return self.chain[0].path

    def services(self, default: str | None) -> tuple[str | None, ...]:
        """Everyone who may get a share of the requests, at some weights; None is a 503."""
        return tuple(dict.fromkeys([*(route.service for route in self.chain), default]))

    def weights(self, table: RouteTable) -> dict[str | None, int]:
        """The weight of each of them, 0 included."""
        shares = table.distribution(self.chain)
        whole = _integers(shares)
        return {service: whole.get(service, 0) for service in self.services(table.default)}

    def takers(self, table: RouteTable) -> set[str | None]:
        """Those who get a share now."""
        return set(table.distribution(self.chain))


def rules(table: RouteTable) -> tuple[Rule, ...]:
    """The rules of all routes, by priority. For tables that `mistakes` lets through."""
    planned = [rule for route in table.routes for rule in _rules_of(table, route)]
    given = priorities({rule.slot: rule.band for rule in planned})
    return tuple(sorted((replace(rule, priority=given[rule.slot]) for rule in planned), key=lambda rule: rule.priority))


def count(table: RouteTable) -> int:
    """How many rules that are, with the one for what no route takes."""
    return sum(len(_rules_of(table, route)) for route in table.routes) + 1


def mistakes(table: RouteTable) -> list[tuple[str | None, str, str]]:
    """What no load balancer can hold, each as the route's id (None: all routes), what was found and what to do."""
    found: list[tuple[str | None, str, str]] = []
    bands: dict[str, int] = {}
    limit = _MAX_PATTERN - len("/*")
    for route in table.routes:
        planned, segments = _rules_of(table, route), route.path.count("/")
        bands |= {rule.slot: rule.band for rule in planned}
        if len(route.path) > limit:
            remedy = f"the facade alb has room for {limit}: write a shorter one, or use another facade"
            found.append((route.id, f"a path of {len(route.path)} characters", remedy))
        if segments > MAX_SEGMENTS:
            remedy = f"the facade alb orders paths of at most {MAX_SEGMENTS}: use another facade"
            found.append((route.id, f"a path of {segments} segments", remedy))
        groups = max((len({taker.service for taker in rule.chain} | {table.default}) for rule in planned), default=0)
        if groups > TARGET_GROUPS:
            remedy = f"the facade alb divides a path's requests among at most {TARGET_GROUPS}: nest fewer routes"
            found.append((route.id, f"{groups} services may get requests of {route.path}", remedy))
    if not found and overfull(bands):
        remedy = "the facade alb has no room for so many of one depth: use fewer, or another facade"
        found.append((None, f"{len(table.routes)} routes, which take {len(bands)} rules", remedy))
    return found


def _rules_of(table: RouteTable, route: Route) -> list[Rule]:
    """A route's rules. Its requests at the path have rules of their own only where others take them differently."""
    at, main = _chains(table, route, below=False), _chains(table, route, below=route.children)
    planned: list[Rule] = []
    if route.children and any(chain != main.get(method) for method, chain in at.items()):
        planned += _grouped(route, at, (route.path, f"{route.path}/"), " at", 0)
    wide = (route.path, f"{route.path}/*" if route.children else f"{route.path}/")
    return planned + _grouped(route, main, wide, "", 1)


def _chains(table: RouteTable, route: Route, *, below: bool) -> dict[str | None, _Chain]:
    """Of the requests that this route is the first to take: by method, the routes that take them. None stands for every
    method that no route lists."""
    taking = [other for other in table.routes if other.covers(route.path, below=below)]
    chains: dict[str | None, _Chain] = {}
    for method in route.methods or (*METHODS, None):
        chain = tuple(other for other in taking if not other.methods or method in other.methods)
        if chain[0] == route:
            chains[method] = chain
    return chains


def _grouped(
    route: Route, chains: Mapping[str | None, _Chain], paths: tuple[str, ...], part: str, kind: int
) -> list[Rule]:
    """One rule for the methods that others don't tell apart, named after the route; further ones for the rest."""
    depth = (MAX_SEGMENTS - route.path.count("/")) * BANDS_PER_DEPTH
    plain = tuple(other for other in next(iter(chains.values()), ()) if not other.methods or other == route)
    groups: dict[_Chain, list[str]] = {}
    for method, chain in chains.items():
        if method is not None and (route.methods or chain != chains[None]):
            groups.setdefault(chain, []).append(method)
    planned: list[Rule] = []
    room = _VALUES - len(paths)
    for chain, methods in groups.items():
        band = depth + (kind if route.methods else 2 + 2 * kind)
        for start in range(0, len(methods), room):
            some = tuple(methods[start : start + room])
            bare = bool(route.methods) and chain == plain and start == 0
            name = route.id + part + ("" if bare else " " + " ".join(some))
            planned.append(Rule(name, paths, some, chain, band))
    if None in chains:
        planned.append(Rule(route.id + part, paths, (), chains[None], depth + 3 + 2 * kind))
    return planned


@dataclass(frozen=True)
class Forward:
    """What a rule that has several groups to choose from does with a request."""

    weights: Mapping[str | None, int]
    """The groups that it names, by the service; None is the 503's."""
    stickiness: int | None
    """Seconds that are written into the rule's stickiness, on or off. None: the rule says nothing of it."""
    wanted: bool = True
    """Whether it is on where there is a choice. Default true."""

    @property
    def sticky(self) -> bool:
        """Whether a client stays with the group that it got."""
        return self.wanted and self.stickiness is not None and len(self.weights) > 1


def sticky_now(rules: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The rules whose stickiness is on, by name, with its seconds, of what the provider reported of rules."""
    found: dict[str, int] = {}
    for name, reported in rules.items():
        for action in cast("list[dict[str, Any]]", reported.get("actions") or []):
            forwarded: dict[str, Any] = action.get("forward") or {}
            stickiness: dict[str, Any] = forwarded.get("stickiness") or {}
            if stickiness.get("enabled"):
                found[name] = int(stickiness["duration"])
    return found


def forward(
    weights: Mapping[str | None, int],
    stickiness: int | None,
    tasks: Mapping[str, int | None],
    now: int | None = None,
) -> Forward:
    """How a rule forwards by these weights. stickiness: the facade's, in seconds. tasks: the stickiness of each
    service's own target group. now: the seconds of the rule's stickiness that is on in AWS, if it is: what isn't wanted
    any more has to be switched off.

    A client with a cookie stays with a group for as long as the rule names it, whatever its weight (ELB user guide,
    target group stickiness). So where anything is sticky, a rule whose requests all go to one service names that one
    only: a cut-over and a way back take every client at once. In between, a rule is sticky if one of its target groups
    is: AWS refuses it otherwise.
    """
    found = [tasks.get(service) for service in weights if service is not None]
    seconds = stickiness or max((own for own in found if own), default=None)
    if seconds is None:
        return Forward(weights, now, wanted=False)
    takers = {service: weight for service, weight in weights.items() if weight}
    return Forward(takers, seconds)


def _integers(shares: Mapping[str | None, Fraction]) -> dict[str | None, int]:
    """Shares as whole numbers up to 999: percent where they are, else in their own proportion; where that takes larger
    numbers, rounded, by less than one in a thousand of all requests for each service."""
    parts = lcm(*(share.denominator for share in shares.values()))
    whole = 100 if 100 % parts == 0 else parts
    if max(shares.values()) * whole > _MAX_WEIGHT:
        return {service: max(1, round(share * _MAX_WEIGHT)) for service, share in shares.items()}
    return {service: int(share * whole) for service, share in shares.items()}
