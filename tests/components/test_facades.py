"""The facades: what each registers for a route table, in which order, and what a switch changes of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.aws.facades.alb import AlbFacade, AlbFacadeArgs, Https
from components.aws.facades.api_gateway import ApiGatewayFacade, ApiGatewayFacadeArgs
from components.aws.facades.balanced import Balanced
from components.aws.facades.refactor_spaces import RefactorSpacesFacade, RefactorSpacesFacadeArgs
from components.aws.facades.target import FacadeTarget
from components.aws.plan.alb_priorities import CATCH_ALL, host_priorities
from components.aws.plan.alb_rules import rules
from components.aws.plan.alias_rules import HostName
from components.model.routes import Route, RouteTable
from components.settings.facades import ApiGatewaySettings, Domain, Throttling
from tests.components.recorder import Record, Registration, run

NAMES = ("monolith", "posts", "users")
TAGS = {"application": "strangler", "stack": "dev"}
USERS = Route("users", "/api/users", "users")
POSTS = Route("posts", "/api/posts", "posts", ("GET",), children=False)

Services = Mapping[str, FacadeTarget]
Make = Callable[[RouteTable, Services], RefactorSpacesFacade | ApiGatewayFacade | AlbFacade]


def services() -> Services:
    """Each with something of its own to depend on, and to recognise it by."""
    return {
        name: FacadeTarget(
            name=name,
            environment=name,
            url=f"http://{name}.elb",
            listener_arn=f"arn:listener/{name}",
            vpc_id=f"vpc-{name}",
            subnets=[f"{name}-1", f"{name}-2"],
            security_group=f"sg-{name}",
            target_group_arn=f"arn:tg/{name}",
            ready=[aws.ecs.Cluster(f"ready-{name}")],
        )
        for name in NAMES
    }


def refactor_spaces(table: RouteTable, found: Services) -> RefactorSpacesFacade:
    return RefactorSpacesFacade("facade", RefactorSpacesFacadeArgs(table, found, "strangler-dev", TAGS))


def api_gateway(table: RouteTable, found: Services) -> ApiGatewayFacade:
    return ApiGatewayFacade("facade", ApiGatewayFacadeArgs(table, found, tags=TAGS))


def alb(table: RouteTable, found: Services, stickiness: int | None = None) -> AlbFacade:
    return AlbFacade("facade", alb_args(table, found, stickiness=stickiness))


def alb_args(table: RouteTable, found: Services, **further: Any) -> AlbFacadeArgs:
    routes = Balanced(table, found, stickiness=further.pop("stickiness", None), tags=TAGS)
    return AlbFacadeArgs(routes, "arn:lb/shared", "arn:listener/shared", "shared.elb", "vpc-shared", **further)


COMPONENTS = {"refactor-spaces": "RefactorSpacesFacade", "api-gateway": "ApiGatewayFacade", "alb": "AlbFacade"}
MAKERS: dict[str, Make] = {"refactor-spaces": refactor_spaces, "api-gateway": api_gateway, "alb": alb}


def aws_reports(token: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
    kind = token.rpartition(":")[2]
    if token == "aws-native:refactorspaces:Environment":
        return {**state, "id": "env-1"}
    if token == "aws-native:refactorspaces:Application":
        return {**state, "id": "env-1|app-1", "proxyUrl": "https://api.example/prod/"}
    if token == "aws-native:refactorspaces:Service":
        return {**state, "id": f"env-1|app-1|svc-{name.removeprefix('facade-')}"}
    if kind == "Certificate":
        option = dict.fromkeys(("domainName", "resourceRecordName", "resourceRecordValue"), name)
        return {**state, "domainValidationOptions": [{**option, "resourceRecordType": "CNAME"}]}
    if kind == "Api":
        return {**state, "apiEndpoint": "https://api.example"}
    if kind == "DomainName":
        target = {**state["domainNameConfiguration"], "targetDomainName": f"target.of.{name}", "hostedZoneId": "Z-api"}
        return {**state, "domainNameConfiguration": target}
    return state


def made(
    make: Make, *routes: Route, default: str | None = "monolith", preview: bool = False
) -> tuple[Record, dict[str, Any]]:
    """What is registered, and the component's outputs."""
    record = run(lambda: make(RouteTable.of(routes, default), services()), aws_reports, preview=preview)
    return record, outputs_of(record)


