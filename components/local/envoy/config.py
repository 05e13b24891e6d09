"""What Envoy is told: clusters, and a route configuration that means what the route table means. Pure.

Names and fields are those of Envoy's v3 API (envoyproxy.io, 1.40).
"""

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

from components.local.envoy.state import Target, Upstream
from components.model.names import short_hash
from components.model.routes import MAX_PATH, Distribution, Route

Json = dict[str, object]

NOBODY = "nobody"
"""The cluster without hosts that answers 503 for what belongs to no service. It is in Envoy's bootstrap."""

ROUTES = "routes"
"""The name of the route configuration, as the bootstrap asks for it."""

_TYPE = "type.googleapis.com/envoy"
_OTHER = "(other)"
_BELOW = "x" * (MAX_PATH + 1)
"""A segment that no route has."""


def clusters(upstreams: Iterable[Upstream]) -> list[Json]:
    """A cluster for each upstream."""
    return [_cluster(each) for each in upstreams]


def discovery(resources: list[Json]) -> bytes:
    """A file as Envoy reads it from disk. Its version is a hash of the content, so that one can tell what is in use."""
    return json.dumps({"version_info": version(resources), "resources": resources}, indent=1).encode()


def version(resources: list[Json]) -> str:
    """The version of a file with these resources."""
    return short_hash(json.dumps(resources, sort_keys=True), 16)


def _cluster(upstream: Upstream) -> Json:
    check = upstream.check
    return {
        "@type": f"{_TYPE}.config.cluster.v3.Cluster",
        "name": upstream.cluster,
        "connect_timeout": "1s",
        # The engine's own name server knows the containers; a container that starts again may have another address.
        "cluster_type": {
            "name": "envoy.clusters.dns",
            "typed_config": {
                "@type": f"{_TYPE}.extensions.clusters.dns.v3.DnsCluster",
                "dns_lookup_family": "V4_ONLY",
                "dns_refresh_rate": "1s",
                "dns_failure_refresh_rate": {"base_interval": "0.2s", "max_interval": "1s"},
                "respect_dns_ttl": False,
            },
        },
        "load_assignment": {
            "cluster_name": upstream.cluster,
            "endpoints": [
                {"lb_endpoints": [_endpoint(container, upstream) for container in upstream.containers]},
            ]
            if upstream.containers
            else [],
        },
        # Without this, Envoy sends to hosts that it knows to be dead once most of them are.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {
            "thresholds": [
                {"max_connections": 10000, "max_pending_requests": 10000, "max_requests": 10000, "max_retries": 1000}
            ]
        },
        # Shorter than the services' own, so that a connection is never closed under a request.
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions",
                "common_http_protocol_options": {"idle_timeout": "4s"},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
        "health_checks": [
            {
                "timeout": f"{check.timeout}s",
                "interval": f"{check.interval}s",
                "unhealthy_threshold": check.unhealthy_threshold,
                "healthy_threshold": check.healthy_threshold,
                # A container that has just started is asked often, one that answers as seldom as the manifest says.
                "no_traffic_interval": "0.2s",
                "no_traffic_healthy_interval": f"{check.interval}s",
                "unhealthy_interval": "0.2s",
                "http_health_check": {"path": check.path, "expected_statuses": _statuses(check.success_codes)},
            }
        ],
    }


def _endpoint(container: str, upstream: Upstream) -> Json:
    endpoint: Json = {"address": {"socket_address": {"address": container, "port_value": upstream.port}}}
    if upstream.check.port and upstream.check.port != upstream.port:
        endpoint["health_check_config"] = {"port_value": upstream.check.port}
    return {"endpoint": {**endpoint, "hostname": container}}


def _statuses(codes: str) -> list[Json]:
    spans = [part.partition("-") for part in codes.split(",")]
    return [{"start": int(first), "end": int(last or first) + 1} for first, _, last in spans]


def route_configuration(target: Target) -> Json:
    """The route configuration, in the order in which the routes are matched. Envoy takes the first route that matches,
    so each carries the whole distribution of the requests that it takes."""
    table = target.table
    names: dict[str | None, str] = {service: each.cluster for service, each in target.upstreams.items()}
    entries: list[Json] = []
    for path in dict.fromkeys(route.path for route in table.routes):
        methods = sorted({method for route in table.routes for method in route.methods if _reaches(route, path)})
        exact = {method: table.resolve(method, path) for method in (*methods, _OTHER)}
        below = {method: table.resolve(method, f"{path}/{_BELOW}") for method in (*methods, _OTHER)}
        if exact != below:
            entries += _entries({"path": path}, exact, names)
            entries += _entries({"path": f"{path}/"}, exact, names)
        entries += _entries({"path_separated_prefix": path}, below, names)
    entries += _entries({"prefix": "/"}, {_OTHER: table.resolve(_OTHER, "/")}, names)
    return {
        "@type": f"{_TYPE}.config.route.v3.RouteConfiguration",
        "name": ROUTES,
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": entries}],
        # What is not in use yet or any more is a matter of order, which the cut-over keeps.
        "validate_clusters": False,
    }


def _reaches(route: Route, path: str) -> bool:
    return path == route.path or path.startswith(f"{route.path}/")


def _entries(match: Json, by_method: Mapping[str, Distribution], names: Mapping[str | None, str]) -> list[Json]:
    """Entries for one path: a first one for the methods whose distribution differs from that of the others."""
    rest = by_method[_OTHER]
    special: dict[str, list[str]] = {}
    shares: dict[str, Distribution] = {}
    for method, distribution in by_method.items():
        if distribution != rest:
            key = repr(sorted(distribution.items(), key=repr))
            special.setdefault(key, []).append(method)
            shares[key] = distribution
    listed: list[Json] = [
        {
            "match": {
                **match,
                "headers": [{"name": ":method", "string_match": {"safe_regex": {"regex": "|".join(methods)}}}],
            },
            "route": _action(shares[key], names),
        }
        for key, methods in special.items()
    ]
    return [*listed, {"match": match, "route": _action(rest, names)}]


def _action(distribution: Distribution, names: Mapping[str | None, str]) -> Json:
    return {
        **_destination(distribution, names),
        "timeout": "0s",
        # Only requests that no service has seen are sent again.
        "retry_policy": {
            "retry_on": "connect-failure,refused-stream,reset-before-request",
            "num_retries": 4,
            "retry_host_predicate": [
                {
                    "name": "envoy.retry_host_predicates.previous_hosts",
                    "typed_config": {
                        "@type": f"{_TYPE}.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                    },
                }
            ],
            "host_selection_retry_max_attempts": 5,
        },
    }


def _destination(distribution: Distribution, names: Mapping[str | None, str]) -> Json:
    if len(distribution) == 1:
        return {"cluster": names.get(next(iter(distribution)), NOBODY)}
    total = lcm(*(Fraction(share).denominator for share in distribution.values()))
    total = min(total, 1_000_000_000)
    return {
        "weighted_clusters": {
            "clusters": [
                {"name": names.get(service, NOBODY), "weight": round(share * total)}
                for service, share in sorted(distribution.items(), key=lambda item: str(item[0]))
            ]
        }
    }


def clusters_in_use(target: Target) -> dict[str, Upstream]:
    """The upstreams by the names of their clusters."""
    return {each.cluster: each for each in target.upstreams.values()}
