"""No field of a manifest is read and then forgotten: with another value, something else is registered on AWS.

The fields are those of the tables beside the readers: a new row fails here until it has another value, or a reason in
ONE_VALUE. Those that AWS doesn't get stand in the tables with their reason, and in docs/copilot.md.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest

from components.manifest.environment import ENVIRONMENT_FIELDS
from components.manifest.load_balanced_web_service import FIELDS
from components.manifest.support import State, leaves, written
from tests.components.services_together import registered_together, texts_of
from tests.components.system import registered
from tests.projects import DIGEST, Tree, as_yaml, environment, of_copilot, write_workspace
from tests.pure.bad_http_nlb import CERTIFICATE
from tests.pure.full import AWS, FULL

ONE_VALUE = {
    "name": "it names everything else",
    "type": "another type is another reader",
    "platform.osfamily": "there is Linux only",
}
"""Fields that have one value, or none that could differ."""

ZONE = "Z9876543210ABC"
OTHER = f"other@{DIGEST}"
GROUP = "sg-0a1b2c3e"
SECRET = {"secretsmanager": "other"}
USER = "ContainerDefinitions[0].User"
RULE = "http.additional_rules[]"
FURTHER = "nlb.additional_listeners[]"
CAR = "sidecars.<name>"
VOLUME = "storage.volumes.<name>"
IN_DATA = "storage.volumes.data.efs"

EXPORTS = {
    "text": "first",
    "other text": "other",
    "secret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
    "other secret": "/app/key",
    "group": "sg-0a1b2c3d",
    "other group": GROUP,
    "files": "fs-0a1b2c3d4e5f67890",
    "other files": "fs-1a1b2c3d4e5f67890",
}
"""Values of CloudFormation's exports, by name: one of each kind that a place takes, and another."""

EXPORT_OF = {
    **{f"{place}.<name>.from_cfn": "text" for place in ("variables", "logging.variables", f"{CAR}.variables")},
    **{
        f"{place}.<name>.from_cfn": "secret"
        for place in ("secrets", "logging.secrets", "logging.secretOptions", f"{CAR}.secrets")
    },
    "network.vpc.security_groups[].from_cfn": "group",
    "network.vpc.security_groups.groups[].from_cfn": "group",
    f"{VOLUME}.efs.id.from_cfn": "files",
}
"""The export that a field names first; its other value is the other one of that kind."""

BY_KEY: Tree = {
    "dockerfile": "services/users/Other",
    "context": "services",
    "target": "debug",
    "cache_from": ["base:2"],
    "interval": "15s",
    "retries": 3,
    "timeout": "6s",
    "start_period": "9s",
    "grace_period": "70s",
    "healthy_threshold": 4,
    "unhealthy_threshold": 4,
    "success_codes": "204",
    "deregistration_delay": "70s",
    "stickiness": True,
    "version": "http2",
    "protocolVersion": "http2",
    "redirect_to_https": False,
    "allowed_source_ips": ["10.9.0.0/16"],
    "target_container": "NAME",
    "targetContainer": "NAME",
    "target_port": 8081,
    "hosted_zone": ZONE,
    "alias": "other.example.com",
    "name": "other.example.com",
    "ssl_policy": "ELBSecurityPolicy-FS-1-2-Res-2020-10",
    "entrypoint": ["bash"],
    "command": "walk",
    "env_file": "services/users/other.env",
    "location": OTHER,
    "credentials": "registry",
    "credentialsParameter": "other",
    "in": "11s",
    "out": "11s",
    "value": 71,
    "<name>": "other",
    "secretsmanager": "other",
    "uid": 1001,
    "gid": 1001,
    "read_only": True,
    "path": "/other",
}
"""Another value, by the last key of a field."""