def outputs_of(record: Record) -> dict[str, Any]:
    (outputs,) = (found for urn, found in record.outputs.items() if "strangler:index:" in urn)
    return dict(outputs)


def dependencies(found: Registration) -> set[str]:
    return {urn.rpartition("::")[2] for urn in found.options.dependencies}


def own(record: Record) -> list[Registration]:
    """What the facade registers: not what the test put next to it, nor the component itself."""
    return [
        resource
        for resource in record.all
        if not resource.name.startswith("ready-") and not resource.type.startswith("strangler:")
    ]


ACTIVE = replace(USERS, weight=100)


@pytest.mark.parametrize("facade", MAKERS)
def test_everything_belongs_to_the_facade(facade: str) -> None:
    record, _ = made(MAKERS[facade], ACTIVE, POSTS)
    (component,) = [resource for resource in record.all if resource.type.startswith("strangler:")]
    assert component.type == f"strangler:index:{COMPONENTS[facade]}"
    assert {resource.parent for resource in own(record)} == {component.urn}


@pytest.mark.parametrize(
    ("facade", "url"),
    [
        ("refactor-spaces", "https://api.example/prod"),
        ("api-gateway", "https://api.example"),
        ("alb", "http://shared.elb"),
    ],
)
def test_the_url_has_no_slash_at_its_end(facade: str, url: str) -> None:
    assert made(MAKERS[facade], ACTIVE)[1]["url"] == url
    assert made(MAKERS[facade], ACTIVE, preview=True)[1]["url"] == url


UNTAGGED = {"aws:apigatewayv2/route:Route", "aws:apigatewayv2/integration:Integration"}
"""What AWS has no tags for."""


@pytest.mark.parametrize("facade", MAKERS)
def test_everything_that_can_have_tags_has_them(facade: str) -> None:
    record, _ = made(MAKERS[facade], ACTIVE, default="monolith")
    for resource in own(record):
        if resource.type not in UNTAGGED:
            as_list = [{"key": key, "value": value} for key, value in TAGS.items()]
            assert resource.inputs["tags"] in (TAGS, as_list), resource


@pytest.mark.parametrize("facade", ["api-gateway", "alb"])
def test_a_switch_registers_the_same_resources(facade: str) -> None:
    before, _ = made(MAKERS[facade], USERS, POSTS)
    after, _ = made(MAKERS[facade], ACTIVE, POSTS)
    assert sorted(resource.urn for resource in before.all) == sorted(resource.urn for resource in after.all)
    changed = {old.name for old in before.all for new in after.all if new.urn == old.urn if new.inputs != old.inputs}
    expected = {"api-gateway": {"ANY /api/users", "ANY /api/users/{proxy+}"}, "alb": {"users"}}
    assert changed == expected[facade]


# Refactor Spaces


def test_a_refactor_spaces_route_exists_exactly_while_it_is_active() -> None:
    off, _ = made(refactor_spaces, USERS, POSTS)
    on, _ = made(refactor_spaces, ACTIVE, POSTS)
    assert [route.name for route in off.of("Route")] == ["facade-default"]
    assert [route.name for route in on.of("Route")] == ["facade-default", "users"]


def test_a_refactor_spaces_route_comes_after_the_default_one_and_when_its_service_is_ready() -> None:
    record, _ = made(refactor_spaces, ACTIVE)
    assert {"facade-default", "ready-users"} <= dependencies(record.one("Route", "users"))
    assert "ready-monolith" in dependencies(record.one("Route", "facade-default"))
    assert "ready-users" not in dependencies(record.one("Route", "facade-default"))


