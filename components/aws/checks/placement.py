"""Where tasks and load balancers are: subnets, NAT gateways, address ranges. Pure."""

from collections.abc import Iterable

from components.aws.plan.internal_rules import has_backends
from components.aws.plan.load_balancers import schemes
from components.input.value import Value
from components.model.environment import EnvironmentSettings
from components.model.facades import Scheme
from components.settings.stack import Stack


def check(stack: Stack) -> None:
    """Notes what can't be reached, or has no place."""
    _check_nat(stack)
    _check_subnets(stack)
    _check_own_subnets(stack)
    created = [environment for environment in stack.environments if not environment.vpc]
    check_ranges(created, stack.config.get("environments"))


def _check_nat(stack: Stack) -> None:
    """A task in a private subnet reaches its image and its secrets through a NAT gateway only."""
    without = {
        environment.name for environment in stack.environments if environment.nat == "none" and not environment.vpc
    }
    for service in stack.services.values():
        if service.manifest.network.placement == "private" and service.environment in without:
            remedy = (
                f"set nat in the environment {service.environment} to single or per-az, or place the service in "
                "public subnets"
            )
            stack.problems.add(service.where("network.vpc.placement"), "found private, without a NAT gateway", remedy)


def _check_subnets(stack: Stack) -> None:
    """An existing VPC in a Copilot manifest has the subnets that are used: it may have public or private ones only.
    Tasks that are placed in subnets by their ids use neither."""
    services = list(stack.services.values())
    placed = {
        (service.environment, service.manifest.network.placement)
        for service in services
        if not service.manifest.network.subnets
    }
    with_nlb = {service.environment for service in services if service.manifest.nlb}
    for environment in stack.environments:
        if environment.vpc is None:
            continue
        present = set(schemes(stack.kinds, environment.scheme))
        # A network load balancer is public unless the environment is said to be internal.
        if environment.name in with_nlb and environment.scheme is not Scheme.INTERNAL:
            present.add(Scheme.PUBLIC)
        backends = has_backends(environment.name, services)
        internal = (Scheme.INTERNAL in present or backends) and not environment.internal_subnets
        needed = {
            "public": (environment.vpc.public_subnets, Scheme.PUBLIC in present),
            "private": (environment.vpc.private_subnets, internal),
        }
        for kind, (subnets, balanced) in needed.items():
            users = ["the load balancer is in them"] if balanced else []
            users += ["the tasks that are placed there"] if (environment.name, kind) in placed else []
            where = environment.where(f"network.vpc.subnets.{kind}")
            if users and not subnets and not stack.problems.has_within(where):
                remedy = f"give the ids of two or more: {', and '.join(users)}"
                stack.problems.add(where, "none", remedy)


def _check_own_subnets(stack: Stack) -> None:
    """Subnets that a manifest names are those of an existing VPC."""
    existing = {environment.name for environment in stack.environments if environment.vpc}
    for service in stack.services.values():
        if not stack.lacks_facade and service.manifest.network.subnets and service.environment not in existing:
            remedy = (
                f"set the VPC that they are in (strangler:environments.{service.environment}.vpc), or write public "
                "or private"
            )
            where = service.where("network.vpc.placement.subnets")
            stack.problems.add(where, "subnets of a VPC that is created", remedy)


def check_ranges(environments: Iterable[EnvironmentSettings], config: Value) -> None:
    """Notes the environments whose ranges overlap, which could never be joined by peering or a transit gateway. Of two
    that have one manifest, only the config can tell them apart."""
    listed = sorted(environments, key=lambda environment: environment.name)
    for number, environment in enumerate(listed):
        for other in listed[:number]:
            if environment.cidr.overlaps(other.cidr):
                found = f"the range {environment.cidr} overlaps with {other.cidr} of the environment {other.name}"
                remedy = "give the newer one its own cidr, such as 10.7.0.0/16"
                where = environment.where("network.vpc.cidr")
                shared = where == other.where("network.vpc.cidr")
                where = config.get(environment.name).get("cidr").where if shared else where
                config.problems.add(where, found, remedy)
