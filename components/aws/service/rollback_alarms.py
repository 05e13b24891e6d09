"""The alarms by which ECS rolls a deployment of a service back."""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from components.aws.service.context import ServiceContext
from components.manifest.deployment import RollbackAlarms
from components.model.names import fit

_METRICS = {"cpu": "CPUUtilization", "memory": "MemoryUtilization"}


def deployment_alarms(context: ServiceContext) -> aws.ecs.ServiceAlarmsArgs | None:
    """What the deployments of a service go by; None if nothing is watched. The alarms that are made have fixed
    names, as with Copilot: the service names them, and they watch the service."""
    alarms = context.manifest.rollback_alarms
    names = [*alarms.names, *(_name(context.full_name, metric) for metric, _ in _thresholds(alarms))]
    return aws.ecs.ServiceAlarmsArgs(alarm_names=names, enable=True, rollback=True) if names else None


def watch(context: ServiceContext, service: pulumi.Input[str]) -> None:
    """Makes an alarm for each threshold: at or over it in two of three minutes, as Copilot has it (its template
    rollback-alarms.yml at v1.34). service: its name in ECS."""
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
