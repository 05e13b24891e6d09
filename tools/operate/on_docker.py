"""The verbs on this machine's Docker engine."""

import heapq
import os
import queue
import secrets
import shlex
import sys
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from components.local.docker_engine import ContainerState, Engine, EngineError
from tools.operate.deployed import Service
from tools.operate.lines import Line, of_docker
from tools.operate.request import Request
from tools.operate.status import ServiceStatus, Status
from tools.setup.leftovers import TASK
from tools.setup.say import MachineError

STOP_SECONDS = 30
"""What ECS leaves a container between SIGTERM and SIGKILL (StopTask, ECS API reference)."""


class Docker:
    """What runs on the engine, asked by its SDK."""

    def __init__(self, asked: Request) -> None:
        self._asked = asked
        with one_line(asked.verb):
            self._engine = Engine.connect()

    def status(self, services: Sequence[Service]) -> Status:
        """How the services' containers are. There are no alarms."""
        with one_line(self._asked.verb):
            states = [{name: self._engine.container(name) for name in service.containers} for service in services]
        found: list[ServiceStatus] = []
        for service, containers in zip(services, states, strict=True):
            running = sum(1 for state in containers.values() if state and state.running)
            states = ["job: `make job` runs it"] if service.is_job else [_state(state) for state in containers.values()]
            events = tuple(_event(name, state) for name, state in containers.items() if state)
            text = ", ".join(dict.fromkeys(states)) or "scaled to zero"
            found.append(ServiceStatus(service.name, service.desired, running, text, service.image, events))
        return Status(found)

    def logs(self, services: Sequence[Service]) -> Iterator[Line]:
        """What the containers have written and, with FOLLOW=1, go on to write."""
        since = time.time() - self._asked.since_seconds
        logs = [
            self._log(f"{service.name}-{number}", name, since)
            for service in services
            for number, name in enumerate(service.containers, 1)
        ]
        merged = together(logs) if self._asked.follow else heapq.merge(*logs)
        with one_line(self._asked.verb):
            yield from (line for line in merged if self._asked.filter in line.text)

    def _log(self, origin: str, name: str, since: float) -> Iterator[Line]:
        return (of_docker(origin, written) for written in self._engine.log_lines(name, since, self._asked.follow))

    def exec(self, service: Service) -> list[str]:
        """The command line that runs something in a service's container."""
        with one_line(self._asked.verb):
            states = {name: self._engine.container(name) for name in service.containers}
        running = [name for name, state in states.items() if state and state.running]
        if not running:
            raise none_runs(self._asked.verb, service)
        return exec_command(self._asked, running[0], terminal=sys.stdin.isatty())

    def task(self, service: Service) -> "Task":
        """Makes the container of a one-off task, of what a container of the service is made of."""
        with one_line(self._asked.verb):
            there = [name for name in service.containers if self._engine.container(name)]
            if not there and not service.like:
                found = f"SERVICE={service.name}: it has no container, whose image, variables and network it would take"
                remedy = "`pulumi up --refresh`, and run it again"
                raise MachineError(self._asked.verb, found, remedy)
            task = Task(self._asked.verb, self._engine, service.name)
            if there:
                self._engine.create_like(there[0], task.name, None if service.is_job else self._asked.words)
            else:
                self._engine.create(task.name, {**service.like["settings"], "command": self._asked.words})
                self._engine.join(task.name, service.like["facade"])
            return task


