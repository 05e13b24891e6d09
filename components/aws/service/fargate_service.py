"""What every service on Fargate is made of, whatever leads to it: the base of the workload types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.plan import container_definitions, container_ports
from components.aws.plan.ecs_services import EcsService
from components.aws.service.autoscaling import scale
from components.aws.service.before import before_tasks
from components.aws.service.fargate_task import Defined, FargateTask, FargateTaskArgs
from components.aws.service.rollback_alarms import deployment_alarms, watch
from components.aws.service.steady_state import steady
from components.manifest.manifest import Manifest


@dataclass(frozen=True)
class FargateServiceArgs(FargateTaskArgs):
    """What a service is made of, and where."""

    ecs_service: EcsService
    """What runs its tasks."""


class FargateService(FargateTask):
    """What every workload is made of, with discovery, ECS service and scaling.

    A workload type is a subclass: it makes what leads to the tasks, and then calls `run` once.
    """

    service_name: pulumi.Output[str]
    """As ECS knows it."""
    ready: pulumi.Input[pulumi.Resource]
    """What to depend on for a service in steady state with what was registered."""

    def __init__(
        self, workload: str, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(workload, name, args, opts)
        self._planned = args.ecs_service

    @property
    def found_by(self) -> Mapping[str, pulumi.Input[object]]:
        """What finds it while it runs: see RunningService."""
        return {**super().found_by, "ecsService": self.service_name}

    def run(
        self,
        targets: Sequence[aws.ecs.ServiceLoadBalancerArgs],
        needs: Sequence[pulumi.Resource],
        scaled_by: aws.lb.TargetGroup | None,
        alarms: Sequence[str] = (),
    ) -> Defined:
        """Makes what runs the tasks, and returns what they are started by.

        targets: with which target group ECS registers which container and port.
        needs: what must exist before the tasks.
        scaled_by: the target group whose requests and response times the service is scaled by; None: it has none.
        alarms: by which deployments are taken back, besides the manifest's.
        """
        context, defined = self.context, self.define()
        definition, logs = defined.definition, defined.logs
        before = [*needs, *defined.needs]
        before += before_tasks(context, definition, self._planned.definitions, before)
        service = self._ecs_service(logs, targets, definition, before, alarms)
        if context.manifest.count.max is not None:
            scale(context, service, scaled_by, defined.queues)
        watch(context, service.name, defined.queues)
        self.service_name = service.name
        # Without a port it has no name in Service Connect: it only reaches others.
        names = [self._connect_name] if self._connects and container_ports.target_of(context.manifest) else []
        self.ready = steady(context, service, definition, targets, names, logs.name)
        self.keep(self.ready)
        return defined

    def _discovery(self) -> aws.servicediscovery.Service:
        """In another environment it has another logical name: pulumi-aws deletes what keeps its name before it makes it
        anew, which Cloud Map refuses while the old tasks are there, and there are others of that name beside it only in
        another namespace."""
        name, environment = self.context.name, self.context.service.environment
        return aws.servicediscovery.Service(
            name if environment in ("", name) else f"{name} in {environment}",
            name=name,
            dns_config=aws.servicediscovery.ServiceDnsConfigArgs(
                namespace_id=self.context.environment.namespace_id,
                routing_policy="MULTIVALUE",
                dns_records=[
                    aws.servicediscovery.ServiceDnsConfigDnsRecordArgs(type=kind, ttl=10) for kind in ("A", "SRV")
                ],
            ),
            # As a dictionary: its class warns at every `up` of a field that ECS's own documentation sets.
            health_check_custom_config={"failure_threshold": 1},
            # ECS takes the last task out some moments after it is gone.
            force_destroy=True,
            tags=self.context.tags,
            opts=self.context.child,
        )

    def _ecs_service(
        self,
        logs: aws.cloudwatch.LogGroup,
        targets: Sequence[aws.ecs.ServiceLoadBalancerArgs],
        definition: aws.ecs.TaskDefinition,
        needs: Sequence[pulumi.Resource],
        alarms: Sequence[str],
    ) -> aws.ecs.Service:
        manifest, environment = self.context.manifest, self.context.environment
        target = container_ports.target_of(manifest)
        port = target.number if target else None
        strategies = capacity(manifest, always=self.context.service.new_deployments)
        recreate = manifest.rolling == "recreate"
        limit = f"{self.context.service.timeout}s"
        return aws.ecs.Service(
            self._planned.logical,
            cluster=environment.cluster_arn,
            task_definition=definition.arn,
            desired_count=self._planned.count,
            launch_type=None if strategies else "FARGATE",
            capacity_provider_strategies=strategies,
            force_new_deployment=self.context.service.new_deployments or None,
            platform_version="LATEST",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=self.context.subnets,
                security_groups=self.context.security_groups,
                assign_public_ip=self.context.public,
            ),
            load_balancers=list(targets),
            service_registries=aws.ecs.ServiceServiceRegistriesArgs(registry_arn=self._discovery().arn, port=port)
            if port
            else None,
            service_connect_configuration=self._connect(logs, port),
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            alarms=deployment_alarms(self.context, alarms, self._planned.alarms),
            deployment_minimum_healthy_percent=0 if recreate else 100,
            deployment_maximum_percent=100 if recreate else 200,
            # It is on in a new service, and needs more than 100 percent (ECS developer guide, "Balancing an Amazon ECS
            # service across Availability Zones").
            availability_zone_rebalancing="DISABLED" if recreate else None,
            # ECS uses it only where there are health checks of load balancers (API reference of CreateService).
            health_check_grace_period_seconds=manifest.grace_period if targets else None,
            enable_execute_command=manifest.exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags=self.context.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*environment.needs, *needs],
                custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
                # The count is the scaler's exactly when there is one (complaint 14), and something that it scales.
                ignore_changes=["desiredCount"] if self._planned.scaled else None,
                # Scaling to zero replaces the ECS service: Pulumi deletes replaced resources last, after the routes to
                # them are gone. An in-place update would stop the tasks while routes still point at them.
                replace_on_changes=["desiredCount"] if manifest.count.scaled_to_zero else None,
            ),
        )

    @property
    def _connects(self) -> bool:
        return self.context.manifest.network.connect and not self.context.manifest.count.scaled_to_zero

    @property
    def _connect_name(self) -> str:
        return self.context.manifest.network.connect_alias or self.context.name

    def _connect(
        self, logs: aws.cloudwatch.LogGroup, port: int | None
    ) -> aws.ecs.ServiceServiceConnectConfigurationArgs | None:
        """Service Connect as Copilot sets it up: others reach the service by its name, or by that which the manifest
        gives it, on the port of its container; without a port it only reaches others. A discovery name is taken once,
        so it follows the logical one. None for a service that is scaled to zero: the name may be that of the one that
        it replaces."""
        if not self._connects:
            return None
        return aws.ecs.ServiceServiceConnectConfigurationArgs(
            enabled=True,
            namespace=self.context.environment.namespace_arn,
            services=[self._served(port)] if port else None,
            log_configuration=aws.ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
                log_driver="awslogs",
                options=pulumi.Output.all(logs.name, self.context.aws.region).apply(
                    lambda known: container_definitions.log_options(*known)
                ),
            ),
        )

    def _served(self, port: int) -> aws.ecs.ServiceServiceConnectConfigurationServiceArgs:
        alias = aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(port=port, dns_name=self._connect_name)
        return aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
            port_name=container_definitions.PORT_NAME,
            # In lower case (ECS API, ServiceConnectService).
            discovery_name=f"{self._planned.logical.lower()}-sc",
            client_alias=[alias],
        )


def capacity(manifest: Manifest, *, always: bool) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs] | None:
    """Tasks from `spot_from` on run on Fargate Spot, those before on Fargate, as with Copilot; None: all on Fargate.

    always: a strategy where all are on Fargate too. ECS changes a strategy in place, with a new deployment; a service
    without one would be made anew, beside the old one, whose name in Service Connect it can't have.
    """
    first = manifest.count.spot_from
    if first is None:
        return [aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE", weight=1)] if always else None
    plain = [aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE", base=first - 1, weight=0)]
    rest = aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE_SPOT", weight=1)
    return [*(plain if first > 1 else []), rest]
