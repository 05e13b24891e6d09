"""What the local facade is to hold, as data: it is what the plan shows of a route change. Pure.

The data's keys are those of the fields, in camel case, as the stacks of all versions so far have them in their state.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_type_hints

from components.manifest.http import HealthCheck, HttpRule
from components.manifest.manifest import Manifest
from components.model.routes import Route, RouteTable

T = TypeVar("T")


@dataclass(frozen=True)
class Upstream:
    """A service as the facade reaches it."""

    service: str
    """Its name."""

    network: str
    """The network in which its containers are."""

    containers: tuple[str, ...]
    """Their names."""

    port: int
    """Where they take requests."""

    healthcheck: HealthCheck
    """What the facade asks of each."""

    drain: int
    """Seconds that requests in hand are given when its containers go."""

    @property
    def wait(self) -> int:
        """Seconds within which its containers must be healthy."""
        return self.healthcheck.grace_period + self.healthcheck.interval * self.healthcheck.unhealthy_threshold


@dataclass(frozen=True)
class Target:
    """What the facade holds."""

    upstreams: Mapping[str, Upstream]
    """By service."""

    table: RouteTable
    """Who gets which request."""


def upstream_data(manifest: Manifest, rule: HttpRule, network: object, containers: object) -> dict[str, object]:
    """An upstream as plain values; `network` and `containers` may be outputs. Where a sidecar would take the requests,
    the main container does, as there are no sidecars on this machine."""
    own = rule.target_container is None
    check = to_plain(rule.healthcheck)
    return {
        "network": network,
        "containers": containers,
        "port": (rule.target_port if own else None) or manifest.port,
        "drain": rule.deregistration_delay,
        "healthcheck": check if own else {**check, "port": 0},
    }


def table_data(table: RouteTable) -> dict[str, object]:
    """A route table as plain values. A route without testers has no such key, as before there were any."""
    routes = {route.id: to_plain(route) for route in table.routes}
    for route in table.routes:
        del routes[route.id]["id"]
        if route.testers is None:
            del routes[route.id]["testers"]
    return {"default": table.default or "none", "routes": routes}


def target_of(data: Mapping[str, object]) -> Target:
    """The target that plain values describe."""
    table, services = cast("Mapping[str, Any]", data["table"]), cast("Mapping[str, Any]", data["services"])
    routes = [from_plain(Route, {**route, "id": name}) for name, route in table["routes"].items()]
    upstreams = {name: from_plain(Upstream, {**service, "service": name}) for name, service in services.items()}
    return Target(upstreams, RouteTable.of(routes, None if table["default"] == "none" else table["default"]))


def to_plain(value: Any) -> dict[str, Any]:
    """A dataclass's fields by their keys; no number is 0, as a plan shows it."""
    return {
        _key(field.name): 0 if (found := getattr(value, field.name)) is None else _plain(found)
        for field in fields(value)
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return to_plain(value)
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def from_plain(kind: type[T], data: Mapping[str, Any]) -> T:
    """The dataclass that plain values describe, as the engine hands them back: whole numbers may come as fractions."""
    hints = get_type_hints(kind)
    values = {
        field.name: _typed(hints[field.name], data[_key(field.name)])
        for field in fields(cast("Any", kind))
        if _key(field.name) in data
    }
    return kind(**values)


def _typed(hint: Any, value: Any) -> Any:
    kinds = [each for each in (hint, *get_args(hint)) if is_dataclass(each)]
    if kinds:
        return from_plain(cast("type[object]", kinds[0]), value)
    if NoneType in get_args(hint):
        return int(value) or None
    if hint is int:
        return int(value)
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _key(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)
