"""The platform `aws`: everything on Fargate, behind the facades that the settings name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

from components.aws.alarms import Told, told
from components.aws.command import is_missing
from components.aws.context import AwsContext
from components.aws.deployed import Deployed, deployed, is_asleep, tasks_of
from components.aws.facades.target import FacadeTarget
from components.aws.monitoring import Monitoring, MonitoringArgs, WatchedFacade
from components.aws.network import tls
from components.aws.network.environment import Environment, EnvironmentArgs
from components.aws.plan import (
    alb_rules,
    alias_rules,
    ecs_services,
    image_retention,
    load_balancers,
    moved_networks,
    rule_numbers,
    target_groups,
    vpc_links,
)
from components.aws.plan.alb_priorities import attachment_priorities
from components.aws.plan.alias_rules import HostName
from components.aws.plan.load_balancers import attachments, own_ports, scheme_of, schemes
from components.aws.service.backend_service import BackendService
from components.aws.service.fargate_service import FargateService, FargateServiceArgs
from components.aws.service.image import Login, Registry
from components.aws.service.load_balanced_web_service import LoadBalancedWebService, LoadBalancedWebServiceArgs
from components.aws.service.target_groups import COOKIE
from components.aws.tags import tags_of
from components.manifest.manifest import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE
from components.manifest.storage import managed
from components.model.environment import EnvironmentSettings
from components.model.facades import ALB, API_GATEWAY, FACADES, REFACTOR_SPACES, Domain, FacadeKind, Reach, Scheme
from components.model.routes import RouteTable
from components.platform import RunningFacade, RunningService
from components.settings import Settings
from components.settings.service import Service

FACADE = "facade"

_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_ECS_SERVICE = "aws:ecs/service:Service"
_RULE = "aws:lb/listenerRule:ListenerRule"
_VPC = "aws:ec2/vpc:Vpc"
_SUBNET = "aws:ec2/subnet:Subnet"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_VPC_LINK = "aws:apigatewayv2/vpcLink:VpcLink"
_IMAGE = "docker:index/image:Image"
_LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
_FACADE_RULE = "strangler:index:AlbFacade$aws:lb/listenerRule:ListenerRule"


class AwsPlatform:
    """Environments are networks with a cluster and load balancers, services are ECS services on Fargate."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._kinds = tuple(FACADES[name] for name in settings.facades)
        self._deployed = deployed()
        self._refuse()
        self._topic: Told | None = None
        self._context = AwsContext(
            project=settings.project,
            stack=settings.stack,
            region=aws.get_region_output().region,
            account=aws.get_caller_identity_output().account_id,
            partition=aws.get_partition_output().partition,
        )

    @cached_property
    def _services(self) -> tuple[Service, ...]:
        """Those of the settings, whose further rules have their numbers."""
        rules = self._deployed.of(_RULE)
        return tuple(rule_numbers.numbered(service, rules) for service in self._settings.services)

    def _refuse(self) -> None:
        """In a plan too: what AWS refuses half-way would leave the site down, and what this machine lacks."""
        there = map(self._deployed.of, (_ECS_SERVICE, _VPC, _GROUP, _SUBNET))
        mistakes = list(moved_networks.mistakes(self._settings.environments, *there))
        if is_missing():
            mistakes += [
                f"services.{service.name}.before: boto3 is missing, which runs it on AWS; install it: pip install boto3"
                for service in self._settings.services
                if service.before
            ]
        if mistakes:
            raise pulumi.RunError("\n".join(mistakes))

    def environment(self, environment: EnvironmentSettings, parent: pulumi.Resource) -> Environment:
        """A VPC, existing or created, with a cluster and the load balancers that the facades need."""
        needed = schemes(self._kinds, environment.scheme)
        vpc = environment.vpc if Scheme.INTERNAL in needed else None  # else its range is not needed
        services = [service for service in self._settings.services if service.environment == environment.name]
        args = EnvironmentArgs(
            settings=environment,
            context=self._context,
            schemes=needed,
            vpc_range=aws.ec2.get_vpc_output(id=vpc.id).cidr_block if vpc else None,
            hosts=alias_rules.host_names(services),
            domains=self._domains(environment.name),
            files=any(managed(service.manifest.volumes) for service in services),
        )
        return Environment(environment.name, args, pulumi.ResourceOptions(parent=parent))

    def service(
        self, service: Service, environment: Environment, parent: pulumi.Resource
    ) -> RunningService[FargateService]:
        """An image in ECR and an ECS service, as the type of the service makes it."""
        service = next(one for one in self._services if one.name == service.name)
        made = _WORKLOADS[service.manifest.type](self, service, environment, pulumi.ResourceOptions(parent=parent))
        found_by: dict[str, pulumi.Input[object]] = {
            "region": self._context.region,
            "cluster": environment.cluster_name,
            "ecsService": made.service_name,
            "logGroup": made.log_group,
        }
        return RunningService(service, made.image, made, found_by)

    def _base(self, service: Service, environment: Environment) -> FargateServiceArgs:
        planned = self._ecs_service(service, environment)
        return FargateServiceArgs(service, environment, self._context, self._registry(service), planned)

    def load_balanced_web_service(
        self, service: Service, environment: Environment, opts: pulumi.ResourceOptions
    ) -> FargateService:
        """An ECS service attached to the environment's load balancers."""
        name = service.name
        args = LoadBalancedWebServiceArgs(
            base=self._base(service, environment),
            attachments=attachments(self._kinds, environment.args.schemes, self._own_ports.get(name)),
            priority=self._priorities[name],
            alias_rules=tuple((rule, self._alias_priorities[rule.name]) for rule in alias_rules.alias_rules(service)),
            standing=alias_rules.standing(
                service, environment.load_balancer.scheme, *map(self._deployed.of, (_TARGET_GROUP, _RULE))
            ),
            versions=self._versions,
            told=self._told(opts.parent),
        )
        return LoadBalancedWebService(name, args, opts)

    def backend_service(
        self, service: Service, environment: Environment, opts: pulumi.ResourceOptions
    ) -> FargateService:
        """An ECS service to which nothing leads from outside."""
        return BackendService(service.name, self._base(service, environment), opts)

    def facade(
        self,
        table: RouteTable,
        services: Mapping[str, RunningService[FargateService]],
        parent: pulumi.Resource,
    ) -> Mapping[str, RunningFacade]:
        """The facades that the settings name, in front of the services."""
        placed = {name: running.placed for name, running in services.items()}
        web = {name: one for name, one in placed.items() if isinstance(one, LoadBalancedWebService)}
        _records(web, parent)
        routed = {name: one for name, one in web.items() if one.context.manifest.routed}
        if pulumi.runtime.is_dry_run() and ALB in self._kinds:
            told_of = load_balancers.only_attached(routed, self._deployed.of(_RULE))
            if told_of:
                pulumi.log.info(told_of, parent)
        made: dict[str, _RunningFacade] = {}
        led: set[str] = set()
        for kind in self._kinds:
            domains = self._settings.facade_settings.domains(kind.name)
            made[kind.name] = _FACADES[kind.name](
                _Facade(
                    table=table,
                    services={name: _target(kind, service) for name, service in routed.items()},
                    environment=next(iter(routed.values())).context.environment,
                    # Where two facades have the same name, it leads to the main one.
                    hosts=tuple(
                        HostName(domain.name, None if domain.name in led else domain.hosted_zone, ())
                        for domain in domains
                    ),
                    tags=tags_of(self._settings.project, self._settings.stack),
                    settings=self._settings,
                    region=self._context.region,
                    deployed=self._deployed,
                    parent=parent,
                )
            )
            led |= {domain.name for domain in domains if domain.hosted_zone}
        self._watch(table, made, routed, parent)
        return made

    def _domains(self, environment: str) -> tuple[Domain, ...]:
        """The names of the facade `alb`, if its load balancer is that of this environment."""
        routed = {service.environment for service in self._settings.services if service.manifest.routed}
        wanted = ALB in self._kinds and environment in routed
        return self._settings.facade_settings.alb.domains if wanted else ()

    def _watch(
        self,
        table: RouteTable,
        facades: Mapping[str, "_RunningFacade"],
        services: Mapping[str, LoadBalancedWebService],
        parent: pulumi.Resource,
    ) -> None:
        """Alarms on the facades, and a dashboard, if they are wanted."""
        if not self._settings.alarms and not self._settings.dashboard:
            return
        args = MonitoringArgs(
            context=self._context,
            table=table,
            facades={
                name: WatchedFacade(facade.url, FACADES[name].metrics, facade.dimension)
                for name, facade in facades.items()
            },
            services={name: tuple(service.attachments.values()) for name, service in services.items()},
            told=self._told(parent),
            dashboard=self._settings.dashboard,
        )
        Monitoring("monitoring", args, pulumi.ResourceOptions(parent=parent))

    def _told(self, parent: pulumi.Resource | None) -> Told | None:
        """Whom alarms tell; a topic for an address is made once."""
        alarms, tags = self._settings.alarms, tags_of(self._settings.project, self._settings.stack)
        if alarms and self._topic is None:
            self._topic = told(alarms, self._context.prefix, tags, pulumi.ResourceOptions(parent=parent))
        return self._topic

    def _ecs_service(self, service: Service, environment: Environment) -> ecs_services.EcsService:
        known = list(ecs_services.known(service.name, self._deployed.of(_ECS_SERVICE)))
        logical = ecs_services.logical_name(service, environment.args.schemes, self._versions)
        return ecs_services.planned(service, logical, known, tasks_of)

    def _registry(self, service: Service) -> Registry:
        return Registry(
            folder=self._folder,
            login=self._login if service.manifest.built else None,
            keep_releases=self._settings.keep_releases,
            delete_images=self._settings.delete_images,
            pushed=self._pushed,
        )

    @cached_property
    def _pushed(self) -> dict[str, image_retention.Pushed]:
        """What the repositories had, by the logical name of the image."""
        return dict(image_retention.pushed(*map(self._deployed.of, (_IMAGE, _LIFECYCLE))))

    @cached_property
    def _own_ports(self) -> dict[str, int]:
        """Of the services that have a listener of their own."""
        routed = {service.name: service.environment for service in self._settings.services if service.manifest.routed}
        return own_ports(routed, self._kinds)

    @cached_property
    def _priorities(self) -> dict[str, int]:
        """Of each service's own rule: behind all of the facade's, where its load balancer is the facade."""
        return attachment_priorities(service.name for service in self._settings.services)

    @cached_property
    def _alias_priorities(self) -> dict[str, int]:
        """Of each alias rule: unique on the load balancer of its environment."""
        services = self._services
        found: dict[str, int] = {}
        for environment in {service.environment for service in services}:
            found |= alias_rules.priorities(service for service in services if service.environment == environment)
        return found

    @cached_property
    def _versions(self) -> dict[str, target_groups.Version]:
        """Of the target groups that are made beside those that the stack has."""
        wanted = {found.name: schemes(self._kinds, found.scheme) for found in self._settings.environments}
        placed = [(service, wanted[service.environment]) for service in self._services]
        return target_groups.versions(placed, self._deployed.of(_TARGET_GROUP))

    @cached_property
    def _login(self) -> Login:
        """Asked for only when something is built."""
        token = aws.ecr.get_authorization_token_output()
        return Login(token.user_name, pulumi.Output.secret(token.password))


