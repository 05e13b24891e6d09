"""Pulumi config and manifests, read and checked into Settings before anything is made. The only reader of config. Pure.

Every mistake is reported in one go: see `components.problems`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path

from components import aws_rules, facade_rules, networks, reach_rules, routes_config, tls, tree
from components.cursor import Cursor
from components.manifest import Count, Manifest, is_ours, read
from components.manifest_http import Http
from components.manifest_keys import check_fields, check_keys, overridden
from components.problems import Problem, Problems, did_you_mean, one_of, show
from components.routes import RouteTable

PROJECT = "strangler"
"""The namespace of our config keys, and Copilot's application name."""

PLATFORMS = ("aws", "local")
FACADES = ("refactor-spaces", "api-gateway", "alb")

KEYS = (
    *("platform", "facade", "default", "routes", "services", "environments", "port", "strict"),
    *("allowMutableTags", "deleteImages", "keepReleases"),
)
SERVICE_KEYS = ("count", "environment", "image", "timeout")
ENVIRONMENT_KEYS = (
    *("cidr", "zones", "nat", "containerInsights", "vpc", "loadBalancer", "accessLogs"),
    *("certificates", "sslPolicy"),
)
VPC_KEYS = ("id", "publicSubnets", "privateSubnets")

_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
_NAME_RULE = "write a letter, then letters, digits and -, in lower case, 40 at most"
_RESERVED = ("none", "true", "false")
"""What can't be a service's name, as it means something else where config names a service."""

