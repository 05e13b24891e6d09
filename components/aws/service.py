"""A service on AWS, with everything that Copilot's Load Balanced Web Service makes, from plain resources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws import containers
from components.aws.autoscaling import Scaled, scale
from components.aws.environment import Balancer, Environment, front_of
from components.aws.fronts import Way
from components.aws.image import Image, ImageArgs
from components.aws.roles import Roles, roles
from components.aws.rollback import Deployment, rolled_back
from components.manifest import Manifest
from components.names import fit
from components.settings import Service


@dataclass(frozen=True)
class LoadBalancedWebServiceArgs:
    """image: what the service is made of, and where. environment: where it runs. ways: how it is reached, one for each
    of the environment's load balancers. priority: of its rules, one of its own there (default 100). A facade that is
    the load balancer has rules before it: then it only ties the target group to the balancer, as ECS wants it."""

    image: ImageArgs
    environment: Environment
    ways: tuple[Way, ...] = (Way(internal=False, rule=True),)
    priority: int = 100

    @property
    def service(self) -> Service:
        """The service's settings."""
        return self.image.service


@dataclass(frozen=True)
class Entrance:
    """How a service is reached on one load balancer. url: of the load balancer, with the service's port.
    listener_arn, port: where it listens for the service. target_group: its tasks. needs: what ties that group."""

    url: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    port: int
    target_group: aws.lb.TargetGroup
    needs: tuple[pulumi.Resource, ...]


