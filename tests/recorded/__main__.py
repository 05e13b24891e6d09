"""`python -m tests.recorded VERSION`: records the stacks of a version that have no state yet. See README.md."""

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tests.engine.projects import must
from tests.recorded.recording import FOLDER, Recording, as_recorded, recordings
from tests.repository import ROOT

PACKAGES = ("pulumi", "pulumi-aws", "pulumi-aws-native", "pulumi-awsx", "pulumi-docker")


def record(recording: Recording) -> None:
    """Makes the stack with the program as it is, and keeps its state."""
    with (
        tempfile.TemporaryDirectory() as folder,
        recording.opened(Path(folder), os.environ.get("DOCKER_HOST", "")) as stack,
    ):
        try:
            must(stack.up())
            assert must(stack.up()).lines() == [], "a second up has something to do"
            exported = json.loads(must(stack.pulumi("stack", "export", "--show-secrets")).output)
            recording.state.write_text(as_recorded(exported["deployment"]["resources"]), encoding="utf-8")
        finally:
            if recording.local:
                must(stack.destroy())


def versions() -> dict[str, str]:
    """What records: the commit, the CLI, and the packages."""
    commit = _said("git", "rev-parse", "HEAD")
    return {"commit": commit, "cli": _said("pulumi", "version"), **{name: version(name) for name in PACKAGES}}


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def main(name: str) -> None:
    """Records what has no state in the folder of a version."""
    found = [recording for recording in recordings(FOLDER / name) if not recording.state.exists()]
    for recording in found:
        print(recording.name, flush=True)
        record(recording)
    if found:
        (FOLDER / name / "versions.json").write_text(json.dumps(versions(), indent=2) + "\n", encoding="utf-8")


main(sys.argv[1])
