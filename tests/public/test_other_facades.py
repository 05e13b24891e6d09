"""`HttpApiFacade` and `RefactorSpacesFacade` in front of what one has, under the mocks."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native
import pytest

from components import (
    HttpApiFacade,
    HttpApiFacadeArgs,
    RefactorSpacesFacade,
    RefactorSpacesFacadeArgs,
    RouteArgs,
)
from components.aws.plan.load_balancers import group_name
from tests.components.recorder import Record, run

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/0123456789abcdef"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:users"
ROUTE: RouteArgs = {"path": "/api/users", "target": "users", "weight": 100}
LINK = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "load_balancer_security_group_id": "sg-1"}


def http_api(**changes: object) -> HttpApiFacade:
    """A monolith at a URL and a function of its own. changes: None leaves an argument out."""
    plain: dict[str, object] = {
        "targets": {"monolith": {"url": "https://legacy.example.com"}, "users": {"function_arn": FUNCTION}},
        "default_target": "monolith",
        "routes": [ROUTE],
        **changes,
    }
    args = {key: value for key, value in plain.items() if value is not None}
    return HttpApiFacade("facade", cast("HttpApiFacadeArgs", args))


def spaces(opts: pulumi.ResourceOptions | None = None, **changes: object) -> RefactorSpacesFacade:
    """The same with Refactor Spaces."""
    plain: dict[str, object] = {
        "targets": {"monolith": {"url": "https://legacy.example.com"}, "users": {"function_arn": FUNCTION}},
        "default_target": "monolith",
        "vpc_id": "vpc-1",
        "routes": [ROUTE],
        **changes,
    }
    args = {key: value for key, value in plain.items() if value is not None}
    return RefactorSpacesFacade("facade", cast("RefactorSpacesFacadeArgs", args), opts)


def refused(program: Callable[[], object]) -> list[str]:
    """The lines that it is refused with; nothing is registered then."""
    with pytest.raises(pulumi.RunError) as found:
        program()
    return str(found.value).splitlines()


def called(kind: str, _name: str, state: dict[str, Any]) -> dict[str, Any]:
    """What an API has besides once it is made."""
    if kind != "aws:apigatewayv2/api:Api":
        return state
    return {**state, "executionArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3"}


def routes(record: Record) -> dict[str, str]:
    """The targets of an HTTP API's routes, by key."""
    return {one.inputs["routeKey"]: one.inputs["target"] for one in record.of("aws:apigatewayv2/route:Route")}


def target(name: str) -> str:
    """Of a route, under the mocks."""
    return f"integrations/facade-{name}_id"


def named(name: str, **changes: object) -> HttpApiFacade:
    """An HTTP API of this name, with a way into a VPC."""
    args: dict[str, object] = {
        "targets": {"users": {"listener_arn": LISTENER}},
        "default_target": "users",
        "routes": [],
        "vpc_links": {"shop": LINK},
        **changes,
    }
    return HttpApiFacade(name, cast("HttpApiFacadeArgs", args))


def test_a_name_that_aws_refuses_for_the_log_or_the_group_is_told_or_is_another() -> None:
    remedy = "use letters, digits and . - _ / #: its log group has this name"
    assert refused(lambda: named("Front Door")) == [f"HttpApiFacade Front Door: name: found Front Door; {remedy}"]
    record = run(lambda: named("Front Door", log_retention_days=0), called)
    assert record.one("VpcLink", "Front Door-shop")
    assert [one.name for one in run(lambda: named("sg-api"), called).of("aws:ec2/securityGroup:SecurityGroup")] == [
        group_name("sg-api-shop")
    ]
    assert not group_name("sg-api-shop").startswith("sg-")


PROVIDER = "pulumi:providers:aws-native"


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A shell that names no region."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("nowhere")
def test_refactor_spaces_is_where_the_rest_is_if_nothing_says_where() -> None:
    record = run(spaces)
    made = record.one(PROVIDER)
    assert made.inputs["region"] == "eu-west-1"
    for one in record.of("refactorspaces"):
        assert one.options.provider.startswith(made.urn)


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_refactor_spaces_keeps_the_provider_that_the_shell_gives_a_region(
    nowhere: pytest.MonkeyPatch, name: str
) -> None:
    """Another provider for what is up would be a change that nobody asked for."""
    nowhere.setenv(name, "eu-west-1")
    assert run(spaces).of(PROVIDER) == []


