"""A monolith that runs elsewhere, with TLS and a CA of its own, as the default: routes move away from it and back, and
the default becomes ours and back, under load, and no request fails."""

import subprocess
import textwrap
from collections.abc import Iterator

import pytest

from tests.certificates import certified
from tests.load import Load
from tests.local.board import Board, WarmBoard, free_port
from tests.local.test_no_request_lost import TOTAL, under_load

HOST = "host.docker.internal"
"""How the facade's container finds this machine."""

SERVER = textwrap.dedent(
    """
    import https from 'node:https';
    import { readFileSync } from 'node:fs';
    const [port, key, cert] = process.argv.slice(2);
    const tls = { key: readFileSync(key), cert: readFileSync(cert), keepAliveTimeout: 65000 };
    const server = https.createServer(tls, (request, response) => {
      const known = request.headers.host === `host.docker.internal:${port}`;
      response.writeHead(known ? 200 : 421, { 'content-type': 'text/plain', 'x-answered-by': 'elsewhere' });
      response.end(`elsewhere ${request.method} ${request.url}`);
    });
    server.listen(Number(port), '0.0.0.0', () => console.log('ready'));
    """
)
"""An HTTPS server that takes requests by its own name only, as a virtual host does."""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A message board whose default runs elsewhere."""
    folder = tmp_path_factory.mktemp("elsewhere")
    ca, key, cert = certified(folder, HOST)
    (folder / "server.mjs").write_text(SERVER)
    port = free_port()
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project")
    server = subprocess.Popen(
        ["node", str(folder / "server.mjs"), str(port), str(key), str(cert)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        (made.folder / "ca.pem").write_bytes(ca.read_bytes())
        made.config("services.legacy.url", f"https://{HOST}:{port}", path=True)
        made.config("services.legacy.ca", "ca.pem", path=True)
        made.config("default", "legacy")
        made.up().ok()
        yield made
    finally:
        made.remove()
        server.kill()
        server.wait()


def test_what_no_route_takes_is_answered_elsewhere_by_its_own_name(board: Board) -> None:
    status, body = board.get("/some/path?query=1")
    assert (status, body) == (200, b"elsewhere GET /some/path?query=1")
    assert "s-legacy[/legacy/]" in str(board.outputs()["diagram"])


def test_routes_move_from_elsewhere_to_services_of_ours_and_back_without_a_failed_request(board: Board) -> None:
    def there_and_back() -> None:
        board.config("routes", '{"users": 25, "posts": true}')
        board.up().ok()
        board.config("routes", '{"users": true, "posts": true}')
        board.up().ok()
        board.config("default", "monolith")
        board.up().ok()
        board.config("default", "legacy")
        board.unset("routes")
        board.up().ok()

    load = under_load(board, there_and_back, Load(board.port))
    assert load.failures == []
    assert load.total >= TOTAL
    assert board.requests_in_log("users", "/api/users") > 0
    assert board.get("/api/users/2")[1] == b"elsewhere GET /api/users/2"


def test_where_it_does_not_answer_as_who_it_is_said_to_be_the_traffic_stays_where_it_was(board: Board) -> None:
    url = str(board.outputs()["services"]["legacy"]["url"])  # type: ignore[index]
    port = url.rpartition(":")[2]
    other = certified(board.folder.parent, "another.example")[0]
    (board.folder / "other.pem").write_bytes(other.read_bytes())
    board.config("services.other.url", f"https://{HOST}:{port}", path=True)
    board.config("services.other.ca", "other.pem", path=True)
    board.config("default", "other")
    output = board.up().failed().output
    assert f"service other: it doesn't answer where it runs within 15 s (GET {url}/ must answer 200-499" in output
    assert "the traffic stays where it was" in output
    assert board.get("/")[1] == b"elsewhere GET /"
    board.config("default", "legacy")
    board.up().ok()
