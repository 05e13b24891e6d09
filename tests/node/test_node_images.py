"""The services' own tests pass in the build, and their images hold what runs and nothing else."""

import json
import re
import uuid

import pytest

from tests.node.docker_cli import PREFIX, ROOT, SERVICES, build, docker, inspect_image

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
def test_the_services_own_tests_pass(service: str) -> None:
    tag = f"{PREFIX}-{service}-tested"
    log = build(service, tag, "--target=test", f"--build-arg=TEST_RUN={uuid.uuid4()}")
    docker("rmi", "--force", tag)
    sources = (ROOT / "services" / service / "test").glob("*.test.js")
    written = sum(len(re.findall(r"^test\(", source.read_text(), re.M)) for source in sources)
    assert written > 0
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
