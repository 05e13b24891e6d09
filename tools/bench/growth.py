"""How the time of a preview grows with the number of services, against a bare program of as many resources."""

import re
import shutil
from pathlib import Path

from tests.local.board import PROJECT, Board, Run
from tools.bench.bare.program import Bare
from tools.bench.figures import Growth, seconds
from tools.bench.say import say

COUNTS = (4, 20, 100)
RUNS = 3


def measure(folder: Path) -> tuple[Growth, ...]:
    """Previews of boards of `COUNTS` services, of which nothing exists yet."""
    return tuple(of(count, folder / str(count)) for count in COUNTS)


def of(count: int, folder: Path, times: int = RUNS) -> Growth:
    """Previews of a board of so many services, and of the bare program, in turn."""
    services = make_services(folder / "services", count)
    board, bare = Board(folder / "ours", services), Bare(folder / "bare", "resources", services)
    runs = [(board.preview().ok(), bare.run("preview", "-s", bare.stack).ok()) for _ in range(times)]
    resources = {created(run) for pair in runs for run in pair}
    assert len(resources) == 1, f"{resources} resources: the two programs don't register as many"
    growth = Growth(count, resources.pop(), tuple(a.seconds for a, _ in runs), tuple(b.seconds for _, b in runs))
    say(f"preview of {count} services: {seconds(growth.ours)}, bare: {seconds(growth.bare)}")
    return growth


def created(run: Run) -> int:
    """How many resources a preview would create."""
    found = re.search(r"\+ (\d+) to create", run.output)
    assert found, run.output
    return int(found.group(1))


def make_services(folder: Path, count: int) -> Path:
    """The folders of a monolith and of so many services less one, all alike."""
    template = PROJECT / "services/users"
    for number in range(count):
        name = f"s{number:03}" if number else "monolith"
        shutil.copytree(template, folder / name, ignore=shutil.ignore_patterns("node_modules"))
        manifest = folder / name / "manifest.yml"
        text = manifest.read_text().replace("path: api/users", f"path: {f'api/{name}' if number else '/'}")
        manifest.write_text(text.replace("users", name))
    return folder