def test_refactor_spaces_is_where_its_provider_says() -> None:
    def program() -> None:
        own = aws_native.Provider("own", region="us-east-1")
        spaces(opts=pulumi.ResourceOptions(providers=[own, aws.Provider("other", region="us-east-1")]))

    record = run(program)
    (own,) = record.of(PROVIDER)
    assert own.name == "own"
    for one in record.of("refactorspaces"):
        assert one.options.provider.startswith(own.urn)


def test_a_provider_of_pulumi_aws_alone_makes_nothing_elsewhere() -> None:
    def program() -> None:
        other = aws.Provider("other", region="us-east-1")
        assert refused(lambda: spaces(opts=pulumi.ResourceOptions(provider=other))) == [
            "RefactorSpacesFacade facade: opts.providers: only an aws provider; add an aws_native.Provider for the "
            "same region and account, which creates these resources"
        ]

    assert run(program).of("refactorspaces") == []


def test_an_http_api_leads_to_urls_and_functions() -> None:
    def program() -> None:
        later = pulumi.Output.from_input(FUNCTION)
        http_api(targets={"monolith": {"url": "https://legacy.example.com/"}, "users": {"function_arn": later}})

    record = run(program, called)
    record.check()
    found = routes(record)
    assert set(found) == {"ANY /api/users", "ANY /api/users/{proxy+}", "$default"}
    assert found["ANY /api/users"] != found["$default"]
    names = {one.name for one in record.of("aws:apigatewayv2/route:Route")}
    assert names == {f"facade {key}" for key in found}
    monolith = record.one("Integration", "facade-monolith").inputs
    assert (monolith["integrationType"], monolith["integrationUri"]) == ("HTTP_PROXY", "https://legacy.example.com")
    users = record.one("Integration", "facade-users").inputs
    assert users["integrationType"] == "AWS_PROXY"
    assert users["integrationUri"].endswith(f"functions/{FUNCTION}/invocations")
    permission = record.one("Permission").inputs
    assert (permission["function"], permission["action"]) == (FUNCTION, "lambda:InvokeFunction")
    assert "qualifier" not in permission


def test_an_http_api_reaches_a_listener_by_a_vpc_link() -> None:
    targets = {"monolith": {"listener_arn": LISTENER, "listener_port": 8080}, "users": {"function_arn": FUNCTION}}
    record = run(lambda: http_api(targets=targets, vpc_links={"main": LINK}, log_retention_days=0), called)
    monolith = record.one("Integration", "facade-monolith").inputs
    assert (monolith["connectionType"], monolith["integrationUri"]) == ("VPC_LINK", LISTENER)
    assert record.one("VpcLink").inputs["subnetIds"] == ["subnet-1"]
    (rule,) = record.of("SecurityGroupIngressRule")
    assert (rule.inputs["securityGroupId"], rule.inputs["fromPort"]) == ("sg-1", 8080)
    assert not record.of("LogGroup")


def test_a_cut_over_of_an_http_api_changes_targets_alone() -> None:
    before = run(lambda: http_api(routes=[{**ROUTE, "weight": 0}]), called)
    after = run(http_api, called)
    assert routes(before).keys() == routes(after).keys()
    assert routes(before)["ANY /api/users"] == routes(before)["$default"]
    assert routes(after)["ANY /api/users"] != routes(after)["$default"]


def test_two_http_apis_stand_side_by_side() -> None:
    def program() -> None:
        for name in ("one", "two"):
            HttpApiFacade(
                name, {"targets": {"all": {"url": "https://example.com"}}, "default_target": "all", "routes": []}
            )

    run(program).check()


