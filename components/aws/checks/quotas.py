"""What an account may hold less of than the stack takes: warnings, as AWS raises these quotas on request. Pure.

Sources are in `components/settings/quotas.py`.
"""

from components.aws.checks import listener
from components.aws.plan import alb_rules, alias_rules, dashboard, http_api_routes, load_balancers, ports
from components.model.facades import ALB, API_GATEWAY, LISTENER, Endpoint, Listener
from components.model.where import Where
from components.settings import quotas
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Warns of everything of which an account starts with less."""
    _vpcs(stack)
    _certificates(stack)
    _dashboard(stack)
    if API_GATEWAY in stack.kinds:
        _api_gateway(stack)
    if ALB in stack.kinds:
        redirects = len(alb_rules.PLAIN_RULES) if stack.domains[ALB.name] else 0
        own = alb_rules.count(stack.table) + redirects
        rules = own + len(stack.routed) + alias_rules.count(stack.services.values())
        # A target group that takes the place of another is attached by a rule of its own, which stays.
        groups = sum(len(service.manifest.http.rules) for service in stack.services.values() if service.manifest.http)
        found = (
            f"{len(stack.table.routes)} routes, which with the services' own need {rules} load balancer rules, and "
            f"{groups} more after every service's health check has changed"
        )
        _warn(stack, "rules", rules + groups, stack.config.get("routes").where, found)
    existing = stack.facade_settings.alb.listener
    if existing and LISTENER in stack.kinds:
        rules = listener.rules(existing, stack)
        found = f"{len(stack.table.routes)} routes, which with all others need {rules} load balancer rules"
        _warn(stack, "rules", rules, stack.config.get("routes").where, found)


def _warn(stack: Stack, name: str, count: int, where: Where, found: str) -> None:
    """Says what was found if it is more than the quota of this name."""
    if count > getattr(stack.quotas, name):
        stack.problems.warn(where, found, quotas.remedy(stack.quotas, name))


def _vpcs(stack: Stack) -> None:
    """The default VPC counts; and a change of facade may need environments of its own beside the old ones: one that
    all services share where each has its own now."""
    made = sum(1 for environment in stack.environments if environment.vpc is None)
    if made:
        found = (
            f"{made} networks are created; with the default VPC, and one more while a facade changes, {made + 2} VPCs"
        )
        _warn(stack, "vpcs", made + 2, stack.config.get("environments").where, found)


def _certificates(stack: Stack) -> None:
    """A listener's default certificate doesn't count."""
    for environment in stack.environments:
        here = (service for service in stack.services.values() if service.environment == environment.name)
        made = sum(1 for host in alias_rules.host_names(here) if host.hosted_zone is not None)
        count = len(environment.certificates) or made
        if environment.name in stack.fronted:
            listed = set(environment.certificates)
            own = [domain for domain in stack.domains.get(ALB.name, ()) if domain.certificate_arn or domain.hosted_zone]
            count += len({domain.certificate_arn or domain.name for domain in own} - listed)
        given = environment.where("http.public.certificates")
        where = given if environment.certificates else environment.called
        _warn(stack, "certificates", count - 1, where, f"{count} certificates on one load balancer")


def _dashboard(stack: Stack) -> None:
    """No account has more: an error."""
    groups = max((len(load_balancers.schemes(stack.kinds, found.scheme)) for found in stack.environments), default=1)
    by_group = any(Endpoint.TARGET_GROUP in kind.endpoints for kind in stack.kinds)
    grouped = (Endpoint.TARGET_GROUP, Endpoint.LAMBDA)
    others = [other for other in stack.external.values() if other.endpoint in grouped] if by_group else []
    services = len(stack.routed) + len(others)
    found = dashboard.mistake(services, len(stack.kinds), groups) if stack.dashboard else None
    if found:
        stack.config.get("dashboard").fail("remove it, and create your own dashboards", found)


def _api_gateway(stack: Stack) -> None:
    at, routes = stack.config, http_api_routes.count(stack.table)
    found = f"{len(stack.table.routes)} routes, which take {routes} of the API"
    _warn(stack, "routes", routes, at.get("routes").where, found)
    here: dict[str, list[str]] = {}
    for name, service in stack.routed.items():
        here.setdefault(service.environment, []).append(name)
    # Which of these are in one network is known to AWS only.
    away = {
        Listener(other.address).load_balancer_arn
        for other in stack.external.values()
        if other.endpoint is Endpoint.LISTENER
    }
    beside = f", and {len(away)} load balancers elsewhere" if away else ""
    found = f"services in {len(here)} environments{beside}, each of which needs a VPC link"
    _warn(stack, "vpcLinks", len(here) + len(away), at.get("services").where, found)
    own = ports.own_ports({name: service.environment for name, service in stack.routed.items()}, stack.kinds)
    for environment, names in sorted(here.items()):
        listeners = 1 + sum(1 for name in names if name in own)
        found = f"{len(names)} services share the environment {environment}, which needs {listeners} listeners"
        _warn(stack, "listeners", listeners, at.get("services").where, found)
