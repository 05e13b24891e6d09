"""What a plan shows without an account: what an engineer checks before an `up`."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.repository import ROOT
from tools.standin.plan import user_variables


def containers(steps: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The main container of each service, as the plan shows it."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        state = step["newState"]
        if state["type"] == "aws:ecs/taskDefinition:TaskDefinition":
            (main,) = json.loads(state["inputs"]["containerDefinitions"])
            found[main["name"]] = main
    return found


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.standin", "plan", "dev", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)["steps"]


def test_a_first_plan_shows_what_the_containers_are_given(steps: list[dict[str, Any]]) -> None:
    users = containers(steps)["users"]
    assert users["image"] == "<image of users, known once it is built>"
    assert [port["containerPort"] for port in users["portMappings"]] == [3000]
    variables = {variable["name"]: variable["value"] for variable in users["environment"]}
    assert variables["COPILOT_SERVICE_NAME"] == "users"
    assert variables["COPILOT_LB_DNS"] == "<DNS name of the load balancer>"
    assert users["logConfiguration"]["options"]["awslogs-group"] == "/strangler/dev/users/users"


def test_a_plan_has_the_variables_of_the_users_shell_and_nothing_that_leads_to_an_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RELEASE", "7")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "secret")
    kept = user_variables()
    assert kept["RELEASE"] == "7"
    assert not {"AWS_PROFILE", "PULUMI_ACCESS_TOKEN"} & set(kept)
