"""Alarms and the dashboard under the mocks: what watches what, and what waits for what, on each facade."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.components.recorder import Record
from tests.components.system import deployed, resources
from tests.projects import Tree, manifest

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ops"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
SERVICE = "aws:ecs/service:Service"
ON: Tree = {"alarms": {"topic": TOPIC}, "dashboard": True}
NEW = ("MetricAlarm", "Dashboard", "Topic", "TopicSubscription", "Monitoring")


def dimensions(record: Record, alarm: str) -> list[dict[str, Any]]:
    """Of the metrics of an alarm."""
    queries = record.one(ALARM, alarm).inputs["metricQueries"]
    return [query["metric"]["dimensions"] for query in queries if "metric" in query]


@pytest.mark.parametrize(
    ("facade", "balancers", "of_facade"),
    [
        ("alb", {"monolith": "shared", "users": "shared"}, {"LoadBalancer": "LoadBalancer/shared"}),
        ("api-gateway", {name: f"{name}-internal" for name in TWO}, {"ApiId": "Api-facade"}),
        ("refactor-spaces", {name: name for name in TWO}, None),
    ],
)
def test_alarms_watch_target_groups_and_the_facade_if_cloudwatch_counts_it(
    facade: str, balancers: dict[str, str], of_facade: dict[str, str] | None, tmp_path: Path
) -> None:
    record = deployed(tmp_path, TWO, {"facade": facade, **ON})
    middle, suffix = ("-Internal", "-internal") if facade == "api-gateway" else ("", "")
    services = {f"{name}{middle}-{what}" for name in TWO for what in ("Errors", "Latency", "Unhealthy")}
    own = {f"Facade-{facade}-{what}" for what in ("Errors", "Latency")} if of_facade else set[str]()
    assert {alarm.name for alarm in record.of(ALARM)} == services | own
    for name, balancer in balancers.items():
        group = {"TargetGroup": f"TargetGroup/{name}{suffix}", "LoadBalancer": f"LoadBalancer/{balancer}"}
        for what in ("Errors", "Latency", "Unhealthy"):
            assert all(found == group for found in dimensions(record, f"{name}{middle}-{what}"))
    if of_facade:
        assert all(found == of_facade for found in dimensions(record, f"Facade-{facade}-Errors"))
    for alarm in record.of(ALARM):
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [TOPIC]
        assert alarm.inputs["treatMissingData"] == "notBreaching"
    assert not record.of("aws:sns/topic:Topic")


def test_nothing_of_it_is_there_and_nothing_else_differs_unless_it_is_asked_for(tmp_path: Path) -> None:
    plain, on = deployed(tmp_path / "a", TWO), deployed(tmp_path / "b", TWO, ON)
    assert [found for found in resources(plain) if found.partition(" ")[0].endswith(NEW)] == []
    others = [found for found in resources(on) if not found.partition(" ")[0].endswith(NEW)]
    assert others == resources(plain)
    assert "alarms" not in plain.one(SERVICE, "users").inputs


def test_the_alarms_that_ecs_goes_by_are_there_before_the_service_and_beside_the_manifests(tmp_path: Path) -> None:
    own = manifest("users", deployment={"rollback_alarms": {"cpu_utilization": 70}})
    record = deployed(tmp_path, {**TWO, "users": own}, {"facade": "alb", **ON})
    service = record.one(SERVICE, "users")
    alarms = [record.one(ALARM, f"users-{what}") for what in ("Errors", "Latency")]
    assert service.inputs["alarms"] == {
        "alarmNames": ["strangler-dev-shared-users-rollback-cpu", *(alarm.inputs["name"] for alarm in alarms)],
        "enable": True,
        "rollback": True,
    }
    assert {alarm.urn for alarm in alarms} <= {*service.options.dependencies}


def test_alarms_take_no_deployment_back_if_the_config_says_so(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "alb", "alarms": {"topic": TOPIC, "rollback": False}})
    assert "alarms" not in record.one(SERVICE, "users").inputs
    assert len(record.of(ALARM)) == 8


def test_an_address_gets_a_topic_that_alarms_may_send_to(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "alb", "alarms": {"email": "ops@example.com"}})
    topic, subscription = record.one("aws:sns/topic:Topic"), record.one("TopicSubscription")
    assert topic.inputs["name"] == "strangler-dev-Alarms"
    assert "kmsMasterKeyId" not in topic.inputs
    assert (subscription.inputs["protocol"], subscription.inputs["endpoint"]) == ("email", "ops@example.com")
    topics = {(*alarm.inputs["alarmActions"],) for alarm in record.of(ALARM)}
    assert topics == {(subscription.inputs["topic"],)}


def test_each_of_two_facades_is_watched_and_a_service_behind_each(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "api-gateway,alb", **ON})
    found = {alarm.name for alarm in record.of(ALARM)}
    assert {"users-Errors", "users-Internal-Errors", "Facade-alb-Errors", "Facade-api-gateway-Errors"} <= found
    assert len(record.one(SERVICE, "users").inputs["alarms"]["alarmNames"]) == 4
    body = json.loads(record.one("Dashboard").inputs["dashboardBody"])
    requests = next(
        widget["properties"]["metrics"]
        for widget in body["widgets"]
        if widget["properties"].get("title") == "users: requests a minute"
    )
    assert [line[-1]["label"] for line in requests] == [
        f"{name} ({scheme})" for name in ("users", "monolith") for scheme in ("internet-facing", "internal")
    ]


def test_a_service_that_no_facade_sends_requests_to_has_no_alarms(tmp_path: Path) -> None:
    inner = manifest("inner", http=False, nlb={"port": "443/tcp"})
    record = deployed(tmp_path, {**TWO, "inner": inner}, {"facade": "alb", **ON})
    assert not [alarm for alarm in record.of(ALARM) if alarm.name.startswith("inner")]


def test_the_dashboard_needs_no_alarms_and_comes_after_the_rules(tmp_path: Path) -> None:
    record = deployed(tmp_path, TWO, {"facade": "alb", "dashboard": True, "routes": {"users": 25}})
    dashboard = record.one("Dashboard")
    assert dashboard.inputs["dashboardName"] == "strangler-dev"
    body = json.loads(dashboard.inputs["dashboardBody"])
    assert "| users | /api/users/… | all | users | 25 |" in body["widgets"][0]["properties"]["markdown"]
    assert {widget["properties"]["region"] for widget in body["widgets"][1:]} == {"eu-west-1"}
    rules = {rule.urn for rule in record.of("aws:lb/listenerRule:ListenerRule") if rule.name == "facade-default"}
    assert rules <= {*dashboard.options.dependencies}
    assert not record.of(ALARM)


FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:legacy"


def test_a_function_that_runs_elsewhere_is_watched_by_its_target_group_beside_ours(tmp_path: Path) -> None:
    legacy: Tree = {"services": {"legacy": {"lambda": FUNCTION, "path": "/old"}}}
    record = deployed(tmp_path, TWO, {"facade": "alb", **ON, **legacy})
    own = {alarm.name for alarm in record.of(ALARM) if alarm.name.startswith("legacy")}
    assert own == {"legacy-Errors", "legacy-Latency"}
    (metric, *_) = dimensions(record, "legacy-Errors")
    assert metric == {"TargetGroup": "TargetGroup/facade-legacy", "LoadBalancer": "LoadBalancer/shared"}
    body = json.loads(record.one("Dashboard").inputs["dashboardBody"])
    titles = [widget["properties"].get("title") for widget in body["widgets"]]
    assert {"legacy: errors (5xx), %", "users: errors (5xx), %"} < {*titles}
    unused = {"services": {"legacy": {"lambda": FUNCTION}}}
    record = deployed(tmp_path / "unused", TWO, {"facade": "alb", **ON, **unused})
    assert not [alarm for alarm in record.of(ALARM) if alarm.name.startswith("legacy")]


def test_what_is_behind_a_listener_is_on_the_dashboard_by_the_routes_of_the_access_log(tmp_path: Path) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/legacy/0123456789abcdef/fedcba9876543210"
    legacy: Tree = {"services": {"legacy": {"listener": arn, "path": "/old"}}}
    common: Tree = {"facade": "api-gateway", "dashboard": True, **legacy}
    record = deployed(tmp_path, TWO, common)
    *_, last = json.loads(record.one("Dashboard").inputs["dashboardBody"])["widgets"]
    group = record.one("LogGroup", "facade")
    stage = record.one("Stage", "facade")
    shown = last["properties"]
    assert (last["type"], shown["title"]) == ("log", "facade api-gateway: by route, for legacy")
    assert group.urn in stage.options.dependencies
    assert shown["query"].startswith("SOURCE 'facade-1234567' | stats count(*) as requests, ")
    assert set(re.findall(r"(?<=[( ])(status|latency|route)(?=[ ,)])", shown["query"])) <= set(
        json.loads(stage.inputs["accessLogSettings"]["format"])
    )
    without: Tree = {"facadeSettings": {"api-gateway": {"accessLog": False}}}
    alone: Tree = {"services": {}}
    by_url: Tree = {"services": {"legacy": {"url": "https://legacy.example.com", "path": "/old"}}}
    for change in (without, alone, by_url):
        record = deployed(tmp_path / "other", TWO, {**common, **change})
        widgets = json.loads(record.one("Dashboard").inputs["dashboardBody"])["widgets"]
        assert {widget["type"] for widget in widgets} == {"text", "metric"}
