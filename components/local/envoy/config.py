"""Envoy's configuration: clusters, and a route configuration that means what the route table means. Pure.

Names and fields are those of Envoy's v3 API (envoyproxy.io, 1.40).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any, cast

import yaml

from components.local.envoy.state import Target, Upstream
from components.local.envoy.upstreams import Json, content
from components.model.names import short_hash
from components.model.routes import ANY_SEGMENT, MAX_PATH, Distribution, RouteTable, Testers, expression, marks

IMAGE = Path(__file__).parent / "image"
"""What the facade's image is built from."""

LISTENERS = "listeners.yaml"
"""The file with the public listener, in the image's folder and in the container's."""

NO_SERVICE = "no-service"
"""A cluster that doesn't exist, for what belongs to no service: Envoy answers 503 with the listener's text for it."""

ROUTES = "routes"
"""The name of the route configuration, as the bootstrap asks for it."""

_TYPE = "type.googleapis.com/envoy"
_OTHER = "(other)"
_TRACE: Json = {
    "match": {"prefix": "/", "headers": [{"name": ":method", "string_match": {"exact": "TRACE"}}]},
    "direct_response": {"status": 405},
}
"""As a load balancer answers TRACE (ELB user guide, troubleshooting: HTTP 405)."""

_UNKNOWN = "x" * (MAX_PATH + 1)
"""A segment that no route has."""

_Cases = tuple[tuple[Testers | None, Distribution], ...]
"""Who gets requests of one kind, by the mark that they carry: the first one counts, and the last is for all others."""


@dataclass(frozen=True)
class _Destination:
    """Where a service's requests go."""

    cluster: str
    """The name of its cluster."""
    rewriting: Json = field(default_factory=dict[str, object])
    """What becomes of the Host header on the way. Default: it stays."""


_Destinations = dict[str | None, _Destination]
"""By service."""

_NOWHERE = _Destination(NO_SERVICE)


def clusters(upstreams: Iterable[Upstream]) -> list[Json]:
    """A cluster for each upstream."""
    return [_cluster(upstream) for upstream in upstreams]


def name_of(cluster: Json) -> str:
    """The name of a cluster."""
    return str(cluster["name"])


def containers(cluster: Json) -> frozenset[str]:
    """The containers of a cluster, or the host of what runs elsewhere."""
    assignment = cast("dict[str, list[dict[str, list[dict[str, Any]]]]]", cluster["load_assignment"])
    groups = assignment.get("endpoints", [])
    return frozenset(endpoint["endpoint"]["hostname"] for group in groups for endpoint in group["lb_endpoints"])


def listeners() -> list[Json]:
    """The public listener, as the image has it."""
    return resources_of(IMAGE.joinpath(LISTENERS).read_bytes())


def marked(listeners: list[Json]) -> list[Json]:
    """Listeners that say which they are. Where nothing but filter chains differs, Envoy updates a listener in place and
    goes on to tell the version with which it came (seen with 1.40): nothing tells then which one is in use."""
    own: Json = {"filter_metadata": {"strangler": {"version": version(listeners)}}}
    return [{**listener, "metadata": own} for listener in listeners]


def resources_of(content: bytes) -> list[Json]:
    """The resources in a file as Envoy reads it from disk: JSON that was written here, or the image's own YAML."""
    data = json.loads(content) if content.startswith(b"{") else yaml.safe_load(content)
    return cast("list[Json]", data["resources"])


def discovery(resources: list[Json]) -> bytes:
    """A file as Envoy reads it from disk. Its version is a hash of the content, so that one can tell what is in use."""
    return json.dumps({"version_info": version(resources), "resources": resources}, indent=1).encode()


def version(resources: list[Json]) -> str:
    """The version of a file with these resources."""
    return short_hash(json.dumps(resources, sort_keys=True), 16)


def _cluster(upstream: Upstream) -> Json:
    made = content(upstream)
    name = _name(upstream, made)
    assignment: Json = {"cluster_name": name, "endpoints": made["endpoints"]}
    rest = {key: value for key, value in made.items() if key != "endpoints"}
    return {"@type": f"{_TYPE}.config.cluster.v3.Cluster", "name": name, **rest, "load_assignment": assignment}


def cluster_name(upstream: Upstream) -> str:
    """The name of an upstream's cluster, which carries all of its content: another content is another cluster beside
    the old one, since Envoy breaks requests in hand when it changes a cluster in place."""
    return _name(upstream, content(upstream))


def _name(upstream: Upstream, made: Json) -> str:
    identity = {"content": made, "network": upstream.network, "drain": upstream.drain}
    return f"{upstream.service}-{short_hash(json.dumps(identity, sort_keys=True))}"


