"""The digest of a build context: the same as long as a build would see the same files."""

import hashlib
import stat
from pathlib import Path

from tools.offline.docker_plugin.docker_engine import context_paths


def context_digest(context: Path, dockerfile: Path) -> str:
    """A SHA-256 over the Dockerfile and the context's files: path, mode and content; no times, so `touch` is nothing.

    Files that `.dockerignore` names do not count; a `<Dockerfile>.dockerignore` comes before it, as with BuildKit. Of
    a symbolic link, the target's name counts. Raises `OSError` for what cannot be read.
    """
    parts = [_part("", 0, dockerfile.read_bytes())]
    for path in context_paths(str(context), ignore_patterns(context, dockerfile), _within(context, dockerfile)):
        whole = context / path
        mode = whole.lstat().st_mode
        if stat.S_ISLNK(mode):
            parts.append(_part(str(path), stat.S_IFMT(mode), str(whole.readlink()).encode()))
        elif stat.S_ISREG(mode):
            parts.append(_part(str(path), mode, whole.read_bytes()))
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def ignore_patterns(context: Path, dockerfile: Path) -> list[str]:
    """The patterns of the ignore file that goes with a Dockerfile, without comments and empty lines."""
    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    file = own if own.is_file() else context / ".dockerignore"
    if not file.is_file():
        return []
    lines = [line.strip() for line in file.read_text().splitlines() if not line.startswith("#")]
    return [line for line in lines if line]


def _within(context: Path, dockerfile: Path) -> str:
    """The Dockerfile as a path within the context; just its name if it lies outside."""
    whole, root = dockerfile.resolve(), context.resolve()
    return str(whole.relative_to(root)) if whole.is_relative_to(root) else whole.name


def _part(path: str, mode: int, content: bytes) -> str:
    return f"{path}\0{mode:o}\0{hashlib.sha256(content).hexdigest()}\0"
