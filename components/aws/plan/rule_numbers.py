"""By which numbers the further rules of `http` are known. Pure.

A rule's target group and listener rules are named by its number. A rule that takes another one's number would take over
its target group, in which tasks of the release before answer for something else until the new ones are in steady state.
So a rule that the stack has keeps its number, wherever it stands in the manifest now.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, cast

from components.manifest.http import HttpRule
from components.settings.service import Service

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


@dataclass(frozen=True)
class _Taken:
    """What a rule takes."""

    path: str
    hosts: frozenset[str] = frozenset()


def numbered(service: Service, rules: Outputs) -> Service:
    """A service whose further rules have their numbers. rules: the listener rules that the stack has."""
    http = service.manifest.http
    if http is None or not http.additional:
        return service
    numbers = _numbers(http.additional, _known(service.name, rules))
    return replace(service, manifest=replace(service.manifest, http=replace(http, numbers=numbers)))


def _numbers(wanted: Iterable[HttpRule], known: Mapping[int, _Taken]) -> tuple[int, ...]:
    """Those that take the same keep their numbers, then those of the same path; the rest take what is left."""
    taken = [_Taken(rule.path, frozenset(alias.name for alias in rule.aliases)) for rule in wanted]
    found: dict[int, int] = {}
    for is_same in (_takes_the_same, _has_the_same_path):
        for place, own in enumerate(taken):
            free = (number for number in sorted(known) if number not in found.values())
            same = next((number for number in free if is_same(own, known[number])), None)
            if place not in found and same is not None:
                found[place] = same
    left = (number for number in count(1) if number not in found.values())
    for place in range(len(taken)):
        if place not in found:
            found[place] = next(left)
    return tuple(found[place] for place in range(len(taken)))


def _takes_the_same(one: _Taken, other: _Taken) -> bool:
    return one == other


def _has_the_same_path(one: _Taken, other: _Taken) -> bool:
    return one.path == other.path


def _known(service: str, rules: Outputs) -> dict[int, _Taken]:
    """What the further rules take that the stack has, by number."""
    named = re.compile(rf"{re.escape(service)}-Rule(\d+)(?: .*)?")
    found: dict[int, _Taken] = {}
    for name, outputs in rules.items():
        if match := named.fullmatch(name):
            before = found.get(int(match[1]), _Taken("/"))
            paths, hosts = _values(outputs, "pathPattern"), _values(outputs, "hostHeader")
            found[int(match[1])] = _Taken(paths[0] if paths else "/", before.hosts | {*hosts})
    return found


def _values(outputs: Mapping[str, Any], kind: str) -> list[str]:
    conditions = cast("list[Mapping[str, Any]]", outputs.get("conditions") or [])
    return [str(value) for one in conditions if one.get(kind) for value in one[kind]["values"]]
