"""Every field of Copilot's Load Balanced Web Service manifest, and what each platform makes of it. Pure.

A field is in one of four states on a platform:

- BUILT: it is read and does what Copilot's documentation says.
- KEPT: it is accepted and changes nothing there, for a reason that holds on that platform.
- LEFT_OUT: it is known, is not built, and leaving it out changes behaviour: the user is warned.
- REFUSED: going on without it would be wrong or unsafe: an error.

Source: Copilot's manifest reference for this type, and its parser at v1.34.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Union, cast

TYPE = "Load Balanced Web Service"

OTHER_TYPES = (
    "Backend Service",
    "Worker Service",
    "Scheduled Job",
    "Request-Driven Web Service",
    "Static Site",
    "Environment",
)


class State(Enum):
    """What a platform makes of a field."""

    BUILT = "built"
    KEPT = "kept"
    LEFT_OUT = "left out"
    REFUSED = "refused"


@dataclass(frozen=True)
class Field:
    """A field of the manifest: its state on each platform, and why, or what to do instead, where it isn't built."""

    local: State
    aws: State
    why: str = ""


Fields = Mapping[str, Union[Field, "Fields"]]

ANY = "*"
"""Stands for any key: names of containers, variables, volumes."""

SELF = "="
"""Stands for the short form of a field that can also be a map: a text, a number, a list, true or false."""

EACH = "[]"
"""Stands for each item of a list."""

METRICS = ("cpu_percentage", "memory_percentage", "requests", "response_time")
"""What autoscaling can go by."""

_BUILT = Field(State.BUILT, State.BUILT)
_AWS_ONLY = Field(State.LEFT_OUT, State.BUILT, "there is no such thing on this machine")
_NO_DIFFERENCE = Field(State.KEPT, State.BUILT, "makes no difference on this machine")

_THRESHOLD = Field(State.KEPT, State.BUILT, "told at rollback_alarms")
_NO_TOPICS = "there are no topics on this machine: set COPILOT_SNS_TOPIC_ARNS for this stack if the service needs it"
_TOPIC = Field(State.LEFT_OUT, State.BUILT, _NO_TOPICS)
_EXPORT = "Strangler doesn't read CloudFormation exports: write the value itself"
_ON_THIS_MACHINE = "set variables of these names for this stack, under environments, if the service needs them"
_SECRET = Field(State.LEFT_OUT, State.BUILT, _ON_THIS_MACHINE)

_HTTP_HEALTHCHECK: Fields = {
    SELF: _BUILT,
    "path": _BUILT,
    "port": _BUILT,
    "success_codes": _BUILT,
    "healthy_threshold": _BUILT,
    "unhealthy_threshold": _BUILT,
    "interval": _BUILT,
    "timeout": _BUILT,
    "grace_period": _BUILT,
}
_IMAGE_HEALTHCHECK: Fields = {
    "command": _BUILT,
    "interval": _BUILT,
    "retries": _BUILT,
    "timeout": _BUILT,
    "start_period": _BUILT,
}
_BUILD: Fields = {
    SELF: _BUILT,
    "dockerfile": _BUILT,
    "context": _BUILT,
    "args": {ANY: _BUILT},
    "target": _BUILT,
    "cache_from": _BUILT,
}
_HOST_NAME = Field(State.KEPT, State.BUILT, "host names are not looked at on this machine: everything is at one URL")
_ALIAS: Fields = {SELF: _HOST_NAME, EACH: {SELF: _HOST_NAME, "name": _HOST_NAME, "hosted_zone": _HOST_NAME}}
_VERSION = Field(State.LEFT_OUT, State.BUILT, "what speaks HTTP/2 or gRPC gets no requests on this machine")
_NO_SIDECARS = "sidecars are left out on this machine"
_CONTAINER = Field(State.LEFT_OUT, State.BUILT, f"{_NO_SIDECARS}: the main container answers")
_BALANCER = "Strangler makes the environment's load balancer itself: take it out"
_SOURCES = "a facade sends everybody's requests, so that nobody could be told apart: take it out, or use a WAF"
_RULE: Fields = {
    "path": _BUILT,
    "healthcheck": _HTTP_HEALTHCHECK,
    "deregistration_delay": _BUILT,
    "stickiness": _AWS_ONLY,
    "version": _VERSION,
    "protocolVersion": _VERSION,
    "alias": _ALIAS,
    "hosted_zone": _HOST_NAME,
    "alb": Field(State.KEPT, State.REFUSED, _BALANCER),
    "target_container": _CONTAINER,
    "targetContainer": _CONTAINER,
    "target_port": _BUILT,
    "allowed_source_ips": Field(State.KEPT, State.REFUSED, _SOURCES),
    "redirect_to_https": _HOST_NAME,
}
# A service has one grace period, which is said in its main rule.
_FURTHER_RULE: Fields = _RULE | {
    "healthcheck": {key: field for key, field in _HTTP_HEALTHCHECK.items() if key != "grace_period"}
}
_FURTHER = Field(State.LEFT_OUT, State.BUILT, "one rule for each service on this machine: write a route to a service")


