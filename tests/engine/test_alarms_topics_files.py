"""A service with alarms, topics, files and traces on the real engine: it comes, changes, goes."""

from pathlib import Path

from tests.engine.projects import must, stack
from tests.engine.test_names_and_listeners import rewrite
from tests.projects import Tree, manifest
from tools.standin import cloudwatch, ecs, efs, sns
from tools.standin.cloud import Cloud

FIELDS: Tree = {
    "deployment": {"rollback_alarms": {"cpu_utilization": 70, "memory_utilization": 80}},
    "publish": {"topics": [{"name": "products"}, {"name": "orders", "fifo": True}]},
    "taskdef_overrides": [
        {"path": "ContainerDefinitions[0].Ulimits[-]", "value": {"Name": "nofile", "SoftLimit": 1, "HardLimit": 2}},
        {"path": "Memory", "value": 1024},
    ],
    "observability": {"tracing": "awsxray"},
    "storage": {
        "volumes": {
            "data": {"path": "/data", "read_only": False, "efs": True},
            "scratch": {"path": "/scratch", "read_only": False},
        }
    },
}


def test_a_service_with_all_of_it_comes_changes_and_goes(tmp_path: Path) -> None:
    cloud = Cloud()
    services = {"monolith": manifest("monolith", "/"), "users": manifest("users", **FIELDS)}
    with stack(tmp_path, "refactor-spaces", services, cloud=cloud) as project:
        plan, first = must(project.plan()), must(project.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert must(project.up()).lines() == []
        assert must(project.refresh()).lines() == []
        (service,) = [other for other in cloud.of(ecs.SERVICE) if other.name == "users"]
        assert {alarm["dimensions"]["ServiceName"] for alarm in cloud.of(cloudwatch.ALARM)} == {service["name"]}
        assert {alarm["name"] for alarm in cloud.of(cloudwatch.ALARM)} == {*service["alarms"]["alarmNames"]}
        assert len(cloud.of(sns.TOPIC)) == 2
        (files,) = cloud.of(efs.FILE_SYSTEM)

        # Another threshold and a topic less: the files stay where they are.
        changed: Tree = {
            **FIELDS,
            "deployment": {"rollback_alarms": {"cpu_utilization": 75}},
            "publish": {"topics": []},
        }
        rewrite(project, manifest("users", **changed))
        must(project.up())
        assert [alarm["threshold"] for alarm in cloud.of(cloudwatch.ALARM)] == [75]
        assert not cloud.of(sns.TOPIC)
        assert [system.id for system in cloud.of(efs.FILE_SYSTEM)] == [files.id]

        # None of it: everything goes but the files, and what stays needs no second `up`.
        rewrite(project, manifest("users"))
        must(project.up())
        assert not [*cloud.of(efs.MOUNT_TARGET), *cloud.of(efs.ACCESS_POINT), *cloud.of(cloudwatch.ALARM)]
        assert [system.id for system in cloud.of(efs.FILE_SYSTEM)] == [files.id]
        assert must(project.up()).lines() == []
        must(project.destroy())
    assert {resource.type for resource in cloud.snapshot} == {
        efs.FILE_SYSTEM,
        efs.FILE_SYSTEM_POLICY,
        efs.BACKUP_POLICY,
    }