def test_a_refactor_spaces_route_says_all_that_aws_does_not_check_before_it_is_too_late() -> None:
    record, _ = made(refactor_spaces, replace(POSTS, weight=100))
    route = record.one("Route", "posts")
    assert route.inputs["uriPathRoute"] == {
        "sourcePath": "/api/posts",
        "activationState": "ACTIVE",
        "methods": ["GET"],
        "includeChildPaths": False,
        "appendSourcePath": True,
    }
    assert route.inputs["routeType"] == "URI_PATH"
    assert route.options.deleteBeforeReplace
    assert [urn.rpartition("::")[2] for urn in route.options.replace_with] == ["facade-default"]
    default = record.one("Route", "facade-default").inputs
    assert (default["routeType"], default["defaultRoute"]) == ("DEFAULT", {"activationState": "ACTIVE"})


def test_refactor_spaces_identifiers_are_the_last_parts_of_ids() -> None:
    route = made(refactor_spaces, ACTIVE)[0].one("Route", "users").inputs
    assert route["environmentIdentifier"] == "env-1"
    assert route["applicationIdentifier"] == "app-1"
    assert route["serviceIdentifier"] == "svc-users"


def test_the_tags_of_refactor_spaces_resources_are_given_once() -> None:
    record, _ = made(refactor_spaces, ACTIVE)
    assert {tuple(resource.options.ignoreChanges) for resource in own(record)} == {("tags",)}


def test_refactor_spaces_has_a_service_for_each_of_ours_with_its_bare_url() -> None:
    record, _ = made(refactor_spaces, USERS)
    assert {service.inputs["name"]: service.inputs["urlEndpoint"] for service in record.of("Service")} == {
        f"strangler-dev-{name}": {"url": f"http://{name}.elb"} for name in NAMES
    }


def test_the_proxy_is_in_the_network_of_the_default_service() -> None:
    record, _ = made(refactor_spaces, USERS)
    application, environment = record.one("Application").inputs, record.one("Environment").inputs
    assert application["vpcId"] == "vpc-monolith"
    assert (application["proxyType"], application["apiGatewayProxy"]) == ("API_GATEWAY", {"endpointType": "REGIONAL"})
    assert environment["networkFabricType"] == "NONE"


def test_refactor_spaces_without_a_default_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a default"):
        made(refactor_spaces, USERS, default=None)


# HTTP API


def test_an_http_api_reaches_each_load_balancer_through_a_link_of_its_own() -> None:
    record, _ = made(api_gateway, USERS)
    for name in NAMES:
        link, integration = record.one("VpcLink", f"facade-{name}"), record.one("Integration", f"facade-{name}")
        assert link.inputs["subnetIds"] == [f"{name}-1", f"{name}-2"]
        assert link.inputs["securityGroupIds"] == [f"SecurityGroup-facade-{name}"]
        assert integration.inputs["integrationUri"] == f"arn:listener/{name}"
        assert integration.inputs["connectionId"] == f"VpcLink-facade-{name}"
        assert (integration.inputs["connectionType"], integration.inputs["timeoutMilliseconds"]) == ("VPC_LINK", 30000)
        way_in, way_out = (record.one(f"SecurityGroup{way}Rule", f"facade-{name}") for way in ("Ingress", "Egress"))
        group = f"SecurityGroup-facade-{name}"
        assert (way_in.inputs["securityGroupId"], way_in.inputs["referencedSecurityGroupId"]) == (f"sg-{name}", group)
        assert (way_out.inputs["securityGroupId"], way_out.inputs["referencedSecurityGroupId"]) == (group, f"sg-{name}")
        assert {way_in.inputs["fromPort"], way_out.inputs["toPort"]} == {80}


