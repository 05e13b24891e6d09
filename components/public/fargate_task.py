"""What all tasks on Fargate are given: by the readers of manifests, and what may be an output of other resources."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.output import contains_unknowns

from components.aws.context import AwsContext
from components.aws.network.environment import EnvironmentArgs, LoadBalancer, Placement, TaskPlacement
from components.aws.plan.ecs_services import EcsService
from components.aws.service.context import Later
from components.aws.service.fargate_service import FargateServiceArgs
from components.aws.service.fargate_task import FargateTaskArgs
from components.aws.service.image import Registry
from components.input.diagnostics import Problem, show
from components.input.value import Value
from components.manifest.addons import MOST_POLICIES
from components.manifest.logging import read_retention
from components.manifest.manifest import Manifest
from components.manifest.network import MOST_GROUPS
from components.manifest.task import PLATFORMS, SIZE, read_ephemeral, read_size
from components.model.cidr import of_name
from components.model.environment import EnvironmentSettings
from components.model.facades import Listener, Scheme
from components.model.where import Where
from components.public.container_args import names_of, read_containers, read_variables
from components.public.given import coming, read_name, read_tags, text_input, text_inputs, url_of
from components.public.running_args import Running
from components.settings.service import Service

PLACEMENT = (
    *("vpc_id", "task_subnets", "assign_public_ip", "task_security_group_id", "cluster_arn", "cluster_name"),
    *("namespace_id", "namespace_arn", "namespace_name", "listener_arn", "load_balancer_dns_name"),
    *("region", "account_id", "partition"),
)
"""The keys of an Environment's placement."""

_REMEDY = "give the placement of an Environment"


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
    place: Where
    """Where its environment is given."""

    @property
    def where(self) -> pulumi.Output[dict[str, Any]]:
        """Where it runs, as an output."""
        # Nothing tells what an output is before it is known.
        return pulumi.Output.from_input(self.environment).apply(lambda known: _placed(self.place, known), True)


def read_given(at: Value, name: str) -> Given:
    """What all tasks are given; mistakes are noted. name: the component's."""
    read_name(at, name)
    where = _environment(at.required("environment", _REMEDY))
    later, containers = read_variables(at), read_containers(at, name)
    (variables, secrets), (cpu, memory) = names_of(later), read_size(at, SIZE)
    policies, groups = _policies(at.get("managed_policies")), _groups(at.get("security_groups"))
    manifest = Manifest(
        name=name,
        port=0,
        http=None,
        location="given",
        healthcheck=containers.healthcheck,
        depends_on=containers.depends_on,
        sidecars=containers.sidecars,
        entrypoint=at.get("entry_point").texts(),
        command=at.get("command").texts(),
        cpu=cpu,
        memory=memory,
        ephemeral=read_ephemeral(at.get("ephemeral_storage_gib")),
        readonly_fs=at.get("readonly_root_filesystem").boolean(False),
        platform=at.get("platform").choice(PLATFORMS[0], PLATFORMS),
        exec=at.get("enable_exec").boolean(False),
        variables=variables,
        secrets=secrets,
        policies=tuple((key, "") for key in sorted(policies)),
        retention=read_retention(at.get("log_retention_days")),
    )
    outputs = replace(later, policies=policies, security_groups=groups, sidecars=containers.later)
    return Given(manifest, where, outputs, read_tags(at.get("tags")), at.get("environment").where)


def _environment(at: Value) -> pulumi.Input[dict[str, Any]]:
    """The placement of an Environment, known or not."""
    if (output := coming(at)) is not None:
        return output
    inner = dict(at.entries()) if at.is_map() else {}
    known: dict[str, Any] = {key: one.value if (out := coming(one)) is None else out for key, one in inner.items()}
    if at and (missing := _missing(at.value)):
        at.fail(_REMEDY, missing)
    return known


def _placed(place: Where, known: Any) -> dict[str, Any]:
    """What an output came to, which ends the program if it is no placement. place: see `Given`."""
    missing = None if contains_unknowns(known) else _missing(known)
    if missing:
        raise pulumi.RunError(str(Problem(place, missing, _REMEDY)))
    return known


def _missing(known: object) -> str | None:
    """What something lacks to be a placement."""
    if not isinstance(known, dict):
        return f"found {show(known)}"
    lacking = [key for key in PLACEMENT if key not in known]
    return f"a map without {', '.join(lacking)}" if lacking else None


def _policies(at: Value) -> dict[str, pulumi.Input[str]]:
    """Managed policies of the task's role, by name."""
    found = text_inputs(at)
    if len(found) > MOST_POLICIES:
        at.fail(f"a role allows {MOST_POLICIES} managed policies", f"found {len(found)}")
    return found


def _groups(at: Value) -> tuple[pulumi.Input[str], ...]:
    """Security groups of the tasks besides the environment's."""
    found = tuple(text_input(item) for item in at.items())
    if len(found) > MOST_GROUPS - 1:
        at.fail(f"a task allows at most {MOST_GROUPS}, including the environment's own", f"found {len(found)}")
    return found


def task_args(given: Given) -> FargateTaskArgs:
    """What the program's own workloads are made of."""
    where, project, stack = given.where, pulumi.get_project(), pulumi.get_stack()
    context = AwsContext(project, stack, where["region"], where["account_id"], where["partition"], given.tags)
    service = Service(given.manifest, "", application=project, stage=stack)
    registry = Registry(Path(), None)
    return FargateTaskArgs(service, _placement(where, context), context, registry, "", later=given.later)


def service_args(given: Given, running: Running) -> FargateServiceArgs:
    """The same of one whose tasks run all the time."""
    manifest = replace(given.manifest, count=running.count, rolling=running.rolling, rollback_alarms=running.alarms)
    plain, count = task_args(replace(given, manifest=manifest)), running.count
    service = replace(plain.service, timeout=running.timeout, new_deployments=running.anew)
    # How many tasks a scaler has is in the state alone, which isn't read here: they are left as they are.
    planned = EcsService(manifest.name, count.desired, scaled=count.max is not None, alarms=running.silent)
    return FargateServiceArgs(
        service, plain.environment, plain.context, plain.registry, plain.role, planned, later=plain.later
    )


def _placement(where: pulumi.Output[dict[str, Any]], context: AwsContext) -> Placement:
    nothing, dns = pulumi.Output.from_input(""), where["load_balancer_dns_name"]
    url = url_of(dns)
    listener: pulumi.Output[str] = where["listener_arn"]
    suffix = listener.apply(lambda arn: Listener(arn).suffix)
    # Public in name only: what leads there is AlbFacade's, whichever load balancer it is.
    balancer = LoadBalancer(Scheme.PUBLIC, nothing, listener, url, dns, nothing, suffix)
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
