"""The two roles of a service: one with which ECS starts its tasks, one with which it works itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan import iam_policies
from components.aws.service.context import ServiceContext
from components.model.names import fit
from components.model.pseudo_parameters import filled, unknown_in


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


def roles(context: ServiceContext, version: str = "") -> Roles:
    """The roles of a service, with no right that it doesn't need. version: of the execution role, which its name ends
    with."""
    name, manifest, child, tags = context.name, context.manifest, context.child, context.tags
    execution = aws.iam.Role(
        f"{name}-execution{version}",
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
            f"{name}-execution{version}",
            role=execution.name,
            policy_arn=context.aws.partition.apply(iam_policies.execution_policy),
            opts=child,
        ),
        allow(f"{name}-task", task.name, iam_policies.task_rights(manifest.exec), child),
    ]
    rights += [
        aws.iam.RolePolicyAttachment(
            f"{name}-task-{policy}",
            role=task.name,
            policy_arn=context.later.policies.get(policy, _placed(arn, context)),
            opts=child,
        )
        for policy, arn in manifest.policies
    ]
    rights += [
        allow(fit(f"{name}-Patch-{policy}", 100), task.name, _placed(text, context), child)
        for policy, text in manifest.rights
    ]
    if manifest.all_secrets:
        place = pulumi.Output.all(context.aws.partition, context.aws.region, context.aws.account)
        readable = pulumi.Output.all(context.given, place).apply(
            lambda known: iam_policies.read_secrets(
                iam_policies.secret_arn(secret, *known[1]) for secret in known[0].all_secrets
            )
        )
        rights.append(allow(f"{name}-secrets{version}", execution.name, readable, child))
    if manifest.tracing:
        rights.append(allow(f"{name}-traces", task.name, iam_policies.trace(), child))
    return Roles(execution.arn, task.arn, task.name, rights)


def _placed(text: str, context: ServiceContext) -> pulumi.Input[str]:
    """A text with what only the account knows, where it names that."""
    if not unknown_in(text):
        return text
    place = pulumi.Output.all(context.aws.partition, context.aws.region, context.aws.account)
    return place.apply(lambda known: filled(text, known))


def allow(
    name: str, role: pulumi.Input[str], policy: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.iam.RolePolicy:
    """Gives rights to a role. Others come beside those that were there, which go last: until a release is in steady
    state, and after one that fails, tasks of the one before run and start with what they need."""
    replaced = pulumi.ResourceOptions(replace_on_changes=["policy"])
    return aws.iam.RolePolicy(name, role=role, policy=policy, opts=pulumi.ResourceOptions.merge(opts, replaced))
