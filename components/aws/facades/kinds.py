"""The kinds of facades: what each is made of, and how it reaches a service. What they can do stands in
`components/model/facades.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.deployed import Deployed, is_inactive
from components.aws.existing import ExistingBalancer, stickiness_of
from components.aws.facades.balanced import Balanced
from components.aws.facades.route_rules import OtherGroup
from components.aws.facades.target import FacadeTarget
from components.aws.network.environment import Environment
from components.aws.plan import existing_listener, refactor_spaces_routes, vpc_links
from components.aws.plan.alias_rules import HostName
from components.aws.plan.external_listeners import Links
from components.aws.plan.load_balancers import scheme_of, tasks_group
from components.aws.proof import Guard
from components.aws.service.load_balanced_web_service import LoadBalancedWebService
from components.aws.service.target_groups import COOKIE
from components.model.facades import ALB, API_GATEWAY, LISTENER, REFACTOR_SPACES, Endpoint, FacadeKind, Reach, Scheme
from components.model.routes import RouteTable
from components.platform import RunningFacade
from components.settings import Settings
from components.settings.external import ExternalService

FACADE = "facade"
"""The logical name of each."""

_ECS_SERVICE = "aws:ecs/service:Service"
_RULE = "aws:lb/listenerRule:ListenerRule"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_APPLICATION = "aws-native:refactorspaces:Application"
_VPC_LINK = "aws:apigatewayv2/vpcLink:VpcLink"
_FACADE_RULE = "strangler:index:AlbFacade$aws:lb/listenerRule:ListenerRule"
LISTENER_RULE = "strangler:index:ListenerFacade$aws:lb/listenerRule:ListenerRule"


@dataclass(frozen=True)
class AwsFacade(RunningFacade):
    """A facade that runs on AWS."""

    dimension: pulumi.Input[str] = ""
    """What CloudWatch names its metrics by. Default: it has none."""
    elsewhere: Mapping[str, OtherGroup] = field(default_factory=dict[str, OtherGroup])
    """The target groups by which it reaches services that run elsewhere, by the service. Default none."""
    log_group: pulumi.Input[str] | None = None
    """The name of the log group of its access log, in which each request has its route. Default: it has none."""


@dataclass(frozen=True)
class FacadeParts:
    """What a facade is made of."""

    table: RouteTable
    """Who gets which request."""
    services: Mapping[str, FacadeTarget]
    """Those of ours that it sends requests to, by name."""
    external: Mapping[str, ExternalService]
    """Those that run elsewhere, by name."""
    environments: Mapping[str, Environment]
    """Where the services are, the first one's first; the only one, for a facade that wants them in one."""
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
    existing: ExistingBalancer | None
    """The load balancer that stood before, if rules of ours are in it."""
    parent: pulumi.Resource
    """The system."""
    guard: Guard | None = None
    """What routes wait for before they change. Default: for nothing but the services."""

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """Of its component."""
        return pulumi.ResourceOptions(parent=self.parent)

    @property
    def environment(self) -> Environment:
        """Of the first of its services."""
        return next(iter(self.environments.values()))

    @property
    def first(self) -> bool:
        """Whether nothing of the stack is up yet."""
        return not self.deployed.of(_ECS_SERVICE) and not self.deployed.of(_RULE)


