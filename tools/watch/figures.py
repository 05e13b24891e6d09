"""What is shown of requests. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.local.envoy.statistics import RequestCount


@dataclass(frozen=True)
class Figures:
    """How a service, or the whole facade, answers."""

    requests: float
    """A second."""
    errors: float
    """Percent of them that were answered with a status of 500 or more."""
    p50: float | None
    """Milliseconds within which half of them were answered. None: there were none."""
    p99: float | None
    """The same of 99 in 100."""


FiguresByService = Mapping[str, Figures]
"""By service; `FACADE` for the whole."""


def of_count(count: RequestCount, seconds: float) -> Figures:
    """Of what was counted in so many seconds."""
    return Figures(count.requests / seconds, count.error_share, count.quantile(0.5), count.quantile(0.99))


def milliseconds(value: float | None) -> str:
    """A latency, as people read it."""
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"
