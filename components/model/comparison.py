"""What a route's service is compared by before the route's weight rises. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """A comparison that a route's entry asks for."""

    requests: str
    """The file with the requests, from the project's folder."""
    max: int = 0
    """How many findings there may be. Default 0."""
    ignore: tuple[str, ...] = ()
    """JSON paths and names of headers that aren't compared. Default: none."""
    unordered: tuple[str, ...] | bool = ()
    """JSON paths of arrays whose order says nothing; true for all. Default: the order of each is compared."""
    rate: int = 100
    """Requests a second, to both sides together; 0 for as many as come through. Default 100."""
