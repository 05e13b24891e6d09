"""Serves the page on this machine's loopback address, to this machine only."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.setup.say import MachineError

PAGE = Path(__file__).parent / "page"
HOST = "127.0.0.1"
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

State = Callable[[], Mapping[str, Any]]
"""What the page asks for again and again."""


def served(verb: str, port: int, state: State) -> ThreadingHTTPServer:
    """The server, listening; `serve_forever` makes it answer. port: 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            # Another site's name that leads to this address must not read what is shown (DNS rebinding).
            if self.headers.get("Host", "").rpartition(":")[0] not in (HOST, "localhost"):
                self._answer(421, "text/plain; charset=utf-8", b"ask 127.0.0.1\n")
            elif self.path == "/state.json":
                self._answer(200, "application/json", json.dumps(state()).encode())
            elif self.path in _FILES:
                file, kind = _FILES[self.path]
                self._answer(200, kind, (PAGE / file).read_bytes())
            else:
                self._answer(404, "text/plain; charset=utf-8", b"there is one page: /\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """The terminal is for the user."""

    try:
        return ThreadingHTTPServer((HOST, port), Handler)
    except OSError as failure:
        found = f"PORT={port}: {failure.strerror} on {HOST}"
        raise MachineError(verb, found, "give another one, or PORT=0 for any that is free") from None


class Latest:
    """What was seen last, by a thread that looks again and again; a failure is shown and not the end."""

    def __init__(self, look: Callable[[], Mapping[str, Any]], every: float) -> None:
        self._look, self._every = look, every
        self._ended, self._state = threading.Event(), dict[str, Any]()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._once()
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def state(self) -> Mapping[str, Any]:
        return self._state

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            self._once()

    def _once(self) -> None:
        try:
            self._state = {**self._look(), "problem": ""}
        except MachineError as failure:
            self._state = {**self._state, "problem": str(failure)}