def test_refactor_spaces_has_a_service_for_each_target_and_a_route_for_each_active_one() -> None:
    routes: list[RouteArgs] = [ROUTE, {"path": "/api/posts", "target": "users"}]
    record = run(lambda: spaces(routes=routes, environment_id="env-1234567890", tags={"team": "shop"}))
    record.check()
    assert not record.of("aws-native:refactorspaces:Environment")
    application = record.one("aws-native:refactorspaces:Application").inputs
    assert (application["environmentIdentifier"], application["vpcId"]) == ("env-1234567890", "vpc-1")
    services = {one.name: one.inputs for one in record.of("aws-native:refactorspaces:Service")}
    assert services["facade-monolith"]["urlEndpoint"]["url"] == "https://legacy.example.com"
    assert services["facade-users"]["lambdaEndpoint"]["arn"] == FUNCTION
    assert [one.name for one in record.of("aws-native:refactorspaces:Route")] == ["facade-default", "facade /api/users"]
    assert run(spaces).of("aws-native:refactorspaces:Environment")


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"routes": [{**ROUTE, "weight": 25}], "default_target": None, "timeout_seconds": 31},
            [
                "HttpApiFacade facade: default_target: missing; give a key of targets",
                "HttpApiFacade facade: routes[0].weight: the weight 25; an HTTP API can't split traffic: use 0 or "
                "100, or AlbFacade",
                "HttpApiFacade facade: timeout_seconds: found 31; give a whole number from 1 to 30",
            ],
        ),
        (
            {
                "targets": {
                    "monolith": {"url": "legacy", "listener_port": 80},
                    "users": {"url": "https://a.b", "arn": 1},
                }
            },
            [
                "HttpApiFacade facade: targets.monolith.listener_port: listener_port together with url; remove it: "
                "only listener_arn supports it",
                "HttpApiFacade facade: targets.monolith.url: found 'legacy'; give a URL with its scheme, such as "
                "https://legacy.example.com",
                "HttpApiFacade facade: targets.users.arn: unknown key; known: function_arn, keep_host, listener_arn, "
                "listener_port, url, vpc_link",
            ],
        ),
        (
            {
                "targets": {
                    "monolith": {"url": "https://a.b", "function_arn": FUNCTION},
                    "users": {"listener_arn": LISTENER, "vpc_link": "man"},
                },
                "vpc_links": {"main": {"vpc": "vpc-1"}},
            },
            [
                "HttpApiFacade facade: vpc_links.main.vpc: unknown key; did you mean vpc_id?",
                "HttpApiFacade facade: vpc_links.main.vpc_id: missing; give the id of the VPC",
                "HttpApiFacade facade: vpc_links.main.subnet_ids: missing; give the ids of subnets",
                "HttpApiFacade facade: vpc_links.main.load_balancer_security_group_id: missing; give the id of a "
                "security group of the load balancer",
                "HttpApiFacade facade: targets.monolith: both url and function_arn; give one of url, function_arn, "
                "listener_arn",
                "HttpApiFacade facade: targets.users.vpc_link: unknown VPC link 'man'; did you mean main?",
            ],
        ),
        (
            {
                "targets": {
                    "monolith": {"listener_arn": LISTENER},
                    "old": {"function_arn": f"{FUNCTION}:$LATEST"},
                    "users": {},
                },
                "throttling": {"rate": 0},
            },
            [
                "HttpApiFacade facade: targets.monolith.vpc_link: missing; give a key of vpc_links, "
                "through which to reach the listener",
                f"HttpApiFacade facade: targets.old.function_arn: found '{FUNCTION}:$LATEST'; give {FUNCTION}, which "
                "is the same: AWS grants no permission to invoke $LATEST",
                "HttpApiFacade facade: targets.users: no address; give one of url, function_arn, listener_arn",
                "HttpApiFacade facade: throttling.rate: found 0; give a whole number from 1 to 1000000",
                "HttpApiFacade facade: throttling.burst: missing; give a whole number of requests at once",
            ],
        ),
    ],
)
def test_mistakes_in_an_http_api_are_told_in_one_go(changes: Mapping[str, object], lines: list[str]) -> None:
    assert refused(lambda: http_api(**changes)) == lines


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"routes": [{**ROUTE, "weight": 50}], "vpc_id": None, "targets": {"monolith": {"function_arn": "users"}}},
            [
                "RefactorSpacesFacade facade: targets.monolith.function_arn: found 'users'; give a function's ARN, "
                "arn:aws:lambda:<region>:<12 digits>:function:<name>, with :<alias> if you like",
                "RefactorSpacesFacade facade: routes[0].weight: the weight 50; Refactor Spaces can't split traffic: "
                "use 0 or 100, or AlbFacade",
                "RefactorSpacesFacade facade: routes[0].target: unknown target 'users'; known: monolith",
                "RefactorSpacesFacade facade: vpc_id: missing; give the id of the VPC",
            ],
        ),
        (
            {"routes": [ROUTE, {**ROUTE, "path": "/api/{any}", "include_children": False}]},
            [
                "RefactorSpacesFacade facade: routes: /api/{any}: /api/{any} beside /api/users of /api/users; Refactor "
                "Spaces doesn't allow a parameter where two paths differ: activate only one, or use another facade",
            ],
        ),
    ],
)
def test_mistakes_in_refactor_spaces_are_told_in_one_go(changes: Mapping[str, object], lines: list[str]) -> None:
    assert refused(lambda: spaces(None, **changes)) == lines