class Task:
    """A container that runs a command, and is removed at its end by the engine, whatever becomes of who started it."""

    def __init__(self, verb: str, engine: Engine, service: str) -> None:
        self._verb, self._engine, self._service = verb, engine, service
        self._id = secrets.token_hex(4)
        self.name = f"{TASK}{self._id}"
        """The container's."""

    def lines(self) -> Generator[Line, None, int]:
        """Runs it; what it writes, and its exit code."""
        with one_line(self._verb):
            written = self._engine.run(self.name)
            while True:
                try:
                    text = next(written)
                except StopIteration as end:
                    return end.value
                yield Line(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", f"{self._service} {self._id}", text.rstrip("\r"))

    def stop(self) -> None:
        """Ends it as ECS ends a task: with SIGTERM and, after a while, SIGKILL."""
        with one_line(self._verb):
            self._engine.stop(self.name, STOP_SECONDS)


def together(logs: Sequence[Iterator[Line]]) -> Iterator[Line]:
    """What several logs say, as it comes, until all have ended. A failure of one is raised."""
    lines: queue.Queue[Line | EngineError | None] = queue.Queue()

    def read(log: Iterator[Line]) -> None:
        try:
            for line in log:
                lines.put(line)
        except EngineError as failure:
            lines.put(failure)
        lines.put(None)

    for log in logs:
        threading.Thread(target=read, args=(log,), daemon=True).start()
    left = len(logs)
    while left:
        line = lines.get()
        if isinstance(line, EngineError):
            raise line
        if line is None:
            left -= 1
        else:
            yield line


def commands(asked: Request, services: Sequence[Service]) -> list[str]:
    """What a verb would have run, as lines for a shell with Docker's client. Pure."""
    names = [name for service in services for name in service.containers]
    if asked.verb == "logs":
        follow = ["--follow"] if asked.follow else []
        part = f" 2>&1 | grep -F {shlex.quote(asked.filter)}" if asked.filter else ""
        options = ["logs", "--timestamps", "--since", _since(asked), *follow]
        return [shlex.join([_client(), *options, name]) + part for name in names]
    if asked.verb in ("task", "job"):
        made = [_made_command(asked, service.like) for service in services if service.like]
        return made or [_task_command(asked, name) for name in names[:1]]
    if asked.verb == "exec":
        if not names:
            raise none_runs(asked.verb, services[0])
        return [shlex.join(exec_command(asked, name, terminal=True)) for name in names[:1]]
    return [shlex.join([_client(), "inspect", *names])] if names else []


def none_runs(verb: str, service: Service) -> MachineError:
    """What is wrong with a service that something is to run in."""
    return MachineError(verb, f"SERVICE={service.name}: no container of it runs", "`make status` says why")


def exec_command(asked: Request, container: str, *, terminal: bool) -> list[str]:
    """The command line of Docker's client that runs something in a container."""
    return [_client(), "exec", "-it" if terminal else "-i", container, *asked.words]


def _task_command(asked: Request, like: str) -> str:
    """A line for bash that does what `task` does: Docker's client can't copy a container's settings."""
    client, like = _client(), shlex.quote(like)
    image, variables, network = (
        f"{client} inspect --format '{{{{{what}}}}}' {like}"
        for what in (
            ".Image",
            "range .Config.Env}}{{println .}}{{end",
            "range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end",
        )
    )
    options = f'--rm --init --network "$({network})" --env-file <({variables})'
    words = "" if asked.verb == "job" else shlex.join(asked.words)  # a job runs what its image or manifest says
    return f'{client} run {options} "$({image})" {words}'.rstrip()


def _made_command(asked: Request, like: Mapping[str, Any]) -> str:
    """The same of a service without a container. like: see `Service`."""
    client, made = shlex.quote(_client()), like["settings"]
    first, *others = made["entrypoint"] or [""]
    options = {
        "--network": made["network"],
        "--memory": made["mem_limit"],
        "--memory-swap": made["memswap_limit"],
        "--cpu-shares": made["cpu_shares"],
        "--entrypoint": first,
    }
    words = ["--rm", "--init", "--no-healthcheck", *(["--read-only"] if made["read_only"] else [])]
    words += [part for option, value in options.items() if value for part in (option, str(value))]
    words += [part for name, value in made["environment"].items() for part in ("--env", f"{name}={value}")]
    words += [part for name, address in made["extra_hosts"].items() for part in ("--add-host", f"{name}:{address}")]
    making = shlex.join([*words, made["image"], *others, *asked.words])
    # Before Docker 25, `run` takes one network only.
    joining = f'{client} network connect {shlex.quote(like["facade"])} "$id"'
    return f'id="$({client} create {making})" && {joining} && {client} start --attach "$id"'


def _since(asked: Request) -> str:
    """Docker knows no days."""
    return f"{asked.since_seconds}s"


def _client() -> str:
    return os.environ.get("STRANGLER_DOCKER", "docker")


def _state(state: ContainerState | None) -> str:
    if state is None:
        return "gone: `pulumi up --refresh` makes it again"
    if state.restarting:
        return f"dies and is started again, code {state.exit_code}"
    if not state.running:
        return f"ended with code {state.exit_code}"
    return state.health or "running"


def _event(name: str, state: ContainerState) -> str:
    time, what = state.since[:16].replace("T", " "), "started" if state.running else f"ended, code {state.exit_code}"
    again = f", started again {state.restarts} times" if state.restarts else ""
    return f"{time} {name} {what}{again}"


@contextmanager
def one_line(verb: str) -> Generator[None]:
    """A failure of the engine is a line that says what to do."""
    try:
        yield
    except EngineError as failure:
        raise MachineError(verb, str(failure), "check whether the Docker engine runs; `make up` starts it") from None
