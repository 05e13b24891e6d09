"""File systems: each rule is noticed when it is broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import cloudwatch, ecs, efs, iam, security
from tools.standin.cloud import AwsError
from tools.standin.kinds import IncompleteError


def allow(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_backups_are_on_or_off() -> None:
    found = Driver().problems(efs.BACKUP_POLICY, "x", fileSystemId="fs-1", backupPolicy={"status": "YES"})
    assert found == ["backupPolicy.status is 'YES'; accepted: ENABLED, DISABLED"]


def test_there_is_one_mount_target_in_each_zone_of_one_network() -> None:
    driver = Driver()
    net, other = sample.network(driver), sample.network(driver, "other", "10.2")
    files = driver.create(efs.FILE_SYSTEM, "x")
    mine, its = (driver.create(security.GROUP, "x", vpcId=item.vpc.id).id for item in (net, other))
    driver.create(efs.MOUNT_TARGET, "a", fileSystemId=files.id, subnetId=net.subnets[0], securityGroups=[mine])
    wrong = ((net.subnets[0], mine, "exists in this AZ"), (other.subnets[1], its, "not in the same VPC"))
    for subnet, group, why in wrong:
        with pytest.raises(AwsError, match=why):
            driver.create(efs.MOUNT_TARGET, "b", fileSystemId=files.id, subnetId=subnet, securityGroups=[group])
    with pytest.raises(AwsError, match="FileSystemInUse"):
        driver.delete(files)


def test_a_mount_target_is_guarded_by_groups_of_its_network() -> None:
    driver = Driver()
    net, other = sample.network(driver), sample.network(driver, "other", "10.2")
    files = driver.create(efs.FILE_SYSTEM, "x")
    group = driver.create(security.GROUP, "x", vpcId=other.vpc.id)
    with pytest.raises(AwsError, match="is not in the VPC"):
        driver.create(efs.MOUNT_TARGET, "a", fileSystemId=files.id, subnetId=net.subnets[0], securityGroups=[group.id])


@pytest.mark.parametrize("lacks", ["", "right", "iam", "mount target", "rule"])
def test_a_task_mounts_what_it_may_reach_and_use(lacks: str) -> None:
    driver = Driver()
    front = sample.front(driver, sample.network(driver))
    group = driver.create(security.GROUP, "files", vpcId=front.network.vpc.id)
    nfs: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 2049, "toPort": 2049}
    rules = [
        (security.INGRESS, {"securityGroupId": group.id, "referencedSecurityGroupId": front.task_group.id}),
        (security.EGRESS, {"securityGroupId": front.task_group.id, "referencedSecurityGroupId": group.id}),
    ]
    for token, sides in rules[lacks == "rule" :]:
        driver.create(token, "files", **nfs, **sides)
    files = driver.create(efs.FILE_SYSTEM, "x")
    driver.create(efs.FILE_SYSTEM_POLICY, "x", fileSystemId=files.id, policy=allow("elasticfilesystem:ClientMount"))
    for number, subnet in enumerate(front.network.subnets[lacks == "mount target" :]):
        driver.create(efs.MOUNT_TARGET, f"{number}", fileSystemId=files.id, subnetId=subnet, securityGroups=[group.id])
    role = driver.create(iam.ROLE, "x", assumeRolePolicy=sample.TRUST)
    driver.create(iam.ATTACHMENT, "x", role=role["name"], policyArn=sample.EXECUTION_POLICY)
    driver.create(
        iam.ROLE_POLICY, "x", role=role["name"], policy=allow("s3:*" if lacks == "right" else "elasticfilesystem:*")
    )
    driver.create(cloudwatch.LOG_GROUP, "x", name="x")
    configuration: dict[str, Any] = {
        "fileSystemId": files.id,
        "transitEncryption": "ENABLED",
        "authorizationConfig": {"iam": "DISABLED" if lacks == "iam" else "ENABLED"},
    }
    task = driver.create(
        ecs.TASK_DEFINITION,
        "x",
        family="x",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=role["arn"],
        taskRoleArn=role["arn"],
        containerDefinitions=json.dumps([{"name": "x", "image": "x"}]),
        volumes=[{"name": "data", "efsVolumeConfiguration": configuration}],
    )

    def bring_up() -> None:
        driver.create(
            ecs.SERVICE,
            "x",
            cluster=front.cluster["arn"],
            taskDefinition=task["arn"],
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={
                "subnets": front.network.subnets,
                "securityGroups": [front.task_group.id],
                "assignPublicIp": True,
            },
            waitForSteadyState=True,
        )

    if not lacks:
        bring_up()
        return
    with pytest.raises(IncompleteError) as failed:
        bring_up()
    problem = str(failed.value.current.hidden["problem"])
    assert {"right": "denied", "iam": "denied", "mount target": "no mount target", "rule": "ingress"}[lacks] in problem
