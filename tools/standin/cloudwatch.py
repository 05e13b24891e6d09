"""Logs and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tools.standin.kinds import AutoName, Call, Kind, Problem
from tools.standin.values import Props

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
        outputs=lambda call, identifier: {"arn": call.cloud.arn("cloudwatch", f"alarm:{identifier}")},
    ),
    Kind(
        DASHBOARD,
        lambda call: str(call.inputs["dashboardName"]),
        replace=frozenset({"dashboardName"}),
        json_texts=frozenset({"dashboardBody"}),
        outputs=lambda call, identifier: {"dashboardArn": call.cloud.arn("cloudwatch", f"dashboard/{identifier}")},
    ),
)
