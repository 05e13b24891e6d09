"""Whether a step goes well, by what was counted since it began. Pure."""

from dataclasses import dataclass

from components.local.envoy.statistics import RequestCount
from tools.cutover.request import Asked


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a step."""

    bad: str = ""
    """Why it is taken back. Default: it isn't."""
    summary: str = ""
    """What was counted."""


def judge(asked: Asked, service: str, new: RequestCount, old: RequestCount) -> Verdict:
    """By the answers of the route's service and of the old side since the step began."""
    slow, slow_before = new.quantile(0.99), old.quantile(0.99)
    summary = f"{service}: {new.requests} requests, {new.error_share:.3g} % errors"
    if new.requests < asked.requests:
        return Verdict(summary=f"{summary}: fewer than {asked.requests} requests, so that nothing was judged")
    if new.error_share > asked.errors:
        return Verdict(f"{summary}, more than {asked.errors:g} %", summary)
    if slow is None:
        return Verdict(summary=f"{summary}; latency was not counted")
    summary += f", p99 {slow:.3g} ms"
    if asked.latency is not None:
        return Verdict(f"{summary}, more than {asked.latency:g} ms" if slow > asked.latency else "", summary)
    if slow_before is None or old.requests < asked.requests:
        return Verdict(summary=f"{summary}; the old side had too few requests to compare latency with")
    summary += f", the old side's {slow_before:.3g} ms"
    limit = (asked.times or 1) * slow_before
    # Buckets below this are too narrow to tell a slow service from a busy machine.
    bad = slow > max(limit, SMALLEST)
    return Verdict(f"{summary}: more than {asked.times:g} times as much" if bad else "", summary)


SMALLEST = 25.0
"""Milliseconds up to which a p99 is never too long beside the old side's."""
