"""Alarms as resources, and the topic to which they are sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan.alarms import PERIOD, Alarm, Query
from components.model.names import fit
from components.settings.alarms import Alarms


@dataclass(frozen=True)
class AlarmTopic:
    """Where alarms are sent, and when they go off."""

    settings: Alarms
    """As the config has them."""
    arn: pulumi.Input[str]
    """Of the topic."""


def alarm_topic(settings: Alarms, prefix: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> AlarmTopic:
    """The topic of the settings, or one that is made for an address. prefix: of names in the account.

    It isn't encrypted: CloudWatch may not use the key that SNS has by itself (CloudWatch user guide, "Amazon SNS
    encryption"). SNS's own policy of a topic lets the account's alarms send to it.
    """
    if settings.topic is not None:
        return AlarmTopic(settings, settings.topic)
    name = fit(f"{prefix}-Alarms", 256)
    topic = aws.sns.Topic("Alarms", name=name, tags=dict(tags), opts=opts)
    aws.sns.TopicSubscription("Alarms", topic=topic.arn, protocol="email", endpoint=settings.email or "", opts=opts)
    return AlarmTopic(settings, topic.arn)


def metric_alarms(
    planned: Iterable[Alarm],
    dimensions: Mapping[str, pulumi.Input[str]],
    topic: AlarmTopic,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """The alarms. dimensions: of all their metrics."""
    return [
        aws.cloudwatch.MetricAlarm(
            alarm.logical,
            name=alarm.name,
            alarm_description=alarm.description,
            metric_queries=[
                _query(query, alarm.namespace, dimensions, watched=query is alarm.queries[-1])
                for query in alarm.queries
            ],
            comparison_operator="GreaterThanThreshold",
            threshold=alarm.threshold,
            evaluation_periods=alarm.minutes,
            # Without requests there are no data points: that is no reason to wake anybody.
            treat_missing_data="notBreaching",
            alarm_actions=[topic.arn],
            ok_actions=[topic.arn],
            tags=dict(tags),
            opts=opts,
        )
        for alarm in planned
    ]


def _query(
    query: Query, namespace: str, dimensions: Mapping[str, pulumi.Input[str]], *, watched: bool
) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    if query.expression:
        return aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=query.id, expression=query.expression, label=query.id, return_data=watched
        )
    metric = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace=namespace,
        metric_name=query.metric,
        dimensions=dict(dimensions),
        period=PERIOD,
        stat=query.statistic,
    )
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(id=query.id, metric=metric, return_data=watched)
