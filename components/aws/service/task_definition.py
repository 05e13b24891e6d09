"""The task definition of a service: its containers, their size, and what they may mount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan import container_definitions
from components.aws.service.context import ServiceContext
from components.aws.service.preview import shown
from components.aws.service.roles import Roles
from components.manifest.taskdef_overrides import Size, overridden_size
from components.model.names import fit


@dataclass(frozen=True)
class TaskDefinitionArgs:
    """What the containers of a task are made of and use."""

    image: pulumi.Output[str]
    """The main container's, by its reference."""
    sidecars: Mapping[str, pulumi.Output[str]]
    """The sidecars' images, by the sidecar's name."""
    log_group: pulumi.Output[str]
    """The name of where their logs go."""
    roles: Roles
    """With which they are started and work."""
    topics: Mapping[str, pulumi.Output[str]]
    """ARNs, by the topic's name."""
    queues: Mapping[str, pulumi.Output[str]]
    """URLs, by the key in COPILOT_TOPIC_QUEUE_URIS; that of the service has none."""
    volumes: Sequence[aws.ecs.TaskDefinitionVolumeArgs] | None
    """What its containers mount; None: nothing."""


def task_definition(context: ServiceContext, args: TaskDefinitionArgs) -> aws.ecs.TaskDefinition:
    """What the tasks of a service are started by."""
    manifest, service = context.manifest, context.service
    around = pulumi.Output.all(
        image=shown(args.image, f"<image of {service.name}, known once it is built>"),
        sidecars={
            name: shown(image, f"<image of {name}, known once it is built>") for name, image in args.sidecars.items()
        },
        endpoint=shown(context.environment.namespace_name, "<domain of the environment>"),
        balancer=shown(context.balancer.dns, "<DNS name of the load balancer>") if context.balancer else "",
        log_group=shown(args.log_group, f"<log group of {service.name}>"),
        region=context.aws.region,
        partition=context.aws.partition,
        account=context.aws.account,
        topics={name: shown(arn, f"<ARN of the topic {name}>") for name, arn in args.topics.items()},
        queues={key: shown(url, f"<URL of the queue {key or service.name}>") for key, url in args.queues.items()},
    )
    definitions = pulumi.Output.all(context.given, around).apply(
        lambda known: container_definitions.definitions(
            known[0],
            container_definitions.Surroundings(project=service.application, environment=service.stage, **known[1]),
        )
    )
    size = overridden_size(manifest.overrides, Size(manifest.cpu, manifest.memory, manifest.ephemeral))
    processor = "ARM64" if manifest.platform.endswith("arm64") else "X86_64"
    return aws.ecs.TaskDefinition(
        context.name,
        # One family for all revisions of a service.
        family=fit(context.full_name, 255),
        cpu=str(size.cpu),
        memory=str(size.memory),
        pid_mode=size.pid_mode,
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            cpu_architecture=processor, operating_system_family="LINUX"
        ),
        # 20 GiB are there by themselves, and can't be asked for.
        ephemeral_storage=aws.ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=size.ephemeral)
        if size.ephemeral > 20
        else None,
        execution_role_arn=args.roles.execution,
        task_role_arn=args.roles.task,
        container_definitions=definitions,
        volumes=args.volumes,
        tags=context.tags,
        opts=context.child,
    )
