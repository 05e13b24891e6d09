"""Availability Zones in which something that is needed isn't. Pure.

Which zones these are is known by their ids; which of an account's zones has which id isn't, before anything is made. So
this is a warning, and tells how to look. A Copilot manifest names zones, never ids.

Sources: API Gateway developer guide, "Set up VPC links V2 in API Gateway", "Availability by Region" (of a region that
has further zones, those that its table doesn't name); ECS developer guide, "Supported Regions for Amazon ECS on AWS
Fargate" ("usw1-az1 & usw1-az3 only", "apne1-az1, apne1-az2, & apne1-az4 only").
"""

from components.model.environment import EnvironmentSettings
from components.model.facades import API_GATEWAY
from components.settings.stack import Stack

LINKS = {
    "us-east-1": ("use1-az3",),
    "us-west-1": ("usw1-az2",),
    "ap-east-1": ("ape1-az1",),
    "ap-northeast-1": ("apne1-az3",),
    "ap-northeast-2": ("apne2-az4",),
    "ca-central-1": ("cac1-az4",),
    "eu-west-3": ("euw3-az2",),
}
"""By region, the zones without VPC links of HTTP APIs."""

FARGATE = {"us-west-1": ("usw1-az2",), "ap-northeast-1": ("apne1-az3",)}
"""By region, the zones without Fargate."""


def check(stack: Stack) -> None:
    """Warns of each network that is made in a region that has such a zone."""
    for environment in stack.environments:
        region = _region(environment, stack)
        if environment.vpc or not region:
            continue
        without = {"Fargate": FARGATE.get(region, ())}
        if API_GATEWAY in stack.kinds:
            without = {"API Gateway VPC links": LINKS.get(region, ()), **without}
        for what, zones in without.items():
            if zones:
                named = environment.subnets.zones if environment.subnets else ()
                where = environment.where("network.vpc.subnets") if named else f"the environment {environment.name}"
                used = ", ".join(named) if named else f"the first {environment.zones} zones of {region}"
                found = f"in {used}, with no {what} in {', '.join(zones)}"
                look = f"aws ec2 describe-availability-zones --region {region} tells which name has which id"
                stack.problems.warn(where, found, f"use other zones if one is among them: {look}")
                break


def _region(environment: EnvironmentSettings, stack: Stack) -> str | None:
    """As the zones' names have it, or the config."""
    named = environment.subnets.zones if environment.subnets else ()
    return named[0][:-1] if named else stack.region
