"""The listener rules of a load balancer for a route table: their conditions, weights and priorities. Pure.

A rule has one set of weights for every request that it matches. So a route has a rule for each group of its requests
that other routes would take in the same way: by method, at the path itself or below it, and at a path that it has in
common with another one where either has parameters. Most routes have one. Which rules exist, their conditions and
priorities depend on paths and methods only; a cut-over changes weights in place.

Limits (ELB user guide, quotas and listener rules): five condition values in a rule, five target groups in a rule,
weights 0 to 999, priorities 1 to 50000, 128 characters in a path pattern and in a regular expression. How many rules
there may be is a quota that AWS raises: `components/settings/quotas.py`.

Where routes have testers, each rule has one more before it for each mark that counts there: with the same path and
methods, and a condition on a header. Of several marks that a request carries the first decides, so it needs no more. A
cookie is a regular expression too, as wildcards can't tell where its name begins and its value ends with the three
values that a condition has room for. Assumed: it is compared with case, and so are cookies. With a route's testers
rules come and go, but none when its weight changes.

A path with parameters is a regular expression (ELB API, PathPatternConfig, RegexValues), as `*` takes slashes too. It
has no lookaheads, backreferences and the like (ELB user guide, listener rules). Assumed: it is compared with what path
patterns are compared with, the path without the query, and `^` and `$` are its ends, as public configurations have it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm
from typing import Any, cast

from components.aws.plan import listener_priorities
from components.aws.plan.alb_priorities import (
    MAX_MARKED_SEGMENTS,
    MAX_MARKS,
    MAX_SEGMENTS,
    TO_TLS,
    Band,
    marked_band,
    overfull,
    plain_band,
    priorities,
    varying_band,
)
from components.aws.plan.listener_priorities import DEEPEST
from components.aws.plan.stable_slots import settle
from components.model.facades import Priorities
from components.model.routes import ANY_SEGMENT, METHODS, Route, RouteTable, Testers, expression, marks

TARGET_GROUPS = 5
_VALUES = 5
_METHODS = 3
"""Values in a condition on methods (ELB user guide, condition basics: three match evaluations in a condition)."""
_MAX_PATTERN = 128
_MAX_WEIGHT = 999

_Chain = tuple[Route, ...]

Outputs = Mapping[str, Mapping[str, Any]]
"""Of listener rules that the stack has, by logical name."""


@dataclass(frozen=True)
class RouteRule:
    """A listener rule of a route."""

    name: str
    """The route's id, with the path, `at` and the methods behind it if the route has several rules."""
    path: str
    """The path at which it takes requests, one of `RouteTable.paths`."""
    paths: tuple[str, ...]
    """Condition: path patterns, or a regular expression."""
    regex: bool
    """Whether it is a regular expression."""
    methods: tuple[str, ...] = ()
    """Condition: methods. Default none: all."""
    chain: _Chain = ()
    """The routes that take its requests, as they are matched; of testers, up to the one whose testers they are. Default
    none, until they are known."""
    mark: Testers | None = None
    """Condition: the testers that it is for. Default none: all requests."""
    band: Band = field(default_factory=lambda: plain_band(MAX_SEGMENTS, 0))
    """Where among the rules it is matched. Default the first, until it is known."""
    priority: int = 0
    """Unique on the listener. Default 0, until all rules are known."""

    @property
    def slot(self) -> str:
        """What its place in the band follows from: with other conditions it is another rule, made beside this one."""
        mark = [f"{self.mark.name}={self.mark.value}"] if self.mark else []
        return " ".join((self.name, *self.paths, *self.methods, *mark))

    def services(self, default: str | None) -> tuple[str | None, ...]:
        """Everyone who may get a share of the requests, at some weights; None is a 503."""
        taking: list[str | None] = [route.service for route in self.chain]
        return tuple(dict.fromkeys(taking if self.mark else [*taking, default]))

    def weights(self, table: RouteTable) -> dict[str | None, int]:
        """The weight of each of them, 0 included."""
        shares = table.distribution(self.chain, self.mark)
        whole = _integers(shares)
        return {service: whole.get(service, 0) for service in self.services(table.default)}

    def takers(self, table: RouteTable) -> set[str | None]:
        """Those who get a share now."""
        return set(table.distribution(self.chain, self.mark))

    def stands(self, reported: Mapping[str, Any]) -> bool:
        """Whether a rule that the provider reported has these conditions."""
        wanted: dict[str, dict[str, Any]] = {"pathPattern": {"regexValues" if self.regex else "values": {*self.paths}}}
        if self.methods:
            wanted["httpRequestMethod"] = {"values": {*self.methods}}
        if self.mark and self.mark.cookie:
            wanted["httpHeader"] = {"httpHeaderName": "Cookie", "regexValues": {self.mark.header_expression}}
        elif self.mark:
            wanted["httpHeader"] = {"httpHeaderName": self.mark.name, "values": {self.mark.value}}
        found: dict[str, dict[str, Any]] = {}
        for condition in cast("list[Mapping[str, Any]]", reported.get("conditions") or []):
            for kind, values in condition.items():
                if values:
                    found[kind] = {key: {*own} if isinstance(own, list) else own for key, own in values.items() if own}
        return found == wanted


