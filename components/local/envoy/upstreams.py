"""What a cluster of Envoy is made of: where it is, how it is spoken to, and what it is asked. Pure.

Names and fields are those of Envoy's v3 API (envoyproxy.io, 1.40).
"""

from components.local.envoy.state import Remote, Upstream

Json = dict[str, object]

_TYPE = "type.googleapis.com/envoy"

_PUBLIC_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""The file of Envoy's image with the certificates that are known to the public (Debian's package ca-certificates, which
envoyproxy/envoy's Dockerfile installs)."""


def content(upstream: Upstream) -> Json:
    """What a cluster is made of, but for its name."""
    check = upstream.healthcheck
    endpoints: list[Json] = [{"lb_endpoints": [_endpoint(host, upstream) for host in upstream.hosts]}]
    return {
        "connect_timeout": "5s" if upstream.remote else "1s",
        "cluster_type": {
            "name": "envoy.clusters.dns",
            "typed_config": {
                "@type": f"{_TYPE}.extensions.clusters.dns.v3.DnsCluster",
                "dns_lookup_family": "V4_ONLY",
                **(_FAR if upstream.remote else _NEAR),
                "dns_failure_refresh_rate": {"base_interval": "0.2s", "max_interval": "1s"},
            },
        },
        **({"transport_socket": _tls(upstream.remote)} if upstream.remote and upstream.remote.tls else {}),
        "endpoints": endpoints if upstream.hosts else [],
        # Without this, Envoy sends to hosts that it knows to be dead once most of them are.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {
            "thresholds": [
                {"max_connections": 10000, "max_pending_requests": 10000, "max_requests": 10000, "max_retries": 1000}
            ]
        },
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": _protocol()},
        "health_checks": [
            {
                "timeout": f"{check.timeout}s",
                "interval": f"{check.interval}s",
                "unhealthy_threshold": check.unhealthy_threshold,
                "healthy_threshold": check.healthy_threshold,
                # A container that has just started is asked often, one that answers as seldom as the manifest says.
                "no_traffic_interval": "1s" if upstream.remote else "0.2s",
                "no_traffic_healthy_interval": f"{check.interval}s",
                "unhealthy_interval": "1s" if upstream.remote else "0.2s",
                "http_health_check": {
                    **({"host": upstream.remote.authority} if upstream.remote else {}),
                    "path": check.path,
                    "expected_statuses": _statuses(check.success_codes),
                },
            }
        ],
    }


_NEAR: Json = {"dns_refresh_rate": "1s", "respect_dns_ttl": False}
"""The engine's own name server knows the containers; a container that starts again may have another address."""

_FAR: Json = {"dns_refresh_rate": "5s", "respect_dns_ttl": True}
"""A name of somebody else may have other addresses at each look. Each of them is a host: with all in one endpoint,
Envoy takes it for healthy before it was asked (seen with 1.40)."""


def _tls(remote: Remote) -> Json:
    """The certificate must be one of the host, from an authority that is known (Envoy, `CertificateValidationContext`:
    without a `trusted_ca` none is checked)."""
    named: Json = {"san_type": "DNS", "matcher": {"exact": remote.host}}
    if remote.host.replace(".", "").isdigit():
        named = {"san_type": "IP_ADDRESS", "matcher": {"exact": remote.host}}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{_TYPE}.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            **({"sni": remote.host} if named["san_type"] == "DNS" else {}),
            "common_tls_context": {
                "validation_context": {
                    "trusted_ca": {"inline_string": remote.ca} if remote.ca else {"filename": _PUBLIC_AUTHORITIES},
                    "match_typed_subject_alt_names": [named],
                }
            },
        },
    }


def _protocol() -> Json:
    """How Envoy speaks to containers. 32 KiB of response headers are a load balancer's limit (ELB user guide, quotas),
    and as many headers as go into them; their names keep their case."""
    preserve_case = f"{_TYPE}.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig"
    formatter: Json = {
        "name": "preserve_case",
        "typed_config": {
            "@type": preserve_case,
            "forward_reason_phrase": True,
            "formatter_type_on_envoy_headers": "PROPER_CASE",
        },
    }
    return {
        "@type": f"{_TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions",
        "common_http_protocol_options": {
            # Shorter than the servers' own, which close an idle connection after 2 s (gunicorn), 5 s (Node, uvicorn,
            # Apache) or more: a connection must not be closed under a request.
            "idle_timeout": "1s",
            "max_headers_count": 8192,
            "max_response_headers_kb": 32,
        },
        "explicit_http_config": {
            "http_protocol_options": {"header_key_format": {"stateful_formatter": formatter}},
        },
    }


def _endpoint(host: str, upstream: Upstream) -> Json:
    endpoint: Json = {"address": {"socket_address": {"address": host, "port_value": upstream.port}}}
    if upstream.healthcheck.port and upstream.healthcheck.port != upstream.port:
        endpoint["health_check_config"] = {"port_value": upstream.healthcheck.port}
    return {"endpoint": {**endpoint, "hostname": host}}


def _statuses(codes: str) -> list[Json]:
    spans = [part.partition("-") for part in codes.split(",")]
    return [{"start": int(first), "end": int(last or first) + 1} for first, _, last in spans]
