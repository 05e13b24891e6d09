"""The facade `refactor-spaces`: AWS Migration Hub Refactor Spaces, for accounts that used it before 2025-11-07."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws_native as aws_native
from pulumi_aws_native import refactorspaces as rs

from components.aws.facades.target import FacadeTarget
from components.aws.facades.url import known_after
from components.aws.plan import refactor_spaces_routes as plan
from components.model.facades import Endpoint
from components.model.routes import RouteTable, within
from components.settings.external import ExternalService


@dataclass(frozen=True)
class RefactorSpacesFacadeArgs:
    """What the facade is made of."""

    table: RouteTable
    """Which service gets which request. It has a default."""
    services: Mapping[str, FacadeTarget]
    """Its targets by service, each behind a public load balancer."""
    prefix: str
    """What names in the account begin with, such as project and stack."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of every resource that takes tags. Default: none."""
    external: Mapping[str, ExternalService] = field(default_factory=dict[str, ExternalService])
    """Its targets that run elsewhere, by service. Default: none."""
    vpc_id: pulumi.Input[str] | None = None
    """Where its API Gateway reaches private endpoints from, which must be given even where there is none. Default: that
    of the default, which runs here."""
    environment_id: pulumi.Input[str] | None = None
    """Id of an environment of Refactor Spaces that stands already. Default: one is made."""
    addresses: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """URLs and ARNs of those who run elsewhere and whose own are empty, by service. Default none."""
    route_prefix: str = ""
    """What the routes' logical names begin with. Default: nothing, as a program has one system."""


class RefactorSpacesFacade(pulumi.ComponentResource):
    """`strangler:index:RefactorSpacesFacade`: an environment without a network fabric, an application, a service for
    each of ours, the DEFAULT route, and a URI_PATH route for each active one.

    Order (user guide, and aws-native's plugin): the DEFAULT route is first to come and last to go; a route comes once
    its service is ready, as AWS checks the endpoint only at that moment. aws-native deletes before it replaces.
    Tags are given at creation and then left: AWS takes no change of them on most of these types. Identifiers are taken
    from resource ids, which stay known in a preview where the attributes do not. Most inputs are never read back, so a
    refresh sees no drift in them. A change of the default replaces the application, and with it the URL. A change of an
    active route's path, methods or service replaces the route, and the default answers meanwhile. Routes come from the
    longest paths to the shortest, and go the other way round: while an update runs, every request goes to its previous
    or its new service, never to a third.
    """

    url: pulumi.Output[str]
    """Of the proxy, with its stage."""

    def __init__(self, name: str, args: RefactorSpacesFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:RefactorSpacesFacade", name, None, opts)
        if args.table.default is None:
            raise ValueError("Refactor Spaces needs a default")
        ready = {name: service.ready for name, service in args.services.items()}
        endpoints = {name: _url(service.url) for name, service in args.services.items()}
        endpoints |= {name: _endpoint(service, args.addresses.get(name)) for name, service in args.external.items()}
        left = pulumi.ResourceOptions(parent=self, ignore_changes=["tags"])
        tags = [aws_native.TagArgs(key=key, value=value) for key, value in sorted(args.tags.items())]
        environment = args.environment_id
        if environment is None:
            environment = rs.Environment(
                name,
                name=plan.name(args.prefix),
                description=f"Facade of {args.prefix}",
                network_fabric_type=rs.EnvironmentNetworkFabricType.NONE,
                tags=tags,
                opts=left,
            ).id
        application = rs.Application(
            name,
            name=plan.name(args.prefix),
            environment_identifier=environment,
            proxy_type=rs.ApplicationProxyType.API_GATEWAY,
            api_gateway_proxy=rs.ApplicationApiGatewayProxyInputArgs(
                endpoint_type=rs.ApplicationApiGatewayEndpointType.REGIONAL
            ),
            vpc_id=args.services[args.table.default].vpc_id if args.vpc_id is None else args.vpc_id,
            tags=tags,
            opts=left,
        )
        own_id = _last(application.id)
        identifiers = {
            service_name: _last(
                rs.Service(
                    f"{name}-{service_name}",
                    name=plan.name(args.prefix, service_name),
                    endpoint_type=endpoint.type,
                    url_endpoint=endpoint.url,
                    lambda_endpoint=endpoint.function,
                    environment_identifier=environment,
                    application_identifier=own_id,
                    tags=tags,
                    opts=left,
                ).id
            )
            for service_name, endpoint in endpoints.items()
        }
        first = rs.Route(
            f"{name}-default",
            route_type=rs.RouteType.DEFAULT,
            default_route=rs.RouteDefaultRouteInputArgs(activation_state=rs.RouteActivationState.ACTIVE),
            service_identifier=identifiers[args.table.default],
            environment_identifier=environment,
            application_identifier=own_id,
            tags=tags,
            opts=pulumi.ResourceOptions.merge(
                left, pulumi.ResourceOptions(depends_on=ready.get(args.table.default, ()))
            ),
        )
        planned = plan.path_routes(args.table)
        routes: list[rs.Route] = []
        for route in planned:
            before = [own for own, other in zip(routes, planned, strict=False) if within(other.path, route.path)]
            routes.append(
                rs.Route(
                    f"{args.route_prefix}{route.name}",
                    route_type=rs.RouteType.URI_PATH,
                    uri_path_route=rs.RouteUriPathRouteInputArgs(
                        source_path=route.path,
                        activation_state=rs.RouteActivationState.ACTIVE,
                        methods=[rs.RouteMethod(method) for method in route.methods],
                        include_child_paths=route.children,
                        append_source_path=True,
                    ),
                    service_identifier=identifiers[route.service],
                    environment_identifier=environment,
                    application_identifier=own_id,
                    tags=tags,
                    opts=pulumi.ResourceOptions.merge(
                        left,
                        pulumi.ResourceOptions(
                            # The DEFAULT route can be replaced only while no other exists.
                            depends_on=[first, *ready.get(route.service, ()), *before],
                            replace_with=[first],
                            delete_before_replace=True,
                        ),
                    ),
                )
            )
        self.url = known_after(application.proxy_url, [first, *routes]).apply(lambda url: url.rstrip("/"))
        self.register_outputs({"url": self.url})


@dataclass(frozen=True)
class _Endpoint:
    """Where a service of Refactor Spaces is: the one or the other."""

    type: rs.ServiceEndpointType
    url: rs.ServiceUrlEndpointInputArgs | None = None
    function: rs.ServiceLambdaEndpointInputArgs | None = None


def _url(url: pulumi.Input[str]) -> _Endpoint:
    return _Endpoint(rs.ServiceEndpointType.URL, url=rs.ServiceUrlEndpointInputArgs(url=url))


def _endpoint(service: ExternalService, address: pulumi.Input[str] | None = None) -> _Endpoint:
    """Refactor Spaces lets its API Gateway invoke a function itself, once a route leads there (API reference,
    CreateRoute). address: the service's, if its own isn't known."""
    where = service.address if address is None else address
    if service.endpoint is Endpoint.LAMBDA:
        function = rs.ServiceLambdaEndpointInputArgs(arn=where)
        return _Endpoint(rs.ServiceEndpointType.LAMBDA_, function=function)
    return _url(where)


def _last(identifier: pulumi.Output[str]) -> pulumi.Output[str]:
    """The resource's own part of an id such as `env-…|app-…|svc-…`."""
    return identifier.apply(lambda text: text.rpartition("|")[2])
