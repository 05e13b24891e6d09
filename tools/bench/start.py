"""How long `make up` takes: in a fresh clone without any cache, and again when there is nothing to do."""

import os
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.local.board import docker
from tests.local.clone import Clone
from tests.repository import ROOT
from tools.bench.figures import Samples, Start, steps_of
from tools.bench.say import say
from tools.setup.place import Place
from tools.setup.pulumi_cli import search_path

CACHES = ("GOCACHE", "GOMODCACHE", "PIP_CACHE_DIR", "UV_CACHE_DIR", "XDG_CACHE_HOME")
BASE, OWN_BASE = '"strangler-base/', '"strangler-bench-base/'
WARM_RUNS = 5


def measure(folder: Path, cold: bool) -> Start:
    """Brings up a fresh clone in a folder; with `cold`, without the machine's caches."""
    clone = Clone(folder / "clone")
    with removed_at_end(clone):
        if cold:
            forget_caches(clone, folder / "caches")
        say(f"make up in a fresh clone{', without caches: some 6 minutes' if cold else ''}")
        first, output = make_up(clone)
        say(f"make up: {first:.1f} s")
        warm: Samples = tuple(make_up(clone)[0] for _ in range(WARM_RUNS))
        say(f"make up with nothing to do: {min(warm):.1f} to {max(warm):.1f} s")
    return Start(first if cold else None, steps_of(output, str(clone.folder)) if cold else (), warm)


def forget_caches(clone: Clone, caches: Path) -> None:
    """Leads every tool to a cache that is empty, takes the built CLI from PATH, and has the clone make base images of
    its own (which the engine then has no layers for)."""
    for name in CACHES:
        (caches / name).mkdir(parents=True)
        clone.environ[name] = str(caches / name)
    clone.environ["PATH"] = search_path(Place(ROOT), clone.environ["PATH"])
    images = clone.folder / "tools/setup/images.py"
    text = images.read_text()
    assert BASE in text, f"{images}: no {BASE}"
    images.write_text(text.replace(BASE, OWN_BASE))


def make_up(clone: Clone) -> tuple[float, str]:
    """Runs `make up`, with its own lines passed on; the seconds, and all that it said."""
    began = time.monotonic()
    lines: list[str] = []
    process = subprocess.Popen(
        ["make", "up"],
        cwd=clone.folder,
        env=clone.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith("make: "):
                print(line, end="", flush=True)
    output = "".join(lines)
    assert process.returncode == 0, output
    return time.monotonic() - began, output


@contextmanager
def removed_at_end(clone: Clone) -> Generator[None]:
    """Removes the clone, what it runs and the images that only it has made."""
    made: set[str] = set()
    try:
        yield
        made = own_images(clone)
    finally:
        make_writable(clone.folder.parent)
        clone.remove()
        if made:
            docker("rmi", "--force", *sorted(made))


def own_images(clone: Clone) -> set[str]:
    """The images that the clone made on base images of its own; none if it used those of the machine."""
    bases = docker("images", "--quiet", f"{OWN_BASE[1:]}*").split()
    if not bases:
        return set()
    containers = clone.left()["container"]
    return {*bases, *docker("inspect", "--format", "{{.Image}}", *containers).split()}


def make_writable(folder: Path) -> None:
    """Makes a folder removable: Go writes its modules read-only."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o755)
