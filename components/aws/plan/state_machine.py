"""What a job's executions do: one task, run to its end. Pure.

As Copilot has it (its template state-machine-definition.json.yml at v1.34). `.sync` waits for the task's end, fails
where an essential container does, and stops the task of an execution that times out (Step Functions developer guide,
"Run Amazon ECS or Fargate tasks with Step Functions", "Run a job (.sync)").
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from components.manifest.manifest import Job

STATE = "Run Fargate Task"


@dataclass(frozen=True)
class Placed:
    """What is run, and where."""

    partition: str
    """Such as `aws`."""
    cluster: str
    """Its ARN."""
    task_definition: str
    """Its ARN, with the revision."""
    subnets: Sequence[str]
    """Their ids."""
    security_groups: Sequence[str]
    """Their ids."""
    public: bool
    """Whether the task has a public address."""


def definition(job: Job, placed: Placed) -> str:
    """The JSON text of the machine, in the Amazon States Language."""
    state: dict[str, object] = {
        "Type": "Task",
        "Resource": f"arn:{placed.partition}:states:::ecs:runTask.sync",
        "Parameters": {
            "LaunchType": "FARGATE",
            "PlatformVersion": "LATEST",
            "Cluster": placed.cluster,
            "TaskDefinition": placed.task_definition,
            "PropagateTags": "TASK_DEFINITION",
            "Group.$": "$$.Execution.Name",
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "Subnets": sorted(placed.subnets),
                    "SecurityGroups": list(placed.security_groups),
                    "AssignPublicIp": "ENABLED" if placed.public else "DISABLED",
                }
            },
        },
        "End": True,
    }
    if job.retries:
        again = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "BackoffRate": 1.5, "MaxAttempts": job.retries}
        state["Retry"] = [again]
    machine: dict[str, object] = {"Version": "1.0", "StartAt": STATE, "States": {STATE: state}}
    if job.timeout is not None:
        machine["TimeoutSeconds"] = job.timeout
    return json.dumps(machine, sort_keys=True, separators=(",", ":"))
