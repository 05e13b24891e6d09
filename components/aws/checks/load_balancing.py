"""How services are reached, looked at together: host names that meet, rules of one load balancer, certificates. Pure.

An alias is a door of the service's own, on the load balancer of its environment: what comes by it goes to this service,
whatever the routes say. Limits: ELB user guide (five condition values in a rule, 25 certificates), ECS API (five target
groups of a service).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from components.aws.plan import alb_priorities, load_balancers
from components.input.diagnostics import Problems
from components.input.value import Cursor
from components.manifest.http import Alias
from components.manifest.load_balanced_web_service import Manifest
from components.manifest.tls import MOST_CERTIFICATES
from components.model import routes

ROUTED = "name a service with http: and the version http1, which is what a facade speaks"
"""What to do where a facade would send requests to a service that takes none."""

MOST_TARGET_GROUPS = 5
_VALUES = 5


class Placed(Protocol):
    """A service and where it runs."""

    @property
    def name(self) -> str:
        """The service's name."""
        ...

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        ...

    @property
    def environment(self) -> str:
        """Where it runs."""
        ...

    @property
    def file(self) -> str:
        """Its manifest's file, as messages name it."""
        ...


class _Environment(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def internal(self) -> bool | None: ...
    @property
    def certificates(self) -> tuple[str, ...]: ...
    @property
    def vpc(self) -> object: ...


@dataclass(frozen=True)
class Door:
    """A listener rule of a service's own. name: of its own on the load balancer. rule: which of `http.rules` it belongs
    to. hosts and paths: its conditions; empty means all. priority: before the rules of every facade if it has hosts.
    redirect: whether plain HTTP is sent to HTTPS where there is a certificate."""

    name: str
    rule: int
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    priority: int
    redirect: bool


@dataclass(frozen=True)
class HostName:
    """A host name that leads to the load balancer of an environment. services: those that answer there."""

    name: str
    hosted_zone: str | None
    services: tuple[str, ...]


def doors(services: Iterable[Placed]) -> dict[str, tuple[Door, ...]]:
    """The listener rules of services that share a load balancer, by service. For services that `check` lets through."""
    drafts = [(each.name, draft) for each in services for draft in _drafts(each)]
    hosted = {draft.name: _depth(draft) for _, draft in drafts if draft.hosts}
    bands = {
        draft.name: (alb_priorities.MAX_SEGMENTS - _depth(draft)) * alb_priorities.BANDS_PER_DEPTH
        for _, draft in drafts
        if not draft.hosts
    }
    given = {**alb_priorities.host_priorities(hosted), **alb_priorities.priorities(bands)}
    made: dict[str, tuple[Door, ...]] = {}
    for service, draft in drafts:
        door = Door(draft.name, draft.rule, draft.hosts, draft.paths, given[draft.name], draft.redirect)
        made[service] = (*made.get(service, ()), door)
    return made


@dataclass(frozen=True)
class _Draft:
    name: str
    rule: int
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    redirect: bool


def _drafts(service: Placed) -> list[_Draft]:
    """A rule for each group of host names that fits into one; for a further rule without a name, one by its path."""
    drafts: list[_Draft] = []
    for number, rule in enumerate(service.manifest.http.rules if service.manifest.http else ()):
        paths = () if rule.path == "/" else (rule.path, f"{rule.path}/*")
        base = rule_name(service.name, number)
        room, hosts = _VALUES - len(paths), [each.name for each in rule.aliases]
        for start in range(0, len(hosts), room):
            some = tuple(hosts[start : start + room])
            drafts.append(_Draft(f"{base} {some[0]}", number, some, paths, rule.redirect))
        if number and not hosts:
            drafts.append(_Draft(base, number, (), paths, rule.redirect))
    return drafts


def rule_name(service: str, number: int) -> str:
    """What belongs to one of `http.rules` is named so: capitals keep it apart from every service's name."""
    return service if number == 0 else f"{service}-Rule{number}"


def _depth(draft: _Draft) -> int:
    return draft.paths[0].count("/") if draft.paths else 0


def host_names(services: Iterable[Placed]) -> tuple[HostName, ...]:
    """The host names of services that share a load balancer, sorted."""
    found: dict[str, HostName] = {}
    for each in services:
        for alias in _aliases(each.manifest):
            known = found.get(alias.name, HostName(alias.name, None, ()))
            names = known.services if each.name in known.services else (*known.services, each.name)
            found[alias.name] = HostName(alias.name, known.hosted_zone or alias.hosted_zone, names)
    return tuple(found[name] for name in sorted(found))


def _aliases(manifest: Manifest) -> list[Alias]:
    return [alias for rule in (manifest.http.rules if manifest.http else ()) for alias in rule.aliases]


def check_routed(services: Mapping[str, Placed], problems: Problems) -> None:
    """A system in front of which a facade makes no sense is refused."""
    if services and not problems.errors and not any(each.manifest.routed for each in services.values()):
        remedy = "write http: with a path in one of them: a facade leads to nothing else"
        problems.add("services", "no service takes HTTP/1.1 requests", remedy)


def check(
    services: Mapping[str, Placed], environments: Iterable[_Environment], facades: Collection[str], top: Cursor
) -> None:
    """Notes what AWS would refuse, or what would not do as meant."""
    problems = top.problems
    by_name = {each.name: each for each in environments}
    routed = {name: each.environment for name, each in services.items() if each.manifest.routed}
    ports = load_balancers.own_ports(routed, facades)
    for each in services.values():
        environment = by_name[each.environment]
        _check_target_groups(each, len(load_balancers.balancers(facades, environment.internal)), problems)
        _check_rules(each, facades, problems, apart=len(facades) > 1 or each.name in ports)
        _check_tls(each, environment, services, problems)
        _check_network(each, environment, problems)
        count = each.manifest.count
        for metric, wanted in (("requests", count.requests), ("response_time", count.response_time)):
            if wanted and not each.manifest.http:
                remedy = "scale by another metric, such as cpu_percentage"
                problems.add(f"{each.file}: count.{metric}", "http is false", remedy)
    _check_meeting(services.values(), problems)
    for name, environment in sorted(by_name.items()):
        found = host_names(each for each in services.values() if each.environment == name)
        if found and load_balancers.balancers(facades, environment.internal)[0]:
            what = f"{', '.join(each.name for each in found)}: answers within the environment's network only"
            problems.warn(f"the environment {name}", what, "its load balancer is internal; set loadBalancer: public")
        if not environment.certificates and sum(each.hosted_zone is not None for each in found) > MOST_CERTIFICATES:
            what = f"{len(found)} host names, each with a certificate"
            problems.add(f"the environment {name}", what, f"a load balancer takes {MOST_CERTIFICATES} at most")


def _check_target_groups(service: Placed, balancers: int, problems: Problems) -> None:
    """A facade that stands beside another takes a group more, on the load balancer of its own."""
    manifest = service.manifest
    rules = len(manifest.http.rules) if manifest.http else 0
    listeners = len(manifest.nlb.listeners) if manifest.nlb else 0
    further = balancers - 1 if manifest.routed else 0
    if rules + listeners + further > MOST_TARGET_GROUPS:
        place = "http.additional_rules" if rules > 1 else "nlb.additional_listeners"
        remedy = f"ECS registers a service's tasks with {MOST_TARGET_GROUPS} at most: use fewer"
        found = f"{rules} rules and {listeners} listeners of network"
        problems.add(f"{service.file}: {place}", f"{found}{', and two facades' if further else ''}", remedy)


def _check_rules(service: Placed, facades: Collection[str], problems: Problems, *, apart: bool) -> None:
    """apart: whether requests may come to it otherwise than by port 80 of the first load balancer."""
    for number, rule in enumerate(service.manifest.http.rules if service.manifest.http else ()):
        place = f"{service.file}: {_place(number)}"
        depth = rule.path.count("/") if rule.path != "/" else 0
        mistake = routes.path_mistake(rule.path) if rule.path != "/" and (number or rule.aliases) else None
        if mistake:
            problems.add(f"{place}.path", *mistake)
        elif rule.aliases and depth > alb_priorities.HOST_DEPTH:
            remedy = f"write {alb_priorities.HOST_DEPTH} at most where there is an alias"
            problems.add(f"{place}.path", f"a path of {depth} segments", remedy)
        if number == 0 or rule.aliases:
            continue
        if "alb" in facades:
            remedy = "give the rule an alias: the routes of the facade alb are rules of the same load balancer"
            problems.add(f"{place}.alias", "missing", remedy)
        elif apart:
            remedy = "give the rule an alias: beside another facade, or in a shared environment, a path alone isn't met"
            problems.add(f"{place}.alias", "missing", remedy)
        elif rule.path == "/":
            problems.add(f"{place}.path", "the main rule takes / already", "give the rule an alias, or another path")


def _place(number: int) -> str:
    return f"http.additional_rules[{number - 1}]" if number else "http"


def secure(environment: _Environment, services: Iterable[Placed]) -> bool:
    """Whether the load balancer of an environment has a certificate, its own or one for an alias in a hosted zone."""
    here = (each for each in services if each.environment == environment.name)
    return bool(environment.certificates) or any(each.hosted_zone for each in host_names(here))


def _check_tls(service: Placed, environment: _Environment, services: Mapping[str, Placed], problems: Problems) -> None:
    has = secure(environment, services.values())
    give = f"give certificates to the environment {service.environment}, or the alias a hosted_zone"
    for number, rule in enumerate(service.manifest.http.rules if service.manifest.http else ()):
        place = f"{service.file}: {_place(number)}"
        if rule.version != "http1" and not (rule.aliases and has):
            found = f"{rule.version} without {'a certificate' if rule.aliases else 'an alias'}"
            remedy = give if rule.aliases else "write alias: with a host name, as no facade speaks it"
            problems.add(f"{place}.version", found, remedy)
        elif rule.aliases and not has:
            found = f"{rule.aliases[0].name} answers without TLS"
            problems.warn(f"{place}.alias", found, give)
    nlb = service.manifest.nlb
    if nlb and nlb.tls and not environment.certificates and not any(each.hosted_zone for each in nlb.aliases):
        problems.add(f"{service.file}: nlb.port", "tls without a certificate", give)


def _check_network(service: Placed, environment: _Environment, problems: Problems) -> None:
    if service.manifest.network.subnets and not environment.vpc:
        remedy = f"bring the VPC of the environment {service.environment} that they are in, or write public or private"
        problems.add(f"{service.file}: network.vpc.placement.subnets", "subnets of a network that is made", remedy)


def _check_meeting(services: Iterable[Placed], problems: Problems) -> None:
    """A host name leads to one load balancer, in one zone; and a host and a path to one service."""
    owners: dict[str, tuple[str, str]] = {}
    zones: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    for each in services:
        for place, alias, owner, path in _claims(each):
            where = f"{each.file}: {place}"
            other, other_place = owners.setdefault(alias.name, (owner, where))
            if other != owner:
                remedy = "give one of them another name: a name leads to one load balancer"
                problems.add(where, f"{alias.name} is also at {other_place}", remedy)
                continue
            zone = zones.setdefault(alias.name, alias.hosted_zone or "")
            if alias.hosted_zone and zone and alias.hosted_zone != zone:
                problems.add(where, f"{alias.name} in the zones {zone} and {alias.hosted_zone}", "name one of them")
            first = taken.setdefault((alias.name, path), where)
            if first != where:
                problems.add(where, f"{alias.name}{path} is also at {first}", "give one of them another name or path")


def _claims(service: Placed) -> Iterable[tuple[str, Alias, str, str]]:
    """Where a service names a host, the name, whose load balancer it would lead to, and the path."""
    manifest = service.manifest
    for number, rule in enumerate(manifest.http.rules if manifest.http else ()):
        for alias in rule.aliases:
            yield f"{_place(number)}.alias", alias, f"the environment {service.environment}", rule.path
    for alias in manifest.nlb.aliases if manifest.nlb else ():
        yield "nlb.alias", alias, f"the service {service.name}", ""


def own_rules(services: Iterable[Placed]) -> int:
    """How many rules of load balancers are the services' own doors, at most: on both listeners if by host name."""
    return sum(2 if draft.hosts else 1 for each in services for draft in _drafts(each))
