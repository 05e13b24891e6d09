"""The real Docker engine, a small image, and the stand-in docker plugin, for the tests of this folder."""

import os
import secrets
from collections.abc import Iterator
from typing import Any, Final

import docker
import pytest

from tests.tools.plugin_client import Plugin
from tests.tools.small_image import root_filesystem
from tools.offline.docker_plugin.docker_engine import DEFAULT_HOST

PREFIX: Final = "strangler-test-"


@pytest.fixture(scope="session")
def docker_host() -> str:
    """The address of the engine; without one, every test that needs it fails."""
    return os.environ.get("DOCKER_HOST") or DEFAULT_HOST


@pytest.fixture(scope="session")
def engine(docker_host: str) -> Iterator[Any]:
    """Docker's own API, to see what the plugin really did."""
    api = docker.APIClient(base_url=docker_host, timeout=120, version="auto")
    yield api
    api.close()


@pytest.fixture(scope="session")
def base_image(engine: Any) -> Iterator[str]:
    """The name of an image with a shell and a few tools."""
    repository = f"{PREFIX}base-{secrets.token_hex(4)}"
    changes = ['CMD ["/bin/sleep","3600"]', "ENV PATH=/bin"]
    engine.import_image_from_data(root_filesystem(), repository=repository, tag="1", changes=changes)
    yield f"{repository}:1"
    engine.remove_image(f"{repository}:1", force=True)


@pytest.fixture
def name(engine: Any) -> Iterator[str]:
    """A name of the test's own; whatever carries it is removed afterwards."""
    own = f"{PREFIX}{secrets.token_hex(4)}"
    yield own
    _remove(engine, own)


def _remove(engine: Any, name: str) -> None:
    """Remove what carries a name: containers first, as they hold the rest."""
    containers: list[dict[str, Any]] = engine.containers(all=True, filters={"name": name})
    for container in containers:
        engine.remove_container(container["Id"], force=True, v=True)
    networks: list[dict[str, Any]] = engine.networks(filters={"name": name})
    for network in networks:
        engine.remove_network(network["Id"])
    images: list[dict[str, Any]] = engine.images()
    for image in images:
        tags: list[str] = image["RepoTags"] or []
        for tag in tags:
            if name in tag:
                engine.remove_image(tag, force=True)


@pytest.fixture
def plugin(docker_host: str) -> Iterator[Plugin]:
    """The plugin, served in this process."""
    served = Plugin(docker_host)
    yield served
    served.stop()
