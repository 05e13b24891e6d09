"""What services run in: a network, a cluster, service discovery and a load balancer, made or on what one has."""

from dataclasses import replace
from typing import Any, NotRequired, TypedDict, cast

import pulumi
import pulumi_aws as aws

from components.aws.context import AwsContext, look_up
from components.aws.network import environment as inner
from components.input.value import Value
from components.manifest.environment import read_range
from components.manifest.limits import retention
from components.manifest.network import GROUP_ID
from components.model.cidr import of_name
from components.model.environment import EnvironmentSettings
from components.model.facades import Listener, Scheme
from components.public.given import (
    check,
    filled,
    given,
    ids_input,
    read_name,
    read_tags,
    register_outputs,
    text_input,
    url_of,
)
from components.settings.environments import check_beside_vpc, read_made


class ExistingVpcArgs(TypedDict):
    """A VPC that stands already. Nothing of it is changed."""

    id: pulumi.Input[str]
    """Its id, such as `vpc-0a1b2c3d`."""
    public_subnets: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Ids of public subnets in two Availability Zones or more: of a load balancer that is made, unless it is internal,
    and of tasks if there are no private ones. Default: there are none."""
    private_subnets: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Ids of private subnets in two Availability Zones or more, from which images and logs are reached by NAT or VPC
    endpoints: of tasks, and of an internal load balancer. Default: there are none; tasks are in the public subnets
    then, with public addresses."""


class ExistingListenerArgs(TypedDict):
    """A listener of an application load balancer that stands already. Nothing of the load balancer is changed."""

    arn: pulumi.Input[str]
    """The listener's ARN."""
    security_groups: list[str]
    """Ids of the load balancer's security groups, which tasks take requests from. Plain: each gives a rule its
    name. What these groups let out themselves is not changed."""
    dns_name: NotRequired[pulumi.Input[str]]
    """The load balancer's host name, for the environment's `url` and as tasks are told of it. Default: empty."""


class EnvironmentArgs(TypedDict):
    """What `Environment` is made of. Without anything: a VPC with two zones, and a public load balancer."""

    cidr: NotRequired[str]
    """Address range of the VPC that is made, private, /16 to /24. Default: one that follows from the name."""
    zones: NotRequired[int]
    """Availability Zones of the VPC that is made, 2 to 4. Default: 2."""
    nat: NotRequired[str]
    """NAT gateways of the VPC that is made: `none`, `single` or `per-az`. With some, tasks are in private subnets; with
    none, they have public addresses, which only the load balancer and each other reach. Default: `none`."""
    vpc: NotRequired[ExistingVpcArgs]
    """A VPC that stands already. Default: one is made."""
    listener: NotRequired[ExistingListenerArgs]
    """A listener that stands already, in `vpc`. Default: a load balancer is made, whose port 80 answers 503 unless a
    rule says more."""
    internal: NotRequired[bool]
    """Whether the load balancer that is made is reached from within the VPC only. Default: false."""
    callers: NotRequired[list[str]]
    """Address ranges from which a public load balancer that is made takes requests. Default: all."""
    certificate_arn: NotRequired[pulumi.Input[str]]
    """ARN of a certificate in ACM, for a listener on port 443 of the load balancer that is made. Default: there is no
    such listener."""
    container_insights: NotRequired[bool]
    """Whether the cluster has Container Insights, which CloudWatch charges for. Default: false."""
    flow_log_days: NotRequired[int]
    """Days for which flow logs of the VPC are kept, as CloudWatch Logs has them. Default: none are written."""
    tags: NotRequired[dict[str, str]]
    """Tags of all that is made, besides `application`, `stack` and `environment`. Default: none."""