def rules(table: RouteTable, listener: Priorities | None = None, known: Outputs | None = None) -> tuple[RouteRule, ...]:
    """The rules of all routes, by priority. For tables that `mistakes` lets through. listener: the user's own that they
    are in; None: one that is all ours. known: the facade's rules that the stack has. One that goes keeps its priority
    until all else is done, so no other rule gets it."""
    planned = _planned(table)
    bands = {rule.slot: rule.band for rule in planned}
    given = listener_priorities.of_routes(listener, bands) if listener else priorities(bands)
    if known:
        parts = listener_priorities.parts(listener, bands) if listener else bands
        given = _settled(planned, parts, given, known)
    return tuple(sorted((replace(rule, priority=given[rule.slot]) for rule in planned), key=lambda rule: rule.priority))


def _settled(
    planned: Iterable[RouteRule], parts: Mapping[str, Band], wanted: Mapping[str, int], known: Outputs
) -> dict[str, int]:
    """The priorities of rules by slot, beside those that there are."""
    now = {name: int(rule["priority"]) for name, rule in known.items() if "priority" in rule}
    stay = {rule.name: rule.slot for rule in planned if rule.name in now and rule.stands(known[rule.name])}
    places = {slot: part.all for slot, part in parts.items()}
    return settle(wanted, {stay.get(name, f"{name} goes"): priority for name, priority in now.items()}, places)


def needed(table: RouteTable, listener: Priorities, known: Outputs | None = None) -> tuple[RouteRule, ...]:
    """The rules without which something else would answer than is meant, in a listener that is the user's own: none for
    requests that all go where they would go without any rule of ours. What is left out never takes requests from a
    shorter route: all routes that cover them are inactive. known: as for `rules`."""
    return tuple(rule for rule in rules(table, listener, known) if rule.takers(table) != {table.default})


def count(table: RouteTable) -> int:
    """How many rules that are, with the one for what no route takes."""
    return len(_planned(table)) + 1


