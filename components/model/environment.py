"""What is known of an environment before it is made. Pure."""

from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True)
class Vpc:
    """A network that exists already, by its ids."""

    id: str
    public_subnets: tuple[str, ...]
    private_subnets: tuple[str, ...]


@dataclass(frozen=True)
class Subnets:
    """The address ranges of the subnets of a network that is made: one public and one private for each zone. zones:
    their names (default: the first ones of the region)."""

    public: tuple[str, ...]
    private: tuple[str, ...]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class AccessLogs:
    """Where a load balancer writes its access logs. bucket: its name (default: one is made). prefix: what the logs'
    keys begin with (default: `<stack>/<environment>`)."""

    bucket: str | None = None
    prefix: str | None = None


@dataclass(frozen=True)
class Rule:
    """What a security group lets through: a protocol (`tcp`, `udp`, `icmp`, a number, or `-1` for all), the first and
    the last port, and the address range of the other side."""

    protocol: str
    first: int
    last: int
    cidr: str


@dataclass(frozen=True)
class Environment:
    """Where services run. cidr: the address range (default: taken from the name). zones: how many (default 2).
    nat: `none` (default: tasks have public addresses, as with Copilot), `single` or `per-az`. container_insights:
    default false. vpc: a network to use instead of making one. internal: whether the load balancer is (default: as the
    facade needs). access_logs: of the load balancer (default: none are kept). certificates: ARNs in ACM for the load
    balancers' TLS, the first for clients that name no host (default: none). ssl_policy: the name of a policy for TLS
    (default: AWS's own choice). subnets: default: laid out in the range. flow_logs: for how many days the network's
    are kept (default: none are). callers: the address ranges from which a public load balancer takes requests
    (default: all). ingress: what tasks take besides. egress: what alone they may call (default: everything).
    internal_subnets: of an internal load balancer (default: the private ones). file: the Copilot manifest that it was
    read from, as messages name it."""

    name: str
    cidr: IPv4Network
    zones: int = 2
    nat: str = "none"
    container_insights: bool = False
    vpc: Vpc | None = None
    internal: bool | None = None
    access_logs: AccessLogs | None = None
    certificates: tuple[str, ...] = ()
    ssl_policy: str | None = None
    subnets: Subnets | None = None
    flow_logs: int | None = None
    callers: tuple[str, ...] = ()
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    internal_subnets: tuple[str, ...] = ()
    file: str = ""
