"""A service on Fargate that works on messages, with its queue."""

from dataclasses import replace
from typing import Any, NotRequired, TypedDict

import pulumi

from components.aws.service.worker_service import WorkerService
from components.manifest.manifest import WORKER_SERVICE
from components.manifest.subscribe import Queue, Subscription, Worker
from components.public.fargate_task import read_count, read_given, service_args
from components.public.given import after, check, given, register_outputs, text_inputs


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
    Systems Manager. It may read exactly these. Default: none."""
    command: NotRequired[list[str]]
    """Words of the command in the container. Default: the image's."""
    cpu: NotRequired[int]
    """CPU units, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384. Default: 256."""
    memory: NotRequired[int]
    """MiB, as Fargate has them for these CPU units. Default: 512."""
    platform: NotRequired[str]
    """Of the image: `linux/amd64` or `linux/arm64`. Default: `linux/amd64`."""
    count: NotRequired[int]
    """Tasks, 0 to 5000. From 0 and to 0, the ECS service is replaced. Default: 1."""
    enable_exec: NotRequired[bool]
    """Whether `aws ecs execute-command` may open a shell in its containers. Default: false."""
    log_retention_days: NotRequired[int]
    """Days for which logs are kept, as CloudWatch Logs has them. Default: 30."""
    steady_state_seconds: NotRequired[int]
    """Seconds after which an `up` gives up waiting for its steady state, 60 to 43200. Default: 600."""
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
    log_group_name: pulumi.Output[str]
    """Name of the log group of its containers."""

    def __init__(self, name: str, args: FargateWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("FargateWorker", name, args, FargateWorkerArgs.__annotations__)
        task, topics = read_given(at, name), text_inputs(at.get("topics"))
        queue = Queue(
            retention=at.get("message_retention_seconds").integer(None, 60, 1_209_600),
            timeout=at.get("visibility_timeout_seconds").integer(None, 0, 43_200),
            tries=at.get("tries").integer(None, 1, 1_000),
        )
        worker = Worker(queue, tuple(Subscription(topic, "") for topic in sorted(topics)))
        count, timeout = read_count(at.get("count")), at.get("steady_state_seconds").integer(600, 60, 43_200)
        check(at)
        super().__init__("strangler:index:FargateWorker", name, None, opts)
        manifest = replace(task.manifest, type=WORKER_SERVICE, worker=worker, count=count)
        made = WorkerService(
            name, service_args(replace(task, manifest=manifest), timeout), pulumi.ResourceOptions(parent=self)
        )
        made.subscribe({("", topic): pulumi.Output.from_input(arn) for topic, arn in topics.items()})
        (main,) = made.queues.by_key.values()
        defined = made.defined
        self.queue_url, self.queue_arn = main.url, after(main.arn, [made.ready])
        self.service_name = made.service_name
        self.task_definition_arn, self.log_group_name = defined.definition.arn, defined.logs.name
        self.task_role_name, self.task_role_arn = defined.roles.task_name, defined.roles.task
        register_outputs(self)
