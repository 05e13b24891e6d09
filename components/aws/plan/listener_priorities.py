"""Priorities of our rules in a listener that is the user's own, within the band that is ours there. Pure.

They lie in the order of `components/aws/plan/alb_priorities.py`, whose bands cover a whole listener: each is given a
part of ours, by how many rules it commonly has. Where in its part a rule is follows from its name, as there, so that a
new rule leaves all others where they are unless its name falls on another's place.

Rules for testers lie where the rules of plain paths with 14 segments would, which come before all others of routes: so
they take no place from a rule that stands. Beside testers, such a path is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from components.aws.plan.alb_priorities import (
    BANDS_PER_DEPTH,
    HOST_DEPTH,
    MAX_MARKED_SEGMENTS,
    MAX_MARKS,
    MAX_SEGMENTS,
    Band,
    marked_band,
    plain_band,
    varying_band,
)
from components.aws.plan.stable_slots import assign_slots, settle
from components.model.facades import Priorities
from components.model.routes import MAX_PARAMETERS

_Key = TypeVar("_Key")

_HOSTS, _METHODS, _ALL, _ATTACHED, _VERSIONS = 2, 2, 16, 120, 30
"""The shares of a band: rules by host name of one depth; of routes with methods, of one kind and depth; of routes that
list none, of one depth, as most are; rules that only attach the target group of a service, or a further one."""

DEEPEST = tuple(plain_band(MAX_SEGMENTS, kind) for kind in range(BANDS_PER_DEPTH))
"""The bands of the longest plain paths. Rules for testers have their places, where there are any."""

_MARKED_PLAIN = {0: (2, 1), 1: (4, 2), 3: (4, 2), 5: (30, 8)}
_MARKED_VARYING = {1: ((2, 1), (6, 3)), 2: ((1, 1), (2, 1)), 3: ((1, 1), (1, 1))}
"""The shares of rules for testers, for the first mark and the second: of plain paths by kind; of those with parameters
by their number, first with a condition on methods, then without."""

_COMMON, _OFTENER = 6, 8
"""Paths of up to so many segments, and how many times the share of longer ones their testers have."""


@dataclass(frozen=True)
class Shares:
    """How a band is shared out: consecutive parts, by what is in them."""

    hosts: Mapping[int, Band]
    """For rules by host name, by the segments of their path."""
    routes: Mapping[Band, Band]
    """For the rules of routes, by their band in a listener that is all ours."""
    marked: Mapping[Band, Band]
    """For rules for testers, in the same way: parts of those in `DEEPEST`. One may be empty."""
    attached: Band
    """For rules that are never matched: one for each service."""
    versions: Band
    """For rules that are never matched: one for each target group that isn't the first of its tasks."""


def shares(listener: Priorities) -> Shares:
    """The parts of a listener's band. What is matched first comes first."""
    weights: list[tuple[object, int]] = [(depth, _HOSTS) for depth in range(HOST_DEPTH, -1, -1)]
    weights += sorted(_weights().items(), key=lambda item: item[0])
    weights += [("attached", _ATTACHED), ("versions", _VERSIONS)]
    parts = _cut(listener.first, listener.last - listener.first + 1, weights)
    deepest = [parts[band] for band in DEEPEST]
    marked = sorted(_marked_weights().items(), key=lambda item: item[0])
    return Shares(
        hosts={key: part for key, part in parts.items() if isinstance(key, int)},
        routes={key: part for key, part in parts.items() if isinstance(key, Band)},
        marked=_cut(deepest[0].start, sum(part.size for part in deepest), marked),
        attached=parts["attached"],
        versions=parts["versions"],
    )


def _cut(first: int, size: int, weights: Sequence[tuple[_Key, int]]) -> dict[_Key, Band]:
    """Consecutive parts of so many priorities."""
    total, before = sum(weight for _, weight in weights), 0
    parts: dict[_Key, Band] = {}
    for key, weight in weights:
        start, end = (first + size * part // total for part in (before, before + weight))
        parts[key] = Band(start, end - start, (end - start) // 2, (end - start) // 4)
        before += weight
    return parts


def _marked_weights() -> dict[Band, int]:
    found: dict[Band, int] = {}
    for segments in range(MAX_SEGMENTS, 0, -1):
        times = _OFTENER if segments <= _COMMON else 1
        plain = _MARKED_PLAIN if segments <= MAX_MARKED_SEGMENTS else {}
        bands = [(plain_band(segments, kind), 0, weights) for kind, weights in plain.items()]
        bands += [
            (varying_band(segments, parameters, methods=methods), parameters, weights)
            for parameters, both in (_MARKED_VARYING.items() if segments > 1 else ())
            for methods, weights in zip((True, False), both, strict=True)
        ]
        for nth in range(MAX_MARKS):
            found |= {marked_band(band, segments, own, nth=nth): times * weights[nth] for band, own, weights in bands}
    return found


def _weights() -> dict[Band, int]:
    found: dict[Band, int] = {}
    for segments in range(MAX_SEGMENTS, 0, -1):
        for kind in range(BANDS_PER_DEPTH):
            found[plain_band(segments, kind)] = _ALL if kind == BANDS_PER_DEPTH - 1 else _METHODS
        for parameters in range(1, MAX_PARAMETERS + 1) if segments > 1 else ():
            for methods in (True, False):
                found[varying_band(segments, parameters, methods=methods)] = 1
    return found


def of_routes(listener: Priorities, bands: Mapping[str, Band]) -> dict[str, int]:
    """The priority of each route's rule, by the band that it would have in a listener that is all ours."""
    return _placed(parts(listener, bands))


def of_hosts(listener: Priorities, depths: Mapping[str, int]) -> dict[str, int]:
    """The priority of each rule by host name, by the segments of its path, 0 to 10."""
    parts = shares(listener).hosts
    return _placed({name: parts[depth] for name, depth in depths.items()})


def of_attachments(
    listener: Priorities, services: Iterable[str], known: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The priority of a rule per service that is never matched. ECS refuses a service whose target group is attached to
    no load balancer: such a rule attaches it, whether or not a route sends it requests. known: the priorities that
    rules of services have, also of those that go."""
    place = shares(listener).attached
    wanted = _placed(dict.fromkeys(services, place))
    return settle(wanted, known or {}, dict.fromkeys(wanted, place.all))


def of_versions(listener: Priorities, groups: Iterable[str]) -> dict[str, int]:
    """The same for each target group that isn't the first of its tasks."""
    return _placed(dict.fromkeys(groups, shares(listener).versions))


def overfull(given: Mapping[str, int], parts: Mapping[str, Band]) -> bool:
    """Whether a part has more rules than it has room for."""
    return any(given[name] >= part.start + part.size for name, part in parts.items())


def overfull_routes(listener: Priorities, bands: Mapping[str, Band]) -> bool:
    """Whether the rules of routes have no room."""
    return overfull(of_routes(listener, bands), parts(listener, bands))


def parts(listener: Priorities, bands: Mapping[str, Band]) -> dict[str, Band]:
    """The part of ours in which each route's rule is, by the band that it would have in a listener that is all ours."""
    known = shares(listener)
    found = {**known.routes, **known.marked}
    return {name: found[band] for name, band in bands.items()}


def _placed(parts: Mapping[str, Band]) -> dict[str, int]:
    given: dict[str, int] = {}
    for part in sorted(set(parts.values())):
        ranges = tuple(size for size in (part.first, part.second) if size)
        slots = assign_slots([name for name, own in parts.items() if own == part], ranges)
        given |= {name: part.start + slot for name, slot in slots.items()}
    return given
