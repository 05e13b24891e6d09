"""`deployment` of a manifest: how tasks are replaced, and what rolls a deployment back. Pure."""

from dataclasses import dataclass

from components.input.value import Value
from components.manifest.support import AWS_ONLY, NO_DIFFERENCE, Field, Group, State

_THRESHOLD = Field(State.KEPT, State.BUILT, "reported at rollback_alarms")
_ALARMS = Group({"cpu_utilization": _THRESHOLD, "memory_utilization": _THRESHOLD}, short=AWS_ONLY)
DEPLOYMENT = Group({"rolling": NO_DIFFERENCE, "rollback_alarms": _ALARMS})
"""The fields of `deployment`."""
WORKER_DEPLOYMENT = Group(
    {
        "rolling": NO_DIFFERENCE,
        "rollback_alarms": Group({**_ALARMS.fields, "messages_delayed": _THRESHOLD}, short=AWS_ONLY),
    }
)
"""The fields of a worker's `deployment`."""


@dataclass(frozen=True)
class RollbackAlarms:
    """CloudWatch alarms that roll a deployment back."""

    names: tuple[str, ...] = ()
    """Of alarms that exist already. Default: none."""
    cpu: float | None = None
    """Percent of the tasks' CPU, on average, 1 to 100, from which an alarm that is created rolls back. Default: no
    such alarm."""
    memory: float | None = None
    """Percent of the tasks' memory, likewise. Default: no alarm."""
    delayed: int | None = None
    """Messages of a worker's queue that are delayed, from which such an alarm rolls back. Default: no alarm."""


NO_ALARMS = RollbackAlarms()
"""The default."""


def read_rolling(at: Value) -> str:
    """`deployment.rolling`: `default`, or `recreate`, which stops the old tasks first."""
    return at.choice("default", ("default", "recreate"), any_case=True)


def read_alarms(at: Value) -> RollbackAlarms:
    """`deployment.rollback_alarms`: a list of names, or a map of thresholds, as Copilot has it."""
    if at.is_map():
        cpu, memory = (at.get(name).number(None, 1, 100) for name in ("cpu_utilization", "memory_utilization"))
        return RollbackAlarms(cpu=cpu, memory=memory)
    for item in at.items():
        if item.value in (None, ""):
            item.fail("give the name of a CloudWatch alarm")
    return RollbackAlarms(at.texts())


def read_delayed(at: Value) -> int | None:
    """`deployment.rollback_alarms.messages_delayed`, which a worker can have."""
    return at.get("messages_delayed").integer(None, 1, 1_000_000_000)
