"""Priorities of listener rules that stay as they are when routes come and go. Pure.

A listener matches its rules by priority, and refuses a priority that another rule has. The range is cut into bands;
which band a rule is in says where it is matched, and where in the band it is follows from its name alone. So a
new rule leaves all others where they are, unless its name falls on another's place. Then both go to the band's second
part, by another hash, and leave that place empty; so a rule that moves never waits for another to make way, and neither
does the one that moves back when the other goes.
"""

from collections.abc import Iterable, Mapping

from components.aws.plan.stable_slots import assign_slots

MAX_SEGMENTS = 14
"""Segments of the longest path that has a band."""

BANDS_PER_DEPTH = 6
"""Of the routes with as many segments: those that list methods (0: requests at the path, 1: the others), and those that
list none (2 and 4: the methods that others list, 3 and 5: the others; 2 and 3 at the path)."""

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

_FIRST, _SECOND = 200, 96
"""Slots in the first two ranges of a band; the third is filled in the order of names."""

_ATTACHMENTS = 9_000
_VERSIONS = CATCH_ALL + _ATTACHMENTS + 901


def priorities(bands: Mapping[str, int]) -> dict[str, int]:
    """The priority of each rule, by the band that it is in, 0 to 83; within 4993 to 39936."""
    given: dict[str, int] = {}
    for band in sorted(set(bands.values())):
        names = [name for name, own in bands.items() if own == band]
        slots = assign_slots(names, (_FIRST, _SECOND))
        given |= {name: 1 + _HOSTS + band * _BAND + slot for name, slot in slots.items()}
    return given


def overfull(bands: Mapping[str, int]) -> bool:
    """Whether a band has more rules than it has room for, which takes more than an account's first 100 rules."""
    for band in set(bands.values()):
        slots = assign_slots([name for name, own in bands.items() if own == band], (_FIRST, _SECOND))
        if max(slots.values()) >= _BAND:
            return True
    return False


def host_priorities(depths: Mapping[str, int]) -> dict[str, int]:
    """The priority of each rule by host name, by the segments of its path, 0 to 10; within 417 to 4989."""
    given: dict[str, int] = {}
    for depth in sorted(set(depths.values())):
        slots = assign_slots([name for name, own in depths.items() if own == depth], (_FIRST, _SECOND))
        given |= {name: 1 + (HOST_DEPTH + 1 - depth) * _BAND + slot for name, slot in slots.items()}
    return given


def attachment_priorities(services: Iterable[str]) -> dict[str, int]:
    """The priority of a rule per service that is never matched, within 40001 to 49900. ECS refuses a service whose
    target group is attached to no load balancer: such a rule attaches it before any request may reach it."""
    return {name: CATCH_ALL + 1 + slot for name, slot in assign_slots(services, (_ATTACHMENTS, 900)).items()}


def version_priorities(groups: Iterable[str]) -> dict[str, int]:
    """The priority of a rule that is never matched, for each target group that isn't the first of its tasks; behind all
    others, up to 50000. Such a rule attaches it while another one still takes the requests."""
    return {name: _VERSIONS + slot for name, slot in assign_slots(groups, (60, 30)).items()}
