"""A service on AWS, with everything that Copilot's Load Balanced Web Service makes, from plain resources."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.checks.load_balancing import Door, HostName, rule_name
from components.aws.network import security_groups, tls
from components.aws.network.environment import Balancer, Environment, front_of
from components.aws.network.file_system import User, mounted
from components.aws.plan import container_definitions, container_ports
from components.aws.plan.deployment_check import Deployment, rolled_back
from components.aws.plan.load_balancers import Way
from components.aws.service.autoscaling import Scaled, scale
from components.aws.service.image import Image, ImageArgs, sidecar_images
from components.aws.service.listener_attachment import Entrance, EntranceArgs, entrance
from components.aws.service.listener_rules import Listeners, door_rules
from components.aws.service.network_load_balancer import NetworkBalancer, NetworkBalancerArgs, network_balancer
from components.aws.service.roles import Roles, roles
from components.aws.service.rollback_alarms import Watched, deployment_alarms, watch
from components.aws.service.target_groups import http_group
from components.aws.service.task_definition import TaskDefinitionArgs, task_definition
from components.aws.service.topics import Sender, topics
from components.manifest.http import HttpRule
from components.manifest.load_balanced_web_service import Manifest
from components.settings import Service


@dataclass(frozen=True)
class LoadBalancedWebServiceArgs:
    """image: what the service is made of, and where. environment: where it runs. ways: how facades reach it, one for
    each of the environment's load balancers. priority: of the rule that sends it what comes to a load balancer, one of
    its own there (default 100). A facade that is this load balancer has rules before it: then it only ties the target
    group to the balancer, as ECS wants it. doors: the rules of the service's own on the first load balancer (default
    none)."""

    image: ImageArgs
    environment: Environment
    ways: tuple[Way, ...] = (Way(internal=False),)
    priority: int = 100
    doors: tuple[Door, ...] = ()

    @property
    def service(self) -> Service:
        """The service's settings."""
        return self.image.service


