"""A task of several containers on this machine: one network, an order, volumes, and releases that lose no request."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.local.waiting import wait_until
from tests.load import Load
from tests.local.board import Board, WarmBoard, docker
from tests.local.test_up import output_of, verb
from tests.projects import Tree

PROGRAM = """import http from 'node:http';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const read = path => existsSync(path) ? readFileSync(path, 'utf8') : '';
const serve = (port, host, answer) => {
  const server = http.createServer(answer).listen(port, host);
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
};
const forward = (request, response) => http.get({ port: 3000, path: request.url }, inner => {
  response.writeHead(inner.statusCode, { 'X-Proxy': process.env.RELEASE });
  inner.pipe(response);
}).on('error', () => response.writeHead(502).end());
const shown = () => ({ seed: read('/seed/text'), kept: read('/files/kept'), mounts: process.env.COPILOT_MOUNT_POINTS });
const roles = {
  init: () => { writeFileSync('/seed/text', process.env.TEXT); process.exit(Number(process.env.CODE ?? 0)); },
  warm: () => {
    serve(9000, '127.0.0.1', (_, response) => response.end('warm'));
    writeFileSync('/tmp/ready', '');
  },
  proxy: () => serve(8080, '0.0.0.0', forward),
  main: () => {
    if (!existsSync('/seed/text')) process.exit(9);
    serve(3000, '127.0.0.1', (request, response) => {
      if (request.url === '/keep') writeFileSync('/files/kept', 'kept');
      if (request.url === '/stop') process.exit(5);
      response.end(JSON.stringify(shown()));
    });
  },
};
console.log(`${process.env.ROLE} starts`);
roles[process.env.ROLE]();
"""

ASK = "fetch('http://127.0.0.1:9000').then(it => it.text()).then(text => console.log(process.argv[1], text))"


FILES = {"path": "/files", "read_only": False, "efs": {"id": "fs-0123456789abcdef0"}}
"""A file system that all of the services name."""

HTTP = {
    "path": "/",
    "target_container": "proxy",
    "deregistration_delay": "1s",
    "healthcheck": {"interval": "5s", "timeout": "2s", "healthy_threshold": 2},
}


def of_this(name: str) -> Tree:
    """An image of the service's own program."""
    return {"build": f"services/{name}/Dockerfile"}


def init(name: str) -> Tree:
    """A sidecar that writes into a volume of the task's own, and ends."""
    return {
        "image": of_this(name),
        "essential": False,
        "variables": {"ROLE": "init", "TEXT": "first"},
        "mount_points": [{"source_volume": "seed", "path": "/seed", "read_only": False}],
    }


WEB: Tree = {
    "name": "web",
    "type": "Load Balanced Web Service",
    "image": {**of_this("web"), "port": 3000, "depends_on": {"init": "success", "warm": "start"}},
    "http": HTTP,
    "variables": {"ROLE": "main"},
    "storage": {"volumes": {"seed": {"path": "/seed"}, "files": FILES}},
    "sidecars": {
        "init": init("web"),
        "warm": {"image": of_this("web"), "variables": {"ROLE": "warm"}},
        "proxy": {
            "image": of_this("web"),
            "port": 8080,
            "variables": {"ROLE": "proxy", "RELEASE": "one"},
            "depends_on": {"web": "start"},
        },
    },
}
"""A service whose containers are all made of one image."""

STORE: Tree = {
    "name": "store",
    "type": "Backend Service",
    "image": of_this("store"),
    "variables": {"ROLE": "warm"},
    "storage": {"volumes": {"own": {"path": "/own", "read_only": False}, "files": FILES}},
}
"""A service with volumes and no sidecar."""

NIGHTLY: Tree = {
    "name": "nightly",
    "type": "Scheduled Job",
    "on": {"schedule": "@daily"},
    "image": {**of_this("nightly"), "depends_on": {"init": "complete", "warm": "healthy"}},
    "command": f'node -e "{ASK}" job',
    "storage": {"volumes": {"seed": {"path": "/seed"}}},
    "sidecars": {
        "init": init("nightly"),
        "warm": {
            "image": of_this("nightly"),
            "variables": {"ROLE": "warm"},
            "healthcheck": {"command": ["CMD", "test", "-f", "/tmp/ready"], "interval": "5s", "retries": 3},
        },
    },
}
"""A job with sidecars."""


def write(folder: Path, content: Tree) -> None:
    """Writes a service of one program."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.mjs").write_text(PROGRAM)
    (folder / "Dockerfile").write_text(
        "ARG NODE_IMAGE=node:26.8.2-alpine3.24\nFROM ${NODE_IMAGE}\n"
        'RUN mkdir /seed /own && chown node /seed /own\nCOPY program.mjs .\nUSER node\nCMD ["node", "program.mjs"]\n'
    )
    (folder / "manifest.yml").write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A service behind a proxy, one with volumes, and a job that has sidecars too, up."""
    services = tmp_path_factory.mktemp("services") / "services"
    for content in (WEB, STORE, NIGHTLY):
        write(services / str(content["name"]), content)
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", services)
    try:
        made.up().ok()
        yield made
    finally:
        made.remove()


def shown(board: Board, path: str = "/") -> Tree:
    """What the main container answers by way of the proxy."""
    status, body = board.get(path)
    assert status == 200, body
    return json.loads(body)


