"""A web service, a backend and a nightly job on the real engine: they come, change and go."""

from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import Tree, as_yaml, manifest
from tools.standin import actions, ecs, jobs
from tools.standin.cloud import Cloud
from tools.standin.one_off import OneOffTasks

STOCK: Tree = {
    "name": "stock",
    "type": "Backend Service",
    "image": {"build": "services/stock/Dockerfile", "port": 3000},
    "network": {"connect": True},
}
NIGHTLY: Tree = {
    "name": "nightly",
    "type": "Scheduled Job",
    "image": {"build": "services/nightly/Dockerfile"},
    "on": {"schedule": "@daily"},
    "retries": 2,
    "timeout": "1h",
}


def test_a_backend_and_a_job_come_change_and_go(tmp_path: Path) -> None:
    cloud = Cloud()
    services: Tree = {"web": manifest("web", "/", network={"connect": True}), "stock": STOCK, "nightly": NIGHTLY}
    with stack(tmp_path, "alb", services, cloud=cloud) as project:
        plan, first = must(project.plan()), must(project.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert must(project.up()).lines() == []
        assert must(project.refresh()).lines() == []
        assert {service.name for service in cloud.of(ecs.SERVICE)} == {"web", "stock"}
        assert {group.name for group in cloud.of(actions.TARGET_GROUP)} == {"web"}
        (machine,) = cloud.of(jobs.MACHINE)
        (rule,) = cloud.of(jobs.RULE)
        assert rule["scheduleExpression"] == "cron(0 0 * * ? *)"

        # Another image: the machine stays, and runs the new revision.
        (project.program / "services/nightly/Dockerfile").write_text("FROM scratch\nLABEL a=b\n", encoding="utf-8")
        (project.program / "services/nightly/manifest.yml").write_text(
            as_yaml({**NIGHTLY, "on": {"schedule": "none"}}), encoding="utf-8"
        )
        must(project.up())
        (later,) = cloud.of(jobs.MACHINE)
        assert later.id == machine.id
        assert later["definition"] != machine["definition"]
        assert [one["state"] for one in cloud.of(jobs.RULE)] == ["DISABLED"]
        assert must(project.up()).lines() == []

        # A one-off task, or a run of a job, keeps its network and its cluster until it ends.
        tasks = OneOffTasks(cloud, lambda _words: (0, ()))
        cluster = tasks.begins("web")
        cloud.patience = 0.5
        refused = project.destroy()
        assert not refused.ok
        assert [line for line in refused.errors if "DependencyViolation: resource sg-" in line]
        tasks.ends(cluster)
        must(project.destroy())
    assert not list(cloud.snapshot)
