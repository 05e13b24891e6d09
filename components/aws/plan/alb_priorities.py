"""Priorities of listener rules that stay as they are when routes come and go. Pure.

A listener matches its rules by priority, and refuses a priority that another rule has. The range is cut into bands;
which band a rule is in says where it is matched, and where in the band it is follows from its name alone. So a
new rule leaves all others where they are, unless its name falls on another's place. Then both go to the band's second
part, by another hash, and leave that place empty; so a rule that moves never waits for another to make way, and neither
does the one that moves back when the other goes.

Rules of paths with parameters come after those of plain paths of the same depth, as they may take the same requests,
and before those of the next depth. They lie in the second half of that depth's first band: its rules are for requests
at a path of fewer segments, which no longer path takes.

Rules for testers come before the other rules of their path, so that these needn't move when a route gets testers: they
lie at the ends of the bands of the next longer paths. A rule for testers of a longer path comes before one of a shorter
path, and each path below a route with testers has its own: so it doesn't matter which other rules are between them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from components.aws.plan.stable_slots import assign_slots, settle

MAX_SEGMENTS = 14
"""Segments of the longest path that has a band."""

BANDS_PER_DEPTH = 6
"""Of the routes with as many segments: those that list methods (0: requests at the path, 1: the others), and those that
list none (2 and 4: the methods that others list, 3 and 5: the others; 2 and 3 at the path)."""

_VARYING = ((40, 80), (20, 40), (12, 24))
"""Slots for paths with one, two and three parameters: for the rules with a condition on methods, and for the others.
Of two such paths of one depth, the one within the other has fewer parameters."""

CATCH_ALL = 40_000
"""The rule for what no route takes. What comes after it is never matched."""

HOST_DEPTH = 10
"""Segments of the longest path of a rule by host name."""

_BAND = 416
_HOSTS = (HOST_DEPTH + 2) * _BAND
"""Rules by host name come before all routes. The first of their bands stays free for what a facade puts first."""

TO_TLS = _HOSTS - 2
"""The first of three rules that send clients from port 80 to port 443, up to 4992: after the rules by host name, whose
last band has three places less, and before all routes."""

MAX_MARKED_SEGMENTS = MAX_SEGMENTS - 1
"""Segments of the longest plain path that has rules for testers."""

MAX_MARKS = 2
"""By how many marks the requests for one path can be told apart."""

_MARKED_START, _MARKED_SIZE = 320, 96
"""The places for testers at the end of each band but the first of a depth."""

_MARKED = (
    (12, 6, 28, 14, 6, 3, 10, 5, 3, 2, 5, 2),
    (16, 8, 48, 24),
    (64, 32),
    (96,),
    (96,),
)
"""How they are cut, band by band: for paths with one, two and three parameters that are a segment longer, those with a
condition on methods and the others; for plain paths, those with one, at the path and below it; those without one, at
the path; and below it. Each time for the first mark and for the second."""

_FIRST, _SECOND = 200, 96
"""Slots in the first two ranges of a band; the third is filled in the order of names."""

_ATTACHMENTS = 9_000


@dataclass(frozen=True, order=True)
class Band:
    """Consecutive priorities."""

    start: int
    """The first."""
    size: int = _BAND
    """How many. Default as plain paths have them, and so below."""
    first: int = _FIRST
    """Slots in its first range. Default 200."""
    second: int = _SECOND
    """Slots in its second range. Default 96."""

    @property
    def ranges(self) -> range:
        """The priorities of both ranges."""
        return range(self.start, self.start + self.first + self.second)

    @property
    def all(self) -> range:
        """All of its priorities."""
        return range(self.start, self.start + self.size)


VERSIONS = Band(CATCH_ALL + _ATTACHMENTS + 901, 99, 60, 30)
"""The rules that attach a target group which isn't the first of its tasks."""


def plain_band(segments: int, kind: int) -> Band:
    """The band of a plain path with so many segments. kind: 0 to 5, see `BANDS_PER_DEPTH`."""
    return Band(1 + _HOSTS + ((MAX_SEGMENTS - segments) * BANDS_PER_DEPTH + kind) * _BAND)


