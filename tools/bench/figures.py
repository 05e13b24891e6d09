"""What is made of the measured values. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

Samples = tuple[float, ...]
"""Seconds, one for each run."""

MADE = re.compile(r"^make: (?P<step>[^:]+): (?P<what>.+) in (?P<seconds>\d+) s\b", re.MULTILINE)


@dataclass(frozen=True)
class Load:
    """What a load generator measured: answers a second, milliseconds at the middle and at the 99th of 100 answers, and
    requests that got no answer or another than 200."""

    rate: float
    p50: float
    p99: float
    failed: int


@dataclass(frozen=True)
class Start:
    """Seconds of `make up`. steps: what the cold one made, and in how many seconds. cold: None if it wasn't asked
    for."""

    cold: float | None
    steps: tuple[tuple[str, int], ...]
    warm: Samples


@dataclass(frozen=True)
class Switch:
    """Seconds of a `pulumi up` that switches a route, of one that changes nothing, of the cut-over alone, and of an
    `up` of another program that changes one stash."""

    switch: Samples
    empty: Samples
    cut_over: Samples
    stash: Samples


@dataclass(frozen=True)
class Growth:
    """Seconds of a preview of so many services, of the project's program and of the bare one; both of as many
    resources."""

    services: int
    resources: int
    ours: Samples
    bare: Samples

    @property
    def ratio(self) -> float:
        """How much longer the program takes than the bare one."""
        return median(self.ours) / median(self.bare)


@dataclass(frozen=True)
class Results:
    """All that was measured. loads: by the name of what answered."""

    start: Start
    switch: Switch
    loads: Mapping[str, tuple[Load, ...]]
    growth: tuple[Growth, ...]


def load_of(text: str) -> Load:
    """The result that autocannon prints with --json."""
    report: dict[str, Any] = json.loads(text)
    latency, failed = report["latency"], report["errors"] + report["timeouts"] + report["non2xx"]
    return Load(float(report["requests"]["average"]), float(latency["p50"]), float(latency["p99"]), int(failed))


def middle(loads: Sequence[Load]) -> Load:
    """The median of each value; the sum of what failed."""
    return Load(
        median(load.rate for load in loads),
        median(load.p50 for load in loads),
        median(load.p99 for load in loads),
        sum(load.failed for load in loads),
    )


def steps_of(output: str, folder: str) -> tuple[tuple[str, int], ...]:
    """What the machine says that it made, and the seconds that it took."""
    return tuple(
        (f"{found['step']}: {found['what'].replace(folder, '.')}", int(found["seconds"]))
        for found in MADE.finditer(output)
    )


def per_service(growth: Sequence[Growth], bare: bool = False) -> list[float]:
    """Milliseconds that one more service takes, between each number of services and the next. On a straight line, all
    are the same."""
    points = [(point.services, median(point.bare if bare else point.ours)) for point in growth]
    return [1000 * (after - before) / (more - fewer) for (fewer, before), (more, after) in pairwise(points)]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first hold figures."""
    rule = ["---", *("---:" for _ in headings[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [headings, rule, *rows])


def seconds(samples: Samples) -> str:
    """The median, and the span where there is one."""
    text = f"{median(samples):.2f} s"
    return f"{text} ({min(samples):.2f} to {max(samples):.2f})" if len(samples) > 1 else text
