"""Go's notation of durations, in which Docker's resources give theirs."""

import re
from typing import Final

_UNITS: Final = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def nanoseconds(duration: str) -> int:
    """The nanoseconds in a duration such as `1m30s` or `500ms`; `ValueError` for anything else."""
    if duration == "0":
        return 0
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f'"{duration}" is no duration; write it as in 500ms, 10s or 1m30s')
    return sum(round(float(number) * _UNITS[unit]) for number, unit in parts)
