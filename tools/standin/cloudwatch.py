"""Logs, alarms and dashboards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from tools.standin.kinds import AutoName, Call, Kind, Problem, refuse
from tools.standin.values import Props, items, rows, table

LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
LOG_POLICY: Final = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"


def _alarm_problems(inputs: Props) -> Iterator[Problem]:
    for name in ("comparisonOperator", "evaluationPeriods"):
        if inputs.get(name) is None:
            yield name, "is required"
    if inputs.get("metricName") is None and not inputs.get("metricQueries"):
        yield "metricName", "is required without metricQueries"
    points, periods = inputs.get("datapointsToAlarm"), inputs.get("evaluationPeriods")
    if isinstance(points, int) and isinstance(periods, int) and points > periods:
        yield "datapointsToAlarm", f"is {points}, more than evaluationPeriods, {periods}"
    if inputs.get("metricQueries"):
        yield from _query_problems(inputs)


_ONE_METRIC: Final = ("metricName", "namespace", "dimensions", "period", "unit", "statistic", "extendedStatistic")
_ID: Final = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_STATISTIC: Final = re.compile(r"SampleCount|Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d+)?")
_NAME_IN_EXPRESSION: Final = re.compile(r"(?<![\w\"'])[a-z][A-Za-z0-9_]*(?!\w*\()")
_MOST_METRICS: Final = 10


def _query_problems(inputs: Props) -> Iterator[Problem]:
    """CloudWatch API, PutMetricAlarm (Metrics) and MetricDataQuery; ten metrics: CloudWatch quotas."""
    queries, ids = rows(inputs.get("metricQueries")), set[str]()
    for name in _ONE_METRIC:
        if inputs.get(name) is not None:
            yield name, "excludes metricQueries"
    if sum(1 for query in queries if query.get("returnData")) != 1:
        yield "metricQueries", "exactly one of them needs returnData: the one that the alarm watches"
    if sum(1 for query in queries if query.get("metric")) > _MOST_METRICS:
        yield "metricQueries", f"have more than {_MOST_METRICS} metrics"
    for query in queries:
        name = str(query.get("id"))
        if not _ID.fullmatch(name) or name in ids:
            yield "metricQueries.id", f"is {name!r}; accepted: a small letter, letters, digits and _, once"
        ids.add(name)
        if bool(query.get("metric")) is bool(query.get("expression")):
            yield "metricQueries", f"{name} needs a metric or an expression"
    for query in queries:
        yield from _expression_problems("metricQueries.expression", query.get("expression"), ids)
        statistic = table(query.get("metric")).get("stat")
        if statistic is not None and not _STATISTIC.fullmatch(str(statistic)):
            yield "metricQueries.metric.stat", f"is {statistic!r}; accepted: a statistic, or a percentile"


def _expression_problems(path: str, expression: object, ids: set[str]) -> Iterator[Problem]:
    for name in _NAME_IN_EXPRESSION.findall(expression) if isinstance(expression, str) else ():
        if name not in ids:
            yield path, f"names {name!r}, which no query has as its id"


def _alarm_verify(call: Call) -> None:
    """What CloudWatch answers to a topic elsewhere. Whether there is such a topic it doesn't ask."""
    for action in (*items(call.get("alarmActions")), *items(call.get("okActions"))):
        region = str(action).split(":")[3]
        refuse(
            region != call.cloud.region,
            "ValidationError",
            f"Invalid region {region} specified. Only {call.cloud.region} is supported.",
        )


_WIDGETS: Final = 500
_METRICS: Final = {"widget": 500, "dashboard": 2500}
_COLUMNS: Final = 24


