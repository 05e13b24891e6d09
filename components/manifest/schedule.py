"""`on.schedule` of a job's manifest, as EventBridge takes it. Pure.

Translated as Copilot does (internal/pkg/deploy/cloudformation/stack/scheduled_job.go at v1.34), what is lost there
included: the same firings are what a job that comes over relies on. Such a loss is a warning. Forms of EventBridge's
own are its user guide's, "Cron expressions reference" and "Rate expressions reference". All times are UTC.
"""

import re
from dataclasses import dataclass

from components.input.diagnostics import show
from components.input.value import Value

NEVER = "none"
"""What a schedule says of a job that runs on demand only."""

_FIXED = {
    "@hourly": "cron(0 * * * ? *)",
    "@daily": "cron(0 0 * * ? *)",
    "@midnight": "cron(0 0 * * ? *)",
    "@weekly": "cron(0 0 ? * 1 *)",
    "@monthly": "cron(0 0 1 * ? *)",
    "@yearly": "cron(0 0 1 1 ? *)",
    "@annually": "cron(0 0 1 1 ? *)",
}
_FORMS = "give @daily, @every 1h30m, five fields such as 0 3 * * 1-5, rate(5 minutes), cron(0 3 * * ? *), or none"

_RATE = re.compile(r"rate\(([1-9][0-9]{0,8}) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_PART_OF_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|m|s|ms|us|µs|ns)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)
"""Of the five fields: their names, their numbers, and the words for these."""


@dataclass(frozen=True)
class Schedule:
    """When a job runs by itself."""

    expression: str = "rate(5 minutes)"
    """As EventBridge takes it. Default: what Copilot writes where it never runs."""
    enabled: bool = False
    """Whether it does. Default false: on demand only."""


def read_schedule(at: Value) -> Schedule:
    """`on.schedule`; mistakes are reported."""
    text = " ".join(at.text("", _FORMS).split())
    if not text:
        if at:
            at.fail(_FORMS)
        return Schedule()
    if text == NEVER:
        return Schedule()
    found = expression(text)
    if isinstance(found, Wrong):
        at.fail(found.remedy, found.found)
        return Schedule()
    lost = loss(text)
    if lost:
        at.problems.warn(at.where, *lost)
    return Schedule(found, enabled=True)


@dataclass(frozen=True)
class Wrong:
    """Why a schedule is none."""

    found: str
    """What it is."""
    remedy: str
    """What to do."""


def expression(text: str) -> str | Wrong:
    """A schedule as EventBridge takes it. text: with one space between two words."""
    if text.startswith("rate("):
        return _rate(text)
    if text.startswith("cron("):
        return _own_cron(text)
    if text.startswith("@every "):
        return _every(text.removeprefix("@every "))
    if text.startswith("@"):
        return _FIXED.get(text) or Wrong(f"found {show(text)}", f"give one of {', '.join(_FIXED)}, or @every 5m")
    fields = text.split(" ")
    if len(fields) != len(_FIELDS):
        return Wrong(f"found {show(text)}", _FORMS)
    for field, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
        if not all(_holds(part, low, high, words) for part in field.split(",")):
            named = f" or {words[0]} to {words[-1]}" if words else ""
            return Wrong(
                f"the {name} {show(field)}", f"give numbers from {low} to {high}{named}, ranges, lists, steps or *"
            )
    return _cron(fields)


def _rate(text: str) -> str | Wrong:
    found = _RATE.fullmatch(text)
    if found is None or (found[1] == "1") is bool(found[3]):
        return Wrong(
            f"found {show(text)}", "give rate(1 minute), or a number and minutes, hours or days: rate(5 minutes)"
        )
    return text


def _own_cron(text: str) -> str | Wrong:
    found = _CRON.fullmatch(text)
    fields = found[1].split() if found else []
    if len(fields) != 6 or (fields[2], fields[4]).count("?") != 1:
        remedy = "give six fields, of which the third or the fifth is ?, such as cron(0 3 * * ? *)"
        return Wrong(f"found {show(text)}", remedy)
    return text


def _every(duration: str) -> str | Wrong:
    parts = _PART_OF_DURATION.findall(duration)
    whole = "".join(number + unit for number, unit in parts) == duration
    seconds = round(sum(float(number) * _SECONDS[unit] for number, unit in parts), 9)
    if not parts or not whole or seconds < 60 or seconds % 60:
        return Wrong(
            f"found {show(f'@every {duration}')}", "give whole minutes, one at least, such as @every 5m or @every 1h30m"
        )
    minutes = int(seconds // 60)
    return f"rate({minutes} {'minute' if minutes == 1 else 'minutes'})"


def _holds(part: str, low: int, high: int, words: tuple[str, ...]) -> bool:
    """Whether Copilot's parser takes a part of a field: `*`, `?`, a number or a range, each with a step."""
    span, slash, step = part.partition("/")
    if slash and not re.fullmatch(r"[1-9][0-9]{0,3}", step):
        return False
    if span in ("*", "?"):
        return True
    ends = [_number(end, low, words) for end in span.split("-")]
    if len(ends) > 2 or any(end is None or not low <= end <= high for end in ends):
        return False
    return len(ends) == 1 or (ends[0] or 0) <= (ends[1] or 0)


def _number(text: str, low: int, words: tuple[str, ...]) -> int | None:
    if text.lower() in words:
        return words.index(text.lower()) + low
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _cron(fields: list[str]) -> str | Wrong:
    minutes, hours, day, month, week = fields
    if _given(day) and _given(week):
        return Wrong(
            "both a day of the month and one of the week", "write * for one of them: EventBridge allows only one"
        )
    if _given(week):
        # EventBridge counts the days of a week from 1; Copilot raises each digit, that of a step too.
        day, week = "?", re.sub(r"[0-9]", lambda digit: chr(ord(digit[0]) + 1), week)
    else:
        day, week = (day if _given(day) else "*"), "?"
    return f"cron({minutes} {hours} {day} {month} {week} *)"


def _given(field: str) -> bool:
    return not set(field) & {"*", "?"}


def loss(text: str) -> tuple[str, str] | None:
    """What Copilot loses of a schedule, and so does this: what was found, and what to write instead."""
    fields = text.split(" ")
    if len(fields) != len(_FIELDS) or text[0] == "@" or text.startswith(("rate(", "cron(")):
        return None
    for number, first in ((2, "1-31"), (4, "0-6")):
        if not _given(fields[number]) and "/" in fields[number]:
            step = fields[number].partition("/")[2]
            remedy = f"write {first}/{step} for every {step} days, or *" if number == 2 else "name the days, or write *"
            return f"{fields[number]!r} for a day runs every day, as with Copilot", remedy
    if _given(fields[4]) and "/" in fields[4]:
        return f"the step of {fields[4]!r} is raised by one, as with Copilot", "name the days, such as MON,WED,FRI"
    return None
