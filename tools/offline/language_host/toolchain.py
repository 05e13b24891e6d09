"""Which Python runs a program, in which environment, and which packages it has.

The rules and the texts are those of `sdk/python/toolchain` in Pulumi's repository (v3.250.0), for the toolchain pip.
"""

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

TOOLCHAINS = ("pip", "poetry", "uv")
TYPE_CHECKERS = ("mypy", "pyright")

WITHOUT_PLUGIN = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
"""Packages that Pulumi's own host knows to have no plugin (`packagesWithoutPlugins` of its main.go)."""

LISTING = """
import json, os, sys
found = {}
for place in sys.path:
    names = os.listdir(place) if os.path.isdir(place) else []
    for info in sorted(names):
        stem, dot, kind = info.rpartition(".")
        if kind in ("dist-info", "egg-info"):
            name, _, version = stem.partition("-")
            path = os.path.join(place, name, "pulumi-plugin.json")
            there = os.path.isfile(path)
            if name not in found:
                found[name] = [version.partition("-")[0], open(path).read() if there else ""]
print(json.dumps(found))
"""
"""Prints the installed packages by the names of their folders, some 30 times as fast as `pip list`, which reads all."""


class ToolchainError(Exception):
    """The project can't be run as its options say. Its text is what Pulumi's own host says, where that can happen."""


