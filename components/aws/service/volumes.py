"""The volumes of a service, and its rights to use them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import AwsContext
from components.aws.network.file_system import FileSystem, allow_nfs
from components.aws.plan import iam_policies
from components.aws.service.context import ServiceContext
from components.aws.service.roles import allow
from components.manifest.storage import ManagedFiles, OwnFiles, Volume, managed


@dataclass(frozen=True)
class Volumes:
    """What the containers of a service can mount."""

    definitions: Sequence[aws.ecs.TaskDefinitionVolumeArgs] | None
    """Of the task definition; None if there are none."""
    needs: tuple[pulumi.Resource, ...]
    """What a task needs to use them."""


def volumes(context: ServiceContext, role: pulumi.Input[str]) -> Volumes:
    """The volumes of a service, with the right to use each. role: the name of the role with which it works."""
    files, wanted = context.environment.files, context.manifest.volumes
    rights: list[pulumi.Input[iam_policies.MountedFiles]] = []
    definitions: list[aws.ecs.TaskDefinitionVolumeArgs] = []
    needs: list[pulumi.Resource] = []
    point = _access_point(context, files, managed(wanted))
    for volume in wanted:
        configuration: aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs | None = None
        if isinstance(volume.efs, ManagedFiles) and files and point:
            configuration = _managed(files, point)
            rights.append(
                pulumi.Output.all(files.arn, point.arn).apply(lambda known: iam_policies.MountedFiles(*known))
            )
        elif isinstance(volume.efs, OwnFiles):
            configuration = _own(volume.efs)
            rights.append(_right(volume, volume.efs, context.aws))
        definitions.append(aws.ecs.TaskDefinitionVolumeArgs(name=volume.name, efs_volume_configuration=configuration))
    if point and files and context.manifest.network.deny_default:
        # The file system knows the environment's own group only.
        group = context.security_groups[0]
        needs.append(allow_nfs(f"{context.name}-Files", files.group, group, context.tags, context.child))
    if rights:
        allowed = pulumi.Output.all(*rights).apply(iam_policies.mount)
        needs.append(allow(f"{context.name}-files", role, allowed, context.child))
    return Volumes(definitions or None, tuple(needs))


def _access_point(
    context: ServiceContext, files: FileSystem | None, wanted: ManagedFiles | None
) -> aws.efs.AccessPoint | None:
    """The service's own directory in the file system of its environment."""
    if wanted is None or files is None:
        return None
    return aws.efs.AccessPoint(
        f"{context.name}-Files",
        file_system_id=files.id,
        posix_user=aws.efs.AccessPointPosixUserArgs(uid=wanted.uid, gid=wanted.gid),
        root_directory=aws.efs.AccessPointRootDirectoryArgs(
            path=f"/{context.name}",
            creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                owner_uid=wanted.uid, owner_gid=wanted.gid, permissions="0755"
            ),
        ),
        tags=context.tags,
        opts=context.child,
    )


def _managed(files: FileSystem, point: aws.efs.AccessPoint) -> aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs:
    return aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
        file_system_id=files.id,
        root_directory="/",
        transit_encryption="ENABLED",
        authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
            access_point_id=point.id, iam="ENABLED"
        ),
    )


def _own(files: OwnFiles) -> aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs:
    return aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
        file_system_id=files.id,
        root_directory=files.root,
        transit_encryption="ENABLED",
        authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
            access_point_id=files.access_point, iam="ENABLED" if files.iam else "DISABLED"
        ),
    )


def _right(volume: Volume, files: OwnFiles, context: AwsContext) -> pulumi.Output[iam_policies.MountedFiles]:
    """The right to use a file system that is there already."""

    def of(known: Sequence[str]) -> iam_policies.MountedFiles:
        start = f"arn:{known[0]}:elasticfilesystem:{known[1]}:{known[2]}"
        point = f"{start}:access-point/{files.access_point}" if files.access_point else None
        return iam_policies.MountedFiles(f"{start}:file-system/{files.id}", point, not volume.read_only)

    return pulumi.Output.all(context.partition, context.region, context.account).apply(of)
