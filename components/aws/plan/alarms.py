"""Which alarms watch a service and a facade, and by which of a service's ECS takes a deployment back. Pure.

Sources: CloudWatch user guide (metric math: `FILL`, `IF`; percentiles), CloudWatch quotas (ten metrics in an alarm),
ELB user guide ("CloudWatch metrics for your Application Load Balancer"), ECS developer guide ("How CloudWatch alarms
detect Amazon ECS deployment failures").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from components.aws.plan.load_balancers import SUFFIXES
from components.model.facades import RequestMetrics, Scheme
from components.model.names import fit
from components.settings.alarms import Alarms

PERIOD = 60
"""Seconds of a data point."""

LONGEST = 255
"""Characters of an alarm's name (CloudWatch API, PutMetricAlarm)."""

TARGETS = RequestMetrics(
    "AWS/ApplicationELB",
    "TargetGroup",
    "RequestCount",
    "Sum",
    "HTTPCode_Target_5XX_Count",
    "TargetResponseTime",
    1,
)
"""What a load balancer counts of a target group. What it answers itself, as no target would, it counts of the facade
`alb` only."""

FUNCTIONS = replace(TARGETS, refused="LambdaUserError")
"""The same of a target group with a Lambda function. What a function fails at is a 502 of the load balancer's own, and
no target's; it is assumed that not all such requests are among `RequestCount`."""

_UNHEALTHY = "UnHealthyHostCount"


@dataclass(frozen=True)
class Query:
    """A metric, or an expression over those before it."""

    id: str
    """By which later expressions name it; the result has that of the last."""
    metric: str = ""
    """The metric's name. Default "": it is an expression."""
    statistic: str = ""
    """Of the metric, such as `Sum` or `p99`. Default "": it is an expression."""
    expression: str = ""
    """In CloudWatch's metric math. Default "": it is a metric."""


@dataclass(frozen=True)
class Alarm:
    """An alarm: on the last of its queries, if that is over the threshold for some minutes."""

    name: str
    """Unique in the account and region: ECS knows it by this."""
    logical: str
    """Its name in the stack."""
    description: str
    """What it says when it goes off."""
    namespace: str
    """Of its metrics."""
    queries: tuple[Query, ...]
    """Metrics and expressions; the last one is compared."""
    threshold: float
    """It goes off above this."""
    minutes: int
    """For how many of them one after the other."""
    rollback: bool = False
    """Whether ECS takes a deployment back for it. Default false."""


def of_service(settings: Alarms, prefix: str, service: str, scheme: Scheme) -> tuple[Alarm, ...]:
    """The alarms on a service's target group. prefix: of names in the account. scheme: of the load balancer that the
    target group belongs to, as a service may have one for each.

    Unhealthy tasks take no deployment back: new ones may be so while they start, and whether they ever get healthy is
    for ECS's circuit breaker.
    """
    of = _of(service, scheme)
    errors, latency = _of_requests(settings, TARGETS, prefix, of, service)
    unhealthy = Alarm(
        name=fit(f"{prefix}-{of}Unhealthy", LONGEST),
        logical=f"{of}Unhealthy",
        description=f"{service}: more than {settings.unhealthy} unhealthy tasks",
        namespace=TARGETS.namespace,
        queries=(Query("unhealthy", _UNHEALTHY, "Maximum"),),
        threshold=settings.unhealthy,
        minutes=settings.minutes,
    )
    return errors, latency, unhealthy


def of_elsewhere(settings: Alarms, prefix: str, service: str, scheme: Scheme, *, function: bool) -> tuple[Alarm, ...]:
    """The alarms on the target group of a service that runs elsewhere, for the same load balancer as above; none takes
    a deployment back. function: whether there is a Lambda function in it, whose health nobody asks for unless it is
    told to (ELB user guide, "Use Lambda functions as targets of an Application Load Balancer")."""
    if function:
        found = _of_requests(settings, FUNCTIONS, prefix, _of(service, scheme), service)
    else:
        found = of_service(settings, prefix, service, scheme)
    return tuple(replace(alarm, rollback=False) for alarm in found)


