"""The verbs on this machine's Docker engine. What a release is made with is loaded where a task is: it brings Pulumi,
which takes longer than any other verb."""

import heapq
import json
import os
import queue
import secrets
import shlex
import sys
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from components.input.diagnostics import did_you_mean
from components.local.docker_engine import ContainerState, Engine, EngineError
from components.model.command import LIKE, CommandError
from tools.operate.deployed import Service
from tools.operate.lines import Line, of_docker
from tools.operate.request import Request
from tools.operate.status import ServiceStatus, Status
from tools.setup.leftovers import TASK
from tools.setup.say import MachineError

if TYPE_CHECKING:
    from components.local.command import DockerCommand

NEVER = "0001"
"""The year in which the engine says that what has never run started and ended."""

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
            known = {
                name: self._engine.container(name)
                for service in services
                for task in service.tasks
                for name in task.values()
            }
        found: list[ServiceStatus] = []
        for service in services:
            main = [known[name] for name in service.containers]
            running = sum(1 for state in main if state and state.running)
            states = ["job: `make job` runs it"] if service.is_job else [_state(state) for state in main]
            listed = [name for task in service.tasks for name in task.values()]
            events = tuple(
                _event(name, state) for name in listed if (state := known[name]) and state.since[:4] != NEVER
            )
            text = ", ".join(dict.fromkeys(states)) or "scaled to zero"
            found.append(ServiceStatus(service.name, service.desired, running, text, service.image, events))
        return Status(found)

    def logs(self, services: Sequence[Service]) -> Iterator[Line]:
        """What the containers have written and, with FOLLOW=1, go on to write."""
        since = time.time() - self._asked.since_seconds
        logs = [
            self._log(f"{service.name}-{number}{'' if container == service.name else f' {container}'}", name, since)
            for service in services
            for number, task in enumerate(service.tasks, 1)
            for container, name in task.items()
        ]
        merged = together(logs) if self._asked.follow else heapq.merge(*logs)
        with one_line(self._asked.verb):
            yield from (line for line in merged if self._asked.filter in line.text)

    def _log(self, origin: str, name: str, since: float) -> Iterator[Line]:
        return (of_docker(origin, written) for written in self._engine.log_lines(name, since, self._asked.follow))

    def exec(self, service: Service) -> list[str]:
        """The command line that runs something in a service's container."""
        with one_line(self._asked.verb):
            states = {name: self._engine.container(name) for name in _chosen(self._asked, service)}
        running = [name for name, state in states.items() if state and state.running]
        if not running:
            raise none_runs(self._asked.verb, service)
        return exec_command(self._asked, running[0], terminal=sys.stdin.isatty())

    def like(self, service: Service) -> Mapping[str, Any]:
        """How its tasks are made, if they are more than a container that is there."""
        if service.like:
            return service.like
        with one_line(self._asked.verb):
            found = [state for name in service.containers if (state := self._engine.container(name))]
        return json.loads(found[0].labels.get(LIKE, "{}")) if found else {}

    def task(self, service: Service) -> "Task":
        """Makes the container of a one-off task, of what a container of the service is made of."""
        from components.local.command import DockerCommand

        name = f"{TASK}{secrets.token_hex(4)}"
        with one_line(self._asked.verb):
            words = None if service.is_job else self._asked.words
            like = self.like(service)
            if like:
                made = DockerCommand(self._engine, name, like, words, [like["facade"]] if "facade" in like else [])
                return Task(self._asked.verb, self._engine, service.name, name, made)
            there = [one for one in service.containers if self._engine.container(one)]
            if not there:
                found = f"SERVICE={service.name}: it has no container, whose image, variables and network it would take"
                remedy = "`pulumi up --refresh`, and run it again"
                raise MachineError(self._asked.verb, found, remedy)
            self._engine.create_like(there[0], name, words)
            return Task(self._asked.verb, self._engine, service.name, name)