@dataclass(frozen=True)
class _RunningFacade(RunningFacade):
    """A facade that runs on AWS."""

    dimension: pulumi.Input[str] = ""
    """What CloudWatch names its metrics by. Default: it has none."""


@dataclass(frozen=True)
class _Facade:
    """What a facade is made of."""

    table: RouteTable
    services: Mapping[str, FacadeTarget]
    environment: Environment
    """Of the first of them; of all of them, for a facade that wants them in one."""
    hosts: tuple[HostName, ...]
    """Its names, the main one first; those in a hosted zone get a record that leads to it."""
    tags: Mapping[str, str]
    settings: Settings
    region: pulumi.Output[str]
    deployed: Deployed
    """What the stack had when this program began."""
    parent: pulumi.Resource

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """Of its component."""
        return pulumi.ResourceOptions(parent=self.parent)

    @property
    def first(self) -> bool:
        """Whether nothing of the stack is up yet."""
        return not self.deployed.of(_ECS_SERVICE)


def _records(services: Mapping[str, LoadBalancedWebService], parent: pulumi.Resource) -> None:
    """Host names lead to the load balancers. They are no children of their environments, whose children services wait
    for: a record waits for services."""
    for environment in dict.fromkeys(service.context.environment for service in services.values()):
        load_balancer = environment.load_balancer
        hosts = environment.args.hosts
        answering = {host.name: [one for name in host.services for one in services[name].answering] for host in hosts}
        needs = {name: [*environment.held, *those] for name, those in answering.items()}
        tls.records(hosts, load_balancer.dns, load_balancer.zone, needs, parent)


