"""The local stack's backend, and what a killed CLI leaves in it."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.setup.conftest import MakeProgram
from tools.setup import stack
from tools.setup.place import Place
from tools.setup.say import MachineError

DEAD = 2**22 + 1
"""More than any process id of Linux."""


@pytest.fixture
def calls(program: MakeProgram, env: dict[str, str]) -> Path:
    """A Pulumi CLI that notes what it is asked, and the file with its notes."""
    file = Path(env["HOME"]) / "calls"
    program("pulumi", f'echo "$@" >> "{file}"')
    return file


def lock(place: Place, number: int, host: str = "") -> Path:
    path = place.state / ".pulumi" / "locks" / "organization" / "board" / "local" / f"{number}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": number, "hostname": host or socket.gethostname()}))
    Path(f"{path}.attrs").write_text("{}")
    return path


def save(place: Place, pending: list[object] | None) -> None:
    path = stack.checkpoint(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    latest: dict[str, object] = {"resources": []}
    path.write_text(json.dumps({"checkpoint": {"latest": {**latest, "pending_operations": pending or []}}}))


def test_the_cli_keeps_apart_from_the_users_own_login(place: Place) -> None:
    assert stack.exports(place) == {
        "PULUMI_HOME": str(place.root / ".strangler" / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{place.root}/.strangler/state?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


@pytest.mark.parametrize("text", ["name: board\n", 'description: x\nname: "board" # ours\n', "name:   'board'\n"])
def test_the_projects_name_is_read_from_pulumi_yaml(place: Place, text: str) -> None:
    (place.root / "Pulumi.yaml").write_text(text)
    assert stack.project(place) == "board"


def test_a_project_without_a_name_is_one_line(place: Place) -> None:
    (place.root / "Pulumi.yaml").unlink()
    with pytest.raises(MachineError, match=r"^make: stack: no project name in .*Pulumi\.yaml; take the file from git"):
        stack.project(place)


def test_the_stack_is_made_once(place: Place, env: dict[str, str], calls: Path) -> None:
    stack.ready(place, env)
    save(place, None)
    stack.ready(place, env)
    assert calls.read_text() == "stack init local --no-select\n"
    assert place.state.is_dir()


def test_nothing_is_cleared_where_no_command_was_killed(place: Place, env: dict[str, str], calls: Path) -> None:
    save(place, None)
    stack.free(place, env)
    assert not calls.exists()


def test_the_lock_of_a_killed_cli_is_removed(place: Place, env: dict[str, str], calls: Path) -> None:
    lock(place, DEAD)
    lock(place, os.getpid())
    stack.free(place, env)
    assert calls.read_text() == "--non-interactive cancel --yes --stack local\n"


def test_creations_that_were_begun_and_never_ended_are_cleared(place: Place, env: dict[str, str], calls: Path) -> None:
    save(place, [{"type": "creating"}])
    stack.free(place, env)
    assert calls.read_text() == (
        "--non-interactive refresh --yes --skip-preview --clear-pending-creates --stack local\n"
    )


def test_a_cli_that_still_runs_is_an_error_and_keeps_its_lock(
    place: Place, env: dict[str, str], calls: Path, folder: Path
) -> None:
    running = folder / "pulumi-running"
    running.write_text("#!/bin/sh\nread line\n")
    running.chmod(0o755)
    process = subprocess.Popen([str(running)], stdin=subprocess.PIPE)
    try:
        comm = Path(f"/proc/{process.pid}/comm")
        while "pulumi" not in comm.read_text():
            pass
        lock(place, process.pid)
        with pytest.raises(MachineError) as caught:
            stack.free(place, env)
        assert str(caught.value) == (
            f"make: stack: process {process.pid} is changing the stack local; "
            "wait for its end, or `pulumi cancel -s local`"
        )
        assert not calls.exists()
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_lock_from_another_machine_is_never_removed(place: Place, env: dict[str, str], calls: Path) -> None:
    lock(place, DEAD, host="elsewhere")
    with pytest.raises(MachineError, match=f"process {DEAD} is changing the stack local"):
        stack.free(place, env)
    assert not calls.exists()


def test_a_lock_that_cannot_be_read_has_no_owner(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("{")
    assert stack.holder(tmp_path / "lock") is None
    (tmp_path / "lock").write_text('{"pid": "many"}')
    assert stack.holder(tmp_path / "lock") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"checkpoint": 1}', '{"checkpoint": {"latest": null}}'])
def test_a_state_that_says_nothing_has_nothing_pending(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert not stack.pending(tmp_path / "state.json")


def test_a_cli_that_fails_is_one_line(place: Place, env: dict[str, str], program: MakeProgram) -> None:
    program("pulumi", "echo 'error: wrong passphrase' >&2; exit 255")
    with pytest.raises(MachineError, match=r"^make: stack: `pulumi stack init local` failed: error: wrong passphrase;"):
        stack.ready(place, env)
