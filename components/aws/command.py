"""A command that runs in a task of its own, started as the tasks of a release are.

boto3 does it, and only where a service has such a command: no resource of Pulumi's runs a task and waits for its end.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from components.aws import sdk
from components.model.command import CommandError

STARTED_BY = "strangler-before"
"""The `startedBy` of such tasks: no blanks (RunTask, ECS API reference)."""
POLL_SECONDS = 2.0
UNSEEN = 30
"""How often DescribeTasks may not know a task yet that RunTask has started: ECS is eventually consistent."""


@dataclass(frozen=True)
class TaskCluster:
    """Where it runs."""

    region: str
    """Such as eu-west-1."""
    profile: str | None
    """As `aws:profile` names it; None: as the environment says."""
    cluster: str
    """ARN."""
    subnets: Sequence[str]
    """Ids."""
    security_groups: Sequence[str]
    """Ids."""
    public: bool
    """Whether it has a public address, without which it reaches nothing in a network without NAT."""


class EcsCommand:
    """Satisfies `components.before.Running`."""

    def __init__(self, service: str, definition: str, place: TaskCluster, words: Sequence[str]) -> None:
        """service: whose main container runs it. definition: ARN of the release's task definition."""
        self._service, self._definition, self._place, self._words = service, definition, place, list(words)
        with _one_line():
            session = sdk.session(place.region, place.profile)
            self._ecs, self._logs = session.client("ecs"), session.client("logs")
        self._task = ""

    def lines(self) -> Generator[str, None, int]:
        """Starts the task, and follows it until it has stopped."""
        with _one_line():
            definition = self._ecs.describe_task_definition(taskDefinition=self._definition)["taskDefinition"]
            answer = self._ecs.run_task(**_request(self._service, self._definition, self._place, self._words))
            if not answer["tasks"]:
                reasons = ", ".join(str(failure.get("reason", "")) for failure in answer["failures"])
                raise CommandError(f"ECS didn't start a task: {reasons}")
            self._task = answer["tasks"][0]["taskArn"]
            news = self._written(log_options(definition, self._service))
            asked, last = 0, dict[str, Any]()
            while True:
                found, asked = self._described(), asked + 1
                if not (found or last) and asked > UNSEEN:
                    raise CommandError(f"ECS doesn't know the task {self._task}")
                last = found or last
                stopped, wrote = last.get("lastStatus") == "STOPPED", False
                for line in news():
                    wrote = True
                    yield line
                # What it wrote last may come a moment after its end.
                if stopped and not wrote:
                    return exit_code(self._service, last)
                time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stops it: SIGTERM and, after 30 seconds, SIGKILL."""
        if self._task:
            with _one_line():
                self._ecs.stop_task(cluster=self._place.cluster, task=self._task, reason="interrupted or timed out")

    def _described(self) -> dict[str, Any] | None:
        tasks = self._ecs.describe_tasks(cluster=self._place.cluster, tasks=[self._task])["tasks"]
        return tasks[0] if tasks else None

    def _written(self, options: Mapping[str, str]) -> Callable[[], Iterator[str]]:
        """What gives what it has written since the last call. The stream is made with its first line."""
        stream = f"{options.get('awslogs-stream-prefix')}/{self._service}/{self._task.rpartition('/')[2]}"
        where = {"logGroupName": options.get("awslogs-group"), "logStreamName": stream, "startFromHead": True}
        token: dict[str, str] = {}

        def news() -> Iterator[str]:
            nonlocal token
            while options:
                try:
                    answer = self._logs.get_log_events(**where, **token)
                except self._logs.exceptions.ResourceNotFoundException:
                    return
                yield from (str(event["message"]).rstrip() for event in answer["events"])
                # At the end of a stream it is the token that was given (GetLogEvents, CloudWatch Logs API reference).
                before, token = token, {"nextToken": answer["nextForwardToken"]}
                if token == before:
                    return

        return news


def _request(service: str, definition: str, place: TaskCluster, words: list[str]) -> dict[str, Any]:
    """What RunTask is asked for. Pure."""
    network = {
        "subnets": list(place.subnets),
        "securityGroups": list(place.security_groups),
        "assignPublicIp": "ENABLED" if place.public else "DISABLED",
    }
    return {
        "cluster": place.cluster,
        "taskDefinition": definition,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": network},
        "overrides": {"containerOverrides": [{"name": service, "command": words}]},
        "startedBy": STARTED_BY,
        "propagateTags": "TASK_DEFINITION",
    }


def log_options(definition: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """The options of a container's driver `awslogs`; empty if it has another one. Pure."""
    container = next(found for found in definition["containerDefinitions"] if found["name"] == name)
    configuration = container.get("logConfiguration", {})
    return configuration["options"] if configuration.get("logDriver") == "awslogs" else {}


def exit_code(service: str, task: Mapping[str, Any]) -> int:
    """That of the main container of a task that has stopped. Pure. Raises CommandError if it never ran."""
    containers: list[Mapping[str, Any]] = task["containers"]
    code = next((container.get("exitCode") for container in containers if container["name"] == service), None)
    if code is None:
        reasons = [f"{container['name']}: {container['reason']}" for container in containers if container.get("reason")]
        reason = ", ".join(filter(None, [task.get("stoppedReason"), *reasons]))
        raise CommandError(f"its command never ran: {reason}")
    return int(code)


def _one_line() -> AbstractContextManager[None]:
    return sdk.one_line(CommandError)
