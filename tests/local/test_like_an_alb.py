"""A request means the same by the local facade as by an Application Load Balancer as the facade `alb` makes it. What
differs is in docs/facades.md; tests whose name ends with `_differs` hold it."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from components.local.envoy import config
from components.local.envoy.admin import Proxy
from tests.local.board import WarmBoard
from tests.local.streams import SERVER, Socket, ask, seen, upgrade
from tests.local.test_meaning import write_service

HOST = b"Host: example.org\r\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmBoard]:
    """A board with a default and a service with an active route; one more route has nobody behind it."""
    services = tmp_path_factory.mktemp("alb") / "services"
    for name in ("base", "one", "gone"):
        write_service(services / name, name, SERVER)
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", services)
    try:
        made.config("routes", "one,gone")
        made.config("services.gone.count", "0", path=True)
        made.up().ok()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def port(made: WarmBoard) -> int:
    """That of its facade."""
    return made.port


def get(*lines: str, path: str = "/", version: str = "1.1", host: bytes = HOST) -> bytes:
    """A GET request with further header lines."""
    head = f"GET {path} HTTP/{version}\r\n".encode() + host
    return head + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def headers(answer: bytes) -> dict[str, str]:
    """The headers with which the service was asked."""
    flat: list[str] = seen(answer)["headers"]
    return dict(zip(flat[::2], flat[1::2], strict=True))


@pytest.mark.parametrize("token", ["websocket", "WebSocket"])
@pytest.mark.parametrize("connection", ["Upgrade", "keep-alive, Upgrade"])
def test_a_websocket_is_upgraded(port: int, token: str, connection: str) -> None:
    assert ask(port, upgrade("/", token, connection)).startswith(b"HTTP/1.1 101 Switching Protocols\r\n")


def test_a_websocket_follows_the_route(port: int) -> None:
    for path, service in (("/", "base"), ("/x/one", "one"), ("/x/one/below", "one")):
        connection = Socket(port, path)
        assert connection.service == service
        connection.echo(b"x" * 100_000)
        connection.close()


@pytest.mark.parametrize("token", ["h2c", "foo", "TLS/1.2, HTTP/2.0", "websockets", "webs0cket"])
def test_an_upgrade_to_anything_else_is_passed_over_and_the_request_answered(port: int, token: str) -> None:
    answer = ask(port, upgrade("/", token))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert "Upgrade" not in headers(answer)


def test_http_1_0_is_answered_with_and_without_a_host(port: int) -> None:
    answer = ask(port, get(version="1.0"))
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert seen(answer)["version"] == "1.1", "what goes to a target is HTTP/1.1"
    assert headers(answer)["Host"] == "example.org"
    assert headers(ask(port, get(version="1.0", host=b"")))["Host"]
    assert b"Connection: keep-alive" in ask(port, get("Connection: keep-alive", version="1.0"))


def test_http_0_9_is_answered(port: int) -> None:
    assert b" 200 OK" in ask(port, b"GET /\r\n")


def test_http_1_1_without_a_host_is_refused(port: int) -> None:
    assert ask(port, get(host=b"")).startswith(b"HTTP/1.1 400 ")


def test_as_many_request_headers_as_64_kib_hold(port: int) -> None:
    answer = ask(port, get(*(f"h{number}: 1" for number in range(900))))
    assert headers(answer)["h899"] == "1"
    long = ask(port, get(*(f"{name}: {'v' * 15_000}" for name in "abcd")))
    assert headers(long)["d"] == "v" * 15_000
    assert not ask(port, get(*(f"{name}: {'v' * 15_000}" for name in "abcde"))).startswith(b"HTTP/1.1 200")


def test_as_many_response_headers_as_32_kib_hold(port: int) -> None:
    assert ask(port, get("x-want: 1500")).count(b"\r\nX-R-") == 1500
    assert ask(port, get("x-want: 4000")).startswith(b"HTTP/1.1 502 ")


def test_names_of_headers_keep_their_case_both_ways(port: int) -> None:
    answer = ask(port, get("X-CamelCase: 1", "lower: 1", "UPPER: 1"))
    assert {"X-CamelCase", "lower", "UPPER"} <= set(headers(answer))
    assert b"\r\nX-Mixed-Case: base\r\n" in answer


def test_names_of_headers_that_a_load_balancer_drops_are_dropped(port: int) -> None:
    found = headers(ask(port, get("a_b: 1", "_a: 1", "a_: 1", "a.b: 1", "a~b: 1", "a-b: 1", "A9: 1")))
    assert {name for name in found if name.lower().startswith(("a", "_"))} == {"a-b", "A9"}


def test_what_is_forwarded_is_said_as_a_load_balancer_says_it(port: int) -> None:
    found = headers(ask(port, get()))
    assert set(found) == {"Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port"}
    assert found["X-Forwarded-Proto"] == "http"
    assert found["X-Forwarded-Port"] == str(port)
    given = ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Port: 1", "X-Forwarded-Host: h")
    found = headers(ask(port, get(*given)))
    assert found["X-Forwarded-For"].startswith("203.0.113.9,"), "the client is appended"
    assert (found["X-Forwarded-Proto"], found["X-Forwarded-Port"]) == ("http", str(port))
    assert found["X-Forwarded-Host"] == "h"


def test_headers_of_the_clients_own_reach_the_service(port: int) -> None:
    own = ("X-Request-Id: 7", "X-Amzn-Trace-Id: Root=1", "Via: v", "Forwarded: for=1", "X-Envoy-Something: 1")
    found = headers(ask(port, get(*own)))
    assert all(found[name] == value for name, value in (line.split(": ") for line in own))


def test_a_client_cannot_steer_the_proxy_by_headers(port: int) -> None:
    assert ask(port, get("x-envoy-upstream-rq-timeout-ms: 1", "x-envoy-retry-on: 5xx")).startswith(b"HTTP/1.1 200")


def test_responses_say_nothing_of_the_proxy(port: int) -> None:
    head = ask(port, get()).partition(b"\r\n\r\n")[0].lower()
    assert b"envoy" not in head
    assert b"\r\nserver:" not in head


def test_the_answer_to_expect_comes_at_once_and_the_service_does_not_see_it(port: int) -> None:
    request = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab"
    interim, _, answer = ask(port, request).partition(b"\r\n\r\n")
    assert interim == b"HTTP/1.1 100 Continue"
    assert "Expect" not in headers(answer)
    assert seen(answer)["body"] == "ab"


def test_a_chunked_request_and_pipelined_ones_are_answered(port: int) -> None:
    chunked = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert seen(ask(port, chunked))["body"] == "abc"
    both = ask(port, get(path="/1") + get(path="/2"))
    assert both.index(b'"url":"/1"') < both.index(b'"url":"/2"')


def test_a_body_of_a_get_and_repeated_headers_reach_the_service(port: int) -> None:
    request = b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: a=1\r\nCookie: b=2\r\nContent-Length: 2\r\n\r\nab"
    found = seen(ask(port, request))
    assert found["body"] == "ab"
    pairs = zip(found["headers"][::2], found["headers"][1::2], strict=True)
    assert [value for name, value in pairs if name == "Cookie"] == ["a=1", "b=2"]


def test_trace_is_not_allowed(port: int) -> None:
    assert ask(port, b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n").startswith(b"HTTP/1.1 405 ")


def test_a_request_in_absolute_form_goes_by_its_path(port: int) -> None:
    found = seen(ask(port, b"GET http://other.example/x/one?q=1 HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert (found["name"], found["url"]) == ("one", "/x/one?q=1")


def test_idle_connections_that_a_service_closes_lose_no_request(port: int) -> None:
    """The service closes its idle connections after 2 s, and the pauses are around that. Two services at once: the
    connections to one are none of the other's."""

    def answers(path: str, pauses: Sequence[float]) -> list[bytes]:
        found: list[bytes] = []
        for pause in (pause for pause in pauses for _ in range(3)):
            found.append(ask(port, get("Connection: close", path=path)))
            time.sleep(pause)
        return found

    with ThreadPoolExecutor() as both:
        found = [*both.map(answers, ("/", "/x/one"), ((0.9, 1.1, 2.0), (1.9, 2.1)))]
    assert [len(answered) for answered in found] == [9, 6]
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answered in found for answer in answered)


