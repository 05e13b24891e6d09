"""`make advance` on the facade `alb`: the real engine on the stand-ins, whose alarms moto has."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from components.aws.plan.alarms import of_service
from components.model.facades import Scheme
from components.settings.alarms import Alarms
from tests.engine.projects import must, stack
from tests.operate.test_on_aws import client, credentials, put_alarm
from tests.projects import Tree, manifest
from tools.cutover.__main__ import run
from tools.cutover.advance import TAKEN_BACK
from tools.cutover.journal import Journal
from tools.cutover.on_aws import concerns
from tools.cutover.stack import Found
from tools.operate.deployed import Deployed
from tools.setup.say import MachineError
from tools.standin import trace
from tools.standin.cloud import Operation
from tools.standin.engine import EngineStack

ALARMS = {"topic": "arn:aws:sns:eu-west-1:123456789012:ops"}
RULE = "aws:lb/listenerRule:ListenerRule"


@pytest.mark.parametrize("scheme", Scheme)
def test_the_alarms_of_a_service_are_known_by_their_names_behind_each_load_balancer(scheme: Scheme) -> None:
    found = Found(Deployed("dev", "board", "", ()), "alb", weights=True, default="", weight=0, live=0, service="users")
    mine, others = (of_service(Alarms("topic"), "board-dev", name, scheme) for name in ("users", "user"))
    assert [concerns(alarm.name, found) for alarm in (*mine, *others)] == [True] * 3 + [False] * 3


def weights(board: EngineStack) -> dict[str, int]:
    """Of the rule of the route users, by its target groups' names: what AWS would send."""
    # The service's own rule, which attaches its target group, has the same name and no weights.
    (rule,) = [rule for rule in board.cloud.of(RULE) if rule.name == "users" and rule["actions"][0].get("forward")]
    groups: list[dict[str, Any]] = rule["actions"][0]["forward"]["targetGroups"]
    return {str(group["arn"]): int(group["weight"]) for group in groups}


def alarm(name: str, state: str, reason: str = "") -> None:
    client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)


def alarms(names: list[str]) -> None:
    for name in names:
        put_alarm(name, "test")
        alarm(name, "OK")


def ring_in_step(journal: Journal, weight: int, name: str) -> None:
    """An alarm goes off once the traffic has moved to a weight."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        last = journal.last("users")
        if (last.get("event"), last.get("to")) == ("advanced", weight):
            return alarm(name, "ALARM", "7 of 100 requests")
        time.sleep(0.05)
    return None


def test_an_alarm_in_the_second_step_brings_the_weights_of_the_first_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
    config: Tree = {"routes": {"users": {"methods": ["GET"], "weight": 0}}, "alarms": ALARMS}
    with stack(tmp_path, "alb", services, config) as board:
        must(board.up())
        for name, value in board.environment.items():
            monkeypatch.setenv(name, value)
        credentials(monkeypatch)
        journal = Journal.of(board.program, "test")
        first, before = {"ROUTE": "users", "STEPS": "5", "BAKE": "1s"}, weights(board)
        assert sorted(before.values()) == [0, 100]
        with mock_aws():
            with pytest.raises(MachineError, match="no alarm watches users: set alarms"):
                run("test", first, board.program)
            of_users = [f"strangler-test-users-{what}" for what in ("Errors", "Latency", "Unhealthy")]
            alarms([*of_users, "strangler-test-Facade-alb-Errors", "strangler-test-monolith-Errors"])

            # What others ring of is no trouble of this route; what is in alarm already tells nothing of it.
            alarm("strangler-test-monolith-Errors", "ALARM")
            alarm("strangler-test-users-Errors", "ALARM")
            with pytest.raises(MachineError, match="strangler-test-users-Errors is in alarm already: look at it first"):
                run("test", first, board.program)
            assert weights(board) == before
            alarm("strangler-test-users-Errors", "OK")

            assert run("test", first, board.program) == 0
            in_step_1 = weights(board)
            assert sorted(in_step_1.values()) == [5, 95]

            seen, touched = set[str | int](), set[str]()

            def watch(operation: Operation) -> None:
                """Only this route's rule changes, and its requests get one of the two."""
                touched.add(f"{operation.kind} {operation.urn.rpartition('::')[2]}")
                seen.update(trace.answer(operation.snapshot, str(url), "GET", "/api/users"))

            url = board.outputs()["url"]
            ringing = threading.Thread(target=ring_in_step, args=(journal, 25, "strangler-test-users-Errors"))
            ringing.start()
            with board.cloud.watching(watch) as operations:
                code = run("test", {**first, "STEPS": "5,25,100", "BAKE": "20s"}, board.program)
            ringing.join()
        assert (touched, len(operations), seen) == ({"update users"}, 2, {"monolith", "users"})
        assert code == TAKEN_BACK
        assert weights(board) == in_step_1
        config_file = (board.program / "Pulumi.test.yaml").read_text()
        assert "weight: 5" in config_file
        assert "- GET" in config_file or json.dumps(["GET"]) in config_file
        assert must(board.plan()).lines() == []
        last = journal.last("users")
        assert (last["event"], last["from"], last["to"]) == ("taken back", 25, 5)
        assert last["why"] == "strangler-test-users-Errors: 7 of 100 requests"
        assert "users: back from 25 to 5: strangler-test-users-Errors: 7 of 100 requests" in capsys.readouterr().err
