"""The main job on this machine: up, a route there and back, nothing when nothing changed, down without a trace."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.local.board import FORWARDED, PROJECT, Board, docker
from tests.node.docker_cli import Container
from tests.node.test_answers import Case


@pytest.mark.parametrize("case", FORWARDED, ids=str)
def test_every_answer_of_the_monolith_comes_through_the_facade(board: Board, case: Case) -> None:
    answer = Container("facade", board.port).ask(case.method, case.path)
    length = case.body if isinstance(case.body, int) else len(case.body)
    assert answer.status == case.status
    assert answer.body == case.body if isinstance(case.body, bytes) else len(answer.body) == length
    assert answer.all("Allow") == list(case.allow)
    assert answer.all("Content-Type") == ([case.content_type] if case.content_type else [])
    assert answer.all("Content-Length") == ([str(length)] if case.content_type else [])


def test_the_outputs_say_what_exists(board: Board) -> None:
    outputs = board.outputs()
    assert outputs["url"] == f"http://127.0.0.1:{board.port}"
    assert outputs["routes"] == [
        {"id": name, "path": f"/api/{name}", "methods": "all", "service": name, "weight": 0}
        for name in ("posts", "threads", "users")
    ]
    services = cast("list[dict[str, str]]", outputs["services"])
    assert [(each["name"], each["environment"], each["desiredCount"]) for each in services] == [
        (name, name, 1) for name in ("monolith", "posts", "threads", "users")
    ]
    assert all(each["image"].startswith(f"strangler/{each['name']}:") for each in services)
    assert str(outputs["diagram"]).splitlines()[-1] == '  facade -- "everything else" --> s-monolith[monolith]'


def test_services_can_be_reached_only_through_the_facade(board: Board) -> None:
    for name in board.containers():
        ports = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Ports}}", name))
        published = [binding for bindings in ports.values() if bindings for binding in bindings]
        assert bool(published) == ("facade" in name)
        assert all(binding["HostIp"] == "127.0.0.1" for binding in published)


def test_a_second_up_changes_nothing(board: Board) -> None:
    assert board.up().ok().changed() == set()


def test_an_up_after_refresh_changes_nothing(board: Board) -> None:
    assert board.refresh().ok().changed() == set()
    assert board.up().ok().changed() == set()
    assert board.up("--refresh").ok().changed() == set()


def test_a_touched_file_changes_nothing(board: Board) -> None:
    for file in (board.folder / "services/users").rglob("*.js"):
        file.touch()
    assert board.up().ok().changed() == set()


def test_the_plan_of_a_route_change_names_the_route_table_and_nothing_else(board: Board) -> None:
    containers = board.containers()
    ids = {name: docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", name) for name in containers}
    board.route("users", "true")
    plan = board.preview("--diff").ok()
    assert plan.changed() == set()
    assert "weight : 0 => 100" in " ".join(plan.output.split())
    assert board.preview().ok().changed() == {"route-table"}
    assert board.up().ok().changed() == {"route-table"}
    board.route("users", "false")
    assert board.up().ok().changed() == {"route-table"}
    assert board.containers() == containers
    assert {name: docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", name) for name in containers} == ids


def test_config_set_leaves_nothing_but_the_setting_in_the_diff(board: Board) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=board.folder, check=True, capture_output=True, text=True).stdout

    stack = f"Pulumi.{board.stack}.yaml"
    # As the stack file of the repository is: written by the CLI, with the salt of the empty passphrase.
    board.route("users", "false")
    git("init", "--quiet")
    git("add", stack)
    git("commit", "--quiet", "--message", "before")
    board.route("users", "true")
    diff = git("diff", "--unified=0", stack).splitlines()
    changed = [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["-    users: false", "+    users: true"]
    board.route("users", "false")


def test_the_stack_file_of_the_repository_is_as_the_cli_writes_it() -> None:
    text = (PROJECT / "Pulumi.local.yaml").read_text()
    assert text.splitlines()[0] == "encryptionsalt: " + text.splitlines()[0].partition(": ")[2]
    assert "strangler:platform: local" in text


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A second board, which a test takes down."""
    made = Board(tmp_path_factory.mktemp("other") / "project")
    try:
        yield made
    finally:
        made.remove()


def test_preview_builds_and_makes_nothing(other: Board) -> None:
    other.edit("services/users/db.json", "marceline", "marcy")
    before = docker("images", "--quiet", "strangler/users")
    plan = other.preview().ok()
    assert "route-table" in plan.output
    outputs = " ".join(plan.output.partition("Outputs:")[2].split())
    assert 'path : "/api/users" service: "users" weight : 0' in outputs, "the plan shows what will be"
    assert docker("images", "--quiet", "strangler/users") == before
    assert other.containers() == []
    assert other.networks() == []


def test_two_boards_stand_side_by_side_and_one_goes_without_the_other(board: Board, other: Board) -> None:
    other.up().ok()
    assert other.get("/api/users")[0] == 200
    other.destroy().ok()
    assert other.containers() == []
    assert other.networks() == []
    assert board.get("/api/users")[0] == 200


def test_what_is_left_of_a_board_that_went_is_only_its_images(other: Board) -> None:
    assert docker("volume", "ls", "--quiet", "--filter", f"label=strangler.stack={other.stack}") == ""
    assert Path(other.folder).is_dir()
