"""`http` of a manifest: how a service is reached through an application load balancer. Pure.

Defaults are Copilot's own (v1.34): health path `/`, 60 s of grace, 60 s of deregistration delay, HTTPS if there is a
certificate, and AWS's for what Copilot leaves to AWS.
"""

import re
from dataclasses import dataclass

from components.input.scalars import truth
from components.input.value import Value
from components.manifest import limits
from components.manifest.target_container import Containers, target

VERSIONS = ("http1", "http2", "grpc")

# RFC 1123, in lower case; a load balancer's condition holds 128 characters (ELB API, HostHeaderConfig).
_HOST = re.compile(r"(?=.{4,128}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PATH_REMEDY = "write the path that the service answers, such as path: api/users"
_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")

# ELB API, Matcher: GrpcCode.
_GRPC_CODES = re.compile(r"[0-9]{1,2}(?:-[0-9]{1,2})?(?:,[0-9]{1,2}(?:-[0-9]{1,2})?)*")


@dataclass(frozen=True)
class Alias:
    """A host name at which a service answers. hosted_zone: the id of the zone in Route 53 that gets its record (default
    None: the name's DNS is the user's)."""

    name: str
    hosted_zone: str | None = None


@dataclass(frozen=True)
class HealthCheck:
    """`http.healthcheck`: what a balancer asks; seconds. port: default the target port. success_codes: of HTTP, or with
    the version grpc of gRPC. grace_period: how long a new task may be unhealthy."""

    path: str = "/"
    port: int | None = None
    success_codes: str = "200"
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    interval: int = 30
    timeout: int = 5
    grace_period: int = 60


@dataclass(frozen=True)
class HttpRule:
    """What a load balancer sends to a container. path: begins with `/`. deregistration_delay: seconds that requests in
    hand are given. stickiness: whether a client stays with its task. target_container: default None, the main one.
    target_port: default None, `image.port`. version: of HTTP that the container speaks. aliases: the host names at
    which this rule answers (default: it has none of its own). redirect: whether plain HTTP at an alias is sent to HTTPS
    where there is a certificate."""

    path: str
    healthcheck: HealthCheck = HealthCheck()
    deregistration_delay: int = 60
    stickiness: bool = False
    target_port: int | None = None
    target_container: str | None = None
    version: str = "http1"
    aliases: tuple[Alias, ...] = ()
    redirect: bool = True


@dataclass(frozen=True)
class Http(HttpRule):
    """`http`: the main rule. additional_rules: further ones, in their order."""

    additional_rules: tuple[HttpRule, ...] = ()

    @property
    def rules(self) -> tuple[HttpRule, ...]:
        """All rules, the main one first."""
        return (self, *self.additional_rules)


def read_http(at: Value, known: Containers) -> Http | None:
    """What stands at `http`; None for `false`: the service takes no HTTP requests."""
    if truth(at.value) is False:
        return None
    if at and not at.is_map():
        at.fail("give a map with path, or false")
        return Http("/")
    main, further = _rule(at, known), at.get("additional_rules").items()
    for each in further:
        each.require_map()
    return Http(**vars(main), additional_rules=tuple(_rule(each, known) for each in further if each.is_map()))


def _rule(at: Value, known: Containers) -> HttpRule:
    path = at.get("path").text("")
    if not at.get("path"):
        at.missing("path", _PATH_REMEDY)
    elif at.get("path").value == "":
        at.get("path").fail(_PATH_REMEDY)
    version = _version(at)
    container, port = target(at, known)
    return HttpRule(
        path=_path(path),
        healthcheck=_healthcheck(at.get("healthcheck"), version),
        deregistration_delay=at.get("deregistration_delay").duration(60, 0, 3600),
        stickiness=at.get("stickiness").boolean(False),
        target_port=port,
        target_container=container,
        version=version,
        aliases=read_aliases(at, _zone(at.get("hosted_zone"))),
        redirect=at.get("redirect_to_https").boolean(True),
    )


def _path(path: str) -> str:
    """Copilot adds a missing slash at the front; a slash at the end makes no difference to its rule."""
    return "/" + path.strip("/")


def _version(at: Value) -> str:
    """`version`, in any case; `protocolVersion` is an old spelling."""
    given, old = at.get("version"), at.get("protocolVersion")
    if given and old:
        old.fail("give one of them", "both version and protocolVersion")
    place = given or old
    return place.choice("http1", VERSIONS, any_case=True)


def read_aliases(at: Value, zone: str | None) -> tuple[Alias, ...]:
    """The host names at `alias`: a text, a list of texts, or a list of maps. zone: of those that name none."""
    place = at.get("alias")
    if isinstance(place.value, list):
        found = tuple(filter(None, (_alias(each, zone) for each in place.items())))
    elif place.is_map():
        place.fail("give a host name, or a list of them")
        return ()
    else:
        found = tuple(filter(None, (_alias(place, zone),))) if place else ()
    names = [each.name for each in found]
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        place.fail("name it once", f"the host name {name} twice")
    if at.get("hosted_zone") and not found and not place:
        at.get("hosted_zone").fail("write alias: with a host name in this zone, or take it out", "no alias beside it")
    return found


def _alias(at: Value, zone: str | None) -> Alias | None:
    place = at.get("name") if at.is_map() else at
    name = place.text("", "give a host name such as api.example.com").lower()
    if at.is_map() and not place:
        at.missing("name", "write name: with a host name such as api.example.com")
    elif isinstance(place.value, (str, int)) and not _HOST.fullmatch(name):
        place.fail("give a host name such as api.example.com")
    own = _zone(at.get("hosted_zone")) or zone
    return Alias(name, own) if _HOST.fullmatch(name) else None


def _zone(at: Value) -> str | None:
    zone = at.text(None, "give the id of a zone in Route 53, such as Z0123456789ABC")
    if zone is not None and not _ZONE.fullmatch(zone):
        at.fail("give the id of a zone in Route 53, such as Z0123456789ABC")
        return None
    return zone


def _healthcheck(at: Value, version: str) -> HealthCheck:
    # What a gRPC service answers to a method that it doesn't have is a sign of life: AWS's own default.
    default = "12" if version == "grpc" else "200"
    if isinstance(at.value, str):
        if not at.value.startswith("/"):
            at.fail(f"write /{at.value}")
        return HealthCheck(path=at.value, success_codes=default)
    if at and not at.is_map():
        at.fail("give a path, or a map with path, interval and so on")
        return HealthCheck(success_codes=default)
    path = at.get("path").text("/")
    if not path.startswith("/"):
        at.get("path").fail(f"write /{path}")
    check = HealthCheck(
        path=path,
        port=at.get("port").integer(None, 1, 65535),
        success_codes=_success_codes(at.get("success_codes"), default, version),
        healthy_threshold=at.get("healthy_threshold").integer(5, 2, 10),
        unhealthy_threshold=at.get("unhealthy_threshold").integer(2, 2, 10),
        interval=at.get("interval").duration(30, 5, 300),
        timeout=at.get("timeout").duration(5, 2, 120),
        grace_period=at.get("grace_period").duration(60, 0, 2147483647),
    )
    if check.timeout >= check.interval:
        at.get("timeout").fail(f"give less than the interval of {check.interval}s", f"found {check.timeout}s")
    return check


def _success_codes(at: Value, default: str, version: str) -> str:
    codes = at.text(default)
    if version == "grpc" and not _GRPC_CODES.fullmatch(codes):
        at.fail("give codes of gRPC from 0 to 99, such as '0', '0,12' or '0-99'")
    elif version != "grpc" and not limits.SUCCESS_CODES.fullmatch(codes):
        at.fail("give codes from 200 to 499, such as '200', '200,301' or '200-299'")
    return codes
