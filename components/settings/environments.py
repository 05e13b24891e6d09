"""The environments of a stack: as a Copilot workspace has them, and what the config says of each. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from ipaddress import IPv4Network

from components.input.diagnostics import Problems, did_you_mean, one_of
from components.input.scalars import truth
from components.input.value import Value
from components.manifest import tls
from components.manifest.environment import ENVIRONMENT_FIELDS, TYPE, read_range, read_subnets, read_vpc_id
from components.manifest.environment import read as read_environment
from components.manifest.unknown_keys import check_fields, check_unknown
from components.manifest.workspace import interpolated, manifest_at
from components.model.cidr import BUCKET, of_name
from components.model.environment import LONGEST_IDLE, AccessLogs, EnvironmentSettings, Vpc
from components.model.facades import KINDS, Scheme
from components.model.where import Where
from components.settings.service import Service
from components.settings.services import ReadingContext

ENVIRONMENT_KEYS = (
    "cidr",
    "zones",
    "nat",
    "containerInsights",
    "vpc",
    "loadBalancer",
    "accessLogs",
    "certificates",
    "internalCertificates",
    "sslPolicy",
    "dropInvalidHeaders",
    "idleTimeout",
)
VPC_KEYS = ("id", "publicSubnets", "privateSubnets")
_SCHEMES = {"public": Scheme.PUBLIC, "internal": Scheme.INTERNAL}

_IN_CONFIG = {
    "network.vpc.cidr": ("cidr",),
    "network.vpc.subnets.public": ("vpc", "publicSubnets"),
    "network.vpc.subnets.private": ("vpc", "privateSubnets"),
    "network.vpc": ("vpc",),
    "http.public.certificates": ("certificates",),
    "http.private.certificates": ("internalCertificates",),
    "http.public.access_logs": ("accessLogs",),
}
"""By what a path in a manifest begins with, the keys that lead to what the config says instead."""

_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""What a VPC should lie in: RFC 1918 and RFC 6598, as the VPC user guide recommends."""


def read_environments(
    top: Value, services: Mapping[str, Service], around: ReadingContext
) -> tuple[EnvironmentSettings, ...]:
    """The environments in which services run, by name, each with its settings."""
    at = top.get("environments")
    used = sorted({service.environment for service in services.values()})
    if not used and any(KINDS[name].needs_network for name in around.facades):
        used = [around.shared]  # everything runs elsewhere, and the facade has a network all the same
    for name, settings in at.entries():
        if name not in used:
            remedy = f"no service uses it: {did_you_mean(name, used)}"
            at.problems.add(settings.where, f"unknown environment {name!r}", remedy)
        elif settings:
            settings.require_map()
            settings.only(ENVIRONMENT_KEYS)
    bases = (_base(name, services.values(), around, top.problems) for name in used)
    return tuple(_environment(base, at.get(base.name)) for base in bases)


def _environment(base: EnvironmentSettings, at: Value) -> EnvironmentSettings:
    """An environment with what the config says of it."""
    existing, scheme = _vpc(at.get("vpc")), at.get("loadBalancer").choice(None, _SCHEMES)
    check_beside_vpc(at)
    another = bool(at.get("cidr") or at.get("zones"))
    return replace(
        read_made(base, at),
        container_insights=at.get("containerInsights").boolean(base.container_insights),
        vpc=existing or (None if another else base.vpc),
        subnets=None if another or existing else base.subnets,
        scheme=base.scheme if scheme is None else _SCHEMES[scheme],
        access_logs=_access_logs(at.get("accessLogs")) if at.get("accessLogs") else base.access_logs,
        certificates=tls.certificates(at.get("certificates")) or base.certificates,
        internal_certificates=tls.certificates(at.get("internalCertificates")) or base.internal_certificates,
        ssl_policy=tls.policy(at.get("sslPolicy")) or base.ssl_policy,
        drop_invalid_headers=at.get("dropInvalidHeaders").boolean(base.drop_invalid_headers),
        idle_timeout=at.get("idleTimeout").duration(base.idle_timeout, 1, LONGEST_IDLE),
        place=_place(base, at),
    )


