"""Language hosts with which `pulumi package add` works, built by Go, as Pulumi's own can't be downloaded everywhere."""

import os
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.repository import ROOT

BUILT = ROOT / ".strangler/language-hosts"
PACKAGES = {
    "older_hosts": (
        "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go",
        "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    ),
    "yaml": ("github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",),
    "package_add": (".",),
}
"""By the folder of tools/ that has the go.mod."""


@cache
def built() -> Path:
    """The folder of the programs. Go looks by itself whether those that are there are up to date: a second."""
    go = shutil.which("go")
    assert go, "go: is not on PATH; install Go 1.26 or newer, with which Pulumi's language hosts are built"
    BUILT.mkdir(parents=True, exist_ok=True)
    # Side by side: the linker of each uses one processor.
    builds = [
        subprocess.Popen(
            # Without what debuggers need, of which nobody debugs them: it is a part of the time that linking takes.
            [go, "build", "-mod=readonly", "-ldflags=-s -w", "-o", f"{BUILT}/", *packages],
            cwd=ROOT / "tools" / folder,
            env={**os.environ, "GOFLAGS": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for folder, packages in PACKAGES.items()
    ]
    for build in builds:
        # Two minutes of an idle machine; at the lowest priority beside other tests, some more.
        output, _ = build.communicate(timeout=1500)
        assert build.returncode == 0, output
    return BUILT


def path(folder: Path) -> str:
    """A PATH with the hosts of Go, TypeScript, YAML and Python in front. folder: a new one, for what the CLI finds."""
    python = shutil.which("pulumi-language-python")
    assert python, 'pulumi-language-python: is not on PATH; eval "$(make -s env)"'
    programs = built()
    scripts = {
        language: [str(programs / "package_add"), language, host]
        for language, host in {
            "go": str(programs / "pulumi-language-go"),
            "nodejs": str(programs / "pulumi-language-nodejs"),
            "python": python,
            "yaml": str(programs / "pulumi-language-yaml"),
        }.items()
    }
    folder.mkdir()
    for language, command in scripts.items():
        script = folder / f"pulumi-language-{language}"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
