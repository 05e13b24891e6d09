"""Another program, deployed like the message board, to tell the engine's share from the project's."""

import json
import os
import shutil
import uuid
from pathlib import Path

from components.local.engine import Engine
from tests.local.board import PROJECT, Board

HERE = Path(__file__).parent


class Bare(Board):
    """One of the programs of this folder, in a folder and a stack of its own. services: a folder that it is given."""

    def __init__(self, folder: Path, program: str, services: Path | None = None) -> None:
        self.folder, self.stack, self.port = folder, f"b{uuid.uuid4().hex[:8]}", 0
        state = folder / ".strangler/state"
        state.mkdir(parents=True)
        shutil.copy(HERE / f"{program}.py", folder / "__main__.py")
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "bare", "runtime": runtime}))
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        if services:
            shutil.copytree(services, folder / "services")
            shutil.copytree(PROJECT / "components/local/facade", folder / "components/local/facade")
        self.environ = {**os.environ, "PULUMI_BACKEND_URL": f"file://{state}", "PULUMI_CONFIG_PASSPHRASE": ""}
        self.run("stack", "init", self.stack).ok()
        self.engine = Engine.connect()
