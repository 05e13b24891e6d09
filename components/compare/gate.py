"""A comparison as the condition of a route's move."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from components.compare.report import Report, headline, named, printable
from components.compare.request_list import ListError, requests
from components.compare.rules import rules_of
from components.compare.run import Pace, Progress, run, skipped_for
from components.compare.sides import Sides, why_not
from components.compare.written import write
from components.model.comparison import Comparison
from components.model.routes import RouteTable

_SHOWN = 10


class GateError(Exception):
    """A route must not move. Its text says why."""


@dataclass(frozen=True)
class Gate:
    """A route that is about to move."""

    route: str
    """Its id."""
    table: RouteTable
    """All routes, as they are before it moves."""
    sides: Sides
    """Where its requests go."""
    comparison: Comparison
    """What is asked for."""


def prove(gate: Gate, folder: Path, stack: str, say: Callable[[str], None], is_over: Callable[[], bool]) -> None:
    """Compares, and writes the report below the project's folder. Raises GateError if the route must not move."""
    wanted, path = gate.comparison, folder / gate.comparison.requests
    service = next(route.service for route in gate.table.routes if route.id == gate.route)
    skipped = skipped_for(False, lambda request: why_not(gate.table, gate.route, gate.sides, request))
    say(f"route {gate.route}: compares {service} with what answers now, by {wanted.requests}")
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
        raise GateError(f"route {gate.route}: interrupted before it was compared: the traffic stays where it was")
    if not progress.tally.requests:
        raise GateError(f"route {gate.route}: {path} has no request that it takes; list requests for its path")
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
        f"{head} write what may differ into compare.ignore, and run pulumi up again (all of it: {page}){''.join(rows)}"
    )
