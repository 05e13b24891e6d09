"""The containers of a task: those beside the main one, their own health checks, and which waits for which."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi

from components.aws.service.context import Later
from components.input.value import NUMBERS, Value
from components.manifest.image import ContainerHealthCheck, how_to_run, read_check_times
from components.manifest.sidecars import Container, Sidecar, check_name, check_order, read_depends_on
from components.manifest.variables import Secret, secret_of
from components.public.given import filled, text_input, text_inputs


class ContainerHealthCheckArgs(TypedDict):
    """A command that ECS runs in a container, whose exit code says whether it is healthy."""

    command: list[str]
    """`CMD-SHELL` and a line for the shell, or `CMD` and words, such as `["CMD", "/healthy"]`."""
    interval_seconds: NotRequired[int]
    """Seconds between two checks, 5 to 300. Default: 10."""
    timeout_seconds: NotRequired[int]
    """Seconds that a check may take, 2 to 60. Default: 5."""
    retries: NotRequired[int]
    """Failed checks in a row that make it unhealthy, 1 to 10. Default: 2."""
    start_period_seconds: NotRequired[int]
    """Seconds after its start in which a failed check doesn't count, 0 to 300. Default: 0."""


class SidecarArgs(TypedDict):
    """A container beside the main one, in each task: it shares its address, so that they reach each other by
    `localhost`, and its log group."""

    image: pulumi.Input[str]
    """Reference of its image, best by digest: a tag that is moved changes nothing here."""
    port: NotRequired[int]
    """Port on which it listens, 1 to 65535. Default: none."""
    essential: NotRequired[bool]
    """Whether the task stops when it exits. Default: true."""
    variables: NotRequired[dict[str, pulumi.Input[str]]]
    """Its environment variables, besides those that every container gets. Default: none."""
    secrets: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables from secrets: the ARN of a secret in Secrets Manager, or the name or ARN of a parameter of
    Systems Manager. The task may read exactly these. Default: none."""
    entry_point: NotRequired[list[str]]
    """Words that the container starts with, before those of `command`. Default: the image's."""
    command: NotRequired[list[str]]
    """Words of the command in the container. Default: the image's."""
    depends_on: NotRequired[dict[str, str]]
    """What it waits for, by the name of another container: `start`, `healthy`, `complete` or `success`. Default: it
    waits for none."""
    container_health_check: NotRequired[ContainerHealthCheckArgs]
    """By which ECS knows whether it is healthy, for those that wait for it. Default: there is none."""


@dataclass(frozen=True)
class AllContainers:
    """What is given of all containers of a task."""

    healthcheck: ContainerHealthCheck | None
    """The main one's."""
    depends_on: tuple[tuple[str, str], ...]
    """What the main one waits for."""
    sidecars: tuple[Sidecar, ...]
    """Sorted by name."""
    later: Mapping[str, Later]
    """What may be an output of other resources, by the sidecar's name."""


def read_variables(at: Value) -> Later:
    """The image of a container, its variables and secrets."""
    image = text_input(at.required("image", "give an image reference"))
    variables, secrets = text_inputs(at.get("variables"), may_be_empty=True), text_inputs(at.get("secrets"))
    for key in secrets.keys() & variables.keys():
        at.get("secrets").entry(key).fail("keep one of them", "a variable also has this name")
    return Later(image, variables, secrets)


def names_of(later: Later) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, Secret], ...]]:
    """Variables and secrets as a manifest has them. What they are is known later; which there are decides about the
    right to read them."""
    variables = tuple((key, "") for key in sorted(later.variables))
    return variables, tuple((key, secret_of("")) for key in sorted(later.secrets))


def read_containers(at: Value, name: str) -> AllContainers:
    """All containers. at: the component's arguments. name: the main container's."""
    listed = dict(at.get("sidecars").entries())
    later = {key: read_variables(inner) for key, inner in listed.items()}
    found = tuple(_sidecar(listed[key], key, name, later[key]) for key in sorted(listed))
    check, waits = _health_check(at.get("container_health_check")), at.get("depends_on")
    main = AllContainers(check, read_depends_on(waits), found, later)
    check_order(
        {
            name: Container(waits, main.depends_on, checked=check is not None),
            **{
                one.name: Container(
                    listed[one.name].get("depends_on"), one.depends_on, one.essential, one.healthcheck is not None
                )
                for one in found
            },
        }
    )
    return main


def _sidecar(at: Value, name: str, main: str, later: Later) -> Sidecar:
    check_name(at, name, main)
    at.require_map()
    at.only(SidecarArgs.__annotations__)
    variables, secrets = names_of(later)
    return Sidecar(
        name,
        location="given",
        port=at.get("port").integer(None, 1, 65535),
        essential=at.get("essential").boolean(True),
        variables=variables,
        secrets=secrets,
        depends_on=read_depends_on(at.get("depends_on")),
        entrypoint=at.get("entry_point").texts(),
        command=at.get("command").texts(),
        healthcheck=_health_check(at.get("container_health_check")),
    )


def _health_check(at: Value) -> ContainerHealthCheck | None:
    if not at:
        return None
    at.require_map()
    at.only(ContainerHealthCheckArgs.__annotations__)
    remedy = "give CMD-SHELL and a command line, or CMD and its words"
    command = filled(at.required("command", remedy), remedy)
    words = command.texts()
    if words and not how_to_run(words):
        command.fail(remedy)
    return read_check_times(at, words, NUMBERS)
