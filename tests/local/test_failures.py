"""What happens when a step fails: the command says what and why, the traffic stays where it was, and the next `up`
converges with nothing left over."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.engine.warm import WARM
from tests.load import Load
from tests.local.board import Board, docker, started, without

USERS = "services/users/db.json"
SERVER = "services/users/server.js"
MANIFEST = "services/users/manifest.yml"


def settled(board: Board) -> None:
    """One container for each service and the facade, and every service answers."""
    board.up("--refresh").ok()
    assert len(board.containers()) == 5
    assert len(board.networks()) == 5
    assert board.up().ok().changed() == set()
    for path in ("/", "/api/users", "/api/threads", "/api/posts"):
        assert board.get(path)[0] == 200


def broken(board: Board, code: str) -> Callable[[], int]:
    """Puts code at the beginning of the users' server, and returns what takes it out again."""
    path = board.folder / SERVER
    before = path.read_text()
    path.write_text(f"{code}\n{before}")
    return lambda: path.write_text(before)


def test_a_service_that_dies_fails_the_up_at_once_with_its_name_and_its_last_words(board: Board) -> None:
    board.route("users", "true")
    board.up().ok()
    mend = broken(board, "console.error('no database at all'); process.exit(3);")
    with Load(board.port) as load:
        run = board.up().failed()
        load.until(load.total + 500)
    assert load.failures == []
    assert "service users" in run.output
    assert "exit code 3" in run.output
    assert "no database at all" in run.output
    assert run.seconds < 50, "it waited although the process was dead"
    assert board.get("/api/users")[0] == 200
    mend()
    settled(board)
    board.route("users", "false")
    board.up().ok()


def test_a_service_that_never_gets_healthy_fails_the_up_and_moves_nothing(board: Board) -> None:
    board.edit(MANIFEST, "    path: /\n", "    path: /nowhere\n    grace_period: 2s\n")
    with Load(board.port) as load:
        run = board.up().failed()
    assert load.failures == []
    assert "service users: 0 of 1 containers are healthy" in run.output
    assert "GET /nowhere on port 3000 must answer 200" in run.output
    board.edit(MANIFEST, "    path: /nowhere\n    grace_period: 2s\n", "    path: /\n")
    settled(board)