def check_beside_vpc(at: Value) -> None:
    """Reports what an environment says of the network that is made, where it names one that stands already."""
    for other in ("cidr", "zones", "nat") if at.get("vpc") else ():
        if at.get(other):
            at.get(other).refuse("remove it: an existing VPC has its own", f"{other} together with vpc")


def read_made(base: EnvironmentSettings, at: Value) -> EnvironmentSettings:
    """An environment with what is said of the network that is made. base: its defaults."""
    return replace(
        base,
        cidr=private_range(at.get("cidr"), base.cidr),
        zones=at.get("zones").integer(base.zones, 2, 4),
        nat=at.get("nat").choice(base.nat, ("none", "single", "per-az")),
    )


def _place(base: EnvironmentSettings, at: Value) -> Callable[[str], Where]:
    """Names the config key that a setting is from, else its line in the manifest."""

    def place(path: str) -> Where:
        keys = next((keys for begun, keys in _IN_CONFIG.items() if path.startswith(begun)), ())
        if keys and (at.get(keys[0]) or not base.place):
            return reduce(Value.get, keys, at).where
        return base.where(path)

    return place


def private_range(at: Value, default: IPv4Network) -> IPv4Network:
    """The range of a network that is created; of two zones at least, which need room."""
    found = read_range(at, 16, 24) if at else default
    if found and at and not any(found.subnet_of(block) for block in _PRIVATE):
        at.fail(f"give a private range: within {one_of(map(str, _PRIVATE))}")
    return found or default


def _access_logs(at: Value) -> AccessLogs | None:
    """A bucket's name, or whether one is made."""
    wanted = truth(at.value)
    if wanted is not None:
        return AccessLogs() if wanted else None
    return AccessLogs(at.matching(BUCKET, "give a bucket name in lower case, or true to create one"))


def _vpc(at: Value) -> Vpc | None:
    """An existing VPC."""
    if at:
        at.require_map()
    if not at.is_map():
        return None
    at.only(VPC_KEYS)
    public, private = (
        read_subnets(at.get(key), [item for item in at.get(key).items() if item]) for key in VPC_KEYS[1:]
    )
    return Vpc(read_vpc_id(at), public, private)


def _base(name: str, services: Iterable[Service], around: ReadingContext, problems: Problems) -> EnvironmentSettings:
    """The environment of this name: as the workspace's manifest has it, or with the defaults."""
    workspace = around.workspace
    stage = workspace.stage(name) if workspace else ""
    placements = {service.manifest.network.placement for service in services if service.environment == name}
    nat = "per-az" if workspace and "private" in placements else "none"
    default = EnvironmentSettings(name, of_name(name), nat=nat, idle_timeout=workspace and workspace.idle_timeout)
    if workspace is None or stage not in workspace.environments:
        return default
    at = manifest_at(workspace.environments[stage], around.folder, problems)
    if at.get("type").value != TYPE and at.names():
        at.get("type").fail(f"write type: {TYPE}", None if at.get("type") else "missing")
        return default
    check_unknown(at, ENVIRONMENT_FIELDS, around.strict)
    at = interpolated(at, workspace, stage, around.variables)
    check_fields(at, ENVIRONMENT_FIELDS, around.platform)

    def place(path: str) -> Where:
        return replace(at, path=path).where

    read_one = replace(read_environment(at, default), place=place)
    _check_callers(at, read_one, around)
    return read_one


def _check_callers(at: Value, environment: EnvironmentSettings, around: ReadingContext) -> None:
    """Only some facades let the load balancer see who calls."""
    blind = [name for name in around.facades if not KINDS[name].sees_clients]
    if environment.callers and blind:
        public = at.get("http").get("public")
        new = public.get("ingress").get("source_ips")
        old = public.get("security_groups").get("ingress").get("restrict_to").get("source_ips")
        remedy = "behind this facade, all requests come from its addresses: use the facade alb, or remove it"
        (new or old).fail(remedy, "restricted callers")