def _as(inner: Field, field: Field) -> Field:
    return Field(field.local, inner.aws, inner.why) if inner.aws is State.REFUSED else field


def _each(fields: Fields, field: Field) -> Fields:
    """The same fields, each as `field` is; what is refused on AWS stays so."""
    return {
        key: _as(inner, field) if isinstance(inner, Field) else _each(inner, field) for key, inner in fields.items()
    }


_NLB_FIELD = Field(State.LEFT_OUT, State.BUILT, "there is no network load balancer on this machine")
_NLB_LISTENER: Fields = {
    "port": _NLB_FIELD,
    "healthcheck": dict.fromkeys(
        ("port", "healthy_threshold", "unhealthy_threshold", "interval", "timeout"), _NLB_FIELD
    ),
    **dict.fromkeys(
        ("target_container", "targetContainer", "target_port", "ssl_policy", "stickiness", "deregistration_delay"),
        _NLB_FIELD,
    ),
}
_NLB: Fields = {
    **_NLB_LISTENER,
    "healthcheck": {**cast("Fields", _NLB_LISTENER["healthcheck"]), "grace_period": _NLB_FIELD},
    "alias": _each(_ALIAS, _NLB_FIELD),
    "additional_listeners": {EACH: _NLB_LISTENER},
}
_GROUP = Field(State.KEPT, State.BUILT, "there are no security groups on this machine")
_GROUP_EXPORT = Field(State.KEPT, State.REFUSED, f"{_EXPORT}, such as sg-0a1b2c3d")
_GROUPS: Fields = {SELF: _GROUP, "from_cfn": _GROUP_EXPORT}
_PLACEMENT = Field(State.KEPT, State.BUILT, "a container is never public on this machine")
_TAGS = Field(State.KEPT, State.REFUSED, "Strangler doesn't look subnets up by their tags: give a list of their ids")

_VARIABLES: Fields = {ANY: {SELF: _BUILT, "from_cfn": Field(State.REFUSED, State.REFUSED, _EXPORT)}}
_SECRETS: Fields = {
    ANY: {
        SELF: _SECRET,
        "secretsmanager": _SECRET,
        "from_cfn": Field(State.LEFT_OUT, State.REFUSED, f"{_EXPORT}, or the secret's name"),
    }
}
_OF_SIDECAR = Field(State.LEFT_OUT, State.BUILT, f"{_NO_SIDECARS}: run what the service needs beside it")
_SIDECAR: Fields = {
    "port": _BUILT,
    "image": {SELF: _BUILT, "build": _BUILD, "location": _BUILT},
    "essential": _BUILT,
    "credentialsParameter": _BUILT,
    "variables": _VARIABLES,
    "env_file": _BUILT,
    "secrets": _SECRETS,
    "labels": {ANY: _BUILT},
    "depends_on": {ANY: _BUILT},
    "mount_points": {EACH: dict.fromkeys(("source_volume", "path", "read_only"), _BUILT)},
    "healthcheck": _IMAGE_HEALTHCHECK,
    "entrypoint": _BUILT,
    "command": _BUILT,
}
_ROUTER: Fields = {
    "image": _BUILT,
    "destination": {ANY: _BUILT},
    "enableMetadata": _BUILT,
    "secretOptions": _SECRETS,
    "configFilePath": _BUILT,
    "variables": _VARIABLES,
    "secrets": _SECRETS,
    "env_file": _BUILT,
}

_FILES = Field(State.LEFT_OUT, State.BUILT, "what is written there goes with its container on this machine")
_VOLUME: Fields = {
    "path": _FILES,
    "read_only": _FILES,
    "efs": {
        SELF: _FILES,
        "id": {SELF: _FILES, "from_cfn": Field(State.LEFT_OUT, State.REFUSED, f"{_EXPORT}, such as fs-0a1b2c3d")},
        **dict.fromkeys(("root_dir", "uid", "gid"), _FILES),
        "auth": dict.fromkeys(("iam", "access_point_id"), _FILES),
    },
}

_TASK = Field(State.LEFT_OUT, State.BUILT, "there is no task definition on this machine")
_EXEC = Field(State.KEPT, State.BUILT, "docker exec works on this machine")


def _metric(field: Field) -> Fields:
    return {SELF: field, "value": field, "cooldown": {"in": field, "out": field}}


