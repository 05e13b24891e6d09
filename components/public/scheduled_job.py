"""A task on Fargate that runs at times, and on demand."""

from dataclasses import replace
from typing import Any, NotRequired, TypedDict

import pulumi

from components.aws.service import scheduled_job
from components.input.value import NUMBERS
from components.manifest.count import Count
from components.manifest.manifest import SCHEDULED_JOB
from components.manifest.scheduled_job import read_job
from components.public.container_args import ContainerHealthCheckArgs, SidecarArgs
from components.public.fargate_task import read_given, task_args
from components.public.given import check, given, register_outputs


class ScheduledJobArgs(TypedDict):
    """What `ScheduledJob` is made of."""

    environment: pulumi.Input[dict[str, Any]]
    """Where it runs: the output `placement` of an `Environment`."""
    image: pulumi.Input[str]
    """Reference of its image, best by digest: a tag that is moved changes nothing here."""
    schedule: str
    """When it runs, in UTC: `@daily`, `@every 1h30m`, five fields such as `0 3 * * 1-5`, `rate(5 minutes)`,
    `cron(0 3 * * ? *)`, or `none` for on demand only."""
    retries: NotRequired[int]
    """How often it is run again where it fails, up to 99999999. Default: 0."""
    timeout_seconds: NotRequired[int]
    """Seconds that an execution has, retries included, 1 to 99999999. Default: as long as it likes."""
    variables: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables of the container. Default: those alone that it gets besides, as with Copilot:
    COPILOT_APPLICATION_NAME, COPILOT_ENVIRONMENT_NAME (the project's and the stack's names), COPILOT_SERVICE_NAME
    and COPILOT_SERVICE_DISCOVERY_ENDPOINT."""
    secrets: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables from secrets: the ARN of a secret in Secrets Manager, or the name or ARN of a parameter of
    Systems Manager. The task may read exactly these. Default: none."""
    security_groups: NotRequired[list[pulumi.Input[str]]]
    """Ids of security groups of its tasks besides the environment's, 4 at most. Default: none."""
    managed_policies: NotRequired[dict[str, pulumi.Input[str]]]
    """ARNs of managed policies for what it may do on AWS, by names of your own, 10 at most. They are there before its
    tasks are, unlike what is attached to its role afterwards. Default: none."""
    sidecars: NotRequired[dict[str, SidecarArgs]]
    """Containers beside the main one, by name. Default: there are none."""
    depends_on: NotRequired[dict[str, str]]
    """What it waits for, by the name of another container: `start`, `healthy`, `complete` or `success`. Default: it
    waits for none."""
    container_health_check: NotRequired[ContainerHealthCheckArgs]
    """By which ECS knows whether it is healthy, for those that wait for it. Default: there is none."""
    entry_point: NotRequired[list[str]]
    """Words that the container starts with, before those of `command`. Default: the image's."""
    command: NotRequired[list[str]]
    """Words of the command in the container. Default: the image's."""
    cpu: NotRequired[int]
    """CPU units, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384. Default: 256."""
    memory: NotRequired[int]
    """MiB, as Fargate has them for these CPU units. Default: 512."""
    ephemeral_storage_gib: NotRequired[int]
    """GiB of the disk that all containers of a task share, 20 to 200. Default: 20."""
    readonly_root_filesystem: NotRequired[bool]
    """Whether the main container can't write to its own file system. Default: false."""
    platform: NotRequired[str]
    """Of the image: `linux/amd64` or `linux/arm64`. Default: `linux/amd64`."""
    log_retention_days: NotRequired[int]
    """Days for which logs are kept, as CloudWatch Logs has them. Default: 30."""
    tags: NotRequired[dict[str, str]]
    """Tags of all that is made, besides `application`, `stack` and `service`. Default: none."""


class ScheduledJob(pulumi.ComponentResource):
    """A state machine that runs a task on Fargate to its end, and the rule that starts it at its times.

    Its name becomes that of the container: lower case, 40 characters at most.
    """

    state_machine_arn: pulumi.Output[str]
    """ARN of the state machine: what starts it on demand."""
    task_definition_arn: pulumi.Output[str]
    """ARN of the task definition that it runs."""
    task_role_name: pulumi.Output[str]
    """Name of the role that it works with; attach policies to it for what it may do on AWS."""
    task_role_arn: pulumi.Output[str]
    """ARN of that role."""
    execution_role_arn: pulumi.Output[str]
    """ARN of the role that ECS starts its tasks with."""
    log_group_name: pulumi.Output[str]
    """Name of the log group of its containers."""

    def __init__(self, name: str, args: ScheduledJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("ScheduledJob", name, args, ScheduledJobArgs.__annotations__)
        task = read_given(at, name)
        job = read_job(at, at.required("schedule", "give a schedule, such as @daily, or none"), NUMBERS)
        check(at)
        super().__init__("strangler:index:ScheduledJob", name, None, opts)
        manifest = replace(task.manifest, type=SCHEDULED_JOB, job=job, count=Count(0))
        made = scheduled_job.ScheduledJob(
            name, task_args(replace(task, manifest=manifest)), pulumi.ResourceOptions(parent=self)
        )
        defined = made.defined
        self.state_machine_arn = made.machine
        self.task_definition_arn, self.log_group_name = defined.definition.arn, defined.logs.name
        self.task_role_name, self.task_role_arn = defined.roles.task_name, defined.roles.task
        self.execution_role_arn = defined.roles.execution
        register_outputs(self)