def test_a_proxy_takes_the_requests_and_the_main_container_starts_after_what_it_waits_for(shop: Board) -> None:
    mounts = json.dumps({"files": "/files", "seed": "/seed"}, separators=(",", ":"))
    assert shown(shop) == {"seed": "first", "kept": "", "mounts": mounts}


def test_a_second_up_changes_nothing_and_starts_no_container_that_has_done_its_part(shop: Board) -> None:
    (init,) = [name for name in shop.containers("web-1") if name.endswith(".init")]
    before = docker("inspect", "-f", "{{.State.StartedAt}}", init)
    assert shop.up().ok().changed() == set()
    assert docker("inspect", "-f", "{{.State.StartedAt}}", init) == before


def test_a_release_is_a_whole_task_and_loses_no_request_and_files_outlive_it(shop: Board) -> None:
    assert shown(shop, "/keep")["kept"] == "kept"
    old = shop.containers("web-1")
    with Load(shop.port, rate=200, paths=("/",)) as load:
        load.until(200)
        shop.edit("services/web/manifest.yml", "TEXT: first", "TEXT: second")
        shop.config("services.web.count", "2", path=True)
        shop.config("services.web.before", shlex.join(["node", "-e", ASK, "before"]), path=True)
        assert "before warm" in shop.up().ok().output
        load.until(load.total + 200)
    assert load.failures == []
    assert set(old) & set(shop.containers("web-1")) == set()
    assert {(shown(shop)["seed"], shown(shop)["kept"]) for _ in range(8)} == {("second", "kept")}
    assert volumes(shop) == [
        *("fs-0123456789abcdef0", "nightly-1-R.seed", "store-1-R.own", "web-1-R.seed", "web-2-R.seed")
    ]


def volumes(board: Board) -> list[str]:
    """The volumes of a stack, without what says whose they are, and without the release."""
    listed = docker("volume", "ls", "-q", "--filter", f"label=strangler.stack={board.stack}").split()
    return sorted(re.sub(r"(-\d-)[0-9a-f]{8}", r"\1R", name.split("-", 3)[3]) for name in listed)


def test_a_file_system_is_one_for_all_that_name_it_and_a_one_off_task_has_a_volume_of_its_own(shop: Board) -> None:
    assert shown(shop, "/keep")["kept"] == "kept"
    write = "echo mine > /own/file && cat /files/kept /own/file"
    assert output_of(shop, "exec", SERVICE="store", CMD=f"sh -c '{write}'") == "keptmine\n"
    done = verb(shop, "task", SERVICE="store", CMD="sh -c 'ls /own; cat /files/kept'")
    assert [line.split("  ")[1] for line in done.stdout.splitlines()] == ["kept"], done.stdout + done.stderr


def test_a_failed_sidecar_fails_the_up_in_a_line_and_the_old_task_answers(shop: Board) -> None:
    shop.edit("services/web/manifest.yml", "TEXT: second", "TEXT: third\n      CODE: '3'")
    failed = shop.up().failed()
    assert ".init has ended with exit code 3, and another one of its task waits for it to be" in failed.output
    assert "the last lines of its log:\ninit starts" in "\n".join(map(str.strip, failed.output.splitlines()))
    assert shown(shop)["seed"] == "second"
    shop.edit("services/web/manifest.yml", "TEXT: third\n      CODE: '3'", "TEXT: second")
    shop.up().ok()


def test_what_dies_is_started_again_and_a_task_that_lost_its_network_comes_back_as_a_whole(shop: Board) -> None:
    shop.config("services.web.count", "1", path=True)
    shop.up().ok()
    shop.get("/stop")
    assert wait_until(lambda: shop.get("/")[0] == 200, seconds=30)
    (network,) = [name for name in shop.containers("web-1") if name.endswith("-network")]
    docker("restart", "-t", "1", network)
    shop.up().ok()
    # The facade sends requests there again after as many checks as http.healthcheck says.
    assert wait_until(lambda: shop.get("/")[0] == 200, seconds=120)
    assert shown(shop)["seed"] == "second"


def test_a_task_and_a_job_have_the_sidecars_beside_them_and_leave_nothing(shop: Board) -> None:
    before = shop.containers()
    done = verb(shop, "task", SERVICE="web", CMD=shlex.join(["node", "-e", ASK, "task"]))
    assert (done.returncode, "task warm" in done.stdout) == (0, True), done.stdout + done.stderr
    job = verb(shop, "job", NAME="nightly")
    assert (job.returncode, "job warm" in job.stdout) == (0, True), job.stdout + job.stderr
    assert wait_until(lambda: shop.containers() == before, seconds=10)


def test_logs_status_and_exec_know_the_sidecars(shop: Board) -> None:
    logs = output_of(shop, "logs", SERVICE="web")
    assert "web-1 proxy  proxy starts" in logs
    assert "web-1  main starts" in logs
    assert ".proxy started" in output_of(shop, "status", SERVICE="web")
    assert output_of(shop, "exec", SERVICE="web", CONTAINER="proxy", CMD="printenv ROLE") == "proxy\n"
    wrong = verb(shop, "exec", SERVICE="web", CONTAINER="prox")
    assert wrong.stderr == ("make: exec: CONTAINER=prox: the service web has no such container; did you mean proxy?\n")


def test_what_goes_leaves_no_volume(shop: Board) -> None:
    shop.destroy().ok()
    assert shop.containers() == []
    assert volumes(shop) == []
