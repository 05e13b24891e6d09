"""The main job on this machine: up, a route there and back, nothing when nothing changed, down without a trace."""

import contextlib
import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import cast

import pytest

from components.model.image_source import Build, machine_args, source
from tests.local.board import FORWARDED, PROJECT, Board, WarmBoard, docker
from tests.node.docker_cli import Container
from tests.node.test_answers import Case


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board as a user has it: by the machine's own language host, with a passphrase."""
    made = Board(tmp_path_factory.mktemp("board") / "project")
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


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
    assert outputs["routes"] == {
        name: {"path": f"/api/{name}", "methods": "all", "service": name, "weight": 0}
        for name in ("posts", "threads", "users")
    }
    services = cast("dict[str, dict[str, str]]", outputs["services"])
    assert {name: (service["environment"], service["desiredCount"]) for name, service in services.items()} == {
        name: (name, 1) for name in ("monolith", "posts", "threads", "users")
    }
    assert all(service["image"].startswith(f"strangler/{name}:") for name, service in services.items())
    assert str(outputs["diagram"]).splitlines()[-1] == '  facade -- "everything else" --> s-monolith[monolith]'


def test_a_service_knows_the_machine_by_a_name(board: Board) -> None:
    name = next(container for container in board.containers() if "users" in container)
    script = "require('dns').lookup('host.docker.internal', (_, address) => console.log(address))"
    assert IPv4Address(docker("exec", name, "node", "-e", script).strip()).is_private


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


