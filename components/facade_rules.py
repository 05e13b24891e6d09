"""What each facade on AWS can't hold, refused before anything is made. Pure.

Sources: Refactor Spaces user guide (routes: a DEFAULT route comes first; path segments of letters, digits and
`. _ : -`; on or off only), API Gateway developer guide (HTTP APIs have no weights between integrations; 300 routes),
ELB user guide (a rule's conditions; target groups only within one VPC; 50 listeners of a load balancer).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from components.aws import fronts
from components.aws.facades import alb_rules, http_api_routes
from components.cursor import Cursor
from components.routes import RouteTable

LISTENERS = 50
"""Listeners of a load balancer: the quota that an account starts with."""


class _Placed(Protocol):
    @property
    def environment(self) -> str: ...


def check(facades: Sequence[str], services: Mapping[str, _Placed], table: RouteTable, top: Cursor) -> None:
    """Notes everything in the settings that one of the facades can't hold. `top` is the config, which names the
    places."""
    checks = {"alb": _alb, "api-gateway": _api_gateway, "refactor-spaces": _refactor_spaces}
    if "alb" in facades:
        _one_environment(facades, services, top)
    for facade in facades:
        if facade != "alb":
            _all_or_nothing(facade, table, top)
        checks[facade](services, table, top)
    _listeners(facades, services, top)


def _one_environment(facades: Sequence[str], services: Mapping[str, _Placed], top: Cursor) -> None:
    environments = sorted({each.environment for each in services.values()})
    if len(environments) == 1:
        return
    remedy = "the facade alb forwards within one network: give all of them one environment"
    if "refactor-spaces" in facades:
        remedy += "; that gives refactor-spaces another URL, if it is up with others: then go by api-gateway"
    top.at("services").fail(remedy, f"the services run in {', '.join(environments)}")


def _all_or_nothing(facade: str, table: RouteTable, top: Cursor) -> None:
    for route in table.routes:
        if 0 < route.weight < 100:
            remedy = f"the facade {facade} sends all or nothing: give 0 or 100, or use the facade alb"
            top.at("routes").at(route.id).fail(remedy, f"the weight {route.weight}")


def _alb(services: Mapping[str, _Placed], table: RouteTable, top: Cursor) -> None:
    routes = top.at("routes")
    for name, found, remedy in alb_rules.mistakes(table, len(services)):
        (routes if name is None else routes.at(name)).fail(remedy, found)


def _api_gateway(_: Mapping[str, _Placed], table: RouteTable, top: Cursor) -> None:
    count = http_api_routes.count(table)
    if count > http_api_routes.HTTP_API_ROUTES:
        found = f"{len(table.routes)} routes, which take {count} of the API"
        remedy = f"the facade api-gateway has room for {http_api_routes.HTTP_API_ROUTES}: use fewer paths and methods"
        top.at("routes").fail(remedy, found)


def _refactor_spaces(_: Mapping[str, _Placed], table: RouteTable, top: Cursor) -> None:
    if top.at("default").value == "none":
        remedy = "Refactor Spaces needs a DEFAULT route: keep the monolith as default and set its count to 0"
        top.at("default").fail(remedy, "found none")
    for route in table.routes:
        if "~" in route.path:
            remedy = "Refactor Spaces takes no ~ in a path: use another facade"
            top.at("routes").at(route.id).fail(remedy, f"the path {route.path}")


def _listeners(facades: Sequence[str], services: Mapping[str, _Placed], top: Cursor) -> None:
    """Behind another facade than `alb`, each service of a shared environment has a listener of its own."""
    alone = [each for each in facades if each != "alb"]
    if not alone:
        return
    ports = fronts.ports({name: each.environment for name, each in services.items()}, facades)
    for environment in sorted({each.environment for each in services.values()}):
        inside = [name for name, each in services.items() if each.environment == environment]
        count = 1 + sum(1 for name in inside if ports[name] != 80)
        if count > LISTENERS:
            found = f"{len(inside)} services share the environment {environment}, which takes {count} listeners"
            remedy = (
                f"behind {alone[0]} a load balancer has room for {LISTENERS}: give some an environment of their own"
            )
            top.at("services").fail(remedy, found)
