"""The alarms that take a deployment of a service back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.manifest.deployment import RollbackAlarms
from components.model.names import fit

_METRICS = {"cpu": "CPUUtilization", "memory": "MemoryUtilization"}


@dataclass(frozen=True)
class Watched:
    """alarms: as the manifest says. full_name: of the service, with project, stack and environment, which the alarms'
    names begin with. cluster and service: their names."""

    alarms: RollbackAlarms
    full_name: str
    cluster: pulumi.Input[str]
    service: pulumi.Input[str]
    tags: Mapping[str, str]


def deployment_alarms(alarms: RollbackAlarms, full_name: str) -> aws.ecs.ServiceAlarmsArgs | None:
    """What the deployments of a service go by; None if nothing is watched. The alarms that are made have fixed
    names, as with Copilot: the service names them, and they watch the service."""
    names = [*alarms.names, *(_name(full_name, metric) for metric, _ in _made(alarms))]
    return aws.ecs.ServiceAlarmsArgs(alarm_names=names, enable=True, rollback=True) if names else None


def watch(name: str, watched: Watched, opts: pulumi.ResourceOptions) -> None:
    """Makes an alarm for each threshold: at or over it in two of three minutes, as Copilot has it (its template
    rollback-alarms.yml at v1.34)."""
    for metric, threshold in _made(watched.alarms):
        aws.cloudwatch.MetricAlarm(
            f"{name}-rollback-{metric}",
            name=_name(watched.full_name, metric),
            alarm_description=f"Takes a deployment back: {metric} at {threshold}% or more in two of three minutes",
            namespace="AWS/ECS",
            metric_name=_METRICS[metric],
            dimensions={"ClusterName": watched.cluster, "ServiceName": watched.service},
            statistic="Average",
            unit="Percent",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=threshold,
            period=60,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            tags=watched.tags,
            opts=opts,
        )


def _made(alarms: RollbackAlarms) -> Iterator[tuple[str, float]]:
    """The metrics that have a threshold."""
    for metric, threshold in (("cpu", alarms.cpu), ("memory", alarms.memory)):
        if threshold is not None:
            yield metric, threshold


def _name(full_name: str, metric: str) -> str:
    return fit(f"{full_name}-rollback-{metric}", 255)
