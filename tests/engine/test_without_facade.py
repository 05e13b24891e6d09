"""Backends, workers and jobs alone on the real engine: a facade comes with the first web service and goes with it."""

import shutil
from pathlib import Path

from tests.engine.projects import must, stack
from tests.projects import Tree, as_yaml, manifest
from tools.standin import ecs, elb, jobs, sqs
from tools.standin.cloud import Cloud

QUIET: Tree = {
    "stock": manifest("stock", "/", type="Backend Service"),
    "prices": {
        "name": "prices",
        "type": "Backend Service",
        "image": {"build": "services/prices/Dockerfile", "port": 3000},
        "network": {"connect": True},
    },
    "worker": {"name": "worker", "type": "Worker Service", "image": {"build": "services/worker/Dockerfile"}},
    "nightly": {
        "name": "nightly",
        "type": "Scheduled Job",
        "image": {"build": "services/nightly/Dockerfile"},
        "on": {"schedule": "@daily"},
    },
}
NO_FACADE = "services: only Backend Services, workers and jobs: there is no facade and no URL"


def test_a_facade_comes_with_the_first_web_service_and_goes_with_the_last_one(tmp_path: Path) -> None:
    cloud = Cloud()
    with stack(tmp_path, "alb", QUIET, cloud=cloud) as project:
        plan, first = must(project.plan()), must(project.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert NO_FACADE in plan.output
        assert must(project.up()).lines() == []
        assert must(project.refresh()).lines() == []
        assert project.outputs().keys() == {"routes", "services", "diagram"}
        assert [one["internal"] for one in cloud.of(elb.BALANCER)] == [True]
        running = {service.id for service in cloud.of(ecs.SERVICE)}
        assert len(running) == 3
        assert len(cloud.of(jobs.MACHINE)) == len(cloud.of(sqs.QUEUE)) == 1

        web = project.program / "services/web"
        web.mkdir()
        (web / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
        (web / "manifest.yml").write_text(as_yaml(manifest("web", "/")), encoding="utf-8")
        must(project.up())
        assert must(project.up()).lines() == []
        assert str(project.outputs()["url"]).startswith("http://")
        assert running < {service.id for service in cloud.of(ecs.SERVICE)}

        shutil.rmtree(web)
        assert NO_FACADE in must(project.up()).output
        assert must(project.up()).lines() == []
        assert running == {service.id for service in cloud.of(ecs.SERVICE)}
        assert [one["internal"] for one in cloud.of(elb.BALANCER)] == [True]
        must(project.destroy())
    assert not list(cloud.snapshot)


def test_the_other_facades_come_and_go_too(tmp_path: Path) -> None:
    for facade in ("api-gateway", "refactor-spaces"):
        cloud, quiet = Cloud(), {name: QUIET[name] for name in ("prices", "nightly")}
        services: Tree = {**quiet, "web": manifest("web", "/")}
        with stack(tmp_path / facade, facade, services, cloud=cloud) as project:
            must(project.up())
            shutil.rmtree(project.program / "services/web")
            must(project.up())
            assert must(project.up()).lines() == []
            assert "url" not in project.outputs()
            must(project.destroy())
        assert not list(cloud.snapshot)