def unwatched(services: Sequence[str], facades: Sequence[str], logged: Sequence[str] = ()) -> str | None:
    """What a plan says of services that run elsewhere and that no target group leads to; None if there are none.
    facades: those that CloudWatch counts requests of. logged: those whose access log is on the dashboard. Default
    none."""
    if not services:
        return None
    counted = f"what is answered counts for {' and '.join(facades)} only" if facades else "nothing watches them"
    shown = f"; the dashboard has the access log of {' and '.join(logged)}, by route" if logged else ""
    return f"alarms and dashboard: CloudWatch doesn't tell apart what {', '.join(services)} answers; {counted}{shown}"


def of_facade(settings: Alarms, prefix: str, facade: str, metrics: RequestMetrics) -> tuple[Alarm, ...]:
    """The alarms on a facade."""
    found = _of_requests(settings, metrics, prefix, f"Facade-{facade}-", f"the facade {facade}")
    return tuple(replace(alarm, rollback=False) for alarm in found)


def _of(service: str, scheme: Scheme) -> str:
    """A capital stands in what no other service's name can end with."""
    return f"{service}{SUFFIXES[scheme].title()}-"


def _of_requests(settings: Alarms, metrics: RequestMetrics, prefix: str, of: str, what: str) -> tuple[Alarm, Alarm]:
    enough = f"{total(metrics)} >= {settings.requests}"
    share = Alarm(
        name=fit(f"{prefix}-{of}Errors", LONGEST),
        logical=f"{of}Errors",
        description=f"{what}: more than {settings.errors:g} of 100 requests are answered by 5xx",
        namespace=metrics.namespace,
        queries=(*counts(metrics), Query("share", expression=f"IF({enough}, {error_share(metrics)}, 0)")),
        threshold=settings.errors,
        minutes=settings.minutes,
        rollback=settings.rollback,
    )
    slow = Query("latency", metrics.latency, "p99")
    requests = tuple(query for query in counts(metrics) if query.id != "errors")
    latency = Alarm(
        name=fit(f"{prefix}-{of}Latency", LONGEST),
        logical=f"{of}Latency",
        description=f"{what}: one of 100 requests takes longer than {settings.latency:g} s",
        namespace=metrics.namespace,
        queries=(*requests, slow, Query("slowest", expression=f"IF({enough}, latency, 0)")),
        threshold=settings.latency * metrics.units,
        minutes=settings.minutes,
        rollback=settings.rollback,
    )
    return share, latency


def counts(metrics: RequestMetrics, suffix: str = "") -> tuple[Query, ...]:
    """What a share of errors is made of. suffix: of the queries' ids."""
    found = [
        Query(f"requests{suffix}", metrics.requests, metrics.requests_statistic),
        Query(f"errors{suffix}", metrics.errors, "Sum"),
    ]
    if metrics.refused:
        found.append(Query(f"refused{suffix}", metrics.refused, "Sum"))
    return tuple(found)


def total(metrics: RequestMetrics, suffix: str = "") -> str:
    """All requests, as an expression. Without refusals there is no data point of theirs."""
    if not metrics.refused:
        return f"requests{suffix}"
    return f"(FILL(requests{suffix}, 0) + FILL(refused{suffix}, 0))"


def error_share(metrics: RequestMetrics, suffix: str = "") -> str:
    """Of 100 requests, those that were answered by 5xx, as an expression. Without errors there is no data point of
    theirs."""
    refused = f" + FILL(refused{suffix}, 0)" if metrics.refused else ""
    return f"100 * (FILL(errors{suffix}, 0){refused}) / {total(metrics, suffix)}"


@dataclass(frozen=True)
class DeploymentAlarms:
    """By which alarms ECS takes deployments back."""

    names: tuple[str, ...]
    """Of the alarms, in the account."""
    enabled: bool = True
    """Whether ECS goes by them. Default true."""


def deployment_alarms(wanted: Sequence[str], before: Sequence[str]) -> DeploymentAlarms | None:
    """By which alarms ECS takes back the deployments of a service; None: nothing is said of it.

    before: the alarms that the ECS service was told of. ECS keeps them if nothing is said, so that they are switched
    off; by their names, as pulumi-aws sends no empty list (terraform-provider-aws, expandAlarms).
    """
    if wanted:
        return DeploymentAlarms(tuple(dict.fromkeys(wanted)))
    return DeploymentAlarms(tuple(before), enabled=False) if before else None
