"""The same on the platform `local`: what its tables call built reaches something that is made on the Docker engine."""

import re
import socket
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import docker
import pytest

from components.local.docker_engine import Engine
from components.local.platform import LocalPlatform
from components.manifest.load_balanced_web_service import FIELDS
from components.manifest.support import State, leaves, written
from components.strangler import Strangler, StranglerArgs
from tests.components.recorder import Record, run
from tests.components.services_together import folder_of, named
from tests.components.test_every_field import EXPORTS, ONE_VALUE, changed, manifests
from tests.projects import Tree, as_yaml, read_project

FROM_NAME = re.compile(r"(?<=-\d-)[0-9a-f]{8}|(?<=:)[0-9a-f]{12}\b")
"""What follows from a service's name: the sums in the names of containers and in the tags of images."""


class _Containers:
    def get(self, name: str) -> object:
        raise cast("Any", docker).errors.NotFound(name)

    def list(self, **_: object) -> list[object]:
        return []


class _EmptyEngine:
    """A Docker engine on which there is nothing yet. A preview asks it for no more."""

    containers = _Containers()


BUILT = [written(path) for path, field in leaves(FIELDS) if field.local is State.BUILT]
CHANGED = [path for path in BUILT if path not in ONE_VALUE]


SIDECAR_PORT = "sidecars.<name>.port"


def _manifests(path: str) -> tuple[Tree, Tree]:
    """Two manifests that differ in one field. A sidecar's port is seen where it takes the requests."""
    if path != SIDECAR_PORT:
        return manifests(path)
    before = changed(manifests(path)[0], "http.target_container", "NAME")
    return before, changed(before, path, "8126")


@pytest.mark.parametrize("path", CHANGED)
def test_every_field_reaches_something_that_is_made(path: str) -> None:
    before, after = map(as_yaml, _manifests(path))
    assert _services()[before] != _services()[after]


@cache
def _services() -> dict[str, list[str]]:
    """What is registered for the manifests of all fields, in one program."""
    different = [*dict.fromkeys(as_yaml(tree) for path in CHANGED for tree in _manifests(path))]
    names = named(different)
    with TemporaryDirectory() as home:
        folder_of(Path(home), names)
        texts = [text.replace(home, "") for text in _texts(_registered(Path(home)))]
    *found, twin = (
        sorted(FROM_NAME.sub("-", text.replace(name, "users")) for text in texts if name in text) for name in names
    )
    assert found[0] == twin
    return dict(zip(different, found, strict=True))


def _registered(folder: Path) -> Record:
    with pytest.MonkeyPatch.context() as patch, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        patch.setattr(Engine, "connect", lambda: Engine(_EmptyEngine(), "linux/amd64"))
        settings = read_project(folder, {"default": "none", "exports": EXPORTS, "port": port})
        return run(
            lambda: Strangler(settings.project, StranglerArgs(settings, LocalPlatform(settings, folder))), preview=True
        )


def _texts(record: Record) -> Iterator[str]:
    """What is registered, piece by piece: the route table is one resource with all services."""
    for resource in record.all:
        if resource.type == "pulumi:index:Stash":
            yield from (repr((resource.name, *leaf)) for leaf in _leaves(resource.inputs))
        else:
            yield repr((resource.type, resource.name, dict(resource.inputs)))


def _leaves(value: object, *path: str) -> Iterator[tuple[object, ...]]:
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from _leaves(inner, *path, key)
    else:
        yield *path, value
