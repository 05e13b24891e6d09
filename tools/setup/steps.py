"""The steps in their order, and the variables that come out of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tools.offline import images
from tools.setup import browser, engine, environment, hosts, pulumi_cli, stack, venv
from tools.setup.engine import Docker
from tools.setup.locks import held
from tools.setup.place import Place

BUILD_ARGUMENTS = "STRANGLER_BUILD_ARGS"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
NO_DOWNLOADS = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"


@dataclass(frozen=True)
class Ready:
    """What the steps found or made."""

    exports: Mapping[str, str]
    """The variables that are set, as `make -s env` prints them."""
    docker: Docker | None = None
    removed: frozenset[str] = field(default_factory=frozenset[str])
    """Variables that must not be there, as an earlier `make -s env` may have set them."""

    def env(self) -> dict[str, str]:
        """The whole environment for a program that is run from here. Python's compiled modules are written: without
        them, each start of a program that imports pulumi-aws takes some seconds more."""
        kept = {name: value for name, value in os.environ.items() if name not in {NO_BYTECODE, *self.removed}}
        return {**kept, **self.exports}


def python_only(place: Place) -> Ready:
    """The virtual environment with the tools, and nothing else."""
    with held(place.work / "setup.lock", "set-up"):
        venv.ready(place, venv.ALL)
    return Ready({"PATH": environment.path(place, [place.venv / "bin"], os.environ.get("PATH", ""))})


def tools_only(place: Place) -> Ready:
    """The virtual environment with the tools, the CLI and its language host: what a plan needs."""
    with held(place.work / "setup.lock", "set-up"):
        return with_cli(place, venv.ALL)[0]


def with_cli(place: Place, lock: str) -> tuple[Ready, pulumi_cli.Cli]:
    venv.ready(place, lock)
    old = dict(os.environ)
    cli = pulumi_cli.ready(place, old)
    hosts.host_ready(place, cli, old)
    place.state.mkdir(parents=True, exist_ok=True)
    folders = [place.venv / "bin", place.bin if cli.found else cli.path.parent]
    exports = {**stack.exports(place), "PATH": environment.path(place, folders, old.get("PATH", ""))}
    return Ready(exports), cli


def everything(place: Place, *, lock: str = venv.NEEDED, base_images: bool = True) -> Ready:
    """All that the local platform needs; without the base images, all that taking it down needs. lock: what is in the
    virtual environment."""
    with held(place.work / "setup.lock", "set-up"):
        first, cli = with_cli(place, lock)
        stand_in = hosts.plugin_ready(place, cli, first.env(), venv.pinned(place, "pulumi-docker"))
        docker = engine.ready(place, os.environ)
        made = images.ready(place, images.Engine(str(docker.client), docker.env(os.environ))) if base_images else {}
    exports = {
        **first.exports,
        "DOCKER_HOST": docker.host,
        "STRANGLER_DOCKER": str(docker.client),
        **({NO_DOWNLOADS: "true"} if stand_in else {}),
        **build_arguments(os.environ, made),
    }
    return Ready(exports, docker, frozenset({NO_DOWNLOADS, BUILD_ARGUMENTS}))


def tests(place: Place) -> Ready:
    """The same, with the tools, and a browser for the tests of pages."""
    ready = everything(place, lock=venv.ALL)
    with held(place.work / "setup.lock", "set-up"):
        found = browser.ready(place, ready.env())
    return replace(ready, exports={**ready.exports, browser.VARIABLE: str(found)})


def build_arguments(shell: Mapping[str, str], made: Mapping[str, str]) -> dict[str, str]:
    """The variable with the base images that were made here, and the others that the user's shell names."""
    pairs = (pair.partition("=") for pair in shell.get(BUILD_ARGUMENTS, "").split())
    users = {name: value for name, _, value in pairs if name not in images.DOCKERFILES}
    text = " ".join(f"{name}={value}" for name, value in {**users, **made}.items())
    return {BUILD_ARGUMENTS: text} if text else {}
