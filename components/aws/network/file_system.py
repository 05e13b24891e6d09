"""The file system of an environment: files that outlive a task."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import AwsContext
from components.aws.network.security_groups import BESIDE, security_group
from components.aws.plan import iam_policies

NFS = 2049
"""The port of EFS."""


@dataclass(frozen=True)
class FileSystem:
    """A file system that exists."""

    id: pulumi.Output[str]
    """Its id in EFS."""
    arn: pulumi.Output[str]
    """Its ARN."""
    group: pulumi.Output[str]
    """Id of the security group of its mount targets."""


@dataclass(frozen=True)
class FileSystemArgs:
    """Where a file system is."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC in which it is mounted."""
    subnets: pulumi.Output[list[str]]
    """One in each Availability Zone, as the tasks of a zone use its own mount target (EFS user guide)."""
    zones: int
    """How many subnets there are."""
    tasks: pulumi.Output[str]
    """Id of the security group of those who use it."""
    egress: bool
    """Whether that group needs a rule of its own to reach it."""


def file_system(
    name: str, args: FileSystemArgs, context: AwsContext, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> FileSystem:
    """The one file system of an environment, as Copilot makes it: encrypted, backed up, for roles of the account
    and over TLS only. It stays, with all that protects it, when no service wants it any more: what is in it is the
    user's."""
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True))
    group = security_group(f"{name}-Files", args.vpc_id, "The file system: the tasks", tags, opts)
    allow_nfs(f"{name}-Files", group.id, args.tasks, tags, opts)
    if args.egress:
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-Files",
            security_group_id=args.tasks,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=NFS,
            to_port=NFS,
            description="The file system",
            tags=tags,
            opts=opts,
        )
    made = aws.efs.FileSystem(
        f"{name}-Files",
        encrypted=True,
        performance_mode="generalPurpose",
        throughput_mode="bursting",
        lifecycle_policies=[aws.efs.FileSystemLifecyclePolicyArgs(transition_to_ia="AFTER_30_DAYS")],
        tags=tags,
        opts=kept,
    )
    allowed = pulumi.Output.all(made.arn, context.partition, context.account).apply(
        lambda known: iam_policies.take_clients(*known)
    )
    aws.efs.FileSystemPolicy(f"{name}-Files", file_system_id=made.id, policy=allowed, opts=kept)
    aws.efs.BackupPolicy(
        f"{name}-Files",
        file_system_id=made.id,
        backup_policy=aws.efs.BackupPolicyBackupPolicyArgs(status="ENABLED"),
        opts=kept,
    )
    for number in range(args.zones):
        aws.efs.MountTarget(
            f"{name}-Files-{number + 1}",
            file_system_id=made.id,
            subnet_id=args.subnets.apply(lambda known, number=number: known[number]),
            security_groups=[group.id],
            opts=opts,
        )
    return FileSystem(made.id, made.arn, group.id)


def allow_nfs(
    name: str,
    group: pulumi.Input[str],
    source: pulumi.Input[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Allows NFS from a security group, and from the one of before until the tasks that run there are gone."""
    return aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group,
        referenced_security_group_id=source,
        ip_protocol="tcp",
        from_port=NFS,
        to_port=NFS,
        description="Files",
        tags=tags,
        opts=pulumi.ResourceOptions.merge(opts, BESIDE),
    )
