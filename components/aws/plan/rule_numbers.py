"""By which numbers the further rules of `http` are known. Pure.

A rule's target group and listener rules are named by its number. A rule that takes another one's number would take over
its target group, in which tasks of the release before answer for something else until the new ones are in steady state.
So a rule that the stack has keeps its number, wherever it stands in the manifest now; and another one takes a number
that the stack hasn't, unless the same container answers it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, cast

from components.aws.plan import further_rules
from components.settings.service import Service

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


_Target = tuple[str, int]
"""A container and its port."""


@dataclass(frozen=True)
class _Taken:
    """What a rule takes."""

    path: str
    hosts: frozenset[str] = frozenset()
    target: _Target | None = None
    """Who answers; None: it isn't known."""


def numbered(service: Service, rules: Outputs, running: Outputs | None = None) -> Service:
    """A service whose further rules have their numbers. rules: the listener rules that the stack has. running: its ECS
    services."""
    manifest = service.manifest
    http = manifest.http or manifest.internal
    if http is None or not http.additional:
        return service
    wanted = [
        _Taken(
            rule.path,
            frozenset(alias.name for alias in rule.aliases),
            (rule.target_container or service.name, rule.target_port or manifest.port),
        )
        for rule in http.additional
    ]
    known = replace(http, numbers=_numbers(wanted, _known(service.name, rules, _targets(running or {}))))
    own = {"http": known} if manifest.http else {"internal": known}
    return replace(service, manifest=replace(manifest, **own))


def _numbers(wanted: Sequence[_Taken], known: Mapping[int, _Taken]) -> tuple[int, ...]:
    """Those that take the same keep their numbers, then those of the same path, then those that the same container
    answers; the rest take new ones."""
    found: dict[int, int] = {}
    for is_same in (_takes_the_same, _has_the_same_path, _has_the_same_target):
        for place, own in enumerate(wanted):
            free = (number for number in sorted(known) if number not in found.values())
            same = next((number for number in free if is_same(own, known[number])), None)
            if place not in found and same is not None:
                found[place] = same
    left = (number for number in count(1) if number not in known)
    for place in range(len(wanted)):
        if place not in found:
            found[place] = next(left)
    return tuple(found[place] for place in range(len(wanted)))


def _takes_the_same(one: _Taken, other: _Taken) -> bool:
    return (one.path, one.hosts) == (other.path, other.hosts)


def _has_the_same_path(one: _Taken, other: _Taken) -> bool:
    return one.path == other.path


def _has_the_same_target(one: _Taken, other: _Taken) -> bool:
    return one.target == other.target


def _known(service: str, rules: Outputs, targets: Mapping[str, _Target]) -> dict[int, _Taken]:
    """What the further rules take that the stack has, by number; not those that go, whose target groups are gone.
    targets: by target group."""
    found: dict[int, _Taken] = {}
    for name, outputs in rules.items():
        number = further_rules.number_of(service, name)
        if number is None or further_rules.goes(outputs):
            continue
        before = found.get(number, _Taken("/"))
        paths, hosts = _values(outputs, "pathPattern"), _values(outputs, "hostHeader")
        actions = cast("list[Mapping[str, Any]]", outputs.get("actions") or [])
        own = next((targets[arn] for one in actions if (arn := str(one.get("targetGroupArn"))) in targets), None)
        found[number] = _Taken(paths[0] if paths else "/", before.hosts | {*hosts}, own or before.target)
    return found


def _targets(running: Outputs) -> dict[str, _Target]:
    """Which container and port ECS services register, by the target group's ARN."""
    return {
        str(one["targetGroupArn"]): (str(one["containerName"]), int(one["containerPort"]))
        for outputs in running.values()
        for one in cast("list[Mapping[str, Any]]", outputs.get("loadBalancers") or [])
        if one.get("targetGroupArn")
    }


def _values(outputs: Mapping[str, Any], kind: str) -> list[str]:
    conditions = cast("list[Mapping[str, Any]]", outputs.get("conditions") or [])
    return [str(value) for one in conditions if one.get(kind) for value in one[kind]["values"]]
