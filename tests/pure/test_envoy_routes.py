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
from components.model.routes import RouteTable
from tests import strategies

UPSTREAMS = {name: Upstream(name, "n", (name,), 80, HealthCheck(), 60) for name in strategies.SERVICES}
NAMES = {cluster_name(upstream): name for name, upstream in UPSTREAMS.items()}


def matches(match: Mapping[str, Any], method: str, path: str) -> bool:
    """One of the specifiers of a RouteMatch, and all of its headers (Envoy, route_components.proto)."""
    for header in match.get("headers", ()):
        how = header["string_match"]
        if not (how["exact"] == method if "exact" in how else re.fullmatch(how["safe_regex"]["regex"], method)):
            return False
    if "path" in match:
        return path == match["path"]
    if "safe_regex" in match:
        return re.fullmatch(match["safe_regex"]["regex"], path) is not None
    if "prefix" in match:
        return path.startswith(match["prefix"])
    prefix = match["path_separated_prefix"]
    return path == prefix or path.startswith(f"{prefix}/")


def followed(table: RouteTable, method: str, asked: str) -> dict[str | None, Fraction]:
    """Who gets a request: the clusters of the first route that matches, by weight."""
    path = asked.partition("?")[0]
    (host,) = cast("list[dict[str, Any]]", route_configuration(Target(UPSTREAMS, table), 8080)["virtual_hosts"])
    action = next(each["route"] for each in host["routes"] if "route" in each and matches(each["match"], method, path))
    clusters = action["weighted_clusters"]["clusters"] if "cluster" not in action else [{"name": action["cluster"]}]
    total = sum(each.get("weight", 1) for each in clusters)
    return {
        None if each["name"] == NO_SERVICE else NAMES[each["name"]]: Fraction(each.get("weight", 1), total)
        for each in clusters
    }


@given(strategies.route_tables(), strategies.methods, st.data())
def test_the_routes_mean_what_the_table_says(table: RouteTable, method: str, data: st.DataObject) -> None:
    path = data.draw(st.one_of(strategies.paths_at(table), strategies.request_paths()))
    meant, sent = table.resolve(method, path), followed(table, method, path)
    assert set(sent) == set(meant)
    assert all(abs(sent[service] - share) < Fraction(1, 1000) for service, share in meant.items())
