"""What AWS accepts for numbers and short texts of a manifest. Pure."""

import re

from components.input.value import Value

# Fargate's task sizes: CPU units -> (smallest, largest, step) of MiB, and 512 besides for 256 units.
# Source: Amazon ECS developer guide, "Fargate task definition considerations: Task CPU and memory".
_MEMORY = {
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}

CPU = (256, *_MEMORY)
"""The CPU units that a task can have."""

# CloudWatch Logs API, PutRetentionPolicy.
# fmt: off
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
# fmt: on
"""Days for which a log group can keep its logs."""

# ELB API, Matcher: HttpCode of an application load balancer.
SUCCESS_CODES = re.compile(r"[234]\d\d(?:-[234]\d\d)?(?:,[234]\d\d(?:-[234]\d\d)?)*")


def mistake(cpu: int, memory: int) -> str | None:
    """What to write instead, if Fargate has no task of this size."""
    if cpu == 256:
        return None if memory in (512, 1024, 2048) else "with cpu: 256, give 512, 1024 or 2048"
    if cpu not in _MEMORY:
        return f"give a cpu of 256, {', '.join(map(str, _MEMORY))}"
    low, high, step = _MEMORY[cpu]
    if low <= memory <= high and (memory - low) % step == 0:
        return None
    return f"with cpu: {cpu}, give {low} to {high} in steps of {step}"


def span(text: str) -> tuple[int, int] | None:
    """The two numbers of a range such as `1-10`."""
    found = re.fullmatch(r"(\d{1,4})-(\d{1,4})", text)
    return (int(found[1]), int(found[2])) if found else None


def retention(at: Value, default: int) -> int:
    """Days for which logs are kept, one of RETENTION_DAYS."""
    days = at.integer(default, 0, 3653)
    if days not in RETENTION_DAYS:
        at.fail(f"give one of {', '.join(map(str, RETENTION_DAYS))} days")
    return days
