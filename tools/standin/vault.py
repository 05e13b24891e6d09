"""A stand-in for HashiCorp Vault, which keeps the keys of test stacks.

With a passphrase, each command of the CLI first makes a key of it in a million rounds, a fifth of a second
(sdk/go/common/resource/config/crypt.go). Of Vault it asks one key back (gocloud.dev/secrets/hashivault). What is asked
for here hides nothing: it is for stacks without secrets.
"""

import json
import threading
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROVIDER = "hashivault://standin"
"""What a stack is initialised with."""

_MARK = "vault:v1:"
"""What Vault's ciphertexts begin with (Vault's documentation, "Transit secrets engine (API)")."""


class _Transit(BaseHTTPRequestHandler):
    """Two of its calls: `encrypt` and `decrypt`."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/v1/transit/encrypt/"):
            data = {"ciphertext": _MARK + asked["plaintext"]}
        else:
            data = {"plaintext": asked["ciphertext"].removeprefix(_MARK)}
        answer = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's names
        """Nobody reads it."""


@cache
def environment() -> Mapping[str, str]:
    """The variables that lead the CLI to the one of this process, which ends with it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}", "VAULT_SERVER_TOKEN": "standin"}
