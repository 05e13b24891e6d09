"""The platform `aws`: everything on Fargate, behind the facade that the settings name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import cast

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

from components.aws.checks.load_balancing import Door, doors, host_names
from components.aws.context import Place
from components.aws.facades.target import FacadeService
from components.aws.network import tls
from components.aws.network.environment import Environment, EnvironmentArgs
from components.aws.plan import load_balancers
from components.aws.plan.alb_priorities import tie_priorities
from components.aws.service.image import ImageArgs, Login
from components.aws.service.load_balanced_web_service import LoadBalancedWebService, LoadBalancedWebServiceArgs
from components.aws.tags import tags_of
from components.manifest.storage import managed
from components.model.routes import RouteTable
from components.platform import RunningFacade, RunningService
from components.settings import Environment as EnvironmentSettings
from components.settings import Service, Settings

FACADE = "facade"


class AwsPlatform:
    """Environments are networks with a cluster and a load balancer, services are ECS services on Fargate."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._place = Place(
            project=settings.project,
            stack=settings.stack,
            region=aws.get_region_output().region,
            account=aws.get_caller_identity_output().account_id,
            partition=aws.get_partition_output().partition,
        )

    def environment(self, environment: EnvironmentSettings, parent: pulumi.Resource) -> Environment:
        """A network, or one that is brought, with a cluster and a load balancer in it."""
        # An HTTP API reaches a load balancer through a VPC link; the other facades over the internet, or are it.
        found = self._balancers(environment)
        inside = environment.vpc if True in found else None
        brought = aws.ec2.get_vpc_output(id=inside.id).cidr_block if inside else None
        services = [each for each in self._settings.services if each.environment == environment.name]
        files = any(managed(each.manifest.volumes) for each in services)
        args = EnvironmentArgs(environment, self._place, found, brought, host_names(services), files)
        return Environment(environment.name, args, pulumi.ResourceOptions(parent=parent))

    def service(self, service: Service, environment: object, parent: pulumi.Resource) -> RunningService:
        """An image in ECR and an ECS service behind the environment's load balancer."""
        image = ImageArgs(
            service=service,
            place=self._place,
            folder=self._folder,
            login=self._login if service.manifest.built else None,
            keep_releases=self._settings.keep_releases,
            delete_images=self._settings.delete_images,
        )
        placed, name = cast("Environment", environment), service.name
        ways = load_balancers.ways(self._settings.facades, placed.args.balancers, self._own_ports.get(name))
        args = LoadBalancedWebServiceArgs(image, placed, ways, self._priorities[name], self._doors.get(name, ()))
        made = LoadBalancedWebService(service.name, args, pulumi.ResourceOptions(parent=parent))
        return RunningService(service, made.image, made)

    def facade(
        self, table: RouteTable, services: Mapping[str, RunningService], parent: pulumi.Resource
    ) -> Mapping[str, RunningFacade]:
        """The facades that the settings name, in front of the services."""
        _records(services, parent)
        routed = {name: each for name, each in services.items() if each.service.manifest.routed}
        tags = tags_of(self._settings.project, self._settings.stack)
        opts = pulumi.ResourceOptions(parent=parent)
        made: dict[str, RunningFacade] = {}
        for facade in self._settings.facades:
            reached = {name: _reached(facade, name, each) for name, each in routed.items()}
            made[facade] = _FACADES[facade](_Facade(table, reached, tags, self._settings, self._place.region, opts))
        return made

    def _balancers(self, environment: EnvironmentSettings) -> tuple[bool, ...]:
        return load_balancers.balancers(self._settings.facades, environment.internal)

    @cached_property
    def _own_ports(self) -> dict[str, int]:
        """Of services that are reached by one."""
        routed = {each.name: each.environment for each in self._settings.services if each.manifest.routed}
        return load_balancers.own_ports(routed, self._settings.facades)

    @cached_property
    def _priorities(self) -> dict[str, int]:
        """Of each service's own rule: behind all of the facade's, where its load balancer is the facade."""
        return tie_priorities(each.name for each in self._settings.services)

    @cached_property
    def _doors(self) -> dict[str, tuple[Door, ...]]:
        """Of each service, the rules of its own on the load balancer of its environment."""
        services = self._settings.services
        by_environment = [
            doors(each for each in services if each.environment == environment)
            for environment in sorted({each.environment for each in services})
        ]
        return {name: found for made in by_environment for name, found in made.items()}

    @cached_property
    def _login(self) -> Login:
        """Asked for only when something is built."""
        token = aws.ecr.get_authorization_token_output()
        return Login(token.user_name, pulumi.Output.secret(token.password))


