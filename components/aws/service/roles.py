"""The two roles of a service: one with which ECS starts its tasks, one with which it works itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan import iam_policies
from components.aws.service.context import ServiceContext


@dataclass(frozen=True)
class Roles:
    """The roles of a service."""

    execution: pulumi.Output[str]
    """ARN."""
    task: pulumi.Output[str]
    """ARN."""
    task_name: pulumi.Output[str]
    """For further rights."""
    policies: Sequence[pulumi.Resource]
    """The rights of both, which a task needs to start."""


def roles(context: ServiceContext) -> Roles:
    """The roles of a service, with no right that it doesn't need."""
    name, manifest, child, tags = context.name, context.manifest, context.child, context.tags
    execution = aws.iam.Role(
        f"{name}-execution",
        assume_role_policy=iam_policies.trust(),
        description="Starts the tasks: images, logs, secrets",
        tags=tags,
        opts=child,
    )
    task = aws.iam.Role(
        f"{name}-task",
        assume_role_policy=iam_policies.trust(),
        description="What the service itself may do on AWS",
        tags=tags,
        opts=child,
    )
    rights: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-execution",
            role=execution.name,
            policy_arn=context.aws.partition.apply(iam_policies.execution_policy),
            opts=child,
        ),
        aws.iam.RolePolicy(f"{name}-task", role=task.name, policy=iam_policies.task_rights(manifest.exec), opts=child),
    ]
    if manifest.all_secrets:
        readable = pulumi.Output.all(context.aws.partition, context.aws.region, context.aws.account).apply(
            lambda known: iam_policies.read_secrets(
                iam_policies.secret_arn(secret, *known) for secret in manifest.all_secrets
            )
        )
        rights.append(aws.iam.RolePolicy(f"{name}-secrets", role=execution.name, policy=readable, opts=child))
    if manifest.tracing:
        rights.append(aws.iam.RolePolicy(f"{name}-traces", role=task.name, policy=iam_policies.trace(), opts=child))
    return Roles(execution.arn, task.arn, task.name, rights)
