"""Two facades in front of one system, and how each is set."""

import json
from pathlib import Path

from tests.components.recorder import Record
from tests.components.system import deployed
from tests.projects import Tree, manifest

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def balancers(record: Record) -> dict[str, bool]:
    """Whether each load balancer is internal, by name."""
    return {balancer.name: balancer.inputs["internal"] for balancer in record.of("aws:lb/loadBalancer:LoadBalancer")}


def groups_of(record: Record, service: str) -> int:
    """With how many target groups ECS registers a service's tasks."""
    return len(record.one("aws:ecs/service:Service", service).inputs["loadBalancers"])


def test_refactor_spaces_beside_api_gateway_has_its_own_load_balancers(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "refactor-spaces,api-gateway"})
    assert balancers(record) == {
        "monolith": False,
        "monolith-internal": True,
        "users": False,
        "users-internal": True,
    }
    assert groups_of(record, "users") == groups_of(record, "monolith") == 2
    rules = {rule.name: rule for rule in record.of("aws:lb/listenerRule:ListenerRule")}
    assert set(rules) == set(balancers(record))
    assert len({rule.inputs["listenerArn"] for rule in rules.values()}) == 4
    uris = {
        integration.inputs["integrationUri"] for integration in record.of("aws:apigatewayv2/integration:Integration")
    }
    assert uris == {rules[f"{name}-internal"].inputs["listenerArn"] for name in TWO}


def test_api_gateway_beside_alb_reaches_each_service_by_a_port_of_its_own(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "api-gateway,alb"})
    assert balancers(record) == {"shared": False, "shared-internal": True}
    ports = {listener.name: listener.inputs["port"] for listener in record.of("aws:lb/listener:Listener")}
    own = {name: ports[f"{name}-internal"] for name in TWO}
    assert ports == {"shared": 80, "shared-internal": 80, **{f"{name}-internal": port for name, port in own.items()}}
    assert len({80, *own.values()}) == 3
    assert [link.name for link in record.of("VpcLink")] == ["facade-shared"]
    taken = [rule for rule in record.of("SecurityGroupIngressRule") if rule.name.startswith("facade-")]
    assert {rule.inputs["fromPort"] for rule in taken} == {rule.inputs["toPort"] for rule in taken} == {*own.values()}
    assert {rule.name for rule in record.of("aws:lb/listenerRule:ListenerRule")} == {*TWO, "facade-default"}


def test_one_facade_has_one_load_balancer_and_one_target_group_of_a_service(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "api-gateway"})
    assert balancers(record) == {"monolith-internal": True, "users-internal": True}
    assert groups_of(record, "users-internal") == 1


def test_an_integration_turns_to_another_load_balancer_once_the_service_is_ready_there(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "api-gateway"})
    service = record.one("aws:ecs/service:Service", "users-internal")
    integration = record.one("aws:apigatewayv2/integration:Integration", "facade-users")
    assert service.urn in integration.options.dependencies


def test_the_settings_of_an_http_api_reach_it(tmp_path: Path) -> None:
    settings: Tree = {
        "throttling": {"rate": 50, "burst": 100},
        "accessLog": {"days": 7},
        "domain": {"name": "api.example.com", "certificate": CERTIFICATE},
        "timeout": "10s",
    }
    record = deployed(tmp_path, TWO, {"facade": "api-gateway", "facadeSettings": {"api-gateway": settings}})
    stage = record.one("aws:apigatewayv2/stage:Stage").inputs
    assert stage["defaultRouteSettings"] == {"throttlingBurstLimit": 100, "throttlingRateLimit": 50}
    assert "httpMethod" in json.loads(stage["accessLogSettings"]["format"])["method"]
    assert record.one("aws:cloudwatch/logGroup:LogGroup", "facade").inputs["retentionInDays"] == 7
    domain = record.one("aws:apigatewayv2/domainName:DomainName").inputs
    assert domain["domainName"] == "api.example.com"
    assert domain["domainNameConfiguration"]["certificateArn"] == CERTIFICATE
    timeouts = {
        integration.inputs["timeoutMilliseconds"]
        for integration in record.of("aws:apigatewayv2/integration:Integration")
    }
    assert timeouts == {10_000}


def test_an_http_api_does_without_an_access_log(tmp_path: Path) -> None:
    config: Tree = {"facade": "api-gateway", "facadeSettings": {"api-gateway": {"accessLog": False}}}
    record = deployed(tmp_path, TWO, config)
    assert "accessLogSettings" not in record.one("aws:apigatewayv2/stage:Stage").inputs
    assert "facade" not in {group.name for group in record.of("aws:cloudwatch/logGroup:LogGroup")}


def test_stickiness_is_set_on_every_rule_with_weights(tmp_path: Path) -> None:
    config: Tree = {"facade": "alb", "routes": {"users": 25}, "facadeSettings": {"alb": {"stickiness": "1h"}}}
    record = deployed(tmp_path, TWO, config)
    forwards = [
        action["forward"]
        for rule in record.of("aws:lb/listenerRule:ListenerRule")
        for action in rule.inputs["actions"]
        if "forward" in action
    ]
    assert [forward["stickiness"] for forward in forwards] == [{"duration": 3600, "enabled": True}]
