"""`deployment.rollback_alarms` of a manifest: what takes a deployment back besides tasks that die. Pure."""

from dataclasses import dataclass

from components.input.value import Value


@dataclass(frozen=True)
class RollbackAlarms:
    """names: of alarms that are there already. cpu and memory: percent of what the tasks have, on average, from which
    an alarm that is made takes a deployment back (default: none is made)."""

    names: tuple[str, ...] = ()
    cpu: float | None = None
    memory: float | None = None


NO_ALARMS = RollbackAlarms()
"""What holds when nothing is said."""


def read_alarms(at: Value) -> RollbackAlarms:
    """A list of names, or a map of thresholds: one of them, as Copilot has it."""
    if at.is_map():
        cpu, memory = (at.get(name).number(None, 1, 100) for name in ("cpu_utilization", "memory_utilization"))
        return RollbackAlarms(cpu=cpu, memory=memory)
    for each in at.items():
        if each.value in (None, ""):
            each.fail("give the name of a CloudWatch alarm")
    return RollbackAlarms(at.texts())
