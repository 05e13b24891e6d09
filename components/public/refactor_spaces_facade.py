"""AWS Migration Hub Refactor Spaces in front of what one has: routes by path to URLs and Lambda functions."""

import os
from dataclasses import replace
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

from components.aws.facades import refactor_spaces
from components.aws.plan import refactor_spaces_routes
from components.input.value import Value
from components.model.routes import RouteTable
from components.public.elsewhere import ENDPOINTS, Elsewhere, only_one, read_default, read_elsewhere
from components.public.given import check, filled, given, read_tags, register_outputs, text_input
from components.public.route_args import RouteArgs
from components.settings.given_routes import read_given_routes


class RefactorSpacesTargetArgs(TypedDict):
    """Who may get requests: one of `url` and `function_arn` is given."""

    url: NotRequired[pulumi.Input[str]]
    """Scheme, host and perhaps port, such as `https://legacy.example.com`, found from the internet. The path stays the
    client's. Refactor Spaces asks it once, when it is made. Default: it has none."""
    function_arn: NotRequired[pulumi.Input[str]]
    """ARN of a Lambda function, with `:<alias>` if you like. Default: it is none."""


class RefactorSpacesFacadeArgs(TypedDict):
    """What `RefactorSpacesFacade` is made of."""

    targets: dict[str, RefactorSpacesTargetArgs]
    """Who may get requests, by a name of your own, which `routes` use."""
    routes: list[RouteArgs]
    """Which requests go where. Their weights are 0 and 100: Refactor Spaces doesn't divide requests. Their order means
    nothing: the longest path wins, and at the same path a route that lists the request's method."""
    default_target: str
    """Key of `targets`: who gets what no route takes. Another one replaces the application, and with it the URL."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC that the application is made for. Another one replaces it, and with it the URL."""
    environment_id: NotRequired[pulumi.Input[str]]
    """Id of an environment of Refactor Spaces that stands already, such as `env-0123456789`. Default: one is made,
    without a network fabric."""
    tags: NotRequired[dict[str, str]]
    """Tags of all that is made, given at creation and then left: AWS takes no change of most. Default: none."""


class RefactorSpacesFacade(pulumi.ComponentResource):
    """An application of AWS Migration Hub Refactor Spaces with routes by path to what one has: URLs, Lambda functions.

    For accounts that used the service before November 7, 2025: others can't any more. A route that is active exists,
    one that isn't does not, and the default answers meanwhile. While an update runs, every request goes to its previous
    or its new target, never to a third one. Its resources are of the provider `aws-native`; where nothing names that
    one's region, it is that of `aws`. Who gives a provider of `aws` gives one of `aws-native` too.
    """

    url: pulumi.Output[str]
    """Of the proxy, with its stage, known once all routes are as they should be."""

    def __init__(self, name: str, args: RefactorSpacesFacadeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("RefactorSpacesFacade", name, args, RefactorSpacesFacadeArgs.__annotations__)
        listed = dict(filled(at.required("targets", "give one or more"), "give one or more").entries())
        targets = {key: _target(key, value) for key, value in listed.items()}
        default = read_default(at, targets, required=True)
        routes = at.required("routes", "give a list, which may be empty")
        table = read_given_routes(routes, targets, default, "Refactor Spaces")
        vpc = text_input(at.required("vpc_id", "give the id of the VPC"))
        environment = text_input(at.get("environment_id")) if at.get("environment_id") else None
        tags = read_tags(at.get("tags"))
        _check_routes(routes, table)
        check(at)
        super().__init__("strangler:index:RefactorSpacesFacade", name, None, opts)
        known = {key: target for key, target in targets.items() if target is not None}
        made = refactor_spaces.RefactorSpacesFacade(
            name,
            refactor_spaces.RefactorSpacesFacadeArgs(
                table=table,
                services={},
                prefix=f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}",
                tags=tags,
                external={key: target.service for key, target in known.items()},
                addresses={key: target.address for key, target in known.items()},
                vpc_id=vpc,
                environment_id=environment,
                route_prefix=f"{name} ",
            ),
            pulumi.ResourceOptions(parent=self, providers=self._native(at)),
        )
        self.url = made.url
        register_outputs(self)

    def _native(self, at: Value) -> list[pulumi.ProviderResource]:
        """What makes its resources: pulumi-aws has no Refactor Spaces, and aws-native has a configuration of its own.
        Where that names no region, it is where pulumi-aws is."""
        if self.get_provider("aws-native:index:Provider"):
            return []
        if self.get_provider("aws:index:Provider"):
            remedy = "add an aws_native.Provider for the same region and account, which creates these resources"
            replace(at, path="opts.providers").fail(remedy, "only an aws provider")
            check(at)
        if aws_native.config.region or any(map(os.environ.get, _REGION_VARIABLES)):
            return []
        opts = pulumi.ResourceOptions(parent=self)
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        return [aws_native.Provider(self._name, region=region, profile=aws.config.profile, opts=opts)]


_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""By which aws-native knows its region, too (its schema)."""


def _target(name: str, at: Value) -> Elsewhere | None:
    at.only(RefactorSpacesTargetArgs.__annotations__)
    key = only_one(at, ENDPOINTS)
    return read_elsewhere(name, at, key) if key else None


def _check_routes(at: Value, table: RouteTable) -> None:
    """What Refactor Spaces can't hold."""
    if not at.problems.errors:
        for route, found, remedy in refactor_spaces_routes.mistakes(table):
            at.fail(remedy, f"{route.id}: {found}")
