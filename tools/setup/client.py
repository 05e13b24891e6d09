"""The docker client: one that can build with BuildKit, which not every client on a PATH can."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.setup.run import capture

BUILDX_SINCE = 23
"""The major version from which a client leaves BuildKit to a plugin of its own, buildx."""


def clients(path: str) -> list[Path]:
    """Every docker client on PATH, in its order, each once. A folder that can't be read has none, as for a shell."""
    candidates = [Path(folder or ".") / "docker" for folder in path.split(os.pathsep)]
    # In this order: `is_file` fails where the folder can't be read.
    found = [candidate for candidate in candidates if os.access(candidate, os.X_OK) and candidate.is_file()]
    return list({place.resolve(): place for place in reversed(found)}.values())[::-1]


def major(version: str) -> int:
    """The major version in what `docker --version` prints; 0 if there is none."""
    found = re.search(r"version (\d+)\.", version)
    return int(found.group(1)) if found else 0


def has_buildkit(client: Path, env: Mapping[str, str]) -> bool:
    """Whether `docker build` of this client can use BuildKit."""
    version = major(capture([str(client), "--version"], env).out)
    return 0 < version < BUILDX_SINCE or (version > 0 and capture([str(client), "buildx", "version"], env).ok)


def with_buildkit(found: Sequence[Path], env: Mapping[str, str]) -> Path | None:
    return next((client for client in found if has_buildkit(client, env)), None)
