"""One-off tasks on AWS: moto, as AWS, runs them; how they end is put into its answers, as ECS tells it."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import jmespath  # pyright: ignore[reportMissingTypeStubs]
import pytest
from botocore.stub import Stubber  # pyright: ignore[reportMissingTypeStubs]
from moto import mock_aws

from tests.operate.test_on_aws import REGION, client, credentials
from tools.operate import __main__ as operate
from tools.operate import on_aws, task_on_aws
from tools.operate.deployed import Deployed, of_outputs
from tools.operate.request import request
from tools.setup.say import MachineError

PLACE = {"region": REGION, "cluster": "shared", "ecsService": "users-1", "logGroup": "/users"}
OUTPUT = {"name": "users", "image": "users:1", "desiredCount": 1, **PLACE}
FOUND = of_outputs("task", "test", "strangler", {"services": {"users": OUTPUT}}, {})
ASKED = request("task", {"SERVICE": "users", "CMD": "rake 'db:migrate x'"})
LOG = {"awslogs-group": "/users", "awslogs-region": REGION, "awslogs-stream-prefix": "ecs"}
ENDED = {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """An account with the service, scaled to zero, of the first of two revisions; the network that it has."""
    credentials(monkeypatch)
    with mock_aws():
        ecs, ec2 = client("ecs"), client("ec2")
        ecs.create_cluster(clusterName="shared")
        containers = [
            {"name": name, "image": name, "memory": 256, "logConfiguration": {"logDriver": "awslogs", "options": LOG}}
            for name in ("nginx", "users")
        ]
        fargate: dict[str, str] = {"cpu": "256", "memory": "512", "networkMode": "awsvpc"}
        for _ in range(2):
            ecs.register_task_definition(family="users", containerDefinitions=containers, **fargate)
        found = {
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "securityGroups": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
            "assignPublicIp": "ENABLED",
        }
        ecs.create_service(
            cluster="shared",
            serviceName="users-1",
            taskDefinition="users:1",
            desiredCount=0,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": found},
        )
        client("logs").create_log_group(logGroupName="/users")
        yield {"awsvpcConfiguration": found}


def running() -> dict[str, Any]:
    """The one-off task."""
    arns = client("ecs").list_tasks(cluster="shared", startedBy="strangler-make-task")["taskArns"]
    (found,) = client("ecs").describe_tasks(cluster="shared", tasks=arns)["tasks"]
    return found


def write(text: str) -> None:
    """A line of the one-off task's main container."""
    where = {"logGroupName": "/users", "logStreamName": f"ecs/users/{running()['taskArn'].rpartition('/')[2]}"}
    logs = client("logs")
    if not logs.describe_log_streams(logGroupName="/users")["logStreams"]:
        logs.create_log_stream(**where)
    logs.put_log_events(**where, logEvents=[{"timestamp": int(time.time() * 1000), "message": f"{text}\n"}])


def answers(monkeypatch: pytest.MonkeyPatch, pauses: Sequence[Callable[[], object]], end: dict[str, Any]) -> None:
    """What happens while the verb pauses; after the first of these, a task has stopped and ended so."""
    happening = iter(pauses)
    paused: list[float] = []

    def sleep(seconds: float) -> None:
        next(happening, str)()
        paused.append(seconds)

    def described(parsed: dict[str, Any], **_: object) -> None:
        for task in parsed["tasks"]:
            task |= {"lastStatus": "STOPPED", **end} if paused else {"lastStatus": "PROVISIONING", "containers": []}

    made = on_aws.Aws.client

    def hooked(aws: on_aws.Aws, name: str, region: str) -> Any:
        found = made(aws, name, region)
        found.meta.events.register("after-call.ecs.DescribeTasks", described)
        return found

    monkeypatch.setattr(on_aws.Aws, "client", hooked)
    monkeypatch.setattr(task_on_aws.time, "sleep", sleep)


def start(found: Deployed = FOUND) -> task_on_aws.Task:
    return task_on_aws.start(on_aws.Aws(ASKED, found), found.services[0])


