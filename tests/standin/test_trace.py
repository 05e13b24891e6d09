"""Following a request: through rules, weights, routes and links to who answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import Front, fixed, forward
from tools.standin import apigateway as api
from tools.standin import cloudwatch, dns, ecs, elb, lambdas, security, trace
from tools.standin import refactorspaces as rs
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Object


@dataclass(frozen=True)
class Balanced:
    """A front with a monolith, and services with target groups of their own."""

    driver: Driver
    front: Front
    groups: dict[str, Object]

    def service(self, name: str) -> None:
        group = sample.target_group(self.driver, self.front, name)
        self.groups[name] = group
        priority = 40000 + len(self.groups)
        sample.rule(self.driver, self.front, f"{name}-tie", priority, forward((group["arn"], 0)), f"/none/{name}")
        repository = sample.repository(self.driver, name)
        logs = self.driver.create(cloudwatch.LOG_GROUP, name)
        image = f"{repository['repositoryUrl']}@{sample.DIGEST}"
        text = sample.definitions(image, logs["name"], name=name)
        definition = sample.task_definition(self.driver, name, containerDefinitions=text)
        entry = {"targetGroupArn": group["arn"], "containerName": name, "containerPort": sample.PORT}
        sample.service(self.driver, self.front, name, group, definition, loadBalancers=[entry])

    def rule(self, name: str, priority: int, shares: dict[str, int], *paths: str) -> Object:
        weighted = [(self.groups[target]["arn"], weight) for target, weight in shares.items()]
        return sample.rule(self.driver, self.front, name, priority, forward(*weighted), *paths)

    @property
    def url(self) -> str:
        return f"http://{self.front.balancer['dnsName']}"

    def ask(self, path: str, method: str = "GET", url: str | None = None) -> dict[str | int, float]:
        return dict(trace.answer(self.driver.cloud.snapshot, url or self.url, method, path))


def balanced(*, internal: bool = False) -> Balanced:
    driver = Driver()
    made = Balanced(driver, sample.front(driver, sample.network(driver), internal=internal), {})
    for name in ("monolith", "users"):
        made.service(name)
    made.rule("monolith", 30000, {"monolith": 1}, "/*")
    return made


@pytest.fixture
def account() -> Balanced:
    return balanced()


def test_a_rule_with_a_lower_priority_comes_first(account: Balanced) -> None:
    account.rule("users", 10, {"users": 1}, "/api/users", "/api/users/*")
    assert account.ask("/api/users") == {"users": 1.0}
    assert account.ask("/api/users/1/posts") == {"users": 1.0}
    assert account.ask("/api/users?x=/other") == {"users": 1.0}
    assert account.ask("/api/usersx") == {"monolith": 1.0}
    assert account.ask("/API/users") == {"monolith": 1.0}


def test_weights_share_the_requests_and_zero_is_nothing(account: Balanced) -> None:
    account.rule("users", 10, {"users": 25, "monolith": 75}, "/api/users")
    assert account.ask("/api/users") == {"users": 0.25, "monolith": 0.75}
    account.driver.update(
        account.driver.cloud.named(elb.RULE, "users"),
        actions=[forward((account.groups["users"]["arn"], 0), (account.groups["monolith"]["arn"], 1))],
    )
    assert account.ask("/api/users") == {"monolith": 1.0}


def test_weights_of_nothing_but_zero_answer_503(account: Balanced) -> None:
    account.rule("users", 10, {"users": 0}, "/api/users")
    assert account.ask("/api/users") == {503: 1.0}


def test_a_share_without_healthy_targets_is_a_503(account: Balanced) -> None:
    account.rule("users", 10, {"users": 1, "monolith": 3}, "/api/users")
    account.driver.update(account.driver.cloud.named(ecs.SERVICE, "users"), desiredCount=0)
    assert account.ask("/api/users") == {503: 0.25, "monolith": 0.75}
    assert trace.names(account.ask("/api/users")) == {503, "monolith"}


def test_a_client_with_a_cookie_stays_with_its_group_while_the_rule_names_it(account: Balanced) -> None:
    """ELB user guide, target group stickiness: the cookie AWSALBTG."""

    def ask(cookie: str) -> dict[str | int, float]:
        return dict(trace.answer(account.driver.cloud.snapshot, account.url, "GET", "/api/users", cookie=cookie))

    users, monolith = (str(account.groups[name]["arn"]) for name in ("users", "monolith"))
    rule = account.rule("users", 10, {"users": 0, "monolith": 100}, "/api/users")
    assert ask(users) == {"monolith": 1.0}  # the rule isn't sticky
    action = forward((users, 0), (monolith, 100))
    action["forward"]["stickiness"] = {"enabled": True, "duration": 60}
    account.driver.update(rule, actions=[action])
    assert (ask(users), ask(monolith), ask("")) == ({"users": 1.0}, {"monolith": 1.0}, {"monolith": 1.0})
    account.driver.update(account.driver.cloud.named(ecs.SERVICE, "users"), desiredCount=0)
    assert ask(users) == {503: 1.0}
    account.driver.update(rule, actions=[forward((monolith, 100))])
    assert ask(users) == {"monolith": 1.0}  # out of the rule


def test_methods_and_fixed_answers_count(account: Balanced) -> None:
    account.driver.create(
        elb.RULE,
        "reads",
        listenerArn=account.front.listener.id,
        priority=5,
        actions=[fixed(404)],
        conditions=[{"pathPattern": {"values": ["/api/users"]}}, {"httpRequestMethod": {"values": ["DELETE"]}}],
    )
    assert account.ask("/api/users", "DELETE") == {404: 1.0}
    assert account.ask("/api/users") == {"monolith": 1.0}


def test_a_regular_expression_is_compared_with_the_path_alone(account: Balanced) -> None:
    account.driver.create(
        elb.RULE,
        "comments",
        listenerArn=account.front.listener.id,
        priority=5,
        actions=[fixed(404)],
        conditions=[{"pathPattern": {"regexValues": ["^/articles/[^/]+/comments(/.*)?$"]}}],
    )
    assert account.ask("/articles/1/comments/2?x=/") == {404: 1.0}
    assert account.ask("/articles/1/2/comments") == {"monolith": 1.0}
    assert account.ask("/v2/articles/1/comments") == {"monolith": 1.0}


def test_what_no_rule_takes_gets_the_default_action(account: Balanced) -> None:
    account.driver.delete(account.driver.cloud.named(elb.RULE, "monolith"))
    assert account.ask("/") == {503: 1.0}


def test_a_closed_door_answers_nothing(account: Balanced) -> None:
    account.driver.delete(account.driver.cloud.named(security.INGRESS, "front-lb-in"))
    assert account.ask("/") == {504: 1.0}
    assert balanced(internal=True).ask("/") == {504: 1.0}


def test_tasks_that_the_balancer_does_not_reach_any_more_answer_nothing(account: Balanced) -> None:
    account.driver.delete(account.driver.cloud.named(security.INGRESS, "front-task-in"))
    assert account.ask("/") == {503: 1.0}


def test_the_answer_is_that_of_the_snapshot_and_not_of_now(account: Balanced) -> None:
    before = account.driver.cloud.snapshot
    account.driver.delete(account.driver.cloud.named(elb.RULE, "monolith"))
    assert dict(trace.answer(before, account.url, "GET", "/")) == {"monolith": 1.0}


def refactor_spaces(account: Balanced) -> tuple[str, Any]:
    """The proxy's URL, and a function that makes an active route to a service URL."""
    driver = account.driver
    environment = driver.create(rs.ENVIRONMENT, "facade", networkFabricType="NONE")
    ids = {"environmentIdentifier": environment["environmentIdentifier"]}
    application = driver.create(
        rs.APPLICATION, "facade", **ids, vpcId=account.front.network.vpc.id, proxyType="API_GATEWAY"
    )
    ids["applicationIdentifier"] = application["applicationIdentifier"]

    def route(name: str, url: str, path: str | None = None, **changes: Any) -> Object:
        service = driver.create(rs.SERVICE, name, **ids, endpointType="URL", urlEndpoint={"url": url})
        inputs: dict[str, Any] = {"routeType": "DEFAULT"}
        if path:
            defaults = {"activationState": "ACTIVE", "includeChildPaths": True, "appendSourcePath": True}
            inputs = {"routeType": "URI_PATH", "uriPathRoute": {"sourcePath": path, **defaults, **changes}}
        return driver.create(rs.ROUTE, name, **ids, serviceIdentifier=service["serviceIdentifier"], **inputs)

    return str(application["proxyUrl"]), route