def _target(kind: FacadeKind, service: LoadBalancedWebService) -> FacadeTarget:
    """A service, as a facade reaches it: where it is attached itself, or, as a target of the facade `alb`, on port
    80."""
    environment = service.context.environment
    attachment = service.attachments[scheme_of(kind, environment.args.schemes)]
    url, listener_arn, port = attachment.url, attachment.listener_arn, attachment.port
    if kind.reach is Reach.TARGET_GROUP:
        load_balancer = attachment.load_balancer
        url, listener_arn, port = pulumi.Output.concat("http://", load_balancer.dns), load_balancer.listener_arn, 80
    http = service.context.manifest.http
    sticky = http is not None and http.main.stickiness
    return FacadeTarget(
        name=service.context.name,
        environment=service.context.service.environment,
        url=url,
        listener_arn=listener_arn,
        vpc_id=environment.vpc_id,
        subnets=environment.private_subnets.apply(list[pulumi.Input[str]]),
        security_group=environment.balancer_group,
        target_group_arn=attachment.group.arn,
        ready=service.answering,
        balancer_suffix=attachment.load_balancer.suffix,
        listener_port=port,
        stickiness=COOKIE if sticky else None,
    )


def _refactor_spaces(facade: _Facade) -> _RunningFacade:
    from components.aws.facades.refactor_spaces import RefactorSpacesFacade, RefactorSpacesFacadeArgs

    opts = pulumi.ResourceOptions.merge(facade.opts, pulumi.ResourceOptions(providers=_native(facade)))
    prefix = f"{facade.settings.project}-{facade.settings.stack}"
    args = RefactorSpacesFacadeArgs(facade.table, facade.services, prefix, facade.tags)
    return _RunningFacade(RefactorSpacesFacade(FACADE, args, opts).url)


