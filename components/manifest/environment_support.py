"""Every field of Copilot's environment manifest, and what each platform makes of it. Pure.

The states are those of `components.manifest.support`. Source: Copilot's manifest reference for environments, and its
parser at v1.34.
"""

from components.manifest.support import EACH, SELF, Field, Fields, State

TYPE = "Environment"

_BUILT = Field(State.BUILT, State.BUILT)
_AWS = Field(State.KEPT, State.BUILT, "an environment on this machine is a Docker network")

_CDN = Field(
    State.KEPT, State.REFUSED, "the facade is the one public URL: take it out, and put CloudFront before it by yourself"
)
_PRIVATE = Field(
    State.KEPT,
    State.LEFT_OUT,
    "an internal load balancer answers plain HTTP within its network: take it out if that will do",
)
_ALWAYS = Field(State.KEPT, State.KEPT, "an internal load balancer takes what comes from its network, as it is")

_SUBNETS: Fields = {EACH: {"id": _AWS, "cidr": _AWS, "az": _AWS}}
_RULES: Fields = {EACH: {"ip_protocol": _AWS, "ports": _AWS, "cidr": _AWS}}
_CALLERS: Fields = {"cdn": _CDN, "source_ips": _AWS}

ENVIRONMENT_FIELDS: Fields = {
    "name": _BUILT,
    "type": _BUILT,
    "network": {
        "vpc": {
            "id": _AWS,
            "cidr": _AWS,
            "subnets": {"public": _SUBNETS, "private": _SUBNETS},
            "security_group": {"ingress": _RULES, "egress": _RULES},
            "flow_logs": {SELF: _AWS, "retention": _AWS},
        }
    },
    "cdn": {
        SELF: _CDN,
        "certificate": _CDN,
        "terminate_tls": _CDN,
        "static_assets": {"location": _CDN, "alias": _CDN, "path": _CDN},
    },
    "http": {
        "public": {
            "certificates": _AWS,
            "ssl_policy": _AWS,
            "access_logs": {SELF: _AWS, "bucket_name": _AWS, "prefix": _AWS},
            "ingress": _CALLERS,
            "security_groups": {"ingress": {"restrict_to": _CALLERS}},
        },
        "private": {
            "subnets": _AWS,
            "certificates": _PRIVATE,
            "ssl_policy": _PRIVATE,
            "ingress": {"vpc": _ALWAYS},
            "security_groups": {"ingress": {"from_vpc": _ALWAYS}},
        },
    },
    "observability": {"container_insights": _AWS},
}
