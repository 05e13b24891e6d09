"""A file with requests: lines of any form, or a HAR file, either of them zipped or not. Pure but for reading it."""

import contextlib
import gzip
import io
import json
import re
import zlib
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit

from components.compare.request import Request
from components.compare.request_lines import FORMS, UnreadableLineError, read_line, request_of

_GZIP = b"\x1f\x8b"
_HAR = re.compile(r'\s*\{\s*"log"\s*:')

_NOT_SENT = ("host", "connection", "content-length", "transfer-encoding", "accept-encoding", "upgrade", "expect")
_CACHED = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range")
"""What a browser sends because of what it has already, and not because of what it asks for."""


class ListError(Exception):
    """A list that can't be read. Its text is one line: where, what was found, what to do."""


def requests(path: Path) -> Iterator[Request]:
    """The requests in a file, one after the other; a file of lines is never held as a whole. Raises ListError."""
    try:
        with _opened(path) as text:
            begin = text.read(200)
            text.seek(0)
            if _HAR.match(begin.removeprefix("\ufeff")):
                yield from _of_har(path, text)
            else:
                yield from _of_lines(path, text)
    except (OSError, EOFError, zlib.error) as failure:
        reason = failure.strerror if isinstance(failure, OSError) and failure.strerror else failure
        raise ListError(f"{path}: {reason}; give a file that can be read") from None
    except UnicodeDecodeError:
        raise ListError(f"{path}: not a text file; {FORMS}") from None


@contextlib.contextmanager
def _opened(path: Path) -> Generator[IO[str]]:
    with path.open("rb") as raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        plain = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
        with io.TextIOWrapper(plain, encoding="utf-8", newline="\n") as text:
            yield text


def _of_lines(path: Path, text: IO[str]) -> Iterator[Request]:
    for number, line in enumerate(text, 1):
        try:
            request = read_line(line.removeprefix("\ufeff") if number == 1 else line)
        except UnreadableLineError as failure:
            raise ListError(f"{path}:{number}: {failure}; {FORMS}") from None
        if request:
            yield request


def _of_har(path: Path, text: IO[str]) -> Iterator[Request]:
    """Of an HTTP archive, as browsers save it (HAR 1.2)."""
    try:
        entries = cast("list[dict[str, dict[str, object]]]", json.load(text)["log"]["entries"])
        found = [entry["request"] for entry in entries]
    except (ValueError, KeyError, TypeError, RecursionError) as failure:
        what = f"no {failure}" if isinstance(failure, KeyError) else str(failure)
        raise ListError(f"{path}: not a HAR file: {what}; export it again from the browser's network tools") from None
    for number, entry in enumerate(found):
        try:
            yield _of_entry(entry)
        except (UnreadableLineError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise ListError(f"{path}: log.entries[{number}].request: {failure or 'no request'}; remove it") from None


def _of_entry(entry: Mapping[str, object]) -> Request:
    url = urlsplit(str(entry["url"]))
    headers: dict[str, object] = {}
    for header in cast("list[dict[str, str]]", entry.get("headers", [])):
        name = header["name"]
        if not name.startswith(":") and name.lower() not in (*_NOT_SENT, *_CACHED):
            headers[name] = header["value"]
    posted = cast("dict[str, object]", entry.get("postData") or {})
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return request_of({"method": entry["method"], "path": target, "headers": headers, "body": posted.get("text", "")})
