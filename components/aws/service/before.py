"""What the tasks of a new release wait for on AWS, if `services.<name>.before` names a command."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.command import EcsCommand, TaskCluster
from components.aws.service.context import ServiceContext
from components.before import RunningCommand, before


def before_tasks(
    context: ServiceContext,
    definition: aws.ecs.TaskDefinition,
    running: Sequence[str],
    needs: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """The command has run in the release of a task definition. running: ARNs of those that the service runs already.
    needs: what a task needs to start."""
    service = context.service
    if not service.before or context.manifest.count.scaled_to_zero:
        return []

    def command(release: str, known: Mapping[str, Any]) -> RunningCommand | None:
        place = TaskCluster(**known, public=context.manifest.network.public)
        return None if release in running else EcsCommand(service.name, release, place, service.before)

    given: dict[str, pulumi.Input[object]] = {
        "region": context.aws.region,
        "profile": aws.config.profile,
        "cluster": context.environment.cluster_arn,
        "subnets": context.subnets,
        "security_groups": context.security_groups,
    }
    opts = pulumi.ResourceOptions.merge(
        context.child, pulumi.ResourceOptions(depends_on=[*context.environment.needs, *needs])
    )
    return [before(service, definition.arn, command, given, opts)]
