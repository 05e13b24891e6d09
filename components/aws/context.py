"""Where on AWS a stack is, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.aws.tags import tags_of


@dataclass(frozen=True)
class AwsContext:
    """Looked up once by the platform, as components make no look-ups."""

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
