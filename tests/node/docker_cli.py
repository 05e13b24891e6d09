"""The docker client, as the Node tests need it: build an image, run a container, signal it, remove both."""

import http.client
import json
import os
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("monolith", "posts", "threads", "users")

# Everything that the tests make on the engine begins with this, so that what a killed run left can be found.
PREFIX = f"strangler-test-node-{os.getpid()}"

# Seconds. Long, as a slow machine is no failure; npm may have to fetch everything.
BUILD_LIMIT = 500.0
RUN_LIMIT = 90.0


class DockerError(Exception):
    """A docker command failed; the text has the command and the end of its output."""


def find_docker() -> str:
    """The docker client: STRANGLER_DOCKER, else Debian's, which has BuildKit built in, else the one on PATH."""
    given = os.environ.get("STRANGLER_DOCKER")
    if given:
        return given
    return "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"


def call(*args: str, limit: float) -> subprocess.CompletedProcess[str]:
    """Runs the docker client on the engine of DOCKER_HOST, with BuildKit, for at most `limit` seconds."""
    command = [find_docker(), *args]
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode != 0:
        output = (done.stdout + done.stderr)[-4000:]
        raise DockerError(f"{' '.join(command)}: exit code {done.returncode}\n{output}")
    return done


def docker(*args: str) -> str:
    """Runs a docker command; returns its stdout."""
    return call(*args, limit=RUN_LIMIT).stdout


def build(folder: Path, tag: str, *options: str) -> str:
    """Builds a service's folder; returns the build's log. STRANGLER_BUILD_ARGS has `KEY=VALUE`s for the build."""
    build_args = [f"--build-arg={pair}" for pair in os.environ.get("STRANGLER_BUILD_ARGS", "").split()]
    done = call(
        "build", "--progress=plain", "--network=host", *build_args, *options, "-t", tag, str(folder), limit=BUILD_LIMIT
    )
    return done.stdout + done.stderr


def inspect_image(tag: str) -> dict[str, object]:
    """The `Config` part of an image."""
    return json.loads(docker("image", "inspect", "--format", "{{json .Config}}", tag))


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it was sent: `headers` has one entry for each header line."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header, one for each line of it."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def lasting(self) -> "Answer":
        """The same answer without the date."""
        kept = tuple((key, value) for key, value in self.headers if key != "Date")
        return Answer(self.status, kept, self.body)


def receive(connection: http.client.HTTPConnection) -> Answer:
    """Reads the answer to the request that has been sent on the connection."""
    response = connection.getresponse()
    return Answer(response.status, tuple(response.getheaders()), response.read())


@dataclass(frozen=True)
class Container:
    """A running service, published on a port of 127.0.0.1."""

    name: str
    port: int

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is opened with its first request."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=RUN_LIMIT)

    def ask(self, method: str, path: str) -> Answer:
        """Sends one request on a connection of its own; the path goes out as it is."""
        connection = self.connect()
        try:
            connection.request(method, path)
            return receive(connection)
        finally:
            connection.close()

    def signal(self, name: str) -> None:
        """Sends a signal to the container's process 1."""
        docker("kill", "--signal", name, self.name)

    def exit_code(self) -> int:
        """Waits until the container has ended."""
        return int(docker("wait", self.name))

    def log(self) -> list[str]:
        """The lines that the container has written to stdout so far."""
        return docker("logs", self.name).splitlines()


def published_port(name: str) -> int:
    """The port of 127.0.0.1 under which a container's port 3000 is published."""
    return int(docker("port", name, "3000/tcp").strip().rpartition(":")[2])


def wait_until_ready(container: Container) -> None:
    """Waits for the first answer; gives up at once when the container has ended."""
    end = time.monotonic() + RUN_LIMIT
    while True:
        try:
            if container.ask("GET", "/").status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        running = docker("inspect", "--format", "{{.State.Running}}", container.name).strip()
        if running != "true" or time.monotonic() > end:
            raise DockerError(
                f"{container.name} does not answer (running: {running})\n{docker('logs', container.name)}"
            )
        time.sleep(0.05)


@contextmanager
def run(image: str, name: str, *command: str) -> Generator[Container]:
    """Runs a container until it answers, and removes it at the end."""
    full_name = f"{PREFIX}-{name}"
    try:
        docker("run", "--detach", "--name", full_name, "--publish", "127.0.0.1::3000", image, *command)
        container = Container(full_name, published_port(full_name))
        wait_until_ready(container)
        yield container
    finally:
        docker("rm", "--force", "--volumes", full_name)
