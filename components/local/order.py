"""What a container of a task waits for in another one, as `depends_on` says it."""

import time
from collections.abc import Callable

from components.local.cutover import exit_code, last_lines
from components.local.docker_engine import ContainerState, Engine


class OrderError(Exception):
    """What is waited for won't come. Its text is one line, and the end of the container's log."""


def is_met(condition: str, found: ContainerState) -> bool | None:
    """Whether a container that has started is as another one waits for it to be; None: it won't be any more. Pure.

    As ECS has it (API reference, ContainerDependency): `complete` is met by any exit code, `success` by 0 only.
    """
    if condition == "start":
        return True
    has_ended = not (found.running or found.restarting)
    if condition == "healthy":
        is_lost = has_ended or found.restarting or found.restarts or found.health == "unhealthy"
        return None if is_lost else found.health == "healthy"
    if not has_ended:
        return False
    return True if condition == "complete" or found.exit_code == 0 else None


def await_condition(
    engine: Engine, container: str, condition: str, patience: float, is_interrupted: Callable[[], bool]
) -> None:
    """Waits until it is met, for `patience` seconds. Raises OrderError if it won't be, and EngineError."""
    end = time.monotonic() + patience
    while True:
        found = engine.container(container)
        if found is None:
            raise OrderError(f"container {container} is gone; run pulumi up --refresh")
        met = is_met(condition, found)
        if met:
            return
        if met is None:
            raise OrderError(f"{_why(engine, container, condition, found)}{last_lines(engine, container)}")
        if is_interrupted():
            raise OrderError(f"interrupted before container {container} was {WORDS[condition]}")
        if time.monotonic() > end:
            late = f"container {container} isn't {WORDS[condition]} after {patience:.0f} s"
            raise OrderError(f"{late}; fix it and run pulumi up again{last_lines(engine, container)}")
        time.sleep(0.1)


WORDS = {"start": "started", "healthy": "healthy", "complete": "at its end", "success": "at its end"}
"""What is waited for, as messages have it."""


def _why(engine: Engine, container: str, condition: str, found: ContainerState) -> str:
    if found.running and found.health == "unhealthy" and not found.restarts:
        what = "isn't healthy"
    elif condition in ("complete", "success"):
        what = f"has ended with exit code {found.exit_code}"
    else:
        what = f"has died{exit_code(engine, container, found)}"
    waited = f"another one of its task waits for it to be {_wanted(condition)}"
    return f"container {container} {what}, and {waited}; fix it and run pulumi up again"


def _wanted(condition: str) -> str:
    return "at its end with exit code 0" if condition == "success" else WORDS[condition]
