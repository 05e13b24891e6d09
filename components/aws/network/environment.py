"""An environment on AWS: the network, cluster, service discovery and load balancer in which services run."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components import settings
from components.aws.checks.load_balancing import HostName
from components.aws.context import Place
from components.aws.network import tls
from components.aws.network.access_logs import access_logs
from components.aws.network.file_system import FileSystem, Home, file_system
from components.aws.network.flow_logs import flow_logs
from components.aws.network.security_groups import into_tasks, of_range, out_of_tasks
from components.aws.plan.subnet_layout import layout
from components.aws.service.listener_rules import nobody
from components.model.names import domain, fit

_STRATEGIES = {
    "none": awsx.ec2.NatGatewayStrategy.NONE,
    "single": awsx.ec2.NatGatewayStrategy.SINGLE,
    "per-az": awsx.ec2.NatGatewayStrategy.ONE_PER_AZ,
}

LOGICAL = 24
"""The longest logical name of a load balancer or target group: AWS's limit is 32, and Pulumi adds 8 characters."""


@dataclass(frozen=True)
class EnvironmentArgs:
    """environment: its settings. place: where it is. balancers: of each of its load balancers, whether it is reached
    from its network only (default: one that is public). brought_range: the address range of a network that is brought,
    None for one that is made. hosts: the names that lead to its first load balancer (default none). files: whether a
    service has a volume in the environment's file system (default false: there is none)."""

    environment: settings.Environment
    place: Place
    balancers: tuple[bool, ...] = (False,)
    brought_range: pulumi.Output[str] | None = None
    hosts: tuple[HostName, ...] = ()
    files: bool = False


@dataclass(frozen=True)
class Balancer:
    """A load balancer. internal: whether it is reached from its network only. listener_arn: of its port 80, which
    answers 503 unless a rule says more. arn, dns, zone (for records), suffix (as metrics call it)."""

    internal: bool
    arn: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    dns: pulumi.Output[str]
    zone: pulumi.Output[str]
    suffix: pulumi.Output[str]


