"""A steady load over keep-alive and fresh connections, which remembers every request that failed."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

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
        connection, turn, due = self._connection(), number, time.monotonic()
        while not self._stop.is_set():
            path = self.paths[turn % len(self.paths)]
            turn += 1
            started = time.monotonic()
            try:
                connection.request("GET", path, headers={} if keep else {"Connection": "close"})
                answer = connection.getresponse()
                body = answer.read()
                what = self._mistake(path, answer.status, body)
                with self._lock:
                    self.answers[path, answer.status] += 1
                if not keep or answer.will_close:
                    connection.close()
            except (OSError, http.client.HTTPException) as failure:
                connection.close()
                what = f"!{type(failure).__name__}: {failure}"
            if what:
                with self._lock:
                    self.failures.append(Failure(path, what, started, time.monotonic()))
            due = max(due + 2 * PER_KIND / self.rate, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def _mistake(self, path: str, status: int, body: bytes) -> str:
        if status not in self.expected.get(path, frozenset({200})):
            return f"status {status}: {body[:80].decode(errors='replace')}"
        return "an empty answer" if status == 200 and not body else ""