def _native(facade: _Facade) -> list[pulumi.ProviderResource]:
    """aws-native has a configuration of its own; where that names no region, it is where pulumi-aws is."""
    if aws_native.config.region:
        return []
    return [aws_native.Provider(FACADE, region=facade.region, profile=aws.config.profile, opts=facade.opts)]


def _api_gateway(facade: _Facade) -> _RunningFacade:
    from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs

    settings = facade.settings.facade_settings.api_gateway
    args = ApiGatewayFacadeArgs(
        facade.table, facade.services, settings, facade.hosts, facade.tags, facade.first, _links(facade)
    )
    made = ApiGatewayFacade(FACADE, args, facade.opts)
    return _RunningFacade(made.url, made.domain_target, made.api_id)


def _links(facade: _Facade) -> dict[str, str]:
    """The names of the VPC links; a link that went to sleep is replaced before the first route leads through it."""
    environments = {name: service.environment for name, service in facade.services.items()}
    led_to = vpc_links.newly_led_to(facade.table, environments, facade.deployed.outputs)
    links, found = facade.deployed.of(_VPC_LINK), dict[str, str]()
    for environment in sorted(set(environments.values())):
        asleep = is_asleep if environment in led_to else _is_no_matter
        found[environment] = vpc_links.name_of(f"{FACADE}-{environment}", links, asleep)
        if found[environment] not in {*links, f"{FACADE}-{environment}"}:
            pulumi.log.warn(
                f"facade: the VPC link into {environment} is INACTIVE, as nothing came through for 60 days: another "
                f"one takes its place before requests are led there, which takes some minutes more"
            )
    return found


def _is_no_matter(_groups: list[str]) -> bool:
    return False


def _alb(facade: _Facade) -> _RunningFacade:
    from components.aws.facades.alb import AlbFacade, AlbFacadeArgs, Https

    settings, environment = facade.settings.facade_settings.alb, facade.environment
    load_balancer, secure = environment.load_balancer, environment.https_arn
    args = AlbFacadeArgs(
        table=facade.table,
        services=facade.services,
        load_balancer_arn=load_balancer.arn,
        listener_arn=load_balancer.listener_arn,
        dns_name=load_balancer.dns,
        vpc_id=environment.vpc_id,
        https=Https(secure, facade.hosts, load_balancer.zone, environment.held, facade.first)
        if facade.hosts and secure is not None
        else None,
        web_acl=settings.web_acl,
        stickiness=settings.stickiness,
        sticky_now=alb_rules.sticky_now(facade.deployed.of(_FACADE_RULE)),
        tags=facade.tags,
    )
    made = AlbFacade(FACADE, args, facade.opts)
    one = next(iter(facade.services.values()))  # all of them are in one environment
    target = load_balancer.dns if args.https else None
    return _RunningFacade(made.url, target, dimension=one.balancer_suffix)


_WORKLOADS: dict[str, Callable[[AwsPlatform, Service, Environment, pulumi.ResourceOptions], FargateService]] = {
    LOAD_BALANCED_WEB_SERVICE: AwsPlatform.load_balanced_web_service,
    BACKEND_SERVICE: AwsPlatform.backend_service,
}
"""What a service is made by, by its type."""

_FACADES: dict[str, Callable[[_Facade], _RunningFacade]] = {
    REFACTOR_SPACES.name: _refactor_spaces,
    API_GATEWAY.name: _api_gateway,
    ALB.name: _alb,
}
"""Each facade's modules are imported only when it is used."""
