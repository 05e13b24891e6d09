"""The alarms by which ECS rolls a deployment of a service back."""

from collections.abc import Iterator, Sequence

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
    delayed = context.manifest.rollback_alarms.delayed
    if delayed is not None and queues.main:
        aws.cloudwatch.MetricAlarm(
            f"{context.name}-rollback-{_DELAYED}",
            name=_name(context.full_name, _DELAYED),
            alarm_description=f"Takes a deployment back: {delayed} or more delayed messages in two of three minutes",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesDelayed",
            dimensions={"QueueName": queues.main.name},
            statistic="Average",
            unit="Count",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=delayed,
            period=60,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            tags=context.tags,
            opts=context.child,
        )
    for metric, threshold in _thresholds(context.manifest.rollback_alarms):
        aws.cloudwatch.MetricAlarm(
            f"{context.name}-rollback-{metric}",
            name=_name(context.full_name, metric),
            alarm_description=f"Takes a deployment back: {metric} at {threshold}% or more in two of three minutes",
            namespace="AWS/ECS",
            metric_name=_METRICS[metric],
            dimensions={"ClusterName": context.environment.cluster_name, "ServiceName": service},
            statistic="Average",
            unit="Percent",
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