class LoadBalancedWebService(pulumi.ComponentResource):
    """`strangler:index:LoadBalancedWebService`: image, roles, log group, target group, discovery, tasks, scaling.

    image: the reference of what it is made of. entrances: how facades reach it, by whether the load balancer is
    internal; empty if they send it nothing. url: of the first load balancer. target_group_arn: where the tasks are that
    a facade sends requests to by that; None if it sends none.
    service_name: as ECS knows it. ready: what to depend on for a service in steady state with what was registered.
    """

    environment: Environment
    image: pulumi.Output[str]
    entrances: Mapping[bool, Entrance]
    url: pulumi.Output[str]
    target_group_arn: pulumi.Output[str] | None
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
        groups = self._target_groups()
        nlb = self._network_balancer()
        self.entrances = self._entrances(groups)
        tied = [each for found in self.entrances.values() for each in found.needs]
        needs = [*tied, *self._rules(groups), *self._ways(), *(nlb.needs if nlb else ())]
        needed = roles(name, self._manifest, self._place, self._tags, self)
        sender = Sender(name, self._full_name, needed.task_name, self._place, self._tags)
        sent = topics(sender, self._manifest.topics, self._child)
        files = mounted(self._user(needed), self._manifest.volumes, self._child)
        task = TaskDefinitionArgs(
            args.service,
            self._full_name,
            args.environment,
            self._place,
            self.image,
            sidecar_images(name, args.image, self._child),
            logs.name,
            needed,
            sent.arns,
            files,
            self._tags,
        )
        definition = task_definition(name, task, self._child)
        needs += [*needed.policies, *sent.needs, *files.needs]
        service = self._service(logs, self._targets(groups, nlb), definition, needs)
        first = groups[0] if groups else None
        if self._manifest.count.max is not None:
            scale(name, Scaled(self._manifest.count, args.environment, service, first, self._tags), self)
        cluster = args.environment.cluster_name
        watched = Watched(self._manifest.rollback_alarms, self._full_name, cluster, service.name, self._tags)
        watch(name, watched, self._child)
        self.ready = self._ready(service, definition, logs)
        if nlb:
            names = [HostName(each.name, each.hosted_zone, (name,)) for each in self._manifest.nlb_aliases]
            tls.records(names, nlb.dns_name, nlb.zone_id, {name: self.ready}, self)
        self.service_name = service.name
        self.target_group_arn = first.arn if first and self._manifest.routed else None
        first_way = self.entrances.get(args.environment.balancer.internal)
        self.url = first_way.url if first_way else pulumi.Output.concat("http://", args.environment.balancer.dns)
        self.register_outputs(
            {
                "image": self.image,
                "url": self.url,
                "targetGroupArn": self.target_group_arn,
                "serviceName": self.service_name,
            }
        )

    @property
    def _full_name(self) -> str:
        """Its name among those of all projects, stacks and environments."""
        place, environment = self._place, self._args.service.environment
        return f"{place.project}-{place.stack}-{environment}-{self._name}".replace(".", "-")

    def _logs(self) -> aws.cloudwatch.LogGroup:
        place, service = self._place, self._args.service
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/{place.project}/{place.stack}/{service.environment}/{self._name}",
            retention_in_days=self._manifest.retention,
            tags=self._tags,
            opts=self._child,
        )

    def _target_groups(self) -> list[aws.lb.TargetGroup]:
        """Of the first load balancer, one for each rule of `http`, the main one first."""
        rules = self._manifest.http.rules if self._manifest.http else ()
        first = self.environment.balancer
        return [self._target_group(number, rule, first) for number, rule in enumerate(rules)]

    def _target_group(self, number: int, rule: HttpRule, balancer: Balancer) -> aws.lb.TargetGroup:
        return http_group(
            front_of(rule_name(self._name, number), balancer.internal),
            rule,
            rule.target_port or self._manifest.port,
            self.environment.vpc_id,
            self._tags,
            self._child,
        )

    def _entrances(self, groups: list[aws.lb.TargetGroup]) -> dict[bool, Entrance]:
        """How facades reach the service, on each load balancer by a target group of its own."""
        made: dict[bool, Entrance] = {}
        http = self._manifest.http
        if http is None or not self._manifest.routed:
            return made
        for way, balancer in zip(self._args.ways, self.environment.balancers, strict=True):
            first = balancer is self.environment.balancer
            group = groups[0] if first else self._target_group(0, http.rules[0], balancer)
            args = EntranceArgs(way, balancer, group, self._args.priority, self._tags)
            made[way.internal] = entrance(self._name, args, self._child)
        return made

    def _rules(self, groups: list[aws.lb.TargetGroup]) -> list[pulumi.Resource]:
        """What sends requests by the service's own doors to the target groups."""
        http, environment = self._manifest.http, self.environment
        if http is None:
            return []
        listeners = Listeners(environment.balancer.listener_arn, environment.https_arn)
        made: list[pulumi.Resource] = []
        for door in self._args.doors:
            version = http.rules[door.rule].version
            made += door_rules(door, listeners, groups[door.rule], version, self._tags, self._child)
        return made

    def _network_balancer(self) -> NetworkBalancer | None:
        nlb = self._manifest.nlb
        if nlb is None:
            return None
        return network_balancer(
            self._name, NetworkBalancerArgs(nlb, self.environment, self._groups()[0], self._tags), self
        )

    def _ways(self) -> list[pulumi.Resource]:
        """With `deny_default`, the load balancer is let in by the first of the groups that the manifest names."""
        if not self._manifest.network.deny_default or self._manifest.http is None:
            return []
        way = security_groups.Way(self.environment.balancer_group, self._groups()[0], security_groups.CHECKED)
        return security_groups.between(f"{self._name}-Groups-to-tasks", way, self._tags, self._child)

    def _user(self, needed: Roles) -> User:
        group = self._groups()[0] if self._manifest.network.deny_default else None
        return User(self._name, needed.task_name, self.environment.files, self._place, self._tags, group)

    def _groups(self) -> list[pulumi.Input[str]]:
        """The security groups of the tasks."""
        network = self._manifest.network
        own: list[pulumi.Input[str]] = [] if network.deny_default else [self.environment.task_group]
        return [*own, *network.security_groups]

    def _subnets(self) -> pulumi.Input[list[str]]:
        network, environment = self._manifest.network, self.environment
        if network.subnets:
            return list(network.subnets)
        return environment.public_subnets if network.public else environment.private_subnets

    def _targets(
        self, groups: list[aws.lb.TargetGroup], nlb: NetworkBalancer | None
    ) -> list[aws.ecs.ServiceLoadBalancerArgs]:
        """With which target group ECS registers which container and port."""
        manifest, first = self._manifest, self.environment.balancer.internal
        rules = manifest.http.rules if manifest.http else ()
        places = [(rule.target_container, rule.target_port or manifest.port) for rule in rules]
        further = [each.group for internal, each in self.entrances.items() if internal != first]
        found = [*zip(groups, places, strict=True), *((group, places[0]) for group in further)]
        if nlb and manifest.nlb:
            inner = [(each.target_container, each.target_port) for each in manifest.nlb.listeners]
            found += zip(nlb.groups, inner, strict=True)
        return [
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=group.arn, container_name=container or self._name, container_port=port
            )
            for group, (container, port) in found
        ]

    def _discovery(self) -> aws.servicediscovery.Service:
        """In another environment it has another logical name: pulumi-aws deletes what keeps its name before it makes it
        anew, which Cloud Map refuses while the old tasks are there, and there are others of that name beside it only in
        another namespace."""
        place = self._args.service.environment
        return aws.servicediscovery.Service(
            self._name if place == self._name else f"{self._name} in {place}",
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
        targets: list[aws.ecs.ServiceLoadBalancerArgs],
        definition: aws.ecs.TaskDefinition,
        needs: list[pulumi.Resource],
    ) -> aws.ecs.Service:
        """Behind another first load balancer it has another logical name: in place, ECS would let the old target group
        go before a facade has turned to the new one. So the new service is made beside the old one."""
        manifest, environment = self._manifest, self.environment
        port = container_ports.target_of(manifest).number
        strategies = spot(manifest)
        recreate = manifest.rolling == "recreate"
        limit = f"{self._args.service.timeout}s"
        return aws.ecs.Service(
            self._runner(),
            cluster=environment.cluster_arn,
            task_definition=definition.arn,
            desired_count=manifest.count.desired,
            launch_type=None if strategies else "FARGATE",
            capacity_provider_strategies=strategies,
            platform_version="LATEST",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=self._subnets(), security_groups=self._groups(), assign_public_ip=manifest.network.public
            ),
            load_balancers=targets,
            service_registries=aws.ecs.ServiceServiceRegistriesArgs(registry_arn=self._discovery().arn, port=port),
            service_connect_configuration=self._connect(logs, port),
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            alarms=deployment_alarms(manifest.rollback_alarms, self._full_name),
            deployment_minimum_healthy_percent=0 if recreate else 100,
            deployment_maximum_percent=100 if recreate else 200,
            health_check_grace_period_seconds=manifest.grace_period,
            enable_execute_command=manifest.exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[environment, *needs],
                custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
                # The count is the scaler's exactly when there is one (complaint 14).
                ignore_changes=["desiredCount"] if manifest.count.max is not None else None,
                # A service falls asleep by another one without tasks beside it: the old one goes as deletions go, last
                # of all and after the routes that led to it. Tasks that were stopped in place would be gone before.
                replace_on_changes=["desiredCount"] if manifest.count.asleep else None,
            ),
        )

    def _runner(self) -> str:
        """The logical name of the ECS service. Its name in Service Connect follows it, as one there is taken once."""
        return f"{self._name}-internal" if self.environment.balancer.internal and self.entrances else self._name

    def _connect(
        self, logs: aws.cloudwatch.LogGroup, port: int
    ) -> aws.ecs.ServiceServiceConnectConfigurationArgs | None:
        """Service Connect as Copilot sets it up: others reach the service by its name, or by
        that which the manifest gives it, on the port of its container. None for a service that sleeps: the name may be
        that of the one that it takes the place of."""
        network = self._manifest.network
        if not network.connect or self._manifest.count.asleep:
            return None
        alias = aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(
            port=port, dns_name=network.connect_alias or self._name
        )
        return aws.ecs.ServiceServiceConnectConfigurationArgs(
            enabled=True,
            namespace=self.environment.namespace_arn,
            services=[
                aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
                    port_name=container_definitions.PORT_NAME,
                    discovery_name=f"{self._runner()}-sc",
                    client_alias=[alias],
                )
            ],
            log_configuration=aws.ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
                log_driver="awslogs",
                options=pulumi.Output.all(logs.name, self._place.region).apply(
                    lambda known: container_definitions.log_options(*known)
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
