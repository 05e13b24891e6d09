"""How services are reached, looked at together: host names that meet, rules of one load balancer, certificates. Pure.

An alias rule sends a host name straight to one service, whatever the routes say. Limits: ECS API (five target
groups of a service).
"""

import re
from collections.abc import Callable, Iterable, Mapping

from components.aws.plan import alb_priorities
from components.aws.plan.alias_rules import VALUES, has_certificate, host_names, paths_of
from components.aws.plan.load_balancers import schemes
from components.aws.plan.ports import own_ports
from components.input.diagnostics import Problems
from components.manifest.http import Alias, Http, rule_place
from components.manifest.manifest import BACKEND_SERVICE
from components.model.environment import EnvironmentSettings
from components.model.facades import Scheme
from components.model.routes import path_mistake
from components.model.where import Where
from components.settings.service import Service
from components.settings.stack import Stack

MOST_TARGET_GROUPS = 5

Claims = Callable[[Service], Iterable[tuple[str, Alias, str, str]]]
"""Where a service names a host, the name, whose load balancer it would lead to, and the path."""


def check(stack: Stack) -> None:
    """Notes what AWS would refuse, or what would not do as meant."""
    if stack.lacks_facade:  # reported already
        return
    problems, services = stack.problems, stack.services
    environments = {environment.name: environment for environment in stack.environments}
    ports = own_ports({name: service.environment for name, service in stack.routed.items()}, stack.kinds)
    shared = any(kind.shares_environment for kind in stack.kinds)
    for service in services.values():
        environment = environments[service.environment]
        present = schemes(stack.kinds, environment.scheme)
        _check_target_groups(service, len(present), problems)
        _check_rules(service, problems, shared=shared, apart=len(stack.facades) > 1 or service.name in ports)
        if present[:1] == (Scheme.EXISTING,):
            _check_versions(service, problems)
        else:
            _check_tls(service, environment, services, problems)
        _check_nlb(service, environment, problems)
        count = service.manifest.count
        for metric, wanted in (("requests", count.requests), ("response_time", count.response_time)):
            if wanted and not (service.manifest.http or service.manifest.internal):
                remedy = "scale on another metric, such as cpu_percentage"
                found = "no http" if service.manifest.type == BACKEND_SERVICE else "http is false"
                problems.add(service.where(f"count.{metric}"), found, remedy)
    check_meeting(services.values(), problems, claims)
    for name, environment in sorted(environments.items()):
        found = host_names(service for service in services.values() if service.environment == name)
        if found and schemes(stack.kinds, environment.scheme)[:1] == (Scheme.INTERNAL,):
            what = f"{', '.join(host.name for host in found)}: reachable only inside the environment's network"
            problems.warn(environment.called, what, "its load balancer is internal; set loadBalancer: public")


def _check_target_groups(service: Service, load_balancers: int, problems: Problems) -> None:
    """A facade that stands beside another takes a group more, on the load balancer of its own."""
    manifest = service.manifest
    rules = len(manifest.http.rules) if manifest.http else 0
    listeners = len(manifest.nlb.listeners) if manifest.nlb else 0
    further = load_balancers - 1 if manifest.routed else 0
    if rules + listeners + further > MOST_TARGET_GROUPS:
        place = "http.additional_rules" if rules > 1 else "nlb.additional_listeners"
        remedy = f"an ECS service can use at most {MOST_TARGET_GROUPS} target groups: use fewer"
        found = f"{rules} rules and {listeners} network listeners"
        problems.add(service.where(place), f"{found}{', and two facades' if further else ''}", remedy)


def _check_rules(service: Service, problems: Problems, *, shared: bool, apart: bool) -> None:
    """shared: whether the routes are rules of the same load balancer. apart: whether requests may come to the service
    otherwise than by port 80 of the first load balancer."""
    for number, rule in enumerate(service.manifest.http.rules if service.manifest.http else ()):
        place = rule_place(number)
        depth = rule.path.count("/") if rule.path != "/" else 0
        mistake = path_mistake(rule.path) if rule.path != "/" and (number or rule.aliases) else None
        if mistake:
            problems.add(service.where(f"{place}.path"), *mistake)
        elif "{" in rule.path and (number or rule.aliases):
            remedy = "use the part of the path before it: only facade routes can have parameters"
            problems.add(service.where(f"{place}.path"), f"the path {rule.path!r} has a parameter", remedy)
        elif rule.aliases and depth > alb_priorities.HOST_DEPTH:
            remedy = f"use at most {alb_priorities.HOST_DEPTH} with an alias"
            problems.add(service.where(f"{place}.path"), f"a path with {depth} segments", remedy)
        if rule.sources and len(paths_of(rule)) + len(rule.sources) >= VALUES:
            remedy = (
                "a listener rule allows five values, including its path and host names: give fewer, or a range that "
                "covers several"
            )
            problems.add(service.where(f"{place}.allowed_source_ips"), f"{len(rule.sources)} ranges", remedy)
        if number == 0 or says_alias(service, number):
            continue
        if shared:
            remedy = "give the rule an alias: the facade alb uses the same load balancer for its routes"
            problems.add(service.where(f"{place}.alias"), "missing", remedy)
        elif apart:
            remedy = (
                "give the rule an alias: with another facade or in a shared environment, a path alone never matches"
            )
            problems.add(service.where(f"{place}.alias"), "missing", remedy)
        elif rule.path == "/":
            remedy = "give the rule an alias, or another path"
            problems.add(service.where(f"{place}.path"), "the main rule already takes /", remedy)


