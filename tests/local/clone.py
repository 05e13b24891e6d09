"""A fresh clone of the repository, and the command lines of its README, typed into a shell as a user would."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.local.board import Run, docker, free_port
from tests.repository import ROOT, files

BLOCK = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LIMIT = 580
"""Seconds that one command line may take."""


def command_lines(document: str) -> list[str]:
    """What a document tells to type: the lines of its shell blocks; where a block has prompts, only those after one."""
    lines: list[str] = []
    for block in BLOCK.findall(document):
        rows = [row.strip() for row in block.replace("\\\n", " ").splitlines()]
        typed = [row[2:] for row in rows if row.startswith("$ ")] or [row for row in rows if row[:1] != "#"]
        lines += [re.sub(r"\s+# .*", "", row).strip() for row in typed]
    return [line for line in lines if line]


def user_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a user's shell, in which nobody has set up this project; the engine stays where it is."""
    kept = {
        name: value for name, value in environ.items() if not name.startswith(("STRANGLER_", "PULUMI_", "VIRTUAL_"))
    }
    folders = [folder for folder in environ.get("PATH", "").split(os.pathsep) if folder != str(ROOT / ".venv/bin")]
    return {**kept, "PATH": os.pathsep.join(folders)}


class Clone:
    """The repository's files in a folder of their own, committed, with a port that is free instead of the usual one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.port = free_port()
        self.environ = user_environment(os.environ)
        for path in files():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
        with (folder / "Pulumi.local.yaml").open("a") as settings:
            settings.write(f'  strangler:port: "{self.port}"\n')
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "as it was cloned")

    def git(self, *arguments: str) -> str:
        """What a git command prints."""
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def type(self, *lines: str) -> Run:
        """Types lines into one shell, with this clone's port in place of README's."""
        started = time.monotonic()
        done = subprocess.run(
            ["sh", "-ec", "\n".join(lines).replace(":8080", f":{self.port}")],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return Run(done.returncode, done.stdout, time.monotonic() - started)

    def left(self) -> dict[str, list[str]]:
        """The ids of what this clone has on the engine, by kind."""
        label = f"label=strangler.folder={self.folder}"
        everything = {"container": ["--all"], "network": [], "volume": []}
        return {kind: docker(kind, "ls", "-q", *more, "--filter", label).split() for kind, more in everything.items()}

    def remove(self) -> None:
        """Removes everything, whatever state it is in."""
        self.type("make down")
        for kind, ids in self.left().items():
            for name in ids:
                docker(kind, "rm", *([] if kind == "network" else ["--force"]), name)
        shutil.rmtree(self.folder)
