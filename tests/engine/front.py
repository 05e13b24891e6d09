"""What answers on the internet for an account of the stand-in: an HTTP proxy on this machine, as no name of AWS's leads
anywhere here. The program's own HTTP client goes by the variables that name a proxy, as any user's does.

It asks `trace` who answers by the resources as they are at that moment, and answers for that container itself. With
TLS it is every name of `NAMES`, by a CA of its own.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from tests.certificates import certified
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
class Front:
    """The running proxy."""

    cloud: Cloud
    answers: Answers
    authority: Path
    """The file with its CA."""
    seen: list[Seen] = field(default_factory=list[Seen])
    before: Callable[[], None] | None = None
    """Called before each answer. Default: nothing is."""
    port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead there."""
        url = f"http://127.0.0.1:{self.port}"
        own = {"http_proxy": url, "https_proxy": url, "no_proxy": "127.0.0.1,localhost"}
        return {**own, "SSL_CERT_FILE": str(self.authority)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    called = ""

    def do_CONNECT(self) -> None:
        self.called = self.path.partition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = cast("_Server", self.server).tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self) -> None:
        front, headers = cast("_Server", self.server).front, dict(self.headers.items())
        url = f"{'https' if isinstance(self.connection, ssl.SSLSocket) else 'http'}://{headers['Host']}"
        path = urlsplit(self.path).path
        if front.before:
            front.before()
        found = trace.answer(front.cloud.snapshot, url, "GET", path, greedy_takes_empty=True, headers=headers)
        (by,) = found  # nothing is shared where this is used
        front.seen.append(Seen(url + path, headers, by, self.called or urlsplit(self.path).hostname or ""))
        body = json.dumps(front.answers[by] if isinstance(by, str) else {"status": by}).encode()
        self.send_response(by if isinstance(by, int) else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, front: Front, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.front, self.tls = front, tls

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error."""


@contextlib.contextmanager
def front(cloud: Cloud, answers: Answers, folder: Path) -> Generator[Front]:
    """Serve an account's answers. folder: for certificates."""
    folder.mkdir()
    authority, key, certificate = certified(folder, *NAMES)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    made = Front(cloud, answers, authority)
    server = _Server(made, tls)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
