"""How many tasks a service has, and what scales them: `count` of a manifest. Pure."""

from dataclasses import dataclass

from components.input.value import Value, seconds_of
from components.manifest import limits
from components.manifest.support import BUILT, NO_DIFFERENCE, Field, Group, State, group

METRICS = ("cpu_percentage", "memory_percentage", "requests", "response_time")
"""What autoscaling can follow."""

_COOLDOWN = group("in", "out", of=NO_DIFFERENCE)
_METRIC = Group({"value": NO_DIFFERENCE, "cooldown": _COOLDOWN}, short=NO_DIFFERENCE)
COUNT = Group(
    {
        "spot": Field(State.BUILT, State.BUILT, "on the local platform, as many ordinary containers"),
        "range": Group(
            {
                "min": Field(State.BUILT, State.BUILT, "on the local platform, min containers"),
                "max": NO_DIFFERENCE,
                "spot_from": NO_DIFFERENCE,
            },
            short=Field(State.BUILT, State.BUILT, "on the local platform, as many containers as its first number"),
        ),
        "cooldown": _COOLDOWN,
        **dict.fromkeys(METRICS, _METRIC),
    },
    short=BUILT,
    forms=(("spot",), ("range", "cooldown", *METRICS)),
)
"""The fields of `count`."""

_LONGEST_ANSWER = 4000
"""Seconds: no load balancer waits longer for an answer (the highest idle timeout of an ALB)."""


@dataclass(frozen=True)
class Scaling:
    """A metric's target."""

    value: float
    """In the metric's own unit: see Count."""
    cooldown_in: int = 120
    """Seconds between two removals of tasks. Default 120, Copilot's."""
    cooldown_out: int = 60
    """Seconds between two additions of tasks. Default 60, Copilot's."""


@dataclass(frozen=True)
class Count:
    """How many tasks a service has."""

    desired: int = 1
    """Tasks; with autoscaling, the minimum, with which it starts. Default 1."""
    max: int | None = None
    """The most tasks. Default: there is no autoscaling."""
    spot_from: int | None = None
    """The first task that runs on Fargate Spot; 1: all do. Default: none does."""
    cpu: Scaling | None = None
    """Percent of the tasks' CPU, on average. Default: not followed."""
    memory: Scaling | None = None
    """Percent of the tasks' memory, on average. Default: not followed."""
    requests: Scaling | None = None
    """Requests a minute and task. Default: not followed."""
    response_time: Scaling | None = None
    """Seconds, on average. Default: not followed."""

    @property
    def scaled_to_zero(self) -> bool:
        """True if the desired count is 0 and autoscaling is off."""
        return self.desired == 0 and self.max is None


ONE_TASK = Count()
"""Copilot's default."""


def read_count(at: Value) -> Count:
    """`count`: a number, spot tasks, or a range with what scales it."""
    if not at.is_map():
        return Count(desired=at.integer(1, 0, 5000))
    spot, span = at.get("spot"), at.get("range")
    metrics = [name for name in METRICS if at.get(name)]
    if spot:
        if span or metrics:
            at.fail("give spot alone, or a range with spot_from", "found spot beside a range or a metric")
        return Count(desired=spot.integer(1, 0, 5000), spot_from=1)
    if not span:
        at.fail("write range: 1-10 and a metric such as cpu_percentage: 70, or a plain number", "no range")
        return Count()
    low, high, spot_from = _range(span)
    if not metrics:
        at.fail("write a metric beside the range, such as cpu_percentage: 70", "found a range and no metric")
    return Count(
        desired=low,
        max=high,
        spot_from=spot_from,
        cpu=_scaling(at, "cpu_percentage", 100),
        memory=_scaling(at, "memory_percentage", 100),
        requests=_scaling(at, "requests", 1_000_000),
        response_time=_scaling(at, "response_time", None),
    )


def _range(at: Value) -> tuple[int, int, int | None]:
    if at.is_map():
        low, high = (
            at.required(key, f"write {key}: with a number of tasks").integer(default, 0, 5000)
            for key, default in (("min", 0), ("max", 5000))
        )
        spot_from = at.get("spot_from").integer(None, 1, 5000)
    else:
        low, high = (limits.span(at.value) if isinstance(at.value, str) else None) or (-1, -1)
        spot_from = None
    if low < 0 or high < low:
        at.fail("give two numbers from 0 to 5000, the smaller first, such as 1-10")
        return 1, 1, None
    return low, high, spot_from


def _scaling(at: Value, name: str, high: int | None) -> Scaling | None:
    """A metric's target: a whole number up to `high`, or a duration where there is no such number."""
    metric, common = at.get(name), at.get("cooldown")
    if not metric:
        return None
    own = metric.get("cooldown") if metric.is_map() else common
    target = metric.required("value", "write value: with the metric's target") if metric.is_map() else metric
    value = target.integer(1, 1, high) if high is not None else _response_time(target)
    cooldown_in = common.get("in").duration(120, 0, 86400)
    cooldown_out = common.get("out").duration(60, 0, 86400)
    return Scaling(
        value=value,
        cooldown_in=own.get("in").duration(cooldown_in, 0, 86400),
        cooldown_out=own.get("out").duration(cooldown_out, 0, 86400),
    )


def _response_time(at: Value) -> float:
    """Seconds. Parts of a second are common here, unlike in the durations that ECS and ALB take."""
    seconds = seconds_of(at.value) if isinstance(at.value, str) else None
    if at and not (seconds and seconds <= _LONGEST_ANSWER):
        at.fail(f"give a duration of more than 0s and up to {_LONGEST_ANSWER}s, such as 500ms or 2s")
    return float(seconds or 1)
