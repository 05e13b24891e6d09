"""The local stack: its backend in the project's folder, what a killed CLI left in it, and what it tells at the end."""

import json
import re
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from tools.setup.place import Place
from tools.setup.run import capture
from tools.setup.say import MachineError, say

WHERE = "stack"
NAME = "local"


def project(place: Place) -> str:
    """The project's name in Pulumi.yaml."""
    try:
        found = re.search(r"^name:\s*[\"']?([\w.-]+)", (place.root / "Pulumi.yaml").read_text(), re.MULTILINE)
    except OSError:
        found = None
    if found is None:
        raise MachineError(WHERE, f"no project name in {place.root / 'Pulumi.yaml'}", "take the file from git again")
    return found.group(1)


def backend(folder: Path) -> str:
    """The URL of a backend in a folder. Without the file of attributes beside the state, which isn't written in one
    piece: a killed CLI may leave it empty, and then says «failed to load checkpoint: EOF» for ever (fileblob)."""
    return f"file://{folder}?metadata=skip"


def exports(place: Place) -> dict[str, str]:
    """The variables that lead the CLI to the project's own backend, home and (empty) passphrase."""
    return {
        "PULUMI_HOME": str(place.pulumi_home),
        "PULUMI_BACKEND_URL": backend(place.state),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def checkpoint(place: Place) -> Path:
    return place.state / ".pulumi" / "stacks" / project(place) / f"{NAME}.json"


def containers(place: Place) -> set[str]:
    """The names of the containers that the stack's state holds."""
    latest = as_object(as_object(read_object(checkpoint(place)).get("checkpoint")).get("latest"))
    resources = [as_object(resource) for resource in cast("list[object]", latest.get("resources") or [])]
    made = [resource for resource in resources if resource.get("type") == "docker:index/container:Container"]
    return {str(as_object(resource.get("outputs")).get("name")) for resource in made}


def ready(place: Place, env: Mapping[str, str]) -> None:
    """See that the stack exists in the project's own backend."""
    place.state.mkdir(parents=True, exist_ok=True)
    if checkpoint(place).is_file():
        say(WHERE, f"found {NAME} in {place.state}")
        return
    made = capture(["pulumi", "stack", "init", NAME, "--no-select"], env, cwd=place.root)
    if not made.ok:
        raise MachineError(WHERE, f"`pulumi stack init {NAME}` failed: {made.reason}", "fix it and run it again")
    say(WHERE, f"made {NAME} in {place.state}")


def lock_files(place: Place) -> list[Path]:
    return sorted((place.state / ".pulumi" / "locks").glob(f"**/{project(place)}/{NAME}/*.json"))


def holder(lock: Path) -> int | None:
    """The process that holds a lock of the backend, or None if it is gone."""
    about = read_object(lock)
    number, host = about.get("pid"), about.get("hostname")
    if not isinstance(number, int):
        return None
    if host != socket.gethostname():
        return number
    return number if is_pulumi(number) else None


def is_pulumi(number: int) -> bool:
    """Whether a process of this number runs and is a Pulumi CLI (where /proc can tell)."""
    if not Path("/proc/self/comm").exists():
        return capture(["kill", "-0", str(number)]).ok
    try:
        return "pulumi" in Path(f"/proc/{number}/comm").read_text()
    except OSError:
        return False


def free(place: Place, env: Mapping[str, str]) -> None:
    """Remove the locks and half-recorded creations of a CLI that was killed; another one that runs is an error."""
    locks = lock_files(place)
    for lock in locks:
        number = holder(lock)
        if number is not None:
            raise MachineError(
                WHERE, f"process {number} is changing the stack {NAME}", "wait for its end, or `pulumi cancel -s local`"
            )
    if locks:
        say(WHERE, "a Pulumi CLI was killed here: removing its lock")
        must(place, env, ["cancel", "--yes", "--stack", NAME])
    if pending(checkpoint(place)):
        say(WHERE, "a Pulumi CLI was killed here: looking what it had made")
        must(place, env, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", NAME])


def must(place: Place, env: Mapping[str, str], args: list[str]) -> None:
    done = capture(["pulumi", "--non-interactive", *args], env, cwd=place.root, seconds=600)
    if not done.ok:
        raise MachineError(WHERE, f"`pulumi {shlex.join(args)}` failed: {done.reason}", "run it to see all it says")


def pending(path: Path) -> bool:
    """Whether a state file holds operations that were begun and never ended."""
    latest = as_object(as_object(read_object(path).get("checkpoint")).get("latest"))
    return bool(latest.get("pending_operations"))


def read_object(path: Path) -> dict[str, object]:
    """The JSON object in a file; an empty one if there is none, or half of one."""
    try:
        return as_object(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def as_object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
