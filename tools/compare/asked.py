"""What was asked for: the variables beside `make compare`, and what the route's own entry says. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.compare.answers import Rules
from components.compare.rules import mistake_of_ignored, mistake_of_unordered, rules_of
from components.compare.run import Pace
from components.model.comparison import Comparison
from tools.setup.say import MachineError

VERB = "compare"

MOST_CONNECTIONS = 64

_SEPARATED = re.compile(r"(?:'(?:[^'\\]|\\.)*'|[^\s,'])+")
"""An entry of a list; a name in quotes may have anything in it."""


@dataclass(frozen=True)
class Asked:
    """What `make compare` is to do."""

    route: str
    """ROUTE: a route's id."""
    requests: str
    """REQUESTS: a file. Default: that of the route's own `compare`."""
    rules: Rules
    """IGNORE and UNORDERED, besides the route's own; BYTES=1 for exactly the same JSON."""
    most: int
    """MAX: how many findings there may be. Default: as the route says, or 0."""
    pace: Pace
    """RATE and CONNECTIONS."""
    unsafe: bool
    """UNSAFE=1: send what changes something too."""
    dry: bool = False
    """DRY=1: say what would be sent, and send nothing. Default false."""


def asked(route: str, variables: Mapping[str, str], own: Comparison | None) -> Asked:
    """Reads the variables. own: what the route's entry says. Raises MachineError."""
    given = {name: text.strip() for name, text in variables.items()}
    own = own or Comparison("")
    requests = given.get("REQUESTS") or own.requests
    if not requests:
        remedy = "say which file has the requests, such as REQUESTS=users.requests, with lines such as GET /api/users"
        raise MachineError(VERB, "REQUESTS is missing", remedy)
    ignore = [*own.ignore, *_listed("IGNORE", given)]
    unordered = own.unordered
    if given.get("UNORDERED") == "1":
        unordered = True
    elif not isinstance(unordered, bool):
        unordered = (*unordered, *_listed("UNORDERED", given))
    return Asked(
        route,
        requests,
        rules_of(ignore, unordered, exact=_switch("BYTES", given)),
        _number("MAX", given, own.max, 0, 1_000_000),
        Pace(
            _number("RATE", given, own.rate, 0, 100_000),
            _number("CONNECTIONS", given, Pace.connections, 1, MOST_CONNECTIONS),
        ),
        _switch("UNSAFE", given),
        _switch("DRY", given),
    )


def _listed(name: str, given: Mapping[str, str]) -> Sequence[str]:
    mistake_of = mistake_of_ignored if name == "IGNORE" else mistake_of_unordered
    entries = _SEPARATED.findall(given.get(name, ""))
    for entry in entries:
        if remedy := mistake_of(entry):
            raise MachineError(VERB, f"{name}={given[name]}: {entry!r}", remedy)
    return entries


def _number(name: str, given: Mapping[str, str], default: int, low: int, high: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise MachineError(VERB, f"{name}={text}", f"give a whole number from {low} to {high}")
    return int(text)


def _switch(name: str, given: Mapping[str, str]) -> bool:
    text = given.get(name, "")
    if text not in ("", "0", "1"):
        raise MachineError(VERB, f"{name}={text}", "give 1, or leave it out")
    return text == "1"
