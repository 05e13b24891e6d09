"""What facades make for services that run elsewhere: targets of a load balancer, and leave to invoke a function.

Nothing of the service itself is made, changed or deleted. A permission is a statement in a function's own policy, which
goes with it (Lambda API, AddPermission and RemovePermission).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.aws.deployed import Deployed
from components.aws.facades.route_rules import OtherGroup
from components.aws.plan import external_groups
from components.aws.plan.external_groups import ExternalGroup
from components.aws.plan.load_balancers import LOGICAL
from components.model.environment import EnvironmentSettings
from components.model.facades import Endpoint
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
        raise pulumi.RunError(f"{where}: {service.address} can't be read: {reason}; give one that is there") from None
    sticky = found.stickiness
    return ExternalGroup(
        target_type=found.target_type or "instance",
        protocol=found.protocol or None,
        vpc_id=found.vpc_id or None,
        load_balancers=tuple(found.load_balancer_arns or ()),
        stickiness=int(sticky.cookie_duration) if sticky and sticky.enabled else None,
    )


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
    now = deployed.of(_GROUP).get(f"{environment.name}-tasks", {}).get("vpcId")
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
