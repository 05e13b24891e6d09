"""Whoever clones the repository and types what README.md says gets what it promises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.local.board import Run, docker
from tests.local.clone import Clone, command_lines
from tests.node.answers import ANSWERS, Answer
from tests.repository import ROOT

UP = "make up"
ENV = 'eval "$(make -s env)"'
SWITCH = "pulumi config set --path routes.users true -s local && pulumi up -s local --yes"
DOWN = "make down"


@dataclass(frozen=True)
class Fresh:
    """A clone, and what its first `make up` did."""

    clone: Clone
    first: Run


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """A fresh clone that was brought up as README.md says, with this machine's caches."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    try:
        yield Fresh(clone, clone.type(UP))
    finally:
        clone.remove()


@pytest.mark.parametrize("line", [UP, ENV, SWITCH, DOWN])
def test_the_readme_says_what_is_typed_here(line: str) -> None:
    assert line in command_lines((ROOT / "README.md").read_text(encoding="utf-8"))


def test_command_lines_are_those_of_the_shell_blocks() -> None:
    document = (
        "a\n```console\n$ one \\\n  two  # why\nwhat one prints\n```\n```python\nno()\n```\n```sh\n# so\nthree\n```\n"
    )
    assert [" ".join(line.split()) for line in command_lines(document)] == ["one two", "three"]


def test_make_up_ends_with_the_url_and_the_route_table(fresh: Fresh) -> None:
    output = fresh.first.ok().output
    end = output[output.index(f"\nhttp://127.0.0.1:{fresh.clone.port}\n") :]
    rows = [line.split() for line in end.splitlines()]
    assert ["PATH", "METHODS", "SERVICE", "WEIGHT"] in rows
    for name in ("posts", "threads", "users"):
        assert [f"/api/{name}", "all", name, "0"] in rows
    assert DOWN in end


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_every_answer_comes_from_the_clone(fresh: Fresh, answer: Answer) -> None:
    answer.check(fresh.clone.port)


def test_a_second_make_up_changes_nothing(fresh: Fresh) -> None:
    again = fresh.clone.type(UP).ok()
    assert re.search(r"^Resources:\n +\d+ unchanged\n", again.output, re.MULTILINE), again.output
    assert "make: python: found" in again.output
    assert fresh.clone.git("status", "--porcelain") == ""


def test_a_plain_pulumi_switches_a_route_and_git_sees_only_the_setting(fresh: Fresh) -> None:
    clone = fresh.clone
    switched = clone.type(ENV, SWITCH).ok()
    assert switched.changed() == {"route-table"}
    answered = clone.type("curl --silent --show-error --fail http://127.0.0.1:8080/api/users/2").ok()
    users = docker("container", "ls", "-q", *(f"--filter=label={label}" for label in labels(clone))).split()
    logs = [docker("logs", container) for container in users]
    assert any("GET /api/users/2" in log for log in logs), answered.output
    assert clone.git("status", "--porcelain").split() == ["M", "Pulumi.local.yaml"]
    diff = clone.git("diff", "--unified=0").splitlines()
    changed = [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["+  strangler:routes:", "+    users: true"]
    clone.git("checkout", "--quiet", "Pulumi.local.yaml")


def labels(clone: Clone) -> list[str]:
    """The labels of what the clone runs."""
    return [f"strangler.folder={clone.folder}"]


def test_make_down_leaves_nothing(fresh: Fresh) -> None:
    assert all(fresh.clone.left()[kind] for kind in ("container", "network"))
    fresh.clone.type(DOWN).ok()
    assert fresh.clone.left() == {"container": [], "network": [], "volume": []}
