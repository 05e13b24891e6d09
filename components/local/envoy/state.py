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
from components.settings.external import ExternalService

T = TypeVar("T")

_ATTEMPTS = 3
"""How often what runs elsewhere may be asked in vain."""

_DRAIN = 60
"""Seconds that requests in hand are given when it is left, as those of Copilot's services are."""


@dataclass(frozen=True)
class Remote:
    """Where a service that runs elsewhere takes requests."""

    host: str
    """A name that is found from the facade's container, or an address."""

    authority: str
    """The same, with the port if it isn't the scheme's own: as a Host header has it."""

    keeps_host: bool
    """Whether it gets the Host header that the client sent, and not `authority`."""

    tls: bool
    """Whether it is spoken to with TLS; its certificate must be one of `host`."""

    ca: str
    """Certificates in PEM by which its own is checked; empty: those that are known to the public."""


@dataclass(frozen=True)
class Upstream:
    """A service as the facade reaches it."""

    service: str
    """Its name."""

    network: str
    """The network in which its containers are; empty for one that runs elsewhere."""

    containers: tuple[str, ...]
    """The names of those by which it is reached."""

    port: int
    """Where they take requests."""

    healthcheck: HealthCheck
    """What the facade asks of each."""

    drain: int
    """Seconds that requests in hand are given when its containers go."""

    remote: Remote | None = None
    """Where it runs. Default: in its containers."""

    members: tuple[str, ...] = ()
    """The names of the containers that have to run behind those, the one that takes requests first. Default: they take
    requests themselves."""

    @property
    def alive(self) -> tuple[str, ...]:
        """The containers that have to run."""
        return (*self.members, *self.containers)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Whom the facade sends its requests to."""
        return (self.remote.host,) if self.remote else self.containers

    @property
    def wait(self) -> int:
        """Seconds within which its containers must be healthy. What runs elsewhere is up already, and answers."""
        if self.remote:
            return _ATTEMPTS * self.healthcheck.timeout
        return self.healthcheck.grace_period + self.healthcheck.interval * self.healthcheck.unhealthy_threshold


@dataclass(frozen=True)
class Target:
    """What the facade holds."""

    upstreams: Mapping[str, Upstream]
    """By service."""

    table: RouteTable
    """Who gets which request."""

    @property
    def asked(self) -> dict[str, Upstream]:
        """The upstreams that must answer: those with containers and, of those that run elsewhere, whoever is sent a
        request. What isn't ours, and in nobody's way, holds nothing up."""
        used = {route.service for route in self.table.routes if route.weight} | {self.table.default}
        return {
            name: upstream
            for name, upstream in self.upstreams.items()
            if upstream.containers or (upstream.remote and name in used)
        }


def upstream_data(
    manifest: Manifest, rule: HttpRule, network: object, containers: object, members: object = None
) -> dict[str, object]:
    """An upstream as plain values; `network`, `containers` and `members` may be outputs. One without sidecars has no
    members, as before there were any."""
    return {
        "network": network,
        "containers": containers,
        **({} if members is None else {"members": members}),
        "port": rule.target_port or manifest.port,
        "drain": rule.deregistration_delay,
        "healthcheck": to_plain(rule.healthcheck),
    }


def external_data(service: ExternalService) -> dict[str, object]:
    """A service that runs elsewhere as plain values."""
    remote = Remote(service.host_name, service.host, service.keeps_host, service.tls, service.ca or "")
    return {
        "network": "",
        "containers": [],
        "port": service.port,
        "drain": _DRAIN,
        "healthcheck": to_plain(service.healthcheck),
        "remote": to_plain(remote),
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
    kinds = [kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)]
    if kinds:
        return from_plain(cast("type[object]", kinds[0]), value)
    if NoneType in get_args(hint):
        inner = next(kind for kind in get_args(hint) if kind is not NoneType)
        return from_plain(cast("type[object]", inner), value) if is_dataclass(inner) else int(value) or None
    if hint is int:
        return int(value)
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _key(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)
