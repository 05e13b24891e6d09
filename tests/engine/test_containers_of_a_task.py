"""A service of several containers on the real engine: it comes, changes, goes."""

import json
from pathlib import Path
from typing import Any

from tests.engine.projects import must, stack
from tests.engine.test_names_and_listeners import rewrite
from tests.projects import DIGEST, Tree, manifest
from tools.standin import ecr, ecs, iam, trace
from tools.standin.cloud import Cloud

PROXY: Tree = {
    "port": 8080,
    "image": {"build": "services/users/Dockerfile"},
    "depends_on": {"users": "start"},
    "env_file": "services/users/some.env",
    "healthcheck": {"command": "true"},
}
CHANGED: Tree = {**PROXY, "variables": {"LEVEL": "debug"}}
SIDECARS: Tree = {
    "proxy": PROXY,
    "setup": {"image": f"setup@{DIGEST}", "essential": False, "secrets": {"KEY": "/key"}},
}
FIELDS: Tree = {
    "image": {
        "location": f"users@{DIGEST}",
        "port": 3000,
        "credentials": "registry",
        "labels": {"team": "web"},
        "depends_on": {"setup": "success"},
    },
    "http": {"path": "api/users", "target_container": "proxy"},
    "sidecars": SIDECARS,
    "env_file": "services/users/some.env",
    "storage": {"readonly_fs": True},
    "logging": {"destination": {"Name": "http"}, "secretOptions": {"header": {"secretsmanager": "header"}}},
    "network": {"connect": True},
}


def containers(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """The containers that users runs, by name."""
    (service,) = [other for other in cloud.of(ecs.SERVICE) if other.name == "users"]
    (task,) = [
        definition for definition in cloud.of(ecs.TASK_DEFINITION) if definition["arn"] == service["taskDefinition"]
    ]
    return {load["name"]: load for load in json.loads(task["containerDefinitions"])}


def test_a_service_of_several_containers_comes_changes_and_goes(tmp_path: Path) -> None:
    cloud = Cloud()
    services = {"monolith": manifest("monolith", "/"), "users": manifest("users", **FIELDS)}
    config: Tree = {"routes": {"users": True}}
    with stack(tmp_path, "alb", services, config, cloud=cloud) as project:
        plan, first = must(project.plan()), must(project.up())
        assert sorted(plan.lines()) == sorted(first.lines())
        assert must(project.up()).lines() == []
        assert must(project.refresh()).lines() == []

        found = containers(cloud)
        assert list(found) == ["users", "firelens_log_router", "proxy", "setup"]
        (repository,) = [item for item in cloud.of(ecr.REPOSITORY) if "proxy" in item.name]
        assert found["proxy"]["image"].startswith(f"{repository['repositoryUrl']}@sha256:")
        assert "users-secrets" in {policy.name for policy in cloud.of(iam.ROLE_POLICY)}
        answer = trace.answer(cloud.snapshot, str(project.outputs()["url"]), "GET", "/api/users")
        assert trace.names(answer) == {"proxy"}

        # Another variable of a sidecar is another task; nothing else changes.
        rewrite(project, manifest("users", **{**FIELDS, "sidecars": {**SIDECARS, "proxy": CHANGED}}))
        must(project.up())
        assert {"name": "LEVEL", "value": "debug"} in containers(cloud)["proxy"]["environment"]

        # Alone again: what was the sidecars' goes, and a second `up` has nothing to do.
        rewrite(project, manifest("users"))
        must(project.up())
        assert list(containers(cloud)) == ["users"]
        assert [item for item in cloud.of(ecr.REPOSITORY) if "proxy" in item.name] == []
        assert must(project.up()).lines() == []
        must(project.destroy())
    assert [*cloud.snapshot.objects] == []
