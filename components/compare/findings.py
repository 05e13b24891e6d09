"""What the comparison of many answers comes to: noise, findings, and what the noise suggests to ignore. Pure.

What is kept doesn't grow with the number of requests: differences are counted by kind and path, with a few examples of
each, and not more than `MOST_KINDS` of these.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from components.compare.answers import BODY, FAILURE, STATUS, Difference
from components.compare.json_diff import ORDER
from components.compare.latency import Latency

MOST_KINDS = 200
"""How many kinds and paths are told apart; differences of further ones are only counted."""

MOST_EXAMPLES = 3
_LONGEST_TARGET = 300

_SIGMAS = 3.0
"""How far from an even chance the requests in which only the new answer differs must be, where the old side's answers
differ among themselves too."""


@dataclass(frozen=True)
class Example:
    """A request whose answers differed."""

    method: str
    """Of the request."""
    path: str
    """With its query, shortened."""


@dataclass
class FindingKind:
    """Differences of one kind and path."""

    kind: str
    """One of those of `answers`."""
    path: str
    """A JSON path, a header's name, or empty."""
    old: str = ""
    """What the old side had in the first example. Default: nothing."""
    new: str = ""
    """What the new side had there; of noise, the old side the second time. Default: nothing."""
    only_new: int = 0
    """In how many requests only the new answer differed. Default 0."""
    only_old: int = 0
    """In how many only the old side's answers differed from each other. Default 0."""
    both: int = 0
    """In how many all differed. Default 0."""
    examples: list[Example] = field(default_factory=list[Example])
    """Some of the requests. Default: none."""

    @property
    def is_finding(self) -> bool:
        """Whether the new side differs more often than chance explains. If it answers as the old one, either of the two
        later answers is as likely to differ from the first: a sign test tells."""
        if not (self.only_old or self.both):
            return self.only_new > 0
        return self.only_new - self.only_old > _SIGMAS * math.sqrt(self.only_new + self.only_old)

    @property
    def found(self) -> int:
        """In how many requests the new answer differs from the first old one."""
        return self.only_new + self.both

    @property
    def noise(self) -> int:
        """In how many the old answers differ."""
        return self.only_old + self.both


@dataclass
class Tally:
    """Everything that is kept of a comparison while it runs."""

    kinds: dict[tuple[str, str], FindingKind] = field(default_factory=dict[tuple[str, str], FindingKind])
    """By kind and path. Default: none."""
    requests: int = 0
    """How many were compared. Default 0."""
    unanswered: int = 0
    """To how many the old side gave no answer. Default 0."""
    beyond: int = 0
    """Findings of further kinds or paths than are told apart. Default 0."""
    old: Latency = field(default_factory=Latency)
    """Of the old side's answers. Default: none."""
    new: Latency = field(default_factory=Latency)
    """Of the new side's. Default: none."""

    def add(self, method: str, target: str, found: Iterable[Difference], noise: Iterable[Difference]) -> None:
        """Counts what one request showed. found: between old and new. noise: between old and old."""
        self.requests += 1
        by_place = {(difference.kind, difference.path): difference for difference in noise}
        for difference in found:
            mine = by_place.pop((difference.kind, difference.path), None)
            kind = self._kind(difference)
            if kind is None:
                self.beyond += mine is None
            elif mine is None:
                kind.only_new += 1
                self._exemplify(kind, difference, method, target, first=kind.only_new == 1)
            else:
                kind.both += 1
                self._exemplify(kind, mine, method, target)
        for difference in by_place.values():
            kind = self._kind(difference)
            if kind is not None:
                kind.only_old += 1
                self._exemplify(kind, difference, method, target)

    def _kind(self, difference: Difference) -> FindingKind | None:
        key = (difference.kind, difference.path)
        if key not in self.kinds and len(self.kinds) < MOST_KINDS:
            self.kinds[key] = FindingKind(*key)
        return self.kinds.get(key)

    def _exemplify(
        self, kind: FindingKind, difference: Difference, method: str, target: str, *, first: bool = False
    ) -> None:
        """A finding's first example goes before those of noise."""
        example = Example(method, target[:_LONGEST_TARGET])
        if first or not kind.examples:
            kind.old, kind.new = difference.old, difference.new
            kind.examples.insert(0, example)
            del kind.examples[MOST_EXAMPLES:]
        elif len(kind.examples) < MOST_EXAMPLES:
            kind.examples.append(example)

    @property
    def findings(self) -> list[FindingKind]:
        """What differs between old and new beyond the noise, the most frequent first."""
        return sorted((kind for kind in self.kinds.values() if kind.is_finding), key=lambda kind: -kind.found)

    @property
    def noisy(self) -> list[FindingKind]:
        """Where the old side's answers differ, the most frequent first, without findings."""
        kinds = (kind for kind in self.kinds.values() if kind.noise and not kind.is_finding)
        return sorted(kinds, key=lambda kind: -kind.noise)

    @property
    def count(self) -> int:
        """How many findings there are."""
        return len(self.findings) + self.beyond


def suggested(noisy: Sequence[FindingKind]) -> list[str]:
    """What to write into `ignore` so that the noise isn't compared: JSON paths and names of headers."""
    return list(dict.fromkeys(kind.path or BODY for kind in noisy if kind.kind not in (STATUS, FAILURE, ORDER)))


def suggested_unordered(noisy: Sequence[FindingKind]) -> list[str]:
    """What to write into `unordered` likewise: JSON paths of arrays."""
    return [kind.path for kind in noisy if kind.kind == ORDER]
