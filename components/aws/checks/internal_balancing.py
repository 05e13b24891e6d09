"""How backends are reached by the internal load balancer of their environment, looked at together. Pure.

As with Copilot, they answer at aliases exactly where the environment has certificates for it.
"""

from collections.abc import Iterable

from components.aws.checks.load_balancing import MOST_TARGET_GROUPS, check_meeting, claims_of_rules, says_alias
from components.aws.plan import alb_priorities, internal_rules
from components.input.diagnostics import Problems
from components.manifest.http import Alias, Http, HttpRule, rule_place
from components.model.environment import EnvironmentSettings
from components.model.names import internal_domain
from components.model.routes import path_mistake
from components.settings import quotas
from components.settings.service import Service
from components.settings.stack import Stack

_LONGEST_HOST = 128
"""Characters of a host name in a rule (ELB API, HostHeaderConditionConfig)."""

_GIVE = "set strangler:environments.{}.internalCertificates, or http.private.certificates in its manifest"


def check(stack: Stack) -> None:
    """Notes what AWS would refuse, or what would not do as meant."""
    if stack.lacks_facade:  # reported already
        return
    for environment in stack.environments:
        here = {
            service.name: http
            for service in stack.services.values()
            if service.environment == environment.name and (http := service.manifest.internal)
        }
        if not here:
            continue
        zone = internal_domain(environment.name, stack.name, stack.project)
        for name, http in here.items():
            _check_service(stack.services[name], http, environment, zone, stack.problems)
        check_meeting([stack.services[name] for name in here], stack.problems, claims)
        _check_quotas([stack.services[name] for name in here], environment, zone, stack)


def _check_service(
    service: Service, http: Http, environment: EnvironmentSettings, zone: str, problems: Problems
) -> None:
    if len(http.rules) > MOST_TARGET_GROUPS:
        remedy = f"an ECS service can use at most {MOST_TARGET_GROUPS} target groups: use fewer"
        problems.add(service.where("http.additional_rules"), f"found {len(http.rules)} rules", remedy)
    host = internal_rules.host_of(service.name, zone)
    if not environment.internal_certificates and len(host) > _LONGEST_HOST:
        remedy = f"a listener rule allows {_LONGEST_HOST}: give its environment or the stack a shorter name"
        problems.add(service.where("http"), f"its name {host} has {len(host)} characters", remedy)
    for number, rule in enumerate(http.rules):
        for key, found, remedy in _mistakes(rule, environment, named=says_alias(service, number)):
            problems.add(service.where(f"{rule_place(number)}.{key}"), found, remedy)


def _mistakes(rule: HttpRule, environment: EnvironmentSettings, *, named: bool) -> Iterable[tuple[str, str, str]]:
    """named: whether the manifest gives it an alias, also one that is a mistake."""
    certified = bool(environment.internal_certificates)
    depth = 0 if rule.path == "/" else rule.path.count("/")
    if rule.path != "/" and (mistake := path_mistake(rule.path)):
        yield "path", *mistake
    elif "{" in rule.path:
        remedy = "use the part of the path before it: only facade routes can have parameters"
        yield "path", f"the path {rule.path!r} has a parameter", remedy
    elif depth > alb_priorities.HOST_DEPTH:
        yield "path", f"a path with {depth} segments", f"use at most {alb_priorities.HOST_DEPTH}"
    where = f"the environment {environment.name}"
    if rule.aliases and not certified:
        found = f"{rule.aliases[0].name} without a certificate"
        yield "alias", found, f"{_GIVE.format(environment.name)}, or remove it"
    if certified and not named:
        yield "alias", "missing", f"{where} has http.private.certificates: give each rule an alias that they cover"
    if rule.version != "http1" and not certified:
        found, remedy = (
            f"{rule.version} without a certificate",
            f"{_GIVE.format(environment.name)}, or write http1",
        )
        yield "version", found, remedy
    needed = 1 if certified else 0
    if rule.sources and internal_rules.room(rule, certified=certified) < needed:
        remedy = (
            "a listener rule allows five values, including its path and host names: give fewer, or a range that "
            "covers several"
        )
        yield "allowed_source_ips", f"{len(rule.sources)} ranges", remedy


def claims(service: Service) -> Iterable[tuple[str, Alias, str, str]]:
    """As `load_balancing.claims` has it, of the load balancer of backends."""
    return claims_of_rules(service.manifest.internal, f"the Backend Services of {service.environment}")


def _check_quotas(services: Iterable[Service], environment: EnvironmentSettings, zone: str, stack: Stack) -> None:
    rules = sum(len(internal_rules.internal_rules(service, environment, zone)) for service in services)
    rules *= 2 if environment.internal_certificates else 1
    where = environment.where("http.private.certificates")
    for name, count, found in (
        ("rules", rules, f"Backend Services need {rules} load balancer rules"),
        ("certificates", len(environment.internal_certificates) - 1, "certificates on one load balancer"),
    ):
        if count > getattr(stack.quotas, name):
            stack.problems.warn(where, found, quotas.remedy(stack.quotas, name))
