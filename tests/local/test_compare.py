"""A service on this machine is compared with the monolith before it moves: what differs is found, whatever it is, and a
right service has no findings."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.load import Load
from tests.local.board import PROJECT, Board, Run, WarmBoard
from tools.compare.__main__ import OVER, of_outputs

PATHS = {
    "users": ("/api/users", "/api/users/2", "/api/users/99"),
    "posts": ("/api/posts", "/api/posts/in-thread/1", "/api/posts/by-user/2"),
    "threads": ("/api/threads", "/api/threads/1"),
}

MUTANT = """
let asked = 0;
async function mutant(ctx, next) {
  await next();
  const as = ctx.query.as;
  if (!as || !ctx.body || typeof ctx.body !== 'object') return;
  const body = structuredClone(ctx.body);
  const some = [body].flat()[0];
  const [first, last] = [Object.keys(some)[0], Object.keys(some).at(-1)];
  if (as === 'status') ctx.status = 203;
  if (as === 'missing') delete some[last];
  if (as === 'type') some[first] = String(some[first]);
  if (as === 'order') [body].flat().length > 1 && body.reverse();
  if (as === 'header') ctx.set('Cache-Control', 'no-store');
  if (as === 'slow') await sleep(150);
  if (as === 'sometimes') asked++ % 5 || (ctx.status = 500);
  if (['missing', 'type', 'order'].includes(as)) ctx.body = body;
  if (as === 'charset') {
    ctx.body = Buffer.from(JSON.stringify(body), 'latin1');
    ctx.type = 'application/json; charset=iso-8859-1';
  }
}
"""
"""Each way to be wrong, in a service whose request asks for it."""

FOUND = {
    "status": "status",
    "missing": "missing",
    "type": "type",
    "order": "order",
    "header": "header",
    "sometimes": "status",
    "charset": "header",
}


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A message board whose services answer wrongly if they are asked to, each with testers."""
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project")
    try:
        for service in PATHS:
            made.edit(f"services/{service}/app.js", "async function log(", f"{MUTANT}\nasync function log(")
            made.edit(f"services/{service}/app.js", ".use(log)", ".use(log).use(mutant)")
            made.config(f"routes.{service}.testers.header.name", "X-Preview", path=True)
            made.config(f"routes.{service}.testers.header.value", service, path=True)
        made.up().ok()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def described(board: Board) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the CLI says of it: its outputs and its config."""
    config = json.loads(board.run("config", "--json", "-s", board.stack).ok().output)
    return board.outputs(), config


def written(board: Board, service: str, lines: list[str]) -> str:
    name = f"{service}.requests"
    (board.folder / name).write_text("\n".join(lines) + "\n")
    return name


def report(board: Board, service: str) -> dict[str, Any]:
    return json.loads((board.folder / f".strangler/reports/{board.stack}/compare-{service}.json").read_text())


@pytest.mark.parametrize("service", PATHS)
def test_each_way_to_be_wrong_is_found(
    board: Board, described: tuple[dict[str, Any], dict[str, Any]], service: str
) -> None:
    for mutant in (*FOUND, "slow"):
        requests = written(board, service, [f"{path}?as={mutant}" for path in PATHS[service]] * 4)
        variables = {"ROUTE": service, "REQUESTS": requests, "RATE": "0"}
        code = of_outputs(board.stack, *described, variables, board.folder)
        found = report(board, service)
        if mutant == "slow":
            assert (code, found["findings"]) == (0, [])
            assert found["latency"]["new"]["p99"] > 0.14 > found["latency"]["old"]["p50"]
        else:
            assert code == OVER, mutant
            assert {finding["kind"] for finding in found["findings"]} == {FOUND[mutant]}, (mutant, found["findings"])
            assert found["noise"] == []


@pytest.mark.parametrize("service", PATHS)
def test_right_services_have_no_findings_in_ten_thousand_requests(
    board: Board, described: tuple[dict[str, Any], dict[str, Any]], service: str
) -> None:
    paths = PATHS[service]
    requests = written(board, service, [f"{path}?n={n}" for n in range(3400 // len(paths)) for path in paths])
    assert of_outputs(board.stack, *described, {"ROUTE": service, "REQUESTS": requests, "RATE": "0"}, board.folder) == 0
    found = report(board, service)
    assert (found["findings"], found["noise"]) == ([], [])
    assert found["requests"] >= 3_334


def make(board: Board, **variables: str) -> Run:
    """The verb as `make` runs it."""
    environ = {**board.environ, "PYTHONPATH": str(PROJECT), **variables}
    done = subprocess.run(
        [sys.executable, "-m", "tools.compare", "compare", board.stack],
        cwd=board.folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout, 0)


def test_the_verb_says_what_it_found(board: Board) -> None:
    requests = written(board, "users", ["/api/users?as=missing", "/api/threads"])
    done = make(board, ROUTE="users", REQUESTS=requests).failed()
    assert done.code == OVER
    assert "missing $[*].bio" in done.output
    assert "requests for other paths or methods" in done.output


def test_a_route_that_has_to_prove_itself_moves_only_if_it_does_and_nobody_else_notices(board: Board) -> None:
    requests = written(board, "users", ["/api/users?as=missing", "/api/users/2"])
    board.config("routes.users.compare.requests", requests, path=True)
    board.config("routes.users.weight", "100", path=True)
    before = board.requests_in_log("users", "/api/users")
    planned = (
        "route users: before any route moves, up compares users with the current service, using 2 requests of "
        "users.requests"
    )
    assert planned in board.preview().ok().output
    assert board.requests_in_log("users", "/api/users") == before
    with Load(board.port) as load:
        done = board.up().failed()
        load.until(load.total + 200)
    assert load.failures == []
    assert "route users: 2 requests compared, 1 finding; the traffic stays where it was" in done.output
    assert "1 times missing $[*].bio" in done.output
    assert board.requests_in_log("users", "/api/users") == before + 2
    assert board.outputs()["routes"]["users"]["weight"] == 0  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]
    written(board, "users", ["/api/users", "/api/users/2"])
    with Load(board.port) as load:
        assert "2 requests compared, no findings" in board.up().ok().output
        load.until(load.total + 600)
    assert load.failures == []
    assert board.requests_in_log("users", "/api/users") > before + 100
    done = make(board, ROUTE="users", REQUESTS=requests).failed()
    assert "its weight is 100" in done.output
    (board.folder / requests).unlink()
