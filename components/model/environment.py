"""What is known of an environment before it is made. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from components.model.facades import Scheme
from components.model.where import Where

LONGEST_IDLE = 4000
"""Seconds that a connection of a load balancer may be silent, at most (ELB user guide, "Edit attributes for your
Application Load Balancer")."""


@dataclass(frozen=True)
class Vpc:
    """An existing VPC, by its ids."""

    id: str
    """Such as `vpc-0a1b2c3d`."""
    public_subnets: tuple[str, ...]
    """Ids of its public subnets."""
    private_subnets: tuple[str, ...]
    """Ids of its private subnets."""


@dataclass(frozen=True)
class Subnets:
    """The address ranges of the subnets of a VPC that is created: one public and one private for each zone."""

    public: tuple[str, ...]
    """Address ranges of the public subnets, in the order of the zones."""
    private: tuple[str, ...]
    """Address ranges of the private subnets, likewise."""
    zones: tuple[str, ...] = ()
    """The zones' names. Default: the first ones of the region."""


@dataclass(frozen=True)
class AccessLogs:
    """Where a load balancer writes its access logs."""

    bucket: str | None = None
    """The bucket's name. Default: one is created."""
    prefix: str | None = None
    """What the logs' keys begin with. Default: `<stack>/<environment>`."""


@dataclass(frozen=True)
class Rule:
    """What a security group lets through."""

    protocol: str
    """`tcp`, `udp`, `icmp`, a protocol's number, or `-1` for all."""
    first: int
    """The first port; of ICMP the type, -1 for all."""
    last: int
    """The last port; of ICMP the code, -1 for all."""
    cidr: str
    """The address range of the other side."""


@dataclass(frozen=True)
class EnvironmentSettings:
    """Where services run."""

    name: str
    """The environment's name."""
    cidr: IPv4Network
    """The address range. Default: taken from the name."""
    zones: int = 2
    """How many Availability Zones. Default 2."""
    nat: str = "none"
    """NAT gateways: `none` (default: tasks have public addresses, as with Copilot), `single` or `per-az`."""
    container_insights: bool = False
    """Of the ECS cluster. Default false."""
    vpc: Vpc | None = None
    """An existing VPC to use. Default: one is created."""
    scheme: Scheme | None = None
    """Of the load balancer. Default: as the facades need."""
    access_logs: AccessLogs | None = None
    """Of the load balancer. Default: none are kept."""
    certificates: tuple[str, ...] = ()
    """ARNs in ACM for the load balancers' TLS, the first for clients that name no host. Default: none."""
    ssl_policy: str | None = None
    """The name of a security policy for TLS. Default: a current one for new listeners, see
    `components/aws/network/tls.py`; those that are there keep theirs."""
    subnets: Subnets | None = None
    """Default: laid out in the range."""
    flow_logs: int | None = None
    """Days for which the VPC's flow logs are kept. Default: none are."""
    callers: tuple[str, ...] = ()
    """The address ranges from which a public load balancer takes requests. Default: all."""
    ingress: tuple[Rule, ...] = ()
    """What tasks accept besides requests. Default: nothing."""
    egress: tuple[Rule, ...] = ()
    """What alone tasks may call. Default: everything."""
    internal_subnets: tuple[str, ...] = ()
    """Of an internal load balancer. Default: the private ones."""
    internal_certificates: tuple[str, ...] = ()
    """ARNs in ACM for the TLS of the internal load balancer of backends, as `certificates`. Default: it speaks plain
    HTTP."""
    internal_ssl_policy: str | None = None
    """Of that load balancer, as `ssl_policy`. Default: see there."""
    internal_open: bool = False
    """Whether that load balancer takes requests of the whole network, and of networks that are joined to it. Default
    false: of the environment's tasks."""
    drop_invalid_headers: bool = True
    """Whether the load balancers drop request headers whose names have other characters than letters, digits and
    hyphens, such as `_` (ELB user guide, `routing.http.drop_invalid_header_fields.enabled`). Default true."""
    idle_timeout: int | None = None
    """Seconds that a connection of its load balancers may be silent, 1 to 4000 (ELB user guide,
    `idle_timeout.timeout_seconds`): how long a request may take. Default: ELB's, 60."""
    place: Callable[[str], Where] | None = field(default=None, compare=False)
    """Names the place of a path of Copilot's environment manifest in what was read. Default: nothing was read."""

    def where(self, path: str) -> Where:
        """Where a setting was written, as messages name it. path: in Copilot's environment manifest, such as
        `network.vpc.cidr`."""
        return self.place(path) if self.place else self.called

    @property
    def called(self) -> Where:
        """What messages call it that are about all of it."""
        return Where(f"the environment {self.name}")
