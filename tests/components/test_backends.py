"""The internal load balancer of an environment's backends: what is registered for one whose manifest has `http`."""

import json
from pathlib import Path
from typing import cast

import pytest

from tests.components.recorder import Record
from tests.components.system import registered
from tests.components.test_workload_types import IMAGE, of_users
from tests.projects import Tree, environment, manifest, of_copilot, write_project, write_workspace
from tests.pure.bad_http_nlb import CERTIFICATE

HOST = "users.shared.dev.strangler.internal"


def backend(**fields: object) -> Tree:
    return {"name": "users", "type": "Backend Service", "image": IMAGE, "http": {"path": "/"}, **fields}


def run(folder: Path, users: Tree, facade: str = "alb", **config: object) -> Record:
    settings: Tree = {"facade": facade, "default": "web", "services": {"users": {"environment": "shared"}}, **config}
    return registered(write_project(folder, {"web": manifest("web", "/"), "users": users}), settings)


def of(record: Record, token: str) -> dict[str, Tree]:
    """The inputs of what there is of a type, by logical name."""
    return {one.name: cast("Tree", dict(one.inputs)) for one in record.all if one.type == f"aws:{token}"}


def values(rule: Tree, condition: str) -> object:
    conditions = cast("list[Tree]", rule["conditions"])
    return next((cast("Tree", one[condition])["values"] for one in conditions if condition in one), None)


@pytest.mark.parametrize("facade", ["alb", "api-gateway", "refactor-spaces"])
def test_a_backend_with_http_has_a_name_that_leads_to_a_load_balancer_of_its_environments_own(
    tmp_path: Path, facade: str
) -> None:
    record = run(tmp_path, backend(), facade)
    balancer = of(record, "lb/loadBalancer:LoadBalancer")["shared-Backend"]
    assert balancer["internal"]
    (group,) = of_users(record, "lb/targetGroup:TargetGroup")
    assert cast("Tree", group["healthCheck"])["path"] == "/"
    (rule,) = of_users(record, "lb/listenerRule:ListenerRule")
    hosts = cast("list[str]", values(rule, "hostHeader"))
    assert hosts[0] == HOST
    assert len(hosts) == 2
    assert values(rule, "pathPattern") is None
    (zone,) = of(record, "route53/zone:Zone").values()
    assert zone["name"] == "shared.dev.strangler.internal"
    (name,) = of(record, "route53/record:Record").values()
    assert (name["name"], name["type"]) == (HOST, "A")
    (service,) = of_users(record, "ecs/service:Service")
    (target,) = cast("list[Tree]", service["loadBalancers"])
    assert (target["containerName"], target["containerPort"]) == ("users", 3000)
    assert service["healthCheckGracePeriodSeconds"] == 60
    (definition,) = of_users(record, "ecs/taskDefinition:TaskDefinition")
    (container,) = json.loads(cast("str", definition["containerDefinitions"]))
    environment = {variable["name"]: variable["value"] for variable in container["environment"]}
    assert environment["COPILOT_LB_DNS"] == hosts[1]


