"""A stack that is up, as its outputs tell of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from components.input.diagnostics import did_you_mean
from components.model.platforms import AWS
from tools.setup.place import Place
from tools.setup.run import capture
from tools.setup.say import MachineError
from tools.setup.stack import project

OF_SERVICES = ("logs", "exec", "task", "job")
"""The verbs that are about what runs here; the others are about the facade too."""
SECONDS = 120.0
"""How long the CLI may take to read a state; one in a bucket takes some seconds."""


@dataclass(frozen=True)
class Service:
    """A service that runs."""

    name: str
    image: str
    """What its main container is made of."""
    desired: int
    """How many tasks or containers the manifest wants."""
    region: str = ""
    """Like the next three: on AWS, as its interfaces take them; else empty."""
    cluster: str = ""
    ecs_service: str = ""
    log_group: str = ""
    state_machine: str = ""
    """Of a job on AWS, the ARN of what runs it; else empty."""
    is_job: bool = False
    """Whether it runs now and then, and not all the time."""
    containers: tuple[str, ...] = ()
    """The names of its main containers on this machine's Docker engine; empty on AWS."""
    sidecars: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Likewise of each sidecar, in the order of the main ones. Default: there are none, or they aren't known."""
    like: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """How a task would be made where there is no container (`components.local.command.like_of`), and `facade`, the
    network in which the facade is found. Default: there is one, or it isn't known."""

    @property
    def tasks(self) -> tuple[Mapping[str, str], ...]:
        """The containers of each task on this machine, by their names in the manifest, the main one first."""
        named = {self.name: self.containers, **self.sidecars}
        return tuple(
            {name: listed[number] for name, listed in named.items() if number < len(listed)}
            for number in range(len(self.containers))
        )


@dataclass(frozen=True)
class Deployed:
    """What is up."""

    stack: str
    project: str
    """The value of the tag `application`."""
    url: str
    services: tuple[Service, ...]
    """Those that this program runs."""
    routes: tuple[Mapping[str, Any], ...] = ()
    """What the output `routes` says of each, sorted by their ids."""
    diagram: str = ""
    profile: str = ""
    """`aws:profile` of the stack's config."""
    elsewhere: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where each service is that this program doesn't run, by name."""
    platform: str = ""
    """As the stack's config names it. Default: the services tell."""
    home: str | None = None
    """`aws:region` of the stack's config. Default: it has none."""

    @property
    def on_aws(self) -> bool:
        return self.platform == AWS or any(service.cluster for service in self.services)

    @property
    def region(self) -> str | None:
        """On AWS, that of the services or, where all run elsewhere, of the config; None: that of the environment."""
        return next((service.region for service in self.services), self.home)

    def chosen(self, verb: str, name: str) -> tuple[Service, ...]:
        """The service of this name, or all of them."""
        if not name:
            return self.services
        found = tuple(service for service in self.services if service.name == name)
        if name in self.elsewhere:
            found_at = f"SERVICE={name}: it runs elsewhere, at {self.elsewhere[name]}"
            raise MachineError(verb, found_at, "look there: nothing of it is this stack's")
        if not found:
            remedy = did_you_mean(name, (service.name for service in self.services))
            key = "NAME" if verb == "job" else "SERVICE"
            raise MachineError(verb, f"{key}={name}: the stack {self.stack} runs no such service", remedy)
        return found


def check_kind(verb: str, services: tuple[Service, ...]) -> None:
    """A job is one that this verb is for, and the other way round."""
    for service in services:
        if verb == "job" and not service.is_job:
            raise MachineError(verb, f"NAME={service.name} is no job", "run a command next to it by `make task`")
        if verb in ("exec", "task") and service.is_job:
            raise MachineError(verb, f"SERVICE={service.name} is a job", f"run it by `make job NAME={service.name}`")


def deployed(verb: str, stack: str, folder: Path) -> Deployed:
    """Reads a stack's outputs with the Pulumi CLI. folder: the project's."""
    outputs, config = (read(verb, stack, folder, command, "--json") for command in ("stack output", "config"))
    return of_outputs(verb, stack, project(Place(folder)), outputs, config)


