"""A service that answers with what it was asked, and holds websockets and event streams open; and clients of both."""

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

SERVER = """import http from 'node:http';
const name = process.env.COPILOT_SERVICE_NAME;
const open = new Set();
const server = http.createServer({ maxHeaderSize: 1 << 20 }, (request, response) => {
  if (request.url.endsWith('/events')) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const timer = setInterval(() => response.write(`data: ${name}\\n\\n`), 100);
    return request.on('close', () => clearInterval(timer));
  }
  if (request.url.endsWith('/silent')) return;
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    const wanted = Number(request.headers['x-want'] ?? 0);
    for (let number = 0; number < wanted; number++) response.setHeader(`X-R-${number}`, 'r');
    response.setHeader('X-Mixed-Case', name);
    response.end(JSON.stringify({
      name, method: request.method, url: request.url, version: request.httpVersion,
      headers: request.rawHeaders, trailers: request.rawTrailers, body: Buffer.concat(parts).toString(),
    }));
  });
});
server.on('upgrade', (request, connection) => {
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `X-Service: ${name}`];
  connection.write(`${head.join('\\r\\n')}\\r\\n\\r\\n`);
  open.add(connection);
  connection.on('data', data => connection.write(data));
  connection.on('error', () => connection.destroy());
  connection.on('close', () => open.delete(connection));
});
process.on('SIGTERM', () => {
  for (const connection of open) connection.destroy();
  server.close(() => process.exit(0));
});
server.maxHeadersCount = 0;
server.keepAliveTimeout = 2000;
server.listen(3000);
"""
"""In Node, with nothing but its own modules. Its idle connections close after 2 s, as gunicorn's do."""

SILENCE = 10
"""Seconds without a byte after which a client takes its connection for dead."""


def ask(port: int, request: bytes, seconds: float = 5) -> bytes:
    """All that comes back for these bytes until the other side closes or is silent for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        connection.settimeout(seconds)
        answer = b""
        try:
            while part := connection.recv(1 << 16):
                answer += part
                connection.settimeout(1)
        except TimeoutError:
            pass
        return answer


def seen(answer: bytes) -> dict[str, Any]:
    """What the service was asked, by its answer."""
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def upgrade(path: str, token: str = "websocket", connection: str = "Upgrade") -> bytes:
    """A request that asks for another protocol."""
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
    return f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: {connection}\r\nUpgrade: {token}\r\n{key}\r\n\r\n".encode()


class Socket:
    """A websocket; its frames are whatever bytes, as no proxy looks at them."""

    def __init__(self, port: int, path: str) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=SILENCE)
        self._connection.sendall(upgrade(path))
        head = b""
        while b"\r\n\r\n" not in head:
            part = self._connection.recv(1 << 16)
            assert part, f"no upgrade: {head!r}"
            head += part
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.service = head.partition(b"X-Service: ")[2].partition(b"\r\n")[0].decode()

    def echo(self, message: bytes) -> None:
        """Sends a message and takes it back."""
        self._connection.sendall(message)
        back = b""
        while len(back) < len(message):
            part = self._connection.recv(1 << 16)
            if not part:
                raise ConnectionResetError("the websocket was closed")
            back += part
        assert back == message

    def close(self) -> None:
        """Ends it."""
        self._connection.close()


@dataclass
class OpenConnections:
    """Websockets and event streams that are opened first and must live until the end."""

    port: int
    paths: tuple[str, ...]
    failures: list[str] = field(default_factory=list[str])
    messages: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def __enter__(self) -> "OpenConnections":
        ready = threading.Barrier(2 * len(self.paths) + 1)
        for path in self.paths:
            for client in (self._websocket, self._events):
                thread = threading.Thread(target=self._watched, args=(client, path, ready), daemon=True)
                thread.start()
                self._threads.append(thread)
        ready.wait(timeout=30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _watched(self, client: Any, path: str, ready: threading.Barrier) -> None:
        try:
            client(path, ready)
        except (OSError, AssertionError) as failure:
            self.failures.append(f"{client.__name__} {path}: {failure!r}")
            ready.abort()

    def _websocket(self, path: str, ready: threading.Barrier) -> None:
        connection = Socket(self.port, path)
        ready.wait()
        while not self._stop.is_set():
            connection.echo(b"one message")
            self.messages += 1
            time.sleep(0.05)
        connection.close()

    def _events(self, path: str, ready: threading.Barrier) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=SILENCE) as connection:
            connection.sendall(f"GET {path.rstrip('/')}/events HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            assert b" 200 " in connection.recv(1 << 16)
            ready.wait()
            while not self._stop.is_set():
                if not connection.recv(1 << 16):
                    raise ConnectionResetError("the event stream ended")
                self.messages += 1