def mistakes(table: RouteTable, listener: Priorities | None = None) -> list[tuple[str | None, str, str]]:
    """What no load balancer can hold, each as the route's id (None: all routes), what was found and what to do.
    listener: the user's own that the rules are in; None: one that is all ours."""
    found: list[tuple[str | None, str, str]] = []
    planned = _planned(table)
    limit = _MAX_PATTERN - len("/*")
    for route in table.routes:
        own, segments = [rule for rule in planned if rule.chain[0] == route], route.path.count("/")
        if ANY_SEGMENT not in route.shape and len(route.path) > limit:
            remedy = f"the facade alb allows {limit}: use a shorter one, or another facade"
            found.append((route.id, f"a path with {len(route.path)} characters", remedy))
        longest = max((len(rule.paths[0]) for rule in own if rule.regex), default=0)
        if longest > _MAX_PATTERN:
            remedy = f"the facade alb allows {_MAX_PATTERN}: use a shorter path, or another facade"
            found.append((route.id, f"a regular expression with {longest} characters for {route.path}", remedy))
        if segments > MAX_MARKED_SEGMENTS and any(rule.mark and ANY_SEGMENT not in rule.path for rule in own):
            remedy = f"the facade alb allows at most {MAX_MARKED_SEGMENTS} for testers: use another facade"
            found.append((route.id, f"a path with {segments} segments, on a route with testers", remedy))
        if listener and any(rule.band in DEEPEST for rule in own) and any(rule.mark for rule in planned):
            remedy = "in an existing listener, testers use its priorities: remove the testers, or use a shorter path"
            found.append((route.id, f"a path with {segments} segments together with testers", remedy))
        mark_count = max((len(marks(rule.chain)) for rule in own), default=0)
        if mark_count > MAX_MARKS:
            remedy = f"the facade alb can distinguish {MAX_MARKS}: give nested routes the same testers"
            found.append((route.id, f"{mark_count} different testers for {route.path}", remedy))
        if segments > MAX_SEGMENTS:
            remedy = f"the facade alb allows at most {MAX_SEGMENTS}: use another facade"
            found.append((route.id, f"a path with {segments} segments", remedy))
        groups = max((len({taker.service for taker in rule.chain} | {table.default}) for rule in own), default=0)
        if groups > TARGET_GROUPS:
            remedy = f"the facade alb splits a path's requests between at most {TARGET_GROUPS}: nest fewer routes"
            found.append((route.id, f"{groups} services may get requests of {route.path}", remedy))
    bands = {rule.slot: rule.band for rule in planned}
    if not found and listener and listener_priorities.overfull_routes(listener, bands):
        band = f"{listener.first}-{listener.last}"
        remedy = f"{band} has no room for so many paths of the same depth: widen facadeSettings.alb.listenerPriorities"
        found.append((None, f"{len(table.routes)} routes, which need {len(planned)} rules", remedy))
    elif not found and not listener and overfull(bands):
        remedy = "the facade alb has no room for so many paths of the same depth: use fewer, or another facade"
        found.append((None, f"{len(table.routes)} routes, which need {len(planned)} rules", remedy))
    return found


def _planned(table: RouteTable) -> list[RouteRule]:
    made = [rule for path, children in table.paths.items() for rule in _rules_at(table, path, children=children)]
    return [*made, *(marked for rule in made for marked in _for_testers(rule))]


def _for_testers(rule: RouteRule) -> list[RouteRule]:
    """The rules for testers before a rule. Names are its own, with what tells them apart."""
    made: list[RouteRule] = []
    room = min(_METHODS, _VALUES - len(rule.paths) - 1)
    for nth, mark in enumerate(marks(rule.chain)):
        last = next(index for index, route in enumerate(rule.chain) if route.testers == mark)
        name = f"{rule.name} testers" + (f" of {rule.chain[last].id}" if nth else "")
        segments, parameters = rule.path.count("/"), rule.path.count(ANY_SEGMENT)
        # Where there is no place for it, the table is refused.
        lies = segments <= MAX_MARKED_SEGMENTS + bool(parameters) and nth < MAX_MARKS
        band = marked_band(rule.band, segments, parameters, nth=nth) if lies else rule.band
        for start in range(0, len(rule.methods) or 1, room):
            some = rule.methods[start : start + room]
            own = " ".join((name, *some)) if start else name
            made.append(replace(rule, name=own, methods=some, chain=rule.chain[: last + 1], mark=mark, band=band))
    return made


def _rules_at(table: RouteTable, path: str, *, children: bool) -> list[RouteRule]:
    """The rules for a path. Requests at the path have rules of their own only where others take them differently."""
    all_at, all_below = _chains(table, path, below=False), _chains(table, path, below=True) if children else {}
    planned: list[RouteRule] = []
    for route in dict.fromkeys(chain[0] for chain in (*all_at.values(), *all_below.values())):
        at = {method: chain for method, chain in all_at.items() if chain[0] == route}
        main = {method: chain for method, chain in all_below.items() if chain[0] == route} if route.children else at
        # Where the path isn't the route's own, another route has it, whose patterns these mustn't meet.
        regex = ANY_SEGMENT in path or path != route.shape
        apart = route.children and (at != main if regex else any(chain != main.get(verb) for verb, chain in at.items()))
        exact, wide = _expressions(path, apart=apart) if regex else ((path, f"{path}/"), (path, f"{path}/*"))
        wide = wide if route.children else exact
        name = route.id if path == route.shape else f"{route.id} {path.replace(':', '%3A')}"
        if apart:
            planned += _grouped(RouteRule(f"{name} at", path, exact, regex=regex), route, at, 0)
        planned += _grouped(RouteRule(name, path, wide, regex=regex), route, main, 1)
    return planned


