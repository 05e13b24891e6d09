"""The complaints of the field: each has a row in docs/decisions.md that names its tests, and these exist."""

import re
import tomllib

from tests.repository import ROOT, python_files

ROW = re.compile(r"^\| (\d+) \| .* \| (.*) \|$", re.MULTILINE)
TEST = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)


def rows() -> dict[int, list[str]]:
    """The names of the tests of each complaint."""
    text = (ROOT / "docs/decisions.md").read_text(encoding="utf-8").partition("## The complaints of the field")[2]
    return {int(number): re.findall(r"`(test_\w+)`", tests) for number, tests in ROW.findall(text)}


def known() -> set[str]:
    """The names of all tests."""
    found = (path for path in python_files() if path.parts[0] == "tests")
    return {name for path in found for name in TEST.findall((ROOT / path).read_text(encoding="utf-8"))}


def test_every_complaint_has_a_row_with_tests_that_exist() -> None:
    assert list(rows()) == list(range(1, 23))
    assert [number for number, named in rows().items() if not named] == []
    assert {name for named in rows().values() for name in named} <= known()


def test_every_test_that_is_named_after_a_complaint_guards_one_that_has_a_row() -> None:
    numbers = {int(each) for name in known() for each in re.findall(r"^test_complaint_(\d+)_", name)}
    assert numbers <= set(rows())


def test_complaint_21_a_hung_test_ends_its_process() -> None:
    """The method `thread` ends the whole process: a program that hangs in the SDK's own loop heeds no signal."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert (options["timeout"], options["timeout_method"]) == (600, "thread")
