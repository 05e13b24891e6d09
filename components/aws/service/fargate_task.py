"""What every workload on Fargate is made of, whether its tasks run all the time or now and then."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.context import AwsContext
from components.aws.network.environment import Placement
from components.aws.service.context import Later, ServiceContext
from components.aws.service.image import Image, Registry, image_args, sidecar_images
from components.aws.service.queues import Queues, queues
from components.aws.service.roles import Roles, roles
from components.aws.service.task_definition import TaskDefinitionArgs, task_definition
from components.aws.service.topics import topics
from components.aws.service.volumes import volumes
from components.manifest.publish import by_name
from components.settings.service import Service

_WORKLOADS = ("LoadBalancedWebService", "BackendService", "ScheduledJob", "WorkerService")
"""What the type tokens of components of services end with."""


@dataclass(frozen=True)
class FargateTaskArgs:
    """What a workload is made of, and where."""

    service: Service
    """The workload."""
    environment: Placement
    """The environment in which it runs."""
    context: AwsContext
    """The account and the stack."""
    registry: Registry
    """Where its images are pushed to."""
    role: str
    """What the name of the execution role ends with; empty for the first one."""
    later: Later = field(default=Later(), kw_only=True)
    """What takes the place of values of the manifest. Default: nothing."""


@dataclass(frozen=True)
class Defined:
    """What tasks are started by."""

    definition: aws.ecs.TaskDefinition
    """Their containers, size and roles."""
    roles: Roles
    """With which they are started and work."""
    logs: aws.cloudwatch.LogGroup
    """Where their logs go."""
    needs: tuple[pulumi.Resource, ...]
    """What must exist before they start."""
    queues: Queues
    """Where messages wait that they work on."""


class FargateTask(pulumi.ComponentResource):
    """Image, roles, log group and task definition. What runs the tasks is a subclass's: it calls `define` once, and
    `keep` when it is there."""

    context: ServiceContext
    image: pulumi.Output[str]
    """The reference of what the main container is made of."""
    log_group: pulumi.Output[str]
    """The name of the log group of its containers."""
    topics: Mapping[str, pulumi.Output[str]]
    """The ARNs of what it sends to, by what their names end with: see Topic."""
    defined: Defined
    """What its tasks are started by."""

    def __init__(
        self, workload: str, name: str, args: FargateTaskArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """workload: the last part of the component's type token."""
        # Of another type it is the same service: its log group and its tasks stay.
        others = [pulumi.Alias(type_=f"strangler:index:{other}") for other in _WORKLOADS if other != workload]
        whole = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=others))
        super().__init__(f"strangler:index:{workload}", name, None, whole)
        child = pulumi.ResourceOptions(parent=self)
        self.context = ServiceContext(args.service, args.environment, args.context, child, args.later)
        self._registry, self._execution_role = args.registry, args.role
        self._images = [Image(name, image_args(self.context, args.registry), child)]
        self.image = self._images[0].reference

    @property
    def found_by(self) -> Mapping[str, pulumi.Input[object]]:
        """What finds it while it runs: see RunningService."""
        return {
            "region": self.context.aws.region,
            "cluster": self.context.environment.cluster_name,
            "logGroup": self.log_group,
        }

    def define(self) -> Defined:
        """Makes what tasks are started by."""
        context = self.context
        logs = self._logs()
        needed = roles(context, self._execution_role)
        sent = topics(context, needed.task_name)
        waiting = queues(context, needed.task_name)
        mounted = volumes(context, needed.task_name)
        built = sidecar_images(context, self._registry)
        self._images += built.values()
        given = {
            sidecar.name: pulumi.Output.from_input(context.later.of(sidecar.name).image or sidecar.location or "")
            for sidecar in context.manifest.sidecars
        }
        definition = task_definition(
            context,
            TaskDefinitionArgs(
                image=self.image,
                sidecars={**given, **{name: image.reference for name, image in built.items()}},
                log_group=logs.name,
                roles=needed,
                topics=sent.arns,
                queues={key: queue.url for key, queue in waiting.by_key.items()},
                volumes=mounted.definitions,
            ),
        )
        self.log_group = logs.name
        needs = (*needed.policies, *sent.needs, *waiting.needs, *mounted.needs)
        self.topics = {topic.key: sent.arns[name] for name, topic in by_name(context.manifest.topics).items()}
        self.defined = Defined(definition, needed, logs, needs, waiting)
        return self.defined

    def keep(self, ready: pulumi.Input[pulumi.Resource]) -> None:
        """Its images are kept from then on."""
        for image in self._images:
            image.keep(ready)

    def _logs(self) -> aws.cloudwatch.LogGroup:
        service = self.context.service
        return aws.cloudwatch.LogGroup(
            service.name,
            name="".join(f"/{part}" for part in self.context.place),
            retention_in_days=service.manifest.retention,
            tags=self.context.tags,
            opts=self.context.child,
        )
