"""Host names: which an environment's load balancer answers to, and which a facade does; where each record leads."""

from collections.abc import Mapping, Sequence

import pulumi

from components.aws.network import tls
from components.aws.plan.alias_rules import HostName
from components.aws.service.load_balanced_web_service import LoadBalancedWebService
from components.model.facades import ALB, Domain, FacadeKind
from components.settings import Settings


def of_environment(settings: Settings, environment: str) -> tuple[Domain, ...]:
    """The names of the facade `alb`, if its load balancer is that of this environment."""
    wanted = ALB.name in settings.facades and environment in fronted(settings)
    return settings.facade_settings.alb.domains if wanted else ()


def fronted(settings: Settings) -> tuple[str, ...]:
    """The environments that facades lead into; where everything runs elsewhere, the one that they need."""
    routed = [service.environment for service in settings.services if service.routed]
    return tuple(dict.fromkeys(routed)) or tuple(one.name for one in settings.environments[:1])


def of_facades(settings: Settings, kinds: Sequence[FacadeKind]) -> dict[str, tuple[HostName, ...]]:
    """The names of each facade, by the facade's name; the main facade stands first. Where two have the same name, its
    record leads to the main one."""
    found: dict[str, tuple[HostName, ...]] = {}
    led: set[str] = set()
    for kind in kinds:
        domains = settings.facade_settings.domains(kind.name)
        found[kind.name] = tuple(
            HostName(domain.name, None if domain.name in led else domain.hosted_zone, ()) for domain in domains
        )
        led |= {domain.name for domain in domains if domain.hosted_zone}
    return found


def records(services: Mapping[str, LoadBalancedWebService], parent: pulumi.Resource) -> None:
    """Leads the services' host names to the load balancers. The records are no children of their environments, whose
    children services wait for: a record waits for services."""
    for environment in dict.fromkeys(service.context.environment for service in services.values()):
        load_balancer = environment.load_balancer
        hosts = environment.args.hosts
        answering = {host.name: [one for name in host.services for one in services[name].answering] for host in hosts}
        needs = {name: [*environment.held, *those] for name, those in answering.items()}
        tls.records(hosts, load_balancer.dns, load_balancer.zone, needs, parent)
