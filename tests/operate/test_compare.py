"""`make compare` against servers in this process: what it sends, what it finds, and how a mistake looks."""

import contextlib
import gc
import gzip
import json
import random
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest

from components.compare.answer import MAX_BODY, Answer
from components.compare.answers import Rules
from components.compare.client import Client, proxy_for
from components.compare.request import Request
from components.compare.run import Pace, Progress, run
from components.compare.sides import Sides
from components.model.routes import Testers
from tests.certificates import certified
from tests.projects import config_of, manifest, write_project
from tools.compare.__main__ import OVER, of_outputs
from tools.setup.say import MachineError

PREVIEW = Testers("X-Preview", "users")
FAST = Pace(rate=0, connections=4)
USERS = [{"id": number, "name": f"user {number}"} for number in range(5)]
JSON = {"Content-Type": "application/json; charset=utf-8"}

Reply = tuple[int, dict[str, str], bytes]


class Handler(BaseHTTPRequestHandler):
    """Answers as the server says, over connections that are kept."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def answer(self) -> None:
        server = cast("Server", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        status, headers, content = server.reply(self.headers.get("X-Preview") == "users", self.path)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(b"" if self.command == "HEAD" else content)

    do_GET = do_HEAD = do_POST = do_OPTIONS = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """Both sides: the mark tells which is asked."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, reply: Callable[[bool, str], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply = reply
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error."""


@contextlib.contextmanager
def served(reply: Callable[[bool, str], Reply]) -> Generator[Server]:
    server = Server(reply)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def right(_new: bool, _path: str) -> Reply:
    return 200, JSON, json.dumps(USERS).encode()


def compared(
    reply: Callable[[bool, str], Reply], count: int = 50, rules: Rules | None = None, pace: Pace = FAST
) -> Progress:
    asked = [Request("GET", f"/api/users/{number}") for number in range(count)]
    with served(reply) as server:
        return run(asked, Sides(server.url, server.url, PREVIEW), rules or Rules(), pace, lambda _: "")


def found(progress: Progress) -> list[tuple[str, str]]:
    return sorted((kind.kind, kind.path) for kind in progress.tally.findings)


def other(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Callable[[bool, str], Reply]:
    """A new side that answers otherwise."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return lambda new, path: (status, headers or JSON, body) if new else right(new, path)


