"""The facades on AWS: what each can do, and how each can be set. Pure.

What differs between facades stands in its record here and nowhere else. A new facade is a record, a component below
`components/aws/facades/`, and its checks in `components/aws/checks/facades.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from components.model.routes import RouteTable


class Scheme(StrEnum):
    """From where a load balancer is reached. The values are ELB's own (CreateLoadBalancer: Scheme), but for one that is
    the user's."""

    EXISTING = "existing"
    """The user's own, wherever it is reached from: nothing of it is made, only rules in one of its listeners."""
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


class Endpoint(StrEnum):
    """Where a service that runs elsewhere takes requests. The values are keys of the config."""

    URL = "url"
    """A URL that is found from everywhere."""
    TARGET_GROUP = "targetGroup"
    """A target group of application load balancers."""
    LISTENER = "listener"
    """A listener of a load balancer, which is called from inside of its network."""
    LAMBDA = "lambda"
    """A Lambda function."""


class TestersBy(StrEnum):
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
    endpoints: frozenset[Endpoint]
    """What it can send requests to of what runs elsewhere."""
    keeps_host: bool
    """Whether what runs elsewhere can get another Host header than that of its URL or server name."""
    needs_network: bool
    """Whether it needs an environment even where nothing of ours takes requests."""
    testers: TestersBy | None = None
    """How testers' requests are told from others. Default: they can't be."""
    metrics: RequestMetrics | None = None
    """What CloudWatch counts of it. Default: nothing that could be named."""
    readies_functions: bool = False
    """Whether AWS itself lets it invoke a Lambda function, and wakes one that is inactive. Default false."""
    default: str | None = None
    """What answers what no route takes, where that is not the stack's to say. Default None: it is."""

    def table(self, table: RouteTable) -> RouteTable:
        """The routes, with what answers the rest behind this facade."""
        return replace(table, default=self.default) if self.default else table

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
    # Refactor Spaces API, CreateService: EndpointType; CreateApplication: VpcId is required.
    endpoints=frozenset({Endpoint.URL, Endpoint.LAMBDA}),
    keeps_host=False,
    needs_network=True,
    readies_functions=True,  # Refactor Spaces API, CreateRoute: Lambda function endpoints
)
API_GATEWAY = FacadeKind(
    name="api-gateway",
    scheme=Scheme.INTERNAL,
    reach=Reach.LISTENER,
    weights=False,
    can_go_without_default=True,
    sees_clients=False,
    # API Gateway developer guide, "Create integrations for HTTP APIs in API Gateway".
    endpoints=frozenset({Endpoint.URL, Endpoint.LISTENER, Endpoint.LAMBDA}),
    keeps_host=True,
    needs_network=False,
    testers=TestersBy.ADDRESS,
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
    # ELB user guide, "Target groups for your Application Load Balancers": instances, addresses and Lambda functions.
    endpoints=frozenset({Endpoint.TARGET_GROUP, Endpoint.LAMBDA}),
    keeps_host=False,
    needs_network=True,
    testers=TestersBy.MARK,
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

LISTENER = replace(ALB, name="listener", scheme=Scheme.EXISTING, default="listener")
"""The facade `alb` in a load balancer that stands already: `facadeSettings.alb.listener`. Config never names it; it has
a name of its own beside `alb`, as both may stand side by side."""

LOCAL_ENDPOINTS = frozenset({Endpoint.URL})
"""What the facade on this machine can send requests to of what runs elsewhere."""

FACADES = {kind.name: kind for kind in (REFACTOR_SPACES, API_GATEWAY, ALB)}
"""The facades that config names, by name."""

KINDS = {**FACADES, LISTENER.name: LISTENER}
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


class Priorities(Protocol):
    """Where rules of ours may be in a listener that is the user's own."""

    @property
    def first(self) -> int:
        """The first priority."""
        ...

    @property
    def last(self) -> int:
        """The last one."""
        ...


@dataclass(frozen=True)
class Listener:
    """A listener of a load balancer that is the user's own."""

    arn: str
    """`arn:…:listener/app/<name>/<id>/<id>`."""
    first: int = 20_000
    """The first priority of a rule of ours in it. Default 20000."""
    last: int = 29_999
    """The last one. Default 29999."""
    others: int = 0
    """How many rules its load balancer has besides ours, which count against the same quota. Default 0."""

    @property
    def load_balancer_arn(self) -> str:
        """Of its load balancer, as the listener's own ARN has it: `…:listener/app/<name>/<id>/<id>` is of
        `…:loadbalancer/app/<name>/<id>` (Service Authorization Reference, "Actions, resources, and condition keys for
        AWS Elastic Load Balancing V2")."""
        return self.arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]

    @property
    def suffix(self) -> str:
        """By which CloudWatch names the load balancer: `app/<name>/<id>` (ELB user guide, "CloudWatch metrics for your
        Application Load Balancer")."""
        return self.load_balancer_arn.partition(":loadbalancer/")[2]


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
    listener: Listener | None = None
    """Of the user's own load balancer, in which the routes' rules are. Default: in a load balancer that is made."""
    own_load_balancer: bool = False
    """Whether one is made beside the user's own, with the same routes. Default false."""


@dataclass(frozen=True)
class FacadeSettings:
    """How each facade is set, whether it is there or not: a change of facade and its way back need one key."""

    api_gateway: ApiGatewaySettings = field(default_factory=ApiGatewaySettings)
    """`facadeSettings.api-gateway`. Default: see there."""
    alb: AlbSettings = field(default_factory=AlbSettings)
    """`facadeSettings.alb`. Default: see there."""

    def facades(self, named: Iterable[str]) -> tuple[str, ...]:
        """The names of the facades that stand, of those that config names."""
        beside = (ALB.name,) if self.alb.own_load_balancer else ()
        own = (LISTENER.name, *beside) if self.alb.listener else (ALB.name,)
        return tuple(found for name in named for found in (own if name == ALB.name else (name,)))

    def domains(self, facade: str) -> tuple[Domain, ...]:
        """The names of a facade, the main one first."""
        own = self.api_gateway.domain
        return {API_GATEWAY.name: (own,) if own else (), ALB.name: self.alb.domains}.get(facade, ())
