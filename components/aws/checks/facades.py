"""What each facade on AWS can't hold, refused before anything is made. Pure.

Sources: Refactor Spaces user guide (routes: a DEFAULT route comes first; path segments of letters, digits and
`. _ : -`; on or off only), API Gateway developer guide (HTTP APIs have no weights between integrations; 300 routes),
ELB user guide (a rule's conditions; target groups only within one VPC; 50 listeners of a load balancer).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from components.aws.plan import alb_rules, http_api_routes, load_balancers, refactor_spaces_routes
from components.input.value import Cursor
from components.model.routes import RouteTable

VPC_LINKS = 10
"""VPC links of an account in a region: a quota that AWS raises on request."""

LISTENERS = 50
"""Listeners of a load balancer: the quota that an account starts with."""


class _Placed(Protocol):
    @property
    def environment(self) -> str: ...


@dataclass(frozen=True)
class _Asked:
    """What the facades are to hold. services: those that take requests. top: the config, which names the places."""

    facades: Sequence[str]
    services: Mapping[str, _Placed]
    table: RouteTable
    top: Cursor

    @property
    def routes(self) -> Cursor:
        return self.top.at("routes")

    def inhabitants(self) -> dict[str, list[str]]:
        """The services of each environment."""
        found: dict[str, list[str]] = {}
        for name, service in self.services.items():
            found.setdefault(service.environment, []).append(name)
        return found


def check(
    facades: Sequence[str], services: Mapping[str, _Placed], table: RouteTable, top: Cursor, own_rules: int = 0
) -> None:
    """Notes everything in the settings that one of the facades can't hold. services: those that take requests from it.
    `top` is the config, which names the places. own_rules: of the services on their load balancers, by host name
    (default none)."""
    asked = _Asked(facades, services, table, top)
    if {"refactor-spaces", "alb"} <= {*facades}:
        remedy = "Refactor Spaces reaches environments, and alb services that share one: go by api-gateway, see docs"
        top.at("facade").fail(f"{remedy}/facades.md", "refactor-spaces beside alb")
    for facade in [each for each in facades if each != "alb" or "refactor-spaces" not in facades]:
        if facade == "alb":
            _alb(asked, own_rules)
        else:
            _all_or_nothing(facade, asked)
        if facade == "api-gateway":
            _api_gateway(asked)
        if facade == "refactor-spaces":
            _refactor_spaces(asked)


def _all_or_nothing(facade: str, asked: _Asked) -> None:
    for route in asked.table.routes:
        if 0 < route.weight < 100:
            remedy = f"the facade {facade} sends all or nothing: give 0 or 100, or use the facade alb"
            asked.routes.at(route.id).fail(remedy, f"the weight {route.weight}")


def _alb(asked: _Asked, own_rules: int) -> None:
    environments = sorted(asked.inhabitants())
    if len(environments) > 1:
        remedy = "the facade alb forwards within one network: give all of them one environment"
        asked.top.at("services").fail(remedy, f"the services run in {', '.join(environments)}")
    for name, found, remedy in alb_rules.mistakes(asked.table, len(asked.services) + own_rules):
        (asked.routes if name is None else asked.routes.at(name)).fail(remedy, found)


def _api_gateway(asked: _Asked) -> None:
    count, room = http_api_routes.count(asked.table), http_api_routes.HTTP_API_ROUTES
    if count > room:
        found = f"{len(asked.table.routes)} routes, which take {count} of the API"
        asked.routes.fail(f"the facade api-gateway has room for {room}: use fewer paths and methods", found)
    environments = asked.inhabitants()
    if len(environments) > VPC_LINKS:
        remedy = f"each takes a VPC link, of which an account has {VPC_LINKS} in a region: have the quota raised first"
        asked.top.problems.warn(asked.top.at("services").where, f"services in {len(environments)} environments", remedy)
    own = load_balancers.own_ports({name: each.environment for name, each in asked.services.items()}, asked.facades)
    for environment, names in sorted(environments.items()):
        listeners = 1 + sum(1 for name in names if name in own)
        if listeners > LISTENERS:
            remedy = f"behind api-gateway a load balancer has room for {LISTENERS}: give some another environment"
            found = f"{len(names)} services share the environment {environment}, which takes {listeners} listeners"
            asked.top.at("services").fail(remedy, found)


def _refactor_spaces(asked: _Asked) -> None:
    for environment, names in sorted(asked.inhabitants().items()):
        if len(names) > 1:
            remedy = "the facade refactor-spaces reaches an environment, not a service in it: give each its own"
            found = f"{', '.join(names)} share the environment {environment}"
            asked.top.at("services").fail(f"{remedy}, or use another facade", found)
    if asked.top.at("default").value == "none":
        remedy = "Refactor Spaces needs a DEFAULT route: keep the monolith as default and set its count to 0"
        asked.top.at("default").fail(remedy, "found none")
    for route, other in refactor_spaces_routes.twice(asked.table):
        found = f"{route.path} is active here and in {other.id} for the same methods"
        remedy = f"Refactor Spaces takes a path once for each method: list the methods of {route.id}"
        asked.routes.at(route.id).fail(remedy, found)
    for route in asked.table.routes:
        if "~" in route.path:
            remedy = "Refactor Spaces takes no ~ in a path: use another facade"
            asked.routes.at(route.id).fail(remedy, f"the path {route.path}")
