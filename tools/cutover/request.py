"""What was asked of `make advance`: ROUTE, STEPS, BAKE, ERRORS, LATENCY and MIN_REQUESTS. Pure.

The defaults are the field's: Amazon ECS Express Mode sends 5 % first, waits 3 minutes, and goes back at over 1 % of
errors (ECS developer guide, Express Mode); Argo Rollouts and Kayenta compare latency with that of the old side.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from components.input.value import seconds_of
from tools.setup.say import MachineError

VERB = "advance"
STEPS, BAKE, ERRORS, LATENCY, MIN_REQUESTS = "5,25,50,100", "3m", "1", "2x", "50"
_LONGEST = 24 * 3600


@dataclass(frozen=True)
class Asked:
    """A cut-over in steps."""

    route: str
    """ROUTE: the id of a route."""
    steps: tuple[int, ...] = ()
    """STEPS: the weights, rising. Default 5, 25, 50 and 100; 100 alone where the facade has no weights."""
    bake: float = 180
    """BAKE: seconds for which each step is watched. Default 3 minutes."""
    errors: float = 1
    """ERRORS: percent of the service's answers that may be 5xx. Default 1."""
    times: float | None = 2
    """LATENCY=2x: how many times the p99 of the old side its own may be. Default 2."""
    latency: float | None = None
    """LATENCY=800ms: the milliseconds that its p99 may be. Default: it is compared with the old side's."""
    requests: int = 50
    """MIN_REQUESTS: with fewer, nothing is judged. Default 50."""


def asked(variables: Mapping[str, str]) -> Asked:
    """Reads the variables; raises MachineError for the first that can't be."""
    given = {name: variables.get(name, "").strip() for name in ("ROUTE", "STEPS", "BAKE")}
    if not given["ROUTE"]:
        raise MachineError(VERB, "ROUTE is missing", "say which, such as ROUTE=users")
    times, latency = _latency(variables.get("LATENCY", "").strip() or LATENCY)
    return Asked(
        given["ROUTE"],
        _steps(given["STEPS"]),
        _bake(given["BAKE"] or BAKE),
        _number("ERRORS", variables.get("ERRORS", "").strip() or ERRORS, 100),
        times,
        latency,
        _least(variables),
    )


def _least(variables: Mapping[str, str]) -> int:
    """MIN_REQUESTS, or as it was called before, when REQUESTS wasn't the file of `make compare` yet."""
    given = [(name, variables.get(name, "").strip()) for name in ("MIN_REQUESTS", "REQUESTS")]
    name, text = next(((name, text) for name, text in given if text), ("MIN_REQUESTS", MIN_REQUESTS))
    if name == "REQUESTS" and not text.isdecimal():
        raise MachineError(
            VERB,
            f"REQUESTS={text}",
            "MIN_REQUESTS=50 says below how many requests nothing is judged; a file is compare's",
        )
    return int(_number(name, text, 1_000_000, whole=True))


def _steps(text: str) -> tuple[int, ...]:
    if not text:
        return ()
    parts = [part.strip() for part in text.split(",")]
    steps = tuple(int(part) for part in parts if re.fullmatch(r"[0-9]{1,3}", part))
    if len(steps) < len(parts) or list(steps) != sorted(set(steps)) or not 1 <= steps[0] <= steps[-1] <= 100:
        raise MachineError(VERB, f"STEPS={text}", f"give rising weights from 1 to 100, such as {STEPS}")
    return steps


def _bake(text: str) -> float:
    seconds = seconds_of(text)
    if seconds is None or not Fraction(1) <= seconds <= _LONGEST:
        raise MachineError(VERB, f"BAKE={text}", "give a duration from 1s to 24h, such as 3m")
    return float(seconds)


def _number(name: str, text: str, most: int, *, whole: bool = False) -> float:
    form = r"[0-9]{1,7}" if whole else r"[0-9]{1,3}(\.[0-9]{1,6})?"
    if not re.fullmatch(form, text) or not (1 if whole else 0) <= float(text) <= most:
        kind = "a whole number from 1" if whole else "a number from 0"
        raise MachineError(VERB, f"{name}={text}", f"give {kind} to {most}")
    return float(text)


def _latency(text: str) -> tuple[float | None, float | None]:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)x", text)
    if found and float(found[1]) >= 1:
        return float(found[1]), None
    seconds = seconds_of(text)
    if seconds is None or seconds <= 0:
        remedy = "give how many times the old side's p99 it may be, such as 2x, or a duration, such as 800ms"
        raise MachineError(VERB, f"LATENCY={text}", remedy)
    return None, float(1000 * seconds)


def chosen_steps(steps: tuple[int, ...], *, weights: bool, facade: str) -> tuple[int, ...]:
    """The steps that a facade can go."""
    if weights:
        return steps or tuple(int(step) for step in STEPS.split(","))
    if steps and steps != (100,):
        given = ",".join(map(str, steps))
        raise MachineError(VERB, f"STEPS={given}, and the facade {facade} sends all or nothing", "give STEPS=100")
    return (100,)
