"""How many tasks a service with a range of counts has: as its metrics say."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.environment import Environment
from components.manifest import Count

_METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}


@dataclass(frozen=True)
class Scaled:
    """count: the range and the metrics' targets. environment, service, group: what is scaled, and by whose requests."""

    count: Count
    environment: Environment
    service: aws.ecs.Service
    group: aws.lb.TargetGroup
    tags: Mapping[str, str]


def scale(name: str, scaled: Scaled, parent: pulumi.Resource) -> None:
    """Registers the range, and a policy for each metric that has a target."""
    count, environment = scaled.count, scaled.environment
    child = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", environment.cluster_name, "/", scaled.service.name),
        min_capacity=count.desired,
        max_capacity=count.max or count.desired,
        tags=scaled.tags,
        opts=child,
    )
    for metric, wanted in (("cpu", count.cpu), ("memory", count.memory), ("requests", count.requests)):
        if wanted is None:
            continue
        label = pulumi.Output.concat(environment.balancer.suffix, "/", scaled.group.arn_suffix)
        aws.appautoscaling.Policy(
            f"{name}-{metric}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=wanted.value,
                scale_in_cooldown=wanted.cooldown_in,
                scale_out_cooldown=wanted.cooldown_out,
                predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type=_METRICS[metric],
                    resource_label=label if metric == "requests" else None,
                ),
            ),
            opts=child,
        )
