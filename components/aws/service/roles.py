"""The two roles of a service: one with which ECS starts its tasks, one with which it works itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Place
from components.aws.plan import iam_policies
from components.manifest.load_balanced_web_service import Manifest


@dataclass(frozen=True)
class Roles:
    """execution and task: ARNs. task_name: of the latter, for further rights. policies: the rights of both, which a
    task needs to start."""

    execution: pulumi.Output[str]
    task: pulumi.Output[str]
    task_name: pulumi.Output[str]
    policies: Sequence[pulumi.Resource]


def roles(name: str, manifest: Manifest, place: Place, tags: Mapping[str, str], parent: pulumi.Resource) -> Roles:
    """The roles of a service, with no right that it doesn't need."""
    child = pulumi.ResourceOptions(parent=parent)
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
            policy_arn=place.partition.apply(iam_policies.execution_policy),
            opts=child,
        ),
        aws.iam.RolePolicy(f"{name}-task", role=task.name, policy=iam_policies.task_rights(manifest.exec), opts=child),
    ]
    if manifest.all_secrets:
        readable = pulumi.Output.all(place.partition, place.region, place.account).apply(
            lambda known: iam_policies.read_secrets(
                iam_policies.secret_arn(each, *known) for each in manifest.all_secrets
            )
        )
        rights.append(aws.iam.RolePolicy(f"{name}-secrets", role=execution.name, policy=readable, opts=child))
    if manifest.tracing:
        rights.append(aws.iam.RolePolicy(f"{name}-traces", role=task.name, policy=iam_policies.trace(), opts=child))
    return Roles(execution.arn, task.arn, task.name, rights)
