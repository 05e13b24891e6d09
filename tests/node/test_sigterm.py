"""A service that is told to stop answers what it has in flight and what still comes, and ends with 0."""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from tests.node.docker_cli import RUN_LIMIT, SERVICES, Answer, Container, receive, run

# As server.js, but it takes stragglers for longer, so that a slow machine doesn't make the tests fail.
PATIENT_SERVER = """
import { createApp, serve, TIMES } from './app.js';
import { routes } from './routes.js';
await serve(createApp(routes), 3000, { ...TIMES, quiet: 5_000, accept: 60_000, grace: 120_000 });
"""
LOAD_PATH = "/api/users"
LOAD_BEFORE_SIGNAL = 500


def closes(answer: Answer) -> bool:
    """Whether the server has said that it closes the connection: it has been told to stop."""
    return answer.all("Connection") == ["close"]


@dataclass
class Load:
    """Counts what the clients of a load see; shared by their threads."""

    answered: int = 0
    failed: list[str] = field(default_factory=list[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, answer: Answer) -> None:
        with self.lock:
            self.answered += 1
            if answer.status != 200 or len(answer.body) != 460:
                self.failed.append(f"status {answer.status}, {len(answer.body)} bytes")

    def fail(self, error: Exception) -> None:
        with self.lock:
            self.failed.append(repr(error))


def keep_alive_client(container: Container, load: Load) -> None:
    """Asks again and again on one connection, until the server closes it."""
    with closing(container.connect()) as connection:
        while True:
            connection.request("GET", LOAD_PATH)
            answer = receive(connection)
            load.count(answer)
            if closes(answer):
                return


def fresh_client(container: Container, load: Load) -> None:
    """Asks again and again, each time on a new connection, until the server says that it closes."""
    while True:
        answer = container.ask("GET", LOAD_PATH)
        load.count(answer)
        if closes(answer):
            return


def start_client(client: Callable[[Container, Load], None], container: Container, load: Load) -> threading.Thread:
    def work() -> None:
        try:
            client(container, load)
        except (OSError, http.client.HTTPException) as error:
            load.fail(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + RUN_LIMIT
    while not condition():
        assert time.monotonic() < end, f"waited {RUN_LIMIT} s for {what}"
        time.sleep(0.02)


def test_sigterm_under_load_loses_no_request(images: dict[str, str]) -> None:
    command = ("node", "--input-type=module", "--eval", PATIENT_SERVER)
    with run(images["monolith"], "load", *command) as container:
        load = Load()
        clients = [keep_alive_client, fresh_client] * 3
        threads = [start_client(client, container, load) for client in clients]
        wait_for(lambda: load.answered >= LOAD_BEFORE_SIGNAL or bool(load.failed), "the load before the signal")
        container.signal("TERM")
        for thread in threads:
            thread.join(RUN_LIMIT)
            assert not thread.is_alive()
        assert load.failed == []
        assert container.exit_code() == 0
        asked = [line for line in container.log() if line.startswith(f"GET {LOAD_PATH} - ")]
        assert len(asked) == load.answered


def stopping(container: Container) -> bool:
    """Whether a service has been told to stop: it says that it closes, or takes no more connections."""
    try:
        return closes(container.ask("GET", "/api"))
    except (OSError, http.client.HTTPException):
        return True


@pytest.mark.parametrize("service", SERVICES)
def test_sigterm_waits_for_the_request_in_flight_and_ends_with_0(service: str, images: dict[str, str]) -> None:
    with run(images[service], f"{service}-stop") as container:
        with socket.create_connection(("127.0.0.1", container.port), timeout=RUN_LIMIT) as begun:
            begun.sendall(b"GET /api HTTP/1.1\r\n")
            container.ask("GET", "/api")
            container.signal("TERM")
            wait_for(lambda: stopping(container), "the service to stop")
            begun.sendall(b"Host: service\r\n\r\n")
            answer = http.client.HTTPResponse(begun, method="GET")
            answer.begin()
            assert (answer.status, answer.read()) == (200, b"API ready to receive requests")
        assert container.exit_code() == 0
        assert container.log()[0] == "Worker started"


def test_sigterm_ends_an_idle_service_with_an_open_connection_with_0(images: dict[str, str]) -> None:
    with run(images["users"], "idle") as container, closing(container.connect()) as idle:
        idle.request("GET", "/api")
        assert not closes(receive(idle))
        container.signal("TERM")
        assert container.exit_code() == 0
