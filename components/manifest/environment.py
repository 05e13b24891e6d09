"""Copilot's environment manifest, read into an EnvironmentSettings. Pure.

Defaults are Copilot's own (v1.34), but for the address range: it comes from the environment's name, since Copilot gives
10.0.0.0/16 to each. A NAT gateway in each zone is made if a service of the workspace is placed in private subnets.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from components.input.value import Value
from components.manifest import limits, tls
from components.manifest.support import BUILT, Field, Group, State, group
from components.model import cidr
from components.model.environment import AccessLogs, EnvironmentSettings, Rule, Subnets, Vpc

TYPE = "Environment"

_AWS = Field(State.KEPT, State.BUILT, "an environment is a Docker network on the local platform")
_CDN = Field(
    State.KEPT,
    State.LEFT_OUT,
    "the facade is the only public URL, open to anyone: put your own CloudFront in front of it if you need one",
)
_SUBNETS = Group(item=group("id", "cidr", "az", of=_AWS))
_RULES = Group(item=group("ip_protocol", "ports", "cidr", of=_AWS))
_CALLERS = Group({"cdn": _CDN, "source_ips": _AWS})

ENVIRONMENT_FIELDS = Group(
    {
        "name": BUILT,
        "type": BUILT,
        "network": Group(
            {
                "vpc": Group(
                    {
                        "id": _AWS,
                        "cidr": _AWS,
                        "subnets": group("public", "private", of=_SUBNETS),
                        "security_group": group("ingress", "egress", of=_RULES),
                        "flow_logs": Group({"retention": _AWS}, short=_AWS),
                    }
                )
            }
        ),
        "cdn": Group(
            {
                "certificate": _CDN,
                "terminate_tls": _CDN,
                "static_assets": group("location", "alias", "path", of=_CDN),
            },
            short=_CDN,
        ),
        "http": Group(
            {
                "public": Group(
                    {
                        "certificates": _AWS,
                        "ssl_policy": _AWS,
                        "access_logs": Group({"bucket_name": _AWS, "prefix": _AWS}, short=_AWS),
                        "ingress": _CALLERS,
                        "security_groups": Group({"ingress": Group({"restrict_to": _CALLERS})}),
                    }
                ),
                "private": Group(
                    {
                        "subnets": _AWS,
                        "certificates": _AWS,
                        "ssl_policy": _AWS,
                        "ingress": Group({"vpc": _AWS}),
                        "security_groups": Group({"ingress": Group({"from_vpc": _AWS})}),
                    }
                ),
            }
        ),
        "observability": Group({"container_insights": _AWS}),
    }
)
"""Every field of the manifest, and what each platform makes of it."""

_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9](?:-[a-z]{3}-[0-9])?[a-z]")
_PROTOCOLS = ("tcp", "udp", "icmp", "-1")
_KINDS = ("public", "private")


def read(at: Value, default: EnvironmentSettings) -> EnvironmentSettings:
    """An environment's manifest, variables interpolated. Mistakes are reported in the value's problems."""
    vpc, public, private = at.get("network").get("vpc"), at.get("http").get("public"), at.get("http").get("private")
    created = _created(vpc, default)
    existing = _existing(vpc)
    rules = vpc.get("security_group")
    return replace(
        default,
        cidr=created.cidr,
        zones=created.zones,
        nat="none" if existing else default.nat,
        subnets=created.subnets,
        vpc=existing,
        container_insights=at.get("observability").get("container_insights").boolean(False),
        flow_logs=_flow_logs(vpc.get("flow_logs")),
        ingress=_rules(rules.get("ingress")),
        egress=_rules(rules.get("egress")),
        certificates=tls.certificates(public.get("certificates")),
        ssl_policy=tls.policy(public.get("ssl_policy")),
        access_logs=_access_logs(public.get("access_logs")),
        callers=_callers(public),
        internal_subnets=_internal_subnets(private.get("subnets"), existing),
        internal_certificates=tls.certificates(private.get("certificates")),
        internal_ssl_policy=tls.policy(private.get("ssl_policy")),
        internal_open=_internal_open(private),
    )


@dataclass(frozen=True)
class _Created:
    """The network that is created unless there is an existing one."""

    cidr: IPv4Network
    """Its address range."""
    zones: int = 2
    """How many. Default 2, Copilot's."""
    subnets: Subnets | None = None
    """Their ranges. Default: laid out in the network's."""