class Environment(pulumi.ComponentResource):
    """What services run in, as Copilot's `env deploy` makes it: a VPC, made or one that stands already; security
    groups, an ECS cluster, a namespace for service discovery, and a load balancer, made or one that stands already.

    Tasks take requests from the load balancer and from each other only. Neither the default VPC nor the default
    security group is ever used.
    """

    placement: pulumi.Output[dict[str, Any]]
    """What services are given as `environment`: ids and names of all of this. What depends on it comes after all of the
    environment."""
    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    public_subnet_ids: pulumi.Output[list[str]]
    """Ids of its public subnets."""
    private_subnet_ids: pulumi.Output[list[str]]
    """Ids of its private subnets."""
    cluster_arn: pulumi.Output[str]
    """ARN of the ECS cluster."""
    cluster_name: pulumi.Output[str]
    """Name of the ECS cluster."""
    namespace_name: pulumi.Output[str]
    """Domain in which services find each other: `<service>.<this>`."""
    task_security_group_id: pulumi.Output[str]
    """Id of the tasks' security group. What they may reach, such as a database, lets this one in."""
    load_balancer_arn: pulumi.Output[str]
    """ARN of the load balancer."""
    load_balancer_dns_name: pulumi.Output[str]
    """Host name of the load balancer; empty for one that stands already and whose name isn't given."""
    load_balancer_security_group_id: pulumi.Output[str] | None
    """Id of the security group of a load balancer that is made; none for one that stands already."""
    listener_arn: pulumi.Output[str]
    """ARN of the listener on port 80, or of the one that stands already: for `AlbFacade`."""
    https_listener_arn: pulumi.Output[str] | None
    """ARN of the listener on port 443; none without `certificate_arn`."""
    url: pulumi.Output[str]
    """Where the listener on port 80 answers. Of one that stands already: `http://` and its `dns_name`, or empty."""

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        at = given("Environment", name, args, EnvironmentArgs.__annotations__)
        settings, listener, vpc = _settings(at, name), _listener(at.get("listener")), _vpc(at.get("vpc"))
        tags, certificate = read_tags(at.get("tags")), text_input(at.get("certificate_arn"))
        _check(at)
        check(at)
        super().__init__("strangler:index:Environment", name, None, opts)
        invoke, child = pulumi.InvokeOutputOptions(parent=self), pulumi.ResourceOptions(parent=self)
        context = look_up(pulumi.get_project(), pulumi.get_stack(), tags, invoke)
        internal = bool(at.get("internal").value)
        scheme = Scheme.EXISTING if listener else Scheme.INTERNAL if internal else Scheme.PUBLIC
        made = inner.Environment(
            name,
            inner.EnvironmentArgs(
                settings=settings,
                context=context,
                schemes=(scheme,),
                vpc_range=aws.ec2.get_vpc_output(id=vpc["id"], opts=invoke).cidr_block if vpc and internal else None,
                existing=_existing(listener) if listener else None,
                network=_network(vpc) if vpc else None,
                certificate=certificate or None,
            ),
            child,
        )
        private = _some(at.get("vpc").get("private_subnets")) if vpc else settings.nat != "none"
        self._give(made, context, private=private)

    def _give(self, made: inner.Environment, context: AwsContext, *, private: bool) -> None:
        """Its outputs. private: whether tasks are in the private subnets."""
        balancer = made.load_balancers[0]
        # The URN makes it depend on all of the environment, and is known in a preview too.
        found = pulumi.Output.all(
            vpc_id=made.vpc_id,
            task_subnets=made.private_subnets if private else made.public_subnets,
            assign_public_ip=not private,
            task_security_group_id=made.task_group,
            cluster_arn=made.cluster_arn,
            cluster_name=made.cluster_name,
            namespace_id=made.namespace_id,
            namespace_arn=made.namespace_arn,
            namespace_name=made.namespace_name,
            listener_arn=balancer.listener_arn,
            load_balancer_dns_name=balancer.dns,
            region=context.region,
            account_id=context.account,
            partition=context.partition,
            **{_ALL: made.urn},
        )
        self.placement = found.apply(lambda known: {key: value for key, value in known.items() if key != _ALL}, True)
        self.vpc_id, self.cluster_arn, self.cluster_name = made.vpc_id, made.cluster_arn, made.cluster_name
        self.public_subnet_ids, self.private_subnet_ids = made.public_subnets, made.private_subnets
        self.namespace_name, self.task_security_group_id = made.namespace_name, made.task_group
        self.load_balancer_arn, self.load_balancer_dns_name = balancer.arn, balancer.dns
        self.load_balancer_security_group_id, self.listener_arn = made.balancer_group, balancer.listener_arn
        self.https_listener_arn, self.url = made.https_arn, balancer.url
        register_outputs(self)


