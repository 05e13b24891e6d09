"""Where on AWS a stack is, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.tags import tags_of


@dataclass(frozen=True)
class AwsContext:
    """Looked up once, by `look_up`: what runs in a context makes no look-ups."""

    project: str
    """The project's name."""
    stack: str
    """The stack's name."""
    region: pulumi.Output[str]
    """Such as eu-west-1."""
    account: pulumi.Output[str]
    """The account's id: 12 digits."""
    partition: pulumi.Output[str]
    """`aws`, `aws-cn`, …"""
    own_tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """What a program of one's own tags everything with besides. Default: nothing."""

    @property
    def prefix(self) -> str:
        """What names in the account begin with that are the stack's own; no dot is in it."""
        return f"{self.project}-{self.stack}".replace(".", "-")

    def tags(self, environment: str, service: str | None = None) -> dict[str, str]:
        """The tags of what belongs to an environment, or to a service in it."""
        return {**self.own_tags, **tags_of(self.project, self.stack, environment, service)}


def look_up(
    project: str, stack: str, own_tags: Mapping[str, str] | None = None, opts: pulumi.InvokeOutputOptions | None = None
) -> AwsContext:
    """The account and the region of the provider. opts: whose. Default: the stack's."""
    return AwsContext(
        project=project,
        stack=stack,
        region=aws.get_region_output(opts=opts).region,
        account=aws.get_caller_identity_output(opts=opts).account_id,
        partition=aws.get_partition_output(opts=opts).partition,
        own_tags=own_tags or {},
    )
