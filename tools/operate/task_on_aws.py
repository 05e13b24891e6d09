"""A one-off task on AWS: started as the service's own tasks are, followed and ended."""

import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from components.aws.command import log_options
from tools.operate.deployed import Service
from tools.operate.lines import Line, of_event
from tools.operate.on_aws import POLL_SECONDS, STARTED_BY, Aws, one_line, overrides
from tools.setup.say import MachineError, say

UNSEEN = 30
"""How often DescribeTasks may not know a task yet that RunTask has started: ECS is eventually consistent."""


def start(aws: Aws, service: Service) -> "Task":
    """Starts a task of the revision, in the network and on the capacity that the service has now."""
    verb = aws.asked.verb
    with one_line(verb):
        ecs, where = aws.client("ecs", service.region), {"cluster": service.cluster}
        found = ecs.describe_services(**where, services=[service.ecs_service])["services"]
        if not found or found[0].get("status") == "INACTIVE":
            gone = f"SERVICE={service.name}: the cluster {service.cluster} has no service {service.ecs_service}"
            raise MachineError(verb, gone, "`pulumi up --refresh` makes it again")
        definition = ecs.describe_task_definition(taskDefinition=found[0]["taskDefinition"])["taskDefinition"]
        how = {**as_the_service(found[0]), "overrides": overrides(aws.asked, service), "startedBy": STARTED_BY}
        answer = ecs.run_task(**where, **how)
    if not answer["tasks"]:
        causes = [f"{failure.get('reason', '')} {failure.get('detail', '')}".strip() for failure in answer["failures"]]
        raise MachineError(
            verb, f"SERVICE={service.name}: ECS starts no task: {', '.join(causes)}", "run it again later"
        )
    return Task(aws, service, answer["tasks"][0]["taskArn"], log_options(definition, service.name))


def as_the_service(described: Mapping[str, Any]) -> dict[str, Any]:
    """What RunTask takes of what DescribeServices answers. A strategy and a launch type exclude one another (RunTask,
    ECS API reference). Pure."""
    capacity = "launchType" if described.get("launchType") else "capacityProviderStrategy"
    return {key: described[key] for key in ("taskDefinition", "networkConfiguration", capacity)}


class Task:
    """A task that was started."""

    def __init__(self, aws: Aws, service: Service, arn: str, options: Mapping[str, str]) -> None:
        self._verb, self._service, self._options = aws.asked.verb, service, options
        self._ecs, self._logs = (aws.client(name, service.region) for name in ("ecs", "logs"))
        self._task = {"cluster": service.cluster, "tasks": [arn]}
        self.name = arn.rpartition("/")[2]
        """Its id."""
        self._stream = f"{options.get('awslogs-stream-prefix')}/{service.name}/{self.name}"
        self._token: dict[str, str] = {}

    def lines(self) -> Generator[Line, None, int]:
        """What its main container writes until it has stopped, and that container's exit code."""
        if not self._options:
            say(self._verb, f"{self._service.name} has no log in CloudWatch Logs: its lines are elsewhere")
        last: Mapping[str, Any] = {}
        asked = 0
        with one_line(self._verb):
            while True:
                stopped = last.get("lastStatus") == "STOPPED"
                found, asked = self._ecs.describe_tasks(**self._task)["tasks"], asked + 1
                if not (found or last) and asked > UNSEEN:
                    raise MachineError(self._verb, f"ECS knows no task {self.name}", "look for it in ECS's console")
                wrote = False
                for line in self._news():
                    wrote = True
                    yield line
                # What it wrote last may come a moment after its end.
                if stopped and not wrote:
                    return exit_code(self._verb, self._service.name, last)
                last = found[0] if found else last
                time.sleep(POLL_SECONDS)

    def _news(self) -> Iterator[Line]:
        """What it has written since the last call. The stream is made with its first line."""
        while self._options:
            try:
                answer = self._logs.get_log_events(
                    logGroupName=self._options["awslogs-group"],
                    logStreamName=self._stream,
                    startFromHead=True,
                    **self._token,
                )
            except self._logs.exceptions.ResourceNotFoundException:
                return
            for event in answer["events"]:
                yield of_event(self._service.name, self._stream, event["timestamp"], event["message"])
            # At the end of a stream it is the token that was given (GetLogEvents, CloudWatch Logs API reference).
            before, self._token = self._token, {"nextToken": answer["nextForwardToken"]}
            if self._token == before:
                return

    def stop(self) -> None:
        """Stops it: SIGTERM and, after 30 seconds, SIGKILL."""
        with one_line(self._verb):
            self._ecs.stop_task(cluster=self._service.cluster, task=self.name, reason="Ctrl-C at make task")


def exit_code(verb: str, service: str, task: Mapping[str, Any]) -> int:
    """That of the main container of a task that has stopped. What else ECS says is told."""
    containers: list[Mapping[str, Any]] = task["containers"]
    reasons = [f"{container['name']}: {container['reason']}" for container in containers if container.get("reason")]
    reason = ", ".join(filter(None, [task.get("stoppedReason"), *reasons]))
    code = next((container.get("exitCode") for container in containers if container["name"] == service), None)
    if code is None:
        raise MachineError(verb, f"SERVICE={service}: its command never ran: {reason}", "fix it, and run it again")
    if code and task.get("stopCode") != "EssentialContainerExited":
        say(verb, reason)
    return code
