"""A Copilot workspace on this machine: its services see each other, and the facade, by what Copilot's variables say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.board import Board, WarmBoard
from tests.local.test_up import output_of, verb
from tests.projects import environment, of_copilot, write_workspace

SERVER = """import http from 'node:http';
import { writeFileSync } from 'node:fs';
const written = () => {
  try {
    writeFileSync('/tmp/file', 'x');
    return 'written';
  } catch (error) {
    return error.code;
  }
};
const { COPILOT_SERVICE_NAME: name, COPILOT_APPLICATION_NAME: application } = process.env;
const { COPILOT_ENVIRONMENT_NAME: environment, COPILOT_LB_DNS: balancer } = process.env;
const { COPILOT_SERVICE_DISCOVERY_ENDPOINT: endpoint } = process.env;
const peers = {
  '/peer': `http://api.${endpoint}:3000/api/api`,
  '/balancer': `http://${balancer}/api/api`,
  '/discovered': `http://stock.${endpoint}:3000/`,
  '/connected': 'http://warehouse:3000/',
};
const server = http.createServer(async (request, response) => {
  const peer = peers[request.url];
  if (request.url === '/api/api/file') return response.end(`${process.env.FROM_FILE} ${process.env.OWN} ${written()}`);
  response.end(peer ? await (await fetch(peer)).text() : `${name} of ${application} in ${environment}`);
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(3000);
"""


JOB = """node -e 'console.log("job " + process.env.COPILOT_SERVICE_NAME); process.exit(4)'"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """Two services of a workspace, up, with the route of `api` active."""
    nothing = tmp_path_factory.mktemp("none") / "services"
    nothing.mkdir()
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", nothing)
    try:
        write_services(made.folder)
        made.config("copilot", "copilot")
        made.config("copilotEnvironment", "test")
        made.route("api", "true")
        made.up().ok()
        yield made
    finally:
        made.remove()


def write_services(folder: Path) -> None:
    """The workspace, with a server in each service's folder."""
    quick = {"deregistration_delay": "1s", "healthcheck": {"interval": "5s", "timeout": "2s"}}
    closed = {"env_file": "api/some.env", "variables": {"OWN": "own"}, "storage": {"readonly_fs": True}}
    services = {
        name: of_copilot(
            name,
            image={"build": {"dockerfile": f"{name}/Dockerfile", "context": name}, "port": 3000, "labels": {"a": "b"}},
            http={"path": path, **quick},
            **more,
        )
        for name, path, more in (("web", "/", {}), ("api", "api/api", closed))
    }
    for name, kind, own in (
        ("stock", "Backend Service", {"network": {"connect": {"alias": "warehouse"}}}),
        ("nightly", "Scheduled Job", {"on": {"schedule": "@daily"}, "command": JOB}),
    ):
        plain = {key: value for key, value in of_copilot(name).items() if key != "http"}
        services[name] = {**plain, "type": kind, **own}
    write_workspace(folder, services, {"test": environment("test")}, application="shop")
    (folder / "api/some.env").write_text("FROM_FILE=file\nOWN=file\n")
    for name in services:
        (folder / name / "server.mjs").write_text(SERVER)
        (folder / name / "Dockerfile").write_text(
            "ARG NODE_IMAGE=node:26.8.2-alpine3.24\nFROM ${NODE_IMAGE}\n"
            'COPY server.mjs .\nUSER node\nCMD ["node", "server.mjs"]\n'
        )


def test_services_know_application_and_environment_as_copilot_names_them(workspace: Board) -> None:
    assert workspace.get("/") == (200, b"web of shop in test")
    assert workspace.get("/api/api") == (200, b"api of shop in test")


def test_a_service_reaches_another_by_the_endpoint_of_service_discovery(workspace: Board) -> None:
    assert workspace.get("/peer") == (200, b"api of shop in test")


def test_a_service_reaches_the_facade_by_the_load_balancers_variable(workspace: Board) -> None:
    assert workspace.get("/balancer") == (200, b"api of shop in test")


def test_a_backend_is_reached_by_the_names_of_discovery_and_of_service_connect(workspace: Board) -> None:
    assert workspace.get("/discovered") == (200, b"stock of shop in test")
    assert workspace.get("/connected") == (200, b"stock of shop in test")


def test_a_job_runs_on_demand_only_and_gives_its_exit_code(workspace: Board) -> None:
    done = verb(workspace, "job", NAME="nightly")
    assert done.returncode == 4, done.stderr
    assert "job nightly" in done.stdout
    assert "nightly" in output_of(workspace, "status")


def test_a_file_of_variables_and_a_read_only_file_system_are_a_containers_here_too(workspace: Board) -> None:
    assert workspace.get("/api/api/file") == (200, b"file own EROFS")


def test_all_services_share_the_environment(workspace: Board) -> None:
    assert [name for name in workspace.networks() if name.endswith("-test")] != []
    assert [name for name in workspace.networks() if name.endswith(("-web", "-api"))] == []


def test_a_second_up_changes_nothing(workspace: Board) -> None:
    assert workspace.up().ok().changed() == set()
