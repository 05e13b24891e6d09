"""How many tasks a service has, and what scales them: `count` of a manifest. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from components.input.diagnostics import one_of
from components.input.value import Value, seconds_of
from components.manifest import limits
from components.manifest.durations import in_seconds
from components.manifest.support import BUILT, NO_DIFFERENCE, Field, Group, State, group

METRICS = ("cpu_percentage", "memory_percentage", "requests", "response_time")
"""What autoscaling can follow."""
WORKER_METRICS = ("cpu_percentage", "memory_percentage", "queue_delay")
"""What it can follow where messages are worked on."""

_COOLDOWN = group("in", "out", of=NO_DIFFERENCE)
_METRIC = Group({"value": NO_DIFFERENCE, "cooldown": _COOLDOWN}, short=NO_DIFFERENCE)
_QUEUE_DELAY = group("acceptable_latency", "msg_processing_time", of=NO_DIFFERENCE, cooldown=_COOLDOWN)


def _fields(metrics: tuple[str, ...]) -> Group:
    """The fields of `count` of a type of workloads that is scaled by these metrics."""
    return Group(
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
            **{metric: _QUEUE_DELAY if metric == "queue_delay" else _METRIC for metric in metrics},
        },
        short=BUILT,
        forms=(("spot",), ("range", "cooldown", *metrics)),
    )


COUNT = _fields(METRICS)
"""The fields of `count`."""
WORKER_COUNT = _fields(WORKER_METRICS)
"""The fields of a worker's `count`."""

MOST_TASKS = 5_000
"""Of a service (Amazon ECS endpoints and quotas, «Tasks per service»)."""
MOST_PERCENT, MOST_REQUESTS = 100, 1_000_000
"""The highest targets: percent of the CPU or the memory, and requests a minute for each task."""
LONGEST_ANSWER = 4000
"""Seconds: no load balancer waits longer for an answer (the highest idle timeout of an ALB)."""
COOLDOWN_IN, COOLDOWN_OUT = (120, 0, 86_400), (60, 0, 86_400)
"""Seconds between two removals of tasks, and between two additions: the default, the least and the most."""


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
    backlog: Scaling | None = None
    """Messages that wait in a queue, for each task. Default: not followed."""

    @property
    def scaled_to_zero(self) -> bool:
        """True if the desired count is 0 and autoscaling is off."""
        return self.desired == 0 and self.max is None


ONE_TASK = Count()
"""Copilot's default."""


def read_count(at: Value, known: tuple[str, ...] = METRICS) -> Count:
    """`count`: a number, spot tasks, or a range with what scales it. known: the metrics that can."""
    if not at.is_map():
        return Count(desired=at.integer(1, 0, MOST_TASKS))
    spot, span = at.get("spot"), at.get("range")
    metrics = [name for name in known if at.get(name)]
    for name in sorted({*METRICS, *WORKER_METRICS}):
        if name not in known and at.get(name):
            at.get(name).fail(f"remove it, or scale on {one_of(known)}", "this type can't scale on this")
    if spot:
        if span or metrics:
            at.fail("give spot alone, or a range with spot_from", "found spot together with a range or a metric")
        return Count(desired=spot.integer(1, 0, MOST_TASKS), spot_from=1)
    if not span:
        at.fail("write range: 1-10 and a metric such as cpu_percentage: 70, or a plain number", "no range")
        return Count()
    low, high, spot_from = _range(span)
    if not metrics:
        at.fail("add a metric to the range, such as cpu_percentage: 70", "found a range without a metric")
    return Count(
        desired=low,
        max=high,
        spot_from=spot_from,
        cpu=_scaling(at, "cpu_percentage", MOST_PERCENT),
        memory=_scaling(at, "memory_percentage", MOST_PERCENT),
        requests=_scaling(at, "requests", MOST_REQUESTS),
        response_time=_scaling(at, "response_time", None),
        backlog=_backlog(at) if "queue_delay" in known else None,
    )


def _range(at: Value) -> tuple[int, int, int | None]:
    if at.is_map():
        low, high = (
            at.required(key, f"write {key}: with a number of tasks").integer(default, 0, MOST_TASKS)
            for key, default in (("min", 0), ("max", MOST_TASKS))
        )
        spot_from = at.get("spot_from").integer(None, 1, MOST_TASKS)
    else:
        low, high = (limits.span(at.value) if isinstance(at.value, str) else None) or (-1, -1)
        spot_from = None
    if low < 0 or high < low:
        at.fail(f"give two numbers from 0 to {MOST_TASKS}, the smaller first, such as 1-10")
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
    return _cooled(value, own, common)


def _cooled(value: float, own: Value, common: Value) -> Scaling:
    """A target with the metric's own cooldowns, else with those of all."""
    cooldown_in = in_seconds(common.get("in")).duration(*COOLDOWN_IN)
    cooldown_out = in_seconds(common.get("out")).duration(*COOLDOWN_OUT)
    return Scaling(
        value=value,
        cooldown_in=in_seconds(own.get("in")).duration(cooldown_in, *COOLDOWN_IN[1:]),
        cooldown_out=in_seconds(own.get("out")).duration(cooldown_out, *COOLDOWN_OUT[1:]),
    )


def _backlog(at: Value) -> Scaling | None:
    """How many messages may wait for each task, so that none waits longer than is acceptable: rounded up, as Copilot
    has it (its AcceptableBacklogPerTask at v1.34)."""
    metric = at.get("queue_delay")
    if not metric:
        return None
    latency, processing = (
        _positive(metric.required(key, f"write {key}: with a duration such as {example}"), example)
        for key, example in (("acceptable_latency", "10m"), ("msg_processing_time", "250ms"))
    )
    if latency and processing and processing > latency:
        metric.get("msg_processing_time").fail("give a duration no longer than acceptable_latency")
    backlog = ceil(latency / processing) if latency and processing else 1
    return _cooled(backlog, metric.get("cooldown"), at.get("cooldown"))


def _positive(at: Value, example: str) -> Fraction | None:
    """A duration's seconds, with parts of a second."""
    seconds = seconds_of(at.value) if isinstance(at.value, str) else None
    if at and not seconds:
        at.fail(f"give a duration of more than 0s, such as {example}")
    return seconds


def _response_time(at: Value) -> float:
    """Seconds. Parts of a second are common here, unlike in the durations that ECS and ALB take."""
    seconds = seconds_of(at.value) if isinstance(at.value, str) else None
    if at and not (seconds and seconds <= LONGEST_ANSWER):
        at.fail(f"give a duration of more than 0s and up to {LONGEST_ANSWER}s, such as 500ms or 2s")
    return float(seconds or 1)
