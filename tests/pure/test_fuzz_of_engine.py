"""Whatever a Docker engine answers, and wherever it breaks off: a value or one line that says what failed."""

import http.server
import json
import socketserver
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, cast

import docker
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.local.docker_engine import Engine, EngineError
from tests import strategies
from tools.offline.docker_plugin.docker_engine import Docker
from tools.offline.docker_plugin.errors import PluginError

CALLS: Mapping[str, Callable[[Engine], object]] = {
    "connect": lambda _: Engine.connect(),
    "container": lambda engine: engine.container("users"),
    "labels_of_port": lambda engine: engine.labels_of_port(8080),
    "start": lambda engine: engine.start("users"),
    "remove_container": lambda engine: engine.remove_container("users"),
    "network_labels": lambda engine: engine.network_labels("users"),
    "create_network": lambda engine: engine.create_network("users", {"a": "b"}),
    "remove_network": lambda engine: engine.remove_network("users"),
    "join": lambda engine: engine.join("facade", "users"),
    "leave": lambda engine: engine.leave("facade", "users"),
    "log_tail": lambda engine: engine.log_tail("users"),
    "read": lambda engine: engine.read("facade", "/state.json"),
    "write": lambda engine: engine.write("facade", "/state.json", b"{}"),
}
"""All that the program asks of an engine."""

PLUGIN_CALLS: Mapping[str, Callable[[Docker], object]] = {
    "image_id": lambda engine: engine.image_id("users:1"),
    "repository_digests": lambda engine: engine.repository_digests("users:1"),
    "pull": lambda engine: engine.pull("users:1"),
    "create_container": lambda engine: engine.create_container({}, "users"),
    "plugin_container": lambda engine: engine.container("1"),
    "plugin_start": lambda engine: engine.start("1"),
    "stop": lambda engine: engine.stop("1", 1),
    "plugin_remove_container": lambda engine: engine.remove_container("1"),
    "update_container": lambda engine: engine.update_container("1", {"mem_limit": 4}),
    "leave_network": lambda engine: engine.leave_network("users", "1"),
    "join_network": lambda engine: engine.join_network("users", "1", ["a"]),
    "plugin_create_network": lambda engine: engine.create_network("users", {}),
    "network": lambda engine: engine.network("1"),
    "plugin_remove_network": lambda engine: engine.remove_network("1"),
}
"""All that the docker plugin of `tools/offline` asks of one."""

CONTAINER: Mapping[str, Any] = {
    "Id": "1",
    "State": {"Running": True, "ExitCode": 0},
    "NetworkSettings": {"Networks": {}, "Ports": {"8080/tcp": [{"HostPort": "8080"}]}},
    "Config": {"Labels": {}},
}


@dataclass
class Answers:
    """What the engine says to every request."""

    status: int = 200
    body: bytes = b""
    cut: int | None = None
    """How many bytes of it come before the connection breaks off; None: all."""
    versioned: bool = False
    """Whether it says its version, all the same."""


class FakeEngine(socketserver.ThreadingUnixStreamServer):
    """An engine that answers as it is told."""

    daemon_threads = True
    answers = Answers()


class _Handler(http.server.BaseHTTPRequestHandler):
    def _answer(self) -> None:
        answers = cast("FakeEngine", self.server).answers
        if answers.versioned and self.path.endswith("/version"):
            answers = Answers(body=b'{"ApiVersion": "1.43"}')
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(answers.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answers.body)))
        self.end_headers()
        self.wfile.write(answers.body[: answers.cut])
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeEngine]:
    with FakeEngine(str(tmp_path_factory.mktemp("fake") / "engine.sock"), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


KNOWN: list[object] = [CONTAINER, [CONTAINER], {**CONTAINER, "State": None}, {"message": 1}, {"ExitCode": "x"}]


def _bodies() -> st.SearchStrategy[bytes]:
    trees: st.SearchStrategy[object] = st.one_of(strategies.trees, st.sampled_from(KNOWN))
    partly = st.fixed_dictionaries({"Id": trees, "State": trees, "Labels": trees})
    answers = st.one_of(trees, partly, st.lists(partly, max_size=2)).map(json.dumps)
    return st.one_of(answers, st.text(max_size=20)).map(str.encode)


@given(
    st.sampled_from([*CALLS, *PLUGIN_CALLS]),
    st.sampled_from((200, 201, 204, 302, 404, 409, 500)),
    _bodies(),
    st.one_of(st.none(), st.integers(0, 40)),
)
@example("container", 200, json.dumps({**CONTAINER, "NetworkSettings": {"Ports": {"80/tcp": [{}]}}}).encode(), None)
@example("container", 200, b'{"Id": "1"}', None)
@example("labels_of_port", 200, b'{"Id": "1"}', None)
@example("network_labels", 200, b"[1]", None)
@example("connect", 200, b"[]", None)
@example("create_container", 200, b"{}", None)
@example("image_id", 200, b'"x"', None)
@example("write", 500, b'{"message": ["no"]}', None)
def test_any_answer_is_a_value_or_one_line(
    fake: FakeEngine, call: str, status: int, body: bytes, cut: int | None
) -> None:
    fake.answers = Answers(status, body, cut, versioned=call in PLUGIN_CALLS)
    host = f"unix://{Path(str(fake.server_address))}"
    client = cast("Any", docker).DockerClient(base_url=host, version="1.43", timeout=5)
    said = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", host)
        try:
            if call in CALLS:
                CALLS[call](Engine(client, "linux/amd64"))
            else:
                PLUGIN_CALLS[call](Docker(host))
        except (EngineError, PluginError) as failure:
            said = str(failure)
    client.close()
    assert len(said.splitlines()) <= 1
