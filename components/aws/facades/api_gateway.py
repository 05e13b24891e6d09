"""The facade `api-gateway`: an HTTP API that reaches the internal load balancers through VPC links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pulumi
import pulumi_aws as aws

from components.aws.facades.external import permission
from components.aws.facades.target import FacadeTarget
from components.aws.facades.url import known_after
from components.aws.network import tls
from components.aws.network.listeners import conditions, no_service_at_this_path
from components.aws.network.security_groups import Egress, GroupRule, between, of_range
from components.aws.plan import external_integrations
from components.aws.plan.alias_rules import HostName
from components.aws.plan.external_listeners import Behind, Link, LinkEgress, Links
from components.aws.plan.http_api_log import LOG_FORMAT
from components.aws.plan.http_api_routes import HttpRoute, http_routes
from components.aws.plan.load_balancers import group_name
from components.aws.proof import Guard
from components.model.facades import ApiGatewaySettings, Domain, Endpoint
from components.model.routes import RouteTable, within
from components.settings.external import ExternalService

_NO_SERVICE = "/.strangler/nobody"
"""A path that a rule of a load balancer answers with a 503: HTTP APIs have no answers of their own to give."""

_NO_SERVICE_PRIORITY = 1


@dataclass(frozen=True)
class ApiGatewayFacadeArgs:
    """What the facade is made of."""

    table: RouteTable
    """Who gets which request; its weights are 0 and 100."""
    services: Mapping[str, FacadeTarget]
    """Who runs here, by name, each behind a listener of its own of a load balancer in its environment."""
    settings: ApiGatewaySettings = field(default_factory=ApiGatewaySettings)
    """Default as `ApiGatewaySettings` says."""
    hosts: tuple[HostName, ...] = ()
    """The domain's name, if it is this facade's record that leads there. Default none."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Default none."""
    external: Mapping[str, ExternalService] = field(default_factory=dict[str, ExternalService])
    """Who runs elsewhere, by name. Default none."""
    first: bool = False
    """Whether nothing of the stack is up yet: then the record doesn't wait for the routes. Default false."""
    guard: Guard | None = None
    """What its routes wait for before they change. Default: for nothing but the services."""
    links: Mapping[str, str] = field(default_factory=dict[str, str])
    """Logical names of VPC links that aren't the first ones into their networks, by environment, or as `elsewhere` has
    them. Default none."""
    elsewhere: Links = field(default_factory=Links)
    """How those are reached that run elsewhere, behind a listener. Default: nobody does."""
    addresses: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """URLs and ARNs of those who run elsewhere and whose own are empty, by name. Default none."""
    prefix: str = ""
    """What the routes' logical names begin with. Default: nothing, as a program has one system."""


@dataclass(frozen=True)
class _Served:
    """An API with all that it answers."""

    api: aws.apigatewayv2.Api
    stage: aws.apigatewayv2.Stage
    log: aws.cloudwatch.LogGroup | None
    routes: list[aws.apigatewayv2.Route]


