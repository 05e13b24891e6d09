"""A stand-in of dockerd for the tests: answers /_ping on its socket, keeps a pid file, ends on SIGTERM.

Its data folder may hold a file `refuse`: then it fails as dockerd does, with the reason in that file.
"""

import argparse
import http.server
import os
import signal
import socketserver
import sys
from pathlib import Path
from types import FrameType


class Ping(http.server.BaseHTTPRequestHandler):
    """Says OK to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        pass


def main() -> None:
    """Serve until a SIGTERM comes."""
    parser = argparse.ArgumentParser()
    for name in ("--data-root", "--exec-root", "--pidfile", "--host", "--bridge", "--mtu", "--log-level"):
        parser.add_argument(name, required=True)
    parser.add_argument("--live-restore", action="store_true", required=True)
    parser.add_argument("--userland-proxy", required=True)
    asked = parser.parse_args()
    refusal = Path(asked.data_root) / "refuse"
    if refusal.exists():
        sys.exit(f"time=now level=info\nfailed to start daemon: {refusal.read_text()}")
    Path(asked.pidfile).write_text(str(os.getpid()))

    def leave(_number: int, _frame: FrameType | None) -> None:
        Path(asked.pidfile).unlink()
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    with socketserver.UnixStreamServer(str(asked.host).removeprefix("unix://"), Ping) as server:
        server.serve_forever()


main()
