"""Whether a step goes well, by what was counted since it began. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.cutover.request import Asked


@dataclass(frozen=True)
class Counts:
    """What one side answered."""

    requests: int
    errors: int
    """Answers with 5xx, and requests that found nobody."""
    slower: Mapping[float, int] = field(default_factory=dict[float, int])
    """How many took at most so many milliseconds. Default: nobody counted it."""

    def since(self, before: "Counts") -> "Counts":
        """What has come since."""
        slower = {limit: number - before.slower.get(limit, 0) for limit, number in self.slower.items()}
        return Counts(self.requests - before.requests, self.errors - before.errors, slower)

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        limits = {*self.slower, *other.slower}
        slower = {limit: self.slower.get(limit, 0) + other.slower.get(limit, 0) for limit in sorted(limits)}
        return Counts(self.requests + other.requests, self.errors + other.errors, slower)

    @property
    def share(self) -> float:
        """Percent of errors."""
        return 100 * self.errors / self.requests if self.requests else 0

    @property
    def p99(self) -> float | None:
        """Milliseconds within which 99 of 100 were answered: the bound of the histogram's bucket. None: unknown."""
        total = max(self.slower.values(), default=0)
        within = (limit for limit, number in sorted(self.slower.items()) if number >= 0.99 * total)
        return next(within, None) if total else None


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a step."""

    bad: str = ""
    """Why it is taken back. Default: it isn't."""
    told: str = ""
    """What was counted."""


def judge(asked: Asked, service: str, new: Counts, old: Counts) -> Verdict:
    """By the answers of the route's service and of the old side since the step began."""
    told = f"{service}: {new.requests} requests, {new.share:.3g} % errors"
    if new.requests < asked.requests:
        return Verdict(told=f"{told}: fewer than {asked.requests} requests, so that nothing was judged")
    if new.share > asked.errors:
        return Verdict(f"{told}, more than {asked.errors:g} %", told)
    if new.p99 is None:
        return Verdict(told=f"{told}; latency was not counted")
    told += f", p99 {new.p99:g} ms"
    if asked.latency is not None:
        return Verdict(f"{told}, more than {asked.latency:g} ms" if new.p99 > asked.latency else "", told)
    if old.p99 is None or old.requests < asked.requests:
        return Verdict(told=f"{told}; the old side had too few requests to compare latency with")
    told += f", the old side's {old.p99:g} ms"
    limit = (asked.times or 1) * old.p99
    # Buckets below this are too narrow to tell a slow service from a busy machine.
    bad = new.p99 > max(limit, SMALLEST)
    return Verdict(f"{told}: more than {asked.times:g} times as much" if bad else "", told)


SMALLEST = 25.0
"""Milliseconds up to which a p99 is never too long beside the old side's."""