class Environment(pulumi.ComponentResource):
    """`strangler:index:Environment`: what services run in, as Copilot's `env deploy` makes it.

    vpc_id, public_subnets, private_subnets: ids. balancer_group and task_group: ids of the security groups: the tasks
    take requests from the balancer and from each other only. cluster_arn, cluster_name. namespace_id, namespace_arn,
    namespace_name: `<environment>.<stack>.<project>.local`, as stacks may share a network. balancers: those that the
    facades need. balancer: the first of them, which is the one of host names, and that tasks are told of. https_arn: of
    its port 443; None without a certificate. files: the file system (None: no service wants one).
    """

    args: EnvironmentArgs
    vpc_id: pulumi.Output[str]
    public_subnets: pulumi.Output[list[str]]
    private_subnets: pulumi.Output[list[str]]
    balancer_group: pulumi.Output[str]
    task_group: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    namespace_id: pulumi.Output[str]
    namespace_arn: pulumi.Output[str]
    namespace_name: pulumi.Output[str]
    balancers: tuple[Balancer, ...]
    balancer: Balancer
    https_arn: pulumi.Output[str] | None
    files: FileSystem | None

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Environment", name, None, opts)
        self.args, self._name = args, name
        self._tags = args.place.tags(name)
        self._child = pulumi.ResourceOptions(parent=self)
        network = self._network()
        if args.environment.flow_logs is not None:
            flow_logs(name, args.environment.flow_logs, self.vpc_id, args.place, self._child)
        logged = args.environment.access_logs
        self._logs = access_logs(name, logged, args.place, self._child) if logged else None
        self._groups()
        self.files = self._files() if args.files else None
        self._cluster()
        self._namespace()
        self.balancers = tuple(self._balancer(internal, network) for internal in args.balancers)
        self.balancer = self.balancers[0]
        self.https_arn = self._https(self.balancer)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnets": self.public_subnets,
                "privateSubnets": self.private_subnets,
                "balancerGroup": self.balancer_group,
                "taskGroup": self.task_group,
                "clusterArn": self.cluster_arn,
                "clusterName": self.cluster_name,
                "namespaceId": self.namespace_id,
                "namespaceArn": self.namespace_arn,
                "namespaceName": self.namespace_name,
                "listenerArn": self.balancer.listener_arn,
                "balancerDns": self.balancer.dns,
                "balancerZone": self.balancer.zone,
                "httpsArn": self.https_arn,
                "balancerSuffix": self.balancer.suffix,
            }
        )

    def _network(self) -> list[pulumi.Resource]:
        """The network that is brought, or one that is made; never the default VPC (complaint 15)."""
        wanted = self.args.environment
        if wanted.vpc:
            self.vpc_id = pulumi.Output.from_input(wanted.vpc.id)
            self.public_subnets = pulumi.Output.from_input(list(wanted.vpc.public_subnets))
            self.private_subnets = pulumi.Output.from_input(list(wanted.vpc.private_subnets))
            return []
        ranges = wanted.subnets or layout(wanted.cidr, wanted.zones)
        zones = list(wanted.subnets.zones) if wanted.subnets else []
        vpc = awsx.ec2.Vpc(
            self._name,
            cidr_block=str(wanted.cidr),
            availability_zone_names=zones or None,
            number_of_availability_zones=None if zones else wanted.zones,
            enable_dns_hostnames=True,
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=_STRATEGIES[wanted.nat]),
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=[
                awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PUBLIC, cidr_blocks=list(ranges.public)),
                awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PRIVATE, cidr_blocks=list(ranges.private)),
            ],
            tags=self._tags,
            opts=self._child,
        )
        self.vpc_id = vpc.vpc_id
        self.public_subnets = vpc.public_subnet_ids.apply(list)
        self.private_subnets = vpc.private_subnet_ids.apply(list)
        return [vpc]

    def _groups(self) -> None:
        """Security groups, with each rule as a resource of its own, so that a change never leaves a group in the way
        (complaint 17). Services wait for the rules; the load balancer does not, as it takes minutes to come."""
        balancer = self._group("balancer", "The load balancer: requests on port 80")
        tasks = self._group("tasks", "The tasks: requests from the load balancer and from each other")
        self.balancer_group, self.task_group = balancer.id, tasks.id
        callers = {name: each for internal in self.args.balancers for name, each in self._callers(internal).items()}
        for name, range_ in callers.items():
            aws.vpc.SecurityGroupIngressRule(
                name,
                security_group_id=balancer.id,
                ip_protocol="tcp",
                from_port=80,
                to_port=80,
                cidr_ipv4=range_,
                description="HTTP",
                tags=self._tags,
                opts=self._child,
            )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-balancer-to-tasks",
            security_group_id=balancer.id,
            referenced_security_group_id=tasks.id,
            ip_protocol="tcp",
            from_port=0,
            to_port=65535,
            description="Requests and health checks",
            tags=self._tags,
            opts=self._child,
        )
        self._to_tasks("balancer", balancer, "Requests and health checks")
        self._to_tasks("tasks", tasks, "Service discovery and Service Connect")
        into_tasks(self._name, tasks.id, self.args.environment.ingress, self._tags, self._child)
        self._out_of(tasks)

    def _files(self) -> FileSystem:
        """The file system, with a door in each zone, as the tasks of a zone use its own (EFS user guide)."""
        wanted, subnets = self.args.environment, self.private_subnets
        zones = len(wanted.subnets.private) if wanted.subnets else wanted.zones
        if wanted.vpc:
            listed = list(wanted.vpc.private_subnets or wanted.vpc.public_subnets)
            zones, subnets = len(listed), pulumi.Output.from_input(listed)
        home = Home(self.vpc_id, subnets, zones, self.task_group, bool(wanted.egress), self.args.place, self._tags)
        return file_system(self._name, home, self._child)

    def _out_of(self, tasks: aws.ec2.SecurityGroup) -> None:
        """What tasks may call: everything, unless the settings say what alone."""
        if self.args.environment.egress:
            out_of_tasks(self._name, tasks.id, self.args.environment.egress, self._tags, self._child)
            return
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-tasks-out",
            security_group_id=tasks.id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            description="Images, logs, secrets, and whatever the services call",
            tags=self._tags,
            opts=self._child,
        )

    def _to_tasks(self, of: str, source: aws.ec2.SecurityGroup, description: str) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-tasks-from-{of}",
            security_group_id=self.task_group,
            referenced_security_group_id=source.id,
            ip_protocol="tcp",
            from_port=0,
            to_port=65535,
            description=description,
            tags=self._tags,
            opts=self._child,
        )

    def _callers(self, internal: bool) -> dict[str, pulumi.Input[str]]:
        """Whence a load balancer takes requests: address ranges, by the logical names of their rules."""
        front = front_of(self._name, internal)
        if internal:
            return {f"{front}-in": self.inside()}
        if not self.args.environment.callers:
            return {f"{front}-in": "0.0.0.0/0"}
        return {f"{front}-in-{of_range(each)}": each for each in self.args.environment.callers}

    def inside(self) -> pulumi.Input[str]:
        """The address range of the network."""
        return self.args.brought_range or str(self.args.environment.cidr)

    def balancer_subnets(self, internal: bool) -> pulumi.Input[list[str]]:
        """Where its load balancers are."""
        if not internal:
            return self.public_subnets
        return list(self.args.environment.internal_subnets) or self.private_subnets

    def _group(self, of: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{of}",
            vpc_id=self.vpc_id,
            description=description,
            tags=self._tags,
            opts=self._child,
        )

    def _cluster(self) -> None:
        insights = "enabled" if self.args.environment.container_insights else "disabled"
        cluster = aws.ecs.Cluster(
            self._name,
            configuration=aws.ecs.ClusterConfigurationArgs(
                execute_command_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs(
                    logging="DEFAULT"
                )
            ),
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value=insights)],
            tags=self._tags,
            opts=self._child,
        )
        aws.ecs.ClusterCapacityProviders(
            self._name,
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=self._child,
        )
        self.cluster_arn, self.cluster_name = cluster.arn, cluster.name

    def _namespace(self) -> None:
        place = self.args.place
        namespace = aws.servicediscovery.PrivateDnsNamespace(
            self._name,
            name=domain(self._name, place.stack, place.project),
            vpc=self.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        self.namespace_id, self.namespace_arn, self.namespace_name = namespace.id, namespace.arn, namespace.name

    def _balancer(self, internal: bool, needs: list[pulumi.Resource]) -> Balancer:
        """A load balancer whose port 80 answers 503 unless a rule says more, as an empty Copilot environment does."""
        front, logs = front_of(self._name, internal), self._logs
        balancer = aws.lb.LoadBalancer(
            front,
            internal=internal,
            load_balancer_type="application",
            subnets=self.balancer_subnets(internal),
            security_groups=[self.balancer_group],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            access_logs=logs.args if logs else None,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*needs, *(logs.needs if logs else ())]),
        )
        listener = aws.lb.Listener(
            front,
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[nobody()],
            tags=self._tags,
            opts=self._child,
        )
        return Balancer(internal, balancer.arn, listener.arn, balancer.dns_name, balancer.zone_id, balancer.arn_suffix)

    def _https(self, balancer: Balancer) -> pulumi.Output[str] | None:
        wanted = self.args.environment
        found = tls.certificates(wanted.certificates, self.args.hosts, self._tags, self)
        if not found:
            return None
        front = front_of(self._name, balancer.internal)
        secured = tls.Secured(
            front=front,
            balancer=balancer.arn,
            group=self.balancer_group,
            callers={
                name.replace(front, f"{front}-tls", 1): each for name, each in self._callers(balancer.internal).items()
            },
            certificates=found,
            policy=wanted.ssl_policy,
            tags=self._tags,
        )
        return tls.listener(secured, self._child).arn


def front_of(name: str, internal: bool) -> str:
    """The logical name of what belongs to a load balancer. An internal one has another, as AWS can't turn one into the
    other, nor tie a target group to both: the new one is made beside the old one, with target groups of its own."""
    return fit(f"{name}-internal" if internal else name, LOGICAL)
