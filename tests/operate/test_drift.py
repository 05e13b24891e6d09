"""What CI says of what differs on AWS: found by the real CLI, told in one issue by GitHub's own."""

import json
import os
from pathlib import Path

import pytest

from tools import drift
from tools.drift import HEAD, TITLE, UNSEEN, Action, Issue, action, body
from tools.standin import ecs
from tools.standin.engine import EngineStack

TABLE = "| operation | type | name | differs in |\n| --- | --- | --- | --- |\n"
SOME = f"{TABLE}| update | `aws:ecs/service:Service` | users | tags |"


def looked(up: EngineStack, capsys: pytest.CaptureFixture[str]) -> str:
    """What the workflow's two commands print."""
    done = up.pulumi("refresh", "--preview-only", "--json")
    assert done.ok, done.output
    file = up.folder / "refresh.json"
    file.write_text(done.output, encoding="utf-8")
    assert drift.main(["note", str(file)]) == 0
    return capsys.readouterr().out


def test_what_differs_is_found_by_name_and_nothing_is_changed(
    up: EngineStack, capsys: pytest.CaptureFixture[str]
) -> None:
    services = {service.name: service for service in up.cloud.of(ecs.SERVICE)}
    assert looked(up, capsys) == ""
    # What the scaler does is no drift, and what somebody else has changed is.
    up.cloud.drift(services["monolith"], desiredCount=3)
    up.cloud.drift(services["users"], enableExecuteCommand=False)
    state = up.state()
    try:
        assert looked(up, capsys) == (f"{TABLE}| update | `aws:ecs/service:Service` | users | enableExecuteCommand |\n")
        assert up.state()["resources"] == state["resources"]
    finally:
        up.cloud.drift(services["monolith"], desiredCount=1)
        up.cloud.drift(services["users"], enableExecuteCommand=True)


@pytest.mark.parametrize(
    ("found", "issue", "done"),
    [
        ({"dev": "", "prod": ""}, None, None),
        ({"dev": SOME, "prod": ""}, None, ("create", "--title", TITLE, "--body-file", "-")),
        ({"dev": SOME, "prod": ""}, Issue(7, "other"), ("edit", "7", "--body-file", "-")),
        ({"dev": SOME, "prod": ""}, Issue(7, body({"dev": SOME}).replace("\n", "\r\n")), None),
        ({"dev": "", "prod": ""}, Issue(7, "other"), ("close", "7", "--comment", "Nothing differs any more.")),
        ({"dev": None, "prod": ""}, None, None),
        ({"dev": None, "prod": ""}, Issue(7, "other"), ("edit", "7", "--body-file", "-")),
        ({"dev": None, "prod": SOME}, None, ("create", "--title", TITLE, "--body-file", "-")),
    ],
)
def test_there_is_one_issue_that_opens_changes_and_closes(
    found: dict[str, str | None], issue: Issue | None, done: tuple[str, ...] | None
) -> None:
    todo = action(found, issue)
    assert (todo.arguments if todo else None) == done
    if todo and todo.text is not None:
        assert todo.text == body(found)


def test_the_issue_has_a_part_for_each_stack_that_differs_or_was_not_seen() -> None:
    assert body({"dev": SOME, "test": "", "prod": None}) == f"{HEAD}\n\n## dev\n\n{SOME}\n\n## prod\n\n{UNSEEN}"
    assert action({"dev": SOME}, None) == Action(("create", "--title", TITLE, "--body-file", "-"), body({"dev": SOME}))


GH = """#!/bin/sh
[ "$2" = list ] && { cat "$HERE/open.json"; exit; }
[ -f "$HERE/broken" ] && { echo "HTTP 403: no" >&2; exit 1; }
echo "$@" > "$HERE/called"
[ "$2" = close ] || cat > "$HERE/text"
"""


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `gh` that notes what it is told."""
    program = tmp_path / "gh"
    program.write_text(GH)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HERE", str(tmp_path))
    (tmp_path / "dev.md").write_text(f"{SOME}\n")
    (tmp_path / "open.json").write_text(json.dumps([{"number": 3, "title": "another", "body": ""}]))
    return tmp_path


def test_githubs_cli_gets_the_commands(github: Path) -> None:
    assert drift.main(["tell", str(github), "dev", "prod"]) == 0
    assert (github / "called").read_text() == f"issue create --title {TITLE} --body-file -\n"
    assert (github / "text").read_text() == body({"dev": SOME, "prod": None})
    (github / "open.json").write_text(json.dumps([{"number": 9, "title": TITLE, "body": "before"}]))
    for stack in ("dev", "prod"):
        (github / f"{stack}.md").write_text("")
    assert drift.main(["tell", str(github), "dev", "prod"]) == 0
    assert (github / "called").read_text() == "issue close 9 --comment Nothing differs any more.\n"


def test_a_mistake_is_one_line(
    github: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (github / "broken").touch()
    assert drift.main(["tell", str(github), "dev"]) == 1
    assert capsys.readouterr().err == "error: gh issue create: HTTP 403: no\n"
    monkeypatch.setenv("PATH", "/nowhere")
    assert drift.main(["tell", str(github), "dev"]) == 1
    assert capsys.readouterr().err == "error: gh: No such file or directory; install GitHub's CLI\n"
    assert drift.main(["note", "/nowhere/refresh.json"]) == 1
    assert capsys.readouterr().err.startswith("error: /nowhere/refresh.json: is not the JSON of a plan: ")
    assert drift.main(["note"]) == 2
