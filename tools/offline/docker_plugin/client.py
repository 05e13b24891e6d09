"""Docker's command line client: builds and pushes, which need BuildKit's protocol and the client's credentials."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools.offline.docker_plugin.errors import PluginError
from tools.offline.docker_plugin.job import Job

_TAIL_LINES: Final = 20
_CHATTER: Final = re.compile(r"#\d+ (sha256:|transferring |DONE |CACHED)")
"""Lines of a build that tell nothing of why it failed."""
_DEBIAN_CLIENT: Final = Path("/usr/bin/docker")


def run(job: Job, what: str, arguments: list[str], settings: dict[str, str]) -> None:
    """Run the client, show its steps as they come, and raise `PluginError` with the end of its output if it fails.

    `settings` are added to the environment. `what` begins the error: "building image x from y".
    """
    environment = {**os.environ, "DOCKER_HOST": job.docker.host, **settings}
    environment.pop("DOCKER_CONTEXT", None)  # would be at odds with DOCKER_HOST
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    with (
        subprocess.Popen(
            [_executable(), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
        job.cancellation.child(process),
    ):
        for line in process.stdout or ():
            shown = line.rstrip()
            if shown and not _CHATTER.match(shown):
                tail.append(shown)
            if shown.startswith("#") and "[" in shown:
                job.tell(shown)
    job.cancellation.check()
    if process.returncode != 0:
        end = "\n".join(f"    {line}" for line in tail)
        raise PluginError(f"{what} failed with exit code {process.returncode}; its last lines:\n{end}")


@contextmanager
def credentials(key: str, username: str, password: str) -> Generator[dict[str, str]]:
    """The settings with which the client knows a registry's credentials; their folder is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="strangler-docker-") as folder:
        secret = base64.b64encode(f"{username}:{password}".encode()).decode()
        file = Path(folder) / "config.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({"auths": {key: {"auth": secret}}}))
        yield {"DOCKER_CONFIG": folder}


def _executable() -> str:
    """The client: `STRANGLER_DOCKER`, else Debian's, which has BuildKit built in, else the first on PATH."""
    given = os.environ.get("STRANGLER_DOCKER")
    if given:
        return given
    found = str(_DEBIAN_CLIENT) if _DEBIAN_CLIENT.exists() else shutil.which("docker")
    if found is None:
        raise PluginError("no docker client on PATH; install docker, or set STRANGLER_DOCKER to its path")
    return found
