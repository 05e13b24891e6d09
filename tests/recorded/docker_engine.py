"""A Docker engine that runs one container, the facade of a recorded stack: all that a preview on `local` asks for. So
the recorded containers needn't exist, and the recorded port may be in use."""

import http.server
import json
import socketserver
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(socket: Path, facade: Mapping[str, int]) -> Generator[str]:
    """Its address, while it runs. facade: the container's name, and its port on 127.0.0.1."""
    answers: dict[str, object] = {"_ping": "OK", "version": {"ApiVersion": "1.44", "Os": "linux", "Arch": "amd64"}}
    for name, port in facade.items():
        answers[f"containers/{name}/json"] = {
            "Id": "0",
            "State": {"Running": True, "ExitCode": 0},
            "Config": {},
            "NetworkSettings": {"Networks": {}, "Ports": {"8080/tcp": [{"HostPort": str(port)}]}},
        }

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = self.path.strip("/").split("/")
            path = "/".join(parts[1:] if parts[0].startswith("v1.") else parts)
            body = json.dumps(answers.get(path, {"message": f"there is no {path}"})).encode()
            self.send_response(200 if path in answers else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    with socketserver.ThreadingUnixStreamServer(str(socket), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"unix://{socket}"
        finally:
            server.shutdown()
