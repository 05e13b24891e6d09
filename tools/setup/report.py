"""What `make up` prints at its end: the URL, who serves what, and what to type next."""

import json
from collections.abc import Sequence
from typing import cast

HEADINGS = ("PATH", "METHODS", "SERVICE", "WEIGHT")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"  {line.rstrip()}" for line in lines)


def row(route: dict[str, object]) -> tuple[str, ...]:
    methods = route.get("methods")
    named = ",".join(map(str, cast("list[object]", methods))) if isinstance(methods, list) else str(methods or "")
    return (str(route.get("path", "")), named or "all", str(route.get("service", "")), f"{route.get('weight', '')}")


def switch(routes: Sequence[dict[str, object]]) -> str:
    """The switch to try next: the first route that is inactive on, or the last one off."""
    inactive = [route for route in routes if route.get("weight") == 0]
    chosen = (inactive or list(routes)[-1:] or [{"id": "users"}])[0]
    value = "true" if inactive or not routes else "false"
    return f"pulumi config set --path routes.{chosen.get('id')} {value} -s local && pulumi up -s local --yes"


def report(outputs: str) -> str:
    """The text at the end of `make up`, of what `pulumi stack output --json` printed."""
    told = cast("dict[str, object]", json.loads(outputs))
    url = str(told.get("url", ""))
    listed = told.get("routes")
    found = cast("list[object]", listed) if isinstance(listed, list) else []
    routes = [cast("dict[str, object]", each) for each in found if isinstance(each, dict)]
    path = str(routes[-1].get("path", "")) if routes else "/"
    nexts = [f"curl -i {url}{path}", 'eval "$(make -s env)"', switch(routes), "make down"]
    rows = [HEADINGS, *map(row, routes)]
    return "\n".join([f"\n{url}\n", table(rows), "\nWhat to type next:", *(f"  {each}" for each in nexts), ""])
