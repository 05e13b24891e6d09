"""`python -m tools.compare compare STACK`, in the project's folder. What else counts are variables, as with `make`."""

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.compare.client import unreachable
from components.compare.report import Report, to_text
from components.compare.request_list import ListError, requests
from components.compare.run import Progress, run, skipped_for
from components.compare.sides import why_not
from components.compare.written import write
from components.input.diagnostics import InputError
from components.platform import checks_for
from components.settings import read_settings
from tools.compare.asked import VERB, Asked, asked
from tools.compare.running import Running, running
from tools.operate.deployed import read
from tools.setup.place import Place
from tools.setup.say import MachineError, line, say
from tools.setup.stack import project

INTERRUPTED = 130
OVER = 3
"""The exit code if there are more findings than there may be."""


def compare(stack: str, variables: Mapping[str, str], folder: Path) -> int:
    """Compares a route of a stack that is up; the exit code."""
    outputs, config = (read(VERB, stack, folder, command, "--json") for command in ("stack output", "config"))
    return of_outputs(stack, outputs, config, variables, folder)


def of_outputs(
    stack: str, outputs: Mapping[str, Any], config: Mapping[str, Any], variables: Mapping[str, str], folder: Path
) -> int:
    """Compares a route by what the Pulumi CLI says of its stack; prints and writes the report. The exit code."""
    if not outputs.get("routes"):
        raise MachineError(VERB, f"STACK={stack}: nothing is up", f"run `pulumi up -s {stack}`")
    name = project(Place(folder))
    values = {key: str(entry["value"]) for key, entry in config.items() if "value" in entry}
    settings = read_settings(values, folder, stack, variables, checks_for, name)
    at = running(stack, variables.get("ROUTE", "").strip(), outputs, settings.table)
    wanted = asked(at.route.id, variables, settings.comparisons.get(at.route.id))
    path = Path(wanted.requests)
    skipped = skipped_for(wanted.unsafe, lambda request: why_not(at.table, at.route.id, at.sides, request))
    listed = Progress()
    total = 0
    for request in requests(folder / path):
        reason = skipped(request)
        listed.skipped[reason] += bool(reason)
        total += not reason
    if not total:
        least = "; ".join(f"{count} {reason}" for reason, count in listed.skipped.most_common(1))
        found = f"{path}: no request that the route {at.route.id} takes{f' ({least})' if least else ''}"
        raise MachineError(VERB, found, f"list requests for {at.route.path}")
    if wanted.dry:
        print(_dry(at, wanted, total, listed.skipped))
        return 0
    for url, called in at.sides.addresses:
        if failure := unreachable(url, called):
            raise MachineError(VERB, f"{url}: {failure}", f"look at `make status STACK={stack}`")
    say(
        VERB, f"{total:,} requests of {path}, each to the old side twice and to {at.route.service} once; Ctrl-C ends it"
    )
    with Bar(total) as bar:
        progress = run(requests(folder / path), at.sides, wanted.rules, wanted.pace, skipped, bar.show)
    report = Report(at.route.id, stack, at.route.service, datetime.now(UTC), progress, wanted.most)
    print(to_text(report), flush=True)
    say(VERB, f"the report is {write(report, folder)}, and next to it as JSON")
    if progress.interrupted:
        return INTERRUPTED
    return 0 if report.is_good else OVER


def _dry(at: Running, wanted: Asked, total: int, skipped: Counter[str]) -> str:
    """What would be sent where. As lines."""
    mark = at.sides.mark
    marked = f", with {'the cookie' if mark.cookie else 'the header'} {mark.name}" if mark else ""
    pace = f"{wanted.pace.rate} a second" if wanted.pace.rate else "as many as come through"
    lines = [
        f"{total:,} requests of {wanted.requests} for the route {at.route.id}",
        f"each twice to {at.sides.old}",
        f"and once to {at.sides.new}{marked}",
        f"{pace}, over {wanted.pace.connections} connections to each side",
        *(f"left out: {count:,} {reason}" for reason, count in skipped.most_common()),
    ]
    return "\n".join(lines)


class Bar:
    """Tells on stderr how far it is: in one line that changes, or where that can't be seen, now and then."""

    def __init__(self, total: int) -> None:
        self._total, self._terminal, self._told = total, sys.stderr.isatty(), 0

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def show(self, progress: Progress) -> None:
        done, found = progress.tally.requests, progress.tally.count
        share = 100 * done // max(self._total, 1)
        text = line(VERB, f"{done:,} of {self._total:,} ({share} %), {found} findings")
        if self._terminal:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif share // 10 > self._told:
            self._told = share // 10
            print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0] != VERB:
        print("usage: python -m tools.compare compare STACK", file=sys.stderr)
        return 2
    try:
        return compare(arguments[1], os.environ, Path.cwd())
    except (MachineError, InputError) as error:
        print(error, file=sys.stderr)
        return 1
    except ListError as error:
        say(VERB, str(error))
        return 1
    except BrokenPipeError:  # `make compare | head`
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
