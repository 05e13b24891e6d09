"""Which ports the containers of a task open. Pure.

All containers of a task share one network interface: a port belongs to one of them.
"""

from dataclasses import dataclass

from components.manifest.manifest import Manifest


@dataclass(frozen=True)
class Port:
    """A port of a task: the container that listens there (None: the main one), and tcp or udp."""

    container: str | None
    """The name of a sidecar; None for the main container."""
    number: int
    """1 to 65535."""
    protocol: str = "tcp"
    """`tcp` (default) or `udp`."""


def target_of(manifest: Manifest) -> Port | None:
    """Where the service takes its requests: what a facade and Service Connect reach; None: nowhere."""
    http = manifest.http or manifest.internal
    if http is None:
        return Port(None, manifest.port) if manifest.port else None
    return Port(http.main.target_container, http.main.target_port or manifest.port)


def opened(manifest: Manifest, container: str | None = None) -> tuple[Port, ...]:
    """The ports of a container (None: the main one) that the manifest, load balancers and other services name, sorted.
    UDP is what a network load balancer says of a port, or a sidecar itself."""
    ports = [Port(None, manifest.port)] if manifest.port else []
    ports += [Port(sidecar.name, sidecar.port, sidecar.protocol) for sidecar in manifest.sidecars if sidecar.port]
    http = manifest.http or manifest.internal
    for rule in http.rules if http else ():
        ports.append(Port(rule.target_container, rule.target_port or manifest.port))
    by_number = {(item.container, item.number): item for item in ports}
    for listener in manifest.nlb.listeners if manifest.nlb else ():
        port = Port(listener.target_container, listener.target_port, listener.transport)
        if port.protocol == "udp" or (port.container, port.number) not in by_number:
            by_number[port.container, port.number] = port
    found = [item for item in by_number.values() if item.container == container]
    return tuple(sorted(found, key=lambda item: item.number))