def says_alias(service: Service, number: int) -> bool:
    """Whether the manifest gives a rule an alias, also one that is a mistake and reported as such."""
    http = service.at.get("http")
    rules = [http, *(item for item in http.get("additional_rules").items() if item.is_map())]
    return bool(rules[number].get("alias"))


def _check_tls(
    service: Service, environment: EnvironmentSettings, services: Mapping[str, Service], problems: Problems
) -> None:
    has = has_certificate(environment, services.values())
    give = _give_certificate(service.environment)
    for number, rule in enumerate(service.manifest.http.rules if service.manifest.http else ()):
        place = rule_place(number)
        if rule.version != "http1" and not (rule.aliases and has):
            if not rule.aliases and says_alias(service, number):
                continue
            found = f"{rule.version} without {'a certificate' if rule.aliases else 'an alias'}"
            remedy = give if rule.aliases else "write alias: with a host name, as facades speak only http1"
            problems.add(service.where(f"{place}.version"), found, remedy)
        elif rule.aliases and not has:
            found = f"{rule.aliases[0].name} answers without TLS"
            problems.warn(service.where(f"{place}.alias"), found, give)


def _check_versions(service: Service, problems: Problems) -> None:
    """Whether a listener of the user's own speaks TLS is its owner's to say."""
    for number, rule in enumerate(service.manifest.http.rules if service.manifest.http else ()):
        if rule.version != "http1":
            where = service.where(f"{rule_place(number)}.version")
            problems.add(
                where,
                f"{rule.version} behind a load balancer that Strangler doesn't manage",
                "write http1, or use another facade",
            )


def _check_nlb(service: Service, environment: EnvironmentSettings, problems: Problems) -> None:
    give = _give_certificate(service.environment)
    nlb = service.manifest.nlb
    if nlb and nlb.tls and not environment.certificates and not any(alias.hosted_zone for alias in nlb.aliases):
        problems.add(service.where("nlb.port"), "tls without a certificate", give)


def _give_certificate(environment: str) -> str:
    """What to do about a listener that wants TLS; the manifest may stay as it is."""
    key = f"strangler:environments.{environment}.certificates"
    return f"give the environment {environment} certificates ({key}), or the alias a hosted_zone"


def _without(service: Service, place: str) -> str:
    """How a name is left out here that Copilot goes on with."""
    field = re.sub(r"\[\d+\]", "", place)
    return f"omit one: strangler:services.{service.name}.ignore: {field}"


def check_meeting(services: Iterable[Service], problems: Problems, claimed: Claims) -> None:
    """A host name leads to one load balancer, in one zone; and a host and a path to one service."""
    owners: dict[str, tuple[str, Where]] = {}
    zones: dict[str, str] = {}
    taken: dict[tuple[str, str], Where] = {}
    seen: list[tuple[Alias, Where]] = []
    for service in services:
        for place, alias, owner, path in claimed(service):
            where = service.where(place)
            for before, before_place in seen:
                if (
                    before.name != alias.name
                    and before_place != where
                    and (before.takes(alias.name) or alias.takes(before.name))
                ):
                    remedy = "give names that don't overlap, or use the same one for both"
                    problems.add(where, f"{alias.name} overlaps with {before.name} at {before_place}", remedy)
            seen.append((alias, where))
            other, other_place = owners.setdefault(alias.name, (owner, where))
            if other != owner:
                remedy = (
                    "give one of them another name, as a name resolves to one load balancer, or "
                    f"{_without(service, place)}"
                )
                problems.add(where, f"{alias.name} is also at {other_place}", remedy)
                continue
            zone = zones.setdefault(alias.name, alias.hosted_zone or "")
            if alias.hosted_zone and zone and alias.hosted_zone != zone:
                problems.add(where, f"{alias.name} in the zones {zone} and {alias.hosted_zone}", "name one of them")
            first = taken.setdefault((alias.name, path), where)
            if first != where:
                remedy = f"give one of them another name or path, or {_without(service, place)}"
                problems.add(where, f"{alias.name}{path} is also at {first}", remedy)


def claims(service: Service) -> Iterable[tuple[str, Alias, str, str]]:
    """Where a service names a host, the name, whose load balancer it would lead to, and the path."""
    manifest = service.manifest
    yield from claims_of_rules(manifest.http, f"the environment {service.environment}")
    for alias in manifest.nlb.aliases if manifest.nlb else ():
        yield "nlb.alias", alias, f"the service {service.name}", ""


def claims_of_rules(http: Http | None, owner: str) -> Iterable[tuple[str, Alias, str, str]]:
    """Those of the rules alone, likewise. owner: whose load balancer the names would lead to."""
    for number, rule in enumerate(http.rules if http else ()):
        for alias in rule.aliases:
            yield f"{rule_place(number)}.alias", alias, owner, rule.path
