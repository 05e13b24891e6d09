"""Names, paths and labels that AWS would refuse, or that would not do as meant: reported before anything is made. Pure.

docs/names.md lists every name that reaches AWS with its rule and where it is held. Here are those that a user gives, or
that begin with what a user gives, and that the reading of a field leaves open.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from components.manifest.http import Alias, rule_place
from components.manifest.manifest import Manifest
from components.manifest.variables import Secret
from components.model.environment import EnvironmentSettings
from components.model.where import Where
from components.settings.stack import Stack

Mistake = tuple[str, str, str]
"""The path in the manifest, what was found, and what to do."""

LONGEST_COMMON_NAME = 64
"""Octets of the first name of a certificate (ACM API, RequestCertificate: DomainName)."""

_HEALTH_PATH = re.compile(r"/[!-~]{0,1023}")
"""Printable ASCII without spaces (what ELB answers otherwise), 1,024 characters (ELB API, HealthCheckPath)."""

# CloudWatch API, PutMetricAlarm: AlarmName.
_ALARM = re.compile(r"[^\x00-\x1f\x7f]{1,255}")

# ECS API, ServiceConnectClientAlias: "must be a valid DNS name".
_LABELS = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")

# S3 user guide, "General purpose bucket naming rules".
_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

_VARIABLE = re.compile(r"[^=\x00-\x1f\x7f]+")
"""What a process can find a variable by."""

_MOST_LEVELS = 15
"""Of a parameter's hierarchy (Systems Manager API, PutParameter: Name)."""

_PUBLIC = ("/aws/service/", "/aws/reference/")
"""Parameters that AWS itself keeps."""


def check(stack: Stack) -> None:
    """Notes every name that AWS would refuse."""
    for environment in stack.environments:
        for place, found, remedy in _of_environment(environment, stack):
            stack.problems.add(place, found, remedy)
    certified = {environment.name for environment in stack.environments if environment.certificates}
    for service in stack.services.values():
        for place, found, remedy in _of_service(service.manifest, made=service.environment not in certified):
            stack.problems.add(service.where(place), found, remedy)


# Of an environment


def _of_environment(environment: EnvironmentSettings, stack: Stack) -> Iterator[tuple[Where, str, str]]:
    name, where = environment.name, environment.called
    logs = environment.access_logs
    if logs is None:
        return
    if logs.bucket is None and name.startswith(_BUCKET_PREFIXES):
        prefix = next(prefix for prefix in _BUCKET_PREFIXES if name.startswith(prefix))
        yield (
            where,
            f"the bucket for its access logs would begin with {prefix}, which S3 reserves",
            "give a bucket's name",
        )
    if logs.bucket and (remedy := bucket_mistake(logs.bucket)):
        yield environment.where("http.public.access_logs.bucket_name"), f"the bucket {logs.bucket!r}", remedy
    if logs.prefix is None and "AWSLogs" in stack.name:
        # ELB user guide, "Enable access logs for your Application Load Balancer": the prefix must not contain it.
        found = f"the prefix of its access logs would be {stack.name}/{name}, and AWS appends AWSLogs itself"
        yield where, found, "rename the stack, or turn access logs off"


def bucket_mistake(name: str) -> str | None:
    """What to do about a bucket's name that S3 refuses; None if it may be one."""
    if name.startswith(_BUCKET_PREFIXES) or name.endswith(_BUCKET_SUFFIXES):
        begins, ends = ", ".join(_BUCKET_PREFIXES), ", ".join(_BUCKET_SUFFIXES)
        return f"give another: S3 reserves names that begin with {begins} or end with {ends}"
    if any(meeting in name for meeting in ("..", ".-", "-.")):
        return "don't put a dot next to another dot or a hyphen"
    try:
        IPv4Address(name)
    except ValueError:
        return None
    return "give another: a bucket name can't be an IP address"


# Of a service


