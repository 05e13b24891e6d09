"""An HTTP API in front of what one has: routes by path to load balancers in a VPC, URLs and Lambda functions."""

import re
from dataclasses import replace
from typing import NotRequired, TypedDict

import pulumi

from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs
from components.aws.facades.target import FacadeTarget
from components.input.diagnostics import did_you_mean
from components.input.value import NUMBERS, Value
from components.manifest.limits import retention
from components.model.facades import ApiGatewaySettings
from components.public.elsewhere import ENDPOINTS, Elsewhere, only_one, read_default, read_elsewhere
from components.public.given import check, filled, given, ids_input, read_tags, register_outputs, text_input
from components.public.route_args import RouteArgs
from components.settings.external import refuse_newest
from components.settings.facades import ANSWER, LOG_DAYS, read_throttling
from components.settings.given_routes import read_given_routes

_IN_LOG_GROUPS = re.compile(r"[A-Za-z0-9._/#-]+")
"""What is in the name of a log group (CloudWatch Logs API, CreateLogGroup: logGroupName)."""


class VpcLinkArgs(TypedDict):
    """A way into a VPC: a VPC link with a security group of its own, which the load balancer's lets in."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    subnet_ids: pulumi.Input[list[pulumi.Input[str]]]
    """Ids of subnets in two Availability Zones or more."""
    load_balancer_security_group_id: pulumi.Input[str]
    """Id of a security group of the load balancer. A rule is added to it for each port."""


class HttpTargetArgs(TypedDict):
    """Who may get requests: one of `url`, `function_arn` and `listener_arn` is given."""

    url: NotRequired[pulumi.Input[str]]
    """Scheme, host and perhaps port, such as `https://legacy.example.com`, found from the internet. The path stays the
    client's. Default: it has none."""
    keep_host: NotRequired[bool]
    """Whether what is at `url` gets the API's own host name, not that of the URL. Default: false."""
    function_arn: NotRequired[pulumi.Input[str]]
    """ARN of a Lambda function, with `:<alias>` if you like. It gets leave to be invoked by the API. Default: it is
    none."""
    listener_arn: NotRequired[pulumi.Input[str]]
    """ARN of a listener of an application load balancer, in the VPC of `vpc_link`. Default: it has none."""
    listener_port: NotRequired[int]
    """Port of that listener, 1 to 65535. Default: 80."""
    vpc_link: NotRequired[str]
    """Key of `vpc_links` by which the listener is reached. Default: the only one."""


class ThrottlingArgs(TypedDict):
    """A limit on the requests of all clients together."""

    rate: int
    """Requests a second, 1 to 1000000."""
    burst: int
    """Requests at once, 1 to 1000000."""


class HttpApiFacadeArgs(TypedDict):
    """What `HttpApiFacade` is made of."""

    targets: dict[str, HttpTargetArgs]
    """Who may get requests, by a name of your own, which `routes` use."""
    routes: list[RouteArgs]
    """Which requests go where. Their weights are 0 and 100: HTTP APIs don't divide requests. Their order means nothing:
    the longest path wins, and at the same path a route that lists the request's method."""
    default_target: str
    """Key of `targets`: who gets what no route takes."""
    vpc_links: NotRequired[dict[str, VpcLinkArgs]]
    """Ways into VPCs, by a name of your own, which `targets` use. Default: none."""
    throttling: NotRequired[ThrottlingArgs]
    """A limit on the requests of all clients together. Default: the account's own."""
    timeout_seconds: NotRequired[int]
    """Seconds that a target has for an answer, 1 to 30. Default: 30."""
    log_retention_days: NotRequired[int]
    """Days for which the access log is kept, as CloudWatch Logs has them; 0: there is none. Default: 30."""
    tags: NotRequired[dict[str, str]]
    """Tags of all that is made. Default: none."""


