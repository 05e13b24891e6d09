"""An environment on AWS: the network, cluster, service discovery and load balancer in which services run."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.aws.context import AwsContext
from components.aws.existing import ExistingBalancer
from components.aws.network import tls
from components.aws.network.access_logs import access_logs
from components.aws.network.backends import Backends, BackendsArgs, backends
from components.aws.network.file_system import FileSystem, FileSystemArgs, file_system
from components.aws.network.flow_logs import flow_logs
from components.aws.network.listeners import no_service
from components.aws.network.security_groups import Egress, Ingress, of_range, of_tasks, security_group
from components.aws.plan.alias_rules import HostName
from components.aws.plan.load_balancers import name_on, own_name
from components.aws.plan.subnet_layout import layout
from components.model.environment import EnvironmentSettings
from components.model.facades import Domain, Scheme
from components.model.names import domain, internal_domain

_STRATEGIES = {
    "none": awsx.ec2.NatGatewayStrategy.NONE,
    "single": awsx.ec2.NatGatewayStrategy.SINGLE,
    "per-az": awsx.ec2.NatGatewayStrategy.ONE_PER_AZ,
}


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer of an environment, made or the user's own."""

    scheme: Scheme
    """Public, internal, or the user's own."""
    arn: pulumi.Output[str]
    """Its ARN."""
    listener_arn: pulumi.Output[str]
    """Of its port 80, which answers 503 unless a rule says more; or of the user's own, in which our rules are."""
    url: pulumi.Output[str]
    """Where that listener answers, without a path."""
    dns: pulumi.Output[str]
    """Its host name."""
    zone: pulumi.Output[str]
    """Id of its hosted zone, for alias records."""
    suffix: pulumi.Output[str]
    """The part of its ARN by which CloudWatch's metrics name it."""


@dataclass(frozen=True)
class GivenBalancer:
    """A load balancer that is the user's own, as an environment needs it."""

    load_balancer: LoadBalancer
    """Its scheme is EXISTING."""
    groups: tuple[str, ...]
    """Ids of its security groups. Plain, as rules have their names by them."""


@dataclass(frozen=True)
class GivenNetwork:
    """A VPC that is the user's own, by ids that may be outputs."""

    vpc_id: pulumi.Output[str]
    """Its id."""
    public_subnets: pulumi.Output[list[str]]
    """Ids."""
    private_subnets: pulumi.Output[list[str]]
    """Ids."""


@dataclass(frozen=True)
class EnvironmentArgs:
    """What an environment is made of."""

    settings: EnvironmentSettings
    """What is known of it."""
    context: AwsContext
    """The account and the stack."""
    schemes: tuple[Scheme, ...] = (Scheme.PUBLIC,)
    """Of its load balancers, the first of which is the one of host names. Default: one that is public."""
    vpc_range: pulumi.Output[str] | None = None
    """The address range of an existing VPC. Default: the VPC is created with the settings' own."""
    hosts: tuple[HostName, ...] = ()
    """The host names that lead to its first load balancer. Default none."""
    domains: tuple[Domain, ...] = ()
    """The names of the facade that is its first load balancer. Default none."""
    files: bool = False
    """Whether a service has a volume in the environment's file system. Default false: there is none."""
    backends: bool = False
    """Whether it has an internal load balancer for its backends. Default false."""
    existing: GivenBalancer | None = None
    """The one of the scheme EXISTING. Default: there is none of that."""
    network: GivenNetwork | None = None
    """An existing VPC whose ids may be outputs. Default: that of the settings."""
    certificate: pulumi.Input[str] | None = None
    """ARN of a further certificate of its load balancers, which may be an output. Default: there is none."""

    @property
    def inside(self) -> pulumi.Input[str]:
        """The address range of the VPC."""
        return self.vpc_range or str(self.settings.cidr)


