"""`nlb` of a manifest: a network load balancer of the service's own. Pure.

Defaults are Copilot's (v1.34), where it says so the documented ones: protocol tcp, three checks to be healthy and three
to be unhealthy, 60 s of deregistration delay; a listener's target port is its own port.
"""

import re
from dataclasses import dataclass

from components.input.value import Value
from components.manifest import tls
from components.manifest.http import Alias, read_aliases
from components.manifest.target_container import Containers, target

_PROTOCOLS = ("tcp", "udp", "tls")


@dataclass(frozen=True)
class NlbCheck:
    """How a network load balancer sees whether a target lives: by opening a connection; seconds. port: default the
    target port."""

    port: int | None = None
    healthy_threshold: int = 3
    unhealthy_threshold: int = 3
    interval: int = 30
    timeout: int = 10


@dataclass(frozen=True)
class NlbListener:
    """What listens on a port. protocol: tcp, udp or tls, which ends at the load balancer. target_port: the container's.
    target_container: default None, the main one. ssl_policy: the name of a policy for tls (default: that of the
    environment). stickiness: whether a client's address stays with its task. deregistration_delay: seconds that
    connections are given."""

    port: int
    target_port: int
    protocol: str = "tcp"
    target_container: str | None = None
    healthcheck: NlbCheck = NlbCheck()
    ssl_policy: str | None = None
    stickiness: bool = False
    deregistration_delay: int = 60

    @property
    def transport(self) -> str:
        """What reaches the container: tcp or udp."""
        return "udp" if self.protocol == "udp" else "tcp"


@dataclass(frozen=True)
class Nlb:
    """A network load balancer. listeners: the main one first. aliases: host names that lead to it. grace_period:
    seconds for which a new task may be unhealthy."""

    listeners: tuple[NlbListener, ...]
    aliases: tuple[Alias, ...] = ()
    grace_period: int = 60

    @property
    def tls(self) -> bool:
        """Whether it needs a certificate."""
        return any(each.protocol == "tls" for each in self.listeners)


def read_nlb(at: Value, known: Containers) -> Nlb | None:
    """What stands at `nlb`; None if there is none."""
    if at:
        at.require_map()
    if not at.is_map():
        return None
    further = at.get("additional_listeners").items()
    for each in further:
        each.require_map()
    listeners = [_listener(each, known) for each in (at, *further) if each.is_map()]
    taken: set[int] = set()
    for place, each in zip((at, *further), listeners, strict=False):
        if each.port and each.port in taken:
            place.get("port").fail("give each listener a port of its own, tcp or udp", f"the port {each.port} twice")
        taken.add(each.port)
    return Nlb(
        listeners=tuple(listeners),
        aliases=read_aliases(at, None),
        grace_period=at.get("healthcheck").get("grace_period").duration(60, 0, 2147483647),
    )


def _listener(at: Value, known: Containers) -> NlbListener:
    port, protocol = _port(at)
    container, target_port = target(at, known)
    policy = tls.policy(at.get("ssl_policy"))
    if policy and protocol not in ("tls", ""):
        at.get("ssl_policy").fail("write port: <number>/tls, or take it out", f"a policy for TLS on a {protocol} port")
    sticky = at.get("stickiness").boolean(False)
    if sticky and protocol == "tls":
        at.get("stickiness").fail("take it out, or listen with tcp", "a tls port, which can't hold on to clients")
    return NlbListener(
        port=port,
        target_port=target_port or port,
        protocol=protocol,
        target_container=container,
        healthcheck=_healthcheck(at.get("healthcheck")),
        ssl_policy=policy,
        stickiness=sticky,
        deregistration_delay=at.get("deregistration_delay").duration(60, 0, 3600),
    )


def _port(at: Value) -> tuple[int, str]:
    """The port and the protocol of `443/tls`, `80/tcp`, `80`; 0 and nothing if what stands there is a mistake."""
    place = at.get("port")
    if not place:
        at.missing("port", "write the port on which to listen, such as port: 443/tls")
        return 0, ""
    if not isinstance(place.value, (str, int)) or isinstance(place.value, bool):
        place.fail("give a port and a protocol, such as 443/tls")
        return 0, ""
    found = re.fullmatch(r"([0-9]{1,5})(?:/(\w+))?", str(place.value).lower())
    if not found or not 1 <= int(found[1]) <= 65535:
        place.fail("give a port from 1 to 65535 and a protocol, such as 443/tls")
        return 0, ""
    protocol = found[2] or "tcp"
    if protocol not in _PROTOCOLS:
        place.fail("give tcp, udp or tls behind the slash", f"unknown protocol {protocol!r}")
    return int(found[1]), protocol if protocol in _PROTOCOLS else ""


def _healthcheck(at: Value) -> NlbCheck:
    if at:
        at.require_map()
    return NlbCheck(
        port=at.get("port").integer(None, 1, 65535),
        healthy_threshold=at.get("healthy_threshold").integer(3, 2, 10),
        unhealthy_threshold=at.get("unhealthy_threshold").integer(3, 2, 10),
        interval=at.get("interval").duration(30, 5, 300),
        timeout=at.get("timeout").duration(10, 2, 120),
    )
