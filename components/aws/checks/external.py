"""Services that run elsewhere, and what the facades on AWS can't do with them. Pure.

Sources: API Gateway developer guide ("Amazon API Gateway important notes": an HTTP integration calls the ports 80, 443
and 1024 to 65535; HTTP integrations are called over the internet), Refactor Spaces API (UrlEndpointInput: the host must
be known to the public, unless it is in its own networks), Lambda API (AddPermission: within the function's region), ELB
user guide ("Target groups for your Application Load Balancers": one is used with one load balancer).
"""

from functools import partial

from components.model.facades import FACADES, Endpoint, FacadeKind, Reach
from components.settings.external import ExternalService, is_private, refuse_newest, refuse_unreachable, region_of
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Notes what a facade can't reach, or not as it is said to."""
    for kind in stack.kinds:
        refuse_unreachable(stack.external, f"the facade {kind.name}", kind.endpoints, partial(_otherwise, kind))
        for service in stack.external.values():
            if service.endpoint is Endpoint.URL and service.endpoint in kind.endpoints and service.address:
                _check_url(service, kind)
            if not kind.readies_functions:
                refuse_newest(service.at.get("lambda"), service.address)
        _check_no_service(kind, stack)
    balancers = [kind.name for kind in stack.kinds if Endpoint.TARGET_GROUP in kind.endpoints]
    for service in stack.external.values():
        if service.endpoint is Endpoint.TARGET_GROUP and len(balancers) > 1:
            remedy = "AWS allows only one: give a lambda, or remove one of the facades first"
            service.at.get("targetGroup").fail(
                remedy, f"a target group used by two load balancers: {', '.join(balancers)}"
            )
        if service.at.get("ca") and service.endpoint is Endpoint.URL:  # of others it is told already
            remedy = "remove it: on AWS, the certificate must be publicly trusted"
            service.at.get("ca").refuse(remedy, "used only on the platform local")
        _check_region(service, stack.region)


def _otherwise(kind: FacadeKind, endpoint: Endpoint) -> str:
    """What else to do than to give something that this facade reaches."""
    others = [other.name for other in FACADES.values() if endpoint in other.endpoints]
    itself = endpoint is Endpoint.LISTENER and kind.reach is Reach.TARGET_GROUP
    ours = "put the routes into that listener with facadeSettings.alb.listener, " if itself else ""
    return f"{ours}or use the facade {' or '.join(others)}"


def _check_url(service: ExternalService, kind: FacadeKind) -> None:
    url = service.at.get("url")
    if is_private(service):
        remedy = "give a name that resolves publicly, or use the facade alb with a targetGroup that points there"
        url.fail(remedy, f"{service.host_name} resolves only in its own network")
    elif service.port not in (80, 443) and service.port < 1024:
        url.fail(
            f"the facade {kind.name} can reach only ports 80, 443 and 1024 to 65535: listen on one of them",
            f"the port {service.port}",
        )
    if service.keeps_host and not kind.keeps_host:
        others = " or ".join(other.name for other in FACADES.values() if other.keeps_host)
        remedy = f"the facade {kind.name} always sends the host in the url: remove it, or use the facade {others}"
        service.at.get("host").fail(remedy)


def _check_no_service(kind: FacadeKind, stack: Stack) -> None:
    """What answers 503 is a rule of a load balancer."""
    elsewhere = bool(stack.external) and not stack.routed and not kind.needs_network
    if elsewhere and kind.can_go_without_default and stack.config.get("default").value == "none":
        remedy = (
            f"the facade {kind.name} answers 503 through a load balancer of this stack, and all services run "
            "elsewhere: "
            "name one of them"
        )
        stack.config.get("default").fail(remedy, "found none")


def _check_region(service: ExternalService, region: str | None) -> None:
    own = region_of(service)
    if own and region and own != region:
        place = service.at.get(service.endpoint)
        place.fail(f"give one in the stack's region {region}", f"found one in {own}")
