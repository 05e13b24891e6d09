"""A whole stack on AWS under the mocks, from manifests and config as a user writes them."""

from collections.abc import Mapping
from pathlib import Path

from components.aws.platform import AwsPlatform
from components.strangler import Strangler, StranglerArgs
from tests.components.recorder import Change, Record, as_asked, run
from tests.projects import board, read_project, write_project

FACADE = "refactor-spaces"


def deployed(
    folder: Path,
    manifests: Mapping[str, object] | None = None,
    config: Mapping[str, object] | None = None,
    change: Change = as_asked,
    *,
    preview: bool = False,
) -> Record:
    """What a stack registers: the message board on Refactor Spaces, unless manifests and config say something else."""
    write_project(folder, board() if manifests is None else manifests)
    return registered(folder, config, change, preview=preview)


def registered(
    folder: Path, config: Mapping[str, object] | None = None, change: Change = as_asked, *, preview: bool = False
) -> Record:
    """What the stack of a folder registers, as its manifests are."""
    settings = read_project(folder, {"platform": "aws", "facade": FACADE, **(config or {})}, "dev")
    # pulumi-docker reads the context when it is given one, relative to where the program runs; here nothing is built.
    return run(
        lambda: Strangler(settings.project, StranglerArgs(settings, AwsPlatform(settings, folder))),
        change,
        preview=preview,
    )


def resources(record: Record) -> list[str]:
    """Type and name of everything that was registered."""
    return sorted(f"{resource.type} {resource.name}" for resource in record.all)