def _expressions(path: str, *, apart: bool) -> tuple[tuple[str], tuple[str]]:
    """For requests at a path, and for these and those below it. apart: the second without the first, so that no rule
    has to come before another."""
    own = expression(path)
    return (f"^{own}/?$",), (f"^{own}/.+$" if apart else f"^{own}(/.*)?$",)


def _chains(table: RouteTable, path: str, *, below: bool) -> dict[str | None, _Chain]:
    """By method, the routes that take the requests at a path, or below it. None stands for every method that no route
    lists. Without those for which the path is of no account, as the same routes take more than it has."""
    taking = [route for route in table.routes if route.covers(path, below=below)]
    chains: dict[str | None, _Chain] = {}
    for method in (*METHODS, None):
        chain = tuple(route for route in taking if not route.methods or method in route.methods)
        if chain and _in_common(chain, path):
            chains[method] = chain
    return chains


def _in_common(chain: _Chain, path: str) -> bool:
    """Whether a path that these routes cover has all that they have in common."""
    segments, owns = path.split("/"), [route.shape.split("/") for route in chain]
    return len(owns[0]) == len(segments) and all(
        any(own[index : index + 1] == [segment] for own in owns) for index, segment in enumerate(segments)
    )


def _grouped(rule: RouteRule, route: Route, chains: Mapping[str | None, _Chain], kind: int) -> list[RouteRule]:
    """One rule for the methods that others don't tell apart, named as this one; further ones for the rest."""
    plain = tuple(other for other in next(iter(chains.values()), ()) if not other.methods or other == route)
    groups: dict[_Chain, list[str]] = {}
    for method, chain in chains.items():
        if method is not None and (route.methods or chain != chains.get(None)):
            groups.setdefault(chain, []).append(method)
    planned: list[RouteRule] = []
    room = _VALUES - len(rule.paths)
    for chain, methods in groups.items():
        band = _band(rule.path, kind if route.methods else 2 + 2 * kind, methods=True)
        for start in range(0, len(methods), room):
            some = tuple(methods[start : start + room])
            bare = bool(route.methods) and chain == plain and start == 0
            name = rule.name if bare else " ".join((rule.name, *some))
            planned.append(replace(rule, name=name, methods=some, chain=chain, band=band))
    if None in chains:
        band = _band(rule.path, 3 + 2 * kind, methods=False)
        planned.append(replace(rule, chain=chains[None], band=band))
    return planned


def _band(path: str, kind: int, *, methods: bool) -> Band:
    parameters, segments = path.count(ANY_SEGMENT), path.count("/")
    return varying_band(segments, parameters, methods=methods) if parameters else plain_band(segments, kind)


@dataclass(frozen=True)
class PlainRule:
    """A rule of port 80, where the routes are on port 443."""

    name: str
    """Behind the facade's."""
    priority: int
    """Unique on the listener."""
    own_name: bool = False
    """Whether it is only for clients that come by the load balancer's own name, which no certificate has: they are sent
    to the facade's. Default false."""
    methods: tuple[str, ...] = ("GET", "HEAD")
    """Condition: methods. Empty: all. Default those that every client repeats as they were."""

    @property
    def redirects(self) -> bool:
        """Whether clients are sent to port 443; otherwise they are told to go there themselves. A load balancer
        redirects by 301 and 302 only (ELB API, RedirectActionConfig), which turn a POST into a GET (Fetch standard,
        HTTP-redirect fetch; curl and Python's requests likewise), Go's client any other method too."""
        return bool(self.methods)


PLAIN_RULES = (
    PlainRule("own name to https", TO_TLS, own_name=True),
    PlainRule("to https", TO_TLS + 1),
    PlainRule("https only", TO_TLS + 2, methods=()),
)
"""The rules of port 80 where the routes are on port 443. The last ones come last and go first."""


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
