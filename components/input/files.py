"""Files and folders that a user wrote: whatever is there is read, or reported in one line. Pure but for reading."""

import codecs
from collections.abc import Callable
from os.path import relpath
from pathlib import Path

from components.input.diagnostics import Problems
from components.model.where import Where

# go-yaml's readerc.go, with which Copilot reads manifests, takes these marks, and UTF-8 without one.
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class UnreadableError(Exception):
    """A file or folder that can't be read. Its text is the reason."""


def text_of(path: Path) -> str:
    """The text of a file, without its byte order mark. Raises UnreadableError."""
    try:
        content = path.read_bytes()
        encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
        return content.decode(encoding)
    except OSError as failure:
        raise UnreadableError(_reason(failure)) from failure
    except UnicodeDecodeError as failure:
        raise UnreadableError("not UTF-8 text") from failure


def entries(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing if it isn't there. Raises UnreadableError."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as failure:
        raise UnreadableError(_reason(failure)) from failure


def reported_text(path: Path, where: str, problems: Problems) -> str | None:
    """The text of a file; None for one that can't be read, which is reported."""
    try:
        return text_of(path)
    except UnreadableError as failure:
        problems.add(Where(where), f"can't be read: {failure}", "make it a readable UTF-8 file")
        return None


def is_there(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether a file (`Path.is_file`) or a folder (`Path.is_dir`) is there, at a path of any length and form."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def is_utf8(text: str) -> bool:
    """Whether a text can be written to a file, a container or a state: names of files and variables from outside may
    hold bytes that aren't UTF-8, and escapes in YAML and JSON half a character (a lone surrogate)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def written(path: Path, folder: Path) -> str:
    """A path as messages name it: from the project folder."""
    return Path(relpath(path, folder)).as_posix()


def _reason(failure: OSError | ValueError) -> str:
    return (failure.strerror if isinstance(failure, OSError) else None) or str(failure)
