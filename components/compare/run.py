"""Sends the requests and counts what comes, several at a time, and never faster than is asked."""

import contextlib
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from components.compare.answers import Rules, compare
from components.compare.client import Client
from components.compare.findings import Tally
from components.compare.request import LOGGED, SAFE, Request
from components.compare.sides import Sides, headers_of

Taken = Callable[[Request], str]
"""Why a request isn't compared, or an empty text."""


@dataclass(frozen=True)
class Pace:
    """How hard the sides are asked."""

    rate: float = 100.0
    """Requests a second, to both sides together; 0 for as many as come through. Default 100."""
    connections: int = 4
    """To each side. Default 4."""


@dataclass
class Progress:
    """How far it is."""

    tally: Tally = field(default_factory=Tally)
    """What was found so far. Default: nothing."""
    skipped: Counter[str] = field(default_factory=Counter[str])
    """How many requests weren't compared, by the reason. Default: none."""
    interrupted: bool = False
    """Whether it ended before its end. Default: no."""


def skipped_for(unsafe: bool, taken: Taken) -> Taken:
    """Why a request isn't compared, whatever the list holds. unsafe: whether what changes something is sent."""

    def why(request: Request) -> str:
        if request.logged and request.method not in LOGGED:
            return "methods with a body, which access logs don't include"
        if not unsafe and request.method not in SAFE:
            return "methods that change something (UNSAFE=1 sends them)"
        return taken(request)

    return why


class _Beat:
    """Lets so many requests a second through, of all threads together."""

    def __init__(self, rate: float) -> None:
        self._gap, self._next, self._lock = (1 / rate if rate else 0.0), time.monotonic(), threading.Lock()

    def wait(self, stop: threading.Event) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now - self._gap) + self._gap
            left = self._next - now
        stop.wait(left)


def run(
    requests: Iterable[Request],
    sides: Sides,
    rules: Rules,
    pace: Pace,
    why_not: Taken,
    tick: Callable[[Progress], None] = lambda _: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Progress:
    """Compares all requests and returns what was found. tick: called several times a second. An interrupt, by signal or
    by `is_over`, ends it early, with what was found so far. Raises what reading the requests raises."""
    progress, stop, lock = Progress(), threading.Event(), threading.Lock()
    waiting: queue.Queue[Request | None] = queue.Queue(2 * pace.connections)
    beat = _Beat(pace.rate)

    def work() -> None:
        old, new = Client(sides.old, at=sides.at), Client(sides.new, at=sides.new_at)
        try:
            while (request := waiting.get()) is not None and not stop.is_set():
                _one(request, old, new)
        finally:
            old.close()
            new.close()

    def _one(request: Request, old: Client, new: Client) -> None:
        plain = headers_of(request, sides.mark, marked=False)
        marked = headers_of(request, sides.mark, marked=True)
        beat.wait(stop)
        first = old.ask(request, plain)
        beat.wait(stop)
        answer = new.ask(request, marked)
        # The second one comes last: what changes with time differs between the old answers as well.
        beat.wait(stop)
        second = old.ask(request, plain)
        if stop.is_set():
            return
        found, noise = compare(first, answer, rules), compare(first, second, rules)
        with lock:
            progress.tally.add(request.method, request.target, found, noise)
            progress.tally.unanswered += bool(first.failure)
            progress.tally.old.add(first.seconds)
            progress.tally.old.add(second.seconds)
            progress.tally.new.add(answer.seconds)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(pace.connections)]
    for thread in threads:
        thread.start()
    last = time.monotonic()

    def pause() -> None:
        nonlocal last
        if time.monotonic() - last > 0.2:
            last = time.monotonic()
            with lock:
                tick(progress)
            if is_over():
                raise KeyboardInterrupt

    def put(request: Request | None) -> None:
        while True:
            pause()
            try:
                waiting.put(request, timeout=0.2)
                return
            except queue.Full:
                continue

    try:
        for request in requests:
            reason = why_not(request)
            if reason:
                progress.skipped[reason] += 1
                pause()
            else:
                put(request)
        for _ in threads:
            put(None)
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
                pause()
    except KeyboardInterrupt:
        progress.interrupted = True
    finally:
        stop.set()
        _end(waiting, threads)
    with lock:
        return progress


def _end(waiting: "queue.Queue[Request | None]", threads: Sequence[threading.Thread]) -> None:
    """Lets threads go that wait for a request: a full queue has one for each. One that waits for an answer ends with
    the program."""
    with contextlib.suppress(queue.Full):
        for _ in threads:
            waiting.put_nowait(None)
