"""The kinds of facades: what each is made of, and how it reaches a service. What they can do stands in
`components/model/facades.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.deployed import Deployed
from components.aws.facades.target import FacadeTarget
from components.aws.network.environment import Environment
from components.aws.plan import alb_rules
from components.aws.plan.alias_rules import HostName
from components.aws.plan.load_balancers import scheme_of
from components.aws.service.load_balanced_web_service import LoadBalancedWebService
from components.aws.service.target_groups import COOKIE
from components.model.facades import ALB, API_GATEWAY, REFACTOR_SPACES, FacadeKind, Reach
from components.model.routes import RouteTable
from components.platform import RunningFacade
from components.settings import Settings

FACADE = "facade"
"""The logical name of each."""

_ECS_SERVICE = "aws:ecs/service:Service"
_FACADE_RULE = "strangler:index:AlbFacade$aws:lb/listenerRule:ListenerRule"


@dataclass(frozen=True)
class AwsFacade(RunningFacade):
    """A facade that runs on AWS."""

    dimension: pulumi.Input[str] = ""
    """What CloudWatch names its metrics by. Default: it has none."""


@dataclass(frozen=True)
class FacadeParts:
    """What a facade is made of."""

    table: RouteTable
    """Who gets which request."""
    services: Mapping[str, FacadeTarget]
    """Those that it sends requests to, by name."""
    environment: Environment
    """Of the first of them; of all of them, for a facade that wants them in one."""
    hosts: tuple[HostName, ...]
    """Its names, the main one first; those in a hosted zone get a record that leads to it."""
    tags: Mapping[str, str]
    """The stack's."""
    settings: Settings
    """The stack's."""
    region: pulumi.Output[str]
    """Such as eu-west-1."""
    deployed: Deployed
    """What the stack had when this program began."""
    parent: pulumi.Resource
    """The system."""

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """Of its component."""
        return pulumi.ResourceOptions(parent=self.parent)

    @property
    def first(self) -> bool:
        """Whether nothing of the stack is up yet."""
        return not self.deployed.of(_ECS_SERVICE)


def target(kind: FacadeKind, service: LoadBalancedWebService) -> FacadeTarget:
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


def _refactor_spaces(facade: FacadeParts) -> AwsFacade:
    from components.aws.facades.refactor_spaces import RefactorSpacesFacade, RefactorSpacesFacadeArgs

    opts = pulumi.ResourceOptions.merge(facade.opts, pulumi.ResourceOptions(providers=_native(facade)))
    prefix = f"{facade.settings.project}-{facade.settings.stack}"
    args = RefactorSpacesFacadeArgs(facade.table, facade.services, prefix, facade.tags)
    return AwsFacade(RefactorSpacesFacade(FACADE, args, opts).url)


def _native(facade: FacadeParts) -> list[pulumi.ProviderResource]:
    """aws-native has a configuration of its own; where that names no region, it is where pulumi-aws is."""
    import pulumi_aws_native as aws_native

    if aws_native.config.region:
        return []
    return [aws_native.Provider(FACADE, region=facade.region, profile=aws.config.profile, opts=facade.opts)]


def _api_gateway(facade: FacadeParts) -> AwsFacade:
    from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs

    settings = facade.settings.facade_settings.api_gateway
    args = ApiGatewayFacadeArgs(facade.table, facade.services, settings, facade.hosts, facade.tags, facade.first)
    made = ApiGatewayFacade(FACADE, args, facade.opts)
    return AwsFacade(made.url, made.domain_target, made.testers_url, made.api_id)


def _alb(facade: FacadeParts) -> AwsFacade:
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
    return AwsFacade(made.url, target, dimension=one.balancer_suffix)


MAKE: dict[str, Callable[[FacadeParts], AwsFacade]] = {
    REFACTOR_SPACES.name: _refactor_spaces,
    API_GATEWAY.name: _api_gateway,
    ALB.name: _alb,
}
"""Each facade's modules are imported only when it is used."""