MUTANTS: dict[str, tuple[Callable[[bool, str], Reply], list[tuple[str, str]]]] = {
    "wrong status": (other(USERS, status=201), [("status", "")]),
    "missing field": (other([{"id": user["id"]} for user in USERS]), [("missing", "$[*].name")]),
    "other number type": (other([{**user, "id": float(str(user["id"]))} for user in USERS]), [("type", "$[*].id")]),
    "number as text": (other([{**user, "id": str(user["id"])} for user in USERS]), [("type", "$[*].id")]),
    "other order": (other(USERS[::-1]), [("order", "$")]),
    "other header": (other(USERS, headers={**JSON, "Cache-Control": "max-age=60"}), [("header", "cache-control")]),
    "other character set": (
        other(USERS, headers={"Content-Type": "application/json; charset=latin-1"}),
        [("header", "content-type")],
    ),
    "one more field": (other([{**user, "x": None} for user in USERS]), [("extra", "$[*].x")]),
    "no JSON": (other(b"<html>"), [("format", "$")]),
    "another value": (other([*USERS[:4], {"id": 4, "name": "somebody"}]), [("value", "$[*].name")]),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_service_that_answers_otherwise_is_found(mutant: str) -> None:
    reply, expected = MUTANTS[mutant]
    progress = compared(reply, 5)
    assert found(progress) == expected
    assert progress.tally.findings[0].found == 5


def test_the_right_service_has_no_findings_and_each_request_is_sent_twice_to_the_old_side_and_once_to_the_new() -> None:
    with served(right) as server:
        sides = Sides(server.url, server.url, PREVIEW)
        progress = run([Request("GET", f"/{n}") for n in range(500)], sides, Rules(), FAST, lambda _: "")
        assert (progress.tally.requests, progress.tally.count, progress.tally.noisy) == (500, 0, [])
        new = [path for _, path, headers, _ in server.seen if headers.get("X-Preview")]
        assert sorted(new) == sorted(f"/{n}" for n in range(500))
        assert len(server.seen) == 1500


def test_a_service_that_fails_sometimes_is_found() -> None:
    lots = iter([500] + [200] * 19)
    progress = compared(lambda new, _path: (next(lots) if new else 200, JSON, b"[]"), 20)
    assert found(progress) == [("status", "")]
    assert (progress.tally.findings[0].old, progress.tally.findings[0].new) == ("200", "500")


def test_a_slow_service_is_seen_in_the_latency() -> None:
    def slow(new: bool, path: str) -> Reply:
        time.sleep(0.1 if new else 0)
        return right(new, path)

    progress = compared(slow, 20)
    assert progress.tally.count == 0
    assert progress.tally.new.percentile(50) > 0.09 > progress.tally.old.percentile(50)


def test_what_changes_by_itself_is_noise_and_hides_no_finding_beside_it() -> None:
    def noisy(new: bool, _path: str) -> Reply:
        seen = {"at": time.monotonic_ns(), "coin": random.choice([True, False]), "id": 2 if new else 1}
        return 200, {**JSON, "X-Trace": str(random.random())}, json.dumps(seen).encode()

    progress = compared(noisy, 100)
    assert found(progress) == [("value", "$.id")]
    assert sorted(kind.path for kind in progress.tally.noisy) == ["$.at", "$.coin", "x-trace"]


def one(reply: Callable[[bool, str], Reply], request: Request, seconds: float = 5) -> Answer:
    with served(reply) as server:
        return Client(server.url, seconds).ask(request, request.headers)


def test_no_redirect_is_followed_and_no_cookie_kept() -> None:
    with served(lambda _new, _path: (302, {"Location": "/b", "Set-Cookie": "a=b"}, b"")) as server:
        client = Client(server.url)
        answers = [client.ask(Request("GET", "/a"), []) for _ in range(2)]
        assert [(answer.status, answer.all("location")) for answer in answers] == [(302, ["/b"])] * 2
        assert [path for _, path, _, _ in server.seen] == ["/a", "/a"]
        assert all("Cookie" not in headers for _, _, headers, _ in server.seen)


def test_a_zipped_body_is_compared_by_what_it_says() -> None:
    content = gzip.compress(b'{"a": 1}')
    answer = one(lambda _new, _path: (200, {**JSON, "Content-Encoding": "gzip"}, content), Request("GET", "/"))
    assert (answer.body, answer.content) == (content, b'{"a": 1}')


def test_a_name_is_asked_for_where_it_is_to_lead_and_its_certificate_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, key, certificate = certified(tmp_path, "www.example.invalid")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with served(right) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        for name, status, failure in (
            ("www.example.invalid", 200, ""),
            ("other.example.invalid", 0, "certificate: Hostname mismatch"),
        ):
            client = Client(f"https://{name}:{server.server_port}", at="127.0.0.1")
            answer = client.ask(Request("GET", "/api/users"), [])
            assert (answer.status, answer.failure[: len(failure)]) == (status, failure), answer
        assert [headers["Host"] for _, _, headers, _ in server.seen] == [f"www.example.invalid:{server.server_port}"]


def test_a_body_is_read_to_its_limit() -> None:
    answer = one(lambda _new, _path: (200, {}, b"x" * (MAX_BODY + 1)), Request("GET", "/"))
    assert (len(answer.body), answer.whole) == (MAX_BODY, False)
    answer = one(lambda _new, _path: (200, {}, b"x" * MAX_BODY), Request("GET", "/"))
    assert (len(answer.body), answer.whole) == (MAX_BODY, True)


def test_what_is_sent_is_the_request_and_nothing_of_the_clients_own() -> None:
    with served(right) as server:
        request = Request("POST", "/a?b=c%20d", (("X-A", "1"),), b"body")
        Client(server.url).ask(request, request.headers)
        ((method, path, headers, body),) = server.seen
    host = f"127.0.0.1:{server.server_port}"
    assert (method, path, body) == ("POST", "/a?b=c%20d", b"body")
    assert headers == {"Host": host, "Accept-Encoding": "gzip", "X-A": "1", "Content-Length": "4"}


def test_no_answer_in_time_and_a_connection_that_ends_are_failures_with_a_name() -> None:
    answer = one(lambda _new, _path: (200, {"Content-Length": "10"}, b"x"), Request("GET", "/"), seconds=0.3)
    assert (answer.status, answer.failure) == (0, "no response in time")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answer = Client(url).ask(Request("GET", "/"), [])
    assert answer.failure == "connection ended without a response"
    assert Client(url).ask(Request("GET", "/"), []).failure == "Connection refused"


def test_a_body_that_ends_too_early_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def half() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            connection.close()

        threading.Thread(target=half, daemon=True).start()
        answer = Client(f"http://127.0.0.1:{listener.getsockname()[1]}").ask(Request("GET", "/"), [])
    assert (answer.status, answer.failure) == (0, "connection ended in the middle of the response")


def test_a_kept_connection_that_the_other_side_ended_is_no_failure() -> None:
    with served(right) as server:
        client = Client(server.url)
        assert client.ask(Request("GET", "/"), []).status == 200
        connection = client._connection  # pyright: ignore[reportPrivateUsage]
        assert connection is not None
        connection.sock.shutdown(socket.SHUT_RDWR)
        assert client.ask(Request("GET", "/"), []).status == 200


def test_a_proxy_of_the_environment_is_passed_by_on_the_way_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib.parse import urlsplit

    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    assert proxy_for(urlsplit("http://127.0.0.1:8080")) is None
    assert proxy_for(urlsplit("http://localhost:8080")) is None
    found = proxy_for(urlsplit("http://board.example"))
    assert found is not None
    assert found.hostname == "proxy.example"
    with served(right) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert Client("http://board.example").ask(Request("GET", "/a"), []).status == 200
        assert [(path, headers["Host"]) for _, path, headers, _ in proxy.seen] == [
            ("http://board.example/a", "board.example")
        ]


def test_the_rate_is_that_of_all_requests_together() -> None:
    begun = time.monotonic()
    compared(right, 10, pace=Pace(rate=100, connections=4))
    assert time.monotonic() - begun >= 0.28


def test_an_interrupt_gives_what_was_found_so_far() -> None:
    def endless() -> Iterable[Request]:
        while True:
            yield Request("GET", "/")

    begun = time.monotonic()
    with served(other([])) as server:
        sides = Sides(server.url, server.url, PREVIEW)
        progress = run(endless(), sides, Rules(), FAST, lambda _: "", is_over=lambda: time.monotonic() > begun + 1)
    assert progress.interrupted
    assert progress.tally.requests > 10
    assert found(progress) == [("missing", "$[*]")]


def test_memory_does_not_grow_with_the_number_of_requests() -> None:
    def lines(count: int) -> Iterable[Request]:
        return (Request("GET", f"/api/users/{number}") for number in range(count))

    def each_its_own(new: bool, path: str) -> Reply:
        return 200, JSON, json.dumps({path: 1} if new else {}).encode()

    with served(each_its_own) as server:
        sides = Sides(server.url, server.url, PREVIEW)
        run(lines(300), sides, Rules(), FAST, lambda _: "")
        server.seen = Nothing()
        gc.collect()
        before = sys.getallocatedblocks()
        progress = run(lines(3_000), sides, Rules(), FAST, lambda _: "")
        gc.collect()
        kept = sys.getallocatedblocks() - before
    assert progress.tally.count == 3_000
    # tracemalloc would count bytes instead of blocks, in three times as long. A request that is kept has three at
    # least: itself and its texts.
    assert kept < 2 * 3_000
    assert len(repr(progress)) < 100_000


class Nothing(list[Any]):
    """A list that keeps nothing."""

    def append(self, _: object, /) -> None:
        """Passes it over."""


def board(
    folder: Path, url: str, routes: dict[str, object], **up: object
) -> tuple[dict[str, Any], dict[str, Any], Path]:
    """What the CLI would say of a board, and its folder. up: what its outputs say of the route `users`."""
    write_project(folder, {"monolith": manifest("monolith", "/"), "users": manifest("users")})
    (folder / "Pulumi.yaml").write_text("name: strangler\n")
    route = {"path": "/api/users", "methods": "all", "service": "users", "weight": 0, **up}
    config = config_of({"platform": "local", "routes": routes})
    outputs: dict[str, Any] = {"url": url, "routes": {"users": route}, "services": {"users": {}}}
    return outputs, {key: {"value": value} for key, value in config.items()}, folder


UP = {"testers": {"header": {"name": "X-Preview", "value": "users"}}}
ROUTE: dict[str, object] = {"users": {"testers": {"header": {"name": "X-Preview", "value": "users"}}}}


def make(tmp_path: Path, reply: Callable[[bool, str], Reply], routes: dict[str, object], **variables: str) -> int:
    with served(reply) as server:
        outputs, config, folder = board(tmp_path, server.url, routes, **UP)
        (folder / "users.requests").write_text("/api/users\n/api/users/2\n/api/posts\nPOST /api/users\n")
        return of_outputs(
            "local", outputs, config, {"ROUTE": "users", "REQUESTS": "users.requests", **variables}, folder
        )


def test_the_verb_reports_and_its_exit_code_says_whether_there_are_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reply, _ = MUTANTS["missing field"]
    assert make(tmp_path, right, ROUTE) == 0
    assert make(tmp_path, reply, ROUTE) == OVER
    assert make(tmp_path, reply, ROUTE, MAX="1") == 0
    assert make(tmp_path, reply, ROUTE, IGNORE="$..name, etag") == 0
    report = json.loads((tmp_path / ".strangler/reports/local/compare-users.json").read_text())
    assert (report["requests"], report["skipped"], report["findings"]) == (2, 2, [])
    said = capsys.readouterr()
    assert "users: 2 requests compared, no findings" in said.out
    assert "2 requests of users.requests, each to the old side twice and to users once" in said.err


def test_dry_it_says_what_would_be_sent_and_sends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    def reply(new: bool, path: str) -> Reply:
        asked.append(path)
        return right(new, path)

    assert make(tmp_path, reply, ROUTE, DRY="1", RATE="0") == 0
    assert asked == []
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 requests of users.requests for the route users"
    assert lines[1].startswith("each twice to http://127.0.0.1:")
    assert lines[2].endswith(", with the header X-Preview")
    assert lines[3] == "as many as come through, over 4 connections to each side"
    assert "left out: 1 requests for other paths or methods" in lines
    assert not (tmp_path / ".strangler/reports").exists()


def test_what_the_routes_entry_says_is_what_the_verb_goes_by(tmp_path: Path) -> None:
    reply, _ = MUTANTS["missing field"]
    own = {"requests": "users.requests", "ignore": ["$[*].name"]}
    (tmp_path / "users.requests").write_text("/api/users\n")
    assert make(tmp_path, reply, {"users": {**UP, "compare": own}}, REQUESTS="") == 0


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"ROUTE": ""}, "ROUTE is missing; say which, such as ROUTE=users: users"),
        ({"ROUTE": "user"}, "ROUTE=user: the stack local has no such route; did you mean users?"),
        ({"REQUESTS": ""}, "REQUESTS is missing; say which file has the requests, such as REQUESTS=users.requests"),
        ({"RATE": "fast"}, "RATE=fast; give a whole number from 0 to 100000"),
        ({"CONNECTIONS": "0"}, "CONNECTIONS=0; give a whole number from 1 to 64"),
        ({"MAX": "-1"}, "MAX=-1; give a whole number from 0 to 1000000"),
        ({"UNSAFE": "yes"}, "UNSAFE=yes; give 1, or leave it out"),
        ({"DRY": "yes"}, "DRY=yes; give 1, or leave it out"),
        ({"IGNORE": "$.a $x"}, "IGNORE=$.a $x: '$x'; write $ and then .name"),
        ({"UNORDERED": "a"}, "UNORDERED=a: 'a'; write $ and then .name"),
        ({"REQUESTS": "other.requests"}, "other.requests: no request that the route users takes (1 requests for other"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, variables: dict[str, str], line: str) -> None:
    (tmp_path / "other.requests").write_text("/api/posts\n")
    with pytest.raises(MachineError) as refused:
        make(tmp_path, right, ROUTE, **variables)
    assert str(refused.value).startswith(f"make: compare: {line}")


