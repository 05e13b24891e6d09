"""What target groups are made of, and which of them stay when that changes. Pure.

Tasks that run are judged by the health check of their target group, and reached by its protocol. A change of these in
place would judge tasks that run by what only the next release has, and a release that fails would leave it so; a
replacement would turn requests to a group without tasks. So a target group that is to be another one is made beside the
old one, under another name, with an ECS service of its own; requests turn to it once that is in steady state, and what
is old goes last. The same where a service moves to another environment of the same network: a target group belongs to
one load balancer (ELB API, error TargetGroupAssociationLimit), and nothing that AWS replaces is another.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from components.aws.plan import listener_priorities
from components.aws.plan.alb_priorities import VERSIONS, version_priorities
from components.aws.plan.alias_rules import rule_name
from components.aws.plan.further_rules import attachment_name
from components.aws.plan.load_balancers import LOGICAL, for_backends, name_on
from components.aws.plan.stable_slots import settle
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
class Home:
    """Where a service runs, in a network that more environments may share: one that is the user's."""

    environment: str
    """The name of its environment."""
    vpc: str
    """Id of the network."""


@dataclass(frozen=True)
class Version:
    """A target group to which requests turn once its tasks are ready: beside or after another one of the same tasks, or
    that of a further rule which comes."""

    name: str
    """Its logical name."""
    priority: int
    """Of the listener rule that only attaches it."""
    rule: str = ""
    """The logical name of that rule. Default: that of the target group."""


def http_groups(service: Service, schemes: tuple[Scheme, ...]) -> Iterator[tuple[tuple[Scheme, int], str, HttpRule]]:
    """The target groups of a service: on the first load balancer one for each rule of `http`, on a further one, which
    only a facade uses, one for the main rule; of a backend, one for each rule on that of backends. Each as its load
    balancer and the rule's number, its first name, and the rule."""
    http = service.manifest.http
    for scheme in schemes:
        first = scheme is schemes[0]
        for number, rule in (http.numbered if http else {}).items():
            if first or (number == 0 and service.manifest.routed):
                yield (scheme, number), name_on(rule_name(service.name, number), scheme), rule
    internal = service.manifest.internal
    for number, rule in (internal.numbered if internal else {}).items():
        yield (Scheme.INTERNAL, number), for_backends(rule_name(service.name, number)), rule


def versions(
    services: Iterable[tuple[Service, tuple[Scheme, ...]]],
    deployed: Mapping[str, Inputs],
    listener: Listener | None = None,
    networks: Mapping[str, str] | None = None,
    coming: Callable[[Service, Scheme], Iterable[str]] | None = None,
    known: Mapping[str, int] | None = None,
) -> dict[str, Version]:
    """The target groups that can't be the first ones of their tasks, or come to tasks that run, by the first one's
    name. services: with the schemes of the load balancers of their environments. deployed: see `name_of`. listener: of
    the load balancer that is the user's own. networks: ids of those that are the user's, by environment. coming: the
    names of those that come, of a service on its first load balancer. known: the priorities of the listener rules that
    the stack has, by name."""
    found, theirs, beside = dict[str, str](), list[str](), dict[str, str]()
    for service, schemes in services:
        for (scheme, _), plain, rule in http_groups(service, schemes):
            vpc = (networks or {}).get(service.environment)
            home = Home(service.environment, vpc) if vpc else None
            name = name_of(plain, http_inputs(rule, rule.target_port or service.manifest.port), deployed, home)
            if name != plain:
                found[plain] = name
                theirs += [name] if listener and scheme is Scheme.EXISTING else []
        front = next(iter(schemes), Scheme.INTERNAL)  # without one, those of backends are left
        for group in coming(service, front) if coming else ():
            if group not in found:
                beside[group] = attachment_name(group)
                theirs += [beside[group]] if listener and front is Scheme.EXISTING else []
    priorities = version_priorities(name for name in (*found.values(), *beside.values()) if name not in theirs)
    places = dict.fromkeys(priorities, VERSIONS.ranges)
    if listener:
        priorities |= listener_priorities.of_versions(listener, theirs)
        places |= dict.fromkeys(theirs, listener_priorities.shares(listener).versions.ranges)
    priorities = settle(priorities, known or {}, places)
    made = {plain: Version(name, priorities[name]) for plain, name in found.items()}
    return made | {group: Version(group, priorities[rule], rule) for group, rule in beside.items()}


def name_of(plain: str, wanted: Inputs, deployed: Mapping[str, Inputs], home: Home | None = None) -> str:
    """The logical name of a target group.

    plain: the name of the first one. deployed: the target groups that the stack has, by name. home: None in a network
    of its own environment. A name follows from what the group is; only the first one has the plain name, as long as it
    is what is wanted, where it is wanted.
    """
    stem = f"{fit(plain, LOGICAL - 8)}-V"
    known = {name: group for name, group in deployed.items() if name == plain or name.startswith(stem)}
    if not known or (plain in known and _holds(wanted, known[plain]) and not _elsewhere(known[plain], home)):
        return plain
    text = json.dumps(wanted, sort_keys=True)
    name = stem + short_hash(text, 6)
    if home is None:
        return name
    # The second that is the same but for its environment has that in its name.
    placed = stem + short_hash(f"{text} {home.environment}", 6)
    taken = _elsewhere(known[name], home) if name in known else placed in known
    return placed if taken else name


def _elsewhere(known: Inputs, home: Home | None) -> bool:
    """Whether a target group stays, and belongs to the load balancer of another environment."""
    environment = cast("Mapping[str, object]", known.get("tags") or {}).get("environment")
    return home is not None and known.get("vpcId") == home.vpc and environment not in (None, home.environment)


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
