"""Availability Zones in which something that is needed isn't. Pure.

Which zones these are is known by their ids; which of an account's zones has which id isn't, before anything is made. So
this is a warning, and tells how to look. A Copilot manifest names zones, never ids.

Source: ECS developer guide, "Supported Regions for Amazon ECS on AWS Fargate" ("usw1-az1 & usw1-az3 only", "apne1-az1,
apne1-az2, & apne1-az4 only"); of VPC links, see `components/aws/plan/external_listeners.py`.
"""

from components.aws.plan.external_listeners import WITHOUT_LINKS
from components.model.environment import EnvironmentSettings
from components.model.facades import Reach
from components.settings.stack import Stack

FARGATE = {"us-west-1": ("usw1-az2",), "ap-northeast-1": ("apne1-az3",)}
"""By region, the zones without Fargate."""


def check(stack: Stack) -> None:
    """Warns of each network that is made in a region that has such a zone."""
    for environment in stack.environments:
        region = _region(environment, stack)
        if environment.vpc or not region:
            continue
        without = {"Fargate": FARGATE.get(region, ())}
        if any(kind.reach is Reach.LISTENER for kind in stack.kinds):
            without = {"API Gateway VPC links": WITHOUT_LINKS.get(region, ()), **without}
        for what, zones in without.items():
            if zones:
                named = environment.subnets.zones if environment.subnets else ()
                where = environment.where("network.vpc.subnets") if named else environment.called
                used = ", ".join(named) if named else f"the first {environment.zones} zones of {region}"
                found = f"in {used}, with no {what} in {', '.join(zones)}"
                look = f"aws ec2 describe-availability-zones --region {region} shows which name has which id"
                stack.problems.warn(where, found, f"if one of these is in use, choose other zones: {look}")
                break


def _region(environment: EnvironmentSettings, stack: Stack) -> str | None:
    """As the zones' names have it, or the config."""
    named = environment.subnets.zones if environment.subnets else ()
    return named[0][:-1] if named else stack.region
