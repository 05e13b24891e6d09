"""What each facade on AWS can't hold, refused before anything is made. Pure.

Sources: Refactor Spaces user guide (routes: a DEFAULT route comes first; path segments of letters, digits and
`. _ : -`; on or off only), API Gateway developer guide (HTTP APIs have no weights between integrations; 300 routes),
ELB user guide (a rule's conditions; target groups only within one VPC; 50 listeners of a load balancer).
"""

from collections.abc import Callable

from components.aws.plan import alb_rules, alias_rules, http_api_routes, load_balancers, refactor_spaces_routes
from components.model.facades import ALB, API_GATEWAY, FACADES, REFACTOR_SPACES, FacadeKind, Reach
from components.settings.stack import Stack

VPC_LINKS = 10
"""VPC links of an account in a region: a quota that AWS raises on request."""

LISTENERS = 50
"""Listeners of a load balancer: the quota that an account starts with."""


def check(stack: Stack) -> None:
    """Notes everything in the settings that one of the facades can't hold."""
    reaches = {kind.reach for kind in stack.kinds}
    if {Reach.LOAD_BALANCER, Reach.TARGET_GROUP} <= reaches:
        remedy = "Refactor Spaces reaches environments, and alb services that share one: go by api-gateway, see docs"
        stack.config.get("facade").fail(f"{remedy}/facades.md", "refactor-spaces beside alb")
    for kind in stack.kinds:
        if kind.reach is Reach.TARGET_GROUP and Reach.LOAD_BALANCER in reaches:
            continue  # told above
        if not kind.weights:
            _check_weights(kind, stack)
        _CHECKS[kind.name](stack)


def _inhabitants(stack: Stack) -> dict[str, list[str]]:
    """The names of the services of each environment that a facade sends requests to."""
    found: dict[str, list[str]] = {}
    for name, service in stack.routed.items():
        found.setdefault(service.environment, []).append(name)
    return found


def _check_weights(kind: FacadeKind, stack: Stack) -> None:
    others = " or ".join(other.name for other in FACADES.values() if other.weights)
    for route in stack.table.routes:
        if 0 < route.weight < 100:
            remedy = f"the facade {kind.name} sends all or nothing: give 0 or 100, or use the facade {others}"
            stack.config.get("routes").get(route.id).fail(remedy, f"the weight {route.weight}")


def _alb(stack: Stack) -> None:
    environments = sorted(_inhabitants(stack))
    if len(environments) > 1:
        remedy = "the facade alb forwards within one network: give all of them one environment"
        stack.config.get("services").fail(remedy, f"the services run in {', '.join(environments)}")
    for name, found, remedy in alb_rules.mistakes(
        stack.table, len(stack.routed) + alias_rules.count(stack.services.values())
    ):
        (stack.config.get("routes") if name is None else stack.config.get("routes").get(name)).fail(remedy, found)


def _api_gateway(stack: Stack) -> None:
    count, room = http_api_routes.count(stack.table), http_api_routes.HTTP_API_ROUTES
    if count > room:
        found = f"{len(stack.table.routes)} routes, which take {count} of the API"
        stack.config.get("routes").fail(
            f"the facade api-gateway has room for {room}: use fewer paths and methods", found
        )
    environments = _inhabitants(stack)
    if len(environments) > VPC_LINKS:
        remedy = f"each takes a VPC link, of which an account has {VPC_LINKS} in a region: have the quota raised first"
        stack.problems.warn(stack.config.get("services").where, f"services in {len(environments)} environments", remedy)
    own = load_balancers.own_ports({name: service.environment for name, service in stack.routed.items()}, stack.kinds)
    for environment, names in sorted(environments.items()):
        listeners = 1 + sum(1 for name in names if name in own)
        if listeners > LISTENERS:
            remedy = f"behind api-gateway a load balancer has room for {LISTENERS}: give some another environment"
            found = f"{len(names)} services share the environment {environment}, which takes {listeners} listeners"
            stack.config.get("services").fail(remedy, found)


def _refactor_spaces(stack: Stack) -> None:
    for environment, names in sorted(_inhabitants(stack).items()):
        if len(names) > 1:
            remedy = "the facade refactor-spaces reaches an environment, not a service in it: give each its own"
            found = f"{', '.join(names)} share the environment {environment}"
            stack.config.get("services").fail(f"{remedy}, or use another facade", found)
    if stack.config.get("default").value == "none":
        remedy = "Refactor Spaces needs a DEFAULT route: keep the monolith as default and set its count to 0"
        stack.config.get("default").fail(remedy, "found none")
    for route, other in refactor_spaces_routes.twice(stack.table):
        found = f"{route.path} is active here and in {other.id} for the same methods"
        remedy = f"Refactor Spaces takes a path once for each method: list the methods of {route.id}"
        stack.config.get("routes").get(route.id).fail(remedy, found)
    for route in stack.table.routes:
        if "~" in route.path:
            remedy = "Refactor Spaces takes no ~ in a path: use another facade"
            stack.config.get("routes").get(route.id).fail(remedy, f"the path {route.path}")


_CHECKS: dict[str, Callable[[Stack], None]] = {
    REFACTOR_SPACES.name: _refactor_spaces,
    API_GATEWAY.name: _api_gateway,
    ALB.name: _alb,
}
