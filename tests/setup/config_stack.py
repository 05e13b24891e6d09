"""A stack's config as the real CLI writes it, and what it means to the program."""

import json
import os
import subprocess
from pathlib import Path

from components.model.routes import Route
from components.platform import checks_for
from components.settings import read_settings
from tools.setup import report
from tools.setup.stack import backend


class ConfigStack:
    """A stack `local` in a folder and a state of its own, with the real CLI. `project`: whose services are read."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.folder, self.project = folder, project
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text("name: strangler\nruntime: python\n")
        self.environ = {**os.environ, "PULUMI_BACKEND_URL": backend(folder / "state"), "PULUMI_CONFIG_PASSPHRASE": ""}
        self.type("pulumi stack init local")

    def write(self, text: str) -> None:
        """Writes the stack file."""
        (self.folder / "Pulumi.local.yaml").write_text(text)

    def type(self, line: str) -> str:
        """What a command line prints."""
        done = subprocess.run(
            ["sh", "-ec", line], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        return done.stdout

    def routes(self) -> tuple[object, dict[str, Route]]:
        """The key `routes` as the CLI stores it, and what it means to the program, by id."""
        printed = self.type("pulumi config --json --stack local")
        config = {key: entry["value"] for key, entry in json.loads(printed).items()}
        table = read_settings(config, self.project, "local", {"DATABASE_HOST": "172.17.0.1"}, checks_for).table
        return report.stored_routes(printed, "strangler"), {route.id: route for route in table.routes}