@pytest.fixture
def idle(made: WarmBoard) -> Iterator[float]:
    """The seconds without a byte after which the listener that the board has ends a connection, made short: as it is,
    it is a load balancer's own (ELB user guide, load balancer attributes: idle_timeout.timeout_seconds)."""
    (facade,) = made.containers("facade")
    proxy, listeners = Proxy(made.engine, facade), config.listeners()
    text = json.dumps(listeners)
    assert text.count('"stream_idle_timeout": "60s"') == 1
    proxy.use_listeners(json.loads(text.replace('"stream_idle_timeout": "60s"', '"stream_idle_timeout": "2s"')))
    yield 2
    proxy.use_listeners(listeners)


def test_what_is_silent_for_the_idle_time_ends_and_what_is_not_goes_on(port: int, idle: float) -> None:
    """504 is what a load balancer answers for a target, 408 what it answers to a client (ELB user guide, "Troubleshoot
    your Application Load Balancers")."""
    start = time.monotonic()
    assert ask(port, get(path="/silent"), 3 * idle).startswith(b"HTTP/1.1 504 ")
    assert idle <= time.monotonic() - start < 2 * idle
    cut = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nab"
    assert ask(port, cut, 3 * idle).startswith(b"HTTP/1.1 408 ")
    connection = Socket(port, "/")
    for _ in range(3):
        time.sleep(idle / 2)
        connection.echo(b"still here")
    time.sleep(1.5 * idle)
    with pytest.raises(ConnectionResetError):
        connection.echo(b"too late")


def test_a_path_whose_service_has_no_container_is_503_in_words(port: int) -> None:
    answer = ask(port, get(path="/x/gone"))
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"\r\n\r\nNo container of this path's service is healthy.\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /#fragment HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"CUSTOM / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"CONNECT example.org:80 HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        ("GET /ä HTTP/1.1\r\n".encode() + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (get("long: " + "v" * 20_000), 200),
    ],
    ids=["fragment", "method", "connect", "asterisk", "bytes", "two lengths", "one long header"],
)
def test_what_a_load_balancer_may_answer_otherwise_differs(port: int, request_: bytes, status: int) -> None:
    assert ask(port, request_).startswith(f"HTTP/1.1 {status} ".encode())


def test_trailers_and_interim_answers_differ(port: int) -> None:
    request = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n0\r\nX-T: 1\r\n\r\n"
    assert seen(ask(port, request))["trailers"] == []
