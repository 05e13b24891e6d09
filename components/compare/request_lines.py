"""A line of a list of requests, in whatever form: told by its content. Pure.

- `/path` or `GET /path`
- JSON: `{"method": "POST", "path": "/path", "headers": {…}, "body": …}`
- JSON of an access log: of an HTTP API as the facade `api-gateway` writes it, or of any Envoy with these fields
- an access log of an Application Load Balancer (ELB user guide, «Access logs», syntax)
- an access log of Envoy in its default format (envoyproxy.io, «Access logging», default format string)
"""

import json
import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote, urlsplit

from components.compare.request import Request

FORMS = "write /path, GET /path, JSON with path, or lines of an access log of an ALB, an HTTP API or Envoy"
"""What a line may be."""

KEYS = ("method", "path", "headers", "body")
"""Of a request in JSON."""

_PLAIN = re.compile(r"(?:([A-Z]+)\s+)?(/\S*)(?:\s+HTTP/[\d.]+)?")
_ALB = re.compile(r'(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT\S+ (?:\S+ ){2,10}?(?:"(?P<request>[^"]*)")')
_ENVOY = re.compile(r'\[\d{4}-\d\d-\d\dT[^\]]+\] "(?P<request>[^"]*)"')
_LOGGED_JSON = re.compile(r"[^{}\"]*(\{.*\})")
"""Tools that read CloudWatch write a time and a stream in front."""

_METHOD = re.compile(r"[A-Z]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class UnreadableLineError(Exception):
    """A line that is not a request. Its text says what is wrong with it."""


def read_line(line: str) -> Request | None:
    """The request that a line has; None for a blank one, a remark, or a line of a log that has none. Raises
    UnreadableError."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if text.startswith("{"):
        return _of_json(text)
    plain = _PLAIN.fullmatch(text)
    if plain:
        return Request(plain[1] or "GET", _target(plain[2]))
    log = _ALB.match(text) or _ENVOY.match(text)
    if log:
        return _of_log(log["request"])
    written = _LOGGED_JSON.fullmatch(text)
    if written:
        return _of_json(written[1])
    raise UnreadableLineError(f"{text[:60]!r} is not a request")


def _of_log(request: str) -> Request | None:
    """Of the request in quotes: what a client sent that wasn't HTTP is `- - -` or the like."""
    method, _, rest = request.partition(" ")
    target = rest.rpartition(" ")[0] or rest
    return _logged(method, target)


def _logged(method: str, target: str) -> Request | None:
    if target.startswith(("http://", "https://", "ws://", "wss://")):
        target = _without_origin(target)
    if not _METHOD.fullmatch(method) or not target.startswith("/"):
        return None
    return Request(method, _target(target), logged=True)


def _without_origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _of_json(text: str) -> Request | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise UnreadableLineError(f"invalid JSON: {failure}") from None
    if not isinstance(value, dict):
        raise UnreadableLineError("JSON that is no object")
    entry = cast("dict[str, object]", value)
    if not set(entry) <= set(KEYS):
        return _of_logged_json(entry)
    return request_of(entry)


def _of_logged_json(entry: Mapping[str, object]) -> Request | None:
    method, target = entry.get("method"), entry.get("path")
    if not isinstance(method, str) or not isinstance(target, str):
        raise UnreadableLineError(
            f"neither a request, with the keys {', '.join(KEYS)}, nor a log line with method and path"
        )
    return _logged(method, target)


def request_of(entry: Mapping[str, object]) -> Request:
    """A request that is given by its parts. Raises UnreadableError."""
    method, target, headers = entry.get("method", "GET"), entry.get("path"), entry.get("headers", {})
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise UnreadableLineError(f"method {json.dumps(method)}: write GET or the like")
    if not isinstance(target, str) or not target.startswith("/"):
        raise UnreadableLineError(f"path {json.dumps(target)}: write one that begins with /")
    if not isinstance(headers, dict):
        raise UnreadableLineError("headers: write them as an object")
    sent = [_header(name, value) for name, value in cast("dict[str, object]", headers).items()]
    body = entry.get("body", "")
    if isinstance(body, str):
        return Request(method, _target(target), tuple(sent), body.encode())
    if "content-type" not in {name.lower() for name, _ in sent}:
        sent.append(("Content-Type", "application/json"))
    return Request(method, _target(target), tuple(sent), json.dumps(body).encode())


def _header(name: str, value: object) -> tuple[str, str]:
    if not _TOKEN.fullmatch(name) or not isinstance(value, str) or _HIDDEN.search(value):
        raise UnreadableLineError(f"header {json.dumps(name)}: write a name and a text")
    return name, value


def _target(text: str) -> str:
    """What can be sent: the characters that a URL can't have are encoded, as browsers do."""
    return quote(text.partition("#")[0], safe="/?:@!$&'()*+,;=%-._~[]|{}^\\`\"<>")
