"""`make cost`: what a stack costs a month while nothing happens, and what its plan adds or saves."""

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from components.input.diagnostics import did_you_mean
from tools import stacks
from tools.operate.billed import BILLED, State, amounts, before_and_after
from tools.operate.request import Request
from tools.setup.report import table
from tools.setup.run import Outcome, capture
from tools.setup.say import MachineError, say
from tools.standin.values import rows

SECONDS = 900.0
"""How long a plan may take."""
CONTAINER = "docker:index/container:Container"
"""What only a stack on this machine has."""


@dataclass(frozen=True)
class Prices:
    """List prices of one region."""

    region: str
    month: Mapping[str, float]
    """Dollars a month for one, by what it is."""
    left_out: Mapping[str, str]
    """What else is billed, by the type of the resource that it comes with."""
    ages: Mapping[str, str]
    """As of when each price is, and by whom."""
    free: frozenset[str]
    """The types that cost nothing."""


@cache
def prices() -> Prices:
    """Reads the data."""
    data = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    found = cast("dict[str, dict[str, Any]]", data["prices"])
    month = {
        name: price["month"] if "month" in price else price["hour"] * data["hours"] for name, price in found.items()
    }
    ages = {name: str(price["as of"]) for name, price in found.items()}
    return Prices(data["region"], month, data["left out"], ages, frozenset(data["free"]))


def show(asked: Request, stack: str, folder: Path) -> int:
    """Prints it; the exit code."""
    real = ["pulumi", "preview", "--stack", stack, "--json", "--show-sames", "--non-interactive"]
    # Without an account or a state: the plan of a stack file on the stand-ins, as `make plan` makes it.
    alone = [sys.executable, "-m", "tools.standin", "plan", stack, "--json"]
    up = capture(["pulumi", "stack", "export", "--stack", stack, "--non-interactive"], cwd=folder, seconds=SECONDS)
    is_up = up.ok and bool(json.loads(up.out)["deployment"].get("resources"))
    if not is_up and not (folder / f"Pulumi.{stack}.yaml").is_file():
        remedy = did_you_mean(stack, stacks.on_aws(folder))
        raise MachineError("cost", f"STACK={stack}: it has no file Pulumi.{stack}.yaml", remedy)
    command = real if is_up else alone
    if asked.dry:
        print(shlex.join(command))
        return 0
    if not is_up:
        why = "it isn't up" if up.ok else up.reason.removeprefix("error: ")
        say("cost", f"STACK={stack}: {why}; so this is what a first `up` would make")
    done = capture(command, cwd=folder, seconds=SECONDS)
    if not done.ok:
        raise MachineError("cost", f"STACK={stack}: the plan failed: {reason(done)}", "fix it, and run it again")
    before, after = before_and_after(_plan(done.out)["steps"])
    if any(one["type"] == CONTAINER for one in after):
        say("cost", f"{stack} runs on this machine and costs nothing")
        return 0
    print(text(before, after))
    return 0


def reason(failed: Outcome) -> str:
    """Why a plan failed: its first error, which `--json` prints among the rest, or the last line of the CLI."""
    try:
        diagnostics = rows(_plan(failed.out).get("diagnostics"))
    except ValueError:
        diagnostics = []
    errors = (str(diagnostic["message"]) for diagnostic in diagnostics if diagnostic.get("severity") == "error")
    return next(errors, failed.reason).removeprefix("error: ")


def _plan(written: str) -> dict[str, Any]:
    """The JSON at the beginning of what the CLI wrote."""
    return cast("dict[str, Any]", json.JSONDecoder().raw_decode(written)[0])


def text(before: Sequence[State], after: Sequence[State]) -> str:
    """The page: a line for each thing that costs something while nothing happens."""
    known, old, new = prices(), amounts(before), amounts(after)
    listed = [what for what in known.month if old.get(what) or new.get(what)]
    lines = [_row(known, what, old.get(what, 0), new.get(what, 0)) for what in listed]
    sums = [_sum(known, counted) for counted in (old, new)]
    total = ("all of it", "", "", f"{sums[1]:.2f}", _signed(sums[1] - sums[0]))
    types = {one["type"] for one in (*before, *after)}
    left_out = [what for kind, what in known.left_out.items() if kind in types]
    ages = dict.fromkeys(known.ages[what] for what in listed)
    strange = sorted(kind for kind in types if kind.startswith(("aws:", "aws-native:")) and not _known(known, kind))
    return "\n".join(
        [
            table([("WHAT", "HOW MANY", "$ EACH", "$ A MONTH", "BY THE PLAN"), *lines, total]),
            "",
            f"List prices of {known.region} for 730 hours, without taxes, discounts and free tiers. As of:",
            *(f"  {age}: {', '.join(what for what in listed if known.ages[what] == age)}" for age in ages),
            f"Left out: {'; '.join([*left_out, 'traffic'])}.",
            *([f"Not known here, and not counted: {', '.join(strange)}."] if strange else []),
        ]
    )


def _known(known: Prices, kind: str) -> bool:
    return kind in BILLED or kind in known.free or kind in known.left_out


def _row(known: Prices, what: str, old: float, new: float) -> tuple[str, ...]:
    count = f"{new:g}" if old == new else f"{old:g} -> {new:g}"
    before, after = (_month(known, what, amount) for amount in (old, new))
    return what, count, f"{_month(known, what, 1):.2f}", f"{after:.2f}", _signed(after - before)


def _month(known: Prices, what: str, amount: float) -> float:
    """Dollars a month, to the cent: so that a reader who adds the lines comes to the same sum."""
    return round(known.month[what] * amount, 2)


def _sum(known: Prices, counted: Mapping[str, float]) -> float:
    return sum(_month(known, what, amount) for what, amount in counted.items())


def _signed(change: float) -> str:
    return f"{change:+.2f}" if round(change, 2) else ""
