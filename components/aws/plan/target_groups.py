"""What target groups are made of, and which of them stay when that changes. Pure.

Tasks that run are judged by the health check of their target group, and reached by its protocol. A change of these in
place would judge tasks that run by what only the next release has, and a release that fails would leave it so; a
replacement would turn requests to a group without tasks. So a target group that is to be another one is made beside the
old one, under another name, with an ECS service of its own; requests turn to it once that is in steady state, and what
is old goes last.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from components.aws.plan import listener_priorities
from components.aws.plan.alb_priorities import version_priorities
from components.aws.plan.alias_rules import rule_name
from components.aws.plan.load_balancers import LOGICAL, name_on
from components.manifest.http import HttpRule
from components.model.facades import Listener, Scheme
from components.model.names import fit, short_hash
from components.settings.service import Service

_TLS = 443
"""A container that listens here speaks TLS, as with Copilot."""

Inputs = Mapping[str, Any]
"""Of a target group, as Pulumi names them."""


def http_inputs(rule: HttpRule, port: int) -> dict[str, Any]:
    """What tasks that run depend on. port: the container's, which says whether it speaks TLS."""
    check = rule.healthcheck
    return {
        "protocol": "HTTPS" if port == _TLS else "HTTP",
        "protocolVersion": rule.version.upper(),
        "stickiness": {"enabled": rule.stickiness},
        "healthCheck": {
            "enabled": True,
            "protocol": "HTTPS" if (check.port or port) == _TLS else "HTTP",
            "path": check.path,
            "port": str(check.port) if check.port else "traffic-port",
            "matcher": check.success_codes,
            "healthyThreshold": check.healthy_threshold,
            "unhealthyThreshold": check.unhealthy_threshold,
            "interval": check.interval,
            "timeout": check.timeout,
        },
    }


@dataclass(frozen=True)
class Version:
    """A target group beside, or after, another one of the same tasks."""

    name: str
    """Its logical name."""
    priority: int
    """Of the listener rule that only attaches it."""


def http_groups(service: Service, schemes: tuple[Scheme, ...]) -> Iterator[tuple[tuple[Scheme, int], str, HttpRule]]:
    """The target groups of a service: on the first load balancer one for each rule of `http`, on a further one, which
    only a facade uses, one for the main rule. Each as its load balancer and the rule's number, its first name, and the
    rule."""
    http = service.manifest.http
    for scheme in schemes:
        first = scheme is schemes[0]
        for number, rule in (http.numbered if http else {}).items():
            if first or (number == 0 and service.manifest.routed):
                yield (scheme, number), name_on(rule_name(service.name, number), scheme), rule


def versions(
    services: Iterable[tuple[Service, tuple[Scheme, ...]]],
    deployed: Mapping[str, Inputs],
    listener: Listener | None = None,
) -> dict[str, Version]:
    """The target groups that can't be the first ones of their tasks, by the first one's name. services: with the
    schemes of the load balancers of their environments. deployed: see `name_of`. listener: of the load balancer that is
    the user's own."""
    found, theirs = dict[str, str](), list[str]()
    for service, schemes in services:
        for (scheme, _), plain, rule in http_groups(service, schemes):
            name = name_of(plain, http_inputs(rule, rule.target_port or service.manifest.port), deployed)
            if name != plain:
                found[plain] = name
                theirs += [name] if listener and scheme is Scheme.EXISTING else []
    priorities = version_priorities(name for name in found.values() if name not in theirs)
    priorities |= listener_priorities.of_versions(listener, theirs) if listener else {}
    return {plain: Version(name, priorities[name]) for plain, name in found.items()}


def name_of(plain: str, wanted: Inputs, deployed: Mapping[str, Inputs]) -> str:
    """The logical name of a target group.

    plain: the name of the first one. deployed: the target groups that the stack has, by name. A name follows from what
    the group is; only the first one has the plain name, as long as it is what is wanted.
    """
    stem = f"{fit(plain, LOGICAL - 8)}-V"
    known = deployed.get(plain)
    if known is None and not any(name.startswith(stem) for name in deployed):
        return plain
    if known is not None and _holds(wanted, known):
        return plain
    return stem + short_hash(json.dumps(wanted, sort_keys=True), 6)


def _holds(wanted: Inputs, known: Inputs) -> bool:
    """Whether what is known has everything that is wanted. Numbers of a state are floating."""
    for name, value in wanted.items():
        own = known.get(name)
        if isinstance(value, dict):
            if not isinstance(own, dict) or not _holds(cast("Inputs", value), cast("Inputs", own)):
                return False
        elif own != value:
            return False
    return True
