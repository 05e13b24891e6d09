"""The wheel holds the components under the package's name, and what its metadata promises."""

import json
import re
import tomllib
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest

import components
from tests.package.wheel import pip, run, wheel
from tests.repository import ROOT, files
from tools.offline.language_host.toolchain import package_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def content() -> dict[str, bytes]:
    """The files of the wheel."""
    with ZipFile(wheel()) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture
def python(venv: Path) -> Path:
    """The Python of an environment with the wheel."""
    return venv / "bin/python"


def test_every_file_of_the_components_is_in_it_and_no_other_module() -> None:
    ours = {path.relative_to("components").as_posix() for path in files() if path.parts[0] == "components"}
    names = {name for name in content() if ".dist-info/" not in name}
    assert names == {f"pulumi_strangler/{name}" for name in ours}
    assert "pulumi_strangler/py.typed" in names


def test_a_module_differs_from_its_source_in_the_names_of_imports_only() -> None:
    renamed = 0
    for name, text in content().items():
        if not name.startswith("pulumi_strangler/") or not name.endswith(".py"):
            continue
        source = (ROOT / "components" / name.partition("/")[2]).read_bytes()
        differing = [(old, new) for old, new in zip(source.splitlines(), text.splitlines(), strict=True) if old != new]
        assert [new for old, new in differing if old.replace(b"from components", b"from pulumi_strangler") != new] == []
        renamed += len(differing)
        compile(text, name, "exec")
    assert renamed > 500


def test_what_it_says_of_itself_is_the_projects() -> None:
    (about,) = (message_from_bytes(text) for name, text in content().items() if name.endswith("/METADATA"))
    assert (about["Name"], about["Version"]) == ("pulumi-strangler", PROJECT["version"])
    assert about["License-File"] == "LICENSE"
    assert any(name.endswith("/licenses/LICENSE") for name in content())


def test_no_plugin_of_its_name_is_looked_for() -> None:
    """Pulumi's language host takes every distribution named `pulumi-…` for one with a plugin, unless it says no."""
    about = json.loads(content()["pulumi_strangler/pulumi-plugin.json"])
    assert package_of("pulumi-strangler", "1.0.0", about) is None
    assert package_of("pulumi-strangler", "1.0.0", None) is not None


def test_the_changelog_begins_with_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == PROJECT["version"]


@pytest.mark.parametrize(
    "folder", ["template", "plugin", "examples/alb-facade/python", "examples/services/python", "examples/apis/python"]
)
def test_what_needs_the_package_asks_for_this_version(folder: str) -> None:
    wanted = (ROOT / folder / "requirements.txt").read_text(encoding="utf-8")
    assert wanted == f"pulumi-strangler=={PROJECT['version']}\n"


def test_pip_finds_all_that_it_needs(python: Path) -> None:
    """What it needs is what the tests have: the lock, whose versions begin its ranges."""
    assert pip(python, "check") == "No broken requirements found."


def test_its_public_names_are_there_and_the_folders_own_name_is_not(python: Path, tmp_path: Path) -> None:
    names = ", ".join(components.__all__)
    program = (
        f"from pulumi_strangler import {names}; import pulumi_strangler, importlib.util as found; "
        "print(pulumi_strangler.__file__, found.find_spec('components'))"
    )
    printed = run(tmp_path, str(python), "-c", program)
    assert re.fullmatch(rf"{python.parent.parent}/lib/\S+/pulumi_strangler/__init__.py None", printed)


def test_a_pure_module_of_it_loads_no_sdk(python: Path, tmp_path: Path) -> None:
    program = "import sys, pulumi_strangler.model.routes; print([name for name in sys.modules if 'pulumi_' in name])"
    loaded = run(tmp_path, str(python), "-c", program)
    assert "pulumi_strangler" in loaded
    assert "pulumi_aws" not in loaded
