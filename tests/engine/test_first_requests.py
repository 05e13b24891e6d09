"""What runs elsewhere, by a URL, is asked before the first request is led there, on the real engine: the program's own
HTTP client goes by the variables that name a proxy, which answers for it on this machine."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from tests.engine.projects import must, stack
from tests.projects import Tree, manifest

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
URL = "http://legacy.example.com"
OTHER = "http://other.example.com"
WHERE = "services.legacy.url"


def routes(service: str, weight: int) -> Tree:
    return {"routes": {"old": {"path": "/old", "service": service, "weight": weight}}}


@dataclass
class Elsewhere:
    """Who answers for every host, by a proxy."""

    status: int = 200
    seen: list[str] = field(default_factory=list[str])
    port: int = 0


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        elsewhere = cast("_Server", self.server).elsewhere
        elsewhere.seen.append(self.path)
        self.send_response(elsewhere.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.elsewhere = Elsewhere(port=self.server_port)


@contextmanager
def _served() -> Generator[Elsewhere]:
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.elsewhere
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("facade", ["api-gateway", "refactor-spaces"])
def test_a_route_turns_to_what_runs_elsewhere_only_if_that_answers(facade: str, tmp_path: Path) -> None:
    config: Tree = {"services": {"legacy": {"url": URL, "healthcheck": "/health"}}, **routes("legacy", 0)}
    with _served() as elsewhere, stack(tmp_path, facade, TWO, config) as found:
        proxy = f"http://127.0.0.1:{elsewhere.port}"
        found.environment.update({"http_proxy": proxy, "no_proxy": "127.0.0.1,localhost"})
        must(found.up())
        assert elsewhere.seen == [], "no request is led there"

        found.set("strangler:routes", json.dumps(routes("legacy", 100)["routes"]))
        planned = must(found.plan())
        assert f"{WHERE}: up asks for {URL}/health before anything is made or led there" in planned.output
        assert elsewhere.seen == [], "a preview asks nothing"
        elsewhere.status = 503
        refused = found.up()
        assert not refused.ok
        (line,) = [error for error in refused.errors if "legacy" in error]
        assert f"{WHERE}: {URL}/health: answers 503; nothing has been changed; it must answer 200-499, or" in line
        assert (refused.lines(), elsewhere.seen) == ([], [f"{URL}/health"] * 3)

        found.environment["http_proxy"] = "http://127.0.0.1:1"
        refused = found.up()
        assert not refused.ok
        assert f"{URL}/health: Connection refused; nothing has been changed" in refused.output
        assert refused.lines() == []

        found.environment["http_proxy"] = proxy
        elsewhere.status = 401
        must(found.up())
        assert len(elsewhere.seen) == 4
        elsewhere.status = 503
        assert must(found.up()).lines() == []
        found.set("strangler:routes", json.dumps(routes("legacy", 0)["routes"]))
        must(found.up())
        assert len(elsewhere.seen) == 4, "neither where nothing moves nor on the way back"

        # As the default, and by another URL.
        found.set("strangler:routes", json.dumps(routes("users", 0)["routes"]))
        found.set("strangler:default", "legacy")
        refused = found.up()
        assert not refused.ok
        assert f"{URL}/health: answers 503" in refused.output
        assert refused.lines() == []
        found.set("strangler:services", json.dumps({"legacy": {"url": OTHER, "check": False}}))
        must(found.up())
        assert f"{OTHER}/" not in elsewhere.seen
        must(found.destroy())