class LoadBalancedWebService(pulumi.ComponentResource):
    """`strangler:index:LoadBalancedWebService`: image, roles, log group, target group, discovery, tasks, scaling.

    image: the reference of what it is made of. entrances: how it is reached, by whether the load balancer is internal.
    url, target_group_arn: those of the environment's first load balancer.
    service_name: as ECS knows it. ready: what to depend on for a service in steady state with what was registered.
    """

    environment: Environment
    image: pulumi.Output[str]
    entrances: Mapping[bool, Entrance]
    url: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    service_name: pulumi.Output[str]
    ready: pulumi.Input[pulumi.Resource]

    def __init__(self, name: str, args: LoadBalancedWebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:LoadBalancedWebService", name, None, opts)
        self.environment, self._args, self._name = args.environment, args, name
        self._manifest, self._place = args.service.manifest, args.image.place
        self._tags = self._place.tags(args.service.environment, name)
        self._child = pulumi.ResourceOptions(parent=self)
        self.image = Image(name, args.image, self._child).reference
        logs = self._logs()
        self.entrances = {way.internal: self._entrance(way) for way in args.ways}
        needed = roles(name, self._manifest, self._place, self._tags, self)
        definition = self._task_definition(logs, needed)
        service = self._service(logs, definition, needed.policies)
        first = self.entrances[self.environment.balancer.internal]
        if self._manifest.count.max is not None:
            scale(name, Scaled(self._manifest.count, args.environment, service, first.target_group, self._tags), self)
        self.ready = self._ready(service, definition, logs)
        self.service_name, self.target_group_arn = service.name, first.target_group.arn
        self.url = first.url
        self.register_outputs(
            {
                "image": self.image,
                "url": self.url,
                "targetGroupArn": self.target_group_arn,
                "serviceName": self.service_name,
            }
        )

    def _logs(self) -> aws.cloudwatch.LogGroup:
        place, service = self._place, self._args.service
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/{place.project}/{place.stack}/{service.environment}/{self._name}",
            retention_in_days=self._manifest.retention,
            tags=self._tags,
            opts=self._child,
        )

    def _entrance(self, way: Way) -> Entrance:
        """A target group, and what sends requests to it: a rule on the load balancer's port 80, or its own port."""
        (balancer,) = (each for each in self.environment.balancers if each.internal == way.internal)
        group = self._target_group(way.internal)
        needs: list[pulumi.Resource] = [self._rule(balancer, group)] if way.rule else []
        url = pulumi.Output.concat("http://", balancer.dns)
        if way.port is None:
            return Entrance(url, balancer.listener_arn, 80, group, tuple(needs))
        listener = self._listener(balancer, way.port, group)
        needs.append(listener)
        if way.open_port:
            needs.append(self._open(way.port))
        return Entrance(pulumi.Output.concat(url, f":{way.port}"), listener.arn, way.port, group, tuple(needs))

    def _listener(self, balancer: Balancer, port: int, group: aws.lb.TargetGroup) -> aws.lb.Listener:
        return aws.lb.Listener(
            self._front(balancer.internal),
            load_balancer_arn=balancer.arn,
            port=port,
            protocol="HTTP",
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
            tags=self._tags,
            opts=self._child,
        )

    def _open(self, port: int) -> aws.vpc.SecurityGroupIngressRule:
        return aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-in",
            security_group_id=self.environment.balancer_group,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4="0.0.0.0/0",
            description=f"HTTP for {self._name}",
            tags=self._tags,
            opts=self._child,
        )

    def _target_group(self, internal: bool) -> aws.lb.TargetGroup:
        """Its port is not the container's, which ECS gives for each task: so another port replaces nothing
        (complaint 7 of docs/decisions.md)."""
        http, check = self._manifest.http, self._manifest.http.healthcheck
        return aws.lb.TargetGroup(
            self._front(internal),
            vpc_id=self.environment.vpc_id,
            target_type="ip",
            port=80,
            protocol="HTTP",
            protocol_version="HTTP1",
            deregistration_delay=http.deregistration_delay,
            stickiness=aws.lb.TargetGroupStickinessArgs(
                type="lb_cookie", enabled=http.stickiness, cookie_duration=86400
            ),
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                path=check.path,
                port=str(check.port) if check.port else "traffic-port",
                matcher=check.success_codes,
                healthy_threshold=check.healthy_threshold,
                unhealthy_threshold=check.unhealthy_threshold,
                interval=check.interval,
                timeout=check.timeout,
            ),
            tags=self._tags,
            opts=self._child,
        )

    def _rule(self, balancer: Balancer, group: aws.lb.TargetGroup) -> aws.lb.ListenerRule:
        return aws.lb.ListenerRule(
            self._front(balancer.internal),
            listener_arn=balancer.listener_arn,
            priority=self._args.priority,
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=["/*"])
                )
            ],
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)],
            tags=self._tags,
            opts=self._child,
        )

    def _front(self, internal: bool) -> str:
        return front_of(self._name, internal)

    def _task_definition(self, logs: aws.cloudwatch.LogGroup, needed: Roles) -> aws.ecs.TaskDefinition:
        manifest, place, service = self._manifest, self._place, self._args.service
        text = pulumi.Output.all(
            image=self.image,
            endpoint=self.environment.namespace_name,
            balancer=self.environment.balancer.dns,
            log_group=logs.name,
            region=place.region,
            secrets=needed.secrets,
        ).apply(
            lambda known: containers.definitions(
                manifest, containers.Surroundings(project=service.application, environment=service.stage, **known)
            )
        )
        processor = "ARM64" if manifest.platform.endswith("arm64") else "X86_64"
        return aws.ecs.TaskDefinition(
            self._name,
            # One family for all revisions of a service.
            family=fit(f"{place.project}-{place.stack}-{service.environment}-{self._name}".replace(".", "-"), 255),
            cpu=str(manifest.cpu),
            memory=str(manifest.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=processor, operating_system_family="LINUX"
            ),
            # 20 GiB are there by themselves, and can't be asked for.
            ephemeral_storage=aws.ecs.TaskDefinitionEphemeralStorageArgs(size_in_gib=manifest.ephemeral)
            if manifest.ephemeral > 20
            else None,
            execution_role_arn=needed.execution,
            task_role_arn=needed.task,
            container_definitions=text,
            tags=self._tags,
            opts=self._child,
        )

    def _discovery(self) -> aws.servicediscovery.Service:
        return aws.servicediscovery.Service(
            self._name,
            name=self._name,
            dns_config=aws.servicediscovery.ServiceDnsConfigArgs(
                namespace_id=self.environment.namespace_id,
                routing_policy="MULTIVALUE",
                dns_records=[
                    aws.servicediscovery.ServiceDnsConfigDnsRecordArgs(type=kind, ttl=10) for kind in ("A", "SRV")
                ],
            ),
            # As a dictionary: its class warns at every `up` of a field that ECS's own documentation sets.
            health_check_custom_config={"failure_threshold": 1},
            # ECS takes the last task out some moments after it is gone.
            force_destroy=True,
            tags=self._tags,
            opts=self._child,
        )

    def _service(
        self,
        logs: aws.cloudwatch.LogGroup,
        definition: aws.ecs.TaskDefinition,
        policies: Iterable[pulumi.Resource],
    ) -> aws.ecs.Service:
        """Behind another load balancer it has another logical name: ECS would let the old target group go before a
        facade has turned to the new one, so that the new service is made beside the old one."""
        manifest, environment = self._manifest, self.environment
        port, public = containers.target_port(manifest), manifest.placement == "public"
        strategies = spot(manifest)
        recreate = manifest.rolling == "recreate"
        limit = f"{self._args.service.timeout}s"
        needs = [each for entrance in self.entrances.values() for each in entrance.needs]
        return aws.ecs.Service(
            f"{self._name}-internal" if environment.balancer.internal else self._name,
            cluster=environment.cluster_arn,
            task_definition=definition.arn,
            desired_count=manifest.count.desired,
            launch_type=None if strategies else "FARGATE",
            capacity_provider_strategies=strategies,
            platform_version="LATEST",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=environment.public_subnets if public else environment.private_subnets,
                security_groups=[environment.task_group],
                assign_public_ip=public,
            ),
            load_balancers=[
                aws.ecs.ServiceLoadBalancerArgs(
                    target_group_arn=each.target_group.arn, container_name=self._name, container_port=port
                )
                for each in self.entrances.values()
            ],
            service_registries=aws.ecs.ServiceServiceRegistriesArgs(registry_arn=self._discovery().arn, port=port),
            service_connect_configuration=self._connect(logs, port),
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            deployment_minimum_healthy_percent=0 if recreate else 100,
            deployment_maximum_percent=100 if recreate else 200,
            health_check_grace_period_seconds=manifest.http.healthcheck.grace_period,
            enable_execute_command=manifest.exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[environment, *needs, *policies],
                custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
                # The count is the scaler's exactly when there is one (complaint 14).
                ignore_changes=["desiredCount"] if manifest.count.max is not None else None,
            ),
        )

    def _connect(
        self, logs: aws.cloudwatch.LogGroup, port: int
    ) -> aws.ecs.ServiceServiceConnectConfigurationArgs | None:
        """Service Connect as Copilot sets it up: others reach the service by its name, on the port of its container."""
        if not self._manifest.connect:
            return None
        alias = aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(port=port, dns_name=self._name)
        return aws.ecs.ServiceServiceConnectConfigurationArgs(
            enabled=True,
            namespace=self.environment.namespace_arn,
            services=[
                aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
                    port_name=containers.PORT_NAME, discovery_name=f"{self._name}-sc", client_alias=[alias]
                )
            ],
            log_configuration=aws.ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
                log_driver="awslogs",
                options=pulumi.Output.all(logs.name, self._place.region).apply(
                    lambda known: containers.log_options(*known)
                ),
            ),
        )

    def _ready(
        self, service: aws.ecs.Service, definition: aws.ecs.TaskDefinition, logs: aws.cloudwatch.LogGroup
    ) -> pulumi.Input[pulumi.Resource]:
        if pulumi.runtime.is_dry_run():
            return service
        deployments = pulumi.Output.all(
            service=self._name,
            cluster=self.environment.cluster_name,
            log_group=logs.name,
            registered=definition.arn,
            reported=service.task_definition,
        )
        return deployments.apply(lambda known: _checked(Deployment(**known), service))


def _checked(deployment: Deployment, service: aws.ecs.Service) -> pulumi.Resource:
    failure = rolled_back(deployment)
    if failure:
        raise pulumi.RunError(failure)
    return service


def spot(manifest: Manifest) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs] | None:
    """Tasks from `spot_from` on run on Fargate Spot, those before on Fargate, as with Copilot; None: all on Fargate."""
    first = manifest.count.spot_from
    if first is None:
        return None
    plain = [aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE", base=first - 1, weight=0)]
    rest = aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE_SPOT", weight=1)
    return [*(plain if first > 1 else []), rest]
