"""Recorded states: what a version of the program left in a backend, and how a stack gets there again.

`<version>/<project>/<case>/` holds a stack file and the state after its `up`; the folder `project` beside the cases
holds the manifests of that version, and `account.json`, if there is one, what was in the account before.
"""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from tests.recorded.docker_engine import running
from tests.repository import ROOT
from tools.offline.docker_plugin.image import host_platform
from tools.offline.docker_plugin.install import install
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack

FOLDER = Path(__file__).parent

LOCAL = Path("/tmp/strangler-recorded/program")
"""Where the program of a stack on `local` is: the names of its containers are made of that path, so that it has to be
the same when a state is recorded and when it is previewed."""

BUILD_ARGS = {"NODE_IMAGE": "strangler-base/node:20.20.2", "ENVOY_IMAGE": "strangler-base/envoy:1.40.0"}
"""The base images of the machine that records on `local`: they are a part of what an image is made of."""

Resource = dict[str, Any]
"""A resource of a state, as the CLI exports it."""

_PASSING = ("created", "modified", "sourcePosition", "stackTrace", "propertyDependencies")
"""Fields of a resource in a state that say when, where and in which order it was made: a preview compares none."""

_RECORDED_PLATFORM = "linux/amd64"


@dataclass(frozen=True)
class Recording:
    """A stack at a version of the program."""

    folder: Path

    @property
    def name(self) -> str:
        """Its path below this folder."""
        return str(self.folder.relative_to(FOLDER))

    @property
    def project(self) -> Path:
        """The project folder that it was recorded from, without the program."""
        return self.folder.parent / "project"

    @property
    def file(self) -> Path:
        """The stack file."""
        (found,) = self.folder.glob("Pulumi.*.yaml")
        return found

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.file.name.split(".")[1]

    @property
    def state(self) -> Path:
        """The file with the state."""
        return self.folder / "state.json"

    @property
    def local(self) -> bool:
        """Whether it runs on `local`."""
        return yaml.safe_load(self.file.read_text(encoding="utf-8"))["config"]["strangler:platform"] == "local"

    def resources(self) -> list[Resource]:
        """The resources of the state, as they would be on this machine."""
        text = self.state.read_text(encoding="utf-8")
        if self.local:
            # Images of `local` are built for the machine's own processor.
            text = text.replace(_RECORDED_PLATFORM, host_platform())
        return cast("list[Resource]", json.loads(text))

    def account(self) -> Cloud:
        """The account before the stack was there."""
        file = self.folder.parent / "account.json"
        return Cloud.load(file) if file.exists() else Cloud()

    @contextmanager
    def opened(self, folder: Path, engine: str = "") -> Generator[EngineStack]:
        """The stack in a new backend, empty, with the program as it is now. folder: an empty one. engine: the address
        of the Docker engine for `local`; default: one that runs the recorded facade and nothing else."""
        program = folder / "program"
        shutil.copytree(self.project, program)
        shutil.copy(self.file, program)
        for name in ("__main__.py", "Pulumi.yaml"):
            shutil.copy(ROOT / name, program / name)
        shutil.copytree(ROOT / "components", program / "components", ignore=shutil.ignore_patterns("__pycache__"))
        (program / ".venv").symlink_to(ROOT / ".venv")
        with ExitStack() as rest:
            environment: dict[str, str] = {}
            if self.local:
                address = engine or rest.enter_context(running(folder / "docker.sock", self._facade()))
                args = " ".join(f"{name}={value}" for name, value in BUILD_ARGS.items())
                client = {key: os.environ[key] for key in ("STRANGLER_DOCKER",) if key in os.environ}
                environment = {"DOCKER_HOST": address, "STRANGLER_BUILD_ARGS": args, **client}
            real = ("docker",) if self.local else ()
            made = EngineStack(program, self.account(), stack=self.stack, environment=environment, real=real)
            stack = rest.enter_context(made)
            if self.local:
                install(stack.plugins, Path(sys.executable), ROOT)
                rest.enter_context(_in_its_place(stack))
            yield stack

    def _facade(self) -> Mapping[str, int]:
        """The port of the recorded facade on `local`, by the name of its container."""
        wanted = ("docker:index/container:Container", "facade")
        (found,) = (resource for resource in self.resources() if (resource["type"], name_of(resource["urn"])) == wanted)
        return {found["outputs"]["name"]: found["outputs"]["ports"][0]["external"]}


def recordings(folder: Path = FOLDER) -> list[Recording]:
    """The recordings in a folder, with a state or to be made."""
    return [Recording(file.parent) for file in sorted(folder.rglob("Pulumi.*.yaml"))]


def name_of(urn: str) -> str:
    """A resource's logical name."""
    return urn.split("::", 3)[3]


def type_of(urn: str) -> str:
    """A resource's type."""
    return urn.split("::")[2].rpartition("$")[2]


def as_recorded(resources: list[Resource]) -> str:
    """A state as it is kept: a resource a line, without what no preview compares."""
    kept = [{key: value for key, value in resource.items() if key not in _PASSING} for resource in resources]
    return (
        "[\n" + ",\n".join(json.dumps(resource, sort_keys=True, separators=(",", ":")) for resource in kept) + "\n]\n"
    )


def restore(stack: EngineStack, resources: list[Resource]) -> None:
    """Puts resources into the stack's backend."""
    file = stack.folder / "state.json"
    exported = json.loads(stack.pulumi("stack", "export").output)
    exported["deployment"]["resources"] = resources
    file.write_text(json.dumps(exported), encoding="utf-8")
    done = stack.pulumi("stack", "import", "--file", str(file))
    assert done.ok, done.output


@contextmanager
def _in_its_place(stack: EngineStack) -> Generator[None]:
    """The program is where it was recorded; one stack at a time on this machine."""
    LOCAL.parent.mkdir(parents=True, exist_ok=True)
    with (LOCAL.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(LOCAL, ignore_errors=True)
        stack.program = stack.cloud.root = stack.program.rename(LOCAL)
        try:
            yield
        finally:
            shutil.rmtree(LOCAL)
