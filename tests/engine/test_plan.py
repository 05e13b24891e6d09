"""What a plan shows without an account: what an engineer checks before an `up`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.projects import project
from tests.projects import Tree, manifest
from tests.pure.bad_external import GROUP
from tests.pure.bad_listener import ON
from tests.repository import ROOT
from tools.operate.billed import before_and_after
from tools.operate.cost import text
from tools.standin.plan import user_variables

RULE, ALARM = "aws:lb/listenerRule:ListenerRule", "aws:cloudwatch/metricAlarm:MetricAlarm"


def containers(steps: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The main container of each service, as the plan shows it."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        state = step["newState"]
        if state["type"] == "aws:ecs/taskDefinition:TaskDefinition":
            (main,) = json.loads(state["inputs"]["containerDefinitions"])
            found[main["name"]] = main
    return found


def planned(stack: str, folder: Path) -> list[dict[str, Any]]:
    """What `make plan` shows of a stack file of this project."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.standin", "plan", stack, "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.JSONDecoder().raw_decode(done.stdout)[0]["steps"]


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    return planned("dev", ROOT)


def test_a_first_plan_shows_what_the_containers_are_given(steps: list[dict[str, Any]]) -> None:
    users = containers(steps)["users"]
    assert users["image"] == "<image of users, known once it is built>"
    assert [port["containerPort"] for port in users["portMappings"]] == [3000]
    variables = {variable["name"]: variable["value"] for variable in users["environment"]}
    assert variables["COPILOT_SERVICE_NAME"] == "users"
    assert variables["COPILOT_LB_DNS"] == "<DNS name of the load balancer>"
    assert users["logConfiguration"]["options"]["awslogs-group"] == "/strangler/dev/users/users"


def test_a_plan_shows_rules_in_a_listener_of_the_users_own_and_what_is_paid_beside_it(tmp_path: Path) -> None:
    testers = {"header": {"name": "X-Preview", "value": "users"}}
    config: Tree = {
        **ON,
        "platform": "aws",
        "routes": {"users": {"weight": 25, "testers": testers}, "legacy": True},
        "services": {"legacy": {"targetGroup": GROUP, "path": "/old"}},
        "alarms": {"email": "ops@example.com"},
    }
    folder = project(tmp_path, {name: manifest(name) for name in ("posts", "users")})
    keys = {f"strangler:{key}": value for key, value in config.items()}
    file = {"config": {"aws:region": "eu-west-1", **keys}}
    (folder / "Pulumi.prod.yaml").write_text(json.dumps(file))
    steps = planned("prod", folder)
    found = {step["urn"].rpartition("$")[2] for step in steps}
    rules = ("posts-listener", "users-listener", "users", "users testers", "legacy")
    assert {name for name in found if "ListenerRule" in name} == {f"{RULE}::{name}" for name in rules}
    assert not [name for name in found if name.startswith(("aws:lb/loadBalancer", "aws:lb/listener:"))]
    assert f"{ALARM}::legacy-Listener-Unhealthy" in found
    before, after = before_and_after(steps)
    assert before == []
    page = text(before, after)
    assert "Fargate vCPU" in page
    assert "load balancer  " not in page


def test_a_plan_has_the_variables_of_the_users_shell_and_nothing_that_leads_to_an_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RELEASE", "7")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "secret")
    kept = user_variables()
    assert kept["RELEASE"] == "7"
    assert not {"AWS_PROFILE", "PULUMI_ACCESS_TOKEN"} & set(kept)
