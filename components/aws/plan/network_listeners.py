"""What of a service's network load balancer can't change on its port while the service is up. Pure.

A listener of a network load balancer has one action and no rules, and a port has one listener (ELB API,
CreateListener: DuplicateListener, "A listener with the specified port already exists"). So nothing can come next to it
on its port: another protocol would meet tasks that speak the old one, and clients that do, at once; and TCP instead of
UDP would be a second listener. What a health check asks for changes in place as well: a group needs a listener.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.aws.plan.load_balancers import name_on
from components.model.facades import Scheme
from components.settings.service import Service

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


def name_of(service: str, port: int, transport: str) -> str:
    """The logical name of what belongs to a listener. Capitals keep it apart from every service's name."""
    return f"{service}-Nlb{port}{transport}"


def mistakes(services: Iterable[Service], listeners: Outputs) -> Iterator[str]:
    """A line for each port that would get another protocol. listeners: those that the stack has."""
    for service in services:
        for wanted in service.manifest.nlb.listeners if service.manifest.nlb else ():
            names = [name_of(service.name, wanted.port, transport) for transport in ("tcp", "udp")]
            known = [str(listeners[name].get("protocol")).lower() for name in names if name in listeners]
            if known and wanted.protocol not in known:
                yield (
                    f"{service.where('nlb')}: found {wanted.port}/{wanted.protocol}, but the deployed listener uses "
                    f"{known[0]}, as do its clients and tasks: add a listener on another port (additional_listeners), "
                    f"move the clients to it, then remove {wanted.port}, each step in its own `up`"
                )


def messages(services: Iterable[Service], groups: Outputs) -> Iterator[str]:
    """A line for each health check that turns to another port, by which tasks that run are judged at once. groups: the
    target groups that the stack has."""
    for service in services:
        for wanted in service.manifest.nlb.listeners if service.manifest.nlb else ():
            name = name_of(service.name, wanted.port, wanted.transport)
            there = (groups.get(name_on(name, scheme)) for scheme in Scheme)
            known = next(
                (found["healthCheck"].get("port") for found in there if found and "healthCheck" in found), None
            )
            port = str(wanted.healthcheck.port or "traffic-port")
            if known is not None and known != port:
                yield (
                    f"{service.where('nlb')}: the health check of port {wanted.port} changes from {known} to {port} "
                    "immediately, for running tasks too: first release a version that answers on the new port"
                )
