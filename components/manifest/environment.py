"""Copilot's environment manifest, read into an EnvironmentSettings. Pure.

Defaults are Copilot's own (v1.34), but for the address range: it comes from the environment's name, since Copilot gives
10.0.0.0/16 to each. A NAT gateway in each zone is made if a service of the workspace is placed in private subnets.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from components.input.value import Value
from components.manifest import limits, tls
from components.model import cidr
from components.model.environment import AccessLogs, EnvironmentSettings, Rule, Subnets, Vpc

_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9](?:-[a-z]{3}-[0-9])?[a-z]")
_PROTOCOLS = ("tcp", "udp", "icmp", "-1")


def read(at: Value, default: EnvironmentSettings) -> EnvironmentSettings:
    """The manifest that stands here, variables interpolated. Mistakes are noted in the cursor's problems."""
    vpc, public, private = at.get("network").get("vpc"), at.get("http").get("public"), at.get("http").get("private")
    made = _made(vpc, default)
    brought = _brought(vpc)
    rules = vpc.get("security_group")
    return replace(
        default,
        cidr=made.cidr,
        zones=made.zones,
        nat="none" if brought else default.nat,
        subnets=made.subnets,
        vpc=brought,
        container_insights=at.get("observability").get("container_insights").boolean(False),
        flow_logs=_flow_logs(vpc.get("flow_logs")),
        ingress=_rules(rules.get("ingress")),
        egress=_rules(rules.get("egress")),
        certificates=tls.certificates(public.get("certificates")),
        ssl_policy=tls.policy(public.get("ssl_policy")),
        access_logs=_access_logs(public.get("access_logs")),
        callers=_callers(public),
        internal_subnets=_internal_subnets(private.get("subnets"), brought),
    )


@dataclass(frozen=True)
class _Made:
    """The network that is made, if none is brought."""

    cidr: IPv4Network
    zones: int = 2
    subnets: Subnets | None = None


def _made(vpc: Value, default: EnvironmentSettings) -> _Made:
    """A VPC's range and subnets: one public and one private in each zone, as Copilot wants it."""
    range_at, subnets = vpc.get("cidr"), vpc.get("subnets")
    nothing = _Made(default.cidr)
    ranged = [each for kind in ("public", "private") for each in _each(subnets.get(kind)) if each.get("cidr")]
    if not range_at:
        if ranged:
            range_at.fail("write the range in which the subnets lie, such as cidr: 10.7.0.0/16", "missing")
        return nothing
    if vpc.get("id"):
        range_at.fail("leave it out: the VPC that you bring has its own", "cidr beside id")
        return nothing
    cidr = _network(range_at, 16, 28)
    if cidr is None:
        return nothing
    if not subnets:
        return _Made(cidr) if cidr.prefixlen <= 24 else _too_small(range_at, nothing)
    public, private = (_ranges(subnets.get(kind), cidr) for kind in ("public", "private"))
    if len(public) != len(private) or len(public) < 2:
        found = f"found {len(public)} public and {len(private)} private"
        subnets.fail("give a public and a private subnet with cidr for each of at least two zones", found)
        return _Made(cidr)
    _check_overlaps(subnets, [*public, *private])
    return _Made(cidr, len(public), _in_zones(subnets, public, private))


def _too_small(at: Value, nothing: _Made) -> _Made:
    at.fail("give a range from /16 to /24, or subnets of your own beside it")
    return nothing


def _in_zones(at: Value, public: list[IPv4Network], private: list[IPv4Network]) -> Subnets:
    """The subnets, the private ones in the order of the public ones' zones."""
    zones = {kind: [each.get("az").text() for each in _each(at.get(kind))] for kind in ("public", "private")}
    wrong = [
        each.get("az")
        for kind, named in zones.items()
        for zone, each in zip(named, _each(at.get(kind)), strict=True)
        if zone is not None and not _ZONE.fullmatch(zone)
    ]
    for each in wrong:
        each.fail("give a zone's name, such as eu-west-1a")
    if wrong:
        return Subnets(_texts(public), _texts(private))
    named = [zone for zone in zones["public"] if zone]
    others = [zone for zone in zones["private"] if zone]
    if not named and not others:
        return Subnets(_texts(public), _texts(private))
    if len(set(named)) != len(public) or len(set(others)) != len(private) or set(named) != set(others):
        remedy = "give each public subnet a zone (az) of its own, and the private ones the same zones; or none at all"
        at.fail(remedy, "zones that don't match")
        return Subnets(_texts(public), _texts(private))
    by_zone = dict(zip(others, private, strict=True))
    return Subnets(_texts(public), _texts([by_zone[zone] for zone in named]), tuple(named))


def _texts(ranges: list[IPv4Network]) -> tuple[str, ...]:
    return tuple(map(str, ranges))


def _each(at: Value) -> list[Value]:
    """The maps of a list; what is none was noted with the fields."""
    return [each for each in at.items() if each.is_map()] if isinstance(at.value, list) else []


def _ranges(at: Value, whole: IPv4Network) -> list[IPv4Network]:
    found: list[IPv4Network] = []
    for each in _each(at):
        if not each.get("cidr"):
            each.missing("cidr", f"write the subnet's range within {whole}")
        block = _network(each.get("cidr"), 16, 28) if each.get("cidr") else None
        if block and not block.subnet_of(whole):
            each.get("cidr").fail(f"give a range within {whole}")
        found += [block] if block else []
    return found


def _check_overlaps(at: Value, ranges: list[IPv4Network]) -> None:
    for number, one in enumerate(ranges):
        for other in ranges[:number]:
            if one.overlaps(other):
                at.fail("give each subnet addresses of its own", f"the range {one} overlaps with {other}")


