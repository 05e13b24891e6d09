"""A load counts what isn't a whole answer as a failed request, and takes a whole one in whatever form it comes."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.load import Connection, Load

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(answer: bytes) -> Generator[tuple[int, list[int]]]:
    """Gives this answer to each request, and hangs up after one that doesn't say how long it is. Its port, and how many
    connections it has taken so far."""
    taken = [0]

    def serve(connection: socket.socket) -> None:
        with connection:
            while connection.recv(1 << 16):
                connection.sendall(answer)
                if b"Content-Length: 3\r\n\r\nabc" not in answer and not answer.endswith(b"0\r\n\r\n"):
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            taken[0] += 1
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], taken
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"content-length: 3\r\n\r\nabc",
        OK + b"Content-Length: 3\r\n\r\nabc",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        OK + b"X-Other: 1\r\n\r\nabc",
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_a_whole_answer_is_taken_in_each_form(answer: bytes, keep: bool) -> None:
    with server(answer) as (port, _):
        connection = Connection(port, keep)
        assert connection.get("/") == (200, b"abc")
        connection.close()


@pytest.mark.parametrize(("keep", "connections"), [(True, 1), (False, 3)])
def test_a_connection_is_kept_or_made_for_each_request(keep: bool, connections: int) -> None:
    with server(OK + b"Content-Length: 3\r\n\r\nabc") as (port, taken):
        connection = Connection(port, keep)
        for _ in range(3):
            connection.get("/")
        connection.close()
        assert taken == [connections]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        OK,
        OK + b"Content-Length: 3\r\n",
        OK + b"Content-Length: 3\r\n\r\nab",
        OK + b"Content-Length: x\r\n\r\nabc",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n0\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Length: 0\r\n\r\n",
    ],
)
def test_what_is_not_a_whole_good_answer_is_a_failed_request(answer: bytes) -> None:
    with server(answer) as (port, _), Load(port) as load:
        load.until(20)
    assert len(load.failures) == load.total


def test_nobody_who_listens_is_a_failed_request() -> None:
    with server(b"") as (port, _):
        pass
    with Load(port) as load:
        load.until(20)
    assert len(load.failures) == load.total
