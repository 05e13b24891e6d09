"""What `python3 -m tools.leftovers` says of a mistake: one line. Its work is seen in tests/engine/test_leftovers.py."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.leftovers import main

STACK = "urn:pulumi:dev::strangler::pulumi:pulumi:Stack::strangler-dev"
PROVIDER = "urn:pulumi:dev::strangler::pulumi:providers:aws::default_7_51_1"
GROUP = "aws:cloudwatch/logGroup:LogGroup"


def written(folder: Path, content: object) -> str:
    path = folder / "file.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def creation(name: str) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::strangler::{GROUP}::{name}"
    state = {"custom": True, "type": GROUP, "urn": urn, "parent": STACK, "provider": f"{PROVIDER}::id"}
    return {"op": "create", "urn": urn, "newState": state}


def plan_of(*names: str) -> dict[str, Any]:
    return {"steps": [creation(name) for name in names], "changeSummary": {"create": len(names)}}


def test_two_of_a_plan_are_adopted_below_their_parent_and_by_their_provider(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = written(tmp_path, plan_of("users", "posts", "threads"))
    named = [f"aws:cloudwatch:LogGroup:{name}=/strangler/dev/{name}=1" for name in ("users", "posts")]
    assert main(["adopt", plan, *named]) == 0
    imported = json.loads(capsys.readouterr().out)
    found = {
        (resource["logicalName"], resource["id"], resource["parent"], resource["version"])
        for resource in imported["resources"]
    }
    assert found == {(name, f"/strangler/dev/{name}=1", STACK, "7.51.1") for name in ("users", "posts")}
    assert imported["nameTable"][STACK] == STACK


@pytest.mark.parametrize(
    ("command", "content", "problem"),
    [
        ("adopt", {"changeSummary": {"same": 1}}, "aws:x:Y:z: the next `up` makes no such resource; it makes nothing"),
        ("adopt", plan_of("users"), "it makes aws:cloudwatch:LogGroup:users"),
        ("adopt", {"deployment": {}}, "file.json: it has no changeSummary; give the file that the command wrote"),
        ("pending", plan_of(), "file.json: it has no deployment; give the file that the command wrote"),
        ("pending", {"deployment": None}, "file.json: it has no deployment; give the file that the command wrote"),
        ("pending", [1], "file.json: it has no deployment; give the file that the command wrote"),
        ("pending", "not JSON", "file.json: it can't be read as JSON (Expecting value"),
        ("strays", {"deployment": {}}, "file.json: it has no ResourceTagMappingList; give the file"),
    ],
)
def test_a_mistake_is_one_line(
    command: str, content: object, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, content)
    rest = {"adopt": ["aws:x:Y:z=1"], "pending": [], "strays": [file]}[command]
    assert main([command, file, *rest]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert problem in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")


@pytest.mark.parametrize("pairs", [["aws:x:Y:z"], ["aws:x:Y:z=1", "aws:x:Y:z=2"]])
def test_what_to_adopt_is_named_once_with_its_id(
    pairs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", written(tmp_path, plan_of()), *pairs]) == 1
    assert capsys.readouterr().err.startswith("error: each resource is TYPE:NAME=ID, once, such as ")


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pending", "/nowhere/state.json"]) == 1
    assert capsys.readouterr().err.startswith("error: /nowhere/state.json: it can't be read as JSON ([Errno 2]")


@pytest.mark.parametrize("words", [[], ["adopt", "plan.json"], ["adopted", "a", "b"], ["strays", "a"]])
def test_another_command_is_answered_by_those_there_are(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("usage: python3 -m tools.leftovers adopt PLAN TYPE:NAME=ID … | pending")
