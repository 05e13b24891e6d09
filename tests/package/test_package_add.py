"""`pulumi package add` of the plugin in projects in TypeScript and Python: their programs, with the SDK that it makes,
come to what the example in Python comes to."""

import os
import shutil
import subprocess
import sysconfig
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from tests.engine.projects import must
from tests.package import hosts
from tests.package.plugins import installed
from tests.package.test_examples import EXAMPLES, IMAGES, OWN, SERVICES, USERS, graph, standing
from tests.package.wheel import bare, environment, run
from tests.repository import ROOT
from tools.standin import trace
from tools.standin.cloud import Cloud
from tools.standin.engine import EngineStack, isolated_environment
from tools.standin.values import table

BUILDS = "setuptools==84.2.1"
"""What builds the SDK for Python, which names no version of it."""


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel."""
    folder = tmp_path_factory.mktemp("python") / "venv"
    environment(folder)
    return folder


@pytest.fixture(scope="module")
def plugin(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's folder, with its requirement."""
    folder = tmp_path_factory.mktemp("plugin") / "strangler"
    shutil.copytree(ROOT / "plugin", folder, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    (folder / "venv").symlink_to(venv)
    return folder


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """PATH with the language hosts."""
    return hosts.path(tmp_path_factory.mktemp("hosts") / "bin")


@pytest.fixture(scope="module")
def expected(venv: Path) -> dict[str, Any]:
    """What the example in Python, which imports the package itself, comes to."""
    account = standing()
    with EngineStack(EXAMPLES / "python", account.cloud, config=account.config) as stack:
        (stack.program / "venv").symlink_to(venv)
        must(stack.up())
        return graph(stack)


def add(project: Path, plugin: Path, path: str, folder: Path) -> str:
    """What `pulumi package add` says in a project. Where npm finds its packages, it knows from the user's own files."""
    variables = {**isolated_environment(folder, ""), "HOME": os.environ["HOME"], "PATH": path}
    installed(folder / "home")
    done = subprocess.run(
        ["pulumi", "package", "add", str(plugin)],
        cwd=project,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def typescript(plugin: Path, path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in TypeScript, with its dependencies and the SDK of all components."""
    folder = tmp_path_factory.mktemp("typescript")
    project = folder / "project"
    shutil.copytree(EXAMPLES / "typescript", project, ignore=shutil.ignore_patterns("node_modules", "sdks"))
    assert 'import * as strangler from "@pulumi/strangler";' in add(project, plugin, path, folder)
    return project


def test_a_program_in_typescript_makes_the_same(expected: dict[str, Any], typescript: Path, path: str) -> None:
    account = standing()
    with EngineStack(typescript, account.cloud, config=account.config, environment={"PATH": path}) as stack:
        (stack.program / "node_modules").symlink_to(typescript / "node_modules")
        must(stack.up())
        assert account.answers(USERS) == {"users": 0.25, "monolith": 0.75}
        assert graph(stack) == expected


def test_services_in_typescript_are_made_of_the_same(venv: Path, plugin: Path, typescript: Path, path: str) -> None:
    for name in ("package.json", "package-lock.json"):
        assert (SERVICES / "typescript" / name).read_bytes() == (EXAMPLES / "typescript" / name).read_bytes()
    graphs: list[dict[str, Any]] = []
    for language in ("python", "typescript"):
        cloud = Cloud()
        with EngineStack(SERVICES / language, cloud, config=IMAGES, environment={"PATH": path}) as stack:
            if language == "python":
                (stack.program / "venv").symlink_to(venv)
                program = (stack.program / "__main__.py").read_text(encoding="utf-8")
                stack.rewrite(reduce(lambda text, line: text.replace(line, ""), OWN, program))
            else:
                (stack.program / "node_modules").symlink_to(typescript / "node_modules")
                with (stack.program / "Pulumi.yaml").open("a", encoding="utf-8") as file:
                    file.write(f"packages:\n  strangler: {plugin}\n")
            must(stack.up())
            answers = trace.answer(cloud.snapshot, stack.outputs()["url"], "GET", USERS)
            assert dict(answers) == {"users": 0.25, "monolith": 0.75}
            graphs.append(graph(stack))
    # What AWS and Pulumi make up differs: names and ids.
    first, second = ({urn: {*table(asked)} for urn, asked in found.items()} for found in graphs)
    assert first == second


def test_a_program_in_python_makes_the_same(expected: dict[str, Any], plugin: Path, path: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLES / "python", project, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    python = bare(tmp_path / "venv", sysconfig.get_path("purelib"))
    (project / "venv").symlink_to(tmp_path / "venv")
    assert "import pulumi_strangler as strangler" in add(project, plugin, path, tmp_path)
    assert (project / "requirements.txt").read_text(encoding="utf-8") == "sdks/strangler\n"
    (tmp_path / "builds").write_text(f"{BUILDS}\n", encoding="utf-8")
    install = f"uv pip install --no-deps --build-constraints {tmp_path}/builds --python {python} -r requirements.txt"
    run(project, *install.split())
    account = standing()
    with EngineStack(project, account.cloud, config=account.config, environment={"PATH": path}) as stack:
        program = (project / "__main__.py").read_text(encoding="utf-8")
        stack.rewrite(program.replace('"facade",\n    {\n', '"facade",\n    **{\n'))
        shutil.rmtree(stack.program / "venv")
        (stack.program / "venv").symlink_to(tmp_path / "venv")
        must(stack.up())
        assert account.answers(USERS) == {"users": 0.25, "monolith": 0.75}
        assert graph(stack) == expected
