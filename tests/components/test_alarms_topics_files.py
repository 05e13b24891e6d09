"""What a service on AWS has besides its tasks: alarms, topics, files, traces, and overrides of its task definition."""

import json
from pathlib import Path
from zlib import crc32

import pytest

from tests.components.recorder import Record
from tests.components.test_aws_service import container, with_users


def variables(record: Record) -> dict[str, str]:
    """What the container of users is told."""
    return {item["name"]: item["value"] for item in container(record)["environment"]}


def needed(record: Record) -> str:
    """What the ECS service of users waits for."""
    return " ".join(record.one("aws:ecs/service:Service", "users").options.dependencies)


def test_a_deployment_is_taken_back_by_each_alarm_that_the_manifest_names(tmp_path: Path) -> None:
    watched = with_users(tmp_path / "1", deployment={"rollback_alarms": ["errors", "slow"]})
    plain = with_users(tmp_path / "2")
    found = watched.one("aws:ecs/service:Service", "users").inputs["alarms"]
    assert found == {"alarmNames": ["errors", "slow"], "enable": True, "rollback": True}
    assert plain.one("aws:ecs/service:Service", "users").inputs.get("alarms") is None


def test_thresholds_make_alarms_of_the_services_own_as_copilot_does(tmp_path: Path) -> None:
    record = with_users(tmp_path, deployment={"rollback_alarms": {"cpu_utilization": 70, "memory_utilization": 80}})
    service = record.one("aws:ecs/service:Service", "users")
    names = [f"strangler-dev-users-users-rollback-{metric}" for metric in ("cpu", "memory")]
    assert service.inputs["alarms"] == {"alarmNames": names, "enable": True, "rollback": True}
    assert {
        alarm.inputs["name"]: (alarm.inputs["metricName"], alarm.inputs["threshold"])
        for alarm in record.of("MetricAlarm")
    } == dict(zip(names, [("CPUUtilization", 70), ("MemoryUtilization", 80)], strict=True))
    for alarm in record.of("MetricAlarm"):
        assert alarm.inputs["namespace"] == "AWS/ECS"
        assert alarm.inputs["dimensions"] == {"ClusterName": "users-1234567", "ServiceName": "users-1234567"}
        assert alarm.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert (alarm.inputs["period"], alarm.inputs["datapointsToAlarm"], alarm.inputs["evaluationPeriods"]) == (
            60,
            2,
            3,
        )
        assert alarm.parent == service.parent