def test_an_http_api_route_waits_for_the_service_that_answers_it_and_for_no_other() -> None:
    record, _ = made(api_gateway, ACTIVE, POSTS)
    assert "ready-users" in dependencies(record.one("Route", "ANY /api/users"))
    assert "ready-monolith" not in dependencies(record.one("Route", "ANY /api/users"))
    assert "ready-monolith" in dependencies(record.one("Route", "GET /api/posts"))
    targets = {route.inputs["routeKey"]: route.inputs["target"] for route in record.of("Route")}
    assert targets == {
        "GET /api/posts": "integrations/Integration-facade-monolith",
        "ANY /api/posts": "integrations/Integration-facade-monolith",
        "ANY /api/users": "integrations/Integration-facade-users",
        "ANY /api/users/{proxy+}": "integrations/Integration-facade-users",
        "$default": "integrations/Integration-facade-monolith",
    }


def test_an_http_api_without_a_default_answers_503_by_a_rule_that_only_it_can_reach() -> None:
    record, _ = made(api_gateway, USERS, default=None)
    rule, integration = record.one("ListenerRule"), record.one("Integration", "facade-nobody")
    (condition,) = rule.inputs["conditions"]
    (action,) = rule.inputs["actions"]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "503")
    assert condition["pathPattern"]["values"] == [integration.inputs["requestParameters"]["overwrite:path"]]
    assert rule.inputs["listenerArn"] == integration.inputs["integrationUri"] == "arn:listener/monolith"
    assert {route.inputs["target"] for route in record.of("Route")} == {"integrations/Integration-facade-nobody"}


def test_an_http_api_with_a_default_has_no_such_rule() -> None:
    assert made(api_gateway, USERS)[0].of("ListenerRule") == []


def test_an_http_api_deploys_by_itself_and_keeps_an_access_log() -> None:
    record, outputs = made(api_gateway, USERS)
    stage = record.one("Stage").inputs
    assert (stage["name"], stage["autoDeploy"]) == ("$default", True)
    assert stage["accessLogSettings"]["destinationArn"] == "arn:LogGroup/facade"
    assert "$context.routeKey" in stage["accessLogSettings"]["format"]
    assert record.one("LogGroup").inputs["retentionInDays"] == 30
    assert "defaultRouteSettings" not in stage
    assert record.of("DomainName") == []
    assert outputs.get("domainTarget") is None


def test_an_http_api_can_be_throttled_and_have_a_name_of_its_own() -> None:
    def program() -> None:
        args = ApiGatewayFacadeArgs(
            RouteTable.of([USERS], "monolith"),
            services(),
            ApiGatewaySettings(
                throttling=Throttling(rate=50, burst=100),
                domain=Domain("api.example.com", "arn:certificate"),
                timeout=10,
            ),
        )
        ApiGatewayFacade("facade", args)

    record = run(program, aws_reports)
    outputs = outputs_of(record)
    assert outputs["url"] == "https://api.example.com"
    assert outputs["domainTarget"] == "target.of.facade"
    assert record.one("ApiMapping").inputs["stage"] == "$default"
    settings = record.one("Stage").inputs["defaultRouteSettings"]
    assert settings == {"throttlingBurstLimit": 100, "throttlingRateLimit": 50}
    assert {integration.inputs["timeoutMilliseconds"] for integration in record.of("Integration")} == {10000}


# ALB


def weights(rule: Registration) -> dict[str, int]:
    (action,) = rule.inputs["actions"]
    return {group["arn"]: group["weight"] for group in action["forward"]["targetGroups"]}


@pytest.mark.parametrize("weight", [0, 5, 25, 100])
def test_an_alb_rule_exists_at_every_weight(weight: int) -> None:
    record, _ = made(alb, replace(USERS, weight=weight))
    rule = record.one("ListenerRule", "users")
    assert weights(rule) == {"arn:tg/users": weight, "arn:tg/monolith": 100 - weight}
    (condition,) = rule.inputs["conditions"]
    assert condition == {"pathPattern": {"values": ["/api/users", "/api/users/*"]}}
    assert rule.inputs["priority"] < CATCH_ALL


