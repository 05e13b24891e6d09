"""What answers on the internet for an account of the stand-in: an HTTP proxy on this machine, as no name of AWS's leads
anywhere here. The program's own HTTP client goes by the variables that name a proxy, as any user's does.

It asks `trace` who answers by the resources as they are at that moment, and answers for that container itself. With
TLS it is every name of `NAMES`, by a CA of its own.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.named_hosts import NamedHost, named_hosts
from tools.standin import trace
from tools.standin.cloud import Cloud

Answers = Mapping[str, object]
"""What each container says as JSON, whatever it is asked."""


NAMES = ("*.execute-api.eu-west-1.amazonaws.com", "www.example.com")


@dataclass
class Seen:
    """A request, and who answered it."""

    url: str
    headers: Mapping[str, str]
    by: str | int
    called: str
    """The name by which it was reached, whatever the URL says."""


@dataclass
class Internet:
    """The running proxy."""

    cloud: Cloud
    answers: Answers
    seen: list[Seen] = field(default_factory=list[Seen])
    before: Callable[[], None] | None = None
    """Called before each answer. Default: nothing is."""
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """The variables that lead there."""


def _answer(internet: Internet, request: NamedHost) -> None:
    headers = dict(request.headers.items())
    url = f"{'https' if isinstance(request.connection, ssl.SSLSocket) else 'http'}://{headers['Host']}"
    path = urlsplit(request.path).path
    if internet.before:
        internet.before()
    found = trace.answer(internet.cloud.snapshot, url, "GET", path, greedy_takes_empty=True, headers=headers)
    (by,) = found  # nothing is shared where this is used
    internet.seen.append(Seen(url + path, headers, by, request.called or urlsplit(request.path).hostname or ""))
    body = json.dumps(internet.answers[by] if isinstance(by, str) else {"status": by}).encode()
    request.send_response(by if isinstance(by, int) else 200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    with contextlib.suppress(OSError):
        request.wfile.write(body)


@contextlib.contextmanager
def internet(cloud: Cloud, answers: Answers, folder: Path) -> Generator[Internet]:
    """Serve an account's answers. folder: for certificates."""
    folder.mkdir()
    made = Internet(cloud, answers)
    with named_hosts(folder, NAMES, partial(_answer, made)) as made.environment:
        yield made