def route_configuration(target: Target, port: int) -> Json:
    """The route configuration, in the order in which the routes are matched. Envoy takes the first route that matches,
    so each carries the whole distribution of the requests that it takes. port: of the public URL, which services find
    in X-Forwarded-Port."""
    table = target.table
    names: _Destinations = {service: _destination_of(upstream) for service, upstream in target.upstreams.items()}
    entries: list[Json] = [_TRACE]
    for path in table.paths:
        covering = [route for route in table.routes if route.covers(path, below=False)]
        methods = sorted({method for route in covering for method in route.methods})
        asked = path.replace(ANY_SEGMENT, _UNKNOWN)
        exact = {method: _cases(table, method, asked) for method in (*methods, _OTHER)}
        # What a parameter takes there has entries of its own, before these: an empty segment is what it doesn't take.
        below = {method: _cases(table, method, f"{asked}//") for method in (*methods, _OTHER)}
        if exact != below:
            for match in _at(path):
                entries += _entries(match, exact, names)
        entries += _entries(_at_and_below(path), below, names)
    entries += _entries({"prefix": "/"}, {_OTHER: _cases(table, _OTHER, "/")}, names)
    return {
        "@type": f"{_TYPE}.config.route.v3.RouteConfiguration",
        "name": ROUTES,
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": entries}],
        "request_headers_to_add": [
            {"header": {"key": "X-Forwarded-Port", "value": str(port)}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
        # Envoy's own, of which a load balancer's requests have none.
        "request_headers_to_remove": ["x-envoy-external-address", "x-envoy-internal"],
        # What is not in use yet or any more is a matter of order, which the cut-over keeps.
        "validate_clusters": False,
    }


def _at(path: str) -> list[Json]:
    if ANY_SEGMENT in path:
        return [_regex(f"{expression(path)}/?")]
    return [{"path": path}, {"path": f"{path}/"}]


def _at_and_below(path: str) -> Json:
    return _regex(f"{expression(path)}(/.*)?") if ANY_SEGMENT in path else {"path_separated_prefix": path}


def _regex(text: str) -> Json:
    """Compared with the whole path, without the query (RouteMatch, safe_regex)."""
    return {"safe_regex": {"regex": text}}


def _cases(table: RouteTable, method: str, path: str) -> _Cases:
    taking = [route for route in table.routes if route.takes(method, path)]
    return tuple((mark, table.distribution(taking, mark)) for mark in (*marks(taking), None))


def _entries(match: Json, by_method: Mapping[str, _Cases], names: _Destinations) -> list[Json]:
    """Entries for one path: first ones for the methods whose requests others get than those of the other methods."""
    rest = by_method[_OTHER]
    special: dict[str, list[str]] = {}
    known: dict[str, _Cases] = {}
    for method, cases in by_method.items():
        if cases != rest:
            key = repr([(mark, sorted(shares.items(), key=repr)) for mark, shares in cases])
            special.setdefault(key, []).append(method)
            known[key] = cases
    entries: list[Json] = []
    for key, methods in special.items():
        listed: Json = {"name": ":method", "string_match": {"safe_regex": {"regex": "|".join(methods)}}}
        entries += [_entry(match, [listed], case, names) for case in known[key]]
    return [*entries, *(_entry(match, [], case, names) for case in rest)]


def _entry(match: Json, headers: list[Json], case: tuple[Testers | None, Distribution], names: _Destinations) -> Json:
    mark, shares = case
    wanted = [*headers, _carries(mark)] if mark else headers
    return {"match": {**match, "headers": wanted} if wanted else match, "route": _action(shares, names)}


def _carries(mark: Testers) -> Json:
    """Envoy compares an expression with all of the header (HeaderMatcher, safe_regex), and has a client's cookies in
    one header (HTTP/2 may send several: RFC 9113, 8.2.3)."""
    if mark.cookie:
        return {"name": "cookie", "string_match": {"safe_regex": {"regex": mark.expression}}}
    return {"name": mark.name.lower(), "string_match": {"exact": mark.value, "ignore_case": True}}


def _action(distribution: Distribution, names: _Destinations) -> Json:
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


def _destination_of(upstream: Upstream) -> _Destination:
    remote = upstream.remote
    rewritten: Json = {"host_rewrite_literal": remote.authority} if remote and not remote.keeps_host else {}
    return _Destination(cluster_name(upstream), rewritten)


def _destination(distribution: Distribution, names: _Destinations) -> Json:
    if len(distribution) == 1:
        only = names.get(next(iter(distribution)), _NOWHERE)
        return {"cluster": only.cluster, **only.rewriting}
    total = lcm(*(Fraction(share).denominator for share in distribution.values()))
    total = min(total, 1_000_000_000)
    return {
        "weighted_clusters": {
            "clusters": [
                {"name": found.cluster, "weight": round(share * total), **found.rewriting}
                for service, share in sorted(distribution.items(), key=lambda item: str(item[0]))
                for found in (names.get(service, _NOWHERE),)
            ]
        }
    }


def clusters_in_use(target: Target) -> dict[str, Upstream]:
    """The upstreams that must answer, by the names of their clusters."""
    return {cluster_name(upstream): upstream for upstream in target.asked.values()}
