"""`nlb` of a manifest: a network load balancer of the service's own. Pure.

Defaults are Copilot's (v1.34) as it documents them.
"""

import re
from dataclasses import dataclass

from components.input.value import Value
from components.manifest import tls
from components.manifest.http import ALIAS, DEREGISTRATION_DELAY, GRACE_PERIOD, Alias, read_aliases
from components.manifest.support import Field, Group, State, each_as, group
from components.manifest.target_container import Containers, target

_PROTOCOLS = ("tcp", "udp", "tls")

_AWS_ONLY = Field(State.LEFT_OUT, State.BUILT, "there is no network load balancer on the local platform")
_CHECK = group("port", "healthy_threshold", "unhealthy_threshold", "interval", "timeout", of=_AWS_ONLY)
_LISTENER = {
    "port": _AWS_ONLY,
    "healthcheck": _CHECK,
    "target_container": _AWS_ONLY,
    "targetContainer": _AWS_ONLY,
    "target_port": _AWS_ONLY,
    "ssl_policy": _AWS_ONLY,
    "stickiness": _AWS_ONLY,
    "deregistration_delay": _AWS_ONLY,
}
NLB = Group(
    {
        **_LISTENER,
        # A service has one grace period, which belongs to its main listener.
        "healthcheck": Group({**_CHECK.fields, "grace_period": _AWS_ONLY}),
        "alias": each_as(ALIAS, _AWS_ONLY),
        "additional_listeners": Group(item=Group(_LISTENER)),
    }
)
"""The fields of `nlb`."""


@dataclass(frozen=True)
class NlbCheck:
    """How a network load balancer checks its targets: by opening a connection."""

    port: int | None = None
    """Default: the target port."""
    healthy_threshold: int = 3
    """Checks in a row, 2 to 10. Default 3."""
    unhealthy_threshold: int = 3
    """Checks in a row, 2 to 10. Default 3."""
    interval: int = 30
    """Seconds, 5 to 300. Default 30."""
    timeout: int = 10
    """Seconds, 2 to 120. Default 10."""


@dataclass(frozen=True)
class NlbListener:
    """What listens on a port."""

    port: int
    """1 to 65535."""
    target_port: int
    """The container's port. Default in a manifest: the listener's own, or the port of the sidecar that is named."""
    protocol: str = "tcp"
    """`tcp` (default), `udp`, or `tls`, which ends at the load balancer."""
    target_container: str | None = None
    """The name of a sidecar. Default: the main container."""
    healthcheck: NlbCheck = NlbCheck()
    """How targets are checked. Default: see NlbCheck."""
    ssl_policy: str | None = None
    """The name of a policy for tls. Default: that of the environment."""
    stickiness: bool = False
    """Whether a client's address stays with its task. Default false."""
    deregistration_delay: int = 60
    """Seconds that open connections are given when a task stops. Default 60."""

    @property
    def transport(self) -> str:
        """What reaches the container: tcp or udp."""
        return "udp" if self.protocol == "udp" else "tcp"


@dataclass(frozen=True)
class Nlb:
    """A network load balancer."""

    listeners: tuple[NlbListener, ...]
    """The main one first."""
    aliases: tuple[Alias, ...] = ()
    """Host names that lead to it. Default: none."""
    grace_period: int = 60
    """Seconds for which a new task may be unhealthy. Default 60."""

    @property
    def tls(self) -> bool:
        """Whether it needs a certificate."""
        return any(listener.protocol == "tls" for listener in self.listeners)


def read_nlb(at: Value, known: Containers) -> Nlb | None:
    """`nlb`; None if there is none."""
    if at:
        at.require_map()
    if not at.is_map():
        return None
    further = at.get("additional_listeners").items()
    for place in further:
        place.require_map()
    places = [place for place in (at, *further) if place.is_map()]
    listeners = tuple(_listener(place, known) for place in places)
    taken: set[int] = set()
    for place, listener in zip(places, listeners, strict=True):
        if listener.port and listener.port in taken:
            place.get("port").fail("give each listener its own port, tcp or udp", f"duplicate port {listener.port}")
        taken.add(listener.port)
    return Nlb(
        listeners=listeners,
        aliases=read_aliases(at, None),
        grace_period=at.get("healthcheck").get("grace_period").duration(*GRACE_PERIOD),
    )


def _listener(at: Value, known: Containers) -> NlbListener:
    port, protocol = _port(at)
    container, target_port = target(at, known)
    policy = tls.policy(at.get("ssl_policy"))
    if policy and protocol not in ("tls", ""):
        at.get("ssl_policy").fail("write port: <number>/tls, or remove it", f"a TLS policy on a {protocol} port")
    sticky = at.get("stickiness").boolean(False)
    if sticky and protocol == "tls":
        at.get("stickiness").fail("remove it, or listen with tcp", "not supported on a tls port")
    return NlbListener(
        port=port,
        target_port=target_port or port,
        protocol=protocol,
        target_container=container,
        healthcheck=_healthcheck(at.get("healthcheck")),
        ssl_policy=policy,
        stickiness=sticky,
        deregistration_delay=at.get("deregistration_delay").duration(*DEREGISTRATION_DELAY),
    )


def _port(at: Value) -> tuple[int, str]:
    """The port and the protocol of `443/tls`, `80/tcp`, `80`; 0 and an empty text if it is invalid."""
    place = at.required("port", "write the port to listen on, such as port: 443/tls")
    if not place:
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
        place.fail("give tcp, udp or tls after the slash", f"unknown protocol {protocol!r}")
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
