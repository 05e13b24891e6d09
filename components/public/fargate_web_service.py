"""A service on Fargate that takes HTTP requests, in an environment."""

from dataclasses import replace
from typing import Any, NotRequired, TypedDict

import pulumi

from components.aws.plan.alb_priorities import attachment_priorities
from components.aws.plan.load_balancers import AttachmentPlan, name_on
from components.aws.plan.target_groups import Version
from components.aws.service.load_balanced_web_service import LoadBalancedWebService, LoadBalancedWebServiceArgs
from components.input.value import NUMBERS, Value
from components.manifest.http import DEREGISTRATION_DELAY, HealthCheck, Http, HttpRule, read_check_map
from components.model.facades import Scheme
from components.public.container_args import ContainerHealthCheckArgs, SidecarArgs
from components.public.fargate_task import read_given, service_args
from components.public.given import after, check, given, register_outputs, url_of
from components.public.running_args import BY_REQUESTS, RollbackAlarmsArgs, ScalingArgs, read_running


class HealthCheckArgs(TypedDict):
    """What the load balancer asks of each task. A change applies at once to the tasks that run."""

    path: NotRequired[str]
    """Path that is asked for. Default: `/`."""
    success_codes: NotRequired[str]
    """Status codes of an answer that will do, such as `200,301` or `200-299`. Default: `200`."""
    interval_seconds: NotRequired[int]
    """Seconds between two checks, 5 to 300. Default: 30."""
    timeout_seconds: NotRequired[int]
    """Seconds that an answer may take, 2 to 120, less than the interval. Default: 5."""
    healthy_threshold: NotRequired[int]
    """Good answers in a row that make a task healthy, 2 to 10. Default: 5."""
    unhealthy_threshold: NotRequired[int]
    """Bad answers in a row that make it unhealthy, 2 to 10. Default: 2."""
    grace_period_seconds: NotRequired[int]
    """Seconds for which a new task may be unhealthy, up to 2147483647. Default: 60."""


class FargateWebServiceArgs(TypedDict):
    """What `FargateWebService` is made of."""

    environment: pulumi.Input[dict[str, Any]]
    """Where it runs: the output `placement` of an `Environment`."""
    image: pulumi.Input[str]
    """Reference of its image, best by digest: a tag that is moved changes nothing here."""
    port: int
    """Port on which its container listens, 1 to 65535; 443 with TLS. Plain, as all that isn't taken from other
    resources: it is checked before anything is made."""
    health_check: NotRequired[HealthCheckArgs]
    """What the load balancer asks of each task. Default: `GET /` every 30 seconds."""
    variables: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables of the container. Default: those alone that it gets besides, as with Copilot:
    COPILOT_APPLICATION_NAME, COPILOT_ENVIRONMENT_NAME (the project's and the stack's names), COPILOT_SERVICE_NAME,
    COPILOT_SERVICE_DISCOVERY_ENDPOINT and COPILOT_LB_DNS."""
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
    deregistration_delay_seconds: NotRequired[int]
    """Seconds that in-flight requests are given when a task stops, up to 3600. Default: 60."""
    steady_state_seconds: NotRequired[int]
    """Seconds after which an `up` gives up waiting for its steady state, 30 to 86400. Default: 600."""
    listener_priority: NotRequired[int]
    """Priority of the rule that attaches its target group to the listener, 1 to 50000; no request ever meets it. Give
    one where AWS refuses the default, as another rule has it: PriorityInUse. Default: one of 40001 to 49000 that
    follows from the name."""
    tags: NotRequired[dict[str, str]]
    """Tags of all that is made, besides `application`, `stack` and `service`. Default: none."""


class FargateWebService(pulumi.ComponentResource):
    """A service on Fargate with its target group, roles, log group and name in service discovery.

    It gets no request by itself: `AlbFacade` on the environment's listener leads some there, or a listener rule of
    one's own. A deployment that fails is rolled back and fails the `up`; what depends on `target_group_arn`, such as
    the rules of an `AlbFacade`, stays as it was then. Its name becomes that of the container and in service discovery:
    lower case, 40 characters at most.
    """

    target_group_arn: pulumi.Output[str]
    """ARN of its target group. What depends on it comes after the service is in steady state with what was registered,
    and goes before it."""
    url: pulumi.Output[str]
    """Where the load balancer answers, without a path; the environment's `url`."""
    private_dns_name: pulumi.Output[str]
    """Its name in service discovery, for tasks of the same environment."""
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

    def __init__(self, name: str, args: FargateWebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("FargateWebService", name, args, FargateWebServiceArgs.__annotations__)
        task = read_given(at, name)
        port = at.required("port", "give the port that the container listens on").integer(0, 1, 65535)
        rule = HttpRule(
            "/",
            _health_check(at.get("health_check")),
            deregistration_delay=NUMBERS.read(at, "deregistration_delay", *DEREGISTRATION_DELAY),
        )
        manifest, running = replace(task.manifest, port=port, http=Http(rule)), read_running(at, BY_REQUESTS)
        priority = at.get("listener_priority").integer(attachment_priorities([name])[name], 1, 50_000)
        check(at)
        super().__init__("strangler:index:FargateWebService", name, None, opts)
        first = name_on(name, Scheme.PUBLIC)
        service = LoadBalancedWebService(
            name,
            LoadBalancedWebServiceArgs(
                base=service_args(replace(task, manifest=manifest), running),
                attachments=(AttachmentPlan(rule=False),),
                versions={first: Version(first, priority)},
            ),
            pulumi.ResourceOptions(parent=self),
        )
        defined, where = service.defined, task.where
        self.target_group_arn = after(service.target_group_arn or "", service.answering)
        self.url = url_of(where["load_balancer_dns_name"])
        self.private_dns_name = pulumi.Output.concat(name, ".", where["namespace_name"])
        self.service_name = service.service_name
        self.task_definition_arn, self.log_group_name = defined.definition.arn, defined.logs.name
        self.task_role_name, self.task_role_arn = defined.roles.task_name, defined.roles.task
        self.execution_role_arn = defined.roles.execution
        register_outputs(self)


def _health_check(at: Value) -> HealthCheck:
    if at:
        at.require_map()
        at.only(HealthCheckArgs.__annotations__)
    return read_check_map(at, NUMBERS, "200", "http1")