def _of_service(manifest: Manifest, *, made: bool) -> Iterator[Mistake]:
    """made: whether certificates of its host names are made."""
    yield from _health_paths(manifest)
    yield from _hosts(manifest, made=made)
    alias = manifest.network.connect_alias
    if alias and not _LABELS.fullmatch(alias):
        remedy = "use labels of 1 to 63 characters, separated by dots"
        yield "network.connect.alias", f"{alias!r} is not a DNS name", remedy
    for number, alarm in enumerate(manifest.rollback_alarms.names):
        if not _ALARM.fullmatch(alarm):
            remedy = "give 1 to 255 characters without control characters"
            yield f"deployment.rollback_alarms[{number}]", f"the name {alarm[:60]!r}", remedy
    yield from _names(manifest)


def _health_paths(manifest: Manifest) -> Iterator[Mistake]:
    http = manifest.http or manifest.internal
    for number, rule in enumerate(http.rules if http else ()):
        if not _HEALTH_PATH.fullmatch(rule.healthcheck.path):
            place = rule_place(number)
            found = f"the path {rule.healthcheck.path[:60]!r}"
            yield f"{place}.healthcheck.path", found, "give up to 1024 printable ASCII characters, %20 for a space"


def _hosts(manifest: Manifest, *, made: bool) -> Iterator[Mistake]:
    http = manifest.http or manifest.internal
    for number, rule in enumerate(http.rules if http else ()):
        place = f"{rule_place(number)}.alias"
        # No certificate is made for a backend's.
        yield from _certified(place, rule.aliases, made=made and manifest.http is not None)
        for alias in rule.aliases:
            if not alias.name.rpartition(".")[2].isalpha():
                # ELB API, HostHeaderConditionConfig.
                found = f"a listener rule can't match {alias.name!r}"
                yield place, found, "give a name with only letters after its last dot"
    if manifest.nlb and manifest.nlb.tls:
        yield from _certified("nlb.alias", manifest.nlb.aliases, made=made)


def _certified(place: str, aliases: Iterable[Alias], *, made: bool) -> Iterator[Mistake]:
    for alias in aliases:
        if made and alias.hosted_zone and len(alias.name.encode()) > LONGEST_COMMON_NAME:
            found = f"a certificate can't be created for {alias.name}, which has {len(alias.name)} characters"
            remedy = f"use up to {LONGEST_COMMON_NAME} characters, or an environment with certificates"
            yield place, found, remedy


def _names(manifest: Manifest) -> Iterator[Mistake]:
    """The names of what the containers get."""
    router = manifest.router.container if manifest.router else None
    parts = [("", manifest.variables, manifest.secrets, manifest.labels)]
    parts += [(f"sidecars.{car.name}.", car.variables, car.secrets, car.labels) for car in manifest.sidecars]
    parts += [("logging.", router.variables, router.secrets, ())] if router else []
    for place, variables, secrets, labels in parts:
        for key, pairs in (("variables", variables), ("secrets", secrets)):
            for name, _ in pairs:
                if not _VARIABLE.fullmatch(name):
                    yield f"{place}{key}.{name}", f"the name {name!r}", "write a name without = and control characters"
        for name, _ in labels:
            if not name:
                yield f"{place or 'image.'}labels", "a label without a name", "give it one"
        for name, secret in secrets:
            if remedy := parameter_mistake(secret):
                yield f"{place}secrets.{name}", f"{secret.name!r} is not a valid parameter name", remedy


def parameter_mistake(secret: Secret) -> str | None:
    """What to do about an SSM parameter that there can't be; None if there may be one (Systems Manager user guide,
    "Understanding parameter name requirements and constraints")."""
    if secret.source != "ssm":
        return None
    by_arn = secret.name.startswith("arn:")
    name = secret.name.partition(":parameter/")[2] if by_arn else secret.name
    if not re.fullmatch(r"[A-Za-z0-9_./-]+", name):
        return None  # reported where it was read
    levels = name.strip("/").split("/")
    if "" in levels or name.endswith("/"):
        return "use one / between names, and none at the end"
    if len(levels) > _MOST_LEVELS:
        return f"use at most {_MOST_LEVELS} levels"
    if len(levels) > 1 and not name.startswith("/") and not by_arn:
        return f"begin the whole path with a /: /{name}"
    whole = f"/{name.lstrip('/')}"
    if levels[0].lower().startswith(("aws", "ssm")) and not whole.startswith(_PUBLIC):
        return "names that begin with aws or ssm are reserved"
    return None