FIELDS: Fields = {
    "name": _BUILT,
    "type": _BUILT,
    "image": {
        "build": _BUILD,
        "location": _BUILT,
        "credentials": Field(State.KEPT, State.BUILT, "this machine pulls with its own `docker login`"),
        "labels": {ANY: _BUILT},
        "depends_on": {ANY: Field(State.KEPT, State.BUILT, f"{_NO_SIDECARS}: there is nothing to wait for")},
        "port": _BUILT,
        "healthcheck": _IMAGE_HEALTHCHECK,
    },
    "entrypoint": _BUILT,
    "command": _BUILT,
    "http": {SELF: _BUILT, **_RULE, "additional_rules": {EACH: _each(_FURTHER_RULE, _FURTHER)}},
    "nlb": _NLB,
    "cpu": _BUILT,
    "memory": _BUILT,
    "platform": {SELF: _BUILT, "osfamily": _BUILT, "architecture": _BUILT},
    "count": {
        SELF: _BUILT,
        "spot": Field(State.BUILT, State.BUILT, "on this machine, so many ordinary containers"),
        "range": {
            SELF: Field(State.BUILT, State.BUILT, "on this machine, as many containers as its first number says"),
            "min": Field(State.BUILT, State.BUILT, "on this machine, min containers"),
            "max": _NO_DIFFERENCE,
            "spot_from": _NO_DIFFERENCE,
        },
        "cooldown": {"in": _NO_DIFFERENCE, "out": _NO_DIFFERENCE},
        "cpu_percentage": _metric(_NO_DIFFERENCE),
        "memory_percentage": _metric(_NO_DIFFERENCE),
        "requests": _metric(_NO_DIFFERENCE),
        "response_time": _metric(_NO_DIFFERENCE),
    },
    "exec": {SELF: _EXEC, "enable": _EXEC},
    "variables": _VARIABLES,
    "env_file": _BUILT,
    "secrets": _SECRETS,
    "storage": {
        "ephemeral": _NO_DIFFERENCE,
        "readonly_fs": _BUILT,
        "volumes": {ANY: _VOLUME},
    },
    "logging": {
        "retention": _NO_DIFFERENCE,
        **_each(_ROUTER, Field(State.LEFT_OUT, State.BUILT, "logs stay on this machine: docker logs shows them")),
    },
    "sidecars": {ANY: _each(_SIDECAR, _OF_SIDECAR)},
    "network": {
        "vpc": {
            "placement": {SELF: _PLACEMENT, "subnets": {SELF: _PLACEMENT, "from_tags": {ANY: _TAGS}}},
            "security_groups": {SELF: _GROUP, EACH: _GROUPS, "deny_default": _GROUP, "groups": {EACH: _GROUPS}},
        },
        "connect": {SELF: _AWS_ONLY, "alias": _AWS_ONLY},
    },
    "publish": {
        "topics": {
            EACH: {"name": _TOPIC, "fifo": {SELF: _TOPIC, "content_based_deduplication": _TOPIC}},
        }
    },
    "taskdef_overrides": {EACH: {"path": _TASK, "value": _TASK}},
    "deployment": {
        "rolling": _NO_DIFFERENCE,
        "rollback_alarms": {SELF: _AWS_ONLY, "cpu_utilization": _THRESHOLD, "memory_utilization": _THRESHOLD},
    },
    "observability": {"tracing": Field(State.LEFT_OUT, State.BUILT, "nobody collects traces on this machine")},
}

TOP_ONLY = ("name", "type", "environments")
"""What can't be overridden in `environments`."""


def state_on(platform: str, field: Field) -> State:
    """What a platform makes of a field."""
    return field.local if platform == "local" else field.aws


def field_at(path: tuple[str, ...], fields: Fields = FIELDS) -> "Field | Fields | None":
    """The field, or the group of fields, at a path of keys; None if Copilot doesn't know the path."""
    here: Field | Fields = fields
    for key in path:
        if isinstance(here, Field):
            return here
        inner = here.get(key) if key == EACH else here.get(key if key not in (ANY, SELF) and key in here else ANY)
        if inner is None:
            return None
        here = inner
    return here


def keys_of(known: "Field | Fields | None") -> list[str]:
    """The names of the fields in a group."""
    return [key for key in known if key not in (ANY, SELF, EACH)] if isinstance(known, Mapping) else []


def leaves(fields: Fields = FIELDS, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Every field with its path."""
    for key, inner in fields.items():
        if isinstance(inner, Field):
            yield (*path, key), inner
        else:
            yield from leaves(inner, (*path, key))


def written(path: tuple[str, ...]) -> str:
    """A path as messages and documents name it: `http.alias[].name`."""
    return ".".join(key for key in path if key != SELF).replace(f".{EACH}", EACH).replace(ANY, "<name>")


def places_of(key: str, fields: Fields = FIELDS) -> list[tuple[str, ...]]:
    """Where in a manifest a key of this name is known: what a misplaced key was meant for."""
    found: list[tuple[str, ...]] = []

    def walk(fields: Fields, path: tuple[str, ...]) -> None:
        for name, inner in fields.items():
            if name == key not in (ANY, SELF, EACH):
                found.append((*path, name))
            if not isinstance(inner, Field):
                walk(inner, (*path, name))

    walk(fields, ())
    return found