def varying_band(segments: int, parameters: int, *, methods: bool) -> Band:
    """The band of a path with parameters. methods: whether the rule has a condition on methods."""
    sizes = [size for pair in _VARYING for size in pair]
    index = 2 * (parameters - 1) + (0 if methods else 1)
    start = plain_band(segments - 1, 0).start + _BAND - sum(sizes[index:])
    return Band(start, sizes[index], sizes[index] // 2, sizes[index] // 4)


def marked_band(band: Band, segments: int, parameters: int, *, nth: int) -> Band:
    """The band of a rule for testers, by that of the rule whose path and methods it has. nth: 0 for the first of the
    marks that count there, or 1."""
    if parameters:
        methods = band == varying_band(segments, parameters, methods=True)
        return _marked(segments, 0, 4 * (parameters - 1) + (0 if methods else 2) + nth)
    kind = (band.start - plain_band(segments, 0).start) // _BAND
    # 0 and 2 are at the path with methods, 1 and 4 below it.
    row, column = {0: (1, 0), 2: (1, 0), 1: (1, 2), 4: (1, 2), 3: (2, 0), 5: (3 + nth, -nth)}[kind]
    return _marked(segments + 1, row, column + nth)


def _marked(segments: int, row: int, column: int) -> Band:
    before, size = sum(_MARKED[row][:column]), _MARKED[row][column]
    start = plain_band(segments, 1 + row).start + _MARKED_START + before
    return Band(start, size, max(1, size // 2), max(1, size // 4))


def priorities(bands: Mapping[str, Band]) -> dict[str, int]:
    """The priority of each rule, by the band that it is in; within 4993 to 39936."""
    given: dict[str, int] = {}
    for own in sorted(set(bands.values())):
        slots = assign_slots([name for name, band in bands.items() if band == own], (own.first, own.second))
        given |= {name: own.start + slot for name, slot in slots.items()}
    return given


def overfull(bands: Mapping[str, Band]) -> bool:
    """Whether a band has more rules than it has room for, which takes more than an account's first 100 rules."""
    given = priorities(bands)
    return len(set(given.values())) < len(given) or any(
        given[name] >= own.start + own.size for name, own in bands.items()
    )


def host_priorities(depths: Mapping[str, int]) -> dict[str, int]:
    """The priority of each rule by host name, by the segments of its path, 0 to 10; within 417 to 4989."""
    given: dict[str, int] = {}
    for depth in sorted(set(depths.values())):
        slots = assign_slots([name for name, own in depths.items() if own == depth], (_FIRST, _SECOND))
        given |= {name: host_band(depth).start + slot for name, slot in slots.items()}
    return given


def host_band(depth: int) -> Band:
    """The band of rules by host name whose path has so many segments, 0 to 10."""
    return Band(1 + (HOST_DEPTH + 1 - depth) * _BAND)


def attachment_priorities(services: Iterable[str], known: Mapping[str, int] | None = None) -> dict[str, int]:
    """The priority of a rule per service that is never matched, within 40001 to 49900. ECS refuses a service whose
    target group is attached to no load balancer: such a rule attaches it before any request may reach it. known: the
    priorities that rules of services have, also of those that go."""
    first = CATCH_ALL + 1
    wanted = {name: first + slot for name, slot in assign_slots(services, (_ATTACHMENTS, 900)).items()}
    return settle(wanted, known or {}, dict.fromkeys(wanted, range(first, first + _ATTACHMENTS + 900)))


def version_priorities(groups: Iterable[str]) -> dict[str, int]:
    """The priority of a rule that is never matched, for each target group that isn't the first of its tasks; behind all
    others, up to 50000. Such a rule attaches it while another one still takes the requests."""
    return {
        name: VERSIONS.start + slot for name, slot in assign_slots(groups, (VERSIONS.first, VERSIONS.second)).items()
    }