def test_refactor_spaces_takes_a_path_and_all_below_it_and_the_default_the_rest(account: Balanced) -> None:
    proxy, route = refactor_spaces(account)
    assert account.ask("/api/users", url=proxy) == {404: 1.0}
    route("default", "http://monolith.example.com")
    users = route("users", "http://users.example.com", "/api/users")
    assert account.ask("/api/users", url=proxy) == {"users.example.com": 1.0}
    assert account.ask("/api/users/", url=proxy) == {"users.example.com": 1.0}
    assert account.ask("/api/users/1", url=proxy) == {"users.example.com": 1.0}
    assert account.ask("/api/usersx", url=proxy) == {"monolith.example.com": 1.0}
    account.driver.delete(users)
    assert account.ask("/api/users", url=proxy) == {"monolith.example.com": 1.0}


def test_refactor_spaces_prefers_the_longer_path_and_respects_methods(account: Balanced) -> None:
    proxy, route = refactor_spaces(account)
    route("default", "http://monolith.example.com")
    route("users", "http://users.example.com", "/api/users")
    route("posts", "http://posts.example.com", "/api/users/posts", methods=["GET"], includeChildPaths=False)
    assert account.ask("/api/users/posts", url=proxy) == {"posts.example.com": 1.0}
    assert account.ask("/api/users/posts", "POST", url=proxy) == {"users.example.com": 1.0}
    assert account.ask("/api/users/posts/1", url=proxy) == {"users.example.com": 1.0}


