"""The figures of services on AWS, from CloudWatch's metrics of their target groups."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from components.aws.plan.alarms import TARGETS
from components.local.envoy.statistics import FACADE
from tools.operate.deployed import Deployed, Service
from tools.operate.on_aws import Aws, one_line
from tools.operate.request import Request
from tools.watch.figures import Figures, FiguresByService

PERIOD = 60
"""Seconds: load balancers tell their metrics by the minute (ELB user guide, "CloudWatch metrics")."""
MINUTES = 3
"""How far back the last whole minute is looked for: metrics come late."""
QUERIES = 500
"""GetMetricData takes no more at once (CloudWatch API reference)."""
_STATISTICS = {
    "requests": (TARGETS.requests, TARGETS.requests_statistic),
    "errors": (TARGETS.errors, "Sum"),
    "p50": (TARGETS.latency, "p50"),
    "p99": (TARGETS.latency, "p99"),
}


class CloudWatchFigures:
    """Asks CloudWatch. Which target groups a service has, ECS and ELB say."""

    every = 30.0
    """Seconds between two questions: the metrics are by the minute, and questions have a price."""

    def __init__(self, verb: str, found: Deployed) -> None:
        self._aws, self._found, self._verb = Aws(Request(verb), found), found, verb

    def figures(self) -> FiguresByService:
        """Of the last minute that CloudWatch knows."""
        with one_line(self._verb):
            groups = {service.name: [*self._groups(service)] for service in self._found.services}
            region = self._found.region
            known = self._asked(region, [group for own in groups.values() for group in own])
        found = {name: together([known[group] for group in own]) for name, own in groups.items()}
        return {
            FACADE: together([values for own in groups.values() for values in map(known.__getitem__, own)]),
            **found,
        }

    def _groups(self, service: Service) -> Iterator[tuple[str, str]]:
        """The target groups of a service, each with its load balancer, as CloudWatch names them."""
        ecs, elb = self._aws.client("ecs", service.region), self._aws.client("elbv2", service.region)
        described = ecs.describe_services(cluster=service.cluster, services=[service.ecs_service])["services"]
        arns = [one["targetGroupArn"] for other in described for one in other.get("loadBalancers", ())]
        for group in elb.describe_target_groups(TargetGroupArns=arns)["TargetGroups"] if arns else ():
            for balancer in group["LoadBalancerArns"]:
                if ":loadbalancer/app/" in balancer:
                    yield group["TargetGroupArn"].rpartition(":")[2], balancer.partition(":loadbalancer/")[2]

    def _asked(
        self, region: str | None, groups: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Mapping[str, float | None]]:
        """The last value of each statistic of each target group."""
        keys = {f"q{number}_{what}": (group, what) for number, group in enumerate(groups) for what in _STATISTICS}
        queries = [_query(key, group, *_STATISTICS[what]) for key, (group, what) in keys.items()]
        now, found = datetime.now(UTC).replace(second=0, microsecond=0), dict[str, list[float]]()
        for start in range(0, len(queries), QUERIES):
            pages = self._aws.client("cloudwatch", region).get_paginator("get_metric_data")
            some = queries[start : start + QUERIES]
            for page in pages.paginate(
                MetricDataQueries=some,
                StartTime=now - timedelta(minutes=MINUTES),
                EndTime=now,
                ScanBy="TimestampDescending",
            ):
                for result in page["MetricDataResults"]:
                    found.setdefault(result["Id"], []).extend(result["Values"])
        values: dict[tuple[str, str], dict[str, float | None]] = {group: {} for group in groups}
        for key, (group, what) in keys.items():
            values[group][what] = next(iter(found.get(key, ())), None)
        return values


def _query(key: str, group: tuple[str, str], metric: str, statistic: str) -> dict[str, Any]:
    dimensions = [
        {"Name": name, "Value": value} for name, value in zip(("TargetGroup", "LoadBalancer"), group, strict=True)
    ]
    asked = {"Namespace": TARGETS.namespace, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": asked, "Period": PERIOD, "Stat": statistic}}


def together(values: Sequence[Mapping[str, float | None]]) -> Figures:
    """The figures of several target groups. Their percentiles can't be added: the worst is told. Pure."""
    requests, errors = (sum(own.get(what) or 0 for own in values) for what in ("requests", "errors"))
    slow = {what: [own[what] for own in values if own.get(what) is not None] for what in ("p50", "p99")}
    p50, p99 = (max((value or 0 for value in slow[what]), default=None) for what in ("p50", "p99"))
    return Figures(
        requests / PERIOD,
        100 * errors / requests if requests else 0.0,
        None if p50 is None else 1000 * p50,
        None if p99 is None else 1000 * p99,
    )