_ALL = "all"
"""The key of what all of the environment hangs on."""


def _settings(at: Value, name: str) -> EnvironmentSettings:
    read_name(at, name)
    callers = at.get("callers")
    return replace(
        read_made(EnvironmentSettings(name, of_name(name)), at),
        container_insights=at.get("container_insights").boolean(False),
        flow_logs=retention(at.get("flow_log_days"), 0) if at.get("flow_log_days") else None,
        callers=tuple(str(range_) for item in callers.items() if (range_ := read_range(item, 0, 32))),
    )


def _listener(at: Value) -> ExistingListenerArgs | None:
    if not at:
        return None
    at.require_map()
    at.only(ExistingListenerArgs.__annotations__)
    remedy = "give the ids of the load balancer's security groups"
    arn, found = at.required("arn", "give the listener's ARN"), filled(at.required("security_groups", remedy), remedy)
    groups = [group for item in found.items() if (group := item.matching(GROUP_ID, f"{remedy}, sg-…"))]
    dns = text_input(at.get("dns_name"), may_be_empty=True)
    return ExistingListenerArgs(arn=text_input(arn), security_groups=list(dict.fromkeys(groups)), dns_name=dns)


def _vpc(at: Value) -> ExistingVpcArgs | None:
    if not at:
        return None
    at.require_map()
    at.only(ExistingVpcArgs.__annotations__)
    return ExistingVpcArgs(
        id=text_input(at.required("id", "give the id of the VPC")),
        public_subnets=ids_input(at.get("public_subnets")),
        private_subnets=ids_input(at.get("private_subnets")),
    )


def _some(at: Value) -> bool:
    """Whether there are subnets: some are given, or an output that has them."""
    return bool(at) and at.value != []


def _check(at: Value) -> None:
    """What can't be said together."""
    at.get("internal").boolean(False)
    vpc, listener = at.get("vpc"), at.get("listener")
    if vpc:
        check_beside_vpc(at)
        wanted = "private_subnets" if at.get("internal").value else "public_subnets"
        if vpc.is_map() and not listener and not _some(vpc.get(wanted)):
            vpc.get(wanted).fail("give those of the load balancer, or an existing listener", "missing")
        if listener and not _some(vpc.get("private_subnets")) and not _some(vpc.get("public_subnets")):
            vpc.get("private_subnets").fail("give those of the tasks", "missing")
    if listener:
        if not vpc:
            vpc.fail("give the VPC of the listener's load balancer", "missing")
        for key in ("internal", "callers", "certificate_arn"):
            if at.get(key):
                remedy = "remove it: an existing load balancer has its own"
                at.get(key).refuse(remedy, f"{at.spelled(key)} together with listener")
    if at.get("internal").value and at.get("callers"):
        at.get("callers").refuse(
            "remove it: an internal load balancer is reachable only from its VPC", "callers together with internal"
        )


def _network(vpc: ExistingVpcArgs) -> inner.GivenNetwork:
    def listed(key: str) -> pulumi.Output[list[str]]:
        return pulumi.Output.from_input(cast("pulumi.Input[list[str]]", vpc.get(key)))

    return inner.GivenNetwork(pulumi.Output.from_input(vpc["id"]), listed("public_subnets"), listed("private_subnets"))


def _existing(listener: ExistingListenerArgs) -> inner.GivenBalancer:
    arn = pulumi.Output.from_input(listener["arn"])
    dns, nothing = pulumi.Output.from_input(listener.get("dns_name") or ""), pulumi.Output.from_input("")
    balancer = arn.apply(lambda known: Listener(known).load_balancer_arn)
    url = url_of(dns)
    suffix = arn.apply(lambda known: Listener(known).suffix)
    found = inner.LoadBalancer(Scheme.EXISTING, balancer, arn, url, dns, nothing, suffix)
    return inner.GivenBalancer(found, tuple(listener["security_groups"]))
