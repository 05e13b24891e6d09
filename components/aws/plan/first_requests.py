"""Which services that run elsewhere get their first requests by an `up`. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.model.facades import Endpoint
from components.model.routes import RouteTable
from components.settings.external import ExternalService

_ARROW = re.compile(r"--> s-([A-Za-z0-9-]+)\[")
"""Who gets requests, in the output `diagram`. The other outputs don't tell the default."""


def due(outputs: Mapping[str, Any], wanted: RouteTable, services: Iterable[ExternalService]) -> list[ExternalService]:
    """Those to ask before: by a URL that gets no request by what the stack has up, and does by the routes wanted.
    outputs: of the last `up` that succeeded, empty if nothing is up."""
    asked = {route.service for route in wanted.routes if route.weight} | {wanted.default}
    now, known = set(_ARROW.findall(str(outputs.get("diagram", "")))), outputs.get("services")
    urls = (
        {name: found.get("url") for name, found in cast("Mapping[str, Mapping[str, Any]]", known).items()}
        if (isinstance(known, Mapping))
        else {}
    )
    return [
        service
        for service in services
        if service.endpoint is Endpoint.URL and service.checked and service.name in asked
        # What a URL was isn't told by versions that had the services in a list.
        if service.name not in now or urls.get(service.name, service.address) != service.address
    ]