def _dashboard_problems(inputs: Props) -> Iterator[Problem]:
    """CloudWatch API, PutDashboard and "Dashboard body structure and syntax"; numbers: CloudWatch quotas."""
    name, text = inputs.get("dashboardName"), inputs.get("dashboardBody")
    if isinstance(name, str) and not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name):
        yield "dashboardName", f"is {name!r}; accepted: up to 255 letters, digits, - and _"
    try:
        body: object = json.loads(text) if isinstance(text, str) and text[:1] in "{[" else {"widgets": []}
    except json.JSONDecodeError as broken:
        yield "dashboardBody", f"is invalid JSON: {broken.msg}"
        return
    if not isinstance(table(body).get("widgets"), list):
        yield "dashboardBody", "needs a list of widgets"
        return
    listed = rows(table(body)["widgets"])
    if len(listed) > _WIDGETS:
        yield "dashboardBody", f"has {len(listed)} widgets; accepted: {_WIDGETS}"
    if sum(len(items(table(widget.get("properties")).get("metrics"))) for widget in listed) > _METRICS["dashboard"]:
        yield "dashboardBody", f"has more than {_METRICS['dashboard']} metrics"
    for number, widget in enumerate(listed):
        for problem in _widget_problems(widget):
            yield "dashboardBody", f"widgets[{number}] {problem}"


def _widget_problems(widget: Props) -> Iterator[str]:
    kind, properties = widget.get("type"), table(widget.get("properties"))
    if kind not in ("metric", "text", "log", "alarm", "explorer"):
        yield f"has the type {kind!r}"
    if not 1 <= int(widget.get("width", 6)) <= _COLUMNS - int(widget.get("x", 0)) or int(widget.get("x", 0)) < 0:
        yield f"lies beside the {_COLUMNS} columns"
    if not 1 <= int(widget.get("height", 6)) <= 1000:
        yield "is higher than 1000, or has no height"
    if kind == "text" and not isinstance(properties.get("markdown"), str):
        yield "needs markdown"
    query = properties.get("query")
    if kind == "log" and not (isinstance(query, str) and query.startswith("SOURCE ") and properties.get("region")):
        yield "needs a query that begins with SOURCE, and a region"
    if kind == "metric":
        yield from _metric_widget_problems(properties)


def _metric_widget_problems(properties: Props) -> Iterator[str]:
    lines = cast("list[list[Any]]", items(properties.get("metrics")))
    if not lines or not properties.get("region"):
        yield "needs metrics and a region"
    if len(lines) > _METRICS["widget"]:
        yield f"has more than {_METRICS['widget']} metrics"
    options = [table(line[-1]) for line in lines]
    ids = [str(own["id"]) for own in options if own.get("id")]
    if len({*ids}) < len(ids) or not all(_ID.fullmatch(name) for name in ids):
        yield "has an id twice, or one that CloudWatch doesn't take"
    for own in options:
        for _, problem in _expression_problems("", own.get("expression"), {*ids}):
            yield problem


def _group_id(call: Call) -> str:
    return str(call.get("name") or call.cloud.new_id(call.get("namePrefix", ""), 10))


KINDS: Final = (
    Kind(
        LOG_GROUP,
        _group_id,
        cfn="AWS::Logs::LogGroup",
        names={"name": "LogGroupName", "kmsKeyId": None, "retentionInDays": None},
        autoname=AutoName(maximum=512),
        defaults={"retentionInDays": 0, "skipDestroy": False},
        unique=("name",),
        unique_code="ResourceAlreadyExistsException",
        replace=frozenset({"namePrefix", "logGroupClass"}),
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("logs", f"log-group:{identifier}"),
            "name": identifier,
        },
    ),
    Kind(
        LOG_POLICY,
        lambda call: str(call.inputs["policyName"]),
        replace=frozenset({"policyName"}),
        json_texts=frozenset({"policyDocument"}),
    ),
    Kind(
        ALARM,
        lambda call: str(call.inputs["name"]),
        cfn="AWS::CloudWatch::Alarm",
        names={"name": "AlarmName", "metricQueries": None, "dimensions": None, "treatMissingData": None},
        autoname=AutoName(),
        unique=("name",),
        puts=True,
        problems=_alarm_problems,
        verify=_alarm_verify,
        outputs=lambda call, identifier: {"arn": call.cloud.arn("cloudwatch", f"alarm:{identifier}")},
    ),
    Kind(
        DASHBOARD,
        lambda call: str(call.inputs["dashboardName"]),
        replace=frozenset({"dashboardName"}),
        unique=("dashboardName",),
        puts=True,
        problems=_dashboard_problems,
        json_texts=frozenset({"dashboardBody"}),
        outputs=lambda call, identifier: {"dashboardArn": call.cloud.arn("cloudwatch", f"dashboard/{identifier}")},
    ),
)
