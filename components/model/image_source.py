"""What an image is built from, and a digest of it, known before anything is built."""

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
    """How an image is built. Paths are relative to the project folder. args: build arguments, sorted. target: the
    stage to stop at (default: the last). cache_from: images whose layers may be used."""

    dockerfile: str
    context: str
    args: tuple[tuple[str, str], ...] = ()
    target: str | None = None
    cache_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """What an image is built from. context and dockerfile: absolute paths. args: as the manifest and the machine give
    them. digest: of the content, the same on every machine and after every `touch`."""

    context: Path
    dockerfile: Path
    args: Mapping[str, str]
    target: str | None
    cache_from: tuple[str, ...]
    digest: str


def source(folder: Path, build: Build, machine: Mapping[str, str]) -> Source:
    """The source of a build in the project folder. `machine`: build arguments of this machine; those that the
    Dockerfile declares are used unless the manifest gives them."""
    context, dockerfile = folder / build.context, folder / build.dockerfile
    declared = set(re.findall(r"^\s*ARG\s+(\w+)", dockerfile.read_text(encoding="utf-8"), re.MULTILINE | re.IGNORECASE))
    args = {**{name: value for name, value in machine.items() if name in declared}, **dict(build.args)}
    digest = _digest(context, dockerfile, args, build.target)
    return Source(context, dockerfile, args, build.target, build.cache_from, digest)


def machine_args(variables: Mapping[str, str]) -> dict[str, str]:
    """The build arguments that the environment of this process gives."""
    pairs = (pair.partition("=") for pair in variables.get(BUILD_ARGS, "").split())
    return {name: value for name, _, value in pairs}


def _digest(context: Path, dockerfile: Path, args: Mapping[str, str], target: str | None) -> str:
    ignore = next(
        (path for path in (Path(f"{dockerfile}.dockerignore"), context / ".dockerignore") if path.is_file()), None
    )
    patterns = [line.strip() for line in ignore.read_text().splitlines()] if ignore else []
    patterns = [line for line in patterns if line and not line.startswith("#")]
    total = sha256(f"{sorted(args.items())} {target}".encode() + dockerfile.read_bytes())
    for name in sorted(cast("Any", docker.utils.build).exclude_paths(str(context), patterns)):
        path = context / name
        if path.is_symlink():
            total.update(f"\0{name}\0link\0{path.readlink()}".encode())
        elif path.is_file():
            executable = path.stat().st_mode & 0o100
            total.update(f"\0{name}\0{executable}\0".encode() + sha256(path.read_bytes()).digest())
    return total.hexdigest()