def test_a_task_runs_as_the_services_own_is_followed_to_its_last_line_and_gives_its_exit_code(
    network: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    containers = [{"name": "nginx", "exitCode": 0}, {"name": "users", "exitCode": 7}]
    pauses = [lambda: write("first"), lambda: (write("second"), write("late")), lambda: None]
    answers(monkeypatch, pauses, {"containers": containers, **ENDED})
    task = start()
    assert operate.to_its_end("task", task) == 7
    printed = capsys.readouterr()
    assert [line.split("Z ")[1] for line in printed.out.splitlines()] == [
        f"users {task.name[:8]}  {text}" for text in ("first", "second", "late")
    ]
    assert printed.err == f"make: task: {task.name} starts; Ctrl-C stops it\n"
    made = running()
    assert made["taskDefinitionArn"].endswith(":task-definition/users:1"), "what runs, and not the newest"
    assert made["overrides"] == {"containerOverrides": [{"name": "users", "command": ["rake", "db:migrate x"]}]}
    assert made["launchType"] == "FARGATE"
    (interface,) = made["attachments"]
    assert {"name": "subnetId", "value": network["awsvpcConfiguration"]["subnets"][0]} in interface["details"]


@pytest.mark.usefixtures("network")
def test_ctrl_c_stops_the_task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    answers(monkeypatch, [interrupt], {})
    task = start()
    with pytest.raises(KeyboardInterrupt):
        operate.to_its_end("task", task)
    assert capsys.readouterr().err.splitlines()[1:] == [f"make: task: {task.name} is stopped"]
    assert (running()["desiredStatus"], running()["stoppedReason"]) == ("STOPPED", "Ctrl-C at make task")


@pytest.mark.usefixtures("network")
def test_a_task_that_cannot_start_is_one_line_in_ecss_words(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s)"
    containers = [{"name": "users", "reason": "not\nfound"}, {"name": "nginx"}]
    answers(monkeypatch, [], {"stopCode": "TaskFailedToStart", "stoppedReason": reason, "containers": containers})
    with pytest.raises(MachineError) as refused:
        operate.to_its_end("task", start())
    line = f"SERVICE=users: its command never ran: {reason}, users: not found; fix it, and run it again"
    assert str(refused.value) == f"make: task: {line}"


@pytest.mark.usefixtures("network")
def test_who_else_ended_a_task_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    end = {"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}
    answers(monkeypatch, [], {**end, "containers": [{"name": "users", "exitCode": 143}]})
    assert operate.to_its_end("task", start()) == 143
    assert capsys.readouterr().err.splitlines()[1:] == ["make: task: Your Spot Task was interrupted."]


@pytest.mark.usefixtures("network")
def test_a_service_that_is_not_on_aws_is_one_line() -> None:
    other = of_outputs("task", "test", "strangler", {"services": {"users": {**OUTPUT, "ecsService": "users-2"}}}, {})
    with pytest.raises(MachineError) as refused:
        start(other)
    line = "SERVICE=users: the cluster shared has no service users-2; `pulumi up --refresh` makes it again"
    assert str(refused.value) == f"make: task: {line}"


SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}


@pytest.mark.parametrize("capacity", [{"launchType": "FARGATE"}, {"capacityProviderStrategy": SPOT}], ids=str)
def test_a_task_has_the_capacity_of_the_service_and_a_failure_is_reported(
    capacity: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ECS answers either: an empty strategy beside a launch type, or none of the two."""
    credentials(monkeypatch)
    described = {"serviceName": "users-1", "taskDefinition": "users:7", "networkConfiguration": NETWORK, **capacity}
    as_it_is = {"taskDefinition": "users:7", "networkConfiguration": NETWORK, **capacity}
    assert task_on_aws.as_the_service({"capacityProviderStrategy": [], **described}) == as_it_is
    assert cast("Any", jmespath).search(on_aws.AS_THE_SERVICE, {"services": [described]}) == as_it_is
    ecs = client("ecs")
    overrides = {"containerOverrides": [{"name": "users", "command": ["rake", "db:migrate x"]}]}
    asked = {"cluster": "shared", "startedBy": "strangler-make-task", "overrides": overrides, **as_it_is}
    failures = [{"reason": "Capacity is unavailable at this time", "detail": "try later"}]
    with cast("Any", Stubber)(ecs) as stub:
        stub.add_response(
            "describe_services", {"services": [described]}, {"cluster": "shared", "services": ["users-1"]}
        )
        definition = {"containerDefinitions": [{"name": "users"}]}
        stub.add_response("describe_task_definition", {"taskDefinition": definition}, {"taskDefinition": "users:7"})
        stub.add_response("run_task", {"tasks": [], "failures": failures}, asked)

        def stubbed(*_: object) -> Any:
            return ecs

        monkeypatch.setattr(on_aws.Aws, "client", stubbed)
        with pytest.raises(MachineError) as refused:
            start()
    line = "SERVICE=users: ECS starts no task: Capacity is unavailable at this time try later; run it again later"
    assert str(refused.value) == f"make: task: {line}"


def test_a_log_that_goes_elsewhere_is_not_followed() -> None:
    elsewhere = {"name": "users", "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "s3"}}}
    assert task_on_aws.log_options({"containerDefinitions": [{"name": "nginx"}, elsewhere]}, "users") == {}


def test_a_dry_run_prints_what_the_aws_cli_takes() -> None:
    aws = f"aws --region {REGION}"
    first, second = on_aws.commands(ASKED, FOUND, FOUND.services)
    assert first == (
        f"{aws} ecs run-task --cluster shared --started-by strangler-make-task --overrides "
        """'{"containerOverrides": [{"name": "users", "command": ["rake", "db:migrate x"]}]}' """
        f'--cli-input-json "$({aws} ecs describe-services --cluster shared --services users-1 '
        f"""--query '{on_aws.AS_THE_SERVICE}' --output json)\""""
    )
    assert second == f"{aws} logs tail /users --follow"