@dataclass(frozen=True)
class TaskPlacement:
    """Where all tasks of an environment are."""

    subnets: pulumi.Input[list[str]]
    """Ids."""
    public: pulumi.Input[bool]
    """Whether they have public addresses."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a workload runs, as its resources see it."""

    args: EnvironmentArgs
    """What the environment is made of."""
    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    public_subnets: pulumi.Output[list[str]]
    """Ids."""
    private_subnets: pulumi.Output[list[str]]
    """Ids."""
    task_group: pulumi.Output[str]
    """Id of the tasks' security group."""
    cluster_arn: pulumi.Output[str]
    """ARN of the ECS cluster."""
    cluster_name: pulumi.Output[str]
    """Its name."""
    namespace_id: pulumi.Output[str]
    """Id of the namespace for service discovery."""
    namespace_arn: pulumi.Output[str]
    """Its ARN."""
    namespace_name: pulumi.Output[str]
    """Its domain."""
    load_balancers: tuple[LoadBalancer, ...]
    """One for each of the environment's schemes, in their order."""
    needs: tuple[pulumi.Resource, ...] = ()
    """What must exist before the tasks. Default: what the outputs above depend on."""
    balancer_group: pulumi.Output[str] | None = None
    """Id of the security group of the load balancers that are made. Default: none is."""
    https_arn: pulumi.Output[str] | None = None
    """See Environment. Default: there is none."""
    alias_https_arn: pulumi.Output[str] | None = None
    """See Environment. Default: there is none."""
    held: tuple[pulumi.Resource, ...] = ()
    """See Environment. Default none."""
    files: FileSystem | None = None
    """Default: no service wants one."""
    backends: Backends | None = None
    """What leads to its backends. Default: none of them has `http`."""
    tasks: TaskPlacement | None = None
    """Default: where each manifest says."""

    @property
    def load_balancer(self) -> LoadBalancer:
        """The first of them: the one of host names, and of which tasks are told. There is one wherever a service is
        that takes requests from outside."""
        return self.load_balancers[0]

    def inside(self) -> pulumi.Input[str]:
        """The address range of the VPC."""
        return self.args.inside

    def load_balancer_subnets(self, scheme: Scheme) -> pulumi.Input[list[str]]:
        """The ids of the subnets in which its load balancers are."""
        return _subnets(self.args.settings, scheme, self.public_subnets, self.private_subnets)


