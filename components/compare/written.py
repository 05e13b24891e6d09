"""Writes a report to disk, where people and `make watch` find it."""

import json
import os
from pathlib import Path

from components.compare.page import to_html
from components.compare.report import Report, to_json

FOLDER = Path(".strangler/reports")
"""Within the project."""


def write(report: Report, project: Path) -> Path:
    """Writes both files, each in one piece, and returns the page's path. Raises OSError."""
    folder = project / FOLDER / report.stack
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"compare-{report.route}.html"
    _put(page.with_suffix(".json"), json.dumps(to_json(report), indent=1) + "\n")
    _put(page, to_html(report))
    return page


def _put(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8", errors="backslashreplace")
    beside.replace(path)
