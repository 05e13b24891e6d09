"""How many tasks a service with a range of counts has: as its metrics say."""

import pulumi
import pulumi_aws as aws

from components.aws.network.backends import Backends
from components.aws.network.environment import LoadBalancer
from components.aws.service.backlog import follow_backlog
from components.aws.service.context import ServiceContext
from components.aws.service.queues import Queues
from components.manifest.count import Count, Scaling

_METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}


def scale(context: ServiceContext, service: aws.ecs.Service, group: aws.lb.TargetGroup | None, queues: Queues) -> None:
    """Registers the range, and a policy for each metric that has a target. group: by whose requests it is scaled; None:
    it takes none by HTTP. queues: by whose messages it is scaled."""
    count, environment, child = context.manifest.count, context.environment, context.child
    target = aws.appautoscaling.Target(
        context.name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", environment.cluster_name, "/", service.name),
        min_capacity=count.desired,
        max_capacity=count.max or count.desired,
        tags=context.tags,
        opts=child,
    )
    for key, queue in queues.by_key.items() if count.backlog else ():
        follow_backlog(context, service, target, key, queue)
    for metric, wanted in _targets(count):
        aws.appautoscaling.Policy(
            f"{context.name}-{metric}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=wanted.value,
                scale_in_cooldown=wanted.cooldown_in,
                scale_out_cooldown=wanted.cooldown_out,
                predefined_metric_specification=_predefined(metric, context, group),
                customized_metric_specification=_response_time(context, group)
                if metric == "response-time" and group
                else None,
            ),
            opts=child,
        )


def _targets(count: Count) -> list[tuple[str, Scaling]]:
    """The metrics that have a target."""
    known = {"cpu": count.cpu, "memory": count.memory, "requests": count.requests, "response-time": count.response_time}
    return [(metric, wanted) for metric, wanted in known.items() if wanted]


def _predefined(
    metric: str, context: ServiceContext, group: aws.lb.TargetGroup | None
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs | None:
    if metric not in _METRICS:
        return None
    by_requests = group if metric == "requests" else None
    label = by_requests and pulumi.Output.concat(_balanced(context).suffix, "/", by_requests.arn_suffix)
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type=_METRICS[metric], resource_label=label
    )


def _balanced(context: ServiceContext) -> LoadBalancer | Backends:
    """The load balancer of a service that is scaled by its requests: the checks see to it that there is one."""
    if context.balancer is None:
        raise AssertionError(context.service.name)
    return context.balancer


def _response_time(
    context: ServiceContext, group: aws.lb.TargetGroup
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs:
    """The average seconds that the tasks take to answer, for which the scaler has no metric by name."""
    dimension = (
        aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs
    )
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs(
        namespace="AWS/ApplicationELB",
        metric_name="TargetResponseTime",
        statistic="Average",
        unit="Seconds",
        dimensions=[
            dimension(name="LoadBalancer", value=_balanced(context).suffix),
            dimension(name="TargetGroup", value=group.arn_suffix),
        ],
    )