def verb(board: Board, name: str, stack: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """A verb of the day, as `make` runs it, on the board's stack."""
    environ = {**board.environ, "PYTHONPATH": str(PROJECT), "BROWSER": "echo opened %s", **variables}
    command = [sys.executable, "-m", "tools.operate", name, stack or board.stack]
    return subprocess.run(
        command, cwd=board.folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def output_of(board: Board, name: str, stack: str | None = None, **variables: str) -> str:
    """What a verb that succeeds prints."""
    done = verb(board, name, stack, **variables)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_status_shows_each_service_each_route_and_what_happened_last(board: Board) -> None:
    page = output_of(board, "status")
    rows = [line.split() for line in page.splitlines()]
    assert rows[0] == [f"http://127.0.0.1:{board.port}"]
    for name in ("monolith", "posts", "threads", "users"):
        (row,) = (row for row in rows if row[:1] == [name])
        assert row[1:5] == ["1", "of", "1", "running"]
        assert row[5].startswith(f"{name}:")
    assert ["/api/users", "all", "users", "0"] in rows
    assert ["everything", "else", "all", "monolith"] in rows
    assert [row for row in rows if row[:1] == ["users:"] and row[-1] == "started"]
    assert [
        line for line in output_of(board, "status", SERVICE="users").splitlines() if line.startswith("  posts:")
    ] == []


def test_logs_are_those_of_the_service_and_have_the_text(board: Board) -> None:
    board.get("/api/users?seen-in-the-log=1")
    lines = output_of(board, "logs", SERVICE="monolith", SINCE="1h", FILTER="seen-in-the-log").splitlines()
    assert lines
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z monolith-1  .*seen-in-the-log.*", line) for line in lines)
    assert output_of(board, "logs", SERVICE="users", FILTER="seen-in-the-log") == ""
    assert {line.split()[1] for line in output_of(board, "logs", SINCE="1d").splitlines()} >= {"monolith-1", "users-1"}


def interruptible() -> None:
    """A shell that starts this in the background has it ignore Ctrl-C, and so whatever it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_logs_go_on_with_what_is_written_until_ctrl_c(board: Board) -> None:
    environ = {**board.environ, "PYTHONPATH": str(PROJECT), "FOLLOW": "1", "FILTER": "while-it-follows"}

    running = subprocess.Popen(
        [sys.executable, "-m", "tools.operate", "logs", board.stack],
        cwd=board.folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    )
    try:
        assert running.stdout is not None
        board.get("/api/users?while-it-follows=1")
        assert "monolith-1" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.communicate(timeout=30) == ("", "")
        assert running.returncode == 130
    finally:
        running.kill()
        running.wait()


def test_exec_runs_a_command_in_a_container_and_gives_its_exit_code(board: Board) -> None:
    done = verb(board, "exec", SERVICE="users", CMD="sh -c 'echo $COPILOT_SERVICE_NAME; exit 7'")
    assert (done.returncode, done.stdout, done.stderr) == (7, "users\n", "")


def tasks(board: Board) -> list[str]:
    """The containers of a board's one-off tasks, running or not."""
    return [name for name in board.containers() if name.startswith("strangler-task-")]


def gone(board: Board, name: str) -> bool:
    """Whether the container of a task goes within 30 s."""
    deadline = time.monotonic() + 30
    while name in tasks(board):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@contextlib.contextmanager
def task(board: Board, script: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A one-off task of a shell that has written a first line, and its container's name."""
    environ = {**board.environ, "PYTHONPATH": str(PROJECT), "SERVICE": "users", "CMD": shlex.join(["sh", "-c", script])}
    command = [sys.executable, "-m", "tools.operate", "task", board.stack]
    with subprocess.Popen(
        command,
        cwd=board.folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    ) as running:
        assert running.stdout is not None
        name = f"strangler-task-{running.stdout.readline().split()[2]}"
        try:
            yield running, name
        finally:
            running.kill()
            if name in tasks(board):
                docker("rm", "--force", name)


def test_a_task_has_the_services_image_variables_and_network_and_gives_its_exit_code(board: Board) -> None:
    ask = "fetch(`http://${process.env.COPILOT_LB_DNS}/api/users/1`).then(it => console.log(it.status))"
    script = f"echo $COPILOT_SERVICE_NAME; ls server.js; node -e '{ask}'; printf 'no end of line' >&2; exit 7"
    done = verb(board, "task", SERVICE="users", CMD=shlex.join(["sh", "-c", script]))
    found = [re.fullmatch(r"[\d-]{10}T[\d:]{8}Z users ([0-9a-f]{8})  (.*)", line) for line in done.stdout.splitlines()]
    lines = [line.groups() for line in found if line]
    assert [text for _, text in lines] == ["users", "server.js", "200", "no end of line"]
    name = f"strangler-task-{lines[0][0]}"
    assert (done.returncode, done.stderr) == (7, f"make: task: {name} starts; Ctrl-C stops it\n")
    assert name not in tasks(board)


def test_a_task_is_beside_the_service_and_ctrl_c_ends_it_as_ecs_would(board: Board) -> None:
    ends = "trap 'echo > /tmp/ended; exit' TERM; echo it runs; while sleep 0.1; do :; done"
    with task(board, ends) as (running, name):
        (made,) = json.loads(docker("inspect", name))
        (users,) = json.loads(docker("inspect", *board.containers("users-")))
        assert made["HostConfig"]["AutoRemove"]
        assert made["HostConfig"]["Memory"] == users["HostConfig"]["Memory"]
        assert not any(made["NetworkSettings"]["Ports"].values()), "no port is published"
        networks = users["NetworkSettings"]["Networks"]
        assert [*made["NetworkSettings"]["Networks"]] == [*networks]
        reached = {alias for network in networks.values() for alias in network["Aliases"]}
        for network in made["NetworkSettings"]["Networks"].values():
            assert not reached & set(network["Aliases"] or ()), "no request for the service comes to the task"
        assert "1 of 1" in output_of(board, "status", SERVICE="users")
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
        assert running.stderr is not None
        stops = [f"make: task: {name} {does}" for does in ("starts; Ctrl-C stops it", "is stopped")]
        assert running.stderr.read().splitlines() == stops
        assert name not in tasks(board)


def test_a_task_whose_starter_is_killed_goes_on_and_is_removed_at_its_end(board: Board) -> None:
    with task(board, "echo it runs; sleep 2") as (running, name):
        running.kill()
        running.wait(10)
        assert name in tasks(board)
        assert gone(board, name)


def test_a_dry_run_of_a_task_prints_a_line_that_runs_it(board: Board) -> None:
    script = "echo $COPILOT_SERVICE_NAME; exit 7"
    line = output_of(board, "task", SERVICE="users", CMD=shlex.join(["sh", "-c", script]), DRY="1")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "users\n", "")


def test_a_task_of_a_service_that_is_scaled_to_zero_has_the_same(board: Board) -> None:
    board.config("services.users.count", "0", path=True)
    board.up().ok()
    assert board.containers("users-") == []
    ask = "fetch(`http://${process.env.COPILOT_LB_DNS}/api/users/1`).then(it => console.log(it.status))"
    script = f"echo $COPILOT_SERVICE_NAME; ls server.js; node -e '{ask}'; exit 7"
    asked = {"SERVICE": "users", "CMD": shlex.join(["sh", "-c", script])}
    done = verb(board, "task", **asked)
    assert [line.partition("  ")[2] for line in done.stdout.splitlines()] == ["users", "server.js", "200"], done.stderr
    assert (done.returncode, tasks(board)) == (7, [])
    line = output_of(board, "task", **asked, DRY="1")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "users\nserver.js\n200\n", "")
    for dry in ("0", "1"):
        done = verb(board, "exec", SERVICE="users", DRY=dry)
        assert done.stderr == "make: exec: SERVICE=users: no container of it runs; `make status` says why\n"
    assert output_of(board, "status", SERVICE="users", DRY="1") == "\n"
    board.run("config", "rm", "--path", "services.users.count", "-s", board.stack).ok()
    board.up().ok()


def test_ctrl_c_in_a_shell_is_the_shells(board: Board) -> None:
    """As under `make`: the verb isn't the leader of its session, and what is around it must not get the signal."""
    verbs = [sys.executable, "-m", "tools.operate"]
    around = f"import subprocess, sys; print('code', subprocess.call({verbs!r} + sys.argv[1:])); print('got', input())"
    environ = {**board.environ, "PYTHONPATH": str(PROJECT), "SERVICE": "users"}
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(board.folder)
        os.execve(sys.executable, [sys.executable, "-c", around, "exec", board.stack], environ)
    shown = ""

    def until(text: str) -> None:
        nonlocal shown
        deadline = time.monotonic() + 60
        while text not in shown:
            assert time.monotonic() < deadline, shown
            shown += os.read(terminal, 4096).decode(errors="replace")

    os.write(terminal, b"echo ready-$((40+2))\n")
    until("ready-42")
    os.write(terminal, b"sleep 100; echo woken-$((40+2))\n")
    until("sleep 100")
    time.sleep(1)
    os.write(terminal, b"\x03")
    os.write(terminal, b"echo still-$((40+2)); exit 5\n")
    until("still-42")
    until("code 5")
    os.write(terminal, b"it-back\n")
    until("got it-back")  # what is around it has the terminal again
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert status == 0
    assert "woken-42" not in shown


def test_open_shows_the_url_in_the_browser(board: Board) -> None:
    url = f"http://127.0.0.1:{board.port}"
    assert output_of(board, "open").splitlines() == [url, f"opened {url}"]


def test_what_runs_on_this_machine_costs_nothing(board: Board) -> None:
    done = verb(board, "cost")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"make: cost: {board.stack} runs on this machine and costs nothing\n"


def test_a_dry_run_prints_dockers_own_commands_and_runs_nothing(board: Board) -> None:
    (users,) = board.containers("users-")
    client = os.environ.get("STRANGLER_DOCKER", "docker")
    assert output_of(board, "logs", SERVICE="users", FOLLOW="1", FILTER="it's", DRY="1") == (
        f"{client} logs --timestamps --since 600s --follow {users} 2>&1 | grep -F 'it'\"'\"'s'\n"
    )
    assert output_of(board, "exec", SERVICE="users", DRY="1") == f"{client} exec -it {users} sh\n"
    assert output_of(board, "status", SERVICE="users", DRY="1") == f"{client} inspect {users}\n"
    assert output_of(board, "open", DRY="1") == f"python -m webbrowser http://127.0.0.1:{board.port}\n"


@pytest.mark.parametrize(
    ("name", "variables", "line"),
    [
        ("logs", {"SERVICE": "user"}, "SERVICE=user: the stack {} runs no such service; did you mean users?"),
        (
            "status",
            {"SERVICE": "x"},
            "SERVICE=x: the stack {} runs no such service; known: monolith, posts, threads, users",
        ),
        ("exec", {}, "SERVICE is missing; say which, such as SERVICE=monolith: monolith, posts, threads, users"),
        ("exec", {"SERVICE": "users", "CMD": "sh -c 'x"}, "CMD=sh -c 'x: No closing quotation; close the quotes"),
        (
            "task",
            {"SERVICE": "user", "CMD": "ls"},
            "SERVICE=user: the stack {} runs no such service; did you mean users?",
        ),
        (
            "logs",
            {"DOCKER_HOST": "unix:///nowhere"},
            "unix:///nowhere: No such file or directory; check whether the Docker engine runs; `make up` starts it",
        ),
    ],
)
def test_a_mistake_is_one_line(board: Board, name: str, variables: dict[str, str], line: str) -> None:
    done = verb(board, name, **variables)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"make: {name}: {line.format(board.stack)}\n")


