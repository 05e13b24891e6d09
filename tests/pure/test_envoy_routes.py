"""Envoy's route configuration: followed as Envoy follows it, it gives what the route table says."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from components.local.envoy.config import NO_SERVICE, cluster_name, route_configuration
from components.local.envoy.state import Target, Upstream
from components.manifest.http import HealthCheck
from components.model.routes import Route, RouteTable
from tests import strategies

UPSTREAMS = {name: Upstream(name, "n", (name,), 80, HealthCheck(), 60) for name in strategies.SERVICES}
NAMES = {cluster_name(upstream): name for name, upstream in UPSTREAMS.items()}


def matches(match: Mapping[str, Any], method: str, path: str, headers: Mapping[str, str]) -> bool:
    """One of the specifiers of a RouteMatch, and all of its headers (Envoy, route_components.proto), whose names are
    in lower case there."""
    sent = {":method": method, **{name.lower(): value for name, value in headers.items()}}
    for header in match.get("headers", ()):
        how, value = header["string_match"], sent.get(header["name"])
        if value is None or not (
            compared(how["exact"], value, any_case=how.get("ignore_case", False))
            if "exact" in how
            else re.fullmatch(how["safe_regex"]["regex"], value)
        ):
            return False
    if "path" in match:
        return path == match["path"]
    if "safe_regex" in match:
        return re.fullmatch(match["safe_regex"]["regex"], path) is not None
    if "prefix" in match:
        return path.startswith(match["prefix"])
    prefix = match["path_separated_prefix"]
    return path == prefix or path.startswith(f"{prefix}/")


def compared(wanted: str, sent: str, *, any_case: bool) -> bool:
    return wanted.lower() == sent.lower() if any_case else wanted == sent


def followed(table: RouteTable, method: str, asked: str, headers: Mapping[str, str]) -> dict[str | None, Fraction]:
    """Who gets a request: the clusters of the first route that matches, by weight."""
    path = asked.partition("?")[0]
    (host,) = cast("list[dict[str, Any]]", route_configuration(Target(UPSTREAMS, table), 8080)["virtual_hosts"])
    matching = (route for route in host["routes"] if matches(route["match"], method, path, headers))
    action = next(route["route"] for route in matching if "route" in route)
    clusters = action["weighted_clusters"]["clusters"] if "cluster" not in action else [{"name": action["cluster"]}]
    total = sum(cluster.get("weight", 1) for cluster in clusters)
    return {
        None if cluster["name"] == NO_SERVICE else NAMES[cluster["name"]]: Fraction(cluster.get("weight", 1), total)
        for cluster in clusters
    }


@given(strategies.route_tables(), strategies.methods, st.data())
def test_the_routes_mean_what_the_table_says(table: RouteTable, method: str, data: st.DataObject) -> None:
    path = data.draw(st.one_of(strategies.paths_at(table), strategies.request_paths()))
    headers = data.draw(strategies.headers)
    meant, sent = table.resolve(method, path, headers), followed(table, method, path, headers)
    assert set(sent) == set(meant)
    assert all(abs(sent[service] - share) < Fraction(1, 1000) for service, share in meant.items())


def test_an_empty_segment_in_the_place_of_a_parameter_is_not_the_routes() -> None:
    """Below a route without children nothing else takes it."""
    users, one = Route("users", "/users", "users", children=False), Route("one", "/users/{id}", "users", weight=10)
    table = RouteTable.of([users, one], "monolith")
    for path in ("/users//", "/users//x"):
        assert table.resolve("GET", path) == followed(table, "GET", path, {}) == {"monolith": Fraction(1)}
    assert followed(table, "GET", "/users/7", {}) == {"users": Fraction(1, 10), "monolith": Fraction(9, 10)}
    below = RouteTable.of([Route("users", "/users", "users", weight=100), one], "monolith")
    assert followed(below, "GET", "/users//x", {}) == {"users": Fraction(1)}
