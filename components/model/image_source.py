"""What an image is built from, and a digest of it, known before anything is built."""

import codecs
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import docker.utils.build

BUILD_ARGS = "STRANGLER_BUILD_ARGS"
"""The variable with which a machine gives its own base images: `NODE_IMAGE=… ENVOY_IMAGE=…`."""


@dataclass(frozen=True)
class Build:
    """How an image is built. Paths are relative to the project folder, in a workspace to its root."""

    dockerfile: str
    """The Dockerfile's path."""
    context: str
    """The build context's path. Default in a manifest: the Dockerfile's folder."""
    args: tuple[tuple[str, str], ...] = ()
    """Build arguments, sorted. Default: none."""
    target: str | None = None
    """The stage to stop at. Default: the last."""
    cache_from: tuple[str, ...] = ()
    """Images whose layers may be used. Default: none."""


@dataclass(frozen=True)
class Source:
    """What an image is built from."""

    context: Path
    """The absolute path of the build context."""
    dockerfile: Path
    """The absolute path of the Dockerfile."""
    args: Mapping[str, str]
    """Build arguments, of the manifest and of the machine."""
    target: str | None
    """The stage to stop at; None: the last."""
    cache_from: tuple[str, ...]
    """Images whose layers may be used."""
    digest: str
    """Of the content: the same on every machine and after every `touch`."""


class SourceError(Exception):
    """An image can't be built from what is there: one line. warnings: none, unlike those of an InputError."""

    def __init__(self, where: str, reason: str) -> None:
        """where: the file or folder. reason: what is wrong with it."""
        super().__init__(f"{where}: {reason}; fix it, or add it to .dockerignore")
        self.warnings = ()


def source(folder: Path, build: Build, machine: Mapping[str, str]) -> Source:
    """The source of a build in the project folder. machine: build arguments of this machine; those that the Dockerfile
    declares are used unless the manifest gives them. Raises SourceError."""
    context, dockerfile = folder / build.context, folder / build.dockerfile
    try:
        if dockerfile.exists() and not dockerfile.is_file():
            raise SourceError(build.dockerfile, "not a file")  # to open a pipe would wait for ever
        # Only names are looked for, in whatever encoding the rest is.
        text = dockerfile.read_bytes().decode(errors="replace")
        declared = set(re.findall(r"^\s*ARG\s+(\w+)", text, re.MULTILINE | re.IGNORECASE))
        args = {**{name: value for name, value in machine.items() if name in declared}, **dict(build.args)}
        digest = _digest(context, dockerfile, args, build.target)
    except OSError as failure:
        raise SourceError(str(failure.filename or build.context), failure.strerror or str(failure)) from failure
    except re.error as failure:
        raise SourceError(f"{build.context}/.dockerignore", f"a pattern that is not valid: {failure}") from failure
    return Source(context, dockerfile, args, build.target, build.cache_from, digest)


def machine_args(variables: Mapping[str, str]) -> dict[str, str]:
    """The build arguments that the environment of this process gives."""
    pairs = (pair.partition("=") for pair in variables.get(BUILD_ARGS, "").split())
    return {name: value for name, _, value in pairs}


def _digest(context: Path, dockerfile: Path, args: Mapping[str, str], target: str | None) -> str:
    ignore = next(
        (path for path in (Path(f"{dockerfile}.dockerignore"), context / ".dockerignore") if path.is_file()), None
    )
    # Names of files may be any bytes; Docker drops a byte order mark (moby/patternmatcher, ignorefile.ReadAll).
    text = os.fsdecode(ignore.read_bytes().removeprefix(codecs.BOM_UTF8)) if ignore else ""
    patterns = [line.strip() for line in text.splitlines()]
    patterns = [line for line in patterns if line and not line.startswith("#")]
    total = sha256(f"{sorted(args.items())} {target}".encode() + dockerfile.read_bytes())
    for name in sorted(cast("Any", docker.utils.build).exclude_paths(str(context), patterns)):
        path = context / name
        if path.is_symlink():
            total.update(os.fsencode(f"\0{name}\0link\0{path.readlink()}"))
        elif path.is_file():
            executable = path.stat().st_mode & 0o100
            total.update(os.fsencode(f"\0{name}\0{executable}\0") + sha256(path.read_bytes()).digest())
    return total.hexdigest()
