"""Listeners that aren't ours, and the VPC links by which an HTTP API reaches them. Pure.

Sources: API Gateway developer guide, "Create private integrations for HTTP APIs in API Gateway" (listeners of
application and network load balancers, of the API's own account; plain HTTP unless `tlsConfig` names a server), "Set up
VPC links V2 in API Gateway" (all subnets and security groups are given at creation, and never change; zones without VPC
links), API Gateway V2 API (TlsConfig: ServerNameToVerify is checked in the certificate, and sent as SNI).

Which Host header API Gateway sends to a listener by itself, no page of AWS's says. That it is asked by the private
addresses of a load balancer that is internet-facing is assumed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from components.aws.plan.passages import Passage, passes
from components.settings.external import ExternalService

HTTP = ("HTTP", "HTTPS", "TCP", "TLS")
"""The protocols of listeners behind which HTTP may be spoken."""

_WITH_TLS = ("HTTPS", "TLS")

WITHOUT_LINKS = {
    "us-east-1": ("use1-az3",),
    "us-west-1": ("usw1-az2",),
    "ap-east-1": ("ape1-az1",),
    "ap-northeast-1": ("apne1-az3",),
    "ap-northeast-2": ("apne2-az4",),
    "ca-central-1": ("cac1-az4",),
    "eu-west-3": ("euw3-az2",),
}
"""By region, the ids of the Availability Zones without VPC links ("Availability by Region"; of a region that has
further zones, those that its table doesn't name)."""

_NOWHERE = frozenset(zone for zones in WITHOUT_LINKS.values() for zone in zones)


@dataclass(frozen=True)
class Subnet:
    """A subnet in which a load balancer is."""

    id: str
    """Its id."""
    zone: str
    """The id of its Availability Zone, which is the same in all accounts."""
    range: str
    """Its address range."""


@dataclass(frozen=True)
class ExternalListener:
    """A listener that isn't ours, as AWS tells of it."""

    protocol: str
    """Such as `HTTPS`, or `TCP` of a network load balancer."""
    port: int
    """Its port."""
    vpc: str
    """Id of its load balancer's VPC; empty in a plan without an account."""
    subnets: tuple[Subnet, ...] = ()
    """In which its load balancer is. Default none."""
    groups: tuple[str, ...] = ()
    """Ids of its load balancer's security groups. Default none, as a network load balancer may have none."""


@dataclass(frozen=True)
class LinkEgress:
    """What the security group of a VPC link lets out to a listener that isn't ours."""

    port: int
    """Of the listener."""
    group: str | None = None
    """Security group of its load balancer. Default: it has none."""
    range: str | None = None
    """Address range in which its load balancer is, if that has no security group. Default: it has one."""


@dataclass(frozen=True)
class Link:
    """A VPC link into a network that isn't ours."""

    vpc: str
    """Id of the VPC."""
    subnets: tuple[str, ...]
    """Ids of the subnets that it is in, one in a zone."""
    groups: tuple[str, ...] = ()
    """Ids of security groups of the user's own that it is in. Default none."""
    own_group: bool = True
    """Whether it is in one that is made for it. Default true."""


@dataclass(frozen=True)
class Behind:
    """How a service behind a listener that isn't ours is reached."""

    link: str
    """The key of its VPC link: the name of an environment of ours, or what `Links.made` has."""
    egress: tuple[LinkEgress, ...] = ()
    """What the link's security group lets out for it; none where all of its groups are the user's. Default none."""
    tls: bool = False
    """Whether it is spoken to with TLS. Default false."""


@dataclass(frozen=True)
class Links:
    """The VPC links that listeners which aren't ours need."""

    behind: Mapping[str, Behind] = field(default_factory=dict[str, Behind])
    """By service. Default none."""
    made: Mapping[str, Link] = field(default_factory=dict[str, Link])
    """By key, besides those into environments of ours. Default none."""


def mistake(listener: ExternalListener, service: ExternalService) -> tuple[str, str] | None:
    """What was found and what to do, if an HTTP API can't send requests there as it is told to."""
    if not listener.vpc:
        return None
    if listener.protocol not in HTTP:
        return f"a listener of {listener.protocol}", f"give one of {', '.join(HTTP)}: requests are HTTP"
    if listener.protocol in _WITH_TLS and service.server_name is None:
        remedy = "set serverName next to it to the name in its certificate, such as legacy.example.com"
        return f"a listener of {listener.protocol}", remedy
    if not _usable(listener.subnets):
        zones = ", ".join(sorted({subnet.zone for subnet in listener.subnets})) or "no zone"
        return (
            f"its load balancer is in {zones}, where API Gateway doesn't support VPC links",
            "add a subnet in another zone, see docs/facades.md",
        )
    return None


def _usable(subnets: Iterable[Subnet]) -> dict[str, Subnet]:
    """By zone, one of those that a VPC link may be in."""
    found: dict[str, Subnet] = {}
    for subnet in sorted(subnets, key=lambda one: one.id):
        if subnet.zone not in _NOWHERE:
            found.setdefault(subnet.zone, subnet)
    return found


NOBODY_KNOWS = "elsewhere"
"""The key of a link into a network that a plan without an account doesn't know."""


def links(
    services: Mapping[str, tuple[ExternalService, ExternalListener]], environments: Mapping[str, str | None]
) -> Links:
    """One link for each network: that of an environment of ours which is in it, unless a service has security groups of
    its own. services: those that run elsewhere, by name, each with its listener. environments: of those of ours that
    have a link, the id of the VPC, by name; None if it isn't made yet."""
    at_home = {vpc: name for name, vpc in sorted(environments.items(), reverse=True) if vpc}
    behind: dict[str, Behind] = {}
    inside: dict[str, list[tuple[ExternalService, ExternalListener]]] = {}
    for name, (service, listener) in sorted(services.items()):
        home = None if service.security_groups else at_home.get(listener.vpc)
        key = home or listener.vpc or NOBODY_KNOWS
        if home is None:
            inside.setdefault(key, []).append((service, listener))
        egress = () if service.security_groups else _egress(listener)
        tls = listener.protocol in _WITH_TLS or (listener.protocol == "TCP" and service.server_name is not None)
        behind[name] = Behind(key, egress, tls)
    return Links(behind, {key: _link(listed) for key, listed in inside.items()})


def _egress(listener: ExternalListener) -> tuple[LinkEgress, ...]:
    if listener.groups:
        return tuple(LinkEgress(listener.port, group=group) for group in listener.groups)
    return tuple(
        LinkEgress(listener.port, range=found) for found in sorted({subnet.range for subnet in listener.subnets})
    )


def _link(inside: list[tuple[ExternalService, ExternalListener]]) -> Link:
    subnets = _usable(subnet for _, listener in inside for subnet in listener.subnets)
    groups = sorted({group for service, _ in inside for group in service.security_groups})
    ids = tuple(sorted(subnet.id for subnet in subnets.values()))
    return Link(inside[0][1].vpc, ids, tuple(groups), any(not service.security_groups for service, _ in inside))


def lets_in(rules: Iterable[Passage], listener: ExternalListener, groups: Iterable[str]) -> bool:
    """Whether a load balancer's security groups let a VPC link in at its listener. rules: what they let in. groups:
    ids of those that the link is in, as far as they are known."""
    known, passing = list(groups), list(rules)
    return all(passes(passing, subnet.range, known, listener.port) for subnet in _usable(listener.subnets).values())


def closed(service: str, listener: ExternalListener, group: str) -> tuple[str, str]:
    """What is told of a listener whose load balancer doesn't let its link in: what was found, and what to do. service:
    its name. group: id of the link's security group of ours; empty if that isn't there."""
    found = f"{', '.join(listener.groups)} allows no VPC link on port {listener.port}"
    if group:
        return found, f"add a rule there that allows {group}, the link's security group"
    return found, (
        "run `pulumi up` before you route requests there, which creates the link and its security group, and "
        "allow that "
        f"group; or set groups that it allows: services.{service}.securityGroups"
    )