def test_the_path_that_a_service_sees_decides_at_its_balancer(account: Balanced) -> None:
    """The tutorial's bug: a service URL without the path's beginning ends at no rule."""
    proxy, route = refactor_spaces(account)
    account.driver.delete(account.driver.cloud.named(elb.RULE, "monolith"))
    account.rule("users", 10, {"users": 1}, "/api/users", "/api/users/*")
    route("default", account.url)
    assert account.ask("/api/users/1", url=proxy) == {"users": 1.0}
    right = route("users", account.url, "/api/users")
    assert account.ask("/api/users/1", url=proxy) == {"users": 1.0}
    account.driver.delete(right)
    route("people", account.url, "/people")
    assert account.ask("/people/1", url=proxy) == {503: 1.0}
    route("folk", f"{account.url}/api/users", "/folk", appendSourcePath=False)
    assert account.ask("/folk/1", url=proxy) == {"users": 1.0}


@pytest.fixture
def http() -> tuple[Balanced, str, dict[str, Object]]:
    account = balanced(internal=True)
    driver, front = account.driver, account.front
    made = driver.create(api.API, "facade", protocolType="HTTP")
    group = driver.create(security.GROUP, "link", vpcId=front.network.vpc.id)
    rule = {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80}
    driver.create(
        security.EGRESS, "link", securityGroupId=group.id, referencedSecurityGroupId=front.balancer_group.id, **rule
    )
    link = driver.create(api.VPC_LINK, "facade", subnetIds=front.network.subnets, securityGroupIds=[group.id])
    common: dict[str, Any] = {"apiId": made.id, "integrationType": "HTTP_PROXY", "integrationMethod": "ANY"}
    inner = driver.create(
        api.INTEGRATION,
        "inner",
        **common,
        integrationUri=front.listener.id,
        connectionType="VPC_LINK",
        connectionId=link.id,
    )
    outer = driver.create(api.INTEGRATION, "outer", **common, integrationUri="http://outer.example.com")
    driver.create(api.STAGE, "default", apiId=made.id, name="$default", autoDeploy=True)
    return account, str(made["apiEndpoint"]), {"inner": inner, "outer": outer, "api": made}


