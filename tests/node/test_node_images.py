"""The services' tests, the common ones too, pass in the build, and their images hold what runs and nothing else."""

import json
import re
import shutil
import uuid
from pathlib import Path

import pytest

from tests.node.docker_cli import PREFIX, ROOT, SERVICES, build, docker, inspect_image

# What every service's app.js must pass: one file, as app.js is the same in every folder.
COMMON_TESTS = ROOT / "tests" / "node" / "app.test.js"

# Lists /srv without what is below node_modules, the packages in it, the user, and what the user may write to.
LOOK = """
const fs = require('fs');
const list = (folder) => fs.readdirSync('/srv/' + folder).filter((name) => !name.startsWith('.')).flatMap(
  (name) => name.startsWith('@') ? list(folder + '/' + name).map((rest) => name + '/' + rest) : [name]);
const writable = (name) => {
  try { fs.accessSync('/srv/' + name, fs.constants.W_OK); return true; } catch { return false; }
};
const files = fs.readdirSync('/srv');
console.log(JSON.stringify({
  files, packages: list('node_modules'), uid: process.getuid(), writable: ['', ...files].filter(writable),
}));
"""


def closing_counts(log: str) -> dict[str, int]:
    """The closing counts of a TAP report in a build's log."""
    return {
        name: int(count) for name, count in re.findall(r"# (tests|pass|fail|cancelled|skipped|todo) (\d+)$", log, re.M)
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_own_tests_and_the_common_ones_pass(service: str, tmp_path: Path) -> None:
    folder = tmp_path / service
    shutil.copytree(ROOT / "services" / service, folder, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(COMMON_TESTS, folder / "test")
    tag = f"{PREFIX}-{service}-tested"
    log = build(folder, tag, "--target=test", f"--build-arg=TEST_RUN={uuid.uuid4()}")
    docker("rmi", "--force", tag)
    counts = [len(re.findall(r"^test\(", source.read_text(), re.M)) for source in (folder / "test").glob("*.test.js")]
    assert len(counts) == 2
    assert 0 not in counts
    written = sum(counts)
    assert closing_counts(log) == {
        "tests": written,
        "pass": written,
        "fail": 0,
        "cancelled": 0,
        "skipped": 0,
        "todo": 0,
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_has_only_what_runs_and_not_as_root(service: str, images: dict[str, str]) -> None:
    config = inspect_image(images[service])
    assert config["User"] == "node"
    assert config["Cmd"] == ["node", "server.js"]
    assert config["ExposedPorts"] == {"3000/tcp": {}}

    seen = json.loads(docker("run", "--rm", "--name", f"{PREFIX}-look", images[service], "node", "-e", LOOK))
    assert set(seen["files"]) == {"package.json", "server.js", "app.js", "routes.js", "db.json", "node_modules"}
    assert seen["uid"] != 0
    assert seen["writable"] == []
    lock = json.loads((ROOT / "services" / service / "package-lock.json").read_text())
    outermost = {path: entry for path, entry in lock["packages"].items() if path.count("node_modules/") == 1}
    assert set(seen["packages"]) == {
        path.removeprefix("node_modules/") for path, entry in outermost.items() if not entry.get("dev")
    }
