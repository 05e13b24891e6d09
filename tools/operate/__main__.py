"""`python -m tools.operate VERB STACK`, in the project's folder; what else counts are variables, as `make` has them.

What asks AWS is loaded where AWS is asked: boto3 takes longer than a verb on this machine.
"""

import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tools.operate import on_docker, status
from tools.operate.deployed import Deployed, Service, check_kind, deployed
from tools.operate.lines import Line
from tools.operate.request import TAKES, Request, request
from tools.setup.report import NO_FACADE
from tools.setup.say import MachineError, say

INTERRUPTED = 130


def run(verb: str, stack: str, variables: Mapping[str, str], folder: Path) -> int:
    """Does what a verb says; its exit code."""
    asked = request(verb, variables)
    if verb == "cost":
        from tools.operate import cost

        return cost.show(asked, stack, folder)
    found = deployed(verb, stack, folder)
    if verb == "open":
        return visit(asked, found.url)
    if verb in ("exec", "task") and not asked.service:
        names = ", ".join(service.name for service in found.services)
        raise MachineError(verb, "SERVICE is missing", f"say which, such as SERVICE={found.services[0].name}: {names}")
    services = found.chosen(verb, asked.service)
    check_kind(verb, services)
    if asked.dry:
        print("\n".join(dry(asked, found, services)))
        return 0
    return act(asked, found, services)


def dry(asked: Request, found: Deployed, services: Sequence[Service]) -> Sequence[str]:
    """The command lines that do what a verb does."""
    if not found.on_aws:
        return on_docker.dry(asked, services)
    from tools.operate import on_aws

    return on_aws.commands(asked, found, services)


def act(asked: Request, found: Deployed, services: Sequence[Service]) -> int:
    """The verbs that ask a platform."""
    if not found.on_aws:
        docker = on_docker.Docker(asked)
        return ask(asked, found, services, docker, docker.task)
    from tools.operate import job_on_aws, on_aws, task_on_aws

    aws = on_aws.Aws(asked, found)
    start = job_on_aws.start if asked.verb == "job" else task_on_aws.start
    return ask(asked, found, services, aws, lambda service: start(aws, service))


class Platform(Protocol):
    """Where services run."""

    def status(self, services: Sequence[Service]) -> status.Status: ...
    def logs(self, services: Sequence[Service]) -> Iterable[Line]: ...
    def exec(self, service: Service) -> Sequence[str]: ...


def ask(
    asked: Request,
    found: Deployed,
    services: Sequence[Service],
    platform: Platform,
    start: Callable[[Service], "Task"],
) -> int:
    """Asks a platform. start: what starts a task or a job there."""
    if asked.verb == "status":
        page = status.text(platform.status(services), found.url, found.routes, found.diagram, found.elsewhere)
        print(page)
    elif asked.verb == "logs":
        for line in platform.logs(services):
            print(line, flush=True)
    elif asked.verb in ("task", "job"):
        (service,) = services
        return to_its_end(asked.verb, start(service))
    else:
        return with_terminal(asked.verb, platform.exec(services[0]))
    return 0


class Task(Protocol):
    """A command that runs on a platform, apart from the service's own tasks."""

    name: str

    def lines(self) -> Generator[Line, None, int]: ...
    def stop(self) -> None: ...


def to_its_end(verb: str, task: Task) -> int:
    """Prints what a task writes, and gives its exit code; Ctrl-C ends it."""
    lines = task.lines()
    say(verb, f"{task.name} starts; Ctrl-C stops it")
    try:
        while True:
            try:
                print(next(lines), flush=True)
            except StopIteration as end:
                return end.value
    except KeyboardInterrupt:
        task.stop()
        say(verb, f"{task.name} is stopped")
        raise


def with_terminal(verb: str, command: Sequence[str]) -> int:
    """Runs a program that has the terminal to itself, and gives its exit code: Ctrl-C is for what runs in the
    container, and `make` and what is around it would end at it."""
    terminal = sys.stdin.isatty()
    try:
        return subprocess.run(command, preexec_fn=take if terminal else None, check=False).returncode
    except OSError as failure:
        raise MachineError(verb, f"{command[0]}: {failure.strerror}", "install it") from None
    finally:
        if terminal:
            take(os.getpgrp())


def take(group: int = 0) -> None:
    """Makes a process group the one that the terminal's signals go to. Default: a new one, of this process."""
    if group == 0:
        os.setpgid(0, 0)
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(sys.stdin.fileno(), group or os.getpid())
    signal.signal(signal.SIGTTOU, before)


def visit(asked: Request, url: str) -> int:
    """Shows the URL, in the browser if there is one."""
    if not url:
        raise MachineError(asked.verb, NO_FACADE, "ask a service itself: make exec, make logs")
    print(f"python -m webbrowser {url}" if asked.dry else url)
    if not asked.dry and not webbrowser.open(url):
        say(asked.verb, "there is no browser on this machine; open it elsewhere")
    return 0


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0] not in TAKES:
        print(f"usage: python -m tools.operate {'|'.join(TAKES)} STACK", file=sys.stderr)
        return 2
    try:
        return run(*arguments, variables=os.environ, folder=Path.cwd())
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # `make logs | head`
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
