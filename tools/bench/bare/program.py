"""Another program, deployed like the message board, to tell the engine's share from the project's."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.local.board import PROJECT, Run
from tools.setup.stack import backend

HERE = Path(__file__).parent
STACK = "bare"
LIMIT = 420
"""Seconds that one command may take."""


class Bare:
    """One of the programs of this folder, in a folder and a backend of its own. services: a folder that it is given."""

    def __init__(self, folder: Path, program: str, services: Path | None = None) -> None:
        self.folder, self.stack = folder, STACK
        state = folder / ".strangler/state"
        state.mkdir(parents=True)
        shutil.copy(HERE / f"{program}.py", folder / "__main__.py")
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "bare", "runtime": runtime}))
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        if services:
            shutil.copytree(services, folder / "services")
            shutil.copytree(PROJECT / "components/local/envoy/image", folder / "components/local/envoy/image")
        self._environ = {
            **os.environ,
            "PULUMI_BACKEND_URL": backend(state),
            "PULUMI_CONFIG_PASSPHRASE": "",
        }
        self.run("stack", "init", self.stack).ok()

    def run(self, *arguments: str) -> Run:
        """Runs the CLI to its end."""
        started = time.monotonic()
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return Run(done.returncode, done.stdout, time.monotonic() - started)

    def config(self, key: str, value: str) -> None:
        """`pulumi config set`."""
        self.run("config", "set", key, value, "-s", self.stack).ok()