class Task:
    """A container that runs a command, and is removed at its end by the engine, whatever becomes of who started it."""

    def __init__(self, verb: str, engine: Engine, service: str, name: str, made: "DockerCommand | None" = None) -> None:
        """name: its main container's. made: who runs it. Default: the container is there."""
        self._verb, self._engine, self._service, self._made = verb, engine, service, made
        self.name = name
        """The container's."""

    def lines(self) -> Generator[Line, None, int]:
        """Runs it; what it writes, and its exit code."""
        origin = f"{self._service} {self.name.removeprefix(TASK)}"
        with one_line(self._verb):
            written = self._made.lines() if self._made else self._engine.run(self.name)
            while True:
                try:
                    text = next(written)
                except StopIteration as end:
                    return end.value
                yield Line(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", origin, text.rstrip("\r"))

    def stop(self) -> None:
        """Ends it as ECS ends a task: with SIGTERM and, after a while, SIGKILL."""
        with one_line(self._verb):
            self._engine.stop(self.name, STOP_SECONDS)
            if self._made:
                self._made.clear()


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


def dry(asked: Request, services: Sequence[Service]) -> list[str]:
    """What a verb would have run, as lines for a shell with Docker's client."""
    if asked.verb in ("task", "job") and any(service.containers for service in services):
        docker = Docker(asked)
        services = [replace(service, like=docker.like(service)) for service in services]
    return commands(asked, services)


def commands(asked: Request, services: Sequence[Service]) -> list[str]:
    """What a verb would have run, as lines for a shell with Docker's client. Pure."""
    names = [name for service in services for task in service.tasks for name in task.values()]
    if asked.verb == "logs":
        follow = ["--follow"] if asked.follow else []
        part = f" 2>&1 | grep -F {shlex.quote(asked.filter)}" if asked.filter else ""
        options = ["logs", "--timestamps", "--since", _since(asked), *follow]
        return [shlex.join([_client(), *options, name]) + part for name in names]
    if asked.verb in ("task", "job"):
        made = [line for service in services if service.like for line in _made_commands(asked, service.like)]
        return made or [_task_command(asked, name) for name in names[:1]]
    if asked.verb == "exec":
        chosen = _chosen(asked, services[0])
        if not chosen:
            raise none_runs(asked.verb, services[0])
        return [shlex.join(exec_command(asked, name, terminal=True)) for name in chosen[:1]]
    return [shlex.join([_client(), "inspect", *names])] if names else []


def _chosen(asked: Request, service: Service) -> list[str]:
    """The containers in which something may run: of each task, the one that CONTAINER names, or the main one."""
    name = asked.container or service.name
    known = [service.name, *service.sidecars]
    if name not in known:
        found = f"CONTAINER={name}: the service {service.name} has no such container"
        raise MachineError(asked.verb, found, did_you_mean(name, known))
    return [task[name] for task in service.tasks if name in task]


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


def _made_commands(asked: Request, like: Mapping[str, Any]) -> list[str]:
    """The same of a service whose tasks are made as `like` says (see `Service`), a line each."""
    from components.local.order import WORDS

    client = shlex.quote(_client())
    words = [*like["settings"]["command"]] if asked.verb == "job" else asked.words
    # Before Docker 25, `run` takes one network only.
    joins = [like["facade"]] if "facade" in like else []
    joining = "".join(f' && {client} network connect {shlex.quote(network)} "$id"' for network in joins)
    if "holder" not in like:
        making = f'id="$({client} create --rm {_options(like["settings"], words)})"'
        return [f'{making}{joining} && {client} start --attach "$id"', *_volumes_gone(client, like)]
    inner = '--network "container:$id"'
    beside = [
        [f"# once {other} is {WORDS[condition]}" for other, condition in sidecar["waits"]]
        + [f"{client} run --detach {inner} {_options(sidecar['settings'], sidecar['settings']['command'])}"]
        for sidecar in like["sidecars"]
    ]
    return [
        f'id="$({client} run --detach {_options(like["holder"], like["holder"]["command"])})"{joining}',
        *(line for lines in beside for line in lines),
        *(f"# once {other} is {WORDS[condition]}" for other, condition in like["waits"]),
        f"{client} run --rm {inner} {_options(like['settings'], words)}",
        f'{client} ps --all --quiet | xargs {client} inspect --format "{{{{.HostConfig.NetworkMode}}}} {{{{.Id}}}}" | '
        f'grep "^container:$id " | cut -d" " -f2 | xargs {client} rm --force "$id"',
        *_volumes_gone(client, like),
    ]


def _volumes_gone(client: str, like: Mapping[str, Any]) -> list[str]:
    """A line that removes the volumes of the task's own, if it has any."""
    own = [f"{TASK}own{volume}" for volume in like.get("volumes", ())]
    return [f"{client} volume rm {shlex.join(own)}"] if own else []


def _options(made: Mapping[str, Any], words: Sequence[str]) -> str:
    """What makes a container, for Docker's client."""
    first, *others = made["entrypoint"] or [""]
    options = {
        "--network": made.get("network"),
        "--memory": made.get("mem_limit"),
        "--memory-swap": made.get("memswap_limit"),
        "--cpu-shares": made.get("cpu_shares"),
        "--entrypoint": first,
    }
    unchecked = made.get("healthcheck") == {"test": ["NONE"]}
    given = [
        "--init",
        *(["--no-healthcheck"] if unchecked else []),
        *(["--read-only"] if made.get("read_only") else []),
    ]
    given += [part for option, value in options.items() if value for part in (option, str(value))]
    given += [part for name, value in made.get("environment", {}).items() for part in ("--env", f"{name}={value}")]
    given += [part for name, ip in made.get("extra_hosts", {}).items() for part in ("--add-host", f"{name}:{ip}")]
    for mount in made.get("mounts", ()):
        source = f"{TASK}own{mount['Source']}" if mount["Source"][0] == "." else mount["Source"]
        parts = ["type=volume", f"source={source}", f"target={mount['Target']}"]
        given += ["--mount", ",".join([*parts, *(["readonly"] if mount["ReadOnly"] else [])])]
    return shlex.join([*given, made["image"], *others, *words])


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
    except CommandError as failure:
        raise MachineError(verb, str(failure), "`docker logs` may say more; run it again") from None
