"""Pulumi config and manifests, read and checked into Settings before anything is made. The only reader of config. Pure.

Every mistake is reported in one go: see `components.input.diagnostics`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from components.aws.checks import containers, load_balancing, placement
from components.aws.checks import facades as facade_checks
from components.input.diagnostics import Problem, Problems, did_you_mean, one_of, show
from components.input.scalars import truth
from components.input.value import Cursor
from components.manifest import environment, tls, workspace
from components.model.environment import AccessLogs, Environment, Vpc
from components.model.routes import RouteTable
from components.settings import cidr, routes
from components.settings.facades import FacadeSettings, read_facade_settings, read_facades
from components.settings.services import Service, Surroundings, read_services

PROJECT = "strangler"
"""The namespace of our config keys, and Copilot's application name."""

PLATFORMS = ("aws", "local")

KEYS = (
    *("platform", "facade", "default", "routes", "services", "environments", "port", "strict"),
    *("allowMutableTags", "deleteImages", "facadeSettings", "keepReleases"),
    *("copilot", "copilotEnvironment", "leaveOut"),
)
ENVIRONMENT_KEYS = (
    *("cidr", "zones", "nat", "containerInsights", "vpc", "loadBalancer", "accessLogs"),
    *("certificates", "sslPolicy"),
)
VPC_KEYS = ("id", "publicSubnets", "privateSubnets")


