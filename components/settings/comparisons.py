"""What routes are compared by before their weights rise: the key `compare` of a route's entry. Pure, but for looking
whether a file is there."""

from collections.abc import Callable, Mapping
from pathlib import Path

from components.compare.rules import mistake_of_ignored, mistake_of_unordered
from components.input.files import is_there
from components.input.value import Value
from components.model.comparison import Comparison
from components.model.routes import RouteTable

_KEYS = ("requests", "max", "ignore", "unordered", "rate")


def read_comparisons(at: Value, table: RouteTable, folder: Path) -> Mapping[str, Comparison]:
    """The comparisons by the ids of their routes; mistakes are noted. folder: the project's. `at`: the routes."""
    testers = {route.id for route in table.routes if route.testers}
    found: dict[str, Comparison] = {}
    for name in at.names():
        entry = at.get(name).get("compare")
        if not entry:
            continue
        if name not in testers and entry.is_map():
            remedy = f"write testers: {{header: {{name: X-Preview, value: {name}}}}} next to it"
            entry.fail(remedy, "no testers, which the comparison needs to reach the new side")
        comparison = _comparison(entry, folder)
        if comparison:
            found[name] = comparison
    return found


def _comparison(at: Value, folder: Path) -> Comparison | None:
    at.require_map()
    at.only(_KEYS)
    requests = at.required("requests", "name a file with requests, such as users.requests").text()
    if requests is None:
        return None
    if not is_there(folder / requests, Path.is_file):
        at.get("requests").fail("name a file in the project's folder", f"no such file: {requests}")
    unordered = at.get("unordered")
    return Comparison(
        requests,
        at.get("max").integer(0, 0, 1_000_000),
        _texts(at.get("ignore"), mistake_of_ignored),
        unordered.boolean(False) if isinstance(unordered.value, bool) else _texts(unordered, mistake_of_unordered),
        at.get("rate").integer(Comparison.rate, 0, 100_000),
    )


def _texts(at: Value, mistake_of: Callable[[str], str | None]) -> tuple[str, ...]:
    texts = [(item, text) for item in at.items() if (text := item.text()) is not None]
    for item, text in texts:
        if remedy := mistake_of(text):
            item.fail(remedy)
    return tuple(text for _, text in texts)
