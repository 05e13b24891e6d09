"""The task definition of a service: its containers, their size, and what they may mount."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Place
from components.aws.network.environment import Environment
from components.aws.network.file_system import Mounted
from components.aws.plan import container_definitions
from components.aws.service.roles import Roles
from components.manifest.taskdef_overrides import Size, overridden_size
from components.model.names import fit
from components.settings import Service


@dataclass(frozen=True)
class TaskDefinitionArgs:
    """full_name: of the service, with project, stack and environment. image and sidecars: the references of what its
    containers are made of. log_group: the name of where their logs go. roles: with which they are started and work.
    topics: ARN of each topic by its name. files: what they mount."""

    service: Service
    full_name: str
    environment: Environment
    place: Place
    image: pulumi.Output[str]
    sidecars: Mapping[str, pulumi.Output[str]]
    log_group: pulumi.Output[str]
    roles: Roles
    topics: Mapping[str, pulumi.Output[str]]
    files: Mounted
    tags: Mapping[str, str]


def task_definition(name: str, args: TaskDefinitionArgs, opts: pulumi.ResourceOptions) -> aws.ecs.TaskDefinition:
    """What the tasks of a service are started by."""
    manifest, service = args.service.manifest, args.service
    text = pulumi.Output.all(
        image=args.image,
        sidecars=args.sidecars,
        endpoint=args.environment.namespace_name,
        balancer=args.environment.balancer.dns,
        log_group=args.log_group,
        region=args.place.region,
        partition=args.place.partition,
        account=args.place.account,
        topics=args.topics,
    ).apply(
        lambda known: container_definitions.definitions(
            manifest,
            container_definitions.Surroundings(project=service.application, environment=service.stage, **known),
        )
    )
    size = overridden_size(manifest.overrides, Size(manifest.cpu, manifest.memory, manifest.ephemeral))
    processor = "ARM64" if manifest.platform.endswith("arm64") else "X86_64"
    return aws.ecs.TaskDefinition(
        name,
        # One family for all revisions of a service.
        family=fit(args.full_name, 255),
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
        container_definitions=text,
        volumes=args.files.volumes,
        tags=args.tags,
        opts=opts,
    )