@dataclass(frozen=True)
class Settings:
    """All that the program is told. facades: on AWS, the main one first, whose URL is the one public URL; none on
    `local`. facade_settings: how each is set. port: of the local facade (default 8080). keep_releases: images kept in a
    repository (default 10). delete_images: whether destroy empties the repositories (default false).
    warnings: what a user should know and can go on with."""

    project: str
    stack: str
    platform: str
    facades: tuple[str, ...]
    services: tuple[Service, ...]
    environments: tuple[Environment, ...]
    table: RouteTable
    facade_settings: FacadeSettings = field(default_factory=FacadeSettings)
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
    facades = read_facades(top.at("facade"), required=platform == "aws")
    facade_settings = read_facade_settings(top.at("facadeSettings"), config.get("aws:region"))
    strict = top.at("strict").boolean(False)
    left_out = workspace.left_out(top)
    around = Surroundings(
        folder=folder,
        project=project,
        stack=stack,
        shell=shell,
        platform=platform or "aws",
        facades=facades if platform != "local" else (),
        left_out=left_out,
        workspace=workspace.read_workspace(top, folder, stack, left_out),
        strict=strict,
    )
    services = read_services(top, around)
    load_balancing.check_routed(services, problems)
    default = _default(top.at("default"), services)
    table = routes.read_table(top.at("routes"), services, default)
    environments = _environments(top, services, around)
    port = top.at("port").integer(8080, 1, 65535)
    keep_releases = top.at("keepReleases").integer(10, 1, 1000)
    delete_images = top.at("deleteImages").boolean(False)
    mutable_tags = top.at("allowMutableTags").boolean(False)
    if platform == "aws":
        if not mutable_tags:
            placement.check_images(services.values(), top)
        containers.check(services.values(), top.problems)
        if not problems.errors:
            placement.check_overrides(services.values(), problems)
        placement.check_placement(services.values(), environments, top)
        placement.check_subnets(services.values(), environments, around.facades, top.problems)
        cidr.check({each.name: each.cidr for each in environments if not each.vpc}, top.at("environments"))
        if facades:
            load_balancing.check(services, environments, facades, top)
            routed = {name: each for name, each in services.items() if each.manifest.routed}
            facade_checks.check(facades, routed, table, top, load_balancing.own_rules(services.values()))
    problems.check()
    return Settings(
        project=project,
        stack=stack,
        platform=platform or "",
        facades=facades if platform == "aws" else (),
        services=tuple(services.values()),
        environments=environments,
        table=table,
        facade_settings=facade_settings,
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


def _default(at: Cursor, services: Mapping[str, Service]) -> str | None:
    """The service that answers what no route takes; unless it is named, the one whose path is `/`."""
    if at:
        name = at.text("", f"give none, or one of {', '.join(services) or 'the services'}")
        if name == "none":
            return None
        if isinstance(at.value, (str, int)) and name not in services:
            at.fail(f"give none, or a service: {did_you_mean(name, services)}", f"unknown service {name!r}")
        elif name in services and not services[name].manifest.routed:
            at.fail(load_balancing.ROUTED, f"the service {name} takes no requests from a facade")
        return name
    routed = [each for each in services.values() if each.manifest.routed]
    roots = [each.name for each in routed if each.manifest.http and each.manifest.http.path == "/"]
    if len(roots) == 1:
        return roots[0]
    if services and not at.problems.errors:
        found = f"not given, and {' and '.join(roots) if roots else 'no service'} would answer the path /"
        at.fail(f"give none, or one of {', '.join(services)}", found)
    return None


def _environments(top: Cursor, services: Mapping[str, Service], around: Surroundings) -> tuple[Environment, ...]:
    """The environments in which services run, by name, each with its settings."""
    at = top.at("environments")
    used = sorted({each.environment for each in services.values()})
    for name, settings in at.entries():
        if name not in used:
            remedy = f"no service runs there: {did_you_mean(name, used)}"
            at.problems.add(settings.where, f"unknown environment {name!r}", remedy)
        elif settings:
            settings.require_map()
            settings.only(ENVIRONMENT_KEYS)
    bases = (environment.read_of(name, services.values(), around, top.problems) for name in used)
    return tuple(_environment(base, at.at(base.name)) for base in bases)


def _environment(base: Environment, at: Cursor) -> Environment:
    """An environment with what the config says of it."""
    brought, balancer = _vpc(at.at("vpc")), at.at("loadBalancer").choice(None, ("public", "internal"))
    for other in ("cidr", "zones", "nat") if at.at("vpc") else ():
        if at.at(other):
            at.at(other).fail("leave it out: the VPC that you bring has its own", f"{other} beside vpc")
    another = bool(at.at("cidr") or at.at("zones"))
    return replace(
        base,
        cidr=cidr.read(at.at("cidr"), base.name) if at.at("cidr") else base.cidr,
        zones=at.at("zones").integer(base.zones, 2, 4),
        nat=at.at("nat").choice(base.nat, ("none", "single", "per-az")),
        container_insights=at.at("containerInsights").boolean(base.container_insights),
        vpc=brought or (None if another else base.vpc),
        subnets=None if another or brought else base.subnets,
        internal=base.internal if balancer is None else balancer == "internal",
        access_logs=_access_logs(at.at("accessLogs")) if at.at("accessLogs") else base.access_logs,
        certificates=tls.certificates(at.at("certificates")) or base.certificates,
        ssl_policy=tls.policy(at.at("sslPolicy")) or base.ssl_policy,
    )


def _access_logs(at: Cursor) -> AccessLogs | None:
    """A bucket's name, or whether one is made."""
    wanted = truth(at.value)
    if wanted is not None:
        return AccessLogs() if wanted else None
    if not (isinstance(at.value, str) and cidr.BUCKET.fullmatch(at.value)):
        at.fail("give a bucket's name, in lower case, or true for one that is made")
    return AccessLogs(at.text())


def _vpc(at: Cursor) -> Vpc | None:
    """The network that stands here."""
    if at:
        at.require_map()
    if not at.is_map():
        return None
    at.only(VPC_KEYS)
    lists = {key: at.at(key).texts() for key in VPC_KEYS[1:]}
    name = at.at("id").text("")
    if not cidr.VPC_ID.fullmatch(name):
        at.at("id").fail("give the VPC's id, such as vpc-0a1b2c3d")
    for key, subnets in lists.items():
        if len(set(subnets)) < 2 or not all(map(cidr.SUBNET_ID.fullmatch, subnets)):
            found = f"found {', '.join(subnets) or show(at.at(key).value)}"
            at.at(key).fail("give the ids of at least two subnets, in two zones, such as subnet-0a1b2c3d", found)
    return Vpc(name, lists["publicSubnets"], lists["privateSubnets"])
