"""`http` of a manifest: how a service is reached through an application load balancer. Pure.

Defaults are Copilot's own (v1.34), and AWS's for what Copilot leaves to AWS.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import ip_network

from components.input.scalars import truth
from components.input.value import DURATIONS, Seconds, Value
from components.manifest import limits
from components.manifest.durations import in_seconds
from components.manifest.overrides import without
from components.manifest.support import AWS_ONLY, BUILT, Field, Group, Known, State, each_as, group
from components.manifest.target_container import Containers, target

VERSIONS = ("http1", "http2", "grpc")

GRACE_PERIOD, DEREGISTRATION_DELAY = (60, 0, 2_147_483_647), (60, 0, 3_600)
"""The default, the least and the most, in seconds (ECS API, CreateService; ELB API, TargetGroupAttribute)."""

# RFC 1123; a load balancer's condition holds 128 characters, and its * stands for any (ELB API, HostHeaderConfig); a
# record and a certificate have one in the place of the first label only (Route 53 developer guide, "Using an asterisk
# (*) in the names of hosted zones and records"; ACM user guide, "Wildcard names").
_HOST = re.compile(
    r"(?=.{4,128}$)(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.I
)
_HOST_REMEDY = "give a host name such as api.example.com, or *.example.com"
_PATH_REMEDY = "write the path that the service serves, such as path: api/users"
_EVERYBODY = "0.0.0.0/0"
_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")

# ELB API, Matcher: GrpcCode.
_GRPC_CODES = re.compile(r"[0-9]{1,2}(?:-[0-9]{1,2})?(?:,[0-9]{1,2}(?:-[0-9]{1,2})?)*")

_HOST_NAME = Field(State.KEPT, State.BUILT, "host names have no effect on the local platform: it has one URL")
_VERSION = Field(State.LEFT_OUT, State.BUILT, "an HTTP/2 or gRPC service gets no requests on the local platform")
_LOAD_BALANCER = Field(
    State.KEPT,
    State.LEFT_OUT,
    "Strangler creates its own load balancer for the environment; Copilot still uses this one",
)
_SOURCES = Field(
    State.KEPT,
    State.BUILT,
    "on `aws`, only with an alias, which is the only way to reach it: it has no route. Without an alias it is refused",
)
_FURTHER = Field(
    State.LEFT_OUT, State.BUILT, "each service has one rule on the local platform: write a route to the service instead"
)

ALIAS = Group(short=_HOST_NAME, item=Group({"name": _HOST_NAME, "hosted_zone": _HOST_NAME}, short=_HOST_NAME))
"""`alias`, of `http` and of `nlb`."""

_CHECK = group(
    "path",
    "port",
    "success_codes",
    "healthy_threshold",
    "unhealthy_threshold",
    "interval",
    "timeout",
    of=BUILT,
)
# A service has one grace period, which belongs to its main rule.
_MAIN_CHECK = {**_CHECK.fields, "grace_period": BUILT}
CHECK_KEYS = tuple(_MAIN_CHECK)
"""The keys of `http.healthcheck`."""

_RULE = {
    "path": BUILT,
    "healthcheck": replace(_CHECK, short=BUILT),
    "deregistration_delay": BUILT,
    "stickiness": AWS_ONLY,
    "version": _VERSION,
    "protocolVersion": _VERSION,
    "alias": ALIAS,
    "hosted_zone": _HOST_NAME,
    "alb": _LOAD_BALANCER,
    "target_container": BUILT,
    "targetContainer": BUILT,
    "target_port": BUILT,
    "allowed_source_ips": _SOURCES,
    "redirect_to_https": _HOST_NAME,
}
HTTP = Group(
    {
        **_RULE,
        "healthcheck": Group(_MAIN_CHECK, short=BUILT),
        "additional_rules": Group(item=each_as(Group(_RULE), _FURTHER)),
    },
    short=BUILT,
)
"""The fields of `http`."""

_BALANCED = Field(
    State.LEFT_OUT,
    State.BUILT,
    "there is no internal load balancer on the local platform: call it by its name, at its container's port",
)
_ALWAYS_HTTPS = replace(_BALANCED, aws=State.KEPT, why="with certificates it always redirects, as in Copilot")
_OLD_SPELLING = replace(
    _BALANCED, aws=State.LEFT_OUT, why="Copilot ignores it in a Backend Service: write target_container"
)
_OF_BACKEND: dict[str, Known] = {
    "allowed_source_ips": _BALANCED,
    "redirect_to_https": _ALWAYS_HTTPS,
    "targetContainer": _OLD_SPELLING,
}
_INTERNAL = each_as(HTTP, _BALANCED)
INTERNAL = Group(
    {
        **_INTERNAL.fields,
        **_OF_BACKEND,
        "additional_rules": Group(item=Group({**each_as(Group(_RULE), _BALANCED).fields, **_OF_BACKEND})),
    },
    short=_BALANCED,
)
"""The fields of `http` of a backend, which an internal load balancer leads to."""


@dataclass(frozen=True)
class Alias:
    """A host name at which a service answers."""

    name: str
    """Such as `api.example.com` or `*.example.com`, in lower case."""
    hosted_zone: str | None = None
    """The id of the zone in Route 53 that gets its record. Default: none; the name's DNS is the user's."""

    def takes(self, host: str) -> bool:
        """Whether requests for this host name are among its own: `*.example.com` takes those for all below it."""
        return host == self.name or (self.name.startswith("*.") and host.endswith(self.name[1:]))


@dataclass(frozen=True)
class HealthCheck:
    """`http.healthcheck`: what a load balancer asks of a target."""

    path: str = "/"
    """Begins with `/`. Default `/`."""
    port: int | None = None
    """Default: the target port."""
    success_codes: str = "200"
    """Codes of HTTP, or of gRPC with the version grpc, such as `200,301` or `200-299`. Default 200; with gRPC 12, which
    is UNIMPLEMENTED: a sign of life, and AWS's own default."""
    healthy_threshold: int = 5
    """Checks in a row, 2 to 10. Default 5 (ELB API, CreateTargetGroup)."""
    unhealthy_threshold: int = 2
    """Checks in a row, 2 to 10. Default 2 (ELB API, CreateTargetGroup)."""
    interval: int = 30
    """Seconds, 5 to 300. Default 30."""
    timeout: int = 5
    """Seconds, 2 to 120, less than the interval. Default 5."""
    grace_period: int = GRACE_PERIOD[0]
    """Seconds for which a new task may be unhealthy. Default 60, Copilot's."""

    def will_do(self, status: int) -> bool:
        """Whether an answer of HTTP with this code is one of a healthy target."""
        ranges = (part.partition("-") for part in self.success_codes.split(","))
        return any(int(first) <= status <= int(last or first) for first, _, last in ranges)