BY_FIELD: Tree = {
    "image.build": "services/users/Other",
    "image.port": 3001,
    "image.depends_on.<name>": "start",
    "image.healthcheck.command": ["CMD", "false"],
    "http": False,
    "http.path": "api/others",
    "http.healthcheck": "/other",
    "http.healthcheck.port": 3001,
    "http.alias[]": ["other.example.com"],
    f"{RULE}.path": "others",
    f"{RULE}.healthcheck": "/other",
    f"{RULE}.healthcheck.port": 3001,
    f"{RULE}.alias[]": ["other.example.com"],
    "nlb.port": "8444/tls",
    "nlb.healthcheck.port": 3001,
    "nlb.alias[]": ["other.example.com"],
    f"{FURTHER}.port": "8081/tcp",
    f"{FURTHER}.healthcheck.port": 3001,
    "cpu": 512,
    "memory": 1024,
    "platform": "linux/amd64",
    "platform.architecture": "x86_64",
    "count": 3,
    "count.spot": 2,
    "count.range": "2-5",
    "count.range.min": 2,
    "count.range.max": 4,
    "count.range.spot_from": 3,
    **{f"count.{metric}": 71 for metric in ("cpu_percentage", "memory_percentage", "requests")},
    "count.response_time": "600ms",
    "count.response_time.value": "600ms",
    "exec": False,
    "exec.enable": False,
    "storage.ephemeral": 31,
    "storage.readonly_fs": True,
    f"{VOLUME}.efs": True,
    f"{VOLUME}.efs.id": "fs-1a1b2c3d4e5f67890",
    f"{VOLUME}.efs.root_dir": "/other",
    f"{VOLUME}.efs.auth.iam": False,
    f"{VOLUME}.efs.auth.access_point_id": "fsap-1a1b2c3d4e5f67890",
    "logging.retention": 60,
    "logging.image": OTHER,
    "logging.enableMetadata": False,
    "logging.configFilePath": "/other.conf",
    f"{CAR}.port": "8126/udp",
    f"{CAR}.image": OTHER,
    f"{CAR}.image.build": "services/users/Other",
    f"{CAR}.essential": False,
    f"{CAR}.depends_on.<name>": "complete",
    f"{CAR}.mount_points[].source_volume": "own",
    f"{CAR}.mount_points[].read_only": False,
    f"{CAR}.healthcheck.command": ["CMD", "false"],
    "network.vpc.placement": "private",
    "network.vpc.placement.subnets": ["subnet-0a1b2c40"],
    "network.vpc.security_groups": [GROUP],
    "network.vpc.security_groups.deny_default": True,
    "network.vpc.security_groups.groups[]": [GROUP],
    "network.vpc.security_groups[]": [GROUP],
    "network.connect": False,
    "publish.topics[].name": "invoices",
    "publish.topics[].fifo": False,
    "publish.topics[].fifo.content_based_deduplication": False,
    "taskdef_overrides[].path": "ContainerDefinitions[0].Hostname",
    "taskdef_overrides[].value": "other",
    "deployment.rolling": "recreate",
    "deployment.rollback_alarms": ["other"],
    "deployment.rollback_alarms.cpu_utilization": 80,
    "deployment.rollback_alarms.memory_utilization": 80,
    "observability.tracing": "awsxray",
    **{path: f"other {name}" for path, name in EXPORT_OF.items()},
}
"""Another value of the fields whose keys don't say it."""