def _created(vpc: Value, default: EnvironmentSettings) -> _Created:
    """A VPC's range and subnets: one public and one private in each zone, as Copilot wants it."""
    range_at, subnets = vpc.get("cidr"), vpc.get("subnets")
    nothing = _Created(default.cidr)
    ranged = [item for kind in _KINDS for item in _maps(subnets.get(kind)) if item.get("cidr")]
    if not range_at:
        if ranged:
            range_at.fail("write the range that contains the subnets, such as cidr: 10.7.0.0/16", "missing")
        return nothing
    if vpc.get("id"):
        range_at.refuse("remove it: an existing VPC has its own", "cidr together with id")
        return nothing
    cidr = read_range(range_at, 16, 28)
    if cidr is None:
        return nothing
    if not subnets:
        return _Created(cidr) if cidr.prefixlen <= 24 else _too_small(range_at, nothing)
    public, private = (_ranges(subnets.get(kind), cidr) for kind in _KINDS)
    if len(public) != len(private) or len(public) < 2:
        found = f"found {len(public)} public and {len(private)} private"
        subnets.fail("give a public and a private subnet with cidr in at least two zones each", found)
        return _Created(cidr)
    _check_overlaps(subnets, [*public, *private])
    return _Created(cidr, len(public), _in_zones(subnets, public, private))


def _too_small(at: Value, nothing: _Created) -> _Created:
    at.fail("give a range from /16 to /24, or add your own subnets")
    return nothing


def _in_zones(at: Value, public: list[IPv4Network], private: list[IPv4Network]) -> Subnets:
    """The subnets, the private ones in the order of the public ones' zones."""
    places = {kind: [item.get("az") for item in _maps(at.get(kind))] for kind in _KINDS}
    remedy = "give a zone's name, such as eu-west-1a"
    zones = {kind: [place.matching(_ZONE, remedy) for place in listed] for kind, listed in places.items()}
    of_public, of_private = ([zone for zone in zones[kind] if zone] for kind in _KINDS)
    invalid = any(place and not zone for kind in _KINDS for place, zone in zip(places[kind], zones[kind], strict=True))
    if invalid or not (of_public or of_private):
        return Subnets(_texts(public), _texts(private))
    complete = len(set(of_public)) == len(public) and len(set(of_private)) == len(private)
    if not complete or set(of_public) != set(of_private):
        remedy = "give each public subnet its own zone (az), and the private ones the same zones; or give no zones"
        at.fail(remedy, "zones that don't match")
        return Subnets(_texts(public), _texts(private))
    by_zone = dict(zip(of_private, private, strict=True))
    return Subnets(_texts(public), _texts([by_zone[zone] for zone in of_public]), tuple(of_public))


def _texts(ranges: list[IPv4Network]) -> tuple[str, ...]:
    return tuple(map(str, ranges))


def _maps(at: Value) -> list[Value]:
    """The maps of a list; anything else was reported by the table."""
    return [item for item in at.items() if item.is_map()] if isinstance(at.value, list) else []


def _ranges(at: Value, whole: IPv4Network) -> list[IPv4Network]:
    found: list[IPv4Network] = []
    for item in _maps(at):
        place = item.required("cidr", f"write the subnet's range within {whole}")
        block = read_range(place, 16, 28) if place else None
        if block and not block.subnet_of(whole):
            place.fail(f"give a range within {whole}")
        found += [block] if block else []
    return found


def _check_overlaps(at: Value, ranges: list[IPv4Network]) -> None:
    for number, one in enumerate(ranges):
        for other in ranges[:number]:
            if one.overlaps(other):
                at.fail("give each subnet its own range", f"the range {one} overlaps with {other}")


def read_range(at: Value, widest: int, narrowest: int) -> IPv4Network | None:
    """An address range whose prefix has from `widest` to `narrowest` bits."""
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