@dataclass(frozen=True)
class Toolchain:
    """A Python with its environment, as an option of `Pulumi.yaml` or PATH names it."""

    name: str
    """As `pulumi about` shows it: `Pip`, or `Auto` without the option."""

    option: str
    """The virtual environment as `Pulumi.yaml` has it; empty where there is none."""

    folder: str
    """The virtual environment's absolute path; empty where there is none."""

    def python(self) -> str:
        """The interpreter; without a virtual environment `PULUMI_PYTHON_CMD`, else python3 or python on PATH."""
        if self.folder:
            return f"{self.folder}/bin/python"
        named = os.environ.get("PULUMI_PYTHON_CMD")
        names = [named] if named else ["python3", "python"]
        found = next((path for name in names if (path := shutil.which(name))), None)
        if found is None:
            wanted = " ".join(f'"{name}"' for name in names)
            raise ToolchainError(
                f"failed to locate any of [{wanted}] on your PATH. Have you installed Python 3.6 or greater?"
            )
        return found

    def environment(self) -> dict[str, str]:
        """The variables of a process in it: those of this one, with the virtual environment activated."""
        own = dict(os.environ)
        if self.folder:
            own.pop("PYTHONHOME", None)
            own["PATH"] = f"{self.folder}/bin{os.pathsep}{own['PATH']}" if "PATH" in own else f"{self.folder}/bin"
            own["VIRTUAL_ENV"] = self.folder
        return own

    def check(self) -> None:
        """Refuse a virtual environment that isn't there."""
        if not self.option or Path(self.folder, "bin", "python").is_file():
            return
        what = "doesn't appear to be a virtual environment" if Path(self.folder).exists() else "doesn't exist"
        python = f"{self.folder}/bin/python"
        raise ToolchainError(
            f'The \'virtualenv\' option in Pulumi.yaml is set to "{self.option}", but "{self.folder}" {what}; '
            "run the following commands to create the virtual environment and install dependencies into it:\n\n"
            f"    1. python3 -m venv {self.folder}\n"
            f"    2. {python} -m pip install --upgrade pip setuptools wheel\n"
            f"    3. {python} -m pip install -r requirements.txt\n\n\n"
            "For more information see: https://www.pulumi.com/docs/intro/languages/python/#virtual-environments"
        )

    def install(self, folder: str) -> None:
        """Make the virtual environment, with what the requirements.txt of a plugin's folder names: the CLI keeps it
        at a place of its own, of which no set-up of a project knows."""
        if not Path(self.folder, "bin", "python").is_file():
            replace(self, option="", folder="")._done("-m", "venv", self.folder)
        wanted = Path(folder, "requirements.txt")
        if wanted.is_file():
            self._done("-m", "pip", "install", "--quiet", "--requirement", str(wanted))

    def ask(self, *arguments: str) -> str:
        """What this Python prints, called like that."""
        done = self._called(arguments)
        if done.returncode:
            command = " ".join([self.python(), *arguments])
            raise ToolchainError(f"calling `{command}`: exit status {done.returncode}")
        return done.stdout

    def _done(self, *arguments: str) -> None:
        """Call this Python; the error has its own words."""
        done = self._called(arguments)
        if done.returncode:
            command = " ".join([self.python(), *arguments])
            raise ToolchainError(
                f"calling `{command}`: exit status {done.returncode}\n{done.stdout}{done.stderr}".strip()
            )

    def _called(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python(), *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def has(self, module: str) -> bool:
        """Whether this Python finds the module."""
        try:
            self.ask("-c", f"import {module}")
        except ToolchainError:
            return False
        return True


def resolve(root: str, program: str, options: Mapping[str, object], is_plugin: bool = False) -> Toolchain:
    """The toolchain that the options of a project, and the lock files around its program, name."""
    for key in ("virtualenv", "typechecker", "toolchain"):
        if not isinstance(options.get(key, ""), str):
            raise ToolchainError(f"{key} option must be a string")
    checker, tool = str(options.get("typechecker", "")), str(options.get("toolchain", ""))
    if checker not in ("", *TYPE_CHECKERS):
        raise ToolchainError(f"unsupported typechecker option: {checker}")
    if tool not in ("", *TOOLCHAINS):
        raise ToolchainError(f"unsupported toolchain option: {tool}")
    locked = next((name for name in ("uv", "poetry") if not tool and _is_above(program, f"{name}.lock")), None)
    if checker or locked or tool in ("uv", "poetry"):
        raise ToolchainError(
            f"{checker or locked or tool}: not supported by the language host in tools/offline, which knows pip only; "
            "take Pulumi's own language host"
        )
    # A plugin never runs in the Python of the machine.
    option = str(options.get("virtualenv", "")) or ("venv" if is_plugin else "")
    return Toolchain("Pip" if tool else "Auto", option, str(Path(root, option)) if option else "")


def _is_above(folder: str, name: str) -> bool:
    place = Path(folder)
    return any((parent / name).exists() for parent in (place, *place.parents))


@dataclass(frozen=True)
class Package:
    """A package that has a plugin: what the engine asks a host for before it runs a program."""

    name: str
    version: str
    server: str = ""
    parameterization: tuple[str, str, bytes] | None = None
    """Name, version and value, of a package that is made of a provider and a parameter."""


def required(toolchain: Toolchain) -> list[Package]:
    """The plugins of the installed packages, by the `pulumi-plugin.json` in each, else by its name and version."""
    found = cast("dict[str, tuple[str, str]]", json.loads(toolchain.ask("-c", LISTING)))
    named = {normalized(name): rest for name, rest in found.items()}
    packages = (
        package_of(name, version, cast("Mapping[str, object]", json.loads(text)) if text else None)
        for name, (version, text) in sorted(named.items())
    )
    return [package for package in packages if package]


def package_of(name: str, version: str, about: Mapping[str, object] | None) -> Package | None:
    """What a package's `pulumi-plugin.json` says of its plugin; None if it has none, or none whose version is known."""
    if name in WITHOUT_PLUGIN or (about is None and not name.startswith("pulumi-")):
        return None
    plugin = about or {}
    if about is not None and not plugin.get("resource"):
        return None
    wanted = str(plugin.get("version") or "") or plugin_version(version)
    if not wanted:
        return None
    own = str(plugin.get("name") or "") or name.removeprefix("pulumi-")
    made_of = cast("Mapping[str, str] | None", plugin.get("parameterization"))
    parameter = (made_of["name"], made_of["version"], b64decode(made_of["value"])) if made_of else None
    return Package(own, wanted if wanted.startswith("v") else f"v{wanted}", str(plugin.get("server") or ""), parameter)


PEP_440 = re.compile(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d*))?(?:\.post(\d*))?(?:\.dev(\d*))?")
STAGES = {"a": "alpha", "b": "beta", "rc": "rc"}


def plugin_version(version: str) -> str:
    """A package's version (PEP 440) as a plugin's (semver), by `determinePluginVersion`; empty if it has none."""
    parts = PEP_440.fullmatch(version)
    if parts is None or not version.isascii():
        return ""
    numbers, stage, number, post, dev = parts.groups()
    segments: Sequence[str] = [*numbers.split("."), "0", "0"][: max(3, numbers.count(".") + 1)]
    behind = ("" if post is None else f"post{post}") + ("" if dev is None else f"dev{dev}")
    before = f"-{STAGES[stage]}.{number}" if stage else ""
    return ".".join(segments) + before + (f"+{behind}" if behind else "")


def normalized(name: str) -> str:
    """A package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name.lower())
