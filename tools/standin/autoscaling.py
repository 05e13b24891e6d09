"""Application Auto Scaling of ECS services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.standin import deployments
from tools.standin.cloud import AwsError, Object
from tools.standin.kinds import AutoName, Call, Kind, Problem, refuse
from tools.standin.values import Props, first, is_unknown, rows

TARGET: Final = "aws:appautoscaling/target:Target"
POLICY: Final = "aws:appautoscaling/policy:Policy"
_SERVICE: Final = "aws:ecs/service:Service"
_DIMENSION: Final = "ecs:service:DesiredCount"


def _target_problems(inputs: Props) -> Iterator[Problem]:
    low, high = inputs.get("minCapacity"), inputs.get("maxCapacity")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield "minCapacity", f"is {low}, more than maxCapacity, {high}"
    dimension = inputs.get("scalableDimension")
    if inputs.get("serviceNamespace") == "ecs" and dimension != _DIMENSION and not is_unknown(dimension):
        yield "scalableDimension", f"is {dimension!r}; accepted for ecs: {_DIMENSION}"


def scaled_service(call: Call) -> Object | None:
    """The ECS service that a resource id such as `service/cluster/name` means."""
    parts = str(call.inputs["resourceId"]).split("/")
    if len(parts) != 3 or parts[0] != "service":
        return None
    for service in call.snapshot.of(_SERVICE):
        if service.id.endswith(f":{'/'.join(parts)}"):
            return service
    return None


def _target_verify(call: Call) -> None:
    if call.inputs["serviceNamespace"] == "ecs":
        refuse(
            scaled_service(call) is None,
            "ValidationException",
            f"ECS service doesn't exist: {call.inputs['resourceId']}",
        )


def _target_finish(call: Call, current: Object) -> Object:
    """The scaler brings the service's count into its range at once."""
    service = scaled_service(call)
    if service is not None:
        count = int(service["desiredCount"] or 0)
        bounded = max(int(current["minCapacity"]), min(int(current["maxCapacity"]), count))
        if bounded != count:
            changed = call.cloud.drift(service, desiredCount=bounded)
            running = deployments.tasks(changed)
            if running["taskDefinition"]:
                call.cloud.change(changed, tasks={**running, "running": bounded, "healthy": bounded})
    return current


def _policy_verify(call: Call) -> None:
    registered = any(
        all(dimension[name] == call.inputs[name] for name in ("resourceId", "scalableDimension", "serviceNamespace"))
        for dimension in call.snapshot.of(TARGET)
    )
    if not registered:
        raise AwsError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {call.inputs['serviceNamespace']}, resource ID: "
            f"{call.inputs['resourceId']}, scalable dimension: {call.inputs['scalableDimension']}",
        )


_NAMES: Final = re.compile(r"\b[a-z]\w*\b(?!\()")


def _math_problems(path: str, inputs: Props) -> Iterator[Problem]:
    """Application Auto Scaling API, TargetTrackingMetricDataQuery: ids once, one query that is returned, and no
    expression of what no query has."""
    queries = rows(first(inputs, f"{path}.metrics", None)) if first(inputs, path, {}) else []
    ids = [str(query.get("id")) for query in queries]
    if len(set(ids)) != len(ids):
        yield f"{path}.metrics", "has an id twice"
    if queries and sum(1 for query in queries if query.get("returnData") is not False) != 1:
        yield f"{path}.metrics", "should return exactly one query"
    for query in queries:
        for name in _NAMES.findall(str(query.get("expression") or "")):
            if name not in ids:
                yield f"{path}.metrics", f"names {name!r}, which no query has"
        if not query.get("expression") and not query.get("metricStat"):
            yield f"{path}.metrics", f"{query.get('id')!r} has neither an expression nor a metricStat"


def _policy_problems(inputs: Props) -> Iterator[Problem]:
    path = "targetTrackingScalingPolicyConfiguration"
    if inputs.get("policyType") == "TargetTrackingScaling" and not inputs.get(path):
        yield path, "is required for policyType TargetTrackingScaling"
    yield from _math_problems(f"{path}.customizedMetricSpecification", inputs)
    metric = first(inputs, f"{path}.predefinedMetricSpecification", {})
    label = metric.get("resourceLabel")
    if metric.get("predefinedMetricType") == "ALBRequestCountPerTarget":
        if label is None:
            yield f"{path}.predefinedMetricSpecification.resourceLabel", "is required for ALBRequestCountPerTarget"
        elif isinstance(label, str) and not (label.startswith("app/") and "/targetgroup/" in label):
            yield f"{path}.predefinedMetricSpecification.resourceLabel", f"is {label!r}; accepted: app/…/targetgroup/…"


KINDS: Final = (
    Kind(
        TARGET,
        lambda call: str(call.inputs["resourceId"]),
        cfn="AWS::ApplicationAutoScaling::ScalableTarget",
        problems=_target_problems,
        verify=_target_verify,
        finish=_target_finish,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("application-autoscaling", f"scalable-target/{identifier}"),
        },
    ),
    Kind(
        POLICY,
        lambda call: str(call.inputs["name"]),
        cfn="AWS::ApplicationAutoScaling::ScalingPolicy",
        names={"name": "PolicyName", "!PolicyType": None},
        autoname=AutoName(),
        defaults={"policyType": "StepScaling"},
        unique=("resourceId", "name"),
        puts=True,
        problems=_policy_problems,
        verify=_policy_verify,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("autoscaling", f"scalingPolicy:{identifier}"),
            "alarmArns": [],
        },
    ),
)