_SHORT_ALIAS: Tree = {"http.alias": [{"name": "users.example.com"}]}
_COOLDOWNS: Tree = {"count.cpu_percentage": 70}
_NO_POINT: Tree = {f"{IN_DATA}.auth": {"iam": True}}
_NOT_BUILT: Tree = {f"{CAR}.image": f"car@{DIGEST}"}
BESIDE: dict[str, Tree] = {
    "image.location": {"image.build": None, "image.location": f"first@{DIGEST}"},
    "image.credentials": {"image.build": None, "image.location": OTHER},
    "http": {"http": {"path": "api/users"}, "nlb": {"port": "80/tcp"}},
    "http.hosted_zone": _SHORT_ALIAS,
    f"{RULE}.hosted_zone": {f"{RULE}.alias": ["admin.example.com"]},
    f"{FURTHER}.ssl_policy": {f"{FURTHER}.port": "8445/tls"},
    **{
        f"{place}.{key}": {f"{place}.target_port": None, f"{place}.target_container": None}
        for place in ("http", RULE, "nlb", FURTHER)
        for key in ("target_container", "targetContainer")
    },
    **{f"{place}.protocolVersion": {f"{place}.version": None} for place in ("http", RULE)},
    "cpu": {"memory": 1024},
    "count.spot": {"count": {"spot": 1}},
    "nlb.healthcheck.grace_period": {"http": False},
    "nlb.stickiness": {"nlb.port": "8443/tcp", "nlb.ssl_policy": None},
    f"{VOLUME}.efs": {"storage.volumes.own": None},
    "count.cooldown.in": _COOLDOWNS,
    "count.cooldown.out": _COOLDOWNS,
    f"{VOLUME}.efs.id": _NO_POINT,
    f"{VOLUME}.efs.root_dir": _NO_POINT,
    f"{VOLUME}.efs.auth.iam": _NO_POINT,
    f"{CAR}.credentialsParameter": _NOT_BUILT,
    f"{CAR}.image.location": _NOT_BUILT,
    "deployment.rollback_alarms.cpu_utilization": {"deployment.rollback_alarms": {"cpu_utilization": 70}},
    "deployment.rollback_alarms.memory_utilization": {"deployment.rollback_alarms": {"memory_utilization": 70}},
    "observability.tracing": {"observability": {}},
    # The whole place goes for the export: a secret has one form, not two.
    **{
        path: {path.removesuffix(".from_cfn"): [{"from_cfn": name}] if name == "group" else {"from_cfn": name}}
        for path, name in EXPORT_OF.items()
    },
    f"{VOLUME}.efs.id.from_cfn": {**_NO_POINT, f"{VOLUME}.efs.id": {"from_cfn": "files"}},
}
"""What else stands in both manifests, so that the field can have another value; None: it doesn't stand there."""

ON_ALB = {
    **AWS,
    "facade": "alb",
    "environments": {"shared": cast("Tree", AWS["environments"])["users"]},
    "default": "none",
    "exports": EXPORTS,
}
"""Services share an environment here."""
TOGETHER = 12
"""Fields that are looked at in one program."""

BUILT = [written(path) for path, field in leaves(FIELDS) if field.aws is State.BUILT]
CHANGED = [path for path in BUILT if path not in ONE_VALUE]

_CARS = cast("dict[str, Tree]", FULL["sidecars"])
BASE: Tree = {
    **FULL,
    # So that it can take requests from load balancers.
    "sidecars": {**_CARS, "NAME": {**_CARS["NAME"], "port": "8125"}},
    "taskdef_overrides": [{"path": USER, "value": "user"}],
}
SMALL: Tree = {
    "name": "users",
    "type": BASE["type"],
    "image": {"location": OTHER, "port": 3000},
    "http": {"path": "users"},
}
_WITH_SIDECARS = ("sidecars", "storage")
REFERRED = {"image": _WITH_SIDECARS, "sidecars": ("storage",), "container": _WITH_SIDECARS, "Container": _WITH_SIDECARS}
"""The sections that a section refers to, or a field by the end of its key."""


def test_every_field_has_another_value_or_a_reason_why_it_has_none() -> None:
    without = [path for path in CHANGED if path not in BY_FIELD and path.rpartition(".")[2] not in BY_KEY]
    assert without == []
    assert [path for path in (*BY_FIELD, *BESIDE, *ONE_VALUE) if path not in BUILT] == []


@pytest.mark.parametrize("path", CHANGED)
def test_every_field_reaches_something_that_is_registered(path: str) -> None:
    first = CHANGED.index(path) // TOGETHER * TOGETHER
    registered = _services(first)
    before, after = manifests(path)
    assert registered[as_yaml(before)] != registered[as_yaml(after)]


def manifests(path: str) -> tuple[Tree, Tree]:
    """Two manifests of `users` that differ in one field."""
    section = path.partition(".")[0].partition("[")[0]
    further = REFERRED.get(section) or REFERRED.get(path[-len("container") :], ())
    before: Tree = {**SMALL, **{key: BASE[key] for key in (section, *further)}}
    for beside, value in BESIDE.get(path, {}).items():
        before = changed(before, beside, value)
    return before, changed(before, path, BY_FIELD.get(path, BY_KEY.get(path.rpartition(".")[2])))