class HttpApiFacade(pulumi.ComponentResource):
    """An HTTP API of API Gateway with routes by path to what one has: load balancers in a VPC, URLs, Lambda functions.

    A cut-over changes the targets of routes in place. While an update runs, every request goes to its previous or its
    new target, never to a third one. Whether a target is healthy isn't asked: let its address be an output of what
    makes it healthy, such as `listener_arn` of an `AlbFacade`. Limits: 30 seconds and 10 MB per request, no weights.
    """

    url: pulumi.Output[str]
    """Of the API, known once all routes are as they should be."""
    api_id: pulumi.Output[str]
    """Id of the API, for domain names, authorizers and metrics."""

    def __init__(self, name: str, args: HttpApiFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("HttpApiFacade", name, args, HttpApiFacadeArgs.__annotations__)
        links = {key: _link(value) for key, value in at.get("vpc_links").entries()}
        listed = dict(filled(at.required("targets", "give one or more"), "give one or more").entries())
        targets = {key: _target(key, value, links) for key, value in listed.items()}
        default = read_default(at, targets, required=True)
        routes = at.required("routes", "give a list, which may be empty")
        table = read_given_routes(routes, targets, default, "an HTTP API")
        settings, tags = _settings(at), read_tags(at.get("tags"))
        if settings.log_days and not _IN_LOG_GROUPS.fullmatch(name):
            replace(at, path="name").fail(
                "use letters, digits and . - _ / #: its log group has this name", f"found {name}"
            )
        check(at)
        super().__init__("strangler:index:HttpApiFacade", name, None, opts)
        elsewhere = {key: target for key, target in targets.items() if isinstance(target, Elsewhere)}
        made = ApiGatewayFacade(
            name,
            ApiGatewayFacadeArgs(
                table=table,
                services={key: target for key, target in targets.items() if isinstance(target, FacadeTarget)},
                settings=settings,
                tags=tags,
                external={key: target.service for key, target in elsewhere.items()},
                addresses={key: target.address for key, target in elsewhere.items()},
                prefix=f"{name} ",
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.url, self.api_id = made.url, made.api_id
        register_outputs(self)


def _link(at: Value) -> VpcLinkArgs:
    at.require_map()
    at.only(VpcLinkArgs.__annotations__)
    subnets, group = "give the ids of subnets", "give the id of a security group of the load balancer"
    return VpcLinkArgs(
        vpc_id=text_input(at.required("vpc_id", "give the id of the VPC")),
        subnet_ids=ids_input(filled(at.required("subnet_ids", subnets), subnets)),
        load_balancer_security_group_id=text_input(at.required("load_balancer_security_group_id", group)),
    )


def _target(name: str, at: Value, links: dict[str, VpcLinkArgs]) -> Elsewhere | FacadeTarget | None:
    at.only(HttpTargetArgs.__annotations__)
    key = only_one(at, {**ENDPOINTS, "listener_arn": None})
    for other, needs in (("keep_host", "url"), ("listener_port", "listener_arn"), ("vpc_link", "listener_arn")):
        if at.get(other) and key not in (needs, None):
            found = f"{at.spelled(other)} together with {at.spelled(str(key))}"
            at.get(other).refuse(f"remove it: only {at.spelled(needs)} supports it", found)
    if isinstance(function := at.get("function_arn").value, str):
        refuse_newest(at.get("function_arn"), function)
    if key in ENDPOINTS:
        return read_elsewhere(name, at, key)
    return _behind(name, at, links) if key else None


def _behind(name: str, at: Value, links: dict[str, VpcLinkArgs]) -> FacadeTarget | None:
    """A target behind a listener."""
    text_input(at.get("listener_arn"))
    port, place = at.get("listener_port").integer(80, 1, 65535), at.get("vpc_link")
    remedy = f"give a key of {at.spelled('vpc_links')}"
    link = place.text(next(iter(links)) if len(links) == 1 else None, remedy)
    if link is None and not place:
        place.fail(f"{remedy}, through which to reach the listener", "missing")
    elif link not in links:
        place.fail(did_you_mean(str(link), links), f"unknown VPC link {link!r}")
    if link is None or at.problems.errors:
        return None
    return FacadeTarget(
        name=name,
        environment=link,
        url="",
        listener_arn=text_input(at.get("listener_arn")),
        vpc_id=links[link]["vpc_id"],
        subnets=links[link]["subnet_ids"],
        security_group=links[link]["load_balancer_security_group_id"],
        target_group_arn="",
        ready=(),
        listener_port=port,
    )


def _settings(at: Value) -> ApiGatewaySettings:
    days = at.get("log_retention_days")
    return ApiGatewaySettings(
        read_throttling(at.get("throttling")),
        log_days=None if days.value == 0 else retention(days, LOG_DAYS),
        timeout=NUMBERS.read(at, "timeout", *ANSWER),
    )
