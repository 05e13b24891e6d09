"""The complaints of the field (docs/decisions.md): each row names the tests that hold it, or says why none does."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.repository import ROOT, python_files, syntax

NUMBERS = range(1, 23)
DOES_NOT_APPLY = "doesn't apply"
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ALSO = ("Provider", "TagArgs", "config")
"""What aws-native has for all of its types."""

NAME = re.compile(r"`(test_\w+)`")


def rows() -> dict[int, tuple[str, ...]]:
    """The last three cells of each row of the table, by its number."""
    text = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    return {
        int(number): tuple(map(str, cells))
        for number, *cells in ROW.findall(text.partition("## The complaints of the field")[2])
    }


def names() -> set[str]:
    """The names of all tests."""
    paths = [ROOT / path for path in python_files() if path.parts[0] == "tests"]
    nodes = [node for path in paths for node in ast.walk(syntax(path))]
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_complaint_has_a_row_with_tests_or_a_reason() -> None:
    found = rows()
    assert sorted(found) == list(NUMBERS)
    for number, (_, _, held_by) in found.items():
        assert NAME.search(held_by) or held_by.startswith(f"{DOES_NOT_APPLY}: "), number


def test_the_tests_that_the_table_names_are_those_that_are_named_after_the_complaint() -> None:
    named = {number: sorted(NAME.findall(cells[2])) for number, cells in rows().items()}
    known = sorted(names())
    there = {number: [item for item in known if item.startswith(f"test_complaint_{number}_")] for number in named}
    assert named == there


def test_complaint_19_cloud_control_is_used_for_refactor_spaces_alone() -> None:
    used: set[str] = set()
    for path in sorted(ROOT.glob("components/**/*.py")):
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pulumi_aws_native"):
                used |= {f"{node.module}.{name.name}" for name in node.names}
            if isinstance(node, ast.Import):
                used |= {name.name for name in node.names if name.name.startswith("pulumi_aws_native.")}
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("native", "aws_native"):
                used.add(f"pulumi_aws_native.{node.attr}")
    assert used - {f"pulumi_aws_native.{item}" for item in ALSO} == {"pulumi_aws_native.refactorspaces"}


def test_complaint_21_a_test_that_hangs_ends_with_its_process(tmp_path: Path) -> None:
    (tmp_path / "test_hangs.py").write_text("import time\n\n\ndef test_hangs():\n    time.sleep(500)\n")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-o", "timeout=1", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode != 0
    assert "Timeout" in done.stdout + done.stderr
    assert re.search(r"^timeout = \d+$", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
