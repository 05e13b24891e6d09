"""Hosts with names of the internet, played by a test: an HTTP proxy on this machine to which the variables lead that
every client goes by, and which is each of the hosts itself, by the certificate of a CA of the test's own."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from tests.certificates import certified


class NamedHost(BaseHTTPRequestHandler):
    """A request to one of the hosts, with TLS or without."""

    protocol_version = "HTTP/1.1"
    called = ""
    """The host that a client wanted with TLS."""

    def do_CONNECT(self) -> None:
        """A client that wants TLS gets it from here."""
        self.called = self.path.partition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = cast("_Server", self.server).tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self) -> None:
        """Answered by the test."""
        cast("_Server", self.server).answer(self)

    def do_POST(self) -> None:
        """The same."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext, answer: Callable[[NamedHost], None]) -> None:
        super().__init__(("127.0.0.1", 0), NamedHost)
        self.tls, self.answer = tls, answer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error."""


@contextlib.contextmanager
def named_hosts(folder: Path, names: tuple[str, ...], answer: Callable[[NamedHost], None]) -> Generator[dict[str, str]]:
    """Serve hosts; the variables that lead there. folder: for certificates. answer: what answers a request."""
    authority, key, certificate = certified(folder, *names)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = _Server(tls, answer)
    url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield {
            "http_proxy": url,
            "https_proxy": url,
            "no_proxy": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(authority),
        }
    finally:
        server.shutdown()
        server.server_close()
