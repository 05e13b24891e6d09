"""ECS's interface for one-off tasks, and CloudWatch Logs', over HTTP: what the program asks by boto3.

A task that is asked for runs to its end at once. What its main container writes and ends with is the test's to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tools.standin import containers, deployments, ecs, plain
from tools.standin.cloud import Cloud, Object
from tools.standin.values import Props, first, table, texts

Outcome = Callable[[Sequence[str]], tuple[int | None, Sequence[str]]]
"""Of the words of a command: its exit code (None: it never ran), and its lines."""
_MISSING: Final = "ResourceNotFoundException"


@dataclass
class OneOffTasks:
    """The tasks that were started."""

    cloud: Cloud
    outcome: Outcome
    asked: list[Props] = field(default_factory=list[Props])
    """What RunTask was asked for, each."""
    lines: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Of each task, by the name of its log stream."""
    codes: dict[str, int | None] = field(default_factory=dict[str, "int | None"])
    """Of each task, by its ARN."""

    def begins(self, name: str) -> Object:
        """Lets a task run in a service's place until it is told that it ends: the cluster in which it does."""
        service = self.cloud.named(ecs.SERVICE, name)
        (cluster,) = (one for one in self.cloud.of(ecs.CLUSTER) if one["arn"] == service["cluster"])
        placed = table(service["networkConfiguration"])
        task = {"subnets": texts(placed["subnets"]), "securityGroups": texts(placed["securityGroups"])}
        return self.cloud.change(cluster, oneOff=[task])

    def ends(self, cluster: Object) -> None:
        """That of a task that was let run."""
        self.cloud.change(cluster, oneOff=[])

    def answer(self, action: str, request: Props) -> tuple[int, Props]:
        """A status and what an action answers."""
        answers: dict[str, Callable[[Props], tuple[int, Props]]] = {
            "DescribeTaskDefinition": self._definition,
            "RunTask": self._run,
            "DescribeTasks": self._tasks,
            "GetLogEvents": self._events,
        }
        return answers[action](request)

    def _definition(self, request: Props) -> tuple[int, Props]:
        found = deployments.task_definition(self.cloud.snapshot, str(request["taskDefinition"]))
        if found is None:
            return 400, {"__type": "ClientException", "message": "Unable to describe task definition."}
        return 200, {"taskDefinition": {"containerDefinitions": containers.parse(found["containerDefinitions"])}}

    def _run(self, request: Props) -> tuple[int, Props]:
        known = {str(cluster["arn"]) for cluster in self.cloud.of(ecs.CLUSTER)}
        if request["cluster"] not in known:
            return 400, {"__type": "ClusterNotFoundException", "message": "Cluster not found."}
        found = deployments.task_definition(self.cloud.snapshot, str(request["taskDefinition"]))
        if found is None:
            return 400, {"__type": "ClientException", "message": "TaskDefinition not found."}
        self.asked.append(request)
        (override,) = table(request["overrides"])["containerOverrides"]
        arn = self.cloud.arn("ecs", f"task/shared/{len(self.asked):032x}")
        code, written = self.outcome(override["command"])
        self.codes[arn] = code
        container = next(
            one for one in containers.parse(found["containerDefinitions"]) if one["name"] == override["name"]
        )
        # The name of a stream (ECS developer guide, «Send Amazon ECS logs to CloudWatch»).
        prefix = first(container, "logConfiguration.options.awslogs-stream-prefix")
        self.lines[f"{prefix}/{override['name']}/{arn.rpartition('/')[2]}"] = written
        return 200, {"tasks": [{"taskArn": arn}], "failures": []}

    def _tasks(self, request: Props) -> tuple[int, Props]:
        (arn,) = request["tasks"]
        name = str(table(self.asked[-1]["overrides"])["containerOverrides"][0]["name"])
        container: Props = {"name": name}
        if (code := self.codes[arn]) is not None:
            container["exitCode"] = code
        outputs = {"lastStatus": "STOPPED", "stoppedReason": "Essential container in task exited"}
        return 200, {"tasks": [{"taskArn": arn, "containers": [container], **outputs}]}

    def _events(self, request: Props) -> tuple[int, Props]:
        written = self.lines.get(str(request["logStreamName"]))
        if not written:
            return 400, {"__type": _MISSING, "message": "The specified log stream does not exist."}
        new = written[len(written) if request.get("nextToken") else 0 :]
        events = [{"timestamp": 0, "message": f"{line}\n"} for line in new]
        return 200, {"events": events, "nextForwardToken": "f/1"}


@contextmanager
def serving(tasks: OneOffTasks) -> Generator[dict[str, str]]:
    """Answers on this machine; the environment in which boto3 asks there."""

    def answer(request: plain.Asked) -> plain.Told:
        action = request.headers["X-Amz-Target"].rpartition(".")[2]
        status, found = tasks.answer(action, json.loads(request.body))
        return plain.Told(status, "application/x-amz-json-1.1", json.dumps(found))

    with plain.serving(answer) as environment:
        yield environment
