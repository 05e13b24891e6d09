"""What can't be done to a stack that is up, or not from this machine: told in a plan too, as what AWS refuses half-way
would leave the site down."""

from collections.abc import Sequence

import pulumi

from components.aws.deployed import Deployed
from components.aws.plan import moved_networks, network_listeners, ports, renamed, turned_names
from components.aws.sdk import is_missing
from components.model.facades import ALB, FacadeKind
from components.settings import Settings

_ECS_SERVICE = "aws:ecs/service:Service"
_CLUSTER = "aws:ecs/cluster:Cluster"
_VPC = "aws:ec2/vpc:Vpc"
_SUBNET = "aws:ec2/subnet:Subnet"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_LISTENER = "strangler:index:LoadBalancedWebService$aws:lb/listener:Listener"
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_DOMAIN_NAME = "aws:apigatewayv2/domainName:DomainName"
_HTTP_API, _ALB = "strangler:index:ApiGatewayFacade", "strangler:index:AlbFacade"
_RECORD = "aws:route53/record:Record"


def check_change(settings: Settings, kinds: Sequence[FacadeKind], deployed: Deployed, standing: ports.Standing) -> None:
    """Refuses with all that is wrong, a line for each; warns of what is to be known. deployed: what the stack has.
    standing: the same of ports."""
    services = settings.services
    mistakes = list(
        moved_networks.mistakes(settings.environments, *map(deployed.of, (_ECS_SERVICE, _VPC, _GROUP, _SUBNET)))
    )
    mistakes += renamed.mistakes(settings.project, settings.stack, deployed.of(_CLUSTER))
    mistakes += ports.mistakes(services, kinds, standing)
    mistakes += network_listeners.mistakes(services, deployed.of(_LISTENER))
    mistakes += turned_names.mistakes(
        settings.facades,
        {domain.name for domain in settings.facade_settings.domains(ALB.name) if domain.hosted_zone},
        deployed.of(_DOMAIN_NAME),
        deployed.of(_RECORD),
        beside=all(deployed.of(facade) for facade in (_HTTP_API, _ALB))
        and any(environment.scheme is None for environment in settings.environments),
    )
    if is_missing():
        mistakes += [
            f"services.{service.name}.before: boto3 is not installed, and AWS needs it for this; run `pip install "
            "boto3`"
            for service in services
            if service.before
        ]
    if mistakes:
        raise pulumi.RunError("\n".join(mistakes))
    for line in network_listeners.messages(services, deployed.of(_TARGET_GROUP)):
        pulumi.log.warn(line)
