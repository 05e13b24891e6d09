"""docs/copilot.md: its tables of fields are those that the reader goes by. `STRANGLER_WRITE_TABLES=1` writes them."""

import os
import re

import pytest

from components.manifest.environment import ENVIRONMENT_FIELDS
from components.manifest.load_balanced_web_service import FIELDS
from components.manifest.support import Group, State, leaves, written
from components.manifest.workload_types import WORKLOAD_TYPES
from components.settings import KEYS
from tests.repository import ROOT

DOCUMENT = ROOT / "docs/copilot.md"
CONFIG = ROOT / "docs/config.md"

TABLES: dict[str, Group] = {"a service": FIELDS, "an environment": ENVIRONMENT_FIELDS}

KINDS = [name for name, kind in WORKLOAD_TYPES.items() if kind.fields is not FIELDS]

WORDS = {State.BUILT: "built", State.KEPT: "accepted", State.LEFT_OUT: "left out", State.REFUSED: "refused"}


def table(fields: Group) -> str:
    """The fields as a table in Markdown, sorted."""
    rows = [
        f"| `{written(path)}` | {WORDS[field.aws]} | {WORDS[field.local]} | {field.why} |"
        for path, field in sorted(leaves(fields), key=lambda leaf: written(leaf[0]))
    ]
    return "\n".join(["| field | on `aws` | on `local` | |", "| --- | --- | --- | --- |", *rows])


def differences(fields: Group) -> str:
    """What a type of workloads has besides or otherwise than a load-balanced web service, and what it hasn't."""
    here, usual = dict(leaves(fields)), dict(leaves(FIELDS))
    other = {path: field for path, field in here.items() if usual.get(path) != field}
    rows: dict[str, str] = {}
    for path, field in sorted(other.items(), key=lambda leaf: written(leaf[0])):
        within = {place: (inner.aws, inner.local) for place, inner in here.items() if place[0] == path[0]}
        same = [place for place, states in within.items() if states == (field.aws, field.local)]
        # What most of it is stands in one row, and the rest by itself.
        mostly = 1 < len(within) < 2 * len(same) and all(place in other for place in same)
        alike = len(same) == len(within)
        named = f"`{path[0]}` and all {'' if alike else 'else '}in it" if mostly else f"`{written(path)}`"
        rows.setdefault(named, f"| {named} | {WORDS[field.aws]} | {WORDS[field.local]} | {field.why} |")
    tops = {path[:length] for path in here for length in (1, 2)}
    gone = {written(path[: 2 if path[:1] in tops else 1]) for path in usual if path[:2] not in tops}
    without = f"Without {', '.join(f'`{name}`' for name in sorted(gone))}.\n\n" if gone else ""
    return without + "\n".join(["| field | on `aws` | on `local` | |", "| --- | --- | --- | --- |", *rows.values()])


def marks(name: str) -> re.Pattern[str]:
    """What stands around a table in the document."""
    return re.compile(f"(?<=<!-- fields of {name} -->\n)(.*?)(?=<!-- end of the fields of {name} -->)", re.DOTALL)


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_of_the_reader(name: str) -> None:
    wanted = f"\n{table(TABLES[name])}\n\n"
    if os.environ.get("STRANGLER_WRITE_TABLES"):
        DOCUMENT.write_text(marks(name).sub(lambda _: wanted, DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    (found,) = marks(name).findall(DOCUMENT.read_text(encoding="utf-8"))
    assert found.splitlines() == wanted.splitlines(), "run this test with STRANGLER_WRITE_TABLES=1"


@pytest.mark.parametrize("name", KINDS)
def test_what_differs_in_another_type_is_as_the_reader_has_it(name: str) -> None:
    wanted = f"\n{differences(WORKLOAD_TYPES[name].fields)}\n\n"
    if os.environ.get("STRANGLER_WRITE_TABLES"):
        DOCUMENT.write_text(marks(name).sub(lambda _: wanted, DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    (found,) = marks(name).findall(DOCUMENT.read_text(encoding="utf-8"))
    assert found.splitlines() == wanted.splitlines(), "run this test with STRANGLER_WRITE_TABLES=1"


@pytest.mark.parametrize("name", TABLES)
def test_what_is_not_built_has_a_reason_in_the_table(name: str) -> None:
    rows = [row.split(" | ") for row in table(TABLES[name]).splitlines()[2:]]
    assert [row[0] for row in rows if {row[1], row[2]} != {"built"} and not row[3].strip(" |")] == []


def test_every_key_of_the_config_is_documented() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}" not in text] == []
