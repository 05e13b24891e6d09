"""The further rules of `http` that come to a service whose tasks run, and those that go. Pure.

Each has a target group of its own. ECS registers tasks with it by a deployment, and takes them out by one (ECS API,
UpdateService: loadBalancers, "starts new tasks with the updated Elastic Load Balancing configuration, and then stops
the old tasks"), so that a rule which is there before the first, or after the second, leads to a target group without
tasks: 503, where the main rule answered before, or would answer. A rule that comes is made after the deployment, and
its target group is attached by another one until then. A rule that goes takes no request any more before the
deployment, as Pulumi deletes only after it; the `up` after that deletes it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from components.aws.plan.alias_rules import rule_name
from components.aws.plan.load_balancers import for_backends, name_on
from components.model.facades import Scheme
from components.settings.service import Service

NO_HOST = "attached.invalid"
"""The host of a rule that takes no request (RFC 6761: `.invalid`)."""

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


@dataclass(frozen=True)
class GoingRule:
    """A listener rule that is to take no request any more."""

    name: str
    """Its logical name."""
    priority: int
    """As it has it."""
    secure: bool
    """Whether it is on port 443."""


def attachment_name(group: str) -> str:
    """The logical name of the rule that attaches a target group to which tasks come that run."""
    return f"{group}-attached"


def coming(service: Service, scheme: Scheme, rules: Outputs, running: Outputs) -> Iterator[str]:
    """The target groups that are attached by a rule of their own, by the logical name.

    scheme: of the first load balancer of its environment. rules: the listener rules that the stack has. running: its
    ECS services. A rule that attaches one stays as long as the further rule does.
    """
    runs = any(_is_here(one, service) for one in running.values())
    here = {name: rule for name, rule in rules.items() if _is_here(rule, service)}
    known = {number for name, rule in here.items() if (number := number_of(service.name, name)) and not goes(rule)}
    for number in _wanted(service):
        name = rule_name(service.name, number)
        group = for_backends(name) if service.manifest.internal else name_on(name, scheme)
        if number and (attachment_name(group) in here or (runs and number not in known)):
            yield group


def going(service: Service, rules: Outputs, listeners: Iterable[str]) -> list[GoingRule]:
    """The listener rules of target groups that the service has no more. rules: those that the stack has. listeners: the
    ARNs of those of its load balancer now; on another one, what goes has no part in what is there."""
    wanted = _wanted(service)
    there, found = set(listeners), list[GoingRule]()
    for name, rule in rules.items():
        number = number_of(service.name, name)
        if number and number not in wanted and rule.get("listenerArn") in there and not goes(rule):
            found.append(GoingRule(name, int(rule["priority"]), name.endswith(" tls")))
    return found


def number_of(service: str, rule: str) -> int | None:
    """The number of the further rule that a listener rule is of, by its logical name; None: it is of none."""
    found = re.fullmatch(rf"{re.escape(service)}-Rule(\d+)(?: .*)?", rule)
    return int(found[1]) if found else None


def goes(rule: Mapping[str, Any]) -> bool:
    """Whether a listener rule takes no request."""
    conditions = cast("list[Mapping[str, Any]]", rule.get("conditions") or [])
    hosts = (cast("Mapping[str, Any]", one.get("hostHeader") or {}) for one in conditions)
    return any(found.get("values") == [NO_HOST] for found in hosts)


def listeners(environment: str, scheme: Scheme, known: Outputs, existing: str | None) -> set[str]:
    """The ARNs of the listeners of the first load balancer of an environment. known: those that the stack has.
    existing: of the user's own."""
    if scheme is Scheme.EXISTING:
        return {existing} if existing else set()
    return _listening(name_on(environment, scheme), known)


def listeners_of_backends(environment: str, known: Outputs) -> set[str]:
    """The same of the load balancer of its backends."""
    return _listening(for_backends(environment), known)


def _listening(name: str, known: Outputs) -> set[str]:
    return {str(known[one]["arn"]) for one in (name, f"{name}-tls") if "arn" in known.get(one, {})}


def message(rules: Iterable[GoingRule]) -> str | None:
    """What an `up` says of the rules that go; None: none does."""
    names = ", ".join(sorted(rule.name for rule in rules))
    if not names:
        return None
    return f"removed additional rules ({names}) match no requests from now on; the next `up` deletes them"


def _wanted(service: Service) -> Collection[int]:
    """The numbers of the rules that the service has."""
    http = service.manifest.http or service.manifest.internal
    return http.numbered if http else ()


def _is_here(outputs: Mapping[str, Any], service: Service) -> bool:
    """Whether a resource is one of a service's in its environment."""
    tags = cast("Mapping[str, object]", outputs.get("tags") or {})
    return (tags.get("service"), tags.get("environment")) == (service.name, service.environment)
