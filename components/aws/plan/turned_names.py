"""Names that would turn to another facade after the services have left the one that they lead to. Pure.

ECS takes a service from a load balancer in place. Where two facades stood side by side, with a load balancer each, and
the one goes that a name leads to, the services leave its load balancer before the record can change: the other facade
is whole only after that. With both facades still there, the record turns alone.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from components.aws.plan.ecs_services import Outputs
from components.model.facades import ALB, API_GATEWAY


def mistakes(
    facades: Collection[str], hosts: Collection[str], names: Outputs, records: Outputs, *, beside: bool
) -> Iterator[str]:
    """What can't be done in one `up`. facades: those that are to be. hosts: the names for which the facade `alb` makes
    a record. names and records: the domain names of HTTP APIs and the records that the stack has. beside: whether it
    has both facades, with a load balancer each."""
    if not beside or API_GATEWAY.name in facades or ALB.name not in facades:
        return
    targets = {str(name.get("domainName")): _target(name) for name in names.values()}
    for host in sorted({*hosts} & targets.keys()):
        if any(targets[host] in _led_to(record) for record in records.values() if record.get("name") == host):
            yield (
                f"facade: {host} points to {API_GATEWAY.name}, whose load balancer the services would leave before the "
                f"name points to {ALB.name}; deploy {ALB.name},{API_GATEWAY.name} first, which moves the name, then "
                f"{ALB.name} alone"
            )


def _target(name: Mapping[str, Any]) -> str:
    """What a record of the domain name of an HTTP API leads to."""
    found = cast("Mapping[str, Any]", name.get("domainNameConfiguration") or {})
    return str(found.get("targetDomainName"))


def _led_to(record: Mapping[str, Any]) -> list[str]:
    return [str(alias.get("name")) for alias in cast("list[Mapping[str, Any]]", record.get("aliases") or [])]
