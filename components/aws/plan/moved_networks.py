"""Environments whose network can't become what the settings say. Pure.

A load balancer, a target group, an ECS service and a namespace stay in the VPC that they were made in. Another range
or another VPC replaces all of them at once: requests would meet load balancers without tasks, and a namespace or a
security group that is still in use can't go, so that there is no way back either.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from components.aws.plan.load_balancers import tasks_group
from components.aws.plan.subnet_layout import layout
from components.model.environment import EnvironmentSettings

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""

_REMEDY = "AWS can't move services to another network: keep it, and use a new environment, see docs/facades.md"


def mistakes(
    environments: Iterable[EnvironmentSettings],
    services: Outputs,
    networks: Outputs,
    groups: Outputs,
    subnets: Outputs,
) -> Iterator[str]:
    """A line for each environment in which services run. services: ECS services. networks: VPCs that the stack made.
    groups: security groups. subnets: of these VPCs."""
    tags = [cast("Mapping[str, object]", service.get("tags") or {}) for service in services.values()]
    used = {tagged.get("environment") for tagged in tags}
    for environment in environments:
        name, group = environment.name, groups.get(tasks_group(environment.name))
        if name not in used or group is None:
            continue
        made, has = networks.get(name), str(group.get("vpcId"))
        where = f"environments.{name}"
        if environment.vpc and environment.vpc.id != has:
            yield f"{where}.vpc: found {environment.vpc.id}, and the services there run in {has}: {_REMEDY}"
        elif environment.vpc is None and made is None:
            yield f"{where}.vpc: found none, and the services there run in {has}: {_REMEDY}"
        elif environment.vpc is None and made and made.get("cidrBlock") != str(environment.cidr):
            yield f"{where}.cidr: found {environment.cidr}, and the network there has {made['cidrBlock']}: {_REMEDY}"
        elif environment.vpc is None:
            yield from _moved_subnets(environment, subnets)


def _moved_subnets(environment: EnvironmentSettings, subnets: Outputs) -> Iterator[str]:
    """A line for the first subnet that would be another one. Its range or zone replaces it, beside the one that is
    there: a NAT gateway can't give its address to another one then, nor a file system have a second mount target in a
    zone (EC2 API, CreateNatGateway; EFS API, CreateMountTarget). More or fewer zones leave the others as they are."""
    ranges = environment.subnets or layout(environment.cidr, environment.zones)
    zones = environment.subnets.zones if environment.subnets else ()
    for kind, blocks in (("public", ranges.public), ("private", ranges.private)):
        for number, block in enumerate(blocks):
            known = subnets.get(f"{environment.name}-{kind}-{number + 1}", {})
            wanted = {"cidrBlock": block, **({"availabilityZone": zones[number]} if zones else {})}
            has = {key: known.get(key) for key in wanted}
            if known and has != wanted:
                path = f"network.vpc.subnets.{kind}"
                where = (
                    environment.where(path)
                    if environment.subnets
                    else f"environments.{environment.name}.subnets.{kind}"
                )
                found, there = (" in ".join(map(str, one.values())) for one in (wanted, has))
                yield f"{where}: found {found}, and the services there run in {there}: {_REMEDY}"
                return
