"""A deployment that ECS rolled back must not look like a success (complaint 1 of docs/decisions.md). Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployment:
    """What was deployed, and what ECS runs in the end."""

    service: str
    """The service's name."""
    cluster: str
    """The name of its cluster."""
    log_group: str
    """The name of its log group."""
    registered: str
    """ARN of the task definition that was deployed."""
    reported: str
    """ARN of the task definition that ECS runs in the end."""


def rolled_back(deployment: Deployment) -> str | None:
    """Why the deployment failed, or None if ECS runs what was registered. A service in steady state says only that
    something runs: after a roll-back that is the previous task definition."""
    wanted, found = _revision(deployment.registered), _revision(deployment.reported)
    if wanted == found:
        return None
    return (
        f"service {deployment.service}: ECS rolled back to {found}, as the tasks of {wanted} did not become healthy: "
        f"see the log group {deployment.log_group} and the service's events in the cluster {deployment.cluster}"
    )


def _revision(arn: str) -> str:
    """`family:revision`, however the task definition is named."""
    return arn.rpartition("/")[2]