@dataclass(frozen=True)
class HttpRule:
    """What a load balancer sends to a container."""

    path: str
    """Begins with `/`, and doesn't end with it unless it is all of it."""
    healthcheck: HealthCheck = HealthCheck()
    """How the load balancer checks its targets. Default: see HealthCheck."""
    deregistration_delay: int = 60
    """Seconds that in-flight requests are given when a task stops. Default 60, Copilot's."""
    stickiness: bool = False
    """Whether a client stays with its task. Default false."""
    target_port: int | None = None
    """The container's port. Default: `image.port`."""
    target_container: str | None = None
    """The name of a sidecar. Default: the main container."""
    version: str = "http1"
    """Of HTTP that the container speaks: `http1` (default), `http2` or `grpc`."""
    aliases: tuple[Alias, ...] = ()
    """The host names at which this rule answers. Default: it has none of its own."""
    redirect: bool = True
    """Whether plain HTTP at an alias is redirected to HTTPS where there is a certificate. Default true."""
    sources: tuple[str, ...] = ()
    """The address ranges whose requests it takes at its aliases, or in a backend. Default: all."""


@dataclass(frozen=True)
class Http:
    """`http`: how requests come to a service."""

    main: HttpRule
    """The main rule: what a facade's routes, Service Connect and the grace period go by."""
    additional: tuple[HttpRule, ...] = ()
    """`additional_rules`, in their order. Default: none."""
    numbers: tuple[int, ...] = ()
    """By which what belongs to these is known on AWS. Default: from 1 on, in their order."""

    @property
    def rules(self) -> tuple[HttpRule, ...]:
        """All rules, the main one first."""
        return (self.main, *self.additional)

    @property
    def has_names(self) -> bool:
        """Whether it answers at host names of its own."""
        return any(rule.aliases for rule in self.rules)

    @property
    def numbered(self) -> dict[int, HttpRule]:
        """All rules by number; the main one has 0."""
        numbers = self.numbers or range(1, len(self.additional) + 1)
        return {0: self.main, **dict(zip(numbers, self.additional, strict=True))}