@dataclass(frozen=True)
class _Facade:
    """What a facade is made of."""

    table: RouteTable
    services: Mapping[str, FacadeService]
    tags: Mapping[str, str]
    settings: Settings
    region: pulumi.Output[str]
    opts: pulumi.ResourceOptions


def _records(services: Mapping[str, RunningService], parent: pulumi.Resource) -> None:
    """Host names lead to the load balancers. They are no children of their environments, whose children services wait
    for: a record waits for services."""
    placed = {name: cast("LoadBalancedWebService", each.placed) for name, each in services.items()}
    ready = {name: each.ready for name, each in placed.items()}
    for environment in dict.fromkeys(each.environment for each in placed.values()):
        tls.records(environment.args.hosts, environment.balancer.dns, environment.balancer.zone, ready, parent)


def _reached(facade: str, name: str, running: RunningService) -> FacadeService:
    """A service, as a facade reaches it: by itself, or, as a target of the facade `alb`, on the facade's own port."""
    placed = cast("LoadBalancedWebService", running.placed)
    environment = placed.environment
    internal = load_balancers.of_facade(facade, environment.args.balancers)
    way = placed.entrances[internal]
    if facade == "alb":
        (front,) = (each for each in environment.balancers if each.internal == internal)
        way = replace(way, url=pulumi.Output.concat("http://", front.dns), listener_arn=front.listener_arn, port=80)
    return FacadeService(
        name=name,
        environment=running.service.environment,
        url=way.url,
        listener_arn=way.listener_arn,
        vpc_id=environment.vpc_id,
        subnets=environment.private_subnets.apply(list[pulumi.Input[str]]),
        security_group=environment.balancer_group,
        target_group_arn=way.group.arn,
        ready=placed.ready,
        listener_port=way.port,
    )


def _refactor_spaces(facade: _Facade) -> RunningFacade:
    from components.aws.facades.refactor_spaces import RefactorSpacesFacade, RefactorSpacesFacadeArgs

    opts = pulumi.ResourceOptions.merge(facade.opts, pulumi.ResourceOptions(providers=_native(facade)))
    prefix = f"{facade.settings.project}-{facade.settings.stack}"
    args = RefactorSpacesFacadeArgs(facade.table, facade.services, prefix, facade.tags)
    return RunningFacade(RefactorSpacesFacade(FACADE, args, opts).url)


def _native(facade: _Facade) -> list[pulumi.ProviderResource]:
    """aws-native has a configuration of its own; where that names no region, it is where pulumi-aws is."""
    if aws_native.config.region:
        return []
    return [aws_native.Provider(FACADE, region=facade.region, profile=aws.config.profile, opts=facade.opts)]


def _api_gateway(facade: _Facade) -> RunningFacade:
    from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs

    settings = facade.settings.facade_settings.api_gateway
    made = ApiGatewayFacade(
        FACADE, ApiGatewayFacadeArgs(facade.table, facade.services, settings, facade.tags), facade.opts
    )
    return RunningFacade(made.url, made.domain_target)


def _alb(facade: _Facade) -> RunningFacade:
    from components.aws.facades.alb import AlbFacade, AlbFacadeArgs

    one = next(iter(facade.services.values()))  # all of them are in one environment
    stickiness = facade.settings.facade_settings.alb.stickiness
    args = AlbFacadeArgs(facade.table, facade.services, one.listener_arn, one.url, one.vpc_id, stickiness, facade.tags)
    return RunningFacade(AlbFacade(FACADE, args, facade.opts).url)


_FACADES: dict[str, Callable[[_Facade], RunningFacade]] = {
    "refactor-spaces": _refactor_spaces,
    "api-gateway": _api_gateway,
    "alb": _alb,
}
"""Each facade's modules are imported only when it is used."""
