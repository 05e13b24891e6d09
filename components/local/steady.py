"""When a container is steady of whose service nobody asks whether it is healthy: a worker's, or a backend's."""

import time
from datetime import UTC, datetime

import pulumi

from components.local.cutover import exit_code, last_lines
from components.local.docker_engine import ContainerState, Engine
from components.local.ownership import one_line

RUNS = 3
"""Seconds that it must have run: a program that lacks what it needs ends sooner."""


def kept_running(engine: Engine, name: str) -> str:
    """Starts a container that was stopped or killed since the last `up`, which the provider doesn't notice. One that
    dies again and again is the engine's to start."""
    if not pulumi.runtime.is_dry_run():
        with one_line(f"container {name}"):
            found = engine.container(name)
            if found and not found.running and not found.restarting:
                engine.start(name)
    return name


def steady(engine: Engine, service: str, name: str, patience: int) -> str:
    """The same, and waits until it has run for a while and, if it has a check of its own, passes it. Raises
    pulumi.RunError when it dies, or doesn't pass within `patience` seconds."""
    if pulumi.runtime.is_dry_run():
        return name
    kept_running(engine, name)
    with one_line(f"container {name}"):
        found, end = engine.container(name), time.monotonic() + patience
        restarts = found.restarts if found else 0
        while found and (_is_young(found) or found.health in ("starting", "unhealthy")):
            if not found.running or found.restarts > restarts:
                raise pulumi.RunError(_died(engine, service, name, found))
            if time.monotonic() > end:
                raise pulumi.RunError(
                    f"service {service}: container {name} isn't healthy after {patience} s; fix the service or its "
                    f"image.healthcheck and run pulumi up again{last_lines(engine, name)}"
                )
            time.sleep(0.2)
            found = engine.container(name)
    return name


def _is_young(found: ContainerState) -> bool:
    """Whether it hasn't run for long enough: the engine's clock is this machine's, or nearly so."""
    if not found.running:
        return True
    try:
        started = datetime.fromisoformat(found.since[:19]).replace(tzinfo=UTC)
    except ValueError:
        return False
    return (datetime.now(UTC) - started).total_seconds() < RUNS


def _died(engine: Engine, service: str, name: str, found: ContainerState) -> str:
    return (
        f"service {service}: container {name} has died{exit_code(engine, name, found)}; fix the service and run pulumi "
        f"up again{last_lines(engine, name)}"
    )