class Environment(pulumi.ComponentResource):
    """`strangler:index:Environment`: what services run in, as Copilot's `env deploy` makes it."""

    args: EnvironmentArgs
    vpc_id: pulumi.Output[str]
    public_subnets: pulumi.Output[list[str]]
    """Ids."""
    private_subnets: pulumi.Output[list[str]]
    """Ids."""
    balancer_group: pulumi.Output[str] | None
    """Id of the security group of the load balancers that are made; None if none is."""
    task_group: pulumi.Output[str]
    """Id of the tasks' security group: they take requests from the load balancers and from each other only."""
    cluster_arn: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    namespace_id: pulumi.Output[str]
    namespace_arn: pulumi.Output[str]
    namespace_name: pulumi.Output[str]
    """`<environment>.<stack>.<project>.local`, as stacks may share a network."""
    load_balancers: tuple[LoadBalancer, ...]
    """Those that the facades need; none where there is no facade."""
    load_balancer: LoadBalancer | None
    """The first of them: the one of host names, and of which tasks are told."""
    https_arn: pulumi.Output[str] | None
    """ARN of the listener on port 443 of the first of them that is made; None without a certificate."""
    alias_https_arn: pulumi.Output[str] | None
    """The same, for the host names of services; None if all of its certificates are for the facade's."""
    held: tuple[pulumi.Resource, ...]
    """What holds the certificates of that listener. The record of a name comes after it, and goes before it."""
    files: FileSystem | None
    """None: no service wants one."""
    backends: Backends | None
    """What leads to its backends; None: none of them has `http`."""
    placement: Placement
    """The same, as services see it."""

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strangler:index:Environment", name, None, opts)
        self.args, self._name = args, name
        self._tags = args.context.tags(name)
        self._child = pulumi.ResourceOptions(parent=self)
        network = self._network()
        if args.settings.flow_logs is not None:
            flow_logs(name, args.settings.flow_logs, self.vpc_id, args.context, self._child)
        logged = args.settings.access_logs
        self._logs = access_logs(name, logged, args.context, self._child) if logged else None
        self._groups()
        self.files = self._files() if args.files else None
        self._cluster()
        self._namespace()
        self.backends = self._backends(network) if args.backends else None
        self.load_balancers = tuple(self._load_balancer(scheme, network) for scheme in args.schemes)
        self.load_balancer = next(iter(self.load_balancers), None)
        given = tls.certificates(args.settings.certificates, args.hosts, self._tags, self)
        own = tls.of_domains(args.domains, self._tags, self._child)
        if args.certificate is not None:
            own = {**own, "certificate": args.certificate}
        made = next((one for one in self.load_balancers if one.scheme is not Scheme.EXISTING), None)
        self.https_arn, self.held = self._https(made, {**given, **own}) if made else (None, ())
        self.alias_https_arn = self.https_arn if given and made is self.load_balancer else None
        self.placement = self._placement()
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
                "listenerArn": self.load_balancer and self.load_balancer.listener_arn,
                "balancerDns": self.load_balancer and self.load_balancer.dns,
                "balancerZone": self.load_balancer and self.load_balancer.zone,
                "httpsArn": self.https_arn,
                "balancerSuffix": self.load_balancer and self.load_balancer.suffix,
            }
        )

    def _network(self) -> list[pulumi.Resource]:
        """The existing VPC, or one that is created; never the default VPC (complaint 15)."""
        wanted, given = self.args.settings, self.args.network
        if given:
            self.vpc_id, self.public_subnets = given.vpc_id, given.public_subnets
            self.private_subnets = given.private_subnets
            return []
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
        made = any(scheme is not Scheme.EXISTING for scheme in self.args.schemes)
        balancer = self._group("balancer", "The load balancer: requests on port 80") if made else None
        tasks = self._group("tasks", "The tasks: requests from the load balancer and from each other")
        self.balancer_group, self.task_group = balancer.id if balancer else None, tasks.id
        if balancer:
            self._let_in(balancer, tasks)
        for group in self.args.existing.groups if self.args.existing else ():
            self._to_tasks(group, group, "Requests and health checks from the load balancer that stood before")
        self._to_tasks("tasks", tasks.id, "Service discovery and Service Connect")
        of_tasks(Ingress, f"{self._name}-tasks-take", tasks.id, self.args.settings.ingress, self._tags, self._child)
        self._out_of(tasks)

    def _let_in(self, balancer: aws.ec2.SecurityGroup, tasks: aws.ec2.SecurityGroup) -> None:
        """From the callers to the load balancers that are made, and from these to the tasks."""
        callers = {name: range_ for scheme in self.args.schemes for name, range_ in self._callers(scheme).items()}
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
        self._to_tasks("balancer", balancer.id, "Requests and health checks")

    def _files(self) -> FileSystem:
        """The file system, with a mount target in each Availability Zone."""
        wanted, subnets = self.args.settings, self.private_subnets
        zones = len(wanted.subnets.private) if wanted.subnets else wanted.zones
        if wanted.vpc:
            listed = list(wanted.vpc.private_subnets or wanted.vpc.public_subnets)
            zones, subnets = len(listed), pulumi.Output.from_input(listed)
        args = FileSystemArgs(self.vpc_id, subnets, zones, self.task_group, egress=bool(wanted.egress))
        return file_system(self._name, args, self.args.context, self._tags, self._child)

    def _backends(self, network: list[pulumi.Resource]) -> Backends:
        """The load balancer of backends: beside those of facades, which take what comes from outside."""
        settings, context = self.args.settings, self.args.context
        return backends(
            self._name,
            BackendsArgs(
                settings=settings,
                vpc_id=self.vpc_id,
                subnets=_subnets(self.args.settings, Scheme.INTERNAL, self.public_subnets, self.private_subnets),
                task_group=self.task_group,
                domain=internal_domain(self._name, context.stack, context.project),
                needs=tuple(network),
            ),
            self._tags,
            self._child,
        )

    def _out_of(self, tasks: aws.ec2.SecurityGroup) -> None:
        """What tasks may call: everything, unless the settings say what alone."""
        egress = self.args.settings.egress
        if egress:
            of_tasks(Egress, f"{self._name}-tasks-call", tasks.id, egress, self._tags, self._child)
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

    def _to_tasks(self, of: str, source: pulumi.Input[str], description: str) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-tasks-from-{of}",
            security_group_id=self.task_group,
            referenced_security_group_id=source,
            ip_protocol="tcp",
            from_port=0,
            to_port=65535,
            description=description,
            tags=self._tags,
            opts=self._child,
        )

    def _callers(self, scheme: Scheme) -> dict[str, pulumi.Input[str]]:
        """The address ranges from which a load balancer takes requests, by the logical names of their rules."""
        if scheme is Scheme.EXISTING:
            return {}
        name = name_on(self._name, scheme)
        if scheme is Scheme.INTERNAL:
            return {f"{name}-in": self.args.inside}
        if not self.args.settings.callers:
            return {f"{name}-in": "0.0.0.0/0"}
        return {f"{name}-in-{of_range(cidr)}": cidr for cidr in self.args.settings.callers}

    def _placement(self) -> Placement:
        return Placement(
            args=self.args,
            vpc_id=self.vpc_id,
            public_subnets=self.public_subnets,
            private_subnets=self.private_subnets,
            task_group=self.task_group,
            cluster_arn=self.cluster_arn,
            cluster_name=self.cluster_name,
            namespace_id=self.namespace_id,
            namespace_arn=self.namespace_arn,
            namespace_name=self.namespace_name,
            load_balancers=self.load_balancers,
            needs=(self,),
            balancer_group=self.balancer_group,
            https_arn=self.https_arn,
            alias_https_arn=self.alias_https_arn,
            held=self.held,
            files=self.files,
            backends=self.backends,
        )

    def _group(self, of: str, description: str) -> aws.ec2.SecurityGroup:
        return security_group(f"{self._name}-{of}", self.vpc_id, description, self._tags, self._child)

    def _cluster(self) -> None:
        insights = "enabled" if self.args.settings.container_insights else "disabled"
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
        context = self.args.context
        namespace = aws.servicediscovery.PrivateDnsNamespace(
            self._name,
            name=domain(self._name, context.stack, context.project),
            vpc=self.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        self.namespace_id, self.namespace_arn, self.namespace_name = namespace.id, namespace.arn, namespace.name

    def _load_balancer(self, scheme: Scheme, needs: list[pulumi.Resource]) -> LoadBalancer:
        """A load balancer whose port 80 answers 503 unless a rule says more, as an empty Copilot environment does; or
        the user's own, as it is."""
        if scheme is Scheme.EXISTING and self.args.existing:
            return self.args.existing.load_balancer
        name, logs = name_on(self._name, scheme), self._logs
        made = aws.lb.LoadBalancer(
            own_name(name),
            internal=scheme is Scheme.INTERNAL,
            load_balancer_type="application",
            subnets=_subnets(self.args.settings, scheme, self.public_subnets, self.private_subnets),
            security_groups=[self.balancer_group] if self.balancer_group is not None else [],
            drop_invalid_header_fields=self.args.settings.drop_invalid_headers,
            idle_timeout=self.args.settings.idle_timeout,
            desync_mitigation_mode="defensive",
            access_logs=logs.args if logs else None,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*needs, *(logs.needs if logs else ())]),
        )
        listener = aws.lb.Listener(
            name,
            load_balancer_arn=made.arn,
            port=80,
            protocol="HTTP",
            default_actions=[no_service()],
            tags=self._tags,
            opts=self._child,
        )
        url = pulumi.Output.concat("http://", made.dns_name)
        return LoadBalancer(scheme, made.arn, listener.arn, url, made.dns_name, made.zone_id, made.arn_suffix)

    def _https(
        self, load_balancer: LoadBalancer, found: tls.Certificates
    ) -> tuple[pulumi.Output[str] | None, tuple[pulumi.Resource, ...]]:
        if not found or self.balancer_group is None:
            return None, ()
        name = name_on(self._name, load_balancer.scheme)
        ranges = self._callers(load_balancer.scheme)
        args = tls.HttpsListenerArgs(
            name=name,
            load_balancer_arn=load_balancer.arn,
            security_group=self.balancer_group,
            callers={rule.replace(name, f"{name}-tls", 1): cidr for rule, cidr in ranges.items()},
            certificates=found,
            policy=self.args.settings.ssl_policy,
        )
        listener, held = tls.https_listener(args, self._tags, self._child)
        return listener.arn, tuple(held)


def _subnets(
    settings: EnvironmentSettings,
    scheme: Scheme,
    public: pulumi.Output[list[str]],
    private: pulumi.Output[list[str]],
) -> pulumi.Input[list[str]]:
    """Of the load balancers of a scheme."""
    if scheme is Scheme.PUBLIC:
        return public
    return list(settings.internal_subnets) or private


def given_balancer(found: ExistingBalancer) -> GivenBalancer:
    """A load balancer that was looked up, as it is."""
    known = pulumi.Output.from_input
    load_balancer = LoadBalancer(
        Scheme.EXISTING,
        known(found.settings.load_balancer_arn),
        known(found.settings.arn),
        known(found.url()),
        known(found.dns),
        known(found.zone),
        known(found.settings.suffix),
    )
    return GivenBalancer(load_balancer, found.groups)
