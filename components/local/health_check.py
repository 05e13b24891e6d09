"""A container's own health check, as Docker is told of it. Pure."""

from typing import Any

from components.manifest.image import ContainerHealthCheck

_TIMES = ("interval", "timeout", "start_period")
_SECOND = 10**9


def for_resource(check: ContainerHealthCheck) -> dict[str, Any]:
    """As the resource of pulumi-docker has it."""
    times = {name: f"{getattr(check, name)}s" for name in _TIMES}
    return {"tests": [*check.words], "retries": check.retries, **times}


def for_sdk(check: ContainerHealthCheck) -> dict[str, Any]:
    """As the Docker SDK has it, in nanoseconds."""
    times = {name: getattr(check, name) * _SECOND for name in _TIMES}
    return {"test": [*check.words], "retries": check.retries, **times}
