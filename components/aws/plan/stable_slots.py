"""Numbers for names, which stay as they are when other names come and go. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256


def assign_slots(names: Iterable[str], ranges: tuple[int, ...]) -> dict[str, int]:
    """Assigns each name a distinct slot from 0 on that doesn't change when other names come and go.

    Names hash into the first range; those that collide are hashed again into the next range; what still collides is
    numbered after the last range, in sorted order. ranges: their sizes; they lie one behind the other.
    """
    slots: dict[str, int] = {}
    left, start = sorted(names), 0
    for level, size in enumerate(ranges):
        hashes = {name: _hash(f"{level} {name}") % size for name in left}
        uses = Counter(hashes.values())
        alone = {name for name, slot in hashes.items() if uses[slot] == 1}
        slots |= {name: start + hashes[name] for name in alone}
        left, start = [name for name in left if name not in alone], start + size
    return slots | {name: start + number for number, name in enumerate(left)}


def settle(wanted: Mapping[str, int], known: Mapping[str, int], places: Mapping[str, range]) -> dict[str, int]:
    """Numbers that no other name has, now or before: what goes has its own until all else is done.

    Who has one keeps it; another gets what is wanted, or the next one that is free. Where none is, it gets that of one
    that goes. wanted: the numbers by name. known: those that names have now. places: where the number of each name may
    be.
    """
    given = {name: known[name] for name in wanted if known.get(name, -1) in places[name]}
    for name in sorted(wanted.keys() - given.keys()):
        place, stay = places[name], {*given.values()}
        after = wanted[name] - place.start
        free = [number for number in (*place[after:], *place[:after]) if number not in stay]
        unknown = (number for number in free if number not in known.values())
        given[name] = next(unknown, free[0] if free else wanted[name])
    return given


def _hash(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")