def _network(at: Value, widest: int, narrowest: int) -> IPv4Network | None:
    accepted = f"give an IPv4 range from /{widest} to /{narrowest} whose host bits are 0, such as 10.7.0.0/16"
    text = at.text("", accepted)
    try:
        network = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        at.fail(accepted)
        return None
    if "/" not in text or not widest <= network.prefixlen <= narrowest:
        at.fail(accepted)
        return None
    return network


def _brought(vpc: Value) -> Vpc | None:
    """A VPC that is brought. Which of its subnets are needed, the services and the facade say."""
    at = vpc.get("id")
    listed = {kind: _each(vpc.get("subnets").get(kind)) for kind in ("public", "private")}
    ids = {kind: [each.get("id") for each in found if each.get("id")] for kind, found in listed.items()}
    if not at:
        for each in (*ids["public"], *ids["private"]):
            each.fail("write the id of its VPC beside subnets, or cidr instead", "a subnet's id without a VPC's")
        return None
    name = at.text("", "give the VPC's id, such as vpc-0a1b2c3d")
    if not cidr.VPC_ID.fullmatch(name):
        at.fail("give the VPC's id, such as vpc-0a1b2c3d")
    for kind, found in listed.items():
        for each in found:
            if not each.get("id"):
                each.missing("id", "write the subnet's id, such as subnet-0a1b2c3d")
            elif not (isinstance(each.get("id").value, str) and cidr.SUBNET_ID.fullmatch(str(each.get("id").value))):
                each.get("id").fail("give a subnet's id, such as subnet-0a1b2c3d")
        if len(found) == 1:
            vpc.get("subnets").get(kind).fail("give at least two, in two zones", "found one")
    if not any(listed.values()):
        vpc.get("subnets").fail("write public: and private: with the subnets' ids", "no subnets")
        return None
    public, private = (tuple(str(each.value) for each in ids[kind]) for kind in ("public", "private"))
    return Vpc(name, public, private)


def _flow_logs(at: Value) -> int | None:
    """Days for which they are kept: Copilot's 14 unless the manifest says more."""
    if not at.is_map():
        return 14 if at.boolean(False) else None
    days = at.get("retention").integer(14, 0, 3653)
    if days not in limits.RETENTION_DAYS:
        at.get("retention").fail(f"give one of {', '.join(map(str, limits.RETENTION_DAYS))} days")
    return days


def _rules(at: Value) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for each in _each(at):
        for key, example in (("ip_protocol", "tcp"), ("ports", "0-65535"), ("cidr", "10.0.0.0/8")):
            if not each.get(key):
                each.missing(key, f"write {key}, such as {key}: {example}")
        protocol = each.get("ip_protocol").text("tcp").lower()
        if protocol not in _PROTOCOLS and not (protocol.isdecimal() and int(protocol) <= 255):
            each.get("ip_protocol").fail("give tcp, udp, icmp, a protocol's number from 0 to 255, or -1 for all")
        cidr = _network(each.get("cidr"), 0, 32) if each.get("cidr") else None
        first, last = _ports(each.get("ports"), protocol)
        rule = Rule(protocol, first, last, str(cidr))
        if rule in found:
            each.fail("keep one of them", "this rule stands twice")
        found.append(rule)
    return tuple(found)


_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def _ports(at: Value, protocol: str) -> tuple[int, int]:
    """The first port and the last; with ICMP, and with all protocols, -1 stands for all that there are."""
    written = str(at.value) if isinstance(at.value, (int, str)) else ""
    if written == "-1" and protocol in ("icmp", "-1"):
        return (-1, -1) if protocol == "icmp" else (0, 65535)
    matched = _PORTS.fullmatch(written)
    first, last = (int(matched[1]), int(matched[2] or matched[1])) if matched else (1, 0)
    if first <= last <= 65535:
        return first, last
    if at:
        at.fail("give a port, or a range such as 8000-8080, up to 65535")
    return 0, 0


def _access_logs(at: Value) -> AccessLogs | None:
    if not at.is_map():
        return AccessLogs() if at.boolean(False) else None
    bucket, prefix = at.get("bucket_name"), at.get("prefix").text()
    if bucket and not (isinstance(bucket.value, str) and cidr.BUCKET.fullmatch(bucket.value)):
        bucket.fail("give a bucket's name, in lower case")
    if prefix is not None and ("AWSLogs" in prefix or not prefix.strip("/")):
        at.get("prefix").fail("give a prefix without AWSLogs, which AWS puts behind it")
    return AccessLogs(bucket.text(), prefix and prefix.strip("/"))


def _callers(public: Value) -> tuple[str, ...]:
    """The ranges from which a public load balancer takes requests, in either spelling."""
    new, old = public.get("ingress").get("source_ips"), public.get("security_groups").get("ingress").get("restrict_to")
    if new and old.get("source_ips"):
        new.fail("keep this one", "given here and in security_groups.ingress.restrict_to")
    found: list[str] = []
    for each in (new or old.get("source_ips")).items():
        whole = f"{each.value}/32" if isinstance(each.value, str) and "/" not in each.value else each.value
        block = _network(replace(each, value=whole), 0, 32)
        found += [str(block)] if block and str(block) not in found else []
    return tuple(found)


def _internal_subnets(at: Value, brought: Vpc | None) -> tuple[str, ...]:
    names = at.texts()
    known = {*brought.public_subnets, *brought.private_subnets} if brought else set[str]()
    if names and not brought:
        at.fail("give network.vpc.id and the ids of its subnets too", "subnets of a VPC that isn't brought")
    elif not set(names) <= known or len(set(names)) == 1:
        at.fail("give at least two of the subnets in network.vpc.subnets")
    return names
