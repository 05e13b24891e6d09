"""What a service on AWS has besides its tasks: alarms, topics, files, traces, and overrides of its task definition."""

from pathlib import Path

from tests.components.test_aws_service import with_users


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
