"""Docker's engine, typed: the one place that touches the untyped `docker` package."""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar, cast

import docker
import docker.auth
import docker.errors
import docker.utils.build
import requests
import urllib3.exceptions

from tools.offline.docker_plugin.errors import PluginError
from tools.offline.docker_plugin.values import Json, Value, Values

DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
_SECONDS: Final = 120
"""How long the engine may take for one request: it answers slowly when many containers start at once."""

_T = TypeVar("_T")


class NotFoundError(PluginError):
    """The object is not on the engine."""


class Docker:
    """One Docker engine. Safe to use from many threads: each has a connection of its own."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._connections: list[Any] = []

    def close(self) -> None:
        """Close all connections; no request may follow."""
        with self._lock:
            while self._connections:
                self._connections.pop().close()

    def image_id(self, reference: str) -> str:
        """The local id of an image; `NotFoundError` without one."""
        return self._do(f"looking for image {reference}", lambda api: cast("str", api.inspect_image(reference)["Id"]))

    def repository_digests(self, reference: str) -> list[str]:
        """The `repository@sha256:…` by which registries know a local image."""
        what = f"looking for image {reference}"
        return self._do(what, lambda api: cast("list[str]", api.inspect_image(reference).get("RepoDigests") or []))

    def pull(self, reference: str) -> None:
        """Fetch an image from its registry."""
        self._do(f"pulling image {reference}", lambda api: api.pull(reference))

    def create_container(self, body: Mapping[str, Json], name: str) -> str:
        """Create a container, not started; its id."""
        what, given = f"creating container {name}", dict(body)
        return self._do(what, lambda api: cast("str", api.create_container_from_config(given, name)["Id"]))

    def container(self, container_id: str) -> Values:
        """What the engine says of a container; `NotFoundError` when it is gone."""
        what = f"inspecting container {container_id[:12]}"
        return self._do(what, lambda api: cast("Values", api.inspect_container(container_id)))

    def start(self, container_id: str) -> None:
        """Start a container."""
        self._do("starting the container", lambda api: api.start(container_id))

    def stop(self, container_id: str, seconds: int) -> None:
        """Send the stop signal, and SIGKILL `seconds` later."""
        self._do(f"stopping container {container_id[:12]}", lambda api: api.stop(container_id, timeout=seconds))

    def remove_container(self, container_id: str) -> None:
        """Remove a container, running or not, and its anonymous volumes."""
        what = f"deleting container {container_id[:12]}"
        self._do(what, lambda api: api.remove_container(container_id, v=True, force=True))

    def update_container(self, container_id: str, settings: Mapping[str, Json]) -> None:
        """Change limits and the restart policy of a container."""
        what = f"updating container {container_id[:12]}"
        self._do(what, lambda api: api.update_container(container_id, **settings))

    def leave_network(self, network: str, container_id: str) -> None:
        """Take a container off a network; nothing if it is not on it, or there is none of that name."""
        try:
            self._do("", lambda api: api.disconnect_container_from_network(container_id, network))
        except NotFoundError:
            return
        except PluginError as error:
            if "is not connected to" not in str(error):
                raise

    def join_network(self, network: str, container_id: str, aliases: list[str]) -> None:
        """Connect a container to a network, where it is found by its name and by `aliases`."""
        what = f"connecting to network {network}"
        self._do(what, lambda api: api.connect_container_to_network(container_id, network, aliases=aliases))

    def create_network(self, name: str, settings: Mapping[str, Json]) -> str:
        """Create a network; its id."""
        what = f"creating network {name}"
        return self._do(what, lambda api: cast("str", api.create_network(name, **settings)["Id"]))

    def network(self, network_id: str) -> Values:
        """What the engine says of a network; `NotFoundError` when it is gone."""
        return self._do("inspecting the network", lambda api: cast("Values", api.inspect_network(network_id)))

    def remove_network(self, network_id: str) -> None:
        """Remove a network."""
        self._do(f"deleting network {network_id[:12]}", lambda api: api.remove_network(network_id))

    def create_volume(self, name: str, labels: Mapping[str, Json]) -> Values:
        """Make a volume, or take the one of this name; what the engine says of it."""
        given = dict(labels)
        return self._do(f"creating volume {name}", lambda api: cast("Values", api.create_volume(name, labels=given)))

    def volume(self, name: str) -> Values:
        """What the engine says of a volume; `NotFoundError` when it is gone."""
        return self._do(f"inspecting volume {name}", lambda api: cast("Values", api.inspect_volume(name)))

    def remove_volume(self, name: str) -> None:
        """Remove a volume."""
        self._do(f"deleting volume {name}", lambda api: api.remove_volume(name))

    def _do(self, what: str, action: "Callable[[Any], _T]") -> _T:
        """`action` with this thread's connection; whatever goes wrong is one line that begins with `what`."""
        try:
            return action(self._api())
        except docker.errors.NotFound as error:
            raise NotFoundError(_line(what, error.explanation or error)) from error
        except docker.errors.APIError as error:
            raise PluginError(_line(what, error.explanation or error)) from error
        except (
            docker.errors.DockerException,
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
        ) as error:
            advice = "start it, or set DOCKER_HOST or docker:host to the one that runs"
            raise PluginError(_line(f"no Docker engine answers at {self.host}", f"{error}; {advice}")) from error
        except Exception as error:  # the SDK has no word of its own for an answer of another shape, and nor have we
            reason = f"an unexpected answer from the Docker engine ({type(error).__name__}: {error})"
            raise PluginError(_line(what, reason)) from error

    def _api(self) -> Any:
        if not hasattr(self._threads, "api"):
            self._threads.api = docker.APIClient(base_url=self.host, timeout=_SECONDS, version="auto")
            with self._lock:
                self._connections.append(self._threads.api)
        return self._threads.api


def registry_key(image_name: str, server: str) -> str:
    """The name under which Docker's client looks up the credentials for an image's registry."""
    host = re.sub(r"^https?://", "", server).split("/")[0]
    index = host or docker.auth.resolve_repository_name(image_name)[0]
    return docker.auth.INDEX_URL if index == docker.auth.INDEX_NAME else index


def context_paths(context: str, ignored: list[str], dockerfile: str) -> list[PurePosixPath]:
    """The paths below a build context that its ignore patterns leave, in order."""
    found = docker.utils.build.exclude_paths(context, list(ignored), dockerfile=dockerfile)
    return sorted(PurePosixPath(path) for path in found)


def _line(what: str, why: object) -> str:
    reason = " ".join(str(why).split())
    return f"{what}: {reason}" if what else reason


def at(value: Value, *path: str) -> Value:
    """The value at `path` within an answer of the engine, None where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