def rule_place(number: int) -> str:
    """Where a rule stands in a manifest, by its place among all: 0 is the main one."""
    return f"http.additional_rules[{number - 1}]" if number else "http"


def read_http(at: Value, known: Containers) -> Http | None:
    """`http`; None for `false`: the service takes no HTTP requests."""
    if truth(at.value) is False:
        return None
    if at and not at.is_map():
        at.fail("give a map with path, or false")
        return Http(HttpRule("/"))
    main, further = _rule(at, known), at.get("additional_rules").items()
    for rule in further:
        rule.require_map()
    return Http(main, tuple(_rule(rule, known) for rule in further if rule.is_map()))


def read_internal(at: Value, known: Containers) -> Http | None:
    """`http` of a backend; None: it has none. Copilot takes a map only, and of `target_container` the new spelling."""
    if not at or at.value == {}:
        return None
    if not at.is_map():
        at.fail("give a map with path, or leave http out")
        return None
    further = [rule for rule in at.get("additional_rules").items() if rule.is_map()]
    main, *others = (_internal_rule(rule, known) for rule in (at, *further))
    return Http(main, tuple(others))


def _internal_rule(at: Value, known: Containers) -> HttpRule:
    return replace(
        _rule(without(at, ("targetContainer",)), known), redirect=True, sources=_sources(at.get("allowed_source_ips"))
    )


def open_to_all(http: Http) -> Http:
    """The same without address ranges."""
    return replace(
        http,
        main=replace(http.main, sources=()),
        additional=tuple(replace(rule, sources=()) for rule in http.additional),
    )


def _sources(at: Value) -> tuple[str, ...]:
    """Address ranges; an address is a range of one, as with Copilot."""
    found: list[str] = []
    for item in at.items():
        text = item.text(None)
        try:
            block = str(ip_network(text or "", strict=False))
        except ValueError:
            if text is not None:
                item.fail("give an address or a range of addresses, such as 10.0.0.0/8")
        else:
            found += [block] if block not in found else []
    return tuple(found)


def _rule(at: Value, known: Containers) -> HttpRule:
    path = at.required("path", _PATH_REMEDY)
    if path.value == "":
        path.fail(_PATH_REMEDY)
    version = _version(at)
    container, port = target(at, known)
    return HttpRule(
        path=_path(path),
        healthcheck=read_check(at.get("healthcheck"), version),
        deregistration_delay=in_seconds(at.get("deregistration_delay")).duration(*DEREGISTRATION_DELAY),
        stickiness=at.get("stickiness").boolean(False),
        target_port=port,
        target_container=container,
        version=version,
        aliases=read_aliases(at, read_zone(at.get("hosted_zone"))),
        redirect=at.get("redirect_to_https").boolean(True),
        # A load balancer is reached by IPv4.
        sources=() if _EVERYBODY in (sources := _sources(at.get("allowed_source_ips"))) else sources,
    )


def _path(at: Value) -> str:
    """`path`. Copilot adds a missing slash at the front; a slash at the end makes no difference to its rule."""
    path = "/" + at.text("").strip("/")
    if not path.endswith("/*"):
        return path
    whole = path.rstrip("/*") or "/"
    if whole != "/":
        at.problems.warn(
            at.where, f"{path} is read as {whole}", f"{whole} is matched together with everything below it"
        )
    return whole


