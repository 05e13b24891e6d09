"""`env_file` of a manifest: a file of variables, read when the stack is planned. Pure.

Its form is that of ECS (developer guide, "Pass environment variables to a container"): a line is `NAME=value`, quotes
and blanks belong to the value, and a line that begins with `#` is a comment. ECS would read the file from a bucket each
time a task starts; here its variables are the container's own, so that a plan shows their changes, and a task that
starts years later has those with which it was released.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from components.input.value import Value
from components.manifest.load_balanced_web_service import Manifest
from components.manifest.sidecars import Sidecar
from components.manifest.variables import Secret
from components.manifest.workspace import is_there

_Pairs = tuple[tuple[str, str], ...]


def with_files(manifest: Manifest, at: Value, root: Path, called: str) -> Manifest:
    """The manifest with the variables of its files below those that it has itself. root: what the files' paths are
    relative to, and what messages call it."""

    def merged(place: Value, file: str | None, own: _Pairs, secrets: Iterable[tuple[str, Secret]]) -> _Pairs:
        if not file:
            if place.value == "":
                place.fail("give the path of a file that ends in .env")
            return own
        # ECS takes no variable that has a secret's name: the manifest goes before the file.
        taken = {name for name, _ in secrets}
        found = {name: value for name, value in _read(place, root / file, called).items() if name not in taken}
        return tuple(sorted({**found, **dict(own)}.items()))

    def of_sidecar(sidecar: Sidecar, place: Value) -> Sidecar:
        own = merged(place.get("env_file"), sidecar.env_file, sidecar.variables, sidecar.secrets)
        return replace(sidecar, variables=own)

    sidecars, router = at.get("sidecars"), manifest.router
    return replace(
        manifest,
        variables=merged(at.get("env_file"), manifest.env_file, manifest.variables, manifest.secrets),
        sidecars=tuple(of_sidecar(each, sidecars.get(each.name)) for each in manifest.sidecars),
        router=router and replace(router, container=of_sidecar(router.container, at.get("logging"))),
    )


def _read(at: Value, path: Path, called: str) -> dict[str, str]:
    """The variables of a file, the last one of a name as ECS takes it."""
    if not path.name.endswith(".env"):  # `.env` itself has no suffix for Python, but is one for ECS
        at.fail("give the path of a file that ends in .env")
        return {}
    if not is_there(path, Path.is_file):
        at.fail(f"give the path from the {called}", f"there is no file {at.value}")
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        at.fail("make it a readable UTF-8 file", f"{at.value} can't be read")
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        name, equals, value = line.partition("=")
        if not line.strip() or line.startswith("#"):
            continue
        if not (name.strip() and equals):
            at.fail("write NAME=value, or # before a comment", f"{at.value}:{number} is no variable")
        else:
            found[name] = value
    return found
