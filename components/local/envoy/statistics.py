"""What Envoy has counted of requests: how many, with which answers, and how long they took. Pure.

Names are those of Envoy's documents (envoyproxy.io 1.40, "Cluster manager: statistics", "HTTP connection manager:
statistics"; `/stats` in "Administration interface"). What it counts of a cluster is gone with the cluster.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

FACADE = ""
"""Stands for the public listener, whatever answered: in place of a service's name."""

_KINDS = "completed|5xx|time"
_NAME = re.compile(rf"(?:cluster\.([^.]+)\.upstream|http\.public\.downstream)_rq_({_KINDS})")
QUESTION = "/stats?" + urlencode(
    {
        "filter": rf"^(cluster\.[^.]+\.upstream|http\.public\.downstream)_rq_({_KINDS})$",
        "format": "json",
        "histogram_buckets": "cumulative",
    }
)
"""What to ask Envoy for."""


@dataclass(frozen=True)
class RequestCount:
    """Requests that were answered, by one service or by the whole facade."""

    requests: int = 0
    """How many. Default 0."""
    errors: int = 0
    """Those with a status of 500 or more. Default 0."""
    latency: tuple[tuple[float, int], ...] = ()
    """How many took at most so many milliseconds, the least first. Default: nothing is known."""

    def since(self, before: "RequestCount") -> "RequestCount":
        """What came after an earlier count of the same."""
        earlier = dict(before.latency)
        latency = tuple((bound, max(0, number - earlier.get(bound, 0))) for bound, number in self.latency)
        return RequestCount(max(0, self.requests - before.requests), max(0, self.errors - before.errors), latency)

    def plus(self, other: "RequestCount") -> "RequestCount":
        """Both together."""
        more = dict(other.latency)
        latency = {**more, **{bound: number + more.get(bound, 0) for bound, number in self.latency}}
        return RequestCount(self.requests + other.requests, self.errors + other.errors, tuple(sorted(latency.items())))

    @property
    def error_share(self) -> float:
        """Percent of the requests that were answered by an error; 0 where there were none."""
        return 100 * self.errors / self.requests if self.requests else 0.0

    def quantile(self, part: float) -> float | None:
        """The milliseconds within which this part of the requests, 0 to 1, was answered; between the bounds that were
        counted, evenly. None without a request."""
        total = self.latency[-1][1] if self.latency else 0  # Envoy tells latencies up to a second later than numbers
        if not total:
            return None
        wanted, below, start = part * total, 0, 0.0
        for bound, number in self.latency:
            if number >= wanted and number > below:
                return start + (bound - start) * (wanted - below) / (number - below)
            below, start = number, bound
        return start


Counts = Mapping[str, RequestCount]
"""By cluster; `FACADE` for the whole."""


def counts(answer: Mapping[str, Iterable[Mapping[str, Any]]]) -> Counts:
    """What an answer to `QUESTION` says."""
    numbers: dict[str, dict[str, int]] = {}
    latency: dict[str, tuple[tuple[float, int], ...]] = {}
    for entry in answer.get("stats", ()):
        for histogram in cast("Iterable[Mapping[str, Any]]", entry.get("histograms", ())):
            if found := _NAME.fullmatch(str(histogram["name"])):
                buckets = cast("Iterable[Mapping[str, float]]", histogram["buckets"])
                latency[found[1] or FACADE] = tuple(
                    (float(bucket["upper_bound"]), int(bucket["cumulative"])) for bucket in buckets
                )
        if found := _NAME.fullmatch(str(entry.get("name", ""))):
            numbers.setdefault(found[1] or FACADE, {})[found[2]] = int(entry["value"])
    return {
        name: RequestCount(own.get("completed", 0), own.get("5xx", 0), latency.get(name, ()))
        for name, own in sorted(numbers.items())
    }


def by_service(now: Counts, before: Counts) -> Counts:
    """What came after an earlier count, by service: a service has another cluster for each release."""
    found: dict[str, RequestCount] = {}
    for name, count in now.items():
        service = name.rpartition("-")[0]
        found[service] = found.get(service, RequestCount()).plus(count.since(before.get(name, RequestCount())))
    return found


def of_hosts(answer: Mapping[str, Iterable[Mapping[str, Any]]]) -> Counts:
    """What an answer to `/clusters` says, by the counts of clusters' hosts: answers with 5xx, or none, and others."""
    found: dict[str, RequestCount] = {}
    for cluster in answer.get("cluster_statuses", ()):
        for host in cluster.get("host_statuses", ()):
            numbers = {str(stat.get("name")): int(stat.get("value", 0)) for stat in host.get("stats", ())}
            errors = numbers.get("rq_error", 0)
            own = RequestCount(errors + numbers.get("rq_success", 0), errors)
            found[str(cluster["name"])] = found.get(str(cluster["name"]), RequestCount()).plus(own)
    return found
