"""What AWS accepts where a manifest gives a number or a short text. Pure."""

import re
import shlex

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
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

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


# As github.com/google/shlex has it, which Copilot uses: # begins a comment where a word would begin.
_COMMENT = re.compile(r"""(?P<kept>'[^']*'|"(?:\\.|[^"\\])*"|\\.#?)|(?:^|(?<=[ \t\r\n]))#[^\n]*""", re.DOTALL)


def shell_words(text: str) -> tuple[str, ...] | None:
    """The words of a command as a shell splits them, without a comment; None if a quotation isn't closed."""
    try:
        return tuple(shlex.split(_COMMENT.sub(lambda found: found["kept"] or "", text)))
    except ValueError:
        return None
