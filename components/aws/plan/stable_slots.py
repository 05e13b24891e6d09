"""Numbers for names, which stay as they are when other names come and go. Pure."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256


def places(names: Iterable[str], parts: tuple[int, ...]) -> dict[str, int]:
    """A number from 0 on for each name, all different: its hash in the first of the parts, which lie one behind the
    other, in which no other name that got so far has the same. What is left is counted behind them."""
    given: dict[str, int] = {}
    left, start = sorted(names), 0
    for level, size in enumerate(parts):
        wanted = {name: _hash(f"{level} {name}") % size for name in left}
        shared = Counter(wanted.values())
        alone = {name for name, place in wanted.items() if shared[place] == 1}
        given |= {name: start + wanted[name] for name in alone}
        left, start = [name for name in left if name not in alone], start + size
    return given | {name: start + number for number, name in enumerate(left)}


def _hash(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")