class ApiGatewayFacade(pulumi.ComponentResource):
    """`strangler:index:ApiGatewayFacade`: an HTTP API with a VPC link per network, an integration per service, a route
    for everything that `http_api_routes` tells, and a stage that deploys by itself.

    A cut-over changes the targets of routes in place. A route turns to a service once that is ready, and an integration
    to another load balancer of its service once the service is ready behind that. Routes change from the longest paths
    to the shortest, and go the other way round: while an update runs, every request goes to its previous or its new
    service, never to a third. Limits: 30 seconds and 10 MB per request, no weights, 10 VPC links in an account and
    region unless raised.
    """

    url: pulumi.Output[str]
    """Of the user's own domain if there is one, else of the API."""
    domain_target: pulumi.Output[str] | None
    """What the DNS record of the user's own domain points to; None without one."""
    testers_url: pulumi.Output[str] | None
    """Of the second API, which is there if a route has testers: each such route has the weight 100 there. An HTTP API
    can't tell requests apart by their headers."""
    api_id: pulumi.Output[str]
    """By which CloudWatch names the API."""
    log_group: pulumi.Output[str] | None
    """The name of the log group of its access log; None without one."""

    def __init__(self, name: str, args: ApiGatewayFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:ApiGatewayFacade", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        self._tags = dict(args.tags)
        served = self._serve(args.table)
        stage, routes = served.stage, served.routes
        self.url, self.domain_target, self.api_id = served.api.api_endpoint, None, served.api.id
        self.testers_url, self.log_group = None, served.log and served.log.name
        if args.table.has_testers:
            marked = self._serve(args.table.for_testers(), "testers")
            self.testers_url = known_after(marked.api.api_endpoint, [marked.stage, *marked.routes])
        ends: list[pulumi.CustomResource] = [stage, *routes]
        if args.settings.domain:
            domain, mapping = self._domain(args.settings.domain, stage)
            self.domain_target = domain.domain_name_configuration.target_domain_name
            zone, needs = domain.domain_name_configuration.hosted_zone_id, [mapping, *(() if args.first else routes)]
            # Beside the facade and not below it: the record of a name that goes to another facade changes in place.
            beside = opts.parent if opts and opts.parent else self
            ends += tls.records(
                args.hosts, self.domain_target, zone, dict.fromkeys([host.name for host in args.hosts], needs), beside
            )
            self.url = domain.domain_name.apply(lambda own: f"https://{own}")
            ends.append(mapping)
        self.url = known_after(self.url, ends)
        testers_url = {"testersUrl": self.testers_url} if self.testers_url is not None else {}
        self.register_outputs({"url": self.url, "domainTarget": self.domain_target, **testers_url})

    def _serve(self, table: RouteTable, label: str = "") -> "_Served":
        """An API that answers as a table says. label: what tells its name from that of the first one."""
        name = f"{self._name}-{label}" if label else self._name
        api = aws.apigatewayv2.Api(name, protocol_type="HTTP", tags=self._tags, opts=self._child)
        integrations: dict[str | None, aws.apigatewayv2.Integration] = {
            service_name: self._integration(
                f"{name}-{service_name}", api, self._links[service.environment], service, service.ready
            )
            for service_name, service in self._args.services.items()
        }
        ready: dict[str, Sequence[pulumi.Input[pulumi.Resource]]] = {
            service_name: service.ready for service_name, service in self._args.services.items()
        }
        for service in self._args.external.values():
            integrations[service.name], ready[service.name] = self._elsewhere(f"{name}-{service.name}", api, service)
        if table.default is None:
            integrations[None] = self._no_service(name, api)
        planned = sorted(http_routes(table), key=lambda route: route.rank)
        routes: list[aws.apigatewayv2.Route] = []
        for route in planned:
            before = [own for own, other in zip(routes, planned, strict=False) if within(other.path, route.path)]
            named = self._args.prefix + (f"{label} {route.name}" if label else route.name)
            needs = [*(ready[route.service] if route.service else ()), *before]
            if self._args.guard:
                needs += [*integrations.values(), *(one for every in ready.values() for one in every)]
            routes.append(self._route(named, api, route, integrations[route.service], needs))
        log = self._log(name)
        return _Served(api, self._stage(name, api, log), log, routes)

    def _route(
        self,
        name: str,
        api: aws.apigatewayv2.Api,
        route: HttpRoute,
        integration: aws.apigatewayv2.Integration,
        needs: Sequence[pulumi.Input[pulumi.Resource]],
    ) -> aws.apigatewayv2.Route:
        return aws.apigatewayv2.Route(
            name,
            api_id=api.id,
            route_key=route.key,
            target=pulumi.Output.concat("integrations/", integration.id),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(needs), hooks=self._args.guard.hooks if self._args.guard else None
            ),
        )

    @cached_property
    def _links(self) -> dict[str, aws.apigatewayv2.VpcLink]:
        """The VPC link into each environment, and into each network that isn't ours."""
        inhabitants: dict[str, list[FacadeTarget]] = {}
        for service in self._args.services.values():
            inhabitants.setdefault(service.environment, []).append(service)
        ours = {environment: self._link(environment, inside) for environment, inside in inhabitants.items()}
        return ours | {key: self._link_elsewhere(key, link) for key, link in self._args.elsewhere.made.items()}

    def _link(self, environment: str, services: list[FacadeTarget]) -> aws.apigatewayv2.VpcLink:
        """A VPC link into an environment, and the rules that let it reach the listeners of these of its services."""
        name, first = f"{self._name}-{environment}", services[0]
        group = self._group(environment, first.vpc_id)
        rules: list[pulumi.Resource] = []
        for port in sorted({service.listener_port for service in services}):
            rule = GroupRule(group.id, first.security_group, "Requests of the facade", first=port, last=port)
            rules += between(name if port == 80 else f"{name} {port}", rule, self._tags, self._child)
        rules += self._all_egress(environment, group)
        return self._vpc_link(environment, first.subnets, [group.id], rules)

    def _link_elsewhere(self, key: str, link: Link) -> aws.apigatewayv2.VpcLink:
        """A VPC link into a network that isn't ours. Who lets it in there is not ours to say."""
        groups: list[pulumi.Input[str]] = [*link.groups]
        rules: list[pulumi.Resource] = []
        if link.own_group:
            group = self._group(key, link.vpc)
            groups.append(group.id)
            rules = self._all_egress(key, group)
        return self._vpc_link(key, link.subnets, groups, rules)

    def _group(self, key: str, vpc: pulumi.Input[str]) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            group_name(f"{self._name}-{key}"),
            vpc_id=vpc,
            description=f"VPC link of the facade to {key}",
            revoke_rules_on_delete=True,
            tags=self._tags,
            opts=self._child,
        )

    def _all_egress(self, key: str, group: aws.ec2.SecurityGroup) -> list[pulumi.Resource]:
        """What lets a link out to listeners that aren't ours."""
        behind = self._args.elsewhere.behind.values()
        found = {egress for one in behind if one.link == key for egress in one.egress}
        return [self._egress(key, group, egress) for egress in sorted(found, key=str)]

    def _egress(self, key: str, group: aws.ec2.SecurityGroup, egress: LinkEgress) -> pulumi.Resource:
        there = egress.group or of_range(egress.range or "")
        return Egress(
            f"{self._name}-{key} {there} {egress.port}",
            security_group_id=group.id,
            referenced_security_group_id=egress.group,
            cidr_ipv4=egress.range,
            ip_protocol="tcp",
            from_port=egress.port,
            to_port=egress.port,
            description="Requests of the facade",
            tags=self._tags,
            opts=self._child,
        )

    def _vpc_link(
        self,
        key: str,
        subnets: pulumi.Input[Sequence[pulumi.Input[str]]],
        groups: list[pulumi.Input[str]],
        rules: Sequence[pulumi.Resource],
    ) -> aws.apigatewayv2.VpcLink:
        return aws.apigatewayv2.VpcLink(
            self._args.links.get(key, f"{self._name}-{key}"),
            subnet_ids=subnets,
            security_group_ids=groups,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=rules),
        )

    def _integration(
        self,
        name: str,
        api: aws.apigatewayv2.Api,
        link: aws.apigatewayv2.VpcLink,
        service: FacadeTarget,
        needs: Sequence[pulumi.Input[pulumi.Resource]] = (),
        path: str | None = None,
    ) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            name,
            api_id=api.id,
            integration_type="HTTP_PROXY",
            integration_method="ANY",
            integration_uri=service.listener_arn,
            connection_type="VPC_LINK",
            connection_id=link.id,
            payload_format_version="1.0",
            timeout_milliseconds=self._args.settings.timeout * 1000,
            request_parameters={"overwrite:path": path} if path else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(needs)),
        )

    def _elsewhere(
        self, name: str, api: aws.apigatewayv2.Api, service: ExternalService
    ) -> tuple[aws.apigatewayv2.Integration, list[pulumi.Input[pulumi.Resource]]]:
        """An integration with what runs elsewhere, called over the internet or through a VPC link, or a function; and
        what routes to it need."""
        behind = self._args.elsewhere.behind.get(service.name)
        planned = external_integrations.planned(service)
        address, uri = self._args.addresses.get(service.name), planned.uri
        if address is not None:
            uri = pulumi.Output.from_input(address).apply(
                lambda known: external_integrations.planned(replace(service, address=known)).uri
            )
        parameters: dict[str, pulumi.Input[str]] = {**planned.parameters}
        if service.keeps_host:
            parameters[external_integrations.HOST] = self._host(api)
        needs: list[pulumi.Input[pulumi.Resource]] = []
        if service.endpoint is Endpoint.LAMBDA:
            caller = pulumi.Output.concat(api.execution_arn, "/*/*")
            needs = [permission(name, service, "apigateway.amazonaws.com", caller, self._child, address)]
        made = aws.apigatewayv2.Integration(
            name,
            api_id=api.id,
            integration_type=planned.type,
            integration_method=planned.method,
            integration_uri=uri,
            connection_type="VPC_LINK" if behind else None,
            connection_id=self._links[behind.link].id if behind else None,
            tls_config=self._tls(service, behind),
            payload_format_version=planned.payload,
            request_parameters=parameters or None,
            timeout_milliseconds=self._args.settings.timeout * 1000,
            opts=self._child,
        )
        return made, needs

    def _tls(self, service: ExternalService, behind: Behind | None) -> aws.apigatewayv2.IntegrationTlsConfigArgs | None:
        if behind is None or not behind.tls:
            return None
        return aws.apigatewayv2.IntegrationTlsConfigArgs(server_name_to_verify=service.server_name)

    def _host(self, api: aws.apigatewayv2.Api) -> pulumi.Input[str]:
        """The name by which clients reach the facade."""
        domain = self._args.settings.domain
        return domain.name if domain else api.api_endpoint.apply(lambda url: url.partition("://")[2])

    def _no_service(self, name: str, api: aws.apigatewayv2.Api) -> aws.apigatewayv2.Integration:
        """What answers with a 503 where no service does: a rule of one of the load balancers."""
        first = self._args.services[min(self._args.services)]
        link, rule = self._links[first.environment], self._no_service_rule
        return self._integration(f"{name}-nobody", api, link, first, [rule], _NO_SERVICE)

    @cached_property
    def _no_service_rule(self) -> aws.lb.ListenerRule:
        return aws.lb.ListenerRule(
            f"{self._name}-nobody",
            listener_arn=self._args.services[min(self._args.services)].listener_arn,
            priority=_NO_SERVICE_PRIORITY,
            tags=self._tags,
            conditions=conditions(paths=(_NO_SERVICE,)),
            actions=[no_service_at_this_path()],
            opts=self._child,
        )

    def _stage(
        self, name: str, api: aws.apigatewayv2.Api, log: aws.cloudwatch.LogGroup | None
    ) -> aws.apigatewayv2.Stage:
        throttling = self._args.settings.throttling
        return aws.apigatewayv2.Stage(
            name,
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            tags=self._tags,
            access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(destination_arn=log.arn, format=LOG_FORMAT)
            if log
            else None,
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_burst_limit=throttling.burst, throttling_rate_limit=throttling.rate
            )
            if throttling
            else None,
            opts=self._child,
        )

    def _log(self, name: str) -> aws.cloudwatch.LogGroup | None:
        days = self._args.settings.log_days
        if days is None:
            return None
        return aws.cloudwatch.LogGroup(name, retention_in_days=days, tags=self._tags, opts=self._child)

    def _domain(
        self, own: Domain, stage: aws.apigatewayv2.Stage
    ) -> tuple[aws.apigatewayv2.DomainName, aws.apigatewayv2.ApiMapping]:
        # It has one or the other: components/settings/facades.py.
        found = tls.of_domains([own], self._tags, self._child)
        domain = aws.apigatewayv2.DomainName(
            self._name,
            domain_name=own.name,
            tags=self._tags,
            domain_name_configuration=aws.apigatewayv2.DomainNameDomainNameConfigurationArgs(
                certificate_arn=tls.first(found), endpoint_type="REGIONAL", security_policy="TLS_1_2"
            ),
            opts=self._child,
        )
        mapping = aws.apigatewayv2.ApiMapping(
            self._name, api_id=stage.api_id, domain_name=domain.id, stage=stage.name, opts=self._child
        )
        return domain, mapping