def test_topics_are_made_and_the_service_knows_them_and_may_send(tmp_path: Path) -> None:
    topics = [{"name": "products"}, {"name": "orders", "fifo": {"content_based_deduplication": True}}]
    record = with_users(tmp_path, publish={"topics": topics})
    plain, ordered = (record.one("Topic", f"users-Topic-{name}").inputs for name in ("products", "orders"))
    assert plain["name"] == "strangler-dev-users-users-products"
    assert "fifoTopic" not in plain
    assert ordered["name"] == "strangler-dev-users-users-orders.fifo"
    assert (ordered["fifoTopic"], ordered["contentBasedDeduplication"]) == (True, True)
    assert plain["kmsMasterKeyId"] == ordered["kmsMasterKeyId"] == "alias/aws/sns"
    arns = {name: f"arn:Topic/users-Topic-{name}" for name in ("orders", "products")}
    assert json.loads(variables(record)["COPILOT_SNS_TOPIC_ARNS"]) == arns
    (statement,) = json.loads(record.one("RolePolicy", "users-publish").inputs["policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": "sns:Publish", "Resource": sorted(arns.values())}
    assert record.one("RolePolicy", "users-publish").inputs["role"] == "users-task-1234567"
    (subscribed,) = json.loads(record.one("TopicPolicy", "users-Topic-orders").inputs["policy"])["Statement"]
    assert subscribed["Action"] == "sns:Subscribe"
    assert subscribed["Resource"] == arns["orders"]
    assert "RolePolicy::users-publish" in needed(record)


def test_what_sends_to_no_topic_has_none_of_it(tmp_path: Path) -> None:
    record = with_users(tmp_path)
    assert record.of("Topic") == record.of("MetricAlarm") == []
    assert "COPILOT_SNS_TOPIC_ARNS" not in variables(record)


def test_traces_are_collected_by_a_container_beside_the_main_one(tmp_path: Path) -> None:
    record = with_users(tmp_path, observability={"tracing": "AWSXRay"})
    main, collector = json.loads(record.one("TaskDefinition", "users").inputs["containerDefinitions"])
    assert (main["name"], collector["name"]) == ("users", "aws-otel-collector")
    assert collector["image"] == "amazon/aws-otel-collector:v0.17.0"
    assert collector["command"] == ["--config=/etc/ecs/ecs-xray.yaml"]
    assert collector["logConfiguration"] == main["logConfiguration"]
    rights = record.one("RolePolicy", "users-traces").inputs
    assert rights["role"] == "users-task-1234567"
    assert "xray:PutTraceSegments" in rights["policy"]
    assert "RolePolicy::users-traces" in needed(record)


DATA = {"path": "/data", "read_only": False, "efs": True}


def statements(record: Record, name: str) -> list[dict[str, object]]:
    """What a policy of a role says."""
    return json.loads(record.one("RolePolicy", name).inputs["policy"])["Statement"]


def test_a_managed_volume_is_a_directory_in_the_one_file_system_of_the_environment(tmp_path: Path) -> None:
    record = with_users(tmp_path, storage={"volumes": {"data": DATA}})
    files = record.one("FileSystem")
    assert (files.name, files.inputs["encrypted"]) == ("users-Files", True)
    assert "Environment" in files.parent
    targets = record.of("MountTarget")
    assert sorted(target.inputs["subnetId"] for target in targets) == ["users-private-1", "users-private-2"]
    rule = record.one("SecurityGroupIngressRule", "users-Files").inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"]) == ("SecurityGroup-users-tasks", 2049)
    assert rule["securityGroupId"] == "SecurityGroup-users-Files"
    assert all(target.inputs["securityGroups"] == ["SecurityGroup-users-Files"] for target in targets)
    point = record.one("AccessPoint").inputs
    owner = crc32(b"users")
    assert point["posixUser"] == {"uid": owner, "gid": owner}
    assert point["rootDirectory"] == {
        "path": "/users",
        "creationInfo": {"ownerUid": owner, "ownerGid": owner, "permissions": "0755"},
    }
    (volume,) = record.one("TaskDefinition", "users").inputs["volumes"]
    assert volume["name"] == "data"
    assert volume["efsVolumeConfiguration"] == {
        "fileSystemId": "FileSystem-users-Files",
        "rootDirectory": "/",
        "transitEncryption": "ENABLED",
        "authorizationConfig": {"accessPointId": "AccessPoint-users-Files", "iam": "ENABLED"},
    }
    mount = {"sourceVolume": "data", "containerPath": "/data", "readOnly": False}
    assert container(record)["mountPoints"] == [mount]
    assert json.loads(variables(record)["COPILOT_MOUNT_POINTS"]) == {"data": "/data"}
    (right,) = statements(record, "users-files")
    assert right["Resource"] == "arn:FileSystem/users-Files"
    assert right["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert "arn:AccessPoint/users-Files" in str(right["Condition"])
    assert "RolePolicy::users-files" in needed(record)
    assert "MountTarget::users-Files-2" in needed(record)


def test_the_file_system_refuses_callers_without_a_role_or_without_tls(tmp_path: Path) -> None:
    record = with_users(tmp_path, storage={"volumes": {"data": DATA}})
    allow, deny = json.loads(record.one("FileSystemPolicy").inputs["policy"])["Statement"]
    assert allow["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert record.one("BackupPolicy").inputs["backupPolicy"] == {"status": "ENABLED"}


def test_a_service_outside_of_the_environments_group_is_let_in_by_its_own(tmp_path: Path) -> None:
    groups = {"deny_default": True, "groups": ["sg-0a1b2c3d"]}
    record = with_users(tmp_path, storage={"volumes": {"data": DATA}}, network={"vpc": {"security_groups": groups}})
    let_in = {rule.inputs["referencedSecurityGroupId"] for rule in record.of("SecurityGroupIngressRule")
              if rule.inputs["securityGroupId"] == "SecurityGroup-users-Files"}  # fmt: skip
    assert let_in == {"SecurityGroup-users-tasks", "sg-0a1b2c3d"}


@pytest.mark.parametrize(
    ("auth", "iam", "point"),
    [
        ({}, "DISABLED", None),
        ({"auth": {"iam": True}}, "ENABLED", None),
        ({"auth": {"iam": True, "access_point_id": "fsap-0a1b2c3d"}}, "ENABLED", "fsap-0a1b2c3d"),
    ],
)
def test_a_file_system_of_ones_own_is_mounted_as_it_is(
    tmp_path: Path, auth: dict[str, object], iam: str, point: str | None
) -> None:
    record = with_users(tmp_path, storage={"volumes": {"own": {"path": "/x", "efs": {"id": "fs-0a1b2c3d", **auth}}}})
    assert record.of("FileSystem") == record.of("AccessPoint") == []
    (volume,) = record.one("TaskDefinition", "users").inputs["volumes"]
    found = volume["efsVolumeConfiguration"]
    assert (found["fileSystemId"], found["rootDirectory"]) == ("fs-0a1b2c3d", "/")
    assert found["authorizationConfig"].get("iam") == iam
    assert found["authorizationConfig"].get("accessPointId") == point
    (right,) = statements(record, "users-files")
    assert right["Resource"] == "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0a1b2c3d"
    assert right["Action"] == ["elasticfilesystem:ClientMount"]
    assert ("Condition" in right) == (point is not None)
    assert container(record)["mountPoints"][0]["readOnly"] is True


def test_a_volume_without_files_is_empty_and_shared_by_the_containers_of_a_task(tmp_path: Path) -> None:
    record = with_users(tmp_path, storage={"volumes": {"scratch": {"path": "/s"}, "off": {"path": "/o", "efs": False}}})
    assert record.one("TaskDefinition", "users").inputs["volumes"] == [{"name": "off"}, {"name": "scratch"}]
    assert [point["sourceVolume"] for point in container(record)["mountPoints"]] == ["off", "scratch"]
    assert record.of("FileSystem") == []
    assert [policy.name for policy in record.of("RolePolicy") if "files" in policy.name] == []


def test_what_is_overridden_stands_in_the_task_definition(tmp_path: Path) -> None:
    rules = [
        {"path": "ContainerDefinitions[0].Ulimits[-]", "value": {"Name": "nofile", "SoftLimit": 1, "HardLimit": 2}},
        {"path": "Cpu", "value": 1024},
        {"path": "Memory", "value": 2048},
        {"path": "PidMode", "value": "task"},
        {"path": "EphemeralStorage.SizeInGiB", "value": 40},
    ]
    record = with_users(tmp_path, taskdef_overrides=rules)
    found = record.one("TaskDefinition", "users").inputs
    assert (found["cpu"], found["memory"], found["pidMode"]) == ("1024", "2048", "task")
    assert found["ephemeralStorage"] == {"sizeInGib": 40}
    assert container(record)["ulimits"] == [{"name": "nofile", "softLimit": 1, "hardLimit": 2}]