def _route(account: Balanced, parts: dict[str, Object], key: str, target: str) -> Object:
    return account.driver.create(
        api.ROUTE, key, apiId=parts["api"].id, routeKey=key, target=f"integrations/{parts[target].id}"
    )


def test_an_http_api_goes_through_its_link_to_the_listener(http: tuple[Balanced, str, dict[str, Object]]) -> None:
    account, url, parts = http
    assert account.ask("/", url=url) == {404: 1.0}
    _route(account, parts, "$default", "inner")
    assert account.ask("/anything", url=url) == {"monolith": 1.0}
    account.driver.delete(account.driver.cloud.named(security.EGRESS, "link"))
    assert account.ask("/anything", url=url) == {504: 1.0}


def test_a_private_integration_speaks_tls_where_the_listener_does_and_by_a_name_of_its_certificate(
    http: tuple[Balanced, str, dict[str, Object]],
) -> None:
    account, url, parts = http
    driver = account.driver
    _route(account, parts, "$default", "inner")
    certificate = driver.create(dns.CERTIFICATE, "a", domainName="a.example.com", validationMethod="DNS")
    driver.cloud.change(certificate, issued=True)
    driver.update(account.front.listener, protocol="HTTPS", certificateArn=certificate["arn"])
    assert account.ask("/", url=url) == {400: 1.0}
    for name, answered in (("b.example.com", {503: 1.0}), ("a.example.com", {"monolith": 1.0})):
        driver.update(parts["inner"], tlsConfig={"serverNameToVerify": name})
        assert account.ask("/", url=url) == answered
    driver.update(account.front.listener, protocol="HTTP", certificateArn=None)
    assert account.ask("/", url=url) == {503: 1.0}


def test_a_private_integration_sends_the_host_that_it_says(http: tuple[Balanced, str, dict[str, Object]]) -> None:
    account, url, parts = http
    _route(account, parts, "$default", "inner")
    hosts = [{"hostHeader": {"values": ["a.example.com"]}}]
    account.driver.create(
        elb.RULE,
        "a",
        listenerArn=account.front.listener.id,
        priority=1,
        actions=[sample.fixed(200)],
        conditions=hosts,
    )
    assert account.ask("/", url=url) == {"monolith": 1.0}
    account.driver.update(parts["inner"], requestParameters={"overwrite:header.host": "a.example.com"})
    assert account.ask("/", url=url) == {200: 1.0}


def test_a_load_balancer_without_security_groups_is_reached_where_the_links_own_lets_out(
    http: tuple[Balanced, str, dict[str, Object]],
) -> None:
    account, url, parts = http
    driver, net = account.driver, account.front.network
    group = driver.create(TARGET_GROUP, "tcp", port=80, protocol="TCP", vpcId=net.vpc.id, targetType="ip")
    driver.create(lambdas.ATTACHMENT, "tcp", targetGroupArn=group.id, targetId="10.1.0.9")
    balancer = driver.create(elb.BALANCER, "tcp", subnets=net.subnets, loadBalancerType="network", internal=True)
    actions = [sample.forward((group.id, 1))]
    listener = driver.create(
        elb.LISTENER, "tcp", loadBalancerArn=balancer.id, port=80, protocol="TCP", defaultActions=actions
    )
    driver.update(parts["inner"], integrationUri=listener.id)
    _route(account, parts, "$default", "inner")
    assert account.ask("/", url=url) == {504: 1.0}
    source = driver.cloud.named(security.GROUP, "link").id
    ports = {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80}
    driver.create(security.EGRESS, "out", securityGroupId=source, cidrIpv4=net.vpc["cidrBlock"], **ports)
    assert account.ask("/", url=url) == {"10.1.0.9": 1.0}


