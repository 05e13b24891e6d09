"""`make job` on AWS: an execution that is started, followed through its tasks, and told of by its end."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs]
import pytest
from botocore.stub import Stubber  # pyright: ignore[reportMissingTypeStubs]

from tests.operate.test_on_aws import REGION
from tools.operate import __main__ as operate
from tools.operate import job_on_aws, on_aws, task_on_aws
from tools.operate.deployed import Deployed, check_kind, of_outputs
from tools.operate.request import request
from tools.setup.say import MachineError

MACHINE = f"arn:aws:states:{REGION}:123456789012:stateMachine:nightly-1"
EXECUTION = f"arn:aws:states:{REGION}:123456789012:execution:nightly-1:run"
TASK = f"arn:aws:ecs:{REGION}:123456789012:task/shared/0123456789abcdef"
DEFINITION = f"arn:aws:ecs:{REGION}:123456789012:task-definition/nightly:7"
PLACE = {"region": REGION, "cluster": "shared", "logGroup": "/nightly", "stateMachine": MACHINE}
OUTPUT = {"image": "nightly:1", "desiredCount": 0, "job": "cron(0 3 * * ? *)", **PLACE}
SERVICE = {"image": "users:1", "desiredCount": 1, "region": REGION, "cluster": "shared", "ecsService": "users-1"}
LOG = {"awslogs-group": "/nightly", "awslogs-region": REGION, "awslogs-stream-prefix": "ecs"}
AT = datetime(2026, 1, 1, 3, tzinfo=UTC)


def found(verb: str = "job") -> Deployed:
    return of_outputs(verb, "test", "strangler", {"services": {"nightly": OUTPUT, "users": SERVICE}}, {})


class Answers:
    """What AWS answers, in order, by service."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._stubs: dict[str, Any] = {}

    def client(self, name: str, _region: str = REGION) -> Any:
        if name not in self._clients:
            keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
            self._clients[name] = boto3.client(name, region_name=REGION, **keys)  # pyright: ignore
            self._stubs[name] = Stubber(self._clients[name])
            self._stubs[name].activate()
        return self._clients[name]

    def add(self, name: str, operation: str, answer: dict[str, Any]) -> None:
        self.client(name)
        self._stubs[name].add_response(operation, answer)

    def all_given(self) -> None:
        for stub in self._stubs.values():
            stub.assert_no_pending_responses()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """An execution was started."""
    made = Answers()

    def client(_aws: on_aws.Aws, name: str, region: str) -> Any:
        return made.client(name, region)

    monkeypatch.setattr(on_aws.Aws, "client", client)
    for module in (job_on_aws, task_on_aws):
        monkeypatch.setattr(module, "POLL_SECONDS", 0)
    made.add("stepfunctions", "start_execution", {"executionArn": EXECUTION, "startDate": AT})
    yield made
    made.all_given()


def execution(answers: Answers, status: str, *events: dict[str, Any], **more: Any) -> None:
    """What Step Functions says of the execution next."""
    described = {"executionArn": EXECUTION, "stateMachineArn": MACHINE, "status": status, "startDate": AT, **more}
    answers.add("stepfunctions", "describe_execution", described)
    listed = [{"timestamp": AT, "id": number, **event} for number, event in enumerate(events, 1)]
    answers.add("stepfunctions", "get_execution_history", {"events": listed})


STARTED = {"type": "ExecutionStarted"}
SUBMITTED = {
    "type": "TaskSubmitted",
    "taskSubmittedEventDetails": {
        "resourceType": "ecs",
        "resource": "runTask.sync",
        "output": json.dumps({"Tasks": [{"TaskArn": TASK}]}),
    },
}


def task(answers: Answers, code: int) -> None:
    """A task writes a line and ends."""
    containers = [{"name": "nightly", "logConfiguration": {"logDriver": "awslogs", "options": LOG}}]
    ended = {
        "taskArn": TASK,
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "containers": [{"name": "nightly", "exitCode": code}],
    }
    answers.add("ecs", "describe_tasks", {"tasks": [{"taskArn": TASK, "taskDefinitionArn": DEFINITION}]})
    answers.add("ecs", "describe_task_definition", {"taskDefinition": {"containerDefinitions": containers}})
    for state in ({"taskArn": TASK, "lastStatus": "RUNNING"}, ended, ended):
        answers.add("ecs", "describe_tasks", {"tasks": [state]})
    line = {"timestamp": 1_767_236_400_000, "message": "swept 3 baskets", "ingestionTime": 1_767_236_400_000}
    for events in ([line], [], [], []):
        answers.add("logs", "get_log_events", {"events": events, "nextForwardToken": "f/1", "nextBackwardToken": "b/1"})


def run() -> int:
    asked = request("job", {"NAME": "nightly"})
    return operate.act(asked, found(), found().chosen("job", "nightly"))


def test_a_job_is_started_its_log_followed_and_its_success_told(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    execution(answers, "RUNNING", STARTED, SUBMITTED)
    task(answers, 0)
    execution(answers, "SUCCEEDED", STARTED, SUBMITTED)
    assert run() == 0
    assert "swept 3 baskets" in capsys.readouterr().out


def test_a_job_that_fails_gives_the_exit_code_of_its_last_task(
    answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    execution(answers, "RUNNING", STARTED, SUBMITTED)
    task(answers, 3)
    execution(answers, "FAILED", STARTED, SUBMITTED, error="States.TaskFailed", cause="exit code 3")
    assert run() == 3
    captured = capsys.readouterr()
    assert "run failed: States.TaskFailed: exit code 3" in captured.out + captured.err


def test_an_execution_that_never_ran_a_task_is_a_failure(answers: Answers) -> None:
    execution(answers, "TIMED_OUT", STARTED)
    assert run() == 1


def test_status_tells_how_a_jobs_last_execution_went() -> None:
    assert on_aws.job_state({"status": "TIMED_OUT", "startDate": AT}) == "timed out, started 2026-01-01 03:00"


def test_dry_prints_what_starts_it() -> None:
    asked = request("job", {"NAME": "nightly", "DRY": "1"})
    first, second = on_aws.commands(asked, found(), found().chosen("job", "nightly"))
    assert first == f"aws --region {REGION} stepfunctions start-execution --state-machine-arn {MACHINE}"
    assert second.endswith("logs tail /nightly --follow")


@pytest.mark.parametrize(
    ("verb", "name", "said"),
    [
        ("job", "users", "NAME=users is no job"),
        ("exec", "nightly", "run it by `make job NAME=nightly`"),
        ("task", "nightly", "run it by `make job NAME=nightly`"),
    ],
)
def test_a_verb_for_services_is_not_one_for_jobs(verb: str, name: str, said: str) -> None:
    with pytest.raises(MachineError, match=said):
        check_kind(verb, found(verb).chosen(verb, name))


def test_a_job_needs_a_name() -> None:
    with pytest.raises(MachineError, match="NAME is missing"):
        request("job", {})
