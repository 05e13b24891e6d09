"""A job on AWS: its state machine started now, followed and stopped. What it needs: `states:StartExecution`,
`states:DescribeExecution`, `states:GetExecutionHistory`, `states:StopExecution`, and what following a task does."""

import json
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from tools.operate.deployed import Service
from tools.operate.lines import Line
from tools.operate.on_aws import POLL_SECONDS, Aws, one_line
from tools.operate.task_on_aws import Task, log_options
from tools.setup.say import say


def start(aws: Aws, job: Service) -> "Execution":
    """Starts an execution without an input, as the job's rule does."""
    with one_line(aws.asked.verb):
        machines = aws.client("stepfunctions", job.region)
        return Execution(aws, job, machines.start_execution(stateMachineArn=job.state_machine)["executionArn"])


class Execution:
    """An execution that was started."""

    def __init__(self, aws: Aws, job: Service, arn: str) -> None:
        self._aws, self._job, self._arn = aws, job, arn
        self._machines = aws.client("stepfunctions", job.region)
        self._events = 0
        self.name = arn.rpartition(":")[2]
        """Its own."""

    def lines(self) -> Generator[Line, None, int]:
        """What its tasks write, one after the other where it tries again; the last one's exit code, or 1 where the
        execution fails by itself."""
        verb, code = self._aws.asked.verb, 0
        while True:
            with one_line(verb):
                now: Mapping[str, Any] = self._machines.describe_execution(executionArn=self._arn)
                tasks = list(self._tasks())
            for arn in tasks:
                code = yield from self._followed(arn)
            if now["status"] != "RUNNING" and not tasks:
                break
            time.sleep(POLL_SECONDS)
        if now["status"] == "SUCCEEDED":
            return 0
        reason = ": ".join(filter(None, [now.get("error"), now.get("cause", "")[:200]]))
        say(verb, f"{self.name} {str(now['status']).lower().replace('_', ' ')}{': ' if reason else ''}{reason}")
        return code or 1

    def _followed(self, arn: str) -> Generator[Line, None, int]:
        with one_line(self._aws.asked.verb):
            ecs = self._aws.client("ecs", self._job.region)
            (task,) = ecs.describe_tasks(cluster=self._job.cluster, tasks=[arn])["tasks"]
            found = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
        return (yield from Task(self._aws, self._job, arn, log_options(found, self._job.name)).lines())

    def _tasks(self) -> Iterator[str]:
        """The ARNs of the tasks that were started since the last call (GetExecutionHistory: TaskSubmitted, whose output
        is that of RunTask)."""
        pages = self._machines.get_paginator("get_execution_history").paginate(executionArn=self._arn)
        events = [event for page in pages for event in page["events"]]
        for event in events[self._events :]:
            if event["type"] == "TaskSubmitted":
                started = json.loads(event["taskSubmittedEventDetails"]["output"])
                yield from (str(task["TaskArn"]) for task in started.get("Tasks", ()))
        self._events = len(events)

    def stop(self) -> None:
        """Stops it, and with it its task."""
        with one_line(self._aws.asked.verb):
            self._machines.stop_execution(executionArn=self._arn, cause="Ctrl-C at make job")