def test_a_stack_that_is_not_there_names_the_nearest(board: Board) -> None:
    done = verb(board, "status", stack=f"{board.stack}x")
    line = f"make: status: STACK={board.stack}x: the backend has no such stack; did you mean {board.stack}?\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", line)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A second board, which a test takes down."""
    made = WarmBoard(tmp_path_factory.mktemp("other") / "project")
    try:
        yield made
    finally:
        made.remove()


def image_of_users(board: Board) -> str:
    """The name of what its folder makes of the users."""
    build = Build(dockerfile="services/users/Dockerfile", context="services/users")
    return f"strangler/users:{source(board.folder, build, machine_args(os.environ)).digest[:12]}"


def test_preview_builds_and_makes_nothing(other: Board) -> None:
    other.edit("services/users/db.json", "marceline", f"marcy of {other.stack}")
    plan = other.preview().ok()
    assert "route-table" in plan.output
    outputs = " ".join(plan.output.partition("Outputs:")[2].split())
    assert 'path : "/api/users" service: "users" weight : 0' in outputs, "the plan shows what will be"
    assert docker("images", "--quiet", image_of_users(other)) == ""
    assert other.containers() == []
    assert other.networks() == []


def test_two_boards_stand_side_by_side_and_one_goes_without_the_other(board: Board, other: Board) -> None:
    other.up().ok()
    assert other.get("/api/users")[0] == 200
    assert docker("images", "--quiet", image_of_users(other)) != ""
    assert other.outputs() == Board.outputs(other), "what it reads of the state is what the CLI says"
    with task(other, "echo it runs; sleep 5"):
        other.destroy().ok()  # waits for the end of what uses a network
    assert other.containers() == []
    assert other.networks() == []
    assert board.get("/api/users")[0] == 200


def test_what_is_left_of_a_board_that_went_is_only_its_images(other: Board) -> None:
    assert docker("volume", "ls", "--quiet", "--filter", f"label=strangler.stack={other.stack}") == ""
    assert Path(other.folder).is_dir()