@pytest.mark.parametrize(
    ("keys", "method", "path", "key"),
    [
        (["ANY /users", "$default"], "GET", "/users", "ANY /users"),
        (["ANY /users", "$default"], "GET", "/users/", "$default"),
        (["ANY /users/", "$default"], "GET", "/users/", "ANY /users/"),
        (["ANY /users/{proxy+}", "$default"], "GET", "/users/1/2", "ANY /users/{proxy+}"),
        (["ANY /users/{proxy+}", "$default"], "GET", "/users", "$default"),
        (["ANY /users/{proxy+}", "GET /users/{id}"], "GET", "/users/1", "GET /users/{id}"),
        (["ANY /users/1", "GET /users/{proxy+}"], "GET", "/users/1", "ANY /users/1"),
        (["ANY /users", "GET /users"], "GET", "/users", "GET /users"),
        (["ANY /users", "GET /users"], "PUT", "/users", "ANY /users"),
        (["GET /users", "ANY /{proxy+}"], "PUT", "/users", "ANY /{proxy+}"),
        (["ANY /a/{proxy+}", "ANY /a/b/{proxy+}"], "GET", "/a/b/c", "ANY /a/b/{proxy+}"),
        (["ANY /{x}/b", "ANY /a/{y}"], "GET", "/z/b", "ANY /{x}/b"),
    ],
)
def test_the_most_specific_route_of_an_http_api_is_taken(
    http: tuple[Balanced, str, dict[str, Object]], keys: list[str], method: str, path: str, key: str
) -> None:
    account, url, parts = http
    for existing in keys:
        _route(account, parts, existing, "outer" if existing == key else "inner")
    assert account.ask(path, method, url=url) == {"outer.example.com": 1.0}


def test_whether_a_greedy_variable_takes_nothing_can_be_assumed_either_way(
    http: tuple[Balanced, str, dict[str, Object]],
) -> None:
    account, url, parts = http
    _route(account, parts, "ANY /users/{proxy+}", "outer")
    _route(account, parts, "$default", "inner")
    found = [
        dict(trace.answer(account.driver.cloud.snapshot, url, "GET", "/users/", greedy_takes_empty=assumed))
        for assumed in (False, True)
    ]
    assert found == [{"monolith": 1.0}, {"outer.example.com": 1.0}]


def test_a_stage_with_a_name_is_part_of_the_path_that_a_private_integration_sees(
    http: tuple[Balanced, str, dict[str, Object]],
) -> None:
    account, url, parts = http
    account.rule("users", 10, {"users": 1}, "/v1/*")
    _route(account, parts, "$default", "inner")
    account.driver.create(api.STAGE, "v1", apiId=parts["api"].id, name="v1", autoDeploy=True)
    assert account.ask("/x", url=f"{url}/v1") == {"users": 1.0}
    account.driver.update(parts["inner"], requestParameters={"overwrite:path": "$request.path"})
    assert account.ask("/x", url=f"{url}/v1") == {"monolith": 1.0}


def test_an_integration_with_a_path_of_its_own_sends_that_whatever_was_asked_for(
    http: tuple[Balanced, str, dict[str, Object]],
) -> None:
    account, url, parts = http
    account.rule("users", 10, {"users": 1}, "/own")
    _route(account, parts, "$default", "inner")
    assert account.ask("/x", url=url) == {"monolith": 1.0}
    account.driver.update(parts["inner"], requestParameters={"overwrite:path": "/own"})
    assert account.ask("/x", url=url) == {"users": 1.0}


def test_a_stage_that_is_not_deployed_serves_nothing(http: tuple[Balanced, str, dict[str, Object]]) -> None:
    account, url, parts = http
    _route(account, parts, "$default", "inner")
    account.driver.update(account.driver.cloud.named(api.STAGE, "default"), autoDeploy=False)
    assert account.ask("/", url=url) == {404: 1.0}
