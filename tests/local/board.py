"""The message board on this machine's Docker, as a user runs it: a folder, a stack, and the real CLI."""

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from components.local.docker_engine import Engine
from tests.engine.warm import WARM, give_warm_host
from tests.local import stack_file
from tests.local.warm_plugin import docker_plugin
from tests.node.test_answers import CASES
from tools.setup.stack import backend
from tools.standin import vault

FORWARDED = [case for case in CASES if case.method != "TRACE"]
"""What the facade hands on: a load balancer answers TRACE itself (tests/local/test_like_an_alb.py)."""

PROJECT = Path(__file__).resolve().parents[2]
PARTS = ("__main__.py", "Pulumi.yaml", "components", "services")


@dataclass(frozen=True)
class Run:
    """What a command did: its exit code, all that it printed, and the seconds that it took."""

    code: int
    output: str
    seconds: float

    def ok(self) -> "Run":
        """Itself, if the command succeeded."""
        assert self.code == 0, self.output
        assert "Traceback" not in self.output, self.output
        return self

    def failed(self) -> "Run":
        """Itself, if the command failed, and without a traceback."""
        assert self.code != 0, self.output
        assert "Traceback" not in self.output, self.output
        return self

    def changed(self) -> set[str]:
        """The names of the resources that the command created, updated, replaced or deleted."""
        lines = [line for line in self.output.splitlines() if not re.search(r" refresh(ing)? ", line)]
        change = r"^\s*(?:\+|~|-|\+-|\+\+|--)\s+\S*\b(?:\w+:)+\w+\s+(\S+)"
        return set(re.findall(change, "\n".join(lines), re.MULTILINE))


