"""A service on AWS that works on messages: Copilot's Worker Service, from plain resources."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.aws.plan import queue_policies
from components.aws.service.fargate_service import FargateService, FargateServiceArgs
from components.aws.service.fargate_task import FargateTask
from components.aws.service.queues import Queues
from components.manifest.subscribe import Subscription, Worker


class WorkerService(FargateService):
    """`strangler:index:WorkerService`: a service on Fargate, its queues, and their subscriptions to topics."""

    queues: Queues
    """Where its messages wait."""

    def __init__(self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("WorkerService", name, args, opts)
        self.queues = self.run([], [], None).queues
        self.register_outputs({"image": self.image, "serviceName": self.service_name})

    def subscribe(self, topics: Mapping[tuple[str, str], pulumi.Output[str]]) -> None:
        """Subscribes its queues. topics: the ARNs of all topics of the stack, by service and by the end of their name:
        two workers may each get what the other sends, so it is called when all are there."""
        worker = self.context.manifest.worker or Worker()
        takes: dict[str, list[Subscription]] = {}
        for subscription in worker.subscriptions:
            takes.setdefault(subscription.key if subscription.queue else "", []).append(subscription)
        for key, queue in self.queues.by_key.items():
            mine = takes.get(key, [])
            arns = [
                topics.get((subscription.service, subscription.topic_key)) or self._of_copilot(subscription)
                for subscription in mine
            ]
            if mine:
                allowed = self._take(key, queue, arns)
                for subscription, arn in zip(mine, arns, strict=True):
                    self._subscription(subscription, arn, queue, allowed)

    def _of_copilot(self, subscription: Subscription) -> pulumi.Output[str]:
        """A topic that a service of Copilot's application sends to, which isn't in this stack."""
        context, name = self.context.aws, self.context.service.topic_of_copilot(subscription)
        return pulumi.Output.concat("arn:", context.partition, ":sns:", context.region, ":", context.account, ":", name)

    def _take(self, key: str, queue: aws.sqs.Queue, topics: list[pulumi.Output[str]]) -> aws.sqs.QueuePolicy:
        policy = pulumi.Output.all(queue=queue.arn, topics=topics).apply(
            lambda known: queue_policies.take_messages(**known)
        )
        logical = f"{self.context.name}-{key}" if key else self.context.name
        return aws.sqs.QueuePolicy(logical, queue_url=queue.url, policy=policy, opts=self.context.child)

    def _subscription(
        self, subscription: Subscription, topic: pulumi.Output[str], queue: aws.sqs.Queue, allowed: pulumi.Resource
    ) -> None:
        """What is delivered is SNS's envelope, as with Copilot."""
        aws.sns.TopicSubscription(
            # The one name of a subscription that no other service has: a capital stands in it.
            f"{self.context.name}-Topic-{subscription.service}.{subscription.topic_key}",
            topic=topic,
            protocol="sqs",
            endpoint=queue.arn,
            filter_policy=subscription.filter,
            opts=pulumi.ResourceOptions.merge(self.context.child, pulumi.ResourceOptions(depends_on=[allowed])),
        )


def subscribe(services: Mapping[str, FargateTask]) -> None:
    """Subscribes all workers to the topics of all services, which are there now. services: by name."""
    topics = {(name, end): arn for name, service in services.items() for end, arn in service.topics.items()}
    for service in services.values():
        if isinstance(service, WorkerService):
            service.subscribe(topics)
