"""`make advance` on a real facade under load: bad services are taken back, and of all requests at most the step's share
met them; a killed run goes on from where it was."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.local.envoy.admin import Proxy
from tests.load import Load
from tests.local.board import PROJECT, Board, WarmBoard
from tests.local.test_meaning import ECHO, write_service
from tools.cutover.advance import TAKEN_BACK
from tools.cutover.journal import Journal

HANDLER = "(request, response) => response.end(process.env.COPILOT_SERVICE_NAME)"
SOMETIMES_500 = """let number = 0;
const answer = (request, response) => {
  if (request.url !== '/' && number++ % 3 === 0) response.statusCode = 500;
  response.end('faulty');
};
"""
SLOW = """const answer = (request, response) => setTimeout(() => response.end('slow'), request.url === '/' ? 0 : 300);
"""


def mutant(code: str) -> str:
    found = ECHO.replace(HANDLER, "answer")
    assert found != ECHO
    return code + found


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A default that answers well, and three services: one sometimes answers 500, one is slow, one is good."""
    services = tmp_path_factory.mktemp("mutants") / "services"
    for name, code in {"base": ECHO, "faulty": mutant(SOMETIMES_500), "slow": mutant(SLOW), "good": ECHO}.items():
        write_service(services / name, name, code)
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", services)
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


def command(board: Board, route: str, **variables: str) -> tuple[list[str], dict[str, str]]:
    environ = {**board.environ, "PYTHONPATH": str(PROJECT), "ROUTE": route, "MIN_REQUESTS": "20", **variables}
    return [sys.executable, "-m", "tools.cutover", "advance", board.stack], environ


def advance(board: Board, route: str, **variables: str) -> subprocess.CompletedProcess[str]:
    line, environ = command(board, route, **variables)
    return subprocess.run(line, cwd=board.folder, env=environ, capture_output=True, text=True, timeout=300, check=False)


def weights(board: Board, route: str) -> tuple[int, int]:
    """By the config and by the outputs."""
    config = json.loads(board.run("config", "--json", "-s", board.stack).ok().output)
    routes = config["strangler:routes"].get("objectValue", {})
    up: Mapping[str, Any] = board.outputs()["routes"]  # pyright: ignore[reportAssignmentType]
    return int(routes[route]), int(up[route]["weight"])


def counted(board: Board, service: str) -> int:
    """The requests that Envoy sent to a service."""
    (facade,) = board.containers("facade")
    found = Proxy(board.engine, facade).counted()
    return sum(count.requests for name, count in found.items() if name.startswith(f"{service}-"))


def test_a_service_that_sometimes_answers_500_is_taken_back_before_more_than_the_steps_share_met_it(
    board: Board,
) -> None:
    with Load(board.port, 200, ("/x/faulty",)) as load:
        load.until(200)
        run = advance(board, "faulty", STEPS="10,50,100", BAKE="60s")
        load.until(load.total + 200)
    assert run.returncode == TAKEN_BACK, run.stderr
    assert "make: advance: faulty: back from 10 to 0: faulty: " in run.stderr
    assert "% errors, more than 1 %" in run.stderr
    assert weights(board, "faulty") == (0, 0)
    assert 0 < len(load.failures) <= 0.1 * load.total, f"{len(load.failures)} of {load.total}"
    assert all(failure.what.startswith("status 500") for failure in load.failures)
    assert load.statuses("/x/faulty") == {200, 500}
    last = Journal.of(board.folder, board.stack).last("faulty")
    assert (last["event"], last["from"], last["to"]) == ("taken back", 10, 0)


def test_a_slow_service_is_taken_back_by_its_p99_beside_the_old_sides(board: Board) -> None:
    with Load(board.port, 200, ("/x/slow",)) as load:
        load.until(200)
        run = advance(board, "slow", STEPS="10,100", BAKE="12s")
    assert run.returncode == TAKEN_BACK, run.stderr
    assert "more than 2 times as much" in run.stderr
    assert load.failures == []
    assert weights(board, "slow") == (0, 0)
    met, total = counted(board, "slow"), load.total
    assert 20 <= met <= 0.12 * total, f"{met} of {total}"


def test_killed_while_it_moves_or_watches_another_run_goes_on(board: Board) -> None:
    journal = Journal.of(board.folder, board.stack)
    line, environ = command(board, "good", STEPS="20,100", BAKE="60s", MIN_REQUESTS="1")
    for event in ("started", "advanced"):
        process = subprocess.Popen(line, cwd=board.folder, env=environ, stderr=subprocess.DEVNULL)
        wait_for(board, event, process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert weights(board, "good")[0] == 20
    with Load(board.port, 100, ("/x/good",)) as load:
        # On a busy machine, the slowest hundredth of three seconds may well be twice the old side's.
        done = advance(board, "good", STEPS="20,100", BAKE="3s", LATENCY="100x")
        load.until(load.total + 50)
    assert done.returncode == 0, done.stderr
    assert load.failures == []
    assert weights(board, "good") == (100, 100)
    assert journal.last("good")["event"] == "baked"
    assert board.up().ok().changed() == set()


def wait_for(board: Board, event: str, process: "subprocess.Popen[bytes]") -> None:
    """Until a step is in the config and `pulumi up` runs, or until the traffic has moved."""
    journal, file = Journal.of(board.folder, board.stack), board.folder / f"Pulumi.{board.stack}.yaml"
    end = time.monotonic() + 120
    while journal.last("good").get("event") != event or "good: 20" not in file.read_text():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.5)


def test_a_mistake_is_one_line_and_changes_nothing(board: Board) -> None:
    for variables, message in (
        ({"STEPS": "5,x"}, "make: advance: STEPS=5,x; give rising weights from 1 to 100"),
        ({"ROUTE": "goods"}, "make: advance: ROUTE=goods: the stack has no such route; name one that is up: "),
    ):
        run = advance(board, "good", **variables)
        assert (run.returncode, run.stderr.count("\n")) == (1, 1)
        assert run.stderr.startswith(message)
