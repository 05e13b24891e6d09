"""Which services that run elsewhere get their first requests by an `up`. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.model.routes import RouteTable
from components.settings.external import ExternalService

_ARROW = re.compile(r"--> s-([A-Za-z0-9-]+)\[")
"""Who gets requests, in the output `diagram`. The other outputs don't tell the default."""


def due(outputs: Mapping[str, Any], wanted: RouteTable, services: Iterable[ExternalService]) -> list[ExternalService]:
    """Those to ask before: where what the stack has up leads no request, and the routes wanted do. outputs: of the last
    `up` that succeeded, empty if nothing is up."""
    asked = {route.service for route in wanted.routes if route.weight} | {wanted.default}
    now, known = set(_ARROW.findall(str(outputs.get("diagram", "")))), outputs.get("services")
    # Where a service was isn't told by versions that had the services in a list.
    places = cast("Mapping[str, Mapping[str, Any]]", known if isinstance(known, Mapping) else {})
    return [
        service
        for service in services
        if service.checked and service.name in asked
        if service.name not in now or _address(service, places.get(service.name)) != service.address
    ]


def _address(service: ExternalService, place: Mapping[str, Any] | None) -> object:
    """Where the stack that is up leads its requests; where it isn't told, there."""
    return service.address if place is None else place.get(service.endpoint)
