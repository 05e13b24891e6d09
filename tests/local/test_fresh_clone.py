"""Whoever clones the repository and types what README.md says gets what it promises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.local.board import FORWARDED, Run, docker
from tests.local.clone import Clone, command_lines
from tests.node.docker_cli import Container
from tests.node.test_answers import Case
from tests.repository import ROOT

UP = "make up"
ENV = 'eval "$(make -s env)"'
SWITCH = "pulumi config set --path routes.users true -s local && pulumi up -s local --yes"
BACK = "pulumi config set --path routes.users false -s local && pulumi up -s local --yes"
DOWN = "make down"
README = command_lines((ROOT / "README.md").read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("line", [UP, ENV, SWITCH, BACK, DOWN])
def test_the_readme_says_what_is_typed_here(line: str) -> None:
    assert line in README


def test_command_lines_are_those_of_the_shell_blocks() -> None:
    document = (
        "a\n```console\n$ one \\\n  two  # why\nwhat one prints\n```\n```python\nno()\n```\n```sh\n# so\nthree\n```\n"
    )
    assert [" ".join(line.split()) for line in command_lines(document)] == ["one two", "three"]


def test_make_up_installs_with_uv(fresh: Fresh) -> None:
    """Where uv fails, pip does it, and takes three times as long."""
    assert "pip installs all of it instead" not in fresh.first.ok().output
    assert (fresh.clone.folder / ".venv/bin/uv").is_file()


def test_make_up_ends_with_the_url_and_the_route_table(fresh: Fresh) -> None:
    output = fresh.first.ok().output
    end = output[output.index(f"\nhttp://127.0.0.1:{fresh.clone.port}\n") :]
    rows = [line.split() for line in end.splitlines()]
    assert ["PATH", "METHODS", "SERVICE", "WEIGHT"] in rows
    for name in ("posts", "threads", "users"):
        assert [f"/api/{name}", "all", name, "0"] in rows
    assert "  everything else  all      monolith" in end


def test_what_make_up_says_to_type_next_works_as_printed(fresh: Fresh) -> None:
    output = fresh.first.ok().output
    printed = [line.strip() for line in output.split("What to type next:\n")[1].split("\n\n")[0].splitlines()]
    curl, environment, switch, down = printed
    assert (environment, down) == (ENV, DOWN)
    assert "200 OK" in fresh.clone.type(curl).ok().output
    assert fresh.clone.type(environment, switch).ok().changed() == {"route-table"}
    fresh.clone.git("checkout", "--quiet", "Pulumi.local.yaml")
    assert fresh.clone.type(UP).ok().changed() == {"route-table"}


@pytest.mark.parametrize("case", FORWARDED, ids=str)
def test_every_answer_comes_from_the_clone(fresh: Fresh, case: Case) -> None:
    answer = Container("facade", fresh.clone.port).ask(case.method, case.path)
    assert answer.status == case.status
    assert case.body in (answer.body, len(answer.body))


def test_what_the_readme_asks_for_is_answered(fresh: Fresh) -> None:
    asked = [urlsplit(line.split()[-1]) for line in README if line.startswith("curl ")]
    assert [url.netloc for url in asked] == ["127.0.0.1:8080"]
    assert [Container("facade", fresh.clone.port).ask("GET", url.path).status for url in asked] == [200]


def test_a_second_make_up_changes_nothing(fresh: Fresh) -> None:
    again = fresh.clone.type(UP).ok()
    assert re.search(r"^Resources:\n +\d+ unchanged\n", again.output, re.MULTILINE), again.output
    assert f"make: python: found {fresh.clone.folder}/.venv" in again.output
    assert fresh.clone.git("status", "--porcelain") == ""


def test_a_plain_pulumi_switches_a_route_and_back_and_git_sees_only_the_setting(fresh: Fresh) -> None:
    clone = fresh.clone
    assert clone.type(ENV, SWITCH).ok().changed() == {"route-table"}
    assert Container("facade", clone.port).ask("GET", "/api/users/2").status == 200
    assert "GET /api/users/2" in docker("logs", container_of(clone, "users"))
    assert clone.git("status", "--porcelain").split() == ["M", "Pulumi.local.yaml"]
    assert changed_lines(clone) == ["+  strangler:routes:", "+    users: true"]
    assert clone.type(ENV, BACK).ok().changed() == {"route-table"}
    assert changed_lines(clone) == ["+  strangler:routes:", "+    users: false"]
    clone.git("checkout", "--quiet", "Pulumi.local.yaml")


def test_the_worked_example_of_a_comparison_goes_as_it_is_written(fresh: Fresh) -> None:
    clone, handler = fresh.clone, "services/users/routes.js"
    text = (ROOT / "docs/cut-over.md").read_text(encoding="utf-8")
    section = text[text.index("### See it find something") : text.index("## Advance")]
    *testers, compare = command_lines(section[: section.index("Now break")])
    assert compare == "make compare ROUTE=users REQUESTS=users.requests"
    assert "users: 2 requests compared, no findings" in clone.type(ENV, *testers, compare).ok().output
    listed = (clone.folder / "users.requests").read_text()
    (logged,) = [line for line in command_lines(text) if line.startswith("make -s logs")]
    asked = clone.type(logged, compare).ok().output  # what the tests before have asked for, too
    assert re.search(r"users: \d+ requests compared, no findings", asked), asked
    assert {"GET /api/users", "GET /api/users/2"} <= set((clone.folder / "users.requests").read_text().splitlines())
    (clone.folder / "users.requests").write_text(listed)
    rows = [re.findall("`([^`]+)`", row) for row in re.findall(r"^\| [a-z].*", section, re.MULTILINE)[1:]]
    right = (clone.folder / handler).read_text()
    place, *_ = re.findall("`([^`]+)`", section[section.index("| what is broken") :])
    assert place in right
    for wrong, *said in rows:
        (clone.folder / handler).write_text(right.replace(place, wrong))
        clone.type(UP).ok()
        *switch, words = said
        done = clone.type(" ".join([*switch, compare]))
        assert words in done.output
        is_finding = words != "the new side is slower"
        assert (done.code != 0) == is_finding, done.output
        if switch:
            assert "no findings" in clone.type(compare).ok().output

    gate = command_lines(section[section.index("With the last one") :])
    told, *_ = re.findall("fails with `([^`]+)`", section)
    assert told in clone.type(ENV, *gate).failed().output
    assert told in clone.type(UP).failed().output
    assert "GET /api/users/2" in docker("logs", container_of(clone, "users"))
    clone.git("checkout", "--quiet", handler)
    moved = clone.type(UP).ok().output
    assert "no findings" in moved
    assert ["/api/users", "all", "users", "100"] in [line.split() for line in moved.splitlines()]
    clone.git("checkout", "--quiet", "Pulumi.local.yaml")
    (clone.folder / "users.requests").unlink()


def changed_lines(clone: Clone) -> list[str]:
    """The lines that differ from what was cloned."""
    diff = clone.git("diff", "--unified=0").splitlines()
    return [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def container_of(clone: Clone, service: str) -> str:
    """The one container of a service."""
    label = f"label=strangler.folder={clone.folder}"
    names = docker("container", "ls", "--filter", label, "--format", "{{.Names}}").split()
    (found,) = [name for name in names if f"-{service}-" in name]
    return found


def test_make_down_leaves_nothing(fresh: Fresh) -> None:
    assert all(fresh.clone.left()[kind] for kind in ("container", "network"))
    assert "`make up` brings it back" in fresh.clone.type(DOWN).ok().output
    assert fresh.clone.left() == {"container": [], "network": [], "volume": []}
