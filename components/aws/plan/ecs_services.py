"""The ECS service that runs the tasks of a service: what it is called, and with how many tasks it starts. Pure.

With autoscaling, `count` names a range, and how many tasks run is the scaler's. An ECS service that takes the place of
one that runs (another facade, environment or target group) takes over its load at once: it starts with as many tasks.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from components.aws.plan.load_balancers import SUFFIXES, name_on
from components.aws.plan.target_groups import Version, http_groups
from components.model.facades import Scheme
from components.model.names import short_hash
from components.settings.service import Service

Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


@dataclass(frozen=True)
class KnownService:
    """An ECS service that the stack has."""

    logical: str
    """Its logical name."""
    name: str
    """As ECS knows it."""
    cluster: str
    """ARN."""
    environment: str
    """The name of the environment in which it runs."""
    on_fargate: bool
    """Whether its tasks are on Fargate without a strategy of capacity providers."""
    count: int
    """How many tasks it was to have when the stack was last changed or refreshed."""
    alarms: tuple[str, ...] = ()
    """The names of the alarms that it was told of, switched on or off. Default: none."""
    definition: str = ""
    """ARN of the task definition that it runs. Default: it isn't known."""


@dataclass(frozen=True)
class EcsService:
    """The ECS service of a service."""

    logical: str
    """Its logical name."""
    count: int
    """How many tasks it starts with."""
    scaled: bool = False
    """Whether the count of one that is there is its scaler's, and left as it is. Default false."""
    alarms: tuple[str, ...] = ()
    """The names of the alarms that one that is there was told of. Default: none."""
    definitions: tuple[str, ...] = ()
    """ARNs of the task definitions that those run that are there. Default: none."""


def logical_name(
    service: Service,
    schemes: tuple[Scheme, ...],
    versions: Mapping[str, Version],
    registered: Mapping[str, Collection[str]] | None = None,
) -> str:
    """Behind another first load balancer, or another target group, the ECS service has another logical name: in place,
    ECS would let the old target group go before a facade has turned to the new one. So the new service is made beside
    the old one; and so where requests come by none any more, while routes lead to the old tasks until the deletions,
    and where the load balancer of backends comes or goes, by a name that no service has. schemes: of the load balancers
    of its environment. versions: of target groups, by the first one's name. registered: what the stack's ECS services
    register tasks with, by their logical names."""
    if service.manifest.internal:
        name = f"{service.name}_http"
    elif service.manifest.routed:
        name = f"{service.name}{SUFFIXES[schemes[0]]}"
    else:
        known, alone = registered or {}, f"{service.name}-V{short_hash('none', 6)}"
        left = name_on(service.name, Scheme.PUBLIC) in known.get(service.name, ())
        return alone if left or alone in known else service.name
    names = ((plain, versions[plain].name) for _, plain, _ in http_groups(service, schemes) if plain in versions)
    later = [version for plain, version in names if version != plain]
    return f"{name}-V{short_hash(' '.join(later), 6)}" if later else name


def registered(services: Outputs, groups: Outputs) -> dict[str, set[str]]:
    """The logical names of the target groups in which ECS services register their tasks, by theirs."""
    names = {group.get("arn"): name for name, group in groups.items()}
    return {
        name: {names[arn] for one in service.get("loadBalancers") or () if (arn := one.get("targetGroupArn")) in names}
        for name, service in services.items()
    }


def known(service: str, deployed: Mapping[str, Mapping[str, Any]]) -> Iterator[KnownService]:
    """The ECS services of a service. deployed: all that the stack has, by logical name."""
    for logical, outputs in deployed.items():
        tags = cast("Mapping[str, object]", outputs.get("tags") or {})
        if tags.get("service") == service:
            yield KnownService(
                logical,
                name=str(outputs.get("name")),
                cluster=str(outputs.get("cluster")),
                environment=str(tags.get("environment")),
                on_fargate=not outputs.get("capacityProviderStrategies"),
                count=int(outputs.get("desiredCount") or 0),
                alarms=_alarms(outputs),
                definition=str(outputs.get("taskDefinition") or ""),
            )


def _alarms(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    alarms = cast("Mapping[str, Any]", outputs.get("alarms") or {})
    return tuple(map(str, alarms.get("alarmNames") or ()))


def planned(
    service: Service, logical: str, found: Sequence[KnownService], running: Callable[[KnownService], int]
) -> EcsService:
    """The ECS service of a service. logical: its name. found: those that the stack has. running: how many tasks one
    runs; it is asked only where that counts."""
    count = service.manifest.count
    same = next((one for one in found if one.logical == logical), None)
    alarms, definitions = same.alarms if same else (), tuple(one.definition for one in found if one.definition)
    kept = EcsService(logical, count.desired, alarms=alarms, definitions=definitions)
    if count.max is None:
        return kept
    if same and _goes_on(same, service):
        return replace(kept, scaled=True)
    most = max(map(running, found), default=0)
    # Where the state can't be read, one of that name may be there all the same.
    return replace(kept, count=max(count.desired, min(most, count.max)), scaled=same is None)


def _goes_on(one: KnownService, service: Service) -> bool:
    """Whether an ECS service is changed in place, and not from none to the first tasks: those are to be there before
    requests are. A cluster and a launch type replace it (pulumi-aws)."""
    count = service.manifest.count
    on_fargate = count.spot_from is None and not service.new_deployments
    in_place = (one.environment, one.on_fargate) == (service.environment, on_fargate)
    return in_place and (one.count > 0 or count.desired == 0)
