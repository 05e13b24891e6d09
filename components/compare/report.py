"""What a comparison found, as text and as JSON. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from components.compare.findings import FindingKind, suggested, suggested_unordered
from components.compare.latency import Latency
from components.compare.run import Progress

_SHOWN = 40
"""How many rows of findings, and of noise, a text shows."""

_AWAY = 0.1
"""The share of requests to which the old side may give no answer, for the rest to say something."""

_SLOWER, _NOTICED = 1.5, 0.005
"""Latency is pointed to where it is so many times the old one, and so many seconds more."""


@dataclass(frozen=True)
class Report:
    """The whole of it."""

    route: str
    """Which one was compared."""
    stack: str
    """Of which stack."""
    service: str
    """Who the new side is."""
    at: datetime
    """When it ended, in UTC."""
    progress: Progress
    """What was found."""
    most: int
    """How many findings there may be."""
    notes: tuple[str, ...] = field(default=())
    """What else is to be said. Default: nothing."""

    @property
    def is_good(self) -> bool:
        """Whether there are no more findings than there may be, and the old side was there to be compared with."""
        tally = self.progress.tally
        return tally.count <= self.most and tally.unanswered <= _AWAY * tally.requests


def to_json(report: Report) -> dict[str, object]:
    """The report as plain values."""
    tally, skipped = report.progress.tally, report.progress.skipped
    return {
        "route": report.route,
        "stack": report.stack,
        "service": report.service,
        "at": report.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "interrupted": report.progress.interrupted,
        "requests": tally.requests,
        "skipped": skipped.total(),
        "skippedBecause": dict(skipped),
        "findings": [_kind(kind, kind.found) for kind in tally.findings],
        "moreFindings": tally.beyond,
        "noise": [_kind(kind, kind.noise) for kind in tally.noisy],
        "suggested": {"ignore": suggested(tally.noisy), "unordered": suggested_unordered(tally.noisy)},
        "latency": {"old": _latency(tally.old), "new": _latency(tally.new)},
        "max": report.most,
    }


def _kind(kind: FindingKind, count: int) -> dict[str, object]:
    examples = [{"method": example.method, "path": example.path} for example in kind.examples]
    return {
        "kind": kind.kind,
        "path": kind.path,
        "count": count,
        "old": kind.old,
        "new": kind.new,
        "example": examples[0],
        "examples": examples,
    }


def _latency(latency: Latency) -> dict[str, float]:
    return {name: round(latency.percentile(percent), 6) for name, percent in (("p50", 50), ("p99", 99))}


def to_text(report: Report) -> str:
    """The report for a terminal."""
    tally = report.progress.tally
    parts = [headline(report)]
    parts += _section("Findings: old against new", tally.findings, lambda kind: kind.found)
    if tally.beyond:
        parts.append(f"  … and {tally.beyond} differences elsewhere in the answers")
    parts += _section("Noise: old against old", tally.noisy, lambda kind: kind.noise)
    parts += _advice(report)
    parts.append(_latencies(tally.old, tally.new))
    if report.progress.skipped:
        rows = [f"  {count:>9,}  {reason}" for reason, count in report.progress.skipped.most_common()]
        parts.append("\n".join(["Skipped:", *rows]))
    return "\n\n".join([*parts, *report.notes])


def headline(report: Report) -> str:
    """The outcome in a line."""
    tally, early = report.progress.tally, "interrupted after " if report.progress.interrupted else ""
    findings = "no findings" if not tally.count else f"{tally.count} finding{'s' if tally.count > 1 else ''}"
    allowed = f", {report.most} allowed" if report.most else ""
    away = f", {tally.unanswered:,} without an answer from the old side" if tally.unanswered else ""
    return f"{report.route}: {early}{tally.requests:,} requests compared, {findings}{allowed}{away}"


def _section(title: str, kinds: Iterable[FindingKind], count: Callable[[FindingKind], int]) -> list[str]:
    lines: list[str] = []
    listed = list(kinds)
    for kind in listed[:_SHOWN]:
        lines.append(f"  {count(kind):>9,}  {named(kind)}")
        lines.append(f"             {printable(kind.old)}  ->  {printable(kind.new)}")
        lines.append(f"             such as {kind.examples[0].method} {printable(kind.examples[0].path)}")
    if len(listed) > _SHOWN:
        lines.append(f"  … and {len(listed) - _SHOWN} more, which the report on disk has")
    return ["\n".join([f"{title}", *lines])] if lines else []


def named(kind: FindingKind) -> str:
    """What differs, in words."""
    return printable(" ".join(filter(None, (WORDS.get(kind.kind, kind.kind), kind.path))))


WORDS: Mapping[str, str] = {
    "missing": "missing",
    "extra": "extra",
    "type": "another type",
    "value": "another value",
    "order": "another order",
    "status": "another status",
    "failure": "no answer",
    "header": "header",
    "text": "another text",
    "bytes": "other bytes",
    "charset": "another character set",
    "format": "another format",
}
"""What a kind of difference is called."""


def _advice(report: Report) -> list[str]:
    noisy = report.progress.tally.noisy
    lists = {"ignore": suggested(noisy), "unordered": suggested_unordered(noisy)}
    rows = [f"        {name}: {json.dumps(values)}" for name, values in lists.items() if values]
    if not rows:
        return []
    head = [f"    {report.route}:", "      compare:"]
    return ["\n".join(["To ignore the noise, write in the stack's file below strangler:routes:", *head, *rows])]


def _latencies(old: Latency, new: Latency) -> str:
    rows = [f"  {'':<5}{'p50':>10}{'p99':>10}"]
    for name, latency in (("old", old), ("new", new)):
        rows.append(f"  {name:<5}" + "".join(f"{1000 * latency.percentile(percent):>7.1f} ms" for percent in (50, 99)))
    return "\n".join(["Latency", *rows, *slower(old, new)])


def slower(old: Latency, new: Latency) -> list[str]:
    """Where the new side takes its time, a line each."""
    return [
        f"  the new side is slower: p{percent} is {now / was:.1f} times the old one"
        for percent in (50, 99)
        if (was := old.percentile(percent)) and (now := new.percentile(percent)) > max(_SLOWER * was, was + _NOTICED)
    ]


def printable(text: str) -> str:
    """A text without what would move a terminal's cursor."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
