"""The program itself, with manifests of a test's own, through the real CLI on the stand-ins."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.engine.warm import WarmStack
from tests.projects import Tree, write_project
from tests.repository import ROOT
from tools.standin.cloud import Cloud
from tools.standin.engine import Run


def project(folder: Path, manifests: Mapping[str, object]) -> Path:
    """A project folder with these services; each builds from a context of its own."""
    write_project(folder, manifests)
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("components", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def stack(
    folder: Path,
    facade: str,
    manifests: Mapping[str, object],
    config: Tree | None = None,
    cloud: Cloud | None = None,
    environment: Mapping[str, str] | None = None,
) -> WarmStack:
    """A stack of that project on AWS. Nothing outlives its end. environment: more variables of the program's."""
    own = {"platform": "aws", "facade": facade, "deleteImages": True, **(config or {})}
    return WarmStack(
        project(folder, manifests),
        cloud,
        config={f"strangler:{key}": value for key, value in own.items()},
        environment=environment,
    )


def must(run: Run) -> Run:
    """The run, which succeeded."""
    assert run.ok, "\n".join(run.errors) or run.output
    return run
