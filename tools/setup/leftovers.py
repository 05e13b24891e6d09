"""What is left of this project in a Docker engine, found by its label."""

import os
from collections.abc import Container, Mapping

from tools.offline import own_engine
from tools.setup import engine
from tools.setup.engine import Docker
from tools.setup.place import Place
from tools.setup.run import capture
from tools.setup.say import MachineError, say

WHERE = "down"
LABEL = "strangler.folder"
TASK = "strangler-task-"
"""What the name of a container of `make task` begins with."""
KINDS = {
    "container": (["ps", "--all", "--quiet"], ["rm", "--force", "--volumes"]),
    "network": (["network", "ls", "--quiet"], ["network", "rm"]),
    "volume": (["volume", "ls", "--quiet"], ["volume", "rm"]),
}
"""What the program makes, in the order in which it can be removed: how to list it, how to remove it."""


def remove(place: Place, docker: Docker, env: Mapping[str, str]) -> None:
    """Remove every container, network and volume that carries this project's folder as its label."""
    for kind, (listing, removal) in KINDS.items():
        found = ask(docker, env, [*listing, "--filter", f"label={LABEL}={place.root}"]).split()
        if found:
            ask(docker, env, [*removal, *found])
            say(WHERE, f"removed {len(found)} {kind}{'' if len(found) == 1 else 's'} that the stack no longer knew")


def remove_unknown_containers(place: Place, docker: Docker, env: Mapping[str, str], known: Container[str]) -> None:
    """Remove the containers of this project's folder whose names aren't among those that the stack knows.

    An `up` that was killed made them and didn't record them, or they run what `make task` was asked for. They would
    keep their networks from being destroyed.
    """
    listing = ["ps", "--all", "--filter", f"label={LABEL}={place.root}", "--format", "{{.Names}}"]
    found = [name for name in ask(docker, env, listing).split() if name not in known]
    if found:
        ask(docker, env, ["rm", "--force", *found])
        tasks = [name for name in found if name.startswith(TASK)]
        others = [name for name in found if name not in tasks]
        for names, what in (
            (tasks, "which ran a one-off task"),
            (others, "which a killed up had made and not recorded"),
        ):
            if names:
                say(WHERE, f"removed {', '.join(names)}, {what}")


def empty_own_engine(place: Place) -> None:
    """Remove whatever else somebody runs in the project's own engine, and end it: its data are removed next. What
    another clone runs there stays, and the engine with it."""
    if own_engine.pid(place) is None:
        return
    docker = engine.ready(place, os.environ)
    env = docker.env(os.environ)
    folders = ask(docker, env, ["ps", "--all", "--format", f'{{{{.Label "{LABEL}"}}}}']).splitlines()
    others = sorted({folder for folder in folders if folder.strip() not in ("", str(place.root))})
    if others:
        raise MachineError(
            "clean",
            f"this clone's Docker engine also runs what {', '.join(others)} made",
            "run `make down` there first",
        )
    everything = ask(docker, env, ["ps", "--all", "--quiet"]).split()
    if docker.own and everything:
        ask(docker, env, ["rm", "--force", "--volumes", *everything])
    own_engine.stop(place)


def is_idle(docker: Docker, env: Mapping[str, str]) -> bool:
    """Whether the engine holds no container at all."""
    return not ask(docker, env, ["ps", "--all", "--quiet"]).strip()


def ask(docker: Docker, env: Mapping[str, str], args: list[str]) -> str:
    done = capture([str(docker.client), *args], env, seconds=120)
    if not done.ok:
        raise MachineError(WHERE, f"docker {' '.join(args[:2])}: {done.reason}", "run it again")
    return done.out
