"""Where on AWS a stack is, and whose it is."""

from dataclasses import dataclass

import pulumi

from components.aws.tags import tags_of


@dataclass(frozen=True)
class Place:
    """project and stack: names. region, account (12 digits) and partition (`aws`, `aws-cn`, …): looked up by the
    platform, as components make no look-ups."""

    project: str
    stack: str
    region: pulumi.Output[str]
    account: pulumi.Output[str]
    partition: pulumi.Output[str]

    def tags(self, environment: str, service: str | None = None) -> dict[str, str]:
        """The tags of what belongs to an environment, or to a service in it."""
        return tags_of(self.project, self.stack, environment, service)
