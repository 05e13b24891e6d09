"""The Docker engine stops answering in the middle of a cut-over: one line says so, no request is lost, and the next
`up` converges. The commands reach the engine through a socket of the test's, which it cuts."""

import contextlib
import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.local.docker_engine import DEFAULT_HOST, Engine, EngineError
from tests.load import Load
from tests.local.board import Board, docker, started
from tests.local.streams import SERVER
from tests.local.test_meaning import write_service

WAIT = (
    "import { existsSync } from 'node:fs';\n"
    "while (!existsSync('/tmp/go')) await new Promise(resolve => setTimeout(resolve, 50));\n"
)


class Wire:
    """A socket whose connections lead to the engine until it is cut."""

    def __init__(self, path: Path, engine: str) -> None:
        self.host = f"unix://{path}"
        self._path, self._engine = path, engine
        self._ends: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        """Listens (again)."""
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Breaks all connections off, and takes no more."""
        self._path.unlink(missing_ok=True)
        for end in (self._listener, *self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._engine)
                self._ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(1 << 16):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """To the engine of this machine."""
    host = os.environ.get("DOCKER_HOST", DEFAULT_HOST)
    made = Wire(tmp_path / "wire.sock", host.removeprefix("unix://"))
    yield made
    made.cut()


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board that is up, with the route inactive. Its programs are run by the machine's own language host."""
    folder = tmp_path_factory.mktemp("dies")
    for name in ("base", "one"):
        write_service(folder / "services" / name, name, SERVER)
    made = Board(folder / "board/project", folder / "services")
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


def test_a_proxy_of_the_environment_is_not_asked_for_the_way_to_the_facade(board: Board) -> None:
    """Nobody listens at the proxy. Pulumi's own gRPC asks one for 127.0.0.1 too, unless a variable says otherwise."""
    names = list[str](("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"))
    proxy = {**dict.fromkeys(names, "http://127.0.0.1:9"), "no_grpc_proxy": "127.0.0.1,localhost"}
    for change in (lambda: board.config("routes", "one"), lambda: board.unset("routes")):
        change()
        run = board.run("up", "-s", board.stack, "--yes", "--skip-preview", environ=proxy).ok()
        assert run.changed() == {"route-table"}


def test_an_engine_that_dies_in_a_cut_over_is_one_line_and_the_next_up_converges(board: Board, wire: Wire) -> None:
    path = board.folder / "services/one/server.mjs"
    text = path.read_text()
    path.write_text(WAIT + text)
    old = board.containers("one-")
    board.config("routes", "one")
    direct = board.environ.get("DOCKER_HOST", DEFAULT_HOST)
    board.environ["DOCKER_HOST"] = wire.host
    log = board.folder.parent / "started.log"
    with Load(board.port, rate=100, paths=("/", "/x/one")) as load:
        with started(board, "up", "-s", board.stack, "--yes", "--skip-preview") as process:
            deadline = time.monotonic() + 240
            while "waiting for one" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            wire.cut()
            assert process.wait(timeout=240) != 0
        said = log.read_text()
        assert "Traceback" not in said, said
        assert "wire.sock" in said or "container " in said, said
        assert any(word in said for word in ("No such file", "Connection aborted", "closed", "refused")), said
        board.environ["DOCKER_HOST"] = direct
        new = next(name for name in board.containers("one-") if name not in old)
        docker("exec", new, "/bin/sh", "-c", "echo > /tmp/go")
        board.run("cancel", "--yes", "-s", board.stack)
        board.up("--refresh").ok()
        load.until(load.total + 200)
    assert load.failures == []
    assert board.up().ok().changed() == set()
    assert len(board.containers("one-")) == 1


class Broken(http.server.BaseHTTPRequestHandler):
    """An engine that says half of an answer, or something else than an engine says."""

    answers = (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", b"nonsense\r\n\r\n", b"")

    def handle(self) -> None:
        """Says it and hangs up."""
        self.connection.recv(1 << 16)
        self.connection.sendall(self.server.answer)  # type: ignore[attr-defined]  # pyright: ignore


@pytest.mark.parametrize("answer", Broken.answers, ids=["half", "nonsense", "nothing"])
def test_an_engine_that_breaks_off_is_an_error_of_one_line(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        server.answer = answer  # type: ignore[attr-defined]  # pyright: ignore
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_address[1]}")
        with pytest.raises(EngineError) as failure:
            Engine.connect()
        server.shutdown()
    assert "\n" not in str(failure.value)
