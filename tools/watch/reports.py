"""What `make compare` and `make advance` left for this page in `.strangler/reports/<stack>/`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

STEPS = "steps.jsonl"
"""The log of steps of cut-overs: a JSON object a line, the newest last."""
SHOWN_STEPS = 20
SHOWN_FINDINGS = 5
_TAIL = 64 * 1024


def folder(project: Path, stack: str) -> Path:
    return project / ".strangler" / "reports" / stack


def comparisons(reports: Path) -> list[dict[str, Any]]:
    """The last comparison of each route, by route, in short. What is being written is left for the next time."""
    found: list[dict[str, Any]] = []
    for path in sorted(reports.glob("compare-*.json")):
        report = _parsed(_text(path))
        if report:
            findings = cast("list[Mapping[str, Any]]", report.get("findings") or [])
            found.append(
                {
                    **{key: report.get(key) for key in ("route", "at", "requests", "latency")},
                    "findings": len(findings),
                    "first": [_finding(one) for one in findings[:SHOWN_FINDINGS]],
                }
            )
    return found


def steps(reports: Path) -> list[dict[str, Any]]:
    """The last steps of cut-overs, the newest first."""
    lines = _text(reports / STEPS).splitlines()
    return [line for line in map(_parsed, reversed(lines[-SHOWN_STEPS:])) if line]


def _finding(one: Mapping[str, Any]) -> str:
    example = cast("Mapping[str, Any]", one.get("example") or {})
    asked = " ".join(str(example[key]) for key in ("method", "path") if key in example)
    differs = f"{one.get('kind', '')} {one.get('path', '')}".strip()
    return f"{differs}: {one.get('old')!r} became {one.get('new')!r}, {one.get('count')} times, such as {asked}"


def _text(path: Path) -> str:
    """The end of a file; nothing if it isn't there."""
    try:
        with path.open("rb") as file:
            if path.name == STEPS:
                file.seek(max(0, path.stat().st_size - _TAIL))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
