"""Where everything lies: the project's folder and, in it, the folder of what the machine made."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_LIMIT = 100
"""Bytes: Linux allows 108 for a unix socket, and the engine adds a little."""


@dataclass(frozen=True)
class Place:
    """The paths of one clone of the project. Nothing outside `root` is written, but for a socket in /run."""

    root: Path

    @property
    def work(self) -> Path:
        """What was made or downloaded, and the state: ignored by git, and removed by `make clean`."""
        return self.root / ".strangler"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def bin(self) -> Path:
        """What a CLI of the machine's own lacks next to it."""
        return self.work / "bin"

    @property
    def logs(self) -> Path:
        return self.work / "logs"

    @property
    def stamps(self) -> Path:
        return self.work / "stamps"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME: apart from the user's own login and plugins."""
        return self.work / "pulumi"

    @property
    def plugins(self) -> Path:
        return self.pulumi_home / "plugins"

    @property
    def state(self) -> Path:
        return self.work / "state"

    @property
    def docker(self) -> Path:
        """The folder of the project's own Docker engine."""
        return self.work / "docker"

    @property
    def mark(self) -> str:
        """Eight letters that tell this clone from others on the machine."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]

    @property
    def socket(self) -> Path:
        """The own engine's socket: in the project, unless that path is too long for a unix socket."""
        inside = self.work / "docker.sock"
        return inside if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT else Path(f"/run/strangler-{self.mark}.sock")