def test_it_takes_what_tasks_of_its_environment_send_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    record = run(tmp_path, backend())
    taken = of(record, "vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    into = {name: rule for name, rule in taken.items() if "backends" in name}
    assert sorted(into) == ["shared-backends-from-tasks", "shared-backends-to-tasks"]
    assert all(rule.get("referencedSecurityGroupId") and not rule.get("cidrIpv4") for rule in into.values())
    assert into["shared-backends-from-tasks"]["fromPort"] == 80


def test_without_such_a_backend_there_is_nothing_of_it(tmp_path: Path) -> None:
    users = backend()
    del users["http"]
    record = run(tmp_path, users)
    assert [one.name for one in record.all if "ackend" in one.name] == []
    assert of(record, "route53/zone:Zone") == {}


def test_every_part_of_http_reaches_the_load_balancer(tmp_path: Path) -> None:
    further: Tree = {"path": "admin", "target_port": 9000, "healthcheck": "/live"}
    http: Tree = {"path": "api", "allowed_source_ips": ["10.0.0.0/8"], "additional_rules": [further]}
    http |= {"healthcheck": {"path": "/health", "grace_period": "70s"}, "stickiness": True}
    count: Tree = {"range": "1-3", "requests": 100, "response_time": "1s"}
    record = run(tmp_path, backend(http=http, count=count))
    rules = of(record, "lb/listenerRule:ListenerRule")
    assert values(rules["users"], "pathPattern") == ["/api", "/api/*"]
    assert values(rules["users"], "sourceIp") == ["10.0.0.0/8"]
    assert values(rules["users-Rule1"], "pathPattern") == ["/admin", "/admin/*"]
    groups = of(record, "lb/targetGroup:TargetGroup")
    assert cast("Tree", groups["users-Backend"]["healthCheck"])["path"] == "/health"
    assert cast("Tree", groups["users-Rule1-Backend"]["healthCheck"])["path"] == "/live"
    (service,) = of_users(record, "ecs/service:Service")
    assert [one["containerPort"] for one in cast("list[Tree]", service["loadBalancers"])] == [3000, 9000]
    assert service["healthCheckGracePeriodSeconds"] == 70
    policies = of(record, "appautoscaling/policy:Policy")
    label = cast("Tree", policies["users-requests"]["targetTrackingScalingPolicyConfiguration"])
    assert "shared-Backend" in str(label)
    (definition,) = of_users(record, "ecs/taskDefinition:TaskDefinition")
    (container,) = json.loads(cast("str", definition["containerDefinitions"]))
    assert [port["containerPort"] for port in container["portMappings"]] == [3000, 9000]


def test_with_certificates_it_answers_at_its_aliases_by_https(tmp_path: Path) -> None:
    zone = "Z0123456789ABC"
    http: Tree = {"path": "/", "alias": [{"name": "api.example.com", "hosted_zone": zone}]}
    users = {**of_copilot("users"), "type": "Backend Service", "http": http}
    private: Tree = {"certificates": [CERTIFICATE], "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
    settings = environment("test", http={"private": {**private, "ingress": {"vpc": True}}})
    write_workspace(tmp_path, {"web": of_copilot("web", "/"), "users": users}, {"test": settings})
    record = registered(tmp_path, {"facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"})
    (listener,) = (one for one in of(record, "lb/listener:Listener").values() if one["port"] == 443)
    assert (listener["certificateArn"], listener["sslPolicy"]) == (CERTIFICATE, private["ssl_policy"])
    rules = of(record, "lb/listenerRule:ListenerRule")
    (forward,) = cast("list[Tree]", rules["users api.example.com tls"]["actions"])
    (redirect,) = cast("list[Tree]", rules["users api.example.com"]["actions"])
    assert (forward["type"], redirect["type"]) == ("forward", "redirect")
    assert values(rules["users api.example.com tls"], "hostHeader") == ["api.example.com"]
    assert of(record, "route53/zone:Zone") == {}
    (name,) = of(record, "route53/record:Record").values()
    assert (name["name"], name["zoneId"]) == ("api.example.com", zone)
    taken = of(record, "vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    opened = {key: rule for key, rule in taken.items() if "-backends-in" in key}
    assert {(rule["cidrIpv4"], rule["fromPort"]) for rule in opened.values()} == {("0.0.0.0/0", 80), ("0.0.0.0/0", 443)}


def test_deny_default_lets_the_load_balancer_in_and_no_other(tmp_path: Path) -> None:
    denied: Tree = {"vpc": {"security_groups": {"deny_default": True, "groups": ["sg-0a1b2c3d"]}}}
    record = run(tmp_path, backend(network=denied))
    into = of(record, "vpc/securityGroupIngressRule:SecurityGroupIngressRule")["users-Groups-to-tasks"]
    assert into["securityGroupId"] == "sg-0a1b2c3d"