def changed(tree: Tree, path: str, value: object) -> Tree:
    """A copy of the manifest with a value at a path; None takes the key away."""
    keys = path.replace("[]", ".[]").split(".")
    return cast("Tree", _changed(tree, keys, 0, value))


def _changed(here: object, keys: list[str], number: int, value: object) -> object:
    """What stands here with a value at the rest of the path."""
    if number == len(keys):
        return value
    if keys[number] == "[]":
        items = cast("list[object]", here) if isinstance(here, list) else [None]
        if number + 1 == len(keys):
            return value
        return [_changed(items[0], keys, number + 1, value), *items[1:]]
    name = _name(keys, number)
    whole = cast("Tree", here) if isinstance(here, dict) else {}
    inner = _changed(whole.get(name), keys, number + 1, value)
    return {key: item for key, item in {**whole, name: inner}.items() if key != name or item is not None}


def _name(keys: list[str], number: int) -> str:
    """The key of the manifest that a step of the table's path means."""
    if keys[number] == "<name>":
        names = {
            "secrets": "TOKEN",
            "secretOptions": "TOKEN",
            "volumes": "own" if keys[-1] in ("uid", "gid") else "data",
            "depends_on": "NAME" if keys[0] == "image" else "once",
        }
        return names.get(keys[number - 1], "NAME")
    return keys[number]


@cache
def _services(first: int) -> dict[str, list[str]]:
    """What is registered for the manifests of each field from this one on."""
    trees = (tree for path in CHANGED[first : first + TOGETHER] for tree in manifests(path))
    return registered_together(map(as_yaml, trees), ON_ALB)


# An environment's manifest

_RULE_OF_GROUP: Tree = {"ip_protocol": "tcp", "ports": 80, "cidr": "10.0.0.0/8"}
CREATED: Tree = {
    "network": {
        "vpc": {
            "cidr": "10.9.0.0/16",
            "subnets": {
                kind: [{"cidr": f"10.9.{start + n}.0/24", "az": f"eu-west-1{zone}"} for n, zone in enumerate("ab")]
                for kind, start in (("public", 0), ("private", 2))
            },
            "security_group": {"ingress": [_RULE_OF_GROUP], "egress": [_RULE_OF_GROUP]},
            "flow_logs": {"retention": 14},
        }
    },
    "http": {
        "public": {
            "certificates": [CERTIFICATE],
            "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "access_logs": {"bucket_name": "logs", "prefix": "a"},
            "ingress": {"source_ips": ["10.0.0.0/8"]},
        }
    },
}
EXISTING: Tree = {
    "network": {
        "vpc": {
            "id": "vpc-0a1b2c3d",
            "subnets": {
                "public": [{"id": "subnet-0000000a"}, {"id": "subnet-0000000b"}],
                "private": [{"id": "subnet-0000000c"}, {"id": "subnet-0000000d"}],
            },
        }
    },
    "http": {"private": {"subnets": ["subnet-0000000a", "subnet-0000000b"]}},
}

_SUBNETS = "network.vpc.subnets"
_GROUPS = "network.vpc.security_group"
_OLD = "http.public.security_groups.ingress.restrict_to.source_ips"
_ZONES: Tree = {f"{_SUBNETS}.{kind}[].az": "eu-west-1c" for kind in ("public", "private")}
OF_CREATED: dict[str, Tree] = {
    "network.vpc.cidr": {"network.vpc": {"cidr": "10.8.0.0/16"}},
    f"{_SUBNETS}.public[].cidr": {f"{_SUBNETS}.public[].cidr": "10.9.8.0/24"},
    f"{_SUBNETS}.private[].cidr": {f"{_SUBNETS}.private[].cidr": "10.9.8.0/24"},
    f"{_SUBNETS}.public[].az": _ZONES,
    f"{_SUBNETS}.private[].az": _ZONES,
    **{
        path: {path: value}
        for side in ("ingress", "egress")
        for key, value in (("ip_protocol", "udp"), ("ports", 81), ("cidr", "10.9.0.0/16"))
        for path in (f"{_GROUPS}.{side}[].{key}",)
    },
    "network.vpc.flow_logs": {"network.vpc.flow_logs": False},
    "network.vpc.flow_logs.retention": {"network.vpc.flow_logs.retention": 30},
    "http.public.certificates": {"http.public.certificates": [f"{CERTIFICATE[:-1]}9"]},
    "http.public.ssl_policy": {"http.public.ssl_policy": "ELBSecurityPolicy-FS-1-2-Res-2020-10"},
    "http.public.access_logs": {"http.public.access_logs": False},
    "http.public.access_logs.bucket_name": {"http.public.access_logs.bucket_name": "other"},
    "http.public.access_logs.prefix": {"http.public.access_logs.prefix": "other"},
    "http.public.ingress.source_ips": {"http.public.ingress.source_ips": ["10.9.0.0/16"]},
    _OLD: {"http.public.ingress": None, _OLD: ["10.9.0.0/16"]},
    "observability.container_insights": {"observability.container_insights": True},
}
"""By field, what is another in the manifest of an environment whose network is created."""

