"""Copilot's Scheduled Job manifest, read into a Manifest: a task that runs at times, and on demand. Pure."""

from dataclasses import replace

from components.input.value import DURATIONS, Seconds, Value
from components.manifest.count import Count
from components.manifest.image import IMAGE
from components.manifest.manifest import SCHEDULED_JOB, Job, Manifest
from components.manifest.overrides import without
from components.manifest.schedule import read_schedule
from components.manifest.support import Field, Group, State, less
from components.manifest.task import TASK_FIELDS, read_task

_BY_ITSELF = Field(
    State.LEFT_OUT, State.BUILT, "jobs don't run on schedule on the local platform: `make job NAME=<name>`"
)
_ONCE = Field(State.KEPT, State.BUILT, "`make job` runs it once")
_NO_EFFECT = Field(State.KEPT, State.KEPT, "has no effect on a job, as with Copilot")

FIELDS = Group(
    {
        **TASK_FIELDS,
        "image": less(IMAGE, "port"),
        "on": Group({"schedule": _BY_ITSELF}),
        "retries": _ONCE,
        "timeout": _ONCE,
        "count": _NO_EFFECT,
        "exec": Group({"enable": _NO_EFFECT}, short=_NO_EFFECT),
    }
)
"""Every field of the manifest, and what each platform makes of it."""


_NOT_OF_JOBS = ("count", "exec", "deployment", "observability")
"""What has no effect on a job, or is no field of one: Copilot passes over it (v1.34.1, asked)."""


def read(at: Value, folder: str, given: Value | None = None) -> Manifest:
    """See `WorkloadType.read`."""
    task = read_task(without(at, _NOT_OF_JOBS), folder, given)
    if at.get("count").is_map():
        at.get("count").refuse("remove it: a job runs a single task", "a range")
    place = at.required("on", "write on: with a schedule, such as on: {schedule: '@daily'}")
    # Without `on`, that alone is the mistake.
    schedule = place.required("schedule", "write a schedule, such as schedule: '@daily', or none") if place else place
    network = replace(task.network, connect=False, connect_alias=None, deny_default=False)
    return replace(
        task,
        type=SCHEDULED_JOB,
        count=Count(0),
        network=network,
        job=read_job(at, schedule, DURATIONS),
    )


def read_job(at: Value, schedule: Value, seconds: Seconds) -> Job:
    """When a job runs, how often again, and for how long."""
    return Job(
        read_schedule(schedule),
        at.get("retries").integer(0, 0, 99_999_999),
        # Of a whole execution, its retries included (Step Functions, TimeoutSeconds: 99,999,999 at most).
        seconds.read(at, "timeout", None, 1, 99_999_999),
    )