def test_an_alb_rule_waits_for_the_services_that_get_requests_by_it() -> None:
    assert dependencies(made(alb, USERS)[0].one("ListenerRule", "users")) == {"ready-monolith"}
    assert dependencies(made(alb, ACTIVE)[0].one("ListenerRule", "users")) == {"ready-users"}
    half = made(alb, replace(USERS, weight=50))[0]
    assert dependencies(half.one("ListenerRule", "users")) == {"ready-users", "ready-monolith"}


def test_an_alb_rule_for_methods_says_so() -> None:
    rule = made(alb, POSTS)[0].one("ListenerRule", "posts")
    assert rule.inputs["conditions"] == [
        {"pathPattern": {"values": ["/api/posts", "/api/posts/"]}},
        {"httpRequestMethod": {"values": ["GET"]}},
    ]


def test_what_no_route_takes_goes_to_the_default_by_the_last_rule() -> None:
    rule = made(alb, USERS)[0].one("ListenerRule", "facade-default")
    assert rule.inputs["priority"] == CATCH_ALL
    assert rule.inputs["conditions"] == [{"pathPattern": {"values": ["/*"]}}]
    assert rule.inputs["actions"] == [{"type": "forward", "targetGroupArn": "arn:tg/monolith"}]


def test_without_a_default_the_last_rule_answers_503_and_the_rest_of_a_weight_goes_to_no_service() -> None:
    record, _ = made(alb, replace(USERS, weight=25), default=None)
    (action,) = record.one("ListenerRule", "facade-default").inputs["actions"]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "503")
    assert weights(record.one("ListenerRule", "users")) == {"arn:tg/users": 25, "arn:TargetGroup/facade-nobody": 75}
    assert record.one("TargetGroup").inputs["vpcId"] == "vpc-shared"


def test_with_a_default_there_is_no_target_group_without_a_service() -> None:
    assert made(alb, USERS)[0].of("TargetGroup") == []


def test_a_client_stays_with_what_it_got_only_if_that_is_asked_for() -> None:
    half = replace(USERS, weight=50)
    (plain,) = made(alb, half)[0].one("ListenerRule", "users").inputs["actions"]
    assert "stickiness" not in plain["forward"]
    record, _ = made(lambda table, found: alb(table, found, stickiness=600), half)
    (sticky,) = record.one("ListenerRule", "users").inputs["actions"]
    assert sticky["forward"]["stickiness"] == {"enabled": True, "duration": 600}


HOSTS = (HostName("www.example.com", "Z1", ()), HostName("app.example.com", None, ()))


def secure(table: RouteTable, found: Services, *, first: bool = False) -> AlbFacade:
    https = Https("arn:listener/tls", HOSTS, "Z-balancer", [aws.ecs.Cluster("ready-certificates")], first)
    return AlbFacade("facade", alb_args(table, found, https=https))


def first_up(table: RouteTable, found: Services) -> AlbFacade:
    return secure(table, found, first=True)


def plain_rules(record: Record) -> list[Registration]:
    """What port 80 has, in the order in which it is matched."""
    rules = [item for item in record.of("ListenerRule") if item.inputs["listenerArn"] == "arn:listener/shared"]
    return sorted(rules, key=lambda rule: rule.inputs["priority"])


def test_with_tls_the_rules_are_those_of_port_443_and_their_weights_the_same() -> None:
    plain, tls = made(alb, replace(USERS, weight=25), POSTS)[0], made(secure, replace(USERS, weight=25), POSTS)[0]
    for rule in plain.of("ListenerRule"):
        other = tls.one("ListenerRule", rule.name)
        assert other.inputs == {**rule.inputs, "listenerArn": "arn:listener/tls"}
        assert dependencies(other) == dependencies(rule)


