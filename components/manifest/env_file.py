"""`env_file` of a manifest: a file of variables, read when the stack is planned. Pure.

Its form is that of ECS (developer guide, "Pass environment variables to a container"): a line is `NAME=value`, quotes
and blanks belong to the value, and a line that begins with `#` is a comment. ECS would read the file from a bucket each
time a task starts; here its variables are the container's own, so that a plan shows their changes, and a task that
starts years later has those with which it was released.

A byte order mark at its beginning is dropped.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from components.input.files import UnreadableError, is_there, text_of, written
from components.input.value import Value
from components.manifest.manifest import Manifest
from components.manifest.sidecars import Sidecar
from components.manifest.variables import Secret
from components.model.where import Where

_Pairs = tuple[tuple[str, str], ...]


def with_files(manifest: Manifest, at: Value, root: Path, folder: Path, called: str, secrets_win: bool) -> Manifest:
    """The manifest with the variables of its files, which its own variables override. root: what the files' paths are
    relative to; called: its name in messages. folder: the project's, for messages. secrets_win: whether secrets
    override the files' variables too, as a container in ECS has one value of a name; else they aren't there, and
    variables stand in for them."""

    def merged(place: Value, file: str | None, own: _Pairs, secrets: Iterable[tuple[str, Secret]]) -> _Pairs:
        if not file:
            if place.value == "":
                place.fail("give the path of a file ending in .env")
            return own
        taken = {name for name, _ in secrets} if secrets_win else set[str]()
        listed = _read(place, root / file, folder, called)
        found = {name: value for name, value in listed.items() if name not in taken}
        return tuple(sorted({**found, **dict(own)}.items()))

    def of_sidecar(sidecar: Sidecar, place: Value) -> Sidecar:
        own = merged(place.get("env_file"), sidecar.env_file, sidecar.variables, sidecar.secrets)
        return replace(sidecar, variables=own)

    sidecars, router = at.get("sidecars"), manifest.router
    return replace(
        manifest,
        variables=merged(at.get("env_file"), manifest.env_file, manifest.variables, manifest.secrets),
        sidecars=tuple(of_sidecar(sidecar, sidecars.get(sidecar.name)) for sidecar in manifest.sidecars),
        router=router and replace(router, container=of_sidecar(router.container, at.get("logging"))),
    )


def _read(at: Value, path: Path, folder: Path, called: str) -> dict[str, str]:
    """The variables of a file; of duplicates, the last counts, as in ECS."""
    if not path.name.endswith(".env"):  # `.env` itself has no suffix for Python, but is one for ECS
        at.fail("give the path of a file ending in .env")
        return {}
    if not is_there(path, Path.is_file):
        at.fail(f"give the path relative to the {called}", f"no file {at.value}")
        return {}
    try:
        lines = [line.removesuffix("\r") for line in text_of(path).split("\n")]
    except UnreadableError as failure:
        at.fail("make it a readable UTF-8 file", f"{at.value} can't be read: {failure}")
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        name, equals, value = line.partition("=")
        where = Where(written(path, folder), line=number)
        if not line.strip() or line.startswith("#"):
            continue
        if "\0" in line:
            at.problems.add(where, "a NUL, which variables can't contain", "remove it")
        elif not (name.strip() and equals):
            at.problems.add(where, "not a variable", "write NAME=value, or start a comment with #")
        else:
            found[name] = value
    return found