@pytest.mark.parametrize(
    ("up", "routes", "line"),
    [
        (
            {"weight": 25, **UP},
            ROUTE,
            "ROUTE=users: its weight is 25, so that what everybody gets is mixed; set the weight 0",
        ),
        (
            {"weight": 100, **UP},
            ROUTE,
            "ROUTE=users: its weight is 100, so that what everybody gets is its service's already",
        ),
        (
            {},
            {},
            (
                "ROUTE=users: it has no testers, which the comparison needs to reach the new side; write users: "
                "{weight: 0, testers"
            ),
        ),
        ({}, ROUTE, "ROUTE=users: its testers aren't up yet; run `pulumi up -s local`"),
        (UP, ROUTE, "http://127.0.0.1:1: Connection refused; look at `make status STACK=local`"),
    ],
)
def test_a_route_that_cannot_be_compared_is_one_line(
    tmp_path: Path, up: dict[str, object], routes: dict[str, object], line: str
) -> None:
    outputs, config, folder = board(tmp_path, "http://127.0.0.1:1", routes, **up)
    (folder / "users.requests").write_text("/api/users\n")
    with pytest.raises(MachineError) as refused:
        of_outputs("local", outputs, config, {"ROUTE": "users", "REQUESTS": "users.requests"}, folder)
    assert str(refused.value).startswith(f"make: compare: {line}")
