"""Whether a Docker engine answers, asked on its unix socket: no client is needed, and it takes a millisecond."""

import http.client
import json
import socket
from pathlib import Path

ANSWER_SECONDS = 5.0
UNIX = "unix://"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(str(self._path))


def answers(path: Path) -> bool:
    """Whether an engine answers on this socket."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", "/_ping")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def networks(path: Path) -> list[str]:
    """The ids of an engine's networks; none if it doesn't say."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", "/networks")
        return [network["Id"] for network in json.loads(connection.getresponse().read())]
    except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError):
        return []
    finally:
        connection.close()


def socket_of(host: str) -> Path | None:
    """The path in a DOCKER_HOST like unix:///run/docker.sock; None for any other kind."""
    return Path(host[len(UNIX) :]) if host.startswith(UNIX) else None
