"""The topics that a service sends to."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan import iam_policies
from components.aws.service.context import ServiceContext
from components.aws.service.roles import allow
from components.manifest.publish import by_name
from components.model.names import fit

_LONGEST = 256 - len(".fifo")


@dataclass(frozen=True)
class Topics:
    """Topics that exist."""

    arns: Mapping[str, pulumi.Output[str]]
    """By the topic's name in COPILOT_SNS_TOPIC_ARNS."""
    needs: tuple[pulumi.Resource, ...]
    """What a task needs to send."""


def topics(context: ServiceContext, role: pulumi.Input[str]) -> Topics:
    """Topics, encrypted, to which queues of the account may subscribe, and the right to send to them, as Copilot has
    them (its templates publish.yml and taskrole.yml at v1.34). Their names are fixed: others subscribe by them.
    role: the name of the role with which the service works."""
    arns: dict[str, pulumi.Output[str]] = {}
    needs: list[pulumi.Resource] = []
    for name, topic in by_name(context.manifest.topics).items():
        # The one name of a service's topic that no other of its resources has: a capital stands in it.
        logical = f"{context.name}-Topic-{name}"
        made = aws.sns.Topic(
            logical,
            name=fit(f"{context.full_name}-{topic.name}", _LONGEST) + (".fifo" if topic.fifo else ""),
            fifo_topic=topic.fifo or None,
            content_based_deduplication=topic.deduplicated or None,
            kms_master_key_id="alias/aws/sns",
            tags=context.tags,
            opts=context.child,
        )
        allowed = pulumi.Output.all(made.arn, context.aws.partition, context.aws.account).apply(
            lambda known: iam_policies.take_subscriptions(*known)
        )
        needs.append(aws.sns.TopicPolicy(logical, arn=made.arn, policy=allowed, opts=context.child))
        arns[name] = made.arn
    if arns:
        rights = pulumi.Output.all(*arns.values()).apply(iam_policies.publish)
        needs.append(allow(f"{context.name}-publish", role, rights, context.child))
    return Topics(arns, tuple(needs))