def _version(at: Value) -> str:
    """`version`, in any case; `protocolVersion` is an old spelling."""
    given, old = at.get("version"), at.get("protocolVersion")
    if given and old:
        old.fail("keep one of them", "both version and protocolVersion")
    return (given or old).choice("http1", VERSIONS, any_case=True)


def read_aliases(at: Value, zone: str | None) -> tuple[Alias, ...]:
    """The host names at `alias`: a text, a list of texts, or a list of maps. zone: of those that name none."""
    place = at.get("alias")
    if place.is_map():
        place.fail("give a host name, or a list of them")
        return ()
    listed = place.items() if isinstance(place.value, list) else [place] if place else []
    found = tuple(alias for item in listed if (alias := _alias(item, zone)))
    names = [alias.name for alias in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        place.fail("remove one", f"duplicate host name {name}")
    if at.get("hosted_zone") and not found and not place:
        at.get("hosted_zone").fail("write alias: with a host name in this zone, or remove it", "no alias given with it")
    return found


def _alias(at: Value, zone: str | None) -> Alias | None:
    place = at.required("name", "write name: with a host name such as api.example.com") if at.is_map() else at
    name = place.matching(_HOST, _HOST_REMEDY)
    own = read_zone(at.get("hosted_zone")) or zone
    return Alias(name.lower(), own) if name else None


def read_zone(at: Value) -> str | None:
    """The id of a hosted zone."""
    return at.matching(_ZONE, "give the id of a zone in Route 53, such as Z0123456789ABC")


def read_check(at: Value, version: str, codes: str = "200") -> HealthCheck:
    """`healthcheck`: a path, or a map. codes: what does as an answer, unless it says so."""
    default = "12" if version == "grpc" else codes
    if isinstance(at.value, str):
        return HealthCheck(path=read_check_path(at), success_codes=default)
    if at and not at.is_map():
        at.fail("give a path, or a map with path, interval and so on")
        return HealthCheck(success_codes=default)
    return replace(read_check_map(at, DURATIONS, default, version), port=at.get("port").integer(None, 1, 65535))


def read_check_map(at: Value, seconds: Seconds, codes: str, version: str) -> HealthCheck:
    """What a map says of a check. codes: that will do by default. version: of HTTP, one of VERSIONS."""
    check = HealthCheck(
        path=read_check_path(at.get("path")),
        success_codes=read_success_codes(at.get("success_codes"), codes, version),
        healthy_threshold=at.get("healthy_threshold").integer(HealthCheck.healthy_threshold, 2, 10),
        unhealthy_threshold=at.get("unhealthy_threshold").integer(HealthCheck.unhealthy_threshold, 2, 10),
        interval=seconds.read(at, "interval", HealthCheck.interval, 5, 300),
        timeout=seconds.read(at, "timeout", HealthCheck.timeout, 2, 120),
        grace_period=seconds.read(at, "grace_period", *GRACE_PERIOD),
    )
    if check.timeout >= check.interval:
        limit, found = seconds.shown(check.interval), seconds.shown(check.timeout)
        if seconds.at(at, "timeout"):
            seconds.at(at, "timeout").fail(f"give less than the interval, {limit}", f"found {found}")
        else:
            remedy = f"give more than the timeout of {found}, or a timeout"
            seconds.at(at, "interval").fail(remedy, f"found {limit}")
    return check


def read_check_path(at: Value) -> str:
    """The path that is asked for."""
    path = at.text("/")
    if not path.startswith("/"):
        at.fail(f"write /{path}")
    return path


def read_success_codes(at: Value, default: str, version: str) -> str:
    """The codes that will do as an answer. version: of HTTP."""
    if version == "grpc":
        return at.matching(_GRPC_CODES, "give gRPC codes from 0 to 99, such as '0', '0,12' or '0-99'", default)
    accepted = "give codes from 200 to 499, such as '200', '200,301' or '200-299'"
    return at.matching(limits.SUCCESS_CODES, accepted, default)