def test_a_cancelled_cut_over_leaves_the_traffic_where_it_was_and_shows_no_traceback(board: Board) -> None:
    """Ctrl-C while it waits: it comes to an end that state and facade agree on."""
    board.edit(MANIFEST, "    path: /\n", "    path: /nowhere\n    grace_period: 90s\n")
    with Load(board.port) as load:
        process = subprocess.Popen(
            ["pulumi", "up", "-s", board.stack, "--yes", "--skip-preview", "--non-interactive"],
            cwd=board.folder,
            env=without(WARM, board.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        assert process.stdout is not None
        output = ""
        while "waiting for users" not in output:
            line = process.stdout.readline()
            assert line, output
            output += line
        process.send_signal(signal.SIGINT)
        output += process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert "interrupted before users was healthy: the traffic stays where it was" in output
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    assert load.failures == []
    board.edit(MANIFEST, "    path: /nowhere\n    grace_period: 90s\n", "    path: /\n")
    board.up().ok()
    assert board.up().ok().changed() == set()


def test_a_failed_up_can_be_run_again_and_fails_again(board: Board) -> None:
    mend = broken(board, "process.exit(4);")
    board.up().failed()
    again = board.up().failed()
    assert "exit code 4" in again.output
    mend()
    settled(board)


def test_a_dockerfile_that_fails_to_build_touches_no_container(board: Board) -> None:
    before = board.containers()
    dockerfile = board.folder / "services/users/Dockerfile"
    text = dockerfile.read_text()
    dockerfile.write_text(f"{text}\nRUN echo the-step-that-fails && exit 7\n")
    run = board.up().failed()
    assert "the-step-that-fails" in run.output
    assert board.containers() == before
    assert board.get("/api/users")[0] == 200
    dockerfile.write_text(text)
    settled(board)


def test_a_mistake_in_the_input_is_found_before_anything_is_touched(board: Board) -> None:
    before = board.containers()
    board.config("routes", '{"usres": true, "posts": 101}')
    board.edit(USERS, "marceline", "marcy")
    run = board.up().failed()
    assert "strangler:routes.usres: unknown route 'usres'" in run.output
    assert "strangler:routes.posts: found 101; give a whole number from 0 to 100" in run.output
    assert board.containers() == before
    board.unset("routes")
    board.edit(USERS, "marcy", "marceline")
    settled(board)


def test_a_port_in_use_is_named_before_anything_is_made(board: Board) -> None:
    before = board.containers()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        board.config("port", str(port))
        run = board.up().failed()
    assert f"strangler:port: port {port} is not free on 127.0.0.1" in run.output
    assert f"pulumi config set port {port + 1}" in run.output
    assert board.containers() == before
    board.config("port", str(board.port))
    settled(board)


def test_no_engine_is_one_line_that_says_what_to_do(board: Board) -> None:
    run = board.run("preview", "-s", board.stack, environ={"DOCKER_HOST": "unix:///nonexistent/docker.sock"}).failed()
    line = next(line for line in run.output.splitlines() if "no Docker engine answers" in line)
    assert "start Docker" in line


def test_a_second_person_at_the_same_time_gets_an_error_and_breaks_nothing(board: Board) -> None:
    """The first one's `up` lasts until the test lets the new container become healthy, so that the second one's falls
    into it however slow the machine is."""
    mend = broken(
        board,
        "import { existsSync } from 'node:fs';\n"
        "while (!existsSync('/tmp/go')) await new Promise(resolve => setTimeout(resolve, 50));",
    )
    old = board.containers("users-")
    with started(board, "up", "-s", board.stack, "--yes", "--skip-preview") as first:
        new = ""
        while not new:
            assert first.poll() is None
            new = next((name for name in board.containers("users-") if name not in old), "")
            time.sleep(0.1)
        second = board.up().failed()
        assert "lock" in second.output
        assert first.poll() is None
        assert board.get("/api/users")[0] == 200
        docker("exec", new, "/bin/sh", "-c", "echo > /tmp/go")
        assert first.wait(timeout=120) == 0
    mend()
    settled(board)


@pytest.mark.parametrize("seconds", [0.7, 1.5, 2.5, 3.5, 5])
def test_a_killed_cli_leaves_nothing_that_the_next_up_does_not_put_right(board: Board, seconds: float) -> None:
    """Whatever moment this hits, on whatever machine: the state afterwards is one that a rerun converges from."""
    board.route("users", "true")
    board.edit(USERS, "Jake the Dog", f"Jake the Dog {seconds}")
    with Load(board.port) as load:
        with started(board, "up", "-s", board.stack, "--yes", "--skip-preview") as process:
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)
        board.run("cancel", "--yes", "-s", board.stack)
        settled(board)
    assert load.failures == []
    assert f"Jake the Dog {seconds}" in board.get("/api/users/4")[1].decode()
    board.route("users", "false")
    settled(board)


def test_a_killed_first_up_can_be_run_again(board: Board) -> None:
    board.destroy().ok()
    with started(board, "up", "-s", board.stack, "--yes", "--skip-preview") as process:
        while len(board.containers()) < 2 and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    board.run("cancel", "--yes", "-s", board.stack)
    settled(board)


def test_a_container_that_the_state_does_not_know_makes_room_only_if_it_is_ours(board: Board) -> None:
    """As a CLI killed between the engine's answer and the state's write leaves it."""
    (mine,) = board.containers("users-")
    image = docker("inspect", "--format", "{{.Image}}", mine).strip()
    urn = re.findall(
        r"urn:pulumi:\S+docker:index/container:Container::users-1-\S+",
        board.run("stack", "-u", "-s", board.stack).output,
    )
    assert len(urn) == 1
    board.run("state", "delete", urn[0], "--force", "--target-dependents", "--yes", "-s", board.stack).ok()
    settled(board)
    board.run("state", "delete", urn[0], "--force", "--target-dependents", "--yes", "-s", board.stack).ok()
    docker("rm", "-f", mine)
    docker("run", "-d", "--name", mine, image)
    assert mine in board.up().failed().output
    assert docker("inspect", "--format", "{{.State.Running}}", mine).strip() == "true"
    docker("rm", "-f", mine)
    settled(board)
