"""Requests a second and latency: of a service itself, through the facade, and through a bare Envoy with one route."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.local.board import Board, docker
from tests.node.docker_cli import call
from tools.bench.figures import Load, load_of, middle
from tools.bench.say import say

FACADE, SERVICE, ENVOY = "through the facade", "the service itself", "through a bare Envoy with one static route"
RUNS = 3
SECONDS = 10
WARM_UP_SECONDS = 3
CONNECTIONS = 32
PATH = "/api/users"
PORT = 3000
CONTEXT = Path(__file__).parent / "load"
ENVOY_PORT = 8080


def measure(board: Board) -> Mapping[str, tuple[Load, ...]]:
    """Loads a board that is up and has its route `users` active; each target in turn, `RUNS` times."""
    facade, service = board.containers("facade")[0], board.containers("users-")[0]
    network = next(name for name in board.networks() if name.endswith("-users"))
    with load_image(board.stack) as image, bare_envoy(board.stack, network, facade, service) as envoy:
        targets = {SERVICE: f"{service}:{PORT}", ENVOY: f"{envoy}:{ENVOY_PORT}", FACADE: f"{facade}:{ENVOY_PORT}"}
        for address in targets.values():
            load(image, network, address, WARM_UP_SECONDS)
        loads: dict[str, list[Load]] = {target: [] for target in targets}
        for run in range(RUNS):
            for target, address in targets.items():
                loads[target].append(load(image, network, address, SECONDS))
                say(f"{target}, run {run + 1} of {RUNS}: {loads[target][-1].rate:.0f} requests a second")
    assert all(middle(runs).failed == 0 for runs in loads.values()), loads
    return {target: tuple(runs) for target, runs in loads.items()}


def load(image: str, network: str, address: str, duration: int) -> Load:
    """One run of the load generator in a container on the network."""
    options = ["--json", "--no-progress", "--connections", str(CONNECTIONS), "--duration", str(duration)]
    return load_of(docker("run", "--rm", "--network", network, image, *options, f"http://{address}{PATH}"))


@contextmanager
def load_image(mark: str) -> Generator[str]:
    """The image of the load generator."""
    tag = f"strangler-bench-load:{mark}"
    declared = [pair for pair in os.environ.get("STRANGLER_BUILD_ARGS", "").split() if pair.startswith("NODE_IMAGE=")]
    arguments = [f"--build-arg={pair}" for pair in declared]
    # The host's network, as for the services' own images: a build fetches packages.
    call("build", "--network=host", *arguments, "--tag", tag, str(CONTEXT), limit=500)
    try:
        yield tag
    finally:
        docker("rmi", "--force", tag)


@contextmanager
def bare_envoy(mark: str, network: str, facade: str, service: str) -> Generator[str]:
    """The name of a container with the facade's own Envoy, which knows nothing but one static route to the service."""
    name = f"strangler-bench-envoy-{mark}"
    image = docker("inspect", "--format", "{{.Image}}", facade).strip()
    config = json.dumps(static_config(service))
    arguments = ["--config-yaml", config, "--log-level", "warning"]
    docker("run", "--detach", "--name", name, "--network", network, "--entrypoint", "envoy", image, *arguments)
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)


def static_config(service: str) -> dict[str, object]:
    """The least that Envoy needs to hand every request to one service."""
    types = "type.googleapis.com/envoy.extensions.filters"
    endpoint = {"address": {"socket_address": {"address": service, "port_value": PORT}}}
    manager = {
        "@type": f"{types}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "service"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "router", "typed_config": {"@type": f"{types}.http.router.v3.Router"}},
        ],
    }
    return {
        "static_resources": {
            "listeners": [
                {
                    "address": {"socket_address": {"address": "0.0.0.0", "port_value": ENVOY_PORT}},
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                {
                    "name": "service",
                    "type": "STRICT_DNS",
                    "load_assignment": {
                        "cluster_name": "service",
                        "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}],
                    },
                }
            ],
        }
    }
