"""The running Envoy: what it reads from its files, and what it reports of itself."""

import http.client
import json
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from components.local.docker_engine import Engine
from components.local.envoy import config, statistics
from components.local.waiting import wait_until

BOOTSTRAP = "/etc/envoy/bootstrap.yaml"
"""The file that Envoy reads once, when it starts."""

_DYNAMIC = "/etc/envoy/dynamic"

PUBLIC_PORT = 8080
"""The container's port that is published as the public URL's."""

STATUS_PORT = 9902
"""The container's port that answers questions of Envoy's state."""

PATIENCE = 20
"""Seconds that Envoy is given to start, and to take what is written to its files."""

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Envoy is on this machine, whatever proxy the environment names for the world outside."""


class ProxyError(Exception):
    """Envoy doesn't answer, or doesn't take a file. Its text is one line, and the end of Envoy's log."""


@dataclass(frozen=True)
class HostStatus:
    """How Envoy sees the hosts of a cluster."""

    known: int
    """How many there are."""

    healthy: int
    """How many pass their health check."""

    active: int
    """How many requests are in hand, websockets among them."""


@dataclass(frozen=True)
class Proxy:
    """The facade's Envoy, in a container."""

    engine: Engine
    """Where the container is."""

    container: str
    """Its name."""

    def clusters(self) -> list[config.Json]:
        """The clusters that were last written."""
        return self._written("clusters.json") or []

    def routes(self) -> config.Json | None:
        """The routes that were last written; None if none were."""
        return next(iter(self._written("routes.json") or []), None)

    def use_listeners(self, listeners: list[config.Json]) -> None:
        """Writes the public listener, if it is another one, and waits until Envoy uses it. An Envoy that was started by
        an earlier version, whose bootstrap has the listener, keeps it."""
        marked = config.marked(listeners)
        if self._written(config.LISTENERS) not in (None, listeners, marked):
            self._use(config.LISTENERS, marked, "dynamic_listeners")

    def use_clusters(self, clusters: list[config.Json]) -> None:
        """Writes the clusters, and waits until Envoy knows these and no others."""
        self._use("clusters.json", clusters, "dynamic_active_clusters")

    def use_routes(self, configuration: config.Json) -> None:
        """Writes the routes, and waits until Envoy uses them."""
        self._use("routes.json", [configuration], "dynamic_route_configs")

    def hosts(self) -> Mapping[str, HostStatus]:
        """The hosts of each cluster, as Envoy sees them."""
        answer = cast("dict[str, list[dict[str, object]]]", self._ask("/clusters?format=json"))
        return {str(cluster["name"]): _status(cluster) for cluster in answer.get("cluster_statuses", [])}

    def counted(self) -> statistics.Counts:
        """What has been counted of requests so far. An Envoy that was started by an earlier version tells no latency,
        and nothing of the facade as a whole."""
        if b"path: /stats" not in (self.engine.read(self.container, BOOTSTRAP) or b""):
            return statistics.of_hosts(cast("dict[str, list[dict[str, object]]]", self._ask("/clusters?format=json")))
        return statistics.counts(cast("dict[str, list[dict[str, object]]]", self._ask(statistics.QUESTION)))

    def _written(self, file: str) -> list[config.Json] | None:
        content = self.engine.read(self.container, f"{_DYNAMIC}/{file}")
        return None if content is None else config.resources_of(content)

    def _use(self, file: str, resources: list[config.Json], part: str) -> None:
        self.engine.write(self.container, f"{_DYNAMIC}/{file}", config.discovery(resources))
        version, names = config.version(resources), {str(resource["name"]) for resource in resources}

        def in_use() -> bool:
            answer = cast("dict[str, list[dict[str, object]]]", self._ask(f"/config_dump?resource={part}"))
            configs = answer.get("configs", [])
            if part == "dynamic_active_clusters":
                # Clusters that haven't changed keep the version with which they came.
                return {str(cast("config.Json", entry.get("cluster", {})).get("name")) for entry in configs} == names
            return any(version in (entry.get("version_info"), _active_version(entry)) for entry in configs)

        if not wait_until(in_use, seconds=PATIENCE):
            what = file.partition(".")[0]
            raise ProxyError(f"{self.container}: Envoy has not taken its new {what} within {PATIENCE} s{self._log()}")

    def _ask(self, path: str) -> object:
        """Asks Envoy, trying again while the container starts."""
        failure, end = "it has no status port", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.engine.container(self.container)
            port = found.ports.get(f"{STATUS_PORT}/tcp") if found and found.running else None
            if port:
                try:
                    with _OPENER.open(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
                        return json.load(answer)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    failure = f"127.0.0.1:{port}: {error}"
            elif found is None:
                raise ProxyError(f"{self.container}: the facade's container is gone; run pulumi up --refresh")
            elif found.restarting:
                failure = "its process has died"
                break
            time.sleep(0.1)
        raise ProxyError(f"{self.container}: Envoy doesn't answer: {failure}{self._log()}")

    def _log(self) -> str:
        tail = self.engine.log_tail(self.container)
        return f"\nthe last lines of its log:\n{tail}" if tail else ""


def _active_version(listener: Mapping[str, object]) -> object:
    """The version of a listener that takes connections."""
    return cast("Mapping[str, object]", listener.get("active_state", {})).get("version_info")


def _status(cluster: dict[str, object]) -> HostStatus:
    hosts = cast("list[dict[str, object]]", cluster.get("host_statuses", []))
    health = [cast("dict[str, object]", host.get("health_status", {})) for host in hosts]
    failing = ("failed_active_health_check", "pending_active_hc", "pending_dynamic_removal", "active_hc_timeout")
    return HostStatus(
        known=len(hosts),
        healthy=sum(not any(state.get(flag) for flag in failing) for state in health),
        active=sum(_active(host) for host in hosts),
    )


def _stats(holder: Mapping[str, object]) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", holder.get("stats", []))


def _active(host: dict[str, object]) -> int:
    return next((int(str(stat.get("value", 0))) for stat in _stats(host) if stat.get("name") == "rq_active"), 0)
