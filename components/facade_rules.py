"""What each facade on AWS can't hold, refused before anything is made. Pure.

Sources: Refactor Spaces user guide (routes: a DEFAULT route comes first; path segments of letters, digits and
`. _ : -`; on or off only), API Gateway developer guide (HTTP APIs have no weights between integrations), ELB user guide
(a rule's conditions; target groups only within one VPC).
"""

from collections.abc import Mapping
from typing import Protocol

from components.cursor import Cursor
from components.routes import RouteTable

ALB_RULES = 100
"""Rules of a load balancer, without its default ones: the quota that an account starts with."""


class _Placed(Protocol):
    @property
    def environment(self) -> str: ...


def check(facade: str, services: Mapping[str, _Placed], table: RouteTable, top: Cursor) -> None:
    """Notes everything in the settings that this facade can't hold. `top` is the config, which names the places."""
    routes = top.at("routes")
    inhabitants: dict[str, list[str]] = {}
    for name, service in services.items():
        inhabitants.setdefault(service.environment, []).append(name)
    if facade == "alb":
        if len(inhabitants) > 1:
            found = f"the services run in {', '.join(sorted(inhabitants))}"
            remedy = "the facade alb forwards within one network: give all of them one environment"
            top.at("services").fail(remedy, found)
        if len(table.routes) > ALB_RULES:
            remedy = f"the facade alb has room for {ALB_RULES}: use another facade"
            routes.fail(remedy, f"{len(table.routes)} routes")
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
    if facade == "refactor-spaces":
        if top.at("default").value == "none":
            remedy = "Refactor Spaces needs a DEFAULT route: keep the monolith as default and set its count to 0"
            top.at("default").fail(remedy, "found none")
        for route in table.routes:
            if "~" in route.path:
                routes.at(route.id).fail(
                    "Refactor Spaces takes no ~ in a path: use another facade", f"the path {route.path}"
                )