# EC2's ids: 8 hex digits, or 17 since 2018. Amazon S3 user guide: bucket naming rules.
_VPC_ID = re.compile(r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_SUBNET_ID = re.compile(r"subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class Vpc:
    """A network that exists already, by its ids."""

    id: str
    public_subnets: tuple[str, ...]
    private_subnets: tuple[str, ...]


@dataclass(frozen=True)
class Environment:
    """Where services run. cidr: the address range (default: taken from the name). zones: how many (default 2).
    nat: `none` (default: tasks have public addresses, as with Copilot), `single` or `per-az`. container_insights:
    default false. vpc: a network to use instead of making one. internal: whether the load balancer is (default: as the
    facade needs). access_logs: a bucket's name for the load balancer's access logs (default: none are kept).
    certificates: ARNs in ACM for the load balancers' TLS, the first for clients that name no host (default: none).
    ssl_policy: the name of a policy for TLS (default: AWS's own choice)."""

    name: str
    cidr: IPv4Network
    zones: int = 2
    nat: str = "none"
    container_insights: bool = False
    vpc: Vpc | None = None
    internal: bool | None = None
    access_logs: str | None = None
    certificates: tuple[str, ...] = ()
    ssl_policy: str | None = None


@dataclass(frozen=True)
class Service:
    """A service and where it runs. timeout: seconds to wait for its steady state (default 600). file: its manifest,
    as messages name it."""

    manifest: Manifest
    environment: str
    timeout: int = 600
    file: str = ""

    @property
    def name(self) -> str:
        """The service's name."""
        return self.manifest.name


@dataclass(frozen=True)
class Settings:
    """All that the program is told. port: of the local facade (default 8080). keep_releases: images kept in a
    repository (default 10). delete_images: whether destroy empties the repositories (default false).
    warnings: what a user should know and can go on with."""

    project: str
    stack: str
    platform: str
    facade: str | None
    services: tuple[Service, ...]
    environments: tuple[Environment, ...]
    table: RouteTable
    port: int = 8080
    keep_releases: int = 10
    delete_images: bool = False
    warnings: tuple[Problem, ...] = ()


def read_settings(
    config: Mapping[str, str], folder: Path, stack: str, shell: Mapping[str, str], project: str = PROJECT
) -> Settings:
    """Reads the config of a stack (as the engine gives it: `strangler:port` -> text, structured values as JSON) and
    the manifests below `folder`. `shell` holds the variables that manifests may name. Raises InputError."""
    problems = Problems()
    top = _config(config, stack, project, problems)
    top.only(KEYS)
    platform = top.at("platform").choice(None, PLATFORMS)
    if not top.at("platform"):
        top.at("platform").fail(f"give {one_of(PLATFORMS)}", "missing")
    facade = top.at("facade").choice(None, FACADES)
    if platform == "aws" and not top.at("facade"):
        top.at("facade").fail(f"give {one_of(FACADES)}", "missing")
    strict = top.at("strict").boolean(False)
    services = _services(top, folder, stack, {**shell, "COPILOT_APPLICATION_NAME": project}, platform, facade, strict)
    reach_rules.check_routed(services, problems)
    default = _default(top.at("default"), services)
    table = routes_config.read_table(top.at("routes"), services, default)
    environments = _environments(top, services)
    port = top.at("port").integer(8080, 1, 65535)
    keep_releases = top.at("keepReleases").integer(10, 1, 1000)
    delete_images = top.at("deleteImages").boolean(False)
    mutable_tags = top.at("allowMutableTags").boolean(False)
    if platform == "aws":
        if not mutable_tags:
            aws_rules.check_images(services.values(), top)
        aws_rules.check_containers(services.values(), top.problems)
        aws_rules.check_placement(services.values(), environments, top)
        networks.check({each.name: each.cidr for each in environments if not each.vpc}, top.at("environments"))
        if facade:
            reach_rules.check(services, environments, facade, top)
            routed = {name: each for name, each in services.items() if each.manifest.routed}
            facade_rules.check(facade, routed, table, top, reach_rules.own_rules(services.values()))
    problems.check()
    return Settings(
        project=project,
        stack=stack,
        platform=platform or "",
        facade=facade if platform == "aws" else None,
        services=tuple(services.values()),
        environments=environments,
        table=table,
        port=port,
        keep_releases=keep_releases,
        delete_images=delete_images,
        warnings=tuple(problems.warnings),
    )


def _config(config: Mapping[str, str], stack: str, project: str, problems: Problems) -> Cursor:
    """Our own keys of the config, as a tree."""
    file = f"Pulumi.{stack}.yaml: {project}:"
    values: dict[object, object] = {}
    for name, text in config.items():
        namespace, _, key = name.partition(":")
        if namespace == project:
            values[key] = _value(key, text, f"{file}{key}", problems)
    return Cursor(values, file, "", problems)


def _value(key: str, text: str, where: str, problems: Problems) -> object:
    """A value as it was meant: the engine hands over every value as text, structured ones as JSON."""
    if text.lstrip()[:1] in ("{", "["):
        return _json(text, where, problems)
    if key == "routes":
        return text
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _json(text: str, where: str, problems: Problems) -> object:
    def no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        for name in dict.fromkeys(each for each in names if names.count(each) > 1):
            problems.add(where, f"the key {name} stands twice", "keep one of them")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=no_key_twice)
    except json.JSONDecodeError as broken:
        problems.add(where, f"no JSON: {broken.msg} at character {broken.pos + 1} of {text[:60]!r}", "mend the text")
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        problems.add(where, f"no JSON that can be read: {text[:60]!r}", "write fewer levels, and shorter numbers")
    return None


def _services(
    top: Cursor,
    folder: Path,
    stack: str,
    shell: Mapping[str, str],
    platform: str | None,
    facade: str | None,
    strict: bool,
) -> dict[str, Service]:
    """Every service below `services/`, by name, with what the config says of it."""
    problems, own, services = top.problems, top.at("services"), dict[str, Service]()
    places: dict[str, str] = {}
    for path in _manifests(folder, problems):
        where = path.relative_to(folder).as_posix()
        text = _text(path, where, problems)
        at = Cursor(tree.load(text, where, problems), where, "", problems)
        name = at.at("name").text(path.parent.name)
        if name in places:
            at.at("name").fail("give each service a name of its own", f"{name!r} is also the name in {places[name]}")
            continue
        places[name] = where
        settings = own.at(name)
        environment = settings.at("environment").text("shared" if facade == "alb" else name)
        timeout = settings.at("timeout").duration(600, 30, 86400)
        if not at.names() or not is_ours(at):  # noted; what the config says of it is no mistake
            unread = _with_count(Manifest(name, 0, Http(f"/{name}")), settings)
            services[name] = Service(unread, environment, timeout, where)
            continue
        if not _NAME.fullmatch(name) or name in _RESERVED:
            at.at("name").fail(_NAME_RULE)
        check_keys(at, strict)
        at = overridden(at, dict.fromkeys((environment, stack)))
        at = replace(at, value=tree.interpolated(at, {**shell, "COPILOT_ENVIRONMENT_NAME": environment}))
        check_fields(at, platform or "aws")
        manifest = _with_count(read(_with_image(at, settings), path.parent.relative_to(folder).as_posix()), settings)
        services[name] = Service(manifest, environment, timeout, where)
        if manifest.build and not (folder / manifest.build.dockerfile).is_file():
            at.at("image").at("build").fail(
                "give the path from the project folder", f"there is no Dockerfile at {manifest.build.dockerfile}"
            )
        elif manifest.build and not (folder / manifest.build.context).is_dir():
            at.at("image").at("build").at("context").fail(
                "give the path from the project folder", f"there is no folder {manifest.build.context}"
            )
    for name, settings in own.entries():
        if name not in places:
            problems.add(settings.where, f"unknown service {name!r}", did_you_mean(name, places))
        elif settings:
            settings.require_map()
            settings.only(SERVICE_KEYS)
    return dict(sorted(services.items()))


def _manifests(folder: Path, problems: Problems) -> list[Path]:
    folders = sorted(each for each in (folder / "services").glob("*") if each.is_dir() and each.name[0] not in "._")
    found: list[Path] = []
    for each in folders:
        names = [name for name in ("manifest.yml", "manifest.yaml") if (each / name).is_file()]
        if len(names) == 2:
            problems.add(f"services/{each.name}", "both manifest.yml and manifest.yaml", "keep one of them")
        elif names:
            found.append(each / names[0])
        elif (each / "Dockerfile").is_file():
            remedy = "write one, or move the folder elsewhere"
            problems.warn(f"services/{each.name}", "a Dockerfile and no manifest.yml: not a service", remedy)
    if not found and not problems.errors:
        problems.add("services", "no service", "write services/<name>/manifest.yml and services/<name>/Dockerfile")
    return found


def _text(path: Path, where: str, problems: Problems) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "no UTF-8 text"
        problems.add(where, f"can't be read: {reason}", "make it a readable UTF-8 file")
        return "{}"


def _with_image(at: Cursor, settings: Cursor) -> Cursor:
    """The manifest with the image that the config gives."""
    given = settings.at("image")
    image = given.text("", "give an image's reference")
    if not given or not at.is_map():
        return at
    if given.value == "":
        given.fail("give an image's reference, such as name@sha256:…")
    own = {key: inner.value for key, inner in at.at("image").entries() if key not in ("build", "location")}
    tree = {key: inner.value for key, inner in at.entries()}
    return replace(at, value={**tree, "image": {**own, "location": image or "given"}})


def _with_count(manifest: Manifest, settings: Cursor) -> Manifest:
    """The manifest with the count that the config gives, which leaves no autoscaling."""
    count = settings.at("count")
    return replace(manifest, count=Count(desired=count.integer(1, 0, 5000))) if count else manifest


def _default(at: Cursor, services: Mapping[str, Service]) -> str | None:
    """The service that answers what no route takes; unless it is named, the one whose path is `/`."""
    if at:
        name = at.text("", f"give none, or one of {', '.join(services) or 'the services'}")
        if name == "none":
            return None
        if isinstance(at.value, (str, int)) and name not in services:
            at.fail(f"give none, or a service: {did_you_mean(name, services)}", f"unknown service {name!r}")
        elif name in services and not services[name].manifest.routed:
            at.fail(reach_rules.ROUTED, f"the service {name} takes no requests from a facade")
        return name
    routed = [each for each in services.values() if each.manifest.routed]
    roots = [each.name for each in routed if each.manifest.http and each.manifest.http.path == "/"]
    if len(roots) == 1:
        return roots[0]
    if services and not at.problems.errors:
        found = f"not given, and {' and '.join(roots) if roots else 'no service'} would answer the path /"
        at.fail(f"give none, or one of {', '.join(services)}", found)
    return None


def _environments(top: Cursor, services: Mapping[str, Service]) -> tuple[Environment, ...]:
    """The environments in which services run, by name, each with its settings."""
    at, services_at = top.at("environments"), top.at("services")
    used = sorted({each.environment for each in services.values()})
    for name, settings in at.entries():
        if name not in used:
            remedy = f"no service runs there: {did_you_mean(name, used)}"
            at.problems.add(settings.where, f"unknown environment {name!r}", remedy)
        elif settings:
            settings.require_map()
            settings.only(ENVIRONMENT_KEYS)
    for each in services.values():
        given = services_at.at(each.name).at("environment")
        if given and not _NAME.fullmatch(each.environment):
            given.fail(_NAME_RULE)
    return tuple(_environment(name, at.at(name)) for name in used)


def _environment(name: str, at: Cursor) -> Environment:
    brought, balancer = _vpc(at.at("vpc")), at.at("loadBalancer").choice(None, ("public", "internal"))
    for other in ("cidr", "zones", "nat") if at.at("vpc") else ():
        if at.at(other):
            at.at(other).fail("leave it out: the VPC that you bring has its own", f"{other} beside vpc")
    bucket = at.at("accessLogs")
    if bucket and not (isinstance(bucket.value, str) and _BUCKET.fullmatch(bucket.value)):
        bucket.fail("give a bucket's name, in lower case")
    return Environment(
        name=name,
        cidr=networks.read(at.at("cidr"), name),
        zones=at.at("zones").integer(2, 2, 4),
        nat=at.at("nat").choice("none", ("none", "single", "per-az")),
        container_insights=at.at("containerInsights").boolean(False),
        vpc=brought,
        internal=None if balancer is None else balancer == "internal",
        access_logs=bucket.text(),
        certificates=tls.certificates(at.at("certificates")),
        ssl_policy=tls.policy(at.at("sslPolicy")),
    )


def _vpc(at: Cursor) -> Vpc | None:
    """The network that stands here."""
    if at:
        at.require_map()
    if not at.is_map():
        return None
    at.only(VPC_KEYS)
    lists = {key: at.at(key).texts() for key in VPC_KEYS[1:]}
    name = at.at("id").text("")
    if not _VPC_ID.fullmatch(name):
        at.at("id").fail("give the VPC's id, such as vpc-0a1b2c3d")
    for key, subnets in lists.items():
        if len(set(subnets)) < 2 or not all(map(_SUBNET_ID.fullmatch, subnets)):
            found = f"found {', '.join(subnets) or show(at.at(key).value)}"
            at.at(key).fail("give the ids of at least two subnets, in two zones, such as subnet-0a1b2c3d", found)
    return Vpc(name, lists["publicSubnets"], lists["privateSubnets"])
