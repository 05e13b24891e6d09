"""The alarms by which ECS rolls a deployment of a service back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan.alarms import deployment_alarms as planned
from components.aws.service.context import ServiceContext
from components.aws.service.queues import Queues
from components.manifest.deployment import RollbackAlarms
from components.model.names import fit

_METRICS = {"cpu": "CPUUtilization", "memory": "MemoryUtilization"}
_DELAYED = "delayed"


def deployment_alarms(
    context: ServiceContext, more: Sequence[str], before: Sequence[str]
) -> aws.ecs.ServiceAlarmsArgs | None:
    """What the deployments of a service go by; None if nothing is watched. The alarms that are made have fixed
    names, as with Copilot: the service names them, and they watch the service. more: alarms that the manifest doesn't
    name. before: those that the ECS service was told of."""
    alarms = context.manifest.rollback_alarms
    made = [*(metric for metric, _ in _thresholds(alarms)), *([_DELAYED] if alarms.delayed is not None else [])]
    own = [*alarms.names, *(_name(context.full_name, metric) for metric in made)]
    found = planned([*own, *more], before)
    if found is None:
        return None
    return aws.ecs.ServiceAlarmsArgs(alarm_names=list(found.names), enable=found.enabled, rollback=found.enabled)


def watch(context: ServiceContext, service: pulumi.Input[str], queues: Queues) -> None:
    """Makes an alarm for each threshold: at or over it in two of three minutes, as Copilot has it (its template
    rollback-alarms.yml at v1.34). service: its name in ECS."""
    alarms, cluster = context.manifest.rollback_alarms, context.environment.cluster_name
    if alarms.delayed is not None and queues.main:
        dimensions = {"QueueName": queues.main.name}
        metric = _Metric("AWS/SQS", "ApproximateNumberOfMessagesDelayed", "Count", dimensions)
        _alarm(context, _DELAYED, metric, alarms.delayed, f"{alarms.delayed} or more delayed messages")
    for name, threshold in _thresholds(alarms):
        metric = _Metric("AWS/ECS", _METRICS[name], "Percent", {"ClusterName": cluster, "ServiceName": service})
        _alarm(context, name, metric, threshold, f"{name} at {threshold}% or more")


@dataclass(frozen=True)
class _Metric:
    """What an alarm watches, by its average."""

    namespace: str
    name: str
    unit: str
    dimensions: Mapping[str, pulumi.Input[str]]


def _alarm(context: ServiceContext, name: str, metric: _Metric, threshold: float, reason: str) -> None:
    """reason: what is the case while it is in alarm."""
    aws.cloudwatch.MetricAlarm(
        f"{context.name}-rollback-{name}",
        name=_name(context.full_name, name),
        alarm_description=f"Takes a deployment back: {reason} in two of three minutes",
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=metric.dimensions,
        statistic="Average",
        unit=metric.unit,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=threshold,
        period=60,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        tags=context.tags,
        opts=context.child,
    )


def _thresholds(alarms: RollbackAlarms) -> Iterator[tuple[str, float]]:
    """The metrics that have a threshold."""
    for metric, threshold in (("cpu", alarms.cpu), ("memory", alarms.memory)):
        if threshold is not None:
            yield metric, threshold


def _name(full_name: str, metric: str) -> str:
    return fit(f"{full_name}-rollback-{metric}", 255)
