"""An answer as it came, and how its body reads. Pure."""

import json
import zlib
from dataclasses import dataclass
from email.message import Message
from functools import cached_property

MAX_BODY = 8 * 1024 * 1024
"""Bytes of a body that are read and compared; of one that is longer, the beginning is."""

_TEXTS = ("application/javascript", "application/xml", "application/x-www-form-urlencoded", "image/svg+xml")
_ZIPPED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Codings of a body, and what zlib calls them."""

Header = tuple[str, str]
"""Its name in lower case, and its value."""


@dataclass(frozen=True)
class Answer:
    """What came of a request."""

    status: int
    """0 if nothing came."""
    headers: tuple[Header, ...] = ()
    """In the order in which they came. Default: none."""
    body: bytes = b""
    """Without chunks, but as it was encoded. Default: none."""
    seconds: float = 0.0
    """From the first byte sent to the last one read. Default 0."""
    failure: str = ""
    """Why nothing came, or not all of it. Default: all came."""
    whole: bool = True
    """Whether the body is all of it. Default: yes."""

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for own, value in self.headers if own == name]

    @cached_property
    def media_type(self) -> str:
        """Of the body, in lower case; empty if there is none."""
        return _message(self.all("content-type")).get_content_type() if self.all("content-type") else ""

    @cached_property
    def charset(self) -> str:
        """In which the body's text is, in lower case. Default: UTF-8, as of all that sends none today."""
        named = _message(self.all("content-type")).get_param("charset") if self.all("content-type") else None
        return named.strip().lower() if isinstance(named, str) and named.strip() else "utf-8"

    @cached_property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    @cached_property
    def is_text(self) -> bool:
        """Whether the body says that it is text."""
        return self.is_json or self.media_type.startswith("text/") or self.media_type in _TEXTS

    @cached_property
    def content(self) -> bytes:
        """The body without its coding, as far as it can be undone here, and not longer than MAX_BODY."""
        coding = ",".join(self.all("content-encoding")).strip().lower()
        if coding not in _ZIPPED:
            return self.body
        try:
            return zlib.decompressobj(_ZIPPED[coding]).decompress(self.body, MAX_BODY)
        except zlib.error:
            return self.body

    @cached_property
    def text(self) -> str | None:
        """The body in its charset; None if it isn't of that."""
        try:
            return self.content.decode(self.charset)
        except (LookupError, ValueError):
            return None


class NotJsonError(Exception):
    """A body is no JSON."""


def parsed(text: str | None) -> object:
    """The value of a JSON text. Raises NotJsonError; what Python takes beyond JSON is none."""

    def refuse(name: str) -> object:
        raise NotJsonError(name)

    try:
        return json.loads(text or "", parse_constant=refuse)
    except (ValueError, RecursionError):
        raise NotJsonError from None


def _message(values: list[str]) -> Message:
    message = Message()
    message["content-type"] = ",".join(values)
    return message
