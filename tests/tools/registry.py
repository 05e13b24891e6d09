"""A real registry on this machine, which wants a user and a password, for the tests that push."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

USER: Final = "AWS"
PASSWORD: Final = "open-sesame"
"""What the registry accepts at first."""
NEXT_PASSWORD: Final = "open-barley"
_HASHES: Final = {
    PASSWORD: "$2b$04$PxZJ2gYK3vnd6ZknnAIegeK81zqdSOaaYr924pJbFZWtvS/89.EHS",
    NEXT_PASSWORD: "$2b$04$QxZJ2gYK3vnd6ZknnAIegeYgcEq9cIXYURDnCKuCn.UFGy9EToFqy",
}
"""As bcrypt hashes them."""
_MANIFESTS: Final = "application/vnd.docker.distribution.manifest.v2+json,application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Registry:
    """A registry that runs. address: host and port, on the loopback."""

    address: str
    folder: Path

    def accept(self, password: str) -> None:
        """From now on this password alone, as ECR's are renewed. The registry reads the file again when its time of
        change is another one."""
        (self.folder / "users").write_text(f"{USER}:{_HASHES[password]}\n")

    def get(self, path: str, password: str) -> tuple[int, dict[str, str], bytes]:
        """The status, headers and body of its answer; 0 while nobody answers."""
        token = b64encode(f"{USER}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Accept": _MANIFESTS}
        request = urllib.request.Request(f"http://{self.address}{path}", headers=headers)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {}, b""
        except OSError:
            return 0, {}, b""

    def digest(self, repository: str, reference: str, password: str) -> str:
        """The digest by which it knows an image, asked for by tag or digest; empty if it has no such image."""
        _, headers, _ = self.get(f"/v2/{repository}/manifests/{reference}", password)
        return headers.get("Docker-Content-Digest", "")

    def repositories(self, password: str) -> list[str]:
        """The names of all its repositories."""
        status, _, body = self.get("/v2/_catalog", password)
        assert status == 200, status
        found: dict[str, Any] = json.loads(body)
        return found["repositories"]


@contextmanager
def running_registry(folder: Path) -> Generator[Registry]:
    """A registry with its data in this folder; its program is installed first where it is missing."""
    if shutil.which("docker-registry") is None:
        subprocess.run(["apt-get", "install", "--yes", "docker-registry"], check=True)
    found = next((one for one in (_started(folder) for _ in range(5)) if one is not None), None)
    assert found is not None, (folder / "log").read_text()
    process, registry = found
    try:
        yield registry
    finally:
        process.terminate()
        process.wait(60)


def _started(folder: Path) -> "tuple[subprocess.Popen[bytes], Registry] | None":
    """A running registry on a free port; None if it ended, as when another process took the port meanwhile."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        registry = Registry(f"127.0.0.1:{free.getsockname()[1]}", folder)
    registry.accept(PASSWORD)
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": registry.address},
        "auth": {"htpasswd": {"realm": "test", "path": str(folder / "users")}},
    }
    (folder / "config.yml").write_text(json.dumps(settings))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(folder / "config.yml")], stdout=log, stderr=log)
    deadline = time.monotonic() + 120
    while process.poll() is None:
        if registry.get("/v2/", "wrong")[0] == 401:
            return process, registry
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.1)
    return None
