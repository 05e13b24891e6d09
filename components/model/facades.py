"""The facades on AWS: what each can do, and how each can be set. Pure.

What differs between facades stands in its record here and nowhere else. A new facade is a record, a component below
`components/aws/facades/`, and its checks in `components/aws/checks/facades.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Scheme(StrEnum):
    """From where a load balancer is reached. The values are ELB's own (CreateLoadBalancer: Scheme)."""

    PUBLIC = "internet-facing"
    INTERNAL = "internal"


class Reach(StrEnum):
    """What a facade sends requests to."""

    LOAD_BALANCER = "load balancer"
    """The URL of an environment's load balancer: one service in each environment."""
    LISTENER = "listener"
    """A listener of an environment's load balancer, from inside of its network: services that share an environment have
    a listener each."""
    TARGET_GROUP = "target group"
    """A service's tasks: the facade is rules of the environment's own load balancer."""


class Door(StrEnum):
    """How a facade tells testers' requests from others."""

    MARK = "mark"
    """By the header or cookie that a route's `testers` name."""
    ADDRESS = "address"
    """By an address of their own, as it doesn't see headers: the output `testersUrl`, where every route with testers
    has the weight 100."""


@dataclass(frozen=True)
class RequestMetrics:
    """What CloudWatch counts of requests, by the names of its metrics."""

    namespace: str
    """Of all these metrics."""
    dimension: str
    """By which the counted is named; a target group besides by its load balancer's."""
    requests: str
    """Of requests."""
    requests_statistic: str
    """Which of the metric's statistics is the number of requests."""
    errors: str
    """Answers with 5xx."""
    latency: str
    """Of the time until an answer."""
    units: int
    """Of latency in a second."""
    refused: str | None = None
    """Answers with 5xx to requests that aren't all among `requests`. Default: all are."""


@dataclass(frozen=True)
class FacadeKind:
    """What a facade can do."""

    name: str
    """As `strangler:facade` names it."""
    scheme: Scheme
    """Of the load balancer that it needs in each environment."""
    reach: Reach
    """What it sends requests to."""
    weights: bool
    """Whether a route can send a share of its requests."""
    can_go_without_default: bool
    """Whether `default: none` can be had."""
    sees_clients: bool
    """Whether the environment's load balancer sees the clients' own addresses, and can let in some of them only."""
    testers: Door | None = None
    """How testers' requests are told from others. Default: they can't be."""
    metrics: RequestMetrics | None = None
    """What CloudWatch counts of it. Default: nothing that could be named."""

    @property
    def shares_environment(self) -> bool:
        """Whether all services run in one environment: a load balancer forwards within one network only."""
        return self.reach is Reach.TARGET_GROUP


REFACTOR_SPACES = FacadeKind(
    name="refactor-spaces",
    scheme=Scheme.PUBLIC,
    reach=Reach.LOAD_BALANCER,
    weights=False,
    can_go_without_default=False,
    sees_clients=False,
)
API_GATEWAY = FacadeKind(
    name="api-gateway",
    scheme=Scheme.INTERNAL,
    reach=Reach.LISTENER,
    weights=False,
    can_go_without_default=True,
    sees_clients=False,
    testers=Door.ADDRESS,
    # API Gateway developer guide, "Monitor CloudWatch metrics for HTTP APIs".
    metrics=RequestMetrics("AWS/ApiGateway", "ApiId", "Count", "SampleCount", "5xx", "Latency", 1000),
)
ALB = FacadeKind(
    name="alb",
    scheme=Scheme.PUBLIC,
    reach=Reach.TARGET_GROUP,
    weights=True,
    can_go_without_default=True,
    sees_clients=True,
    testers=Door.MARK,
    # ELB user guide, "CloudWatch metrics for your Application Load Balancer": a request for which no target can be
    # chosen is no RequestCount, and what the load balancer answers itself is no target's.
    metrics=RequestMetrics(
        "AWS/ApplicationELB",
        "LoadBalancer",
        "RequestCount",
        "Sum",
        "HTTPCode_Target_5XX_Count",
        "TargetResponseTime",
        1,
        refused="HTTPCode_ELB_5XX_Count",
    ),
)

FACADES = {kind.name: kind for kind in (REFACTOR_SPACES, API_GATEWAY, ALB)}
"""Every facade by its name."""


def share_environment(kinds: Iterable[FacadeKind]) -> bool:
    """Whether services run in one environment unless the config says otherwise."""
    listed = list(kinds)
    apart = any(kind.reach is Reach.LOAD_BALANCER for kind in listed)
    return not apart and any(kind.shares_environment for kind in listed)


@dataclass(frozen=True)
class Throttling:
    """A limit on the requests of all clients together."""

    rate: int
    """Requests a second."""
    burst: int
    """Requests at once."""


@dataclass(frozen=True)
class Domain:
    """A name of the user's own, by which clients reach a facade with TLS."""

    name: str
    """Such as api.example.com."""
    certificate_arn: str | None = None
    """A valid certificate in ACM, in the stack's region. Default: one is made if there is a hosted zone; else `alb`
    uses those of its environment."""
    hosted_zone: str | None = None
    """Id of the Route 53 zone in which the name's record is made, and the validation of its certificate. Default: none;
    the record is the user's, and points to the output `dnsTarget`."""


@dataclass(frozen=True)
class ApiGatewaySettings:
    """`facadeSettings.api-gateway`."""

    throttling: Throttling | None = None
    """Default: the account's own limit only."""
    domain: Domain | None = None
    """Default: the API's own address. It has a certificate or a hosted zone."""
    log_days: int | None = 30
    """Days for which the access log is kept; None: there is no access log. Default 30."""
    timeout: int = 30
    """Seconds that a service has for an answer. Default 30, which is the most (API Gateway developer guide, quotas of
    HTTP APIs: integration timeout)."""


@dataclass(frozen=True)
class AlbSettings:
    """`facadeSettings.alb`."""

    stickiness: int | None = None
    """Seconds for which a client stays with the service that it got by weight, 1 to 604800 (ELB user guide, target
    group stickiness). Default None: every request is drawn anew."""
    domains: tuple[Domain, ...] = ()
    """With one or more, routes are answered with TLS on port 443, and port 80 redirects there. The first is the one of
    the output `url`. Default none: routes are answered on port 80."""
    web_acl: str | None = None
    """ARN of a web ACL of AWS WAF that filters its load balancer's requests. Default: none does."""


@dataclass(frozen=True)
class FacadeSettings:
    """How each facade is set, whether it is there or not: a change of facade and its way back need one key."""

    api_gateway: ApiGatewaySettings = field(default_factory=ApiGatewaySettings)
    """`facadeSettings.api-gateway`. Default: see there."""
    alb: AlbSettings = field(default_factory=AlbSettings)
    """`facadeSettings.alb`. Default: see there."""

    def domains(self, facade: str) -> tuple[Domain, ...]:
        """The names of a facade, the main one first."""
        own = self.api_gateway.domain
        return {API_GATEWAY.name: (own,) if own else (), ALB.name: self.alb.domains}.get(facade, ())
