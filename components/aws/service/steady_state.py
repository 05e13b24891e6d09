"""What to depend on for a service that runs what was registered."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
from pulumi_aws.ecs import outputs

from components.aws.plan.deployment_check import Deployment, Revision, rolled_back
from components.aws.service.context import ServiceContext


def steady(
    context: ServiceContext,
    service: aws.ecs.Service,
    definition: aws.ecs.TaskDefinition,
    targets: Sequence[aws.ecs.ServiceLoadBalancerArgs],
    connect_names: Sequence[str],
    log_group: pulumi.Output[str],
) -> pulumi.Input[pulumi.Resource]:
    """The ECS service, once its deployment has not been rolled back; at once in a preview. definition, targets,
    connect_names: what was deployed, and the names in Service Connect among it."""
    if pulumi.runtime.is_dry_run():
        return service
    registered = pulumi.Output.all(
        task_definition=definition.arn,
        subnets=context.subnets,
        security_groups=context.security_groups,
        target_groups=[(target.target_group_arn, target.container_name, target.container_port) for target in targets],
        connect_names=list(connect_names),
    )
    reported = pulumi.Output.all(
        task_definition=service.task_definition,
        subnets=service.network_configuration.apply(lambda known: known.subnets if known else []),
        security_groups=service.network_configuration.apply(lambda known: (known and known.security_groups) or []),
        target_groups=service.load_balancers.apply(
            lambda known: [(one.target_group_arn, one.container_name, one.container_port) for one in known or ()]
        ),
        connect_names=service.service_connect_configuration.apply(_names),
    )
    deployments = pulumi.Output.all(
        service=context.name,
        cluster=context.environment.cluster_name,
        log_group=log_group,
        registered=registered.apply(lambda known: Revision.of(**known)),
        reported=reported.apply(lambda known: Revision.of(**known)),
    )
    return deployments.apply(lambda known: _checked(Deployment(**known), service))


def _names(connect: outputs.ServiceServiceConnectConfiguration | None) -> list[str]:
    """Of a service in Service Connect."""
    services = connect.services if connect else None
    return [alias.dns_name for one in services or () for alias in one.client_alias or () if alias.dns_name]


def _checked(deployment: Deployment, service: aws.ecs.Service) -> pulumi.Resource:
    failure = rolled_back(deployment)
    if failure:
        raise pulumi.RunError(failure)
    return service
