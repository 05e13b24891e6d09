"""Integrations of an HTTP API with services that run elsewhere. Pure.

Sources: API Gateway developer guide, "Transform API requests and responses for HTTP APIs" (overwrite:path, which takes
$request.path, the path without the stage's name; `Host` isn't among the reserved headers), "Create AWS Lambda proxy
integrations for HTTP APIs" (POST; payload format 2.0), API reference (CreateIntegration: IntegrationUri).

Without a mapping, API Gateway sends the host of the URL, and checks its certificate against public authorities. A
mapping of the Host header takes a constant only (public modules of Terraform say so, and none has a variable there): a
client's own can't be kept, so `host: keep` sends the facade's name. A listener gets the server name by such a mapping,
as public modules for private integrations have it, and else what API Gateway chooses. It gets the whole path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.model.facades import Endpoint
from components.settings.external import ExternalService

_PATH = {"overwrite:path": "$request.path"}


HOST = "overwrite:header.host"
"""The parameter by which another host is sent than that of the URL."""


@dataclass(frozen=True)
class Planned:
    """An integration."""

    type: str
    """HTTP_PROXY or AWS_PROXY."""
    method: str
    """With which it is called."""
    uri: str
    """Where."""
    payload: str
    """The version of what it is sent."""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """What becomes of the request on the way. Default: nothing."""


def planned(service: ExternalService) -> Planned:
    """The integration with a service; without a uri, if its address isn't known yet."""
    if service.endpoint is Endpoint.LAMBDA:
        if not service.address:
            return Planned("AWS_PROXY", "POST", "", "2.0")
        _, partition, _, region, *_ = service.address.split(":")
        uri = f"arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{service.address}/invocations"
        return Planned("AWS_PROXY", "POST", uri, "2.0")
    if service.endpoint is Endpoint.LISTENER:
        host = {HOST: service.server_name} if service.server_name else {}
        return Planned("HTTP_PROXY", "ANY", service.address, "1.0", host)
    return Planned("HTTP_PROXY", "ANY", service.address, "1.0", _PATH)