OF_EXISTING: dict[str, Tree] = {
    "network.vpc.id": {"network.vpc.id": "vpc-1a1b2c3d"},
    f"{_SUBNETS}.public[].id": {f"{_SUBNETS}.public[].id": "subnet-0000000e", "http.private": None},
    f"{_SUBNETS}.private[].id": {f"{_SUBNETS}.private[].id": "subnet-0000000e"},
    "http.private.subnets": {"http.private.subnets": ["subnet-0000000c", "subnet-0000000d"]},
}
"""The same with an existing VPC."""

BACKENDS: Tree = {
    "http": {"private": {"certificates": [CERTIFICATE], "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}}
}
_VPC, _FROM_VPC = "http.private.ingress.vpc", "http.private.security_groups.ingress.from_vpc"
OF_BACKENDS: dict[str, Tree] = {
    "http.private.certificates": {"http.private.certificates": [f"{CERTIFICATE[:-1]}9"]},
    "http.private.ssl_policy": {"http.private.ssl_policy": "ELBSecurityPolicy-FS-1-2-Res-2020-10"},
    _VPC: {_VPC: True},
    _FROM_VPC: {_FROM_VPC: True},
}
"""The same where the environment has a backend with an alias."""


def test_every_field_of_an_environment_has_another_value() -> None:
    built = {written(path) for path, field in leaves(ENVIRONMENT_FIELDS) if field.aws is State.BUILT}
    assert {*OF_CREATED, *OF_EXISTING, *OF_BACKENDS} == built - {"name", "type"}


@pytest.mark.parametrize(
    ("base", "path", "updates"),
    [
        *((CREATED, path, updates) for path, updates in OF_CREATED.items()),
        *((EXISTING, path, updates) for path, updates in OF_EXISTING.items()),
        *((BACKENDS, path, updates) for path, updates in OF_BACKENDS.items()),
    ],
    ids=[*OF_CREATED, *OF_EXISTING, *OF_BACKENDS],
)
def test_every_field_of_an_environment_reaches_something_that_is_registered(
    base: Tree, path: str, updates: Tree
) -> None:
    after = base
    for place, value in updates.items():
        after = changed(after, place, value)
    scheme = "internal" if path == "http.private.subnets" else None
    assert _environment(as_yaml(base), path, scheme) != _environment(as_yaml(after), path, scheme)


@cache
def _environment(content: str, path: str, scheme: str | None) -> list[str]:
    """What is registered for an environment's manifest; a service is placed in its private subnets."""
    placement: Tree = {"placement": "private" if ".private" in path else "public"}
    web = of_copilot("web", "/", network={"vpc": placement})
    head = as_yaml(environment("test"))
    config: Tree = {"facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
    if scheme:
        config["environments"] = {"test": {"loadBalancer": scheme}}
    services: Tree = {"web": web}
    if path in OF_BACKENDS:
        http: Tree = {"path": "/", "alias": "api.example.com"}
        services["api"] = {**of_copilot("api"), "type": "Backend Service", "http": http}
    with TemporaryDirectory() as name:
        folder = write_workspace(Path(name), services, {"test": head + content})
        record = registered(folder, config)
    return texts_of(record, name)
