"""A request that is to be compared. Pure."""

from dataclasses import dataclass

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, 9.2.1); TRACE is answered by facades."""

LOGGED = ("GET", "HEAD")
"""Methods that can be sent again as an access log has them: without headers and body."""


@dataclass(frozen=True)
class Request:
    """What is sent to both sides."""

    method: str
    """In capitals."""
    target: str
    """The path and the query, as they are sent."""
    headers: tuple[tuple[str, str], ...] = ()
    """Besides what belongs to the connection. Default: none."""
    body: bytes = b""
    """Default: none."""
    logged: bool = False
    """Whether it comes from an access log. Default: no."""
