"""The running Envoy: what it is told through its files, and what it says of itself."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from components.local.docker_engine import Engine
from components.local.envoy import config

_DYNAMIC = "/etc/envoy/dynamic"
STATUS_PORT = 9902

PATIENCE = 20
"""Seconds that Envoy is given to start and to take what it is told."""


class ProxyError(Exception):
    """Envoy doesn't answer, or doesn't take what it is told. Its text is one line."""


@dataclass(frozen=True)
class HostStatus:
    """How Envoy sees the hosts of a cluster: how many there are, how many pass their health check, and how many
    requests are in hand."""

    known: int
    healthy: int
    active: int


@dataclass(frozen=True)
class Proxy:
    """The facade's Envoy, in a container."""

    engine: Engine
    container: str

    def clusters(self) -> list[config.Json]:
        """The clusters that Envoy was last told."""
        content = json.loads(self.engine.read(self.container, f"{_DYNAMIC}/clusters.json"))
        return cast("list[config.Json]", content["resources"])

    def use_clusters(self, clusters: list[config.Json]) -> None:
        """Tells Envoy its clusters, and waits until it knows them."""
        self._use("clusters.json", clusters, "dynamic_active_clusters", [str(each["name"]) for each in clusters])

    def use_routes(self, configuration: config.Json) -> None:
        """Tells Envoy its routes, and waits until it uses them."""
        self._use("routes.json", [configuration], "dynamic_route_configs", [])

    def hosts(self) -> Mapping[str, HostStatus]:
        """The hosts of each cluster, as Envoy sees them."""
        answer = cast("dict[str, list[dict[str, object]]]", self._ask("/clusters?format=json"))
        return {str(each["name"]): _status(each) for each in answer.get("cluster_statuses", [])}

    def _use(self, file: str, resources: list[config.Json], part: str, names: list[str]) -> None:
        self.engine.write(self.container, f"{_DYNAMIC}/{file}", config.discovery(resources))
        expected = config.version(resources)

        def in_use() -> bool:
            answer = cast("dict[str, list[dict[str, object]]]", self._ask(f"/config_dump?resource={part}"))
            configs = answer.get("configs", [])
            if not names:
                return any(each.get("version_info") == expected for each in configs)
            known = {str(cast("dict[str, object]", each.get("cluster", {})).get("name")) for each in configs}
            return known >= set(names)

        if not wait_until(in_use, seconds=PATIENCE):
            raise ProxyError(
                f"{self.container}: Envoy has not taken its new {file.partition('.')[0]} within {PATIENCE} s"
            )

    def _ask(self, path: str) -> object:
        """Asks Envoy, trying again while the container starts."""
        failure, end = "it has no status port", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.engine.container(self.container)
            port = found.ports.get(f"{STATUS_PORT}/tcp") if found and found.running else None
            if port:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
                        return json.load(answer)
                except (OSError, urllib.error.URLError, json.JSONDecodeError) as error:
                    failure = f"127.0.0.1:{port}: {error}"
            elif found is None or (not found.running and found.restarts):
                break
            time.sleep(0.1)
        raise ProxyError(f"{self.container}: Envoy doesn't answer within {PATIENCE} s: {failure}")


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Whether the condition came true within this time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def _status(cluster: dict[str, object]) -> HostStatus:
    hosts = cast("list[dict[str, object]]", cluster.get("host_statuses", []))
    health = [cast("dict[str, object]", each.get("health_status", {})) for each in hosts]
    failing = ("failed_active_health_check", "pending_active_hc", "pending_dynamic_removal", "active_hc_timeout")
    return HostStatus(
        known=len(hosts),
        healthy=sum(not any(each.get(flag) for flag in failing) for each in health),
        active=sum(_active(each) for each in hosts),
    )


def _active(host: dict[str, object]) -> int:
    stats = cast("list[dict[str, object]]", host.get("stats", []))
    return next((int(str(each.get("value", 0))) for each in stats if each.get("name") == "rq_active"), 0)
