"""A comparison as the condition of a route's move."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from components.compare.client import unreachable
from components.compare.report import Report, headline, named, printable
from components.compare.request import Request
from components.compare.request_list import ListError, requests
from components.compare.rules import rules_of
from components.compare.run import Pace, Progress, run, skipped_for
from components.compare.sides import Sides, why_not, why_not_then
from components.compare.written import write
from components.model.comparison import Comparison
from components.model.routes import RouteTable

_SHOWN = 10

_PATIENCE = 4.0
"""Seconds for a connection: an interrupted program is killed after 5."""


class GateError(Exception):
    """A route must not move. Its text says why."""


@dataclass(frozen=True)
class Gate:
    """A route that is about to move."""

    route: str
    """Its id."""
    table: RouteTable
    """All routes, as they are before it moves."""
    then: RouteTable
    """All routes, as they are to be."""
    sides: Sides
    """Where its requests go."""
    comparison: Comparison
    """What is asked for."""

    @property
    def service(self) -> str:
        """Who is to get its requests."""
        return next(route.service for route in self.then.routes if route.id == self.route)

    def why_not(self, request: Request) -> str:
        """Why a request isn't compared; empty if it is."""
        return why_not(self.table, self.route, self.sides, request) or why_not_then(self.then, self.route, request)


def count(gate: Gate, folder: Path) -> int:
    """How many requests are to be compared. Raises GateError if there are none, or the list can't be read."""
    path, skipped = folder / gate.comparison.requests, skipped_for(False, gate.why_not)
    try:
        found = sum(1 for request in requests(path) if not skipped(request))
    except ListError as failure:
        raise GateError(f"route {gate.route}: {failure}") from None
    if not found:
        raise GateError(_nothing(gate))
    return found


def announced(gate: Gate, folder: Path) -> str:
    """What a plan says of it. Raises GateError as `count` does."""
    found = count(gate, folder)
    what = f"{found:,} request{'s' if found > 1 else ''} of {gate.comparison.requests}"
    return (
        f"route {gate.route}: before any route moves, up compares {gate.service} with the current service, using {what}"
    )


def away(gate: Gate) -> str:
    """Why nothing can be compared from this machine, whatever the answers; empty if it can."""
    for url, at in gate.sides.addresses:
        if failure := unreachable(url, at, _PATIENCE):
            return f"{at or url}: {failure}"
    return ""


def _nothing(gate: Gate) -> str:
    return (
        f"route {gate.route}: {gate.comparison.requests} has no request that this route matches; add requests for its "
        "path"
    )


def prove(gate: Gate, folder: Path, stack: str, say: Callable[[str], None], is_over: Callable[[], bool]) -> None:
    """Compares, and writes the report below the project's folder. Raises GateError if the route must not move."""
    wanted, path, service = gate.comparison, folder / gate.comparison.requests, gate.service
    skipped = skipped_for(False, gate.why_not)
    if failure := away(gate):
        remedy = "run pulumi up on a machine that can reach it, or remove compare from the route's entry"
        raise GateError(f"route {gate.route}: {failure}; the traffic stays where it was; {remedy}")
    say(f"route {gate.route}: compares {service} with the current service, using {wanted.requests}")
    said = 0

    def tick(progress: Progress) -> None:
        nonlocal said
        thousands = progress.tally.requests // 1000
        if thousands > said:
            said = thousands
            say(f"route {gate.route}: {progress.tally.requests:,} requests compared, {progress.tally.count} findings")

    rules, pace = rules_of(wanted.ignore, wanted.unordered), Pace(wanted.rate)
    try:
        progress = run(requests(path), gate.sides, rules, pace, skipped, tick, is_over)
        report = Report(gate.route, stack, service, datetime.now(UTC), progress, wanted.max)
        page = write(report, folder)
    except (ListError, OSError) as failure:
        raise GateError(f"route {gate.route}: {failure}") from None
    if progress.interrupted:
        raise GateError(f"route {gate.route}: interrupted before the comparison: the traffic stays where it was")
    if not progress.tally.requests:
        raise GateError(_nothing(gate))
    say(f"route {headline(report)}")
    if not report.is_good:
        raise GateError(refusal(report, page))


def refusal(report: Report, page: Path) -> str:
    """Why a route must not move, with what was found."""
    findings = report.progress.tally.findings
    rows = [
        f"\n  {kind.found:,} times {named(kind)}: {printable(kind.old)} -> {printable(kind.new)}"
        for kind in findings[:_SHOWN]
    ]
    rows += [f"\n  and {len(findings) - _SHOWN} more"] if len(findings) > _SHOWN else []
    head = f"route {headline(report)}; the traffic stays where it was; fix the service {report.service}, or"
    return (
        f"{head} add the accepted differences to compare.ignore, and run pulumi up again (full report: "
        f"{page}){''.join(rows)}"
    )
