"""The dashboard: who serves which route with which weight, and requests, errors and latency. Pure.

Sources: CloudWatch API, "Dashboard body structure and syntax" (24 columns; what a widget holds); CloudWatch quotas (500
widgets in a dashboard, 500 metrics in a widget, 2500 in all); CloudWatch Logs user guide, "CloudWatch Logs Insights
language query syntax" (`SOURCE`, `stats`, `pct`). That a number in quotes is one there is assumed: API Gateway's guide
and many a dashboard have the log's values in quotes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.aws.plan.alarms import PERIOD, TARGETS, Query, counts, error_share
from components.model.facades import RequestMetrics
from components.model.names import fit
from components.model.routes import RouteTable
from components.settings.alarms import Alarms

WIDGETS, METRICS = 500, 2500
"""The most that a dashboard holds; CloudWatch raises neither."""

_COLUMNS = 24
_HEIGHT = 6
_IN_A_ROW = 3
_IN_A_TARGETS_ROW = 5
"""Metrics of a target group in a row: requests, requests and errors for the share, the share, latency."""

Widget = dict[str, Any]


@dataclass(frozen=True)
class Watched:
    """Something whose requests CloudWatch counts."""

    label: str
    """As the dashboard calls it."""
    metrics: RequestMetrics
    """What CloudWatch counts of it."""
    dimensions: Mapping[str, object]
    """Of its metrics. Their values may be known only later: here they are only handed on."""


def name(prefix: str) -> str:
    """Of the dashboard: up to 255 letters, digits, - and _ (CloudWatch API, PutDashboard). It is known in all regions
    of the account. prefix: of names in the account."""
    return fit(prefix, 255)


def mistake(services: int, facades: int, groups: int) -> str | None:
    """What is too much for one dashboard; None if all finds room. groups: target groups of a service."""
    widgets = 1 + _IN_A_ROW * (facades + services)
    metrics = 2 * services * groups * _IN_A_TARGETS_ROW
    if widgets > WIDGETS:
        return f"{widgets} widgets for {services} services; a dashboard allows {WIDGETS}"
    if metrics > METRICS:
        return f"{metrics} metrics for {services} services; a dashboard allows {METRICS}"
    return None


def body(
    region: object,
    title: str,
    table: RouteTable,
    facades: Sequence[Watched],
    services: Mapping[str, Sequence[Watched]],
    alarms: Alarms | None,
    logs: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The dashboard. region: of the metrics. services: the target groups of those that facades send requests to.
    alarms: whose thresholds are drawn, if there are any. logs: queries of access logs by their title, below all else.
    Default none."""
    text = _text(title, table)
    height = 2 + -(-(text.count("\n") + 1) // 2)
    widgets: list[Widget] = [_at(0, 0, _COLUMNS, height, "text", {"markdown": text})]
    default = services.get(table.default or "", ())
    rows = [(watched.label, [watched]) for watched in facades]
    rows += [(own, [*found, *default] if own != table.default else [*found]) for own, found in services.items()]
    for number, (label, watched) in enumerate(rows):
        top = height + number * _HEIGHT
        for column, properties in enumerate(_row(label, watched, alarms)):
            width = _COLUMNS // _IN_A_ROW
            shown = {**properties, "region": region, "view": "timeSeries", "period": PERIOD}
            widgets.append(_at(column * width, top, width, _HEIGHT, "metric", shown))
    for number, (label, query) in enumerate((logs or {}).items(), len(rows)):
        shown = {"title": label, "query": query, "region": region, "view": "table"}
        widgets.append(_at(0, height + number * _HEIGHT, _COLUMNS, _HEIGHT, "log", shown))
    return {"widgets": widgets}


def by_route(log_group: str) -> str:
    """A query of the access log of an HTTP API: requests, answers with 5xx, and p99 of latency, by the route."""
    counted = "count(*) as requests, sum(status >= 500) as errors, pct(latency, 99) as p99_ms"
    return f"SOURCE '{log_group}' | stats {counted} by route | sort requests desc"


def _at(x: int, y: int, width: int, height: int, kind: str, properties: Mapping[str, Any]) -> Widget:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": dict(properties)}


def _text(title: str, table: RouteTable) -> str:
    """Who serves what, as Markdown."""
    lines = [f"# {title}", "", "| route | path | methods | service | weight |", "| --- | --- | --- | --- | ---: |"]
    for route in table.routes:
        below = "/…" if route.children else ""
        methods = ", ".join(route.methods) or "all"
        lines.append(f"| {route.id} | {route.path}{below} | {methods} | {route.service} | {route.weight} |")
    lines.append(f"| | everything else | all | {table.default or 'none: 503'} | |")
    return "\n".join(lines)


def _row(label: str, watched: Sequence[Watched], alarms: Alarms | None) -> Iterable[Widget]:
    """Requests, errors and latency side by side."""
    requests = [_metric(one, Query("", one.metrics.requests, one.metrics.requests_statistic)) for one in watched]
    yield {"title": f"{label}: requests a minute", "metrics": requests, **_from_zero()}
    shares: list[list[Any]] = []
    for number, one in enumerate(watched):
        hidden = [_metric(one, query, visible=False) for query in counts(one.metrics, str(number))]
        shares += [*hidden, [{"expression": error_share(one.metrics, str(number)), "label": one.label}]]
    limit = alarms.errors if alarms else None
    yield {"title": f"{label}: errors (5xx), %", "metrics": shares, **_from_zero(limit)}
    slow = [_metric(one, Query("", one.metrics.latency, "p99")) for one in watched]
    limit = alarms.latency * watched[0].metrics.units if alarms else None
    unit = "s" if watched[0].metrics.units == 1 else "ms"
    yield {"title": f"{label}: latency (p99), {unit}", "metrics": slow, **_from_zero(limit)}


def _from_zero(limit: float | None = None) -> Widget:
    """An axis, and where the alarm goes off."""
    drawn = {"annotations": {"horizontal": [{"label": "alarm", "value": limit}]}} if limit is not None else {}
    return {"yAxis": {"left": {"min": 0}}, **drawn}


def _metric(one: Watched, query: Query, *, visible: bool = True) -> list[Any]:
    options: Widget = {"stat": query.statistic, "label": one.label}
    if query.id:
        options["id"] = query.id
    if not visible:
        options["visible"] = False
    dimensions = [part for pair in one.dimensions.items() for part in pair]
    return [one.metrics.namespace, query.metric, *dimensions, options]


def of_target_group(label: str, load_balancer: object, group: object, metrics: RequestMetrics = TARGETS) -> Watched:
    """A service's target group. load_balancer, group: the parts of their ARNs by which CloudWatch names them. metrics:
    what it counts."""
    return Watched(label, metrics, {metrics.dimension: group, "LoadBalancer": load_balancer})
