"""How the tasks of a service run: how many, on what, and how a deployment replaces them."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from components.input.value import NUMBERS, Value
from components.manifest.count import (
    COOLDOWN_IN,
    COOLDOWN_OUT,
    LONGEST_ANSWER,
    MOST_PERCENT,
    MOST_REQUESTS,
    MOST_TASKS,
    Count,
    Scaling,
)
from components.manifest.deployment import NO_ALARMS, RollbackAlarms, read_rolling
from components.public.given import filled
from components.settings.service import STEADY_STATE


class ScalingArgs(TypedDict):
    """A range of tasks, and the averages that Application Auto Scaling keeps within it by target tracking: one or more.

    An update never sets the number of tasks back, whatever else it changes. A service that has none (`count: 0`) gets
    `min` tasks only after it was taken for steady: give it a `count` of 1 or more first.
    """

    min: int
    """Tasks at least, 0 to 5000; a new service starts with them."""
    max: int
    """Tasks at most, 1 to 5000."""
    cpu_percent: NotRequired[int]
    """Percent of the CPU that tasks have, 1 to 100. Default: not looked at."""
    memory_percent: NotRequired[int]
    """Percent of the memory that tasks have, 1 to 100. Default: not looked at."""
    requests_per_target: NotRequired[int]
    """Requests a minute for each task, by the load balancer's `RequestCountPerTarget`, 1 to 1000000. Of a
    `FargateWebService`. Default: not looked at."""
    response_seconds: NotRequired[float]
    """Seconds in which a task answers, by the load balancer's `TargetResponseTime`, more than 0, up to 4000. Of a
    `FargateWebService`. Default: not looked at."""
    backlog_per_task: NotRequired[int]
    """Messages that wait in the queue for each task, 1 to 1000000: the seconds that one may wait, divided by the
    seconds that a task takes for one. Of a `FargateWorker`. Default: not looked at."""
    scale_in_cooldown_seconds: NotRequired[int]
    """Seconds between two removals of tasks, 0 to 86400. Default: 120."""
    scale_out_cooldown_seconds: NotRequired[int]
    """Seconds between two additions of tasks, 0 to 86400. Default: 60."""


class RollbackAlarmsArgs(TypedDict):
    """Alarms of CloudWatch that take a deployment back."""

    names: list[str]
    """Names of alarms that exist already."""
    enabled: NotRequired[bool]
    """Whether deployments go by them. ECS keeps alarms of which it isn't told any more: say false for one update
    before they are left out. Default: true."""


@dataclass(frozen=True)
class Running:
    """How the tasks of a service run."""

    count: Count
    """How many, and on what."""
    rolling: str
    """`default` or `recreate`."""
    alarms: RollbackAlarms
    """By which a deployment is taken back."""
    silent: tuple[str, ...]
    """The names of alarms that are switched off."""
    anew: bool
    """Whether each change starts the tasks anew."""
    timeout: int
    """Seconds to wait for a steady state."""


_METRICS = {
    "cpu_percent": ("cpu", MOST_PERCENT),
    "memory_percent": ("memory", MOST_PERCENT),
    "requests_per_target": ("requests", MOST_REQUESTS),
    "response_seconds": ("response_time", LONGEST_ANSWER),
    "backlog_per_task": ("backlog", 1_000_000),
}
"""The field of a Count, and the highest target, by key."""


BY_REQUESTS, BY_MESSAGES = ("requests_per_target", "response_seconds"), ("backlog_per_task",)
"""The keys that one of the two kinds of services has."""


def read_running(at: Value, own: tuple[str, ...]) -> Running:
    """How the tasks run. at: the component's arguments. own: the keys of `scaling` of its kind."""
    alarms = at.get("rollback_alarms")
    if alarms:
        alarms.require_map()
        alarms.only(RollbackAlarmsArgs.__annotations__)
    remedy = "give the names of alarms that exist"
    names = filled(alarms.required("names", remedy), remedy).texts() if alarms else ()
    enabled = alarms.get("enabled").boolean(True)
    return Running(
        _count(at, own),
        rolling=read_rolling(at.get("deployment")),
        alarms=RollbackAlarms(names) if enabled else NO_ALARMS,
        silent=() if enabled else names,
        anew=at.get("force_new_deployment").boolean(False),
        timeout=NUMBERS.read(at, "steady_state", *STEADY_STATE),
    )


def _count(at: Value, own: tuple[str, ...]) -> Count:
    """`count` or `scaling`, and `spot_from`."""
    scaling, spot = at.get("scaling"), at.get("spot_from").integer(None, 1, MOST_TASKS)
    if not scaling:
        return Count(at.get("count").integer(1, 0, MOST_TASKS), spot_from=spot)
    if at.get("count"):
        at.get("count").refuse("remove it: scaling has min and max", "count together with scaling")
    scaling.require_map()
    others = {*BY_REQUESTS, *BY_MESSAGES} - {*own}
    scaling.only(key for key in ScalingArgs.__annotations__ if key not in others)
    known = [key for key in _METRICS if key not in others]
    if scaling.is_map() and not any(scaling.get(key) for key in known):
        scaling.fail(f"give one or more of {', '.join(map(at.spelled, known))}", "no metric to scale on")
    least, most = _range(scaling)
    fewer = NUMBERS.read(scaling, "scale_in_cooldown", *COOLDOWN_IN)
    further = NUMBERS.read(scaling, "scale_out_cooldown", *COOLDOWN_OUT)
    targets = {_METRICS[key][0]: _target(scaling.get(key), key) for key in known}
    scaled = {field: Scaling(value, fewer, further) for field, value in targets.items() if value is not None}
    return Count(least, max=most, spot_from=spot, **scaled)


def _range(at: Value) -> tuple[int, int]:
    least = at.required("min", "give the minimum number of tasks").integer(0, 0, MOST_TASKS)
    most = at.required("max", "give the maximum number of tasks").integer(MOST_TASKS, 1, MOST_TASKS)
    if most < least:
        at.get("max").fail(f"give min, {least}, or more", f"found {most}")
    return least, most


def _target(at: Value, key: str) -> float | None:
    """What the average of a metric is to be."""
    high = _METRICS[key][1]
    if key != "response_seconds":
        return at.integer(None, 1, high)
    if not at:
        return None
    if isinstance(at.value, bool) or not isinstance(at.value, int | float) or not 0 < at.value <= high:
        at.fail(f"give seconds, more than 0 and up to {high}")
        return None
    return float(at.value)
