"""A stack as `make advance` changes it: with the Pulumi CLI alone, so that config and state stay the truth."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.model.facades import FACADES
from components.model.platforms import AWS, LOCAL
from tools.cutover.request import VERB
from tools.cutover.routes import Setting, weight_now
from tools.operate.deployed import Deployed, by_name, of_outputs, read
from tools.setup.place import Place
from tools.setup.report import default_of
from tools.setup.run import capture, last_lines
from tools.setup.say import MachineError, say
from tools.setup.stack import project

LOCKED_SECONDS = 120.0
"""How long another `pulumi up` is waited for: that of a killed run goes on to its end."""
_LOCKED = "currently locked"


class UpError(Exception):
    """An `up` that failed. Its text is the end of what it said."""


@dataclass(frozen=True)
class Stack:
    """A stack that is up."""

    folder: Path
    name: str

    def config(self) -> Mapping[str, Any]:
        """What the CLI prints of the config."""
        return read(VERB, self.name, self.folder, "config", "--json")

    def routes(self) -> object:
        """The key `routes`, as the CLI stores it."""
        return stack_routes(self.config(), project(Place(self.folder)))

    def outputs(self) -> Mapping[str, Any]:
        """Of the last `up`."""
        return read(VERB, self.name, self.folder, "stack output", "--json")

    def set(self, setting: Setting) -> None:
        """One `pulumi config set`."""
        path = ["--path"] if setting.path else []
        line = ["pulumi", "--non-interactive", "config", "set", *path, setting.key, "--stack", self.name, "--"]
        done = capture([*line, setting.value], cwd=self.folder)
        if not done.ok:
            raise MachineError(VERB, f"`pulumi config set {setting.key}` failed: {done.reason}", "look at the file")

    def up(self) -> None:
        """`pulumi up`, to its end: Ctrl-C waits for it, as it isn't sent there. Raises UpError."""
        line = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", self.name]
        begun = time.monotonic()
        while True:
            said = self._to_its_end(line)
            if said is None:
                return
            if _LOCKED not in said or time.monotonic() - begun > LOCKED_SECONDS:
                raise UpError(reason_of(said))
            say(VERB, "another pulumi changes the stack; waiting for its end")
            time.sleep(2)

    def _to_its_end(self, line: list[str]) -> str | None:
        """What a command that failed said; None if it didn't."""
        interrupted = False
        # A file and no pipe: with a pipe, the end of this program would be the end of `pulumi up`.
        log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        process = subprocess.Popen(
            line,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        while True:
            try:
                process.wait(timeout=1)
                break
            except subprocess.TimeoutExpired:
                continue
            except KeyboardInterrupt:
                if interrupted:
                    process.send_signal(signal.SIGINT)
                interrupted = True
                say(VERB, "pulumi up goes on to its end, so that the stack is what its config says")
        log.seek(0)
        said = log.read()
        log.close()
        if interrupted:
            raise KeyboardInterrupt
        return said if process.returncode else None


def reason_of(said: str) -> str:
    """The first error of an `up`, with what it announces by a colon, or the last line that it wrote."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:")]
    named = [line for line in errors if "failed" not in line or ":" in line.removeprefix("error:")]
    first = (named or errors or [last_lines(said, 1)])[0]
    after = lines[lines.index(first) + 1 :][:1] if first.endswith(":") else []
    return " ".join([first.removeprefix("error:").strip(), *after])


@dataclass(frozen=True)
class Found:
    """What a cut-over needs to know of a stack."""

    deployed: Deployed
    facade: str
    """Its name; of two, that of the main one."""
    weights: bool
    """Whether it can send a share."""
    default: str
    """The service of what no route takes; empty: none."""
    weight: int
    """Of the route, by the config."""
    live: int
    """Of the route, by the outputs."""
    service: str
    """Of the route."""


def found(stack: Stack, route: str) -> Found:
    """Reads the config and the outputs."""
    config, outputs, name = stack.config(), stack.outputs(), project(Place(stack.folder))
    deployed = of_outputs(VERB, stack.name, name, outputs, config)
    routes = by_name(outputs.get("routes"))
    if route not in routes:
        known = ", ".join(routes) or "none"
        raise MachineError(VERB, f"ROUTE={route}: the stack has no such route", f"name one that is up: {known}")
    settings = {key.partition(":")[2]: entry for key, entry in config.items() if key.startswith(f"{name}:")}
    kinds = facades_of(settings.get("facade", {}))
    on_aws = settings.get("platform", {}).get("value") == AWS
    diagram = str(outputs.get("diagram", ""))
    return Found(
        deployed,
        facade=kinds[0] if on_aws else LOCAL,
        weights=not on_aws or all(FACADES[kind].weights for kind in kinds),
        default=default_of(diagram),
        weight=weight_now(stack_routes(config, name), route),
        live=int(routes[route].get("weight", 0)),
        service=str(routes[route].get("service", "")),
    )


def stack_routes(config: Mapping[str, Any], name: str) -> object:
    """The key `routes` of what the CLI prints of a config."""
    own = config.get(f"{name}:routes", {})
    return own.get("objectValue", own.get("value"))


def facades_of(entry: Mapping[str, Any]) -> list[str]:
    """The names in the key `facade`, in any of its forms."""
    listed = entry.get("objectValue") or str(entry.get("value", "")).split(",")
    return [name for item in listed if (name := str(item).strip()) in FACADES]
