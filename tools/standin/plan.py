"""The plan of a stack file without an account, credentials or network: `pulumi preview` on the stand-ins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from tools.standin.cloud import Cloud
from tools.standin.engine import isolated_environment
from tools.standin.server import serve
from tools.standin.values import table

_DEFAULT_REGION = "eu-west-1"


class PlanError(Exception):
    """What is wrong with the request, in one line."""


def plan(stack: str, arguments: Sequence[str], project: Path) -> int:
    """Preview a stack of the project, by its name or by the path of its file (`…/Pulumi.<name>.yaml`), and answer with
    the exit code of the CLI.

    The stack's file is copied, the backend and the CLI's own folder are temporary: nothing of the user's is touched.
    """
    file = project / (stack if stack.endswith(".yaml") else f"Pulumi.{stack}.yaml")
    stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    if not (project / "Pulumi.yaml").is_file():
        raise PlanError(f"{project}: there is no Pulumi.yaml; run this in the project's folder")
    if not file.is_file():
        known = ", ".join(sorted(path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml"))) or "none"
        raise PlanError(f"{file.name}: there is no such stack file in {file.parent}; stacks: {known}")
    if shutil.which("pulumi") is None:
        raise PlanError("pulumi: the CLI is not on PATH; run `make setup`")
    folder = Path(tempfile.mkdtemp(prefix="standin-plan-"))
    try:
        return _preview(folder, stack, arguments, project, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _preview(folder: Path, stack: str, arguments: Sequence[str], project: Path, file: Path) -> int:
    cloud = Cloud(region=_region(file), root=project, lenient=True)
    with serve(cloud) as servers:
        environment = isolated_environment(folder, servers.debug_providers)
        environment["PULUMI_CONFIG_PASSPHRASE"] = os.environ.get("PULUMI_CONFIG_PASSPHRASE", "")
        empty = folder / "project"
        empty.mkdir()
        shutil.copy(project / "Pulumi.yaml", empty)
        copy = Path(shutil.copy(file, empty))
        made = subprocess.run(
            ["pulumi", "stack", "init", stack, "--non-interactive"],
            cwd=empty,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise PlanError(f"{file.name}: {_last_line(made.stderr or made.stdout)}")
        # Manifests may name variables of the shell. What leads to the user's own accounts and backends stays away.
        environment = {**user_variables(), **environment}
        command = ["pulumi", "preview", "--stack", stack, "--config-file", str(copy), "--non-interactive", *arguments]
        sys.stdout.flush()
        return subprocess.run(command, cwd=project, env=environment, check=False).returncode


def user_variables() -> dict[str, str]:
    """The variables of the user's shell that a manifest may name, without those that steer the CLI or AWS's clients."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_", "PYTHON"))}


def _region(file: Path) -> str:
    try:
        found = table(yaml.safe_load(file.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PlanError(f"{file.name}{line}: is not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise PlanError(f"{file.name}: is not YAML: {' '.join(str(error).split())}") from error
    return str(table(found.get("config")).get("aws:region") or _DEFAULT_REGION)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ") if lines else "no message"
