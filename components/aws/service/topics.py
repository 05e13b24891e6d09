"""The topics that a service sends to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Place
from components.aws.plan import iam_policies
from components.manifest.publish import Topic
from components.model.names import fit

_LONGEST = 256 - len(".fifo")


@dataclass(frozen=True)
class Topics:
    """arns: of each topic by its name in the manifest. needs: what a task needs to send."""

    arns: Mapping[str, pulumi.Output[str]]
    needs: tuple[pulumi.Resource, ...]


@dataclass(frozen=True)
class Sender:
    """Who sends. name: of the service; full_name: with project, stack and environment, which the topics' names begin
    with. role: the name of the role with which the service works."""

    name: str
    full_name: str
    role: pulumi.Output[str]
    place: Place
    tags: Mapping[str, str]


def topics(sender: Sender, wanted: Iterable[Topic], opts: pulumi.ResourceOptions) -> Topics:
    """Topics, encrypted, to which queues of the account may subscribe, and the right to send to them, as Copilot has
    them (its templates publish.yml and taskrole.yml at v1.34). Their names are fixed: others subscribe by them."""
    arns: dict[str, pulumi.Output[str]] = {}
    needs: list[pulumi.Resource] = []
    for topic in wanted:
        # The one name of a service's topic that no other of its resources has: a capital stands in it.
        logical = f"{sender.name}-Topic-{topic.name}"
        made = aws.sns.Topic(
            logical,
            name=fit(f"{sender.full_name}-{topic.name}", _LONGEST) + (".fifo" if topic.fifo else ""),
            fifo_topic=topic.fifo or None,
            content_based_deduplication=topic.deduplicated or None,
            kms_master_key_id="alias/aws/sns",
            tags=sender.tags,
            opts=opts,
        )
        allowed = pulumi.Output.all(made.arn, sender.place.partition, sender.place.account).apply(
            lambda known: iam_policies.take_subscriptions(*known)
        )
        needs.append(aws.sns.TopicPolicy(logical, arn=made.arn, policy=allowed, opts=opts))
        arns[topic.name] = made.arn
    if arns:
        rights = pulumi.Output.all(*arns.values()).apply(iam_policies.publish)
        needs.append(aws.iam.RolePolicy(f"{sender.name}-publish", role=sender.role, policy=rights, opts=opts))
    return Topics(arns, tuple(needs))
