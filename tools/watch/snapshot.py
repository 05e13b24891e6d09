"""What the page shows at a moment, as data for it and as text. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from components.local.envoy.statistics import FACADE
from tools.operate.deployed import Deployed
from tools.setup.report import HEADINGS, default_of, default_row, row, table
from tools.watch.figures import Figures, FiguresByService, milliseconds

NOTHING = Figures(0, 0, None, None)


@dataclass(frozen=True)
class Snapshot:
    """A stack at a moment."""

    found: Deployed
    figures: FiguresByService
    comparisons: Sequence[Mapping[str, Any]]
    steps: Sequence[Mapping[str, Any]]
    at: str
    """When, in UTC, as ISO 8601 writes it."""

    @property
    def default(self) -> str:
        """The service that answers what no route takes; empty if none does."""
        return default_of(self.found.diagram)

    def data(self) -> dict[str, Any]:
        """For the page."""
        return {
            "stack": self.found.stack,
            "url": self.found.url,
            "at": self.at,
            "facade": asdict(self.figures.get(FACADE, NOTHING)),
            "services": [
                {"name": service.name, **asdict(self.figures.get(service.name, NOTHING))}
                for service in self.found.services
            ],
            "routes": list(self.found.routes),
            "default": self.default,
            "comparisons": list(self.comparisons),
            "steps": list(self.steps),
        }

    def text(self) -> str:
        """For a terminal."""
        rows = [("all", self.figures.get(FACADE, NOTHING))]
        rows += [(service.name, self.figures.get(service.name, NOTHING)) for service in self.found.services]
        parts = [
            f"{self.found.url}  {self.at}",
            table([("SERVICE", "REQUESTS/S", "ERRORS", "P50", "P99"), *(_cells(*pair) for pair in rows)]),
            table([HEADINGS, *(row(dict(route)) for route in self.found.routes), default_row(self.found.diagram)]),
        ]
        parts += [_comparison(one) for one in self.comparisons]
        if self.steps:
            parts.append("\n".join(["Steps, the newest first:", *(f"  {step_line(step)}" for step in self.steps)]))
        return "\n\n".join(parts)


def _cells(name: str, own: Figures) -> tuple[str, ...]:
    errors = f"{own.errors:.1f} %" if own.requests else "-"
    return name, f"{own.requests:.1f}", errors, milliseconds(own.p50), milliseconds(own.p99)


def _comparison(one: Mapping[str, Any]) -> str:
    head = f"{one['route']}: {one['findings']} findings in {one['requests']} requests, compared {one['at']}"
    return "\n".join([head, *(f"  {finding}" for finding in one["first"])])


def step_line(step: Mapping[str, Any]) -> str:
    """A step of a cut-over in one line."""
    why = f": {step['why']}" if step.get("why") else ""
    return f"{step.get('at')} {step.get('route')} {step.get('from')} % to {step.get('to')} %, {step.get('event')}{why}"
