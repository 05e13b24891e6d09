"""Files of variables, as ECS reads them."""

from pathlib import Path

import pytest

from tests.projects import lines_of, manifest, read_project, write_project

FILE = "services/users/some.env"


def read(folder: Path, text: str, **fields: object) -> dict[str, str]:
    """The variables of users, whose env_file has this text."""
    users = manifest("users", **{"env_file": FILE, **fields})
    write_project(folder, {"monolith": manifest("monolith", "/"), "users": users})
    (folder / FILE).write_text(text, encoding="utf-8")
    (found,) = [service for service in read_project(folder).services if service.name == "users"]
    return dict(found.manifest.variables)


def test_quotes_and_blanks_belong_to_a_value_and_comments_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    text = '# A=0\n\nA=1\r\nB="two words" \nC=\nD=x=y\nA=3\n'
    assert read(tmp_path, text) == {"A": "3", "B": '"two words" ', "C": "", "D": "x=y"}


def test_the_manifests_own_variables_go_before(tmp_path: Path) -> None:
    assert read(tmp_path, "A=1\nB=2\n", variables={"B": "3"}) == {"A": "1", "B": "3"}


@pytest.mark.parametrize("line", ["A", "=1", "export"])
def test_a_line_that_is_no_variable_is_reported_with_its_number(tmp_path: Path, line: str) -> None:
    read(tmp_path, "")
    (tmp_path / FILE).write_text(f"A=1\n{line}\n", encoding="utf-8")
    (problem,) = lines_of(tmp_path)
    assert problem.startswith(f"{FILE}:2: not a variable; write NAME=value")


def test_a_variable_that_no_program_can_be_given_is_reported(tmp_path: Path) -> None:
    read(tmp_path, "")
    (tmp_path / FILE).write_bytes(b"A=1\nB=\0\n")
    (problem,) = lines_of(tmp_path)
    assert problem == f"{FILE}:2: a NUL, which variables can't contain; remove it"


def test_a_file_of_other_bytes_is_reported(tmp_path: Path) -> None:
    read(tmp_path, "")
    (tmp_path / FILE).write_bytes(b"A=\xff\n")
    (problem,) = lines_of(tmp_path)
    assert f"{FILE} can't be read: not UTF-8 text; make it a readable UTF-8 file" in problem
