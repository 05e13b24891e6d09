"""File systems: doors in each zone, access points, and whether a task can mount what it wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tools.standin import ec2, iam, network, security
from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, is_unknown, items, rows, table, texts

FILE_SYSTEM: Final = "aws:efs/fileSystem:FileSystem"
FILE_SYSTEM_POLICY: Final = "aws:efs/fileSystemPolicy:FileSystemPolicy"
BACKUP_POLICY: Final = "aws:efs/backupPolicy:BackupPolicy"
MOUNT_TARGET: Final = "aws:efs/mountTarget:MountTarget"
ACCESS_POINT: Final = "aws:efs/accessPoint:AccessPoint"
_NFS: Final = 2049


def _backup_problems(inputs: Props) -> Iterator[Problem]:
    status = table(inputs.get("backupPolicy")).get("status")
    if status not in ("ENABLED", "DISABLED") and not is_unknown(status):
        yield "backupPolicy.status", f"is {status!r}; accepted: ENABLED, DISABLED"


def _target_verify(call: Call) -> None:
    subnet = call.snapshot.get(ec2.SUBNET, call.inputs["subnetId"])
    assert subnet is not None
    for name in texts(call.get("securityGroups")):
        group = call.snapshot.get(security.GROUP, name)
        refuse(group is None or group["vpcId"] != subnet["vpcId"], "SecurityGroupNotFound", f"{name} is not in the VPC")
    for other in call.others(MOUNT_TARGET):
        if other["fileSystemId"] != call.inputs["fileSystemId"]:
            continue
        there = call.snapshot.get(ec2.SUBNET, other["subnetId"])
        refuse(
            there is not None and there["availabilityZone"] == subnet["availabilityZone"],
            "MountTargetConflict",
            f"mount target already exists in this AZ: {describe(other)}",
        )
        refuse(
            there is not None and there["vpcId"] != subnet["vpcId"],
            "MountTargetConflict",
            f"requested subnet for new mount target is not in the same VPC as {describe(other)}",
        )


def mount_problem(snapshot: Snapshot, configuration: Props, definition: Object) -> str | None:
    """Why a task there can't mount its file systems, or None. configuration: subnets and security groups. What lies in
    another account isn't looked into."""
    role = iam.role_called(snapshot, definition["taskRoleArn"] or "")
    for volume in rows(definition["volumes"]):
        efs = table(volume.get("efsVolumeConfiguration"))
        found = snapshot.get(FILE_SYSTEM, str(efs.get("fileSystemId")))
        if found is None:
            continue
        uses_iam = table(efs.get("authorizationConfig")).get("iam") == "ENABLED"
        closed = bool(snapshot.where(FILE_SYSTEM_POLICY, fileSystemId=found.id))
        allowed = role is not None and iam.allows(snapshot, role, "elasticfilesystem:ClientMount", found["arn"])
        if closed and not (uses_iam and allowed):
            return f"ResourceInitializationError: mount.nfs4: access denied by server while mounting {found.id}"
        for subnet in texts(configuration.get("subnets")):
            why = _door_problem(snapshot, found, subnet, texts(configuration.get("securityGroups")))
            if why:
                return f"ResourceInitializationError: failed to invoke EFS utils commands: {why}"
    return None


def _door_problem(snapshot: Snapshot, files: Object, subnet: str, groups: list[str]) -> str | None:
    """Why a file system can't be reached from a subnet."""
    own = snapshot.get(ec2.SUBNET, subnet)
    for target in snapshot.where(MOUNT_TARGET, fileSystemId=files.id):
        door = snapshot.get(ec2.SUBNET, target["subnetId"])
        if own and door and door["availabilityZone"] == own["availabilityZone"]:
            return network.may_talk(snapshot, groups, texts(items(target["securityGroups"])), _NFS)
    return f"{files.id} has no mount target in the zone of {subnet}"


_REF: Final = Ref("fileSystemId", FILE_SYSTEM, blocks=False, code="FileSystemNotFound")


def _fs_arn(call: Call, identifier: str) -> Props:
    return {
        "arn": call.cloud.arn("elasticfilesystem", f"file-system/{identifier}"),
        "dnsName": f"{identifier}.efs.{call.settings.region}.amazonaws.com",
        "ownerId": call.cloud.account,
    }


KINDS: Final = (
    Kind(
        FILE_SYSTEM,
        lambda call: call.cloud.new_id("fs-"),
        cfn="AWS::EFS::FileSystem",
        names={"tags": None, "creationToken": None, "protection": None},
        replace=frozenset({"creationToken"}),
        in_use_code="FileSystemInUse",
        outputs=_fs_arn,
    ),
    Kind(
        FILE_SYSTEM_POLICY,
        lambda call: str(call.inputs["fileSystemId"]),
        replace=frozenset({"fileSystemId"}),
        json_texts=frozenset({"policy"}),
        unique=("fileSystemId",),
        puts=True,
        refs=(_REF,),
    ),
    Kind(
        BACKUP_POLICY,
        lambda call: str(call.inputs["fileSystemId"]),
        replace=frozenset({"fileSystemId"}),
        unique=("fileSystemId",),
        puts=True,
        refs=(_REF,),
        problems=_backup_problems,
    ),
    Kind(
        MOUNT_TARGET,
        lambda call: call.cloud.new_id("fsmt-"),
        cfn="AWS::EFS::MountTarget",
        refs=(
            Ref("fileSystemId", FILE_SYSTEM, code="FileSystemNotFound"),
            Ref("subnetId", ec2.SUBNET, code="SubnetNotFound"),
            Ref("securityGroups[*]", security.GROUP, code="SecurityGroupNotFound"),
        ),
        sets=frozenset({"securityGroups"}),
        verify=_target_verify,
        outputs=lambda call, identifier: {"dnsName": f"{identifier}.efs.{call.settings.region}.amazonaws.com"},
    ),
    Kind(
        ACCESS_POINT,
        lambda call: call.cloud.new_id("fsap-"),
        cfn="AWS::EFS::AccessPoint",
        names={"tags": None},
        refs=(_REF,),
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("elasticfilesystem", f"access-point/{identifier}"),
            "ownerId": call.cloud.account,
        },
    ),
)
