"""A service on Fargate that works on messages, with its queue."""

from dataclasses import replace
from typing import Any, NotRequired, TypedDict

import pulumi

from components.aws.service.worker_service import WorkerService
from components.manifest.manifest import WORKER_SERVICE
from components.manifest.subscribe import RETENTION, TRIES, VISIBILITY, Queue, Subscription, Worker
from components.public.container_args import ContainerHealthCheckArgs, SidecarArgs
from components.public.fargate_task import read_given, service_args
from components.public.given import after, check, given, register_outputs, text_inputs
from components.public.running_args import BY_MESSAGES, RollbackAlarmsArgs, ScalingArgs, read_running


class FargateWorkerArgs(TypedDict):
    """What `FargateWorker` is made of."""

    environment: pulumi.Input[dict[str, Any]]
    """Where it runs: the output `placement` of an `Environment`."""
    image: pulumi.Input[str]
    """Reference of its image, best by digest: a tag that is moved changes nothing here."""
    topics: NotRequired[dict[str, pulumi.Input[str]]]
    """ARNs of the SNS topics whose messages it gets, by a name of your own. Default: none; the queue is there for
    whoever sends to it."""
    visibility_timeout_seconds: NotRequired[int]
    """Seconds for which a received message is hidden from others, 0 to 43200. Default: SQS's, 30."""
    message_retention_seconds: NotRequired[int]
    """Seconds that messages are kept, 60 to 1209600. Default: SQS's, 345600."""
    tries: NotRequired[int]
    """How often a message may be received before it goes to a queue of dead letters, 1 to 1000. Default: there is no
    such queue."""
    variables: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables of the container. Default: those alone that it gets besides, as with Copilot:
    COPILOT_APPLICATION_NAME, COPILOT_ENVIRONMENT_NAME (the project's and the stack's names), COPILOT_SERVICE_NAME,
    COPILOT_SERVICE_DISCOVERY_ENDPOINT and COPILOT_QUEUE_URI."""
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
    count: NotRequired[int]
    """Tasks, 0 to 5000. To 0, the ECS service is replaced. Default: 1."""
    scaling: NotRequired[ScalingArgs]
    """A range of tasks and what they are scaled by, instead of `count`. Default: there are as many as `count` says."""
    spot_from: NotRequired[int]
    """Which of its tasks is the first on Fargate Spot, 1: all are there. It changes while the service is up with
    `force_new_deployment` only. Default: none is."""
    force_new_deployment: NotRequired[bool]
    """Whether each change of the ECS service starts its tasks anew; leave it once it is set. Default: false."""
    deployment: NotRequired[str]
    """How tasks are replaced: `default`, new ones are healthy before old ones stop (100 and 200 percent); or
    `recreate`, old ones stop first (0 and 100). Default: `default`."""
    rollback_alarms: NotRequired[RollbackAlarmsArgs]
    """Alarms that take a deployment back, besides tasks that fail. Default: none."""
    enable_exec: NotRequired[bool]
    """Whether `aws ecs execute-command` may open a shell in its containers. Default: false."""
    log_retention_days: NotRequired[int]
    """Days for which logs are kept, as CloudWatch Logs has them. Default: 30."""
    steady_state_seconds: NotRequired[int]
    """Seconds after which an `up` gives up waiting for its steady state, 30 to 86400. Default: 600."""
    tags: NotRequired[dict[str, str]]
    """Tags of all that is made, besides `application`, `stack` and `service`. Default: none."""


class FargateWorker(pulumi.ComponentResource):
    """A service on Fargate to which nothing leads, an encrypted SQS queue that it works on, and its subscriptions.

    What is delivered by a topic is SNS's envelope, as with Copilot. A deployment that fails is rolled back and fails
    the `up`. Its name becomes that of the container and in service discovery: lower case, 40 characters at most.
    """

    queue_url: pulumi.Output[str]
    """URL of its queue, as the container has it: COPILOT_QUEUE_URI."""
    queue_arn: pulumi.Output[str]
    """ARN of its queue. What depends on it comes after the service is in steady state."""
    service_name: pulumi.Output[str]
    """Name of the ECS service."""
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

    def __init__(self, name: str, args: FargateWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("FargateWorker", name, args, FargateWorkerArgs.__annotations__)
        task, topics = read_given(at, name), text_inputs(at.get("topics"))
        queue = Queue(
            retention=at.get("message_retention_seconds").integer(*RETENTION),
            timeout=at.get("visibility_timeout_seconds").integer(*VISIBILITY),
            tries=at.get("tries").integer(*TRIES),
        )
        worker = Worker(queue, tuple(Subscription(topic, "") for topic in sorted(topics)))
        running = read_running(at, BY_MESSAGES)
        check(at)
        super().__init__("strangler:index:FargateWorker", name, None, opts)
        manifest = replace(task.manifest, type=WORKER_SERVICE, worker=worker)
        made = WorkerService(
            name, service_args(replace(task, manifest=manifest), running), pulumi.ResourceOptions(parent=self)
        )
        made.subscribe({("", topic): pulumi.Output.from_input(arn) for topic, arn in topics.items()})
        (main,) = made.queues.by_key.values()
        defined = made.defined
        self.queue_url, self.queue_arn = main.url, after(main.arn, [made.ready])
        self.service_name = made.service_name
        self.task_definition_arn, self.log_group_name = defined.definition.arn, defined.logs.name
        self.task_role_name, self.task_role_arn = defined.roles.task_name, defined.roles.task
        self.execution_role_arn = defined.roles.execution
        register_outputs(self)