def read(verb: str, stack: str, folder: Path, command: str, *arguments: str) -> dict[str, Any]:
    """What a command of the Pulumi CLI answers about a stack, in JSON."""
    line = ["pulumi", "--non-interactive", *command.split(), "--stack", stack, *arguments]
    done = capture(line, cwd=folder, seconds=SECONDS)
    if done.ok:
        return cast("dict[str, Any]", json.loads(done.out))
    if "no stack named" in done.err:
        listed = capture(["pulumi", "--non-interactive", "stack", "ls", "--json"], cwd=folder, seconds=SECONDS)
        known = [str(load["name"]) for load in json.loads(listed.out)] if listed.ok else []
        raise MachineError(verb, f"STACK={stack}: the backend has no such stack", did_you_mean(stack, known))
    reason = done.reason.removeprefix("error: ")
    if "PULUMI_ACCESS_TOKEN" in reason:
        raise MachineError(verb, f"STACK={stack}: the Pulumi CLI is not logged in", "run `pulumi login`")
    raise MachineError(verb, f"STACK={stack}: `pulumi {command}` failed: {reason}", "run it to see all it says")


def of_outputs(
    verb: str, stack: str, application: str, outputs: Mapping[str, Any], config: Mapping[str, Any]
) -> Deployed:
    """What a stack's outputs and config say of it. Pure."""
    if not outputs.get("services"):
        raise MachineError(verb, f"STACK={stack}: nothing is up", f"run `pulumi up -s {stack}`")
    services = tuple(
        _service(name, entry)
        for name, entry in by_name(outputs["services"]).items()
        if "cluster" in entry or "containers" in entry
    )
    elsewhere = {
        name: str(entry[key])
        for name, entry in by_name(outputs["services"]).items()
        for key in ("url", "targetGroup", "listener", "lambda")
        if key in entry
    }
    if not services and elsewhere and verb in OF_SERVICES:
        found = f"STACK={stack}: all services run elsewhere: {', '.join(elsewhere)}"
        raise MachineError(verb, found, "look there: nothing of them is this stack's")
    if not services and not elsewhere:
        found = f"STACK={stack}: an earlier version brought it up, whose outputs don't say where its services are"
        raise MachineError(verb, found, f"run `pulumi up -s {stack}` once, which changes its outputs and nothing else")
    return Deployed(
        stack=stack,
        project=application,
        url=str(outputs.get("url", "")),
        services=services,
        routes=tuple(by_name(outputs.get("routes")).values()),
        diagram=str(outputs.get("diagram", "")),
        profile=str(config.get("aws:profile", {}).get("value", "")),
        platform=str(config.get(f"{application}:platform", {}).get("value", "")),
        home=config.get("aws:region", {}).get("value"),
        elsewhere=elsewhere,
    )


def by_name(output: object) -> Mapping[str, Mapping[str, Any]]:
    """An output that is a map by name; empty where an earlier version left a list."""
    return cast("dict[str, dict[str, Any]]", output) if isinstance(output, dict) else {}


def _service(name: str, entry: Mapping[str, Any]) -> Service:
    texts = {
        key: str(entry.get(key, "")) for key in ("image", "region", "cluster", "ecsService", "logGroup", "stateMachine")
    }
    return Service(
        name=name,
        image=texts["image"],
        desired=int(entry.get("desiredCount", 0)),
        region=texts["region"],
        cluster=texts["cluster"],
        ecs_service=texts["ecsService"],
        log_group=texts["logGroup"],
        state_machine=texts["stateMachine"],
        is_job=bool(entry.get("job")),
        containers=tuple(entry.get("containers") or ()),
        sidecars={
            name: tuple(listed) for name, listed in cast("dict[str, list[str]]", entry.get("sidecars") or {}).items()
        },
        like=entry.get("like") or {},
    )