class Board:
    """A copy of the program in a folder of its own, with its own state, stack and port."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """Who keeps the stack's key, as `pulumi stack init` takes it: by default, a passphrase."""

    def __init__(self, folder: Path, services: Path | None = None, prefix: tuple[str, ...] = ()) -> None:
        """`prefix`: what goes before each command line of the CLI, such as the way into another network."""
        self.folder = folder
        self._prefix = prefix
        self.stack = f"t{uuid.uuid4().hex[:8]}"
        self.port = free_port()
        self._place(services)
        self.state = folder / ".strangler/state"
        self.state.mkdir(parents=True)
        self.environ: dict[str, str] = {
            **os.environ,
            "PULUMI_BACKEND_URL": backend(self.state),
            "PULUMI_CONFIG_PASSPHRASE": "",
            **vault.environment(),
        }
        self.run("stack", "init", self.stack, *self.secrets).ok()
        self.config("platform", "local")
        self.config("port", str(self.port))
        self.engine = Engine.connect()

    def _place(self, services: Path | None) -> None:
        """Makes the folder."""
        folder = self.folder
        folder.mkdir(parents=True)
        for part in PARTS:
            if (PROJECT / part).is_dir():
                shutil.copytree(
                    PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
                )
            else:
                shutil.copy(PROJECT / part, folder / part)
        if services:
            shutil.rmtree(folder / "services")
            shutil.copytree(services, folder / "services")
        (folder / ".venv").symlink_to(PROJECT / ".venv")

    def command(self, *arguments: str) -> list[str]:
        """A command line of the CLI."""
        return [*self._prefix, "pulumi", *arguments, "--non-interactive"]

    def run(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Run:
        """Runs the CLI to its end. What has variables of its own gets a language host of its own."""
        own = self.environ if environ is None else {**without(WARM, self.environ), **environ}
        return self._call(arguments, own)

    def _call(self, arguments: tuple[str, ...], environ: Mapping[str, str]) -> Run:
        """Runs the CLI to its end with these variables."""
        started = time.monotonic()
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=420,
            check=False,
        )
        return Run(done.returncode, done.stdout, time.monotonic() - started)

    def config(self, key: str, value: str, path: bool = False) -> None:
        """`pulumi config set`."""
        self.run("config", "set", *(["--path"] if path else []), key, value, "-s", self.stack).ok()

    def unset(self, key: str) -> None:
        """`pulumi config rm`."""
        self.run("config", "rm", key, "-s", self.stack).ok()

    def route(self, service: str, value: str) -> None:
        """`pulumi config set --path routes.<service>`."""
        self.config(f"routes.{service}", value, path=True)

    def up(self, *more: str) -> Run:
        """`pulumi up`."""
        return self.run("up", "-s", self.stack, "--yes", "--skip-preview", *more)

    def preview(self, *more: str) -> Run:
        """`pulumi preview`."""
        return self.run("preview", "-s", self.stack, *more)

    def refresh(self) -> Run:
        """`pulumi refresh`."""
        return self.run("refresh", "-s", self.stack, "--yes", "--skip-preview")

    def destroy(self) -> Run:
        """`pulumi destroy`."""
        return self.run("destroy", "-s", self.stack, "--yes", "--skip-preview")

    def outputs(self) -> dict[str, object]:
        """The outputs of the stack."""
        return json.loads(self.run("stack", "output", "--json", "-s", self.stack).ok().output)

    def edit(self, file: str, old: str, new: str) -> None:
        """Changes a file of the copy."""
        path = self.folder / file
        assert path.resolve().is_relative_to(self.folder.resolve()), f"{file} is the repository's own"
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def containers(self, service: str = "") -> list[str]:
        """The names of this stack's containers on the engine, running or not; of one service if it is named."""
        return [name for name in self._listed("container") if f"-{service}" in name]

    def networks(self) -> list[str]:
        """The names of this stack's networks on the engine."""
        return self._listed("network")

    def volumes(self) -> list[str]:
        """The names of this stack's volumes on the engine."""
        return self._listed("volume")

    def _listed(self, kind: str) -> list[str]:
        label = f"label=strangler.stack={self.stack}"
        everything = ["--all"] if kind == "container" else []
        form = "{{.Names}}" if kind == "container" else "{{.Name}}"
        return sorted(docker(kind, "ls", *everything, "--filter", label, "--format", form).split())

    def get(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """The status and the body of an answer through the facade."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def requests_in_log(self, service: str, path: str) -> int:
        """How many requests for a path and below the containers of a service have logged."""
        lines = "".join(docker("logs", name) for name in self.containers(f"{service}-"))
        return len(re.findall(rf"^GET {re.escape(path)}\b", lines, re.MULTILINE))

    def remove(self) -> None:
        """Removes everything, whatever state it is in; by the engine alone, as `pulumi destroy` would take seconds for
        what no test looks at."""
        for remove, names in (
            (("container", "rm", "--force", "--volumes"), self.containers()),
            (("network", "rm"), self.networks()),
            (("volume", "rm", "--force"), self.volumes()),
        ):
            if names:
                docker(*remove, *names)


class WarmBoard(Board):
    """A board whose programs and docker plugins start at once (tests/engine/warm.py, warm_plugin.py), with the
    repository's own components. Its config is written and its outputs are read without the CLI."""

    secrets = ("--secrets-provider", vault.PROVIDER)
    needs_plugin = frozenset({"up", "preview", "refresh", "destroy"})
    """The commands that look at containers."""

    def __init__(self, folder: Path, services: Path | None = None) -> None:
        super().__init__(folder, services)
        shutil.rmtree(folder / "components")
        (folder / "components").symlink_to(PROJECT / "components")
        self._languages = give_warm_host(self.environ, folder)

    def _call(self, arguments: tuple[str, ...], environ: Mapping[str, str]) -> Run:
        if arguments[0] not in self.needs_plugin or WARM not in environ:
            return super()._call(arguments, environ)
        log = self.folder.parent / "plugin.log"
        log.write_text("")
        with docker_plugin(environ, self.folder, log) as variable:
            run = super()._call(arguments, {**environ, **variable})
        return replace(run, output=run.output + log.read_text())  # the CLI shows it

    @property
    def stack_file(self) -> Path:
        """Where its config is."""
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def config(self, key: str, value: str, path: bool = False) -> None:
        stack_file.set_config(self.stack_file, key, value, path)

    def unset(self, key: str) -> None:
        stack_file.remove_config(self.stack_file, key)

    def outputs(self) -> dict[str, object]:
        return stack_file.outputs(self.state, self.stack)

    def remove(self) -> None:
        super().remove()
        self._languages.stop(grace=None).wait()


def without(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables but for one."""
    return {key: value for key, value in environ.items() if key != name}


def docker(*arguments: str) -> str:
    """What a docker command prints."""
    client = os.environ.get("STRANGLER_DOCKER", "docker")
    done = subprocess.run([client, *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel gives to whoever asks for any (from 32768): it is
    listened on only by the next `up`, and connections of other tests would take it meanwhile."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = 10_000 + secrets.randbelow(22_000)
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def started(board: Board, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """A command that runs while the test goes on; killed with all that it started if it doesn't end. Its program is run
    by the machine's own language host, which is among what a kill hits."""
    with (board.folder.parent / "started.log").open("w") as log:
        process = subprocess.Popen(
            board.command(*arguments),
            cwd=board.folder,
            env=without(WARM, board.environ),
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
