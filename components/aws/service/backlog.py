"""How many tasks a worker has: as many messages wait."""

import pulumi_aws as aws

from components.aws.service.context import ServiceContext
from components.model.names import fit

EXPRESSION = "FILL(waiting, 0) / IF(FILL(tasks, 0) > 0, FILL(tasks, 0), 1)"
"""Messages for each task. Without tasks, all of them for the one that is to come, as with Copilot's function
(its backlog-per-task-calculator at v1.34). What has no data counts as 0: SQS says nothing of a queue that nobody used
for hours (SQS developer guide, «Available CloudWatch metrics for Amazon SQS»), and ECS nothing without tasks."""


def follow_backlog(
    context: ServiceContext,
    service: aws.ecs.Service,
    target: aws.appautoscaling.Target,
    key: str,
    queue: aws.sqs.Queue,
) -> None:
    """A policy by the messages of one queue. Target tracking by metric math is Application Auto Scaling's user guide's
    («Create a target tracking scaling policy using metric math»); the running tasks are the samples of their CPU (ECS
    developer guide, «Service RUNNING task count»), which cost nothing, unlike Container Insights."""
    wanted = context.manifest.count.backlog
    assert wanted is not None
    cluster = context.environment.cluster_name
    aws.appautoscaling.Policy(
        fit(f"{context.name}-backlog{f'-{key}' if key else ''}", 240),
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": wanted.value,
            "scale_in_cooldown": wanted.cooldown_in,
            "scale_out_cooldown": wanted.cooldown_out,
            "customized_metric_specification": {
                "metrics": [
                    {
                        "id": "waiting",
                        "metric_stat": {
                            "metric": {
                                "namespace": "AWS/SQS",
                                "metric_name": "ApproximateNumberOfMessagesVisible",
                                "dimensions": [{"name": "QueueName", "value": queue.name}],
                            },
                            "stat": "Sum",
                        },
                        "return_data": False,
                    },
                    {
                        "id": "tasks",
                        "metric_stat": {
                            "metric": {
                                "namespace": "AWS/ECS",
                                "metric_name": "CPUUtilization",
                                "dimensions": [
                                    {"name": "ClusterName", "value": cluster},
                                    {"name": "ServiceName", "value": service.name},
                                ],
                            },
                            "stat": "SampleCount",
                        },
                        "return_data": False,
                    },
                    {
                        "id": "backlog",
                        "expression": EXPRESSION,
                        "label": "Messages for each task",
                        "return_data": True,
                    },
                ]
            },
        },
        opts=context.child,
    )
