"""The first `up` on a new board fails: it says which service, why, and what it logged last, and a rerun converges."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.local.envoy.admin import Proxy
from components.local.waiting import wait_until
from tests.local.board import Board, WarmBoard, docker
from tests.local.streams import SERVER
from tests.local.test_meaning import write_service


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Board]:
    """A board with one service, never up before."""
    write_service(tmp_path / "services/base", "base", SERVER)
    made = WarmBoard(tmp_path / "board/project", tmp_path / "services")
    try:
        yield made
    finally:
        made.remove()


def test_a_wrong_health_path_is_reported_with_name_path_and_log(new: Board) -> None:
    server, manifest = "services/base/server.mjs", "services/base/manifest.yml"
    new.edit(
        server, "const parts", "if (request.url === '/health') return response.writeHead(404).end();\n  const parts"
    )
    new.edit(server, "server.listen", "console.log('listening as ever');\nserver.listen")
    new.edit(manifest, "healthcheck: {", "healthcheck: {path: /health, grace_period: 1s, ")
    run = new.up().failed()
    assert "service base: 0 of 1 containers are healthy" in run.output
    assert "GET /health on port 3000 must answer 200" in run.output
    assert "listening as ever" in run.output
    assert "Envoy has not taken" not in run.output
    new.edit(manifest, "path: /health, ", "path: /, ")
    new.up().ok()
    assert new.get("/")[0] == 200
    assert new.up().ok().changed() == set()


def test_a_throw_at_start_is_reported_with_name_exit_code_and_log(new: Board) -> None:
    new.edit("services/base/server.mjs", "const open", "throw new Error('no database at all');\nconst open")
    run = new.up().failed()
    assert "service base: container " in run.output
    assert "exit code 1" in run.output
    assert "no database at all" in run.output
    assert "Envoy has not taken" not in run.output
    new.edit("services/base/server.mjs", "throw new Error('no database at all');\n", "")
    new.up().ok()
    assert new.get("/")[0] == 200
    assert new.up().ok().changed() == set()


def test_a_container_that_crashed_once_and_runs_is_not_called_dead(new: Board) -> None:
    """It dies at its first start, and answers from the second on. Later it doesn't answer, but it runs."""
    new.edit("services/base/manifest.yml", "interval: 5s", "grace_period: 1s, interval: 5s")
    path = new.folder / "services/base/server.mjs"
    path.write_text(
        "import { existsSync, writeFileSync } from 'node:fs';\n"
        "if (!existsSync('/tmp/been-here')) { writeFileSync('/tmp/been-here', ''); process.exit(9); }\n"
        + path.read_text()
    )
    first = new.up()
    if first.code:
        assert "exit code 9" in first.output, "it was seen at the moment of its death, which is no lie"
    new.up().ok()
    (name,) = new.containers("base-")
    state = new.engine.container(name)
    assert state
    assert state.restarts == 1
    docker("pause", name)
    (facade,) = new.containers("facade")
    proxy = Proxy(new.engine, facade)
    assert wait_until(lambda: any(not host.healthy for host in proxy.hosts().values()), seconds=60)
    run = new.up().failed()
    docker("unpause", name)
    assert "service base: 0 of 1 containers are healthy" in run.output
    assert "has died" not in run.output
    assert new.up().ok().changed() == set()