def target(kind: FacadeKind, service: LoadBalancedWebService) -> FacadeTarget:
    """A service, as a facade reaches it: where it is attached itself, or, as a target of the facade `alb`, on port
    80."""
    environment = service.context.environment
    attachment = service.attachments[scheme_of(kind, environment.args.schemes)]
    url, listener_arn, port = attachment.url, attachment.listener_arn, attachment.port
    if kind.reach is Reach.TARGET_GROUP:
        load_balancer = attachment.load_balancer
        url, listener_arn, port = load_balancer.url, load_balancer.listener_arn, 80
    http = service.context.manifest.http
    sticky = http is not None and http.main.stickiness
    return FacadeTarget(
        name=service.context.name,
        environment=service.context.service.environment,
        url=url,
        listener_arn=listener_arn,
        vpc_id=environment.vpc_id,
        subnets=environment.private_subnets.apply(list[pulumi.Input[str]]),
        security_group=environment.balancer_group or "",
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
    args = RefactorSpacesFacadeArgs(
        *(facade.table, facade.services, prefix, facade.tags, facade.external), vpc_id=_home(facade).vpc_id
    )
    return AwsFacade(RefactorSpacesFacade(FACADE, args, opts).url)


def _home(facade: FacadeParts) -> Environment:
    """Whose network an application of Refactor Spaces is in."""
    default, groups = facade.services.get(facade.table.default or ""), facade.deployed.of(_GROUP)
    now = next(iter(facade.deployed.of(_APPLICATION).values()), None)
    vpcs = {name: groups[tasks_group(name)]["vpcId"] for name in facade.environments if tasks_group(name) in groups}
    home = refactor_spaces_routes.home(default.environment if default else None, now and now.get("vpcId"), vpcs)
    return facade.environments[home] if home else facade.environment


def _native(facade: FacadeParts) -> list[pulumi.ProviderResource]:
    """aws-native has a configuration of its own; where that names no region, it is where pulumi-aws is."""
    import pulumi_aws_native as aws_native

    if aws_native.config.region:
        return []
    return [aws_native.Provider(FACADE, region=facade.region, profile=aws.config.profile, opts=facade.opts)]


def _api_gateway(facade: FacadeParts) -> AwsFacade:
    from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs
    from components.aws.facades.external import links_of

    settings = facade.settings.facade_settings.api_gateway
    inhabited = {service.environment for service in facade.services.values()}
    environments = {name: one.args.settings for name, one in facade.environments.items() if name in inhabited}
    led_to = {route.service for route in facade.table.routes if route.weight} | {facade.table.default or ""}
    elsewhere = links_of(facade.external.values(), environments, led_to, facade.deployed, FACADE)
    args = ApiGatewayFacadeArgs(
        table=facade.table,
        services=facade.services,
        settings=settings,
        hosts=facade.hosts,
        tags=facade.tags,
        external=facade.external,
        first=facade.first,
        links=_links(facade, elsewhere),
        elsewhere=elsewhere,
        guard=facade.guard,
    )
    made = ApiGatewayFacade(FACADE, args, facade.opts)
    return AwsFacade(made.url, made.domain_target, made.testers_url, made.api_id, log_group=made.log_group)


def _links(facade: FacadeParts, elsewhere: Links) -> dict[str, str]:
    """The names of the VPC links; a link that went to sleep is replaced, before the first route leads through it."""
    environments = {name: service.environment for name, service in facade.services.items()}
    environments |= {name: behind.link for name, behind in elsewhere.behind.items()}
    led_to = vpc_links.led_to(facade.table, environments)
    links, found = facade.deployed.of(_VPC_LINK), dict[str, str]()
    for environment in sorted(set(environments.values())):
        inactive = is_inactive if environment in led_to else _is_no_matter
        found[environment] = vpc_links.name_of(f"{FACADE}-{environment}", links, inactive)
        if found[environment] not in {*links, f"{FACADE}-{environment}"}:
            pulumi.log.warn(
                f"facade: the VPC link into {environment} is INACTIVE, as it had no traffic for 60 days; it is "
                "replaced, "
                "and this `up` takes a few minutes longer"
            )
    return found


def _is_no_matter(_groups: list[str]) -> bool:
    return False


def _balanced(facade: FacadeParts, rule: str, groups: Mapping[str, OtherGroup]) -> Balanced:
    """The routes of a facade of either kind. rule: the token of its rules. groups: of services that run elsewhere."""
    return Balanced(
        table=facade.table,
        services=facade.services,
        stickiness=facade.settings.facade_settings.alb.stickiness,
        tags=facade.tags,
        known=facade.deployed.of(rule),
        functions=[service for service in facade.external.values() if service.endpoint is Endpoint.LAMBDA],
        groups=groups,
        guard=facade.guard,
    )


def _alb(facade: FacadeParts) -> AwsFacade:
    from components.aws.facades.alb import AlbFacade, AlbFacadeArgs, Https
    from components.aws.facades.external import external_targets

    environment = facade.environment
    made = (one for one in environment.load_balancers if one.scheme is not Scheme.EXISTING)
    load_balancer, secure = next(made), environment.https_arn
    groups = external_targets(facade.external.values(), environment.args.settings, facade.deployed)
    args = AlbFacadeArgs(
        _balanced(facade, _FACADE_RULE, groups),
        load_balancer_arn=load_balancer.arn,
        listener_arn=load_balancer.listener_arn,
        dns_name=load_balancer.dns,
        vpc_id=environment.vpc_id,
        https=Https(secure, facade.hosts, load_balancer.zone, environment.held, facade.first)
        if facade.hosts and secure is not None
        else None,
        web_acl=facade.settings.facade_settings.alb.web_acl,
        balancer_group=environment.balancer_group,
    )
    found = AlbFacade(FACADE, args, facade.opts)
    target = load_balancer.dns if args.https else None
    return AwsFacade(found.url, target, dimension=load_balancer.suffix, elsewhere=found.elsewhere)


def _listener(facade: FacadeParts) -> AwsFacade:
    from components.aws.facades.external import targets_of
    from components.aws.facades.listener import ListenerFacade, ListenerFacadeArgs

    existing, settings = facade.existing, facade.settings.facade_settings.alb
    assert existing is not None
    group = existing.rest.group if existing_listener.shared(facade.table, existing.settings) else None
    groups = targets_of(facade.external.values(), existing.vpc or None, {existing.settings.load_balancer_arn})
    args = ListenerFacadeArgs(
        _balanced(facade, LISTENER_RULE, groups),
        listener=existing.settings,
        url=existing.url(settings.domains[0].name if settings.domains else None),
        rest=OtherGroup(group, stickiness=stickiness_of(group)) if group else None,
    )
    made = ListenerFacade(LISTENER.name, args, facade.opts)
    return AwsFacade(made.url, dimension=existing.settings.suffix, elsewhere=made.elsewhere)


MAKE: dict[str, Callable[[FacadeParts], AwsFacade]] = {
    REFACTOR_SPACES.name: _refactor_spaces,
    API_GATEWAY.name: _api_gateway,
    ALB.name: _alb,
    LISTENER.name: _listener,
}
"""Each facade's modules are imported only when it is used."""
