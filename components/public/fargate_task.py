"""What all tasks on Fargate are given: by the readers of manifests, and what may be an output of other resources."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pulumi

from components.aws.context import AwsContext
from components.aws.network.environment import EnvironmentArgs, LoadBalancer, Placement, TaskPlacement
from components.aws.plan.ecs_services import EcsService
from components.aws.service.context import Later
from components.aws.service.fargate_service import FargateServiceArgs
from components.aws.service.fargate_task import FargateTaskArgs
from components.aws.service.image import Registry
from components.input.value import Value
from components.manifest.count import Count
from components.manifest.limits import retention
from components.manifest.manifest import Manifest
from components.manifest.task import read_size
from components.manifest.variables import secret_of
from components.model.cidr import of_name
from components.model.environment import EnvironmentSettings
from components.model.facades import Scheme
from components.public.given import read_name, read_tags, text_input, text_inputs
from components.settings.service import Service

MOST = 5_000
"""Tasks of a service (Amazon ECS endpoints and quotas, «Tasks per service»)."""


@dataclass(frozen=True)
class Given:
    """What a program gives to a task."""

    manifest: Manifest
    """What decides which resources there are."""
    environment: pulumi.Input[dict[str, Any]]
    """The placement of an Environment."""
    later: Later
    """What may be an output of other resources."""
    tags: dict[str, str]
    """Of all that is made."""

    @property
    def where(self) -> pulumi.Output[dict[str, Any]]:
        """Where it runs, as an output."""
        return pulumi.Output.from_input(self.environment)


def read_given(at: Value, name: str) -> Given:
    """What all tasks are given; mistakes are noted. name: the component's."""
    read_name(at, name)
    environment = at.required("environment", "give the placement of an Environment")
    if environment and not isinstance(environment.value, (dict, pulumi.Output)):
        environment.fail("give the placement of an Environment")
    image = text_input(at.required("image", "give the reference of an image"))
    variables, secrets = text_inputs(at.get("variables")), text_inputs(at.get("secrets"))
    for key in secrets.keys() & variables.keys():
        at.get("secrets").get(key).fail("keep one of them", "a variable has this name too")
    cpu, memory = read_size(at, (256, 512))
    manifest = Manifest(
        name=name,
        port=0,
        http=None,
        location="given",
        command=at.get("command").texts(),
        cpu=cpu,
        memory=memory,
        platform=at.get("platform").choice("linux/amd64", ("linux/amd64", "linux/arm64")),
        exec=at.get("enable_exec").boolean(False),
        # What these are is known later; which there are decides about the right to read them.
        variables=tuple((key, "") for key in sorted(variables)),
        secrets=tuple((key, secret_of("")) for key in sorted(secrets)),
        retention=retention(at.get("log_retention_days"), 30),
    )
    where = cast("pulumi.Input[dict[str, Any]]", environment.value or {})
    return Given(manifest, where, Later(image, variables, secrets), read_tags(at.get("tags")))


def read_count(at: Value) -> Count:
    """How many tasks there are."""
    return Count(at.integer(1, 0, MOST))


def task_args(given: Given, timeout: int = 600) -> FargateTaskArgs:
    """What the program's own workloads are made of. timeout: seconds to wait for a steady state."""
    where, project, stack = given.where, pulumi.get_project(), pulumi.get_stack()
    context = AwsContext(project, stack, where["region"], where["account_id"], where["partition"], given.tags)
    service = Service(given.manifest, "", timeout=timeout, application=project, stage=stack)
    registry = Registry(Path(), None)
    return FargateTaskArgs(service, _placement(where, context), context, registry, "", later=given.later)


def service_args(given: Given, timeout: int) -> FargateServiceArgs:
    """The same of one whose tasks run all the time."""
    plain, name = task_args(given, timeout), given.manifest.name
    planned = EcsService(name, given.manifest.count.desired)
    return FargateServiceArgs(
        plain.service, plain.environment, plain.context, plain.registry, plain.role, planned, later=plain.later
    )


def _placement(where: pulumi.Output[dict[str, Any]], context: AwsContext) -> Placement:
    nothing, dns = pulumi.Output.from_input(""), where["load_balancer_dns_name"]
    url = pulumi.Output.concat("http://", dns)
    # Public in name only: what leads there is AlbFacade's, whichever load balancer it is.
    balancer = LoadBalancer(Scheme.PUBLIC, nothing, where["listener_arn"], url, dns, nothing, nothing)
    return Placement(
        args=EnvironmentArgs(EnvironmentSettings("", of_name("")), context),
        vpc_id=where["vpc_id"],
        public_subnets=where["task_subnets"],
        private_subnets=where["task_subnets"],
        task_group=where["task_security_group_id"],
        cluster_arn=where["cluster_arn"],
        cluster_name=where["cluster_name"],
        namespace_id=where["namespace_id"],
        namespace_arn=where["namespace_arn"],
        namespace_name=where["namespace_name"],
        load_balancers=(balancer,),
        tasks=TaskPlacement(where["task_subnets"], where["assign_public_ip"]),
    )