def _existing(vpc: Value) -> Vpc | None:
    """An existing VPC. Which of its subnets are needed depends on the services and the facade."""
    listed = {kind: _maps(vpc.get("subnets").get(kind)) for kind in _KINDS}
    if not vpc.get("id"):
        for item in (*listed["public"], *listed["private"]):
            if item.get("id"):
                item.get("id").fail("also write the VPC's id, or use cidr instead", "subnet without network.vpc.id")
        return None
    ids: dict[str, tuple[str, ...]] = dict.fromkeys(_KINDS, ())
    for kind, items in listed.items():
        places = [item.required("id", "write the subnet's id, such as subnet-0a1b2c3d") for item in items]
        if places:
            ids[kind] = read_subnets(vpc.get("subnets").get(kind), places)
    if not any(listed.values()):
        vpc.get("subnets").fail("write public: and private: with the subnets' ids", "no subnets")
        return None
    return Vpc(read_vpc_id(vpc), ids["public"], ids["private"])


def read_vpc_id(vpc: Value) -> str:
    """The id of an existing VPC; empty if it is none."""
    remedy = "give the VPC's id, such as vpc-0a1b2c3d"
    return vpc.required("id", remedy).matching(cidr.VPC_ID, remedy, "")


def read_subnets(at: Value, places: list[Value]) -> tuple[str, ...]:
    """The ids of existing subnets, as many as a load balancer takes. at: their list. places: the id of each."""
    names = [place.matching(cidr.SUBNET_ID, "give a subnet's id, such as subnet-0a1b2c3d") for place in places]
    found = tuple(name for name in names if name)
    if len(set(found)) < 2 and len(found) == len(places) and (isinstance(at.value, list) or not at):
        at.fail("give the ids of at least two, in two zones", f"found {', '.join(found) or 'no subnets'}")
    return found


def _flow_logs(at: Value) -> int | None:
    """Days for which they are kept: Copilot's 14 by default."""
    if not at.is_map():
        return 14 if at.boolean(False) else None
    return limits.retention(at.get("retention"), 14)


def _rules(at: Value) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for item in _maps(at):
        protocol_at, ports_at, range_at = (
            item.required(key, f"write {key}, such as {key}: {example}")
            for key, example in (("ip_protocol", "tcp"), ("ports", "0-65535"), ("cidr", "10.0.0.0/8"))
        )
        protocol = protocol_at.text("tcp").lower()
        if protocol not in _PROTOCOLS and not (protocol.isdecimal() and int(protocol) <= 255):
            protocol_at.fail("give tcp, udp, icmp, a protocol's number from 0 to 255, or -1 for all")
        block = read_range(range_at, 0, 32) if range_at else None
        first, last = _ports(ports_at, protocol)
        rule = Rule(protocol, first, last, str(block))
        if rule in found:
            item.fail("remove one", "duplicate rule")
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
    bucket = at.get("bucket_name").matching(cidr.BUCKET, "give a bucket name in lower case")
    prefix = at.get("prefix").text()
    if prefix is not None and ("AWSLogs" in prefix or not prefix.strip("/")):
        at.get("prefix").fail("give a prefix without AWSLogs, which AWS appends")
    return AccessLogs(bucket, prefix and prefix.strip("/"))


def _callers(public: Value) -> tuple[str, ...]:
    """The ranges from which a public load balancer takes requests, in the new or the old spelling."""
    new, old = public.get("ingress").get("source_ips"), public.get("security_groups").get("ingress").get("restrict_to")
    if new and old.get("source_ips"):
        new.fail("keep this one", "also given in security_groups.ingress.restrict_to")
    found: list[str] = []
    for item in (new or old.get("source_ips")).items():
        whole = f"{item.value}/32" if isinstance(item.value, str) and "/" not in item.value else item.value
        block = read_range(replace(item, value=whole), 0, 32)
        found += [str(block)] if block and str(block) not in found else []
    return tuple(found)


def _internal_subnets(at: Value, existing: Vpc | None) -> tuple[str, ...]:
    names = at.texts()
    known = {*existing.public_subnets, *existing.private_subnets} if existing else set[str]()
    if names and not existing:
        at.fail("also write network.vpc.id and the ids of its subnets", "subnets without network.vpc.id")
    elif not set(names) <= known or len(set(names)) == 1:
        at.fail("give at least two of the subnets in network.vpc.subnets")
    return names


def _internal_open(private: Value) -> bool:
    """In the new or the old spelling: either says so."""
    places = (private.get("ingress").get("vpc"), private.get("security_groups").get("ingress").get("from_vpc"))
    said = [place.boolean(False) for place in places]
    return any(said)
