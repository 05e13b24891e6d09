"""Files that outlive a task: the file system of an environment, and the volumes of a service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Place
from components.aws.plan import iam_policies
from components.manifest.storage import ManagedFiles, OwnFiles, Volume, managed

NFS = 2049
"""The port of EFS."""


@dataclass(frozen=True)
class FileSystem:
    """id, arn: of the file system. group: the security group before it."""

    id: pulumi.Output[str]
    arn: pulumi.Output[str]
    group: pulumi.Output[str]


@dataclass(frozen=True)
class Home:
    """Where a file system is. subnets: one in each zone, and how many there are. tasks: the security group of those who
    use it; egress: whether that group needs a rule of its own to reach it."""

    vpc_id: pulumi.Output[str]
    subnets: pulumi.Output[list[str]]
    zones: int
    tasks: pulumi.Output[str]
    egress: bool
    place: Place
    tags: Mapping[str, str]


def file_system(name: str, home: Home, opts: pulumi.ResourceOptions) -> FileSystem:
    """The one file system of an environment, as Copilot makes it: encrypted, backed up, for roles of the account
    and over TLS only. It stays, with all that protects it, when no service wants it any more: what is in it is the
    user's."""
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True))
    group = aws.ec2.SecurityGroup(
        f"{name}-Files",
        vpc_id=home.vpc_id,
        description="The file system: the tasks",
        tags=home.tags,
        opts=opts,
    )
    let_in(f"{name}-Files", group.id, home.tasks, home.tags, opts)
    if home.egress:
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-Files",
            security_group_id=home.tasks,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=NFS,
            to_port=NFS,
            description="The file system",
            tags=home.tags,
            opts=opts,
        )
    made = aws.efs.FileSystem(
        f"{name}-Files",
        encrypted=True,
        performance_mode="generalPurpose",
        throughput_mode="bursting",
        lifecycle_policies=[aws.efs.FileSystemLifecyclePolicyArgs(transition_to_ia="AFTER_30_DAYS")],
        tags=home.tags,
        opts=kept,
    )
    allowed = pulumi.Output.all(made.arn, home.place.partition, home.place.account).apply(
        lambda known: iam_policies.take_clients(*known)
    )
    aws.efs.FileSystemPolicy(f"{name}-Files", file_system_id=made.id, policy=allowed, opts=kept)
    aws.efs.BackupPolicy(
        f"{name}-Files",
        file_system_id=made.id,
        backup_policy=aws.efs.BackupPolicyBackupPolicyArgs(status="ENABLED"),
        opts=kept,
    )
    for number in range(home.zones):
        aws.efs.MountTarget(
            f"{name}-Files-{number + 1}",
            file_system_id=made.id,
            subnet_id=home.subnets.apply(lambda known, number=number: known[number]),
            security_groups=[group.id],
            opts=opts,
        )
    return FileSystem(made.id, made.arn, group.id)


def let_in(
    name: str,
    group: pulumi.Input[str],
    source: pulumi.Input[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Whoever is in a security group reaches the file system."""
    return aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group,
        referenced_security_group_id=source,
        ip_protocol="tcp",
        from_port=NFS,
        to_port=NFS,
        description="Files",
        tags=tags,
        opts=opts,
    )


@dataclass(frozen=True)
class Mounted:
    """volumes: of the task definition; None if there are none. needs: what a task needs to use them."""

    volumes: Sequence[aws.ecs.TaskDefinitionVolumeArgs] | None
    needs: tuple[pulumi.Resource, ...]


@dataclass(frozen=True)
class User:
    """Who uses files. name: of the service. role: the name of the role with which it works. files: of its environment
    (None: there are none). group: a security group of its own that the file system doesn't know (default: none)."""

    name: str
    role: pulumi.Output[str]
    files: FileSystem | None
    place: Place
    tags: Mapping[str, str]
    group: pulumi.Input[str] | None = None


def mounted(user: User, volumes: Sequence[Volume], opts: pulumi.ResourceOptions) -> Mounted:
    """The volumes of a service, with the right to use each."""
    rights: list[pulumi.Input[iam_policies.Mount]] = []
    made: list[aws.ecs.TaskDefinitionVolumeArgs] = []
    needs: list[pulumi.Resource] = []
    point = _access_point(user, managed(volumes), opts)
    for each in volumes:
        configuration: aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs | None = None
        if isinstance(each.efs, ManagedFiles) and user.files and point:
            configuration = _managed(user.files, point)
            rights.append(pulumi.Output.all(user.files.arn, point.arn).apply(lambda known: iam_policies.Mount(*known)))
        elif isinstance(each.efs, OwnFiles):
            configuration = _own(each.efs)
            rights.append(_right(each, each.efs, user.place))
        made.append(aws.ecs.TaskDefinitionVolumeArgs(name=each.name, efs_volume_configuration=configuration))
    if point and user.files and user.group is not None:
        needs.append(let_in(f"{user.name}-Files", user.files.group, user.group, user.tags, opts))
    if rights:
        allowed = pulumi.Output.all(*rights).apply(iam_policies.mount)
        needs.append(aws.iam.RolePolicy(f"{user.name}-files", role=user.role, policy=allowed, opts=opts))
    return Mounted(made or None, tuple(needs))


def _access_point(user: User, wanted: ManagedFiles | None, opts: pulumi.ResourceOptions) -> aws.efs.AccessPoint | None:
    """The way to the service's own directory in the file system of its environment."""
    if wanted is None or user.files is None:
        return None
    return aws.efs.AccessPoint(
        f"{user.name}-Files",
        file_system_id=user.files.id,
        posix_user=aws.efs.AccessPointPosixUserArgs(uid=wanted.uid, gid=wanted.gid),
        root_directory=aws.efs.AccessPointRootDirectoryArgs(
            path=f"/{user.name}",
            creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                owner_uid=wanted.uid, owner_gid=wanted.gid, permissions="0755"
            ),
        ),
        tags=user.tags,
        opts=opts,
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


def _right(volume: Volume, files: OwnFiles, place: Place) -> pulumi.Output[iam_policies.Mount]:
    """The right to use a file system that is there already."""

    def of(known: Sequence[str]) -> iam_policies.Mount:
        start = f"arn:{known[0]}:elasticfilesystem:{known[1]}:{known[2]}"
        point = f"{start}:access-point/{files.access_point}" if files.access_point else None
        return iam_policies.Mount(f"{start}:file-system/{files.id}", point, not volume.read_only)

    return pulumi.Output.all(place.partition, place.region, place.account).apply(of)
