"""What the local facade is to hold, as data: it is what the plan shows of a route change. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from components.manifest.http import HealthCheck, Http
from components.manifest.load_balanced_web_service import Manifest
from components.model.routes import Route, RouteTable


@dataclass(frozen=True)
class Upstream:
    """A service as the facade reaches it: its containers by name, on a network. drain: seconds that requests in hand
    are given when its containers go."""

    service: str
    network: str
    containers: tuple[str, ...]
    port: int
    check: HealthCheck
    drain: int

    @property
    def wait(self) -> int:
        """Seconds within which its containers must be healthy."""
        return self.check.grace_period + self.check.interval * self.check.unhealthy_threshold


@dataclass(frozen=True)
class Target:
    """The upstreams by service, and who gets which request."""

    upstreams: Mapping[str, Upstream]
    table: RouteTable


def upstream_data(manifest: Manifest, http: Http, network: object, containers: object) -> dict[str, object]:
    """An upstream as plain values; `network` and `containers` may be outputs. Where a sidecar would take the requests,
    the main container does, as there are no sidecars on this machine."""
    check = http.healthcheck
    own = http.target_container is None
    return {
        "network": network,
        "containers": containers,
        "port": (http.target_port if own else None) or manifest.port,
        "drain": http.deregistration_delay,
        "healthcheck": {
            "path": check.path,
            "port": (check.port if own else None) or 0,
            "successCodes": check.success_codes,
            "unhealthyThreshold": check.unhealthy_threshold,
            "healthyThreshold": check.healthy_threshold,
            "interval": check.interval,
            "timeout": check.timeout,
            "gracePeriod": check.grace_period,
        },
    }


def table_data(table: RouteTable) -> dict[str, object]:
    """A route table as plain values."""
    return {
        "default": table.default or "none",
        "routes": {
            route.id: {
                "path": route.path,
                "service": route.service,
                "methods": list(route.methods),
                "children": route.children,
                "weight": route.weight,
            }
            for route in table.routes
        },
    }


def target_of(data: Mapping[str, object]) -> Target:
    """The target that plain values describe, as the engine hands them back: whole numbers may come as fractions."""
    table, services = _map(data["table"]), _map(data["services"])
    routes = [
        Route(
            id=name,
            path=str(route["path"]),
            service=str(route["service"]),
            methods=tuple(map(str, _list(route["methods"]))),
            children=bool(route["children"]),
            weight=_int(route["weight"]),
        )
        for name, route in ((name, _map(value)) for name, value in _map(table["routes"]).items())
    ]
    default = str(table["default"])
    upstreams = {name: _upstream(name, _map(value)) for name, value in services.items()}
    return Target(upstreams, RouteTable.of(routes, None if default == "none" else default))


def _upstream(name: str, data: Mapping[str, object]) -> Upstream:
    check = _map(data["healthcheck"])
    return Upstream(
        service=name,
        network=str(data["network"]),
        containers=tuple(map(str, _list(data["containers"]))),
        port=_int(data["port"]),
        drain=_int(data["drain"]),
        check=HealthCheck(
            path=str(check["path"]),
            port=_int(check["port"]) or None,
            success_codes=str(check["successCodes"]),
            healthy_threshold=_int(check["healthyThreshold"]),
            unhealthy_threshold=_int(check["unhealthyThreshold"]),
            interval=_int(check["interval"]),
            timeout=_int(check["timeout"]),
            grace_period=_int(check["gracePeriod"]),
        ),
    )


def _map(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value)


def _list(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value)


def _int(value: object) -> int:
    return int(cast("Any", value))
