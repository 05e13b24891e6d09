"""Which alarms there are, when they go off, by which ECS takes a deployment back; and what the dashboard shows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from components.aws.plan import alarms, dashboard, ecs_services
from components.aws.plan.alarms import (
    TARGETS,
    Alarm,
    DeploymentAlarms,
    deployment_alarms,
    of_elsewhere,
    of_facade,
    of_service,
    unwatched,
)
from components.aws.plan.dashboard import Watched
from components.input.diagnostics import InputError
from components.model.facades import ALB, API_GATEWAY, REFACTOR_SPACES, Scheme
from components.model.routes import Route, RouteTable
from components.settings.alarms import Alarms
from tests.projects import Tree, board, lines_of, manifest, read_project, write_project
from tests.standin.driver import Driver
from tools.standin import cloudwatch

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ops"
AWS: Tree = {"platform": "aws", "facade": "alb"}


def expressions(found: tuple[Alarm, ...]) -> dict[str, str]:
    """By the alarm's logical name."""
    return {alarm.logical: alarm.queries[-1].expression for alarm in found}


def test_there_are_no_alarms_unless_the_config_has_some(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    for config in ({}, {"alarms": False}):
        settings = read_project(tmp_path, {**AWS, **config})
        assert (settings.alarms, settings.dashboard) == (None, False)


def test_every_threshold_has_a_default_and_can_be_set(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    assert read_project(tmp_path, {**AWS, "alarms": {"email": "ops@example.com"}}).alarms == Alarms(
        email="ops@example.com", errors=5, latency=3, unhealthy=0, requests=20, minutes=3, rollback=True
    )
    own: Tree = {"errors": 0.5, "latency": "800ms", "unhealthy": 1, "requests": 1, "minutes": 10, "rollback": False}
    settings = read_project(tmp_path, {**AWS, "alarms": {"topic": TOPIC, **own}, "dashboard": True}, region="eu-west-1")
    assert settings.alarms == Alarms(TOPIC, None, 0.5, 0.8, 1, 1, 10, rollback=False)
    assert settings.dashboard


def test_alarms_tell_a_topic_of_their_own_region_only(tmp_path: Path) -> None:
    write_project(tmp_path, board())
    with pytest.raises(
        InputError, match=r"alarms\.topic: a topic in eu-west-1; give one in the stack's region us-east-1"
    ):
        read_project(tmp_path, {**AWS, "alarms": {"topic": TOPIC}}, region="us-east-1")


def test_a_service_is_judged_by_shares_of_enough_requests() -> None:
    errors, latency, unhealthy = of_service(Alarms(TOPIC, errors=5, latency=0.8), "board-dev", "users", Scheme.PUBLIC)
    assert expressions((errors, latency, unhealthy)) == {
        "users-Errors": "IF(requests >= 20, 100 * (FILL(errors, 0)) / requests, 0)",
        "users-Latency": "IF(requests >= 20, latency, 0)",
        "users-Unhealthy": "",
    }
    assert [query.metric for query in errors.queries[:-1]] == ["RequestCount", "HTTPCode_Target_5XX_Count"]
    assert [(query.metric, query.statistic) for query in latency.queries[:-1]] == [
        ("RequestCount", "Sum"),
        ("TargetResponseTime", "p99"),
    ]
    assert [(query.metric, query.statistic) for query in unhealthy.queries] == [("UnHealthyHostCount", "Maximum")]
    assert (errors.threshold, latency.threshold, unhealthy.threshold) == (5, 0.8, 0)


def test_a_load_balancers_own_refusals_count_as_requests_of_the_facade() -> None:
    assert ALB.metrics
    found = expressions(of_facade(Alarms(TOPIC), "board-dev", "alb", ALB.metrics))
    every = "(FILL(requests, 0) + FILL(refused, 0))"
    assert found == {
        "Facade-alb-Errors": f"IF({every} >= 20, 100 * (FILL(errors, 0) + FILL(refused, 0)) / {every}, 0)",
        "Facade-alb-Latency": f"IF({every} >= 20, latency, 0)",
    }


def test_an_http_api_counts_in_milliseconds_and_the_proxy_of_refactor_spaces_not_at_all() -> None:
    assert API_GATEWAY.metrics
    _, latency = of_facade(Alarms(TOPIC, latency=0.8), "board-dev", "api-gateway", API_GATEWAY.metrics)
    assert latency.threshold == 800
    assert REFACTOR_SPACES.metrics is None


def test_errors_and_latency_of_a_service_take_deployments_back_and_what_may_be_so_at_a_start_does_not() -> None:
    found = of_service(Alarms(TOPIC), "board-dev", "users", Scheme.PUBLIC)
    assert [alarm.rollback for alarm in found] == [True, True, False]
    assert ALB.metrics
    assert not any(alarm.rollback for alarm in of_facade(Alarms(TOPIC), "board-dev", "alb", ALB.metrics))
    off = Alarms(TOPIC, rollback=False)
    assert not any(alarm.rollback for alarm in of_service(off, "board-dev", "users", Scheme.PUBLIC))


def test_what_runs_elsewhere_is_judged_alike_and_takes_no_deployment_back() -> None:
    settings = Alarms(TOPIC)
    own = of_service(settings, "board-dev", "legacy", Scheme.EXISTING)
    found = of_elsewhere(settings, "board-dev", "legacy", Scheme.EXISTING, function=False)
    assert found == tuple(replace(alarm, rollback=False) for alarm in own)
    errors, latency = of_elsewhere(settings, "board-dev", "legacy", Scheme.PUBLIC, function=True)
    metrics = ["RequestCount", "HTTPCode_Target_5XX_Count", "LambdaUserError"]
    assert [query.metric for query in errors.queries[:-1]] == metrics
    assert not errors.rollback | latency.rollback


def test_what_no_target_group_leads_to_is_told_in_one_line() -> None:
    assert unwatched([], ["alb"]) is None
    assert unwatched(["legacy"], ["api-gateway"]) == (
        "alarms and dashboard: CloudWatch doesn't tell apart what legacy answers; what is answered counts for "
        "api-gateway only"
    )
    assert str(unwatched(["legacy", "resize"], [])).endswith("what legacy, resize answers; nothing watches them")
    told = str(unwatched(["legacy"], ["api-gateway"], ["api-gateway"]))
    assert told.endswith("for api-gateway only; the dashboard has the access log of api-gateway, by route")


def test_names_differ_between_services_load_balancers_and_facades_and_fit() -> None:
    settings, metrics = Alarms(TOPIC), ALB.metrics
    assert metrics
    found = [
        alarm
        for prefix in ("board-dev", "p" * 100 + "-" + "k" * 100)
        for service in ("users", "users-internal", "facade-alb", "m" * 40, "m" * 39 + "n")
        for scheme in Scheme
        for alarm in of_service(settings, prefix, service, scheme)
    ]
    found += of_facade(settings, "board-dev", "alb", metrics)
    assert len({alarm.name for alarm in found}) == len(found)
    assert max(len(alarm.name) for alarm in found) <= alarms.LONGEST
    assert len(dashboard.name("p" * 100 + "-" + "k" * 300)) == 255


def test_alarms_that_ecs_knows_are_switched_off_by_name() -> None:
    assert deployment_alarms(("a", "b", "a"), ()) == DeploymentAlarms(("a", "b"))
    assert deployment_alarms(("c",), ("a", "b")) == DeploymentAlarms(("c",))
    assert deployment_alarms((), ("a", "b")) == DeploymentAlarms(("a", "b"), enabled=False)
    assert deployment_alarms((), ()) is None


def test_the_alarms_of_an_ecs_service_stand_in_the_state() -> None:
    tags = {"service": "users", "environment": "users"}
    on = {"alarmNames": ["a", "b"], "enable": True, "rollback": True}
    cases: list[tuple[object, tuple[str, ...]]] = [(on, ("a", "b")), (None, ()), ({"alarmNames": []}, ())]
    for alarms_of_it, names in cases:
        (found,) = ecs_services.known("users", {"users": {"tags": tags, "alarms": alarms_of_it}})
        assert found.alarms == names


TABLE = RouteTable.of(
    [Route("users", "/api/users", "users", weight=25), Route("posts", "/p", "posts", ("GET",), children=False)],
    "monolith",
)
FACADE = Watched("facade alb", ALB.metrics or TARGETS, {"LoadBalancer": "app/shared/1"})
SERVICES = {
    name: [dashboard.of_target_group(name, "app/shared/1", f"targetgroup/{name}/2")]
    for name in ("monolith", "posts", "users")
}
LOGS = {"facade alb: by route": dashboard.by_route("facade-1a2b3c4")}


def test_the_dashboard_says_who_serves_what_and_shows_each_service_beside_the_default() -> None:
    body = dashboard.body("eu-west-1", "board dev", TABLE, [FACADE], SERVICES, Alarms(TOPIC))
    text, *graphs = body["widgets"]
    assert text["properties"]["markdown"].splitlines()[-3:] == [
        "| users | /api/users/… | all | users | 25 |",
        "| posts | /p | GET | posts | 0 |",
        "| | everything else | all | monolith | |",
    ]
    shown = {
        graph["properties"]["title"]: [
            line[-1]["label"] for line in graph["properties"]["metrics"] if line[-1].get("visible") is not False
        ]
        for graph in graphs
    }
    assert shown == {
        f"{of}: {what}": lines
        for of, lines in {
            "facade alb": ["facade alb"],
            "monolith": ["monolith"],
            "posts": ["posts", "monolith"],
            "users": ["users", "monolith"],
        }.items()
        for what in ("requests a minute", "errors (5xx), %", "latency (p99), s")
    }
    drawn = [graph["properties"].get("annotations", {}).get("horizontal", [{}])[0].get("value") for graph in graphs[:3]]
    assert drawn == [None, 5, 3]


def test_cloudwatch_can_show_the_dashboard_with_and_without_alarms_and_default() -> None:
    for table, settings in ((TABLE, None), (RouteTable.of(TABLE.routes, None), Alarms(TOPIC))):
        body = dashboard.body("eu-west-1", "board dev", table, [FACADE], SERVICES, settings, LOGS)
        inputs = {"dashboardName": "board-dev", "dashboardBody": json.dumps(body)}
        assert Driver().problems(cloudwatch.DASHBOARD, "x", **inputs) == []


def test_no_widget_lies_on_another() -> None:
    body = dashboard.body("eu-west-1", "board dev", TABLE, [FACADE], SERVICES, None, {**LOGS, "another": "SOURCE 'b'"})
    assert [widget["type"] for widget in body["widgets"][-3:]] == ["metric", "log", "log"]
    cells = [
        (column, line)
        for widget in body["widgets"]
        for column in range(widget["x"], widget["x"] + widget["width"])
        for line in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len({*cells}) == len(cells)


def test_more_services_than_a_dashboard_has_room_for_are_reported_before_anything_is_made(tmp_path: Path) -> None:
    assert dashboard.mistake(165, 1, 1) is None
    assert dashboard.mistake(166, 1, 1) == "502 widgets for 166 services; a dashboard allows 500"
    assert dashboard.mistake(126, 2, 2) == "2520 metrics for 126 services; a dashboard allows 2500"
    many = {f"s{number}": manifest(f"s{number}") for number in range(166)}
    write_project(tmp_path, {"monolith": manifest("monolith", "/"), **many})
    config: Tree = {**AWS, "facade": "api-gateway", "dashboard": True}
    (line,) = lines_of(tmp_path, config, "dev")
    assert line.startswith("Pulumi.dev.yaml: strangler:dashboard: 505 widgets for 167 services; a dashboard allows")
