"""What each facade on AWS can't hold, refused before anything is made. Pure.

Sources: Refactor Spaces user guide (routes: a DEFAULT route comes first; path segments of letters, digits and
`. _ : -`; on or off only), API Gateway developer guide (HTTP APIs have no weights between integrations; 300 routes),
ELB user guide (a rule's conditions; target groups only within one VPC).
"""

from collections.abc import Mapping
from typing import Protocol

from components.aws.facades import alb_rules, http_api_routes, refactor_spaces_plan
from components.cursor import Cursor
from components.routes import RouteTable


class _Placed(Protocol):
    @property
    def environment(self) -> str: ...


def check(facade: str, services: Mapping[str, _Placed], table: RouteTable, top: Cursor, own_rules: int = 0) -> None:
    """Notes everything in the settings that this facade can't hold. services: those that take requests from it. `top`
    is the config, which names the places. own_rules: of the services on their load balancers, by host name (default
    none)."""
    routes = top.at("routes")
    inhabitants: dict[str, list[str]] = {}
    for name, service in services.items():
        inhabitants.setdefault(service.environment, []).append(name)
    if facade == "alb":
        if len(inhabitants) > 1:
            found = f"the services run in {', '.join(sorted(inhabitants))}"
            remedy = "the facade alb forwards within one network: give all of them one environment"
            top.at("services").fail(remedy, found)
        for name, found, remedy in alb_rules.mistakes(table, len(services) + own_rules):
            (routes if name is None else routes.at(name)).fail(remedy, found)
    else:
        for environment, names in sorted(inhabitants.items()):
            if len(names) > 1:
                found = f"{', '.join(names)} share the environment {environment}"
                remedy = (
                    f"the facade {facade} reaches an environment, not a service in it: give each its own, or use alb"
                )
                top.at("services").fail(remedy, found)
        for route in table.routes:
            if 0 < route.weight < 100:
                remedy = f"the facade {facade} sends all or nothing: give 0 or 100, or use the facade alb"
                routes.at(route.id).fail(remedy, f"the weight {route.weight}")
    if facade == "api-gateway":
        count = http_api_routes.count(table)
        if count > http_api_routes.HTTP_API_ROUTES:
            found = f"{len(table.routes)} routes, which take {count} of the API"
            remedy = (
                f"the facade api-gateway has room for {http_api_routes.HTTP_API_ROUTES}: use fewer paths and methods"
            )
            routes.fail(remedy, found)
    if facade == "refactor-spaces":
        if top.at("default").value == "none":
            remedy = "Refactor Spaces needs a DEFAULT route: keep the monolith as default and set its count to 0"
            top.at("default").fail(remedy, "found none")
        for route, other in refactor_spaces_plan.twice(table):
            found = f"{route.path} is active here and in {other.id} for the same methods"
            remedy = f"Refactor Spaces takes a path once for each method: list the methods of {route.id}"
            routes.at(route.id).fail(remedy, found)
        for route in table.routes:
            if "~" in route.path:
                routes.at(route.id).fail(
                    "Refactor Spaces takes no ~ in a path: use another facade", f"the path {route.path}"
                )
