"""A steady load over keep-alive and fresh connections, which remembers every request that failed."""

import io
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO

PATHS = (
    *("/", "/api", "/api/", "/api/users", "/api/users/2", "/api/threads", "/api/threads/1"),
    *("/api/posts", "/api/posts/in-thread/1", "/api/posts/by-user/2"),
)
"""All public paths of the message board."""

PER_KIND = 5
"""Clients that keep their connection, and as many that make a new one for each request."""


@dataclass(frozen=True)
class Failure:
    """A request that got no answer, or another one than it should. started, ended: seconds of the monotonic clock."""

    path: str
    what: str
    started: float
    ended: float


class Connection:
    """GET requests on a connection that is kept, or on a new one for each. `http.client` takes a multiple of the time,
    most of it for headers that no load looks at."""

    def __init__(self, port: int, keep: bool) -> None:
        self._port, self._keep = port, keep
        self._headers = f"Host: 127.0.0.1:{port}\r\n" + ("" if keep else "Connection: close\r\n")
        self._socket: socket.socket | None = None
        self._answers: BinaryIO = io.BytesIO()

    def close(self) -> None:
        """The next request makes a new one."""
        if self._socket:
            self._answers.close()
            self._socket.close()
        self._socket = None

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and the body of the answer. Raises OSError or ValueError if there is none, or not all of one."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            self._answers = self._socket.makefile("rb")
        self._socket.sendall(f"GET {path} HTTP/1.1\r\n{self._headers}\r\n".encode())
        version, status, *_ = [*self._line().split(b" "), b"", b""]
        if version not in (b"HTTP/1.0", b"HTTP/1.1") or not status.isdigit():
            raise ConnectionError(f"an answer that isn't HTTP: {version!r} {status!r}")
        headers = dict[bytes, bytes]()
        while line := self._line():
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip().lower()
        if headers.get(b"transfer-encoding") == b"chunked":
            body, closes = b"".join(self._chunks()), False
        elif b"content-length" in headers:
            body, closes = self._read(int(headers[b"content-length"])), False
        else:
            body, closes = self._answers.read(), True
        if closes or not self._keep or headers.get(b"connection") == b"close" or version == b"HTTP/1.0":
            self.close()
        return int(status), body

    def _line(self) -> bytes:
        line = self._answers.readline()
        if line[-2:] != b"\r\n":
            raise ConnectionError(f"the connection ended {'within' if line else 'before'} a line of an answer")
        return line[:-2]

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line(), 16):
            yield self._read(size + 2)[:-2]
        while self._line():
            pass

    def _read(self, size: int) -> bytes:
        read = self._answers.read(size)
        if len(read) < size:
            raise ConnectionError(f"the connection ended after {len(read)} of {size} bytes")
        return read


@dataclass
class Load:
    """Sends requests until it is left. `expected`: the status of each path, 200 where it isn't named; a set of them
    where a change is under way."""

    port: int
    rate: int = 500
    paths: tuple[str, ...] = PATHS
    expected: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])
    failures: list[Failure] = field(default_factory=list[Failure])
    answers: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Load":
        for number in range(2 * PER_KIND):
            thread = threading.Thread(target=self._client, args=(number,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)

    @property
    def total(self) -> int:
        """Requests that were answered or failed."""
        with self._lock:
            return sum(self.answers.values()) + sum(failure.what[0] == "!" for failure in self.failures)

    def hurry(self) -> None:
        """From now on as many requests a second as come through, up to 2,000."""
        self.rate = 2_000

    def until(self, total: int, seconds: float = 240) -> None:
        """Goes on until so many requests were made."""
        end = time.monotonic() + seconds
        while self.total < total:
            assert time.monotonic() < end, f"{self.total} of {total} requests within {seconds} s"
            time.sleep(0.1)

    def statuses(self, path: str) -> set[int]:
        """The statuses with which a path was answered."""
        return {status for (answer, status) in self.answers if answer == path}

    def _client(self, number: int) -> None:
        keep = number % 2 == 0
        connection, turn, due = Connection(self.port, keep), number, time.monotonic()
        while not self._stop.is_set():
            path = self.paths[turn % len(self.paths)]
            turn += 1
            started = time.monotonic()
            try:
                status, body = connection.get(path)
                what = self._mistake(path, status, body)
                with self._lock:
                    self.answers[path, status] += 1
            except (OSError, ValueError) as failure:
                connection.close()
                what = f"!{type(failure).__name__}: {failure}"
            if what:
                with self._lock:
                    self.failures.append(Failure(path, what, started, time.monotonic()))
            due = max(due + 2 * PER_KIND / self.rate, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
        connection.close()

    def _mistake(self, path: str, status: int, body: bytes) -> str:
        if status not in self.expected.get(path, frozenset({200})):
            return f"status {status}: {body[:80].decode(errors='replace')}"
        return "an empty answer" if status == 200 and not body else ""
