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
    "nodejs": "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    "yaml": "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    "package_add": ".",
}
"""By the folder of tools/ that has the go.mod."""


@cache
def built(name: str) -> Path:
    """A program. Go looks by itself whether the one that is there is up to date, which takes a second."""
    go = shutil.which("go")
    assert go, "go: is not on PATH; install Go 1.26 or newer, with which Pulumi's language hosts are built"
    target = BUILT / name
    done = subprocess.run(
        # Without what debuggers need, of which nobody debugs them: it is a part of the time that linking takes.
        [go, "build", "-mod=readonly", "-ldflags=-s -w", "-o", str(target), PACKAGES[name]],
        cwd=ROOT / "tools" / name,
        env={**os.environ, "GOFLAGS": ""},
        capture_output=True,
        text=True,
        timeout=1500,  # two minutes of an idle machine; at the lowest priority beside other tests, some more
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def path(folder: Path) -> str:
    """A PATH with the hosts of TypeScript, YAML and Python in front. folder: a new one, for what the CLI finds."""
    python = shutil.which("pulumi-language-python")
    assert python, 'pulumi-language-python: is not on PATH; eval "$(make -s env)"'
    adding = str(built("package_add"))
    scripts = {
        "nodejs": [adding, "nodejs", str(built("nodejs"))],
        "python": [adding, "python", python],
        "yaml": [adding, "yaml", str(built("yaml"))],
    }
    folder.mkdir()
    for language, command in scripts.items():
        script = folder / f"pulumi-language-{language}"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
