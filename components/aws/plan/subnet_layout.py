"""Where the subnets of an environment lie in its address range. Pure."""

from dataclasses import dataclass
from ipaddress import IPv4Network

MOST_ZONES = 4
"""How many zones an environment can have; each has a public and a private subnet."""


@dataclass(frozen=True)
class Layout:
    """How an address range is divided."""

    public: tuple[str, ...]
    """Ranges of the public subnets, one for each zone."""
    private: tuple[str, ...]
    """Ranges of the private subnets, one for each zone."""


def layout(cidr: IPv4Network, zones: int) -> Layout:
    """The range is cut into eight, whatever the number of zones, so that a further zone moves no subnet."""
    blocks = [str(block) for block in cidr.subnets(prefixlen_diff=(2 * MOST_ZONES).bit_length() - 1)]
    return Layout(tuple(blocks[:zones]), tuple(blocks[MOST_ZONES : MOST_ZONES + zones]))
