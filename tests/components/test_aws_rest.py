"""What a service on AWS has besides its tasks: alarms, topics, files, traces, and overrides of its task definition."""

import json
from pathlib import Path

from tests.components.recorder import Record
from tests.components.test_aws_service import container, with_users


def variables(record: Record) -> dict[str, str]:
    """What the container of users is told."""
    return {each["name"]: each["value"] for each in container(record)["environment"]}


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
        each.inputs["name"]: (each.inputs["metricName"], each.inputs["threshold"]) for each in record.of("MetricAlarm")
    } == dict(zip(names, [("CPUUtilization", 70), ("MemoryUtilization", 80)], strict=True))
    for each in record.of("MetricAlarm"):
        assert each.inputs["namespace"] == "AWS/ECS"
        assert each.inputs["dimensions"] == {"ClusterName": "users-1234567", "ServiceName": "users-1234567"}
        assert each.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert (each.inputs["period"], each.inputs["datapointsToAlarm"], each.inputs["evaluationPeriods"]) == (60, 2, 3)
        assert each.parent == service.parent


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
