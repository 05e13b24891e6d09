"""What belongs to the repository: the files of the working tree that git keeps or would take."""

import ast
import gc
import subprocess
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def files() -> tuple[Path, ...]:
    """The repository's files, relative to ROOT, without what .gitignore names.

    Asked of an empty repository beside the working tree: so it needs no commit, and not even a `.git`.
    """
    with tempfile.TemporaryDirectory() as empty:
        subprocess.run(["git", "init", "--quiet", "--bare", empty], check=True)
        listing = [
            "git",
            f"--git-dir={empty}",
            f"--work-tree={ROOT}",
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
        ]
        names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(Path(name) for name in names.split("\0") if name and (ROOT / name).is_file()))


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a Python file. The garbage collector stands still meanwhile: an asyncio task that it ends may
    print a traceback, for which Python parses too, and 3.11 takes one parse's depth for the other's (SystemError)."""
    text = path.read_text(encoding="utf-8")
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()


def python_files() -> tuple[Path, ...]:
    """Those that are Python code."""
    return tuple(path for path in files() if path.suffix == ".py")
