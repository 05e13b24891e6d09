"""Whether a plan is still the one that was reviewed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tools.reviewed import differences, listing, main, note
from tools.standin.cloud import Cloud

URN = "urn:pulumi:dev::strangler::strangler:index:Strangler$aws:ecs/cluster:Cluster::users"


def preview(op: str = "create", differs: tuple[str, ...] = (), **inputs: Any) -> dict[str, Any]:
    """The output of a preview with one step."""
    diff: dict[str, Any] = dict.fromkeys(differs, "update")
    step: dict[str, Any] = {"op": op, "urn": URN, "newState": {"inputs": inputs}, "detailedDiff": diff}
    return {"steps": [step], "changeSummary": {op: 1}}


def test_the_same_plan_is_the_same() -> None:
    assert differences(note(preview(name="users", count=1)), note(preview(name="users", count=1))) == []


def test_a_name_that_the_provider_makes_up_is_no_difference() -> None:
    assert differences(note(preview(name="users-1a2b3c4")), note(preview(name="users-0f9e8d7"))) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("users-1a2b3c4", "posts-1a2b3c4"), ("r:1a2b3c4d5e6f-amd64", "r:0f9e8d7c6b5a-amd64"), ("sha256:1", "sha256:2")],
)
def test_another_value_is_a_difference(before: str, after: str) -> None:
    found = differences(note(preview(name=before)), note(preview(name=after)))
    assert found == ["create aws:ecs/cluster:Cluster users: has other inputs than those that were reviewed"]


def test_another_operation_is_a_difference() -> None:
    assert differences(note(preview("update")), note(preview("replace"))) == [
        "replace aws:ecs/cluster:Cluster users: is planned now, and wasn't reviewed",
        "update aws:ecs/cluster:Cluster users: was reviewed, and isn't planned any more",
    ]


def test_another_property_that_differs_is_a_difference() -> None:
    assert differences(note(preview("update", ("tags",))), note(preview("update", ("tags", "name"))))


SERVICE = "strangler:index:LoadBalancedWebService"


def scaled(count: int, scaler: bool = True, **state: Any) -> dict[str, dict[str, Any]]:
    """A plan of an ECS service that starts with so many tasks, and of its scaler, if it has one."""
    parent = f"urn:pulumi:dev::strangler::{SERVICE}::users"

    def step(token: str, **inputs: Any) -> dict[str, Any]:
        urn = f"urn:pulumi:dev::strangler::{SERVICE}${token}::users"
        return {"op": "create", "urn": urn, "newState": {"inputs": inputs, "parent": parent, **state}}

    scalers = [step("aws:appautoscaling/target:Target", maxCapacity=20)] if scaler else []
    return note({"steps": [step("aws:ecs/service:Service", desiredCount=count, name="users"), *scalers]})


def test_what_a_running_scaler_does_is_no_difference() -> None:
    assert differences(scaled(2), scaled(12)) == []
    assert differences(*(scaled(count, False, ignoreChanges=["desiredCount"]) for count in (2, 12))) == []


def test_another_count_without_a_scaler_is_a_difference() -> None:
    assert differences(scaled(2, False), scaled(3, False)) == [
        "create aws:ecs/service:Service users: has other inputs than those that were reviewed"
    ]


def test_what_stays_the_same_is_no_operation() -> None:
    assert note(preview("same")) == {}
    assert listing({}) == "Nothing would be changed."


def test_a_deletion_has_no_new_state() -> None:
    noted = note({"steps": [{"op": "delete", "urn": URN, "oldState": {"inputs": {"name": "users"}}, "newState": None}]})
    assert "| delete | `aws:ecs/cluster:Cluster` | users |  |" in listing(noted)


def test_the_command_says_what_has_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, noted = (tmp_path / name for name in ("1.json", "2.json", "noted.json"))
    first.write_text(json.dumps(preview(name="users")), encoding="utf-8")
    second.write_text(json.dumps(preview(name="posts")), encoding="utf-8")
    assert main(["note", str(first)]) == 0
    noted.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["same", str(noted), str(first)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["same", str(noted), str(second)]) == 1
    assert "create aws:ecs/cluster:Cluster users: has other inputs" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_file_that_is_no_plan_is_one_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "preview.json"
    file.write_text(text, encoding="utf-8")
    assert main(["note", str(file)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {file}: is not the JSON of a plan")
    assert error.count("\n") == 1


def test_an_unknown_command_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "only-one"]) == 2
    assert capsys.readouterr().err.startswith("usage:")


def test_two_previews_of_the_dev_stack_are_the_same_plan_until_something_happens() -> None:
    with WarmStack(ROOT, Cloud(), stack="dev") as stack:

        def plan() -> dict[str, dict[str, Any]]:
            run = stack.pulumi("preview", "--json")
            assert run.ok, run.output
            return note(json.loads(run.output[run.output.index("{") : run.output.rindex("}") + 1]))

        reviewed = plan()
        assert reviewed
        assert differences(reviewed, plan()) == []
        stack.set("strangler:routes.users", "true")
        assert [line for line in differences(reviewed, plan()) if "refactorspaces:Route users" in line] == [
            "create aws-native:refactorspaces:Route users: is planned now, and wasn't reviewed"
        ]
