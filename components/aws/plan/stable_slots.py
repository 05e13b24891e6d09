"""Numbers for names, which stay as they are when other names come and go. Pure."""

from collections import Counter
from collections.abc import Iterable
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


def _hash(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")
