"""A deployment that ECS rolled back must not look like a success (complaint 1 of docs/decisions.md). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Revision:
    """What ECS deploys, and rolls back, as one: what pulumi-aws tells of a service revision (ECS API)."""

    task_definition: str
    """ARN, or family and revision."""
    settings: Mapping[str, frozenset[str]]
    """What else new tasks are started for, by what messages call it. Empty: it isn't told."""

    @staticmethod
    def of(
        task_definition: str,
        subnets: Iterable[str],
        security_groups: Iterable[str],
        target_groups: Iterable[tuple[str, str, int]],
        connect_names: Iterable[str],
    ) -> "Revision":
        """target_groups: ARN, container and port of each. connect_names: of Service Connect."""
        settings = {
            "subnets": frozenset(subnets),
            "security groups": frozenset(security_groups),
            "target groups": frozenset(f"{arn} {container} {port:.0f}" for arn, container, port in target_groups),
            "name in Service Connect": frozenset(connect_names),
        }
        return Revision(task_definition, settings)


@dataclass(frozen=True)
class Deployment:
    """What was deployed, and what ECS runs in the end."""

    service: str
    """The service's name."""
    cluster: str
    """The name of its cluster."""
    log_group: str
    """The name of its log group."""
    registered: Revision
    """What was deployed."""
    reported: Revision
    """What ECS runs in the end."""


def rolled_back(deployment: Deployment) -> str | None:
    """Why the deployment failed, or None if ECS runs what was registered. A service in steady state says only that
    something runs: after a roll-back that is what ran before."""
    wanted, found = deployment.registered, deployment.reported
    new, old = _number(wanted.task_definition), _number(found.task_definition)
    changed = [
        name
        for name, own in wanted.settings.items()
        if own and found.settings.get(name) not in (None, frozenset(), own)
    ]
    if new != old:
        what = f"to {old}, as the tasks of {new}"
    elif changed:
        what = f"the change of its {' and '.join(changed)}, as tasks with it"
    else:
        return None
    return (
        f"service {deployment.service}: ECS rolled back {what} did not become healthy: "
        f"see the log group {deployment.log_group} and the service's events in the cluster {deployment.cluster}"
    )


def _number(arn: str) -> str:
    """`family:revision`, however the task definition is named."""
    return arn.rpartition("/")[2]