def test_port_80_redirects_what_every_client_repeats_and_refuses_the_rest() -> None:
    record, outputs = made(secure, ACTIVE)
    own_name, others, refused = plain_rules(record)
    assert outputs["url"] == "https://www.example.com"
    assert own_name.inputs["conditions"] == [
        {"hostHeader": {"values": ["shared.elb"]}},
        {"httpRequestMethod": {"values": ["GET", "HEAD"]}},
    ]
    to = {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_302"}
    assert own_name.inputs["actions"] == [{"type": "redirect", "redirect": {**to, "host": "www.example.com"}}]
    assert others.inputs["actions"] == [{"type": "redirect", "redirect": to}]
    assert others.inputs["conditions"] == [{"httpRequestMethod": {"values": ["GET", "HEAD"]}}]
    assert refused.inputs["actions"][0]["fixedResponse"]["statusCode"] == "403"
    assert refused.inputs["conditions"] == [{"pathPattern": {"values": ["/*"]}}]


def test_port_80_redirects_before_its_own_routes_and_behind_the_host_names_of_services() -> None:
    of_hosts = host_priorities({f"host {number}": 0 for number in range(100)})
    of_routes = [rule.priority for rule in rules(RouteTable.of([USERS, POSTS], "monolith"))]
    given = [rule.inputs["priority"] for rule in plain_rules(made(secure, ACTIVE)[0])]
    assert max(of_hosts.values()) < min(given)
    assert max(given) < min(of_routes)


def test_clients_are_led_to_port_443_once_all_rules_are_there_and_a_redirect_comes_last() -> None:
    record, _ = made(secure, ACTIVE)
    (name,) = record.of("Record")
    assert (name.name, name.inputs["zoneId"], name.inputs["name"]) == ("www.example.com", "Z1", "www.example.com")
    assert name.inputs["aliases"] == [{"name": "shared.elb", "zoneId": "Z-balancer", "evaluateTargetHealth": True}]
    assert dependencies(name) == {"ready-certificates", "users", "facade-default"}
    assert dependencies(made(first_up, ACTIVE)[0].one("Record")) == {"ready-certificates"}
    before = {"users", "facade-default", "www.example.com"}
    for rule in plain_rules(record):
        assert dependencies(rule) == before
        before |= {rule.name}


def test_a_web_acl_filters_the_load_balancer_and_another_one_comes_when_it_has_gone() -> None:
    record, _ = made(lambda table, found: AlbFacade("facade", alb_args(table, found, web_acl="arn:acl")), USERS)
    association = record.one("WebAclAssociation")
    assert association.inputs == {"resourceArn": "arn:lb/shared", "webAclArn": "arn:acl"}
    assert association.options.deleteBeforeReplace
    assert made(alb, USERS)[0].of("WebAclAssociation") == []


def test_the_certificate_and_the_record_of_an_http_apis_domain_are_made_in_a_hosted_zone() -> None:
    def program() -> None:
        settings = ApiGatewaySettings(domain=Domain("api.example.com", hosted_zone="Z1"))
        hosts = (HostName("api.example.com", "Z1", ()),)
        ApiGatewayFacade(
            "facade", ApiGatewayFacadeArgs(RouteTable.of([USERS], "monolith"), services(), settings, hosts)
        )

    record = run(program, aws_reports)
    assert record.one("CertificateValidation").inputs["certificateArn"] == "arn:Certificate/api.example.com"
    name = record.one("Record", "api.example.com")
    (alias,) = name.inputs["aliases"]
    assert (name.inputs["zoneId"], alias["name"]) == ("Z1", "target.of.facade")
    assert {"facade", "ANY /api/users", "$default"} <= dependencies(name)


def test_a_service_that_does_not_get_ready_stops_the_route_that_needs_it() -> None:
    def program() -> None:
        def fails(_: object) -> pulumi.Resource:
            raise pulumi.RunError("users was rolled back")

        found = dict(services())
        failing = pulumi.Output.from_input("x").apply(fails)
        found["users"] = replace(found["users"], ready=[failing])
        alb(RouteTable.of([ACTIVE, POSTS], "monolith"), found)

    seen: list[str] = []

    def remembered(token: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
        seen.append(f"{token.rpartition(':')[2]} {name}")
        return state

    with pytest.raises(pulumi.RunError, match="users was rolled back"):
        run(program, remembered)
    assert "ListenerRule users" not in seen
