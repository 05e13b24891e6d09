"""What `make up` prints at its end: the URL, who serves what, and what to type next."""

import json
import re
import shlex
from collections.abc import Sequence
from typing import cast

HEADINGS = ("PATH", "METHODS", "SERVICE", "WEIGHT")
REST = "everything else"
"""What no route takes, in the words of the output `diagram`, which alone says who answers it."""
_NOBODY = "503"
"""Who answers there if no service does."""


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"  {line.rstrip()}" for line in lines)


NO_FACADE = "no facade: no service takes requests from outside"
"""What stands in the place of the URL where there is none."""


def row(route: dict[str, object]) -> tuple[str, ...]:
    methods = route.get("methods")
    named = ",".join(map(str, cast("list[object]", methods))) if isinstance(methods, list) else str(methods or "")
    return (str(route.get("path", "")), named or "all", str(route.get("service", "")), f"{route.get('weight', '')}")


def default_of(diagram: str) -> str:
    """The service that answers what no route takes, wherever it runs; empty if none does."""
    answers = _answers(diagram)
    return "" if answers == _NOBODY else answers


def default_row(diagram: str) -> tuple[str, ...]:
    """The row of what no route takes."""
    return (REST, "all", _answers(diagram), "")


def _answers(diagram: str) -> str:
    found = re.search(rf'"{REST}" --> [^\s[]+\[/?([^\s/]+)/?\]', diagram)
    return found[1] if found else ""


def switch(route: dict[str, object], config: object) -> str:
    """The command that activates an inactive route, or takes an active one back, whatever form `config` (the key
    `routes`, as the CLI stores it) gives it: `--path` goes into maps only, and a map has `weight` or `active`."""
    name, on = str(route.get("id", "")), route.get("weight") == 0
    structure = parsed(config)
    if isinstance(structure, list):
        listed = [str(entry).strip() for entry in structure]
        names = [entry for entry in listed if entry and entry != name] + [name] * on
        return typed("routes", ",".join(names))
    entry = structure.get(name)
    is_text = isinstance(entry, str) and entry.lstrip()[:1] == "{"
    if is_text:
        entry = json.loads(str(entry))
    if isinstance(entry, dict):
        key, value = ("weight", 100 if on else 0) if "weight" in entry else ("active", on)
        path, changed = f"routes.{name}.{key}", {**cast("dict[str, object]", entry), key: value}
    else:
        path, value, changed = f"routes.{name}", on, on
    if isinstance(config, str):
        return typed("routes", json.dumps({**structure, name: changed}))
    if is_text:
        path, value = f"routes.{name}", changed
    return typed(f"--path {path}", json.dumps(value))


def typed(key: str, value: str) -> str:
    return f"pulumi config set {key} {shlex.quote(value)} -s local && pulumi up -s local --yes"


def parsed(config: object) -> dict[str, object] | list[object]:
    """The key `routes` as a map or a list; its text may be JSON, or ids with commas."""
    if isinstance(config, str):
        text = config.strip()
        inner: object = json.loads(text) if text[:1] in ("{", "[", '"') else text
        config = [*inner.split(",")] if isinstance(inner, str) else inner
    return cast("dict[str, object] | list[object]", config or {})


def nexts(url: str, routes: Sequence[dict[str, object]], config: object) -> list[str]:
    """What to type next: the switch is of the first inactive route, or of the last one if all are active."""
    environment = 'eval "$(make -s env)"'
    if not routes:
        return [f"curl -i {url}/", environment, "make down"]
    route = next((route for route in routes if route.get("weight") == 0), routes[-1])
    return [f"curl -i {url}{route.get('path', '')}", environment, switch(route, config), "make down"]


def stored_routes(config: str, project: str) -> object:
    """The key `routes` in what `pulumi config --json` printed: a text, a structure, or None."""
    values = cast("dict[str, dict[str, object]]", json.loads(config))
    stored = values.get(f"{project}:routes", {})
    return stored.get("objectValue", stored.get("value"))


def report(outputs: str, config: object) -> str:
    """The text at the end of `make up`, of what `pulumi stack output --json` printed, and the key `routes`."""
    shown = cast("dict[str, object]", json.loads(outputs))
    url = str(shown.get("url", ""))
    named = cast("dict[str, dict[str, object]]", shown.get("routes", {}))
    routes = [{"id": name, **route} for name, route in named.items()]
    if not url:
        environment = 'eval "$(make -s env)"'
        lines = ["make status STACK=local", "make logs STACK=local", environment, "make down"]
        return "\n".join([f"\n{NO_FACADE}", "\nWhat to type next:", *(f"  {line}" for line in lines), ""])
    rows = [HEADINGS, *map(row, routes), default_row(str(shown.get("diagram", "")))]
    lines = [f"  {line}" for line in nexts(url, routes, config)]
    return "\n".join([f"\n{url}\n", table(rows), "\nWhat to type next:", *lines, ""])
