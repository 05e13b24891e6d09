"""What facades look up of services that run elsewhere, and make for them: targets of a load balancer, and leave to
invoke a function.

Nothing of the service itself is made, changed or deleted. A permission is a statement in a function's own policy, which
goes with it (Lambda API, AddPermission and RemovePermission).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.aws.deployed import Deployed
from components.aws.existing import passages
from components.aws.facades.route_rules import OtherGroup
from components.aws.plan import external_groups, external_listeners
from components.aws.plan.external_groups import ExternalGroup
from components.aws.plan.external_listeners import ExternalListener, Links, Subnet
from components.aws.plan.load_balancers import LOGICAL, tasks_group
from components.model.environment import EnvironmentSettings
from components.model.facades import Endpoint, Listener
from components.model.names import fit
from components.settings.external import ExternalService

_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def look_up(service: ExternalService) -> ExternalGroup:
    """What AWS tells of a service's target group. Raises RunError in one line if it tells nothing."""
    try:
        found = aws.lb.get_target_group(arn=service.address)
    except Exception as error:  # the SDK has no narrower one
        reason, _, _ = str(error).partition("\n")
        where = service.at.get("targetGroup").where
        raise pulumi.RunError(f"{where}: {service.address} can't be read: {reason}; give one that exists") from None
    sticky = found.stickiness
    return ExternalGroup(
        target_type=found.target_type or "instance",
        protocol=found.protocol or None,
        vpc_id=found.vpc_id or None,
        load_balancers=tuple(found.load_balancer_arns or ()),
        stickiness=int(sticky.cookie_duration) if sticky and sticky.enabled else None,
    )


def look_up_listener(service: ExternalService) -> ExternalListener:
    """What AWS tells of a service's listener, and of its load balancer. Raises RunError in one line if it tells
    nothing."""
    try:
        listener = aws.lb.get_listener(arn=service.address)
        balancer = aws.lb.get_load_balancer(arn=Listener(service.address).load_balancer_arn)
        subnets = [aws.ec2.get_subnet(id=subnet) for subnet in sorted(balancer.subnets or ())]
    except Exception as error:  # the SDK has no narrower one
        reason, _, _ = str(error).partition("\n")
        remedy = "give one that exists in this account"
        where = service.at.get("listener").where
        raise pulumi.RunError(f"{where}: {service.address} can't be read: {reason}; {remedy}") from None
    return ExternalListener(
        listener.protocol,
        int(listener.port),
        balancer.vpc_id,
        tuple(Subnet(subnet.id, subnet.availability_zone_id, subnet.cidr_block) for subnet in subnets),
        tuple(sorted(balancer.security_groups or ())),
    )


def links_of(
    services: Iterable[ExternalService],
    environments: Mapping[str, EnvironmentSettings],
    led_to: Collection[str],
    deployed: Deployed,
    facade: str,
) -> Links:
    """How services behind listeners that aren't ours are reached. environments: those of ours that have a VPC link, by
    name. led_to: the services that get requests. facade: its name. Raises RunError, a line for each mistake."""
    found = {
        service.name: (service, look_up_listener(service))
        for service in services
        if service.endpoint is Endpoint.LISTENER
    }
    groups = deployed.of(_GROUP)
    networks = {
        name: settings.vpc.id if settings.vpc else groups.get(tasks_group(name), {}).get("vpcId")
        for name, settings in environments.items()
    }
    planned, wrong = external_listeners.links(found, networks), list[str]()
    for name, (service, listener) in found.items():
        where = service.at.get(service.endpoint).where
        own = str(groups.get(f"{facade}-{planned.behind[name].link}", {}).get("arn", "")).rpartition("/")[2]
        if mistake := external_listeners.mistake(listener, service):
            wrong.append(f"{where}: {'; '.join(mistake)}")
        elif not _let_in(listener, [*service.security_groups, own]):
            line = f"{where}: {'; '.join(external_listeners.closed(name, listener, own))}"
            if name in led_to:
                wrong.append(line)
            else:
                pulumi.log.warn(line)
    if wrong:
        raise pulumi.RunError("\n".join(wrong))
    return planned


def _let_in(listener: ExternalListener, groups: list[str]) -> bool:
    """Whether a load balancer lets these security groups in; a network load balancer without any lets everybody in.
    Where that can't be read, it does."""
    if not listener.groups or not listener.vpc:
        return True
    try:
        return external_listeners.lets_in(passages(listener.groups, out=False), listener, groups)
    except Exception as error:  # the SDK has no narrower one
        pulumi.log.debug(f"what {', '.join(listener.groups)} let in can't be read: {str(error).partition(chr(10))[0]}")
        return True


def permission(
    name: str,
    service: ExternalService,
    principal: str,
    source_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    address: pulumi.Input[str] | None = None,
) -> pulumi.Resource:
    """Leave for one caller to invoke a service's function. address: the function's, if the service's isn't known."""
    function: pulumi.Input[str] = service.function
    qualifier: pulumi.Input[str | None] = service.qualifier
    if address is not None:
        known = pulumi.Output.from_input(address).apply(lambda arn: replace(service, address=arn))
        function = known.apply(lambda found: found.function)
        qualifier = known.apply(lambda found: found.qualifier)
    return aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=function,
        qualifier=qualifier,
        principal=principal,
        source_arn=source_arn,
        opts=opts,
    )


def function_group(
    name: str, service: ExternalService, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> OtherGroup:
    """A target group of ours with a service's function in it, once that may be invoked (ELB user guide, "Use Lambda
    functions as targets of an Application Load Balancer"). name: the facade's."""
    logical = f"{name}-{service.name}"
    group = aws.lb.TargetGroup(fit(logical, LOGICAL), target_type="lambda", tags=tags, opts=opts)
    allowed = permission(logical, service, "elasticloadbalancing.amazonaws.com", group.arn, opts)
    attached = aws.lb.TargetGroupAttachment(
        logical,
        target_group_arn=group.arn,
        target_id=service.address,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[allowed])),
    )
    return OtherGroup(group.arn, (attached,), function=True)


def external_targets(
    services: Iterable[ExternalService], environment: EnvironmentSettings, deployed: Deployed
) -> dict[str, OtherGroup]:
    """The target groups of services that run elsewhere, for a load balancer of ours in this environment. Raises
    RunError, a line for each mistake, where it can't forward there."""
    now = deployed.of(_GROUP).get(tasks_group(environment.name), {}).get("vpcId")
    own = {str(found.get("arn")) for found in deployed.of(_LOAD_BALANCER).values()}
    return targets_of(services, environment.vpc.id if environment.vpc else now, own)


def targets_of(services: Iterable[ExternalService], vpc: str | None, own: Collection[str]) -> dict[str, OtherGroup]:
    """The same for one that is in this network. own: ARNs of the load balancers that a target group may be behind."""
    made: dict[str, OtherGroup] = {}
    wrong: list[str] = []
    for service in services:
        if service.endpoint is not Endpoint.TARGET_GROUP:
            continue
        group = look_up(service)
        if mistake := external_groups.mistake(group, vpc, own):
            wrong.append(f"{service.at.get(service.endpoint).where}: {'; '.join(mistake)}")
        function = group.target_type == "lambda"
        made[service.name] = OtherGroup(service.address, stickiness=group.stickiness, function=function)
    if wrong:
        raise pulumi.RunError("\n".join(wrong))
    return made
