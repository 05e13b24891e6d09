"""Services that run elsewhere: what the config says of each. None of them is ever changed or deleted by us. Pure.

Sources: Lambda API (FunctionArn), ELB API (TargetGroupArn, ListenerArn), EC2 API (SecurityGroup: GroupId), RFC 3986
and RFC 1123 (URLs and host names).
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from pathlib import Path

from components.input.diagnostics import Problems, one_of
from components.input.files import is_there
from components.input.value import Value
from components.manifest.http import CHECK_KEYS, HealthCheck, read_check
from components.model.facades import Endpoint
from components.model.names import NAME, NAME_RULE
from components.model.where import Where
from components.settings.service import RESERVED, SERVICE_KEYS, Service

_OF = {
    "host": (Endpoint.URL, Endpoint.LISTENER),
    "ca": (Endpoint.URL,),
    "healthcheck": (Endpoint.URL,),
    "check": tuple(Endpoint),
    "serverName": (Endpoint.LISTENER,),
    "securityGroups": (Endpoint.LISTENER,),
}
"""Which endpoints have a key."""

EXTERNAL_KEYS = (*Endpoint, "path", *_OF)
"""The keys of `services.<name>` of one that runs elsewhere."""

_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?#].*)?")
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LAMBDA = re.compile(
    r"(?P<function>arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):[0-9]{12}:function:[A-Za-z0-9_-]{1,64})"
    r"(?::(?P<qualifier>[A-Za-z0-9_-]{1,128}|\$LATEST))?"
)
_TARGET_GROUP = re.compile(
    r"arn:aws[a-z-]*:elasticloadbalancing:(?P<region>[a-z0-9-]+):[0-9]{12}:targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}"
)
_LISTENER = re.compile(
    r"arn:aws[a-z-]*:elasticloadbalancing:(?P<region>[a-z0-9-]+):[0-9]{12}:listener/(?:app|net)/[A-Za-z0-9-]{1,32}"
    r"/[0-9a-f]{16}/[0-9a-f]{16}"
)
_SECURITY_GROUP = re.compile(r"sg-[0-9a-f]{8,17}")
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"

_ALIVE = "200-499"
"""What a service that runs elsewhere answers if it answers at all: it may want a login at the path that is asked."""


@dataclass(frozen=True)
class ExternalService:
    """A service that runs elsewhere: we send it requests, and neither make, change nor delete it."""

    name: str
    """Its name in config, routes and messages."""
    endpoint: Endpoint
    """What `address` is."""
    address: str
    """A URL of scheme, host and perhaps port, such as `https://legacy.example.com`, or an ARN."""
    path: str | None = None
    """Of its implied route; with `/` it may be the default without being named. Default: it has no implied route."""
    keeps_host: bool = False
    """Whether it gets the Host header that the client sent. Default false: that of its URL or server name."""
    ca: str | None = None
    """Certificates in PEM by which its own is checked on the platform `local`. Default: those that are known to the
    public."""
    healthcheck: HealthCheck = field(default_factory=lambda: HealthCheck(success_codes=_ALIVE))
    """What it is asked: on the platform `local` all the time, on AWS before its first request. Default: `/`, to which
    any answer from 200 to 499 will do."""
    checked: bool = True
    """Whether it is asked on AWS, or AWS of it, before its first request. Default true."""
    server_name: str | None = None
    """By which it is called behind its listener: the Host header, and with TLS the name that its certificate has.
    Default: API Gateway chooses the Host header, and TLS isn't spoken."""
    security_groups: tuple[str, ...] = ()
    """Ids of the user's own, in which the VPC link to its listener is. Default: in one that is made."""
    at: Value = field(default=Value(None, "", "", Problems()), compare=False, repr=False)
    """What the config says of it. Default: it wasn't read from one."""

    @property
    def routed(self) -> bool:
        """Whether a facade can send it requests."""
        return True

    @property
    def route_path(self) -> str | None:
        """The path of its implied route, if it has one; `/` for what no route takes."""
        return self.path

    @property
    def path_place(self) -> Where:
        """Where that path stands."""
        return self.at.get("path").where

    @property
    def host(self) -> str:
        """Of its URL, with the port if that isn't the scheme's own: as a Host header has it."""
        return self.address.partition("://")[2]

    @property
    def host_name(self) -> str:
        """Of its URL, without the port."""
        return self.host.partition(":")[0]

    @property
    def tls(self) -> bool:
        """Whether its URL is one with TLS."""
        return self.address.startswith("https:")

    @property
    def port(self) -> int:
        """Of its URL."""
        return int(self.host.partition(":")[2] or (443 if self.tls else 80))

    @property
    def function(self) -> str:
        """The ARN of its Lambda function, without a version or alias."""
        found = _LAMBDA.fullmatch(self.address)
        return found["function"] if found else self.address

    @property
    def qualifier(self) -> str | None:
        """The version or alias of its Lambda function; None if its ARN names none."""
        found = _LAMBDA.fullmatch(self.address)
        return found["qualifier"] if found else None


Answering = Service | ExternalService
"""A service, wherever it runs."""


def has_facade(answering: Collection[Answering]) -> bool:
    """Whether there is a facade with these services: with none of a type that has one in front (not a backend, a worker
    or a job), there isn't."""
    return not answering or any(map(_may_be_fronted, answering))


def _may_be_fronted(service: Answering) -> bool:
    return not isinstance(service, Service) or not service.is_read or service.manifest.may_be_fronted


def is_external(settings: Value) -> bool:
    """Whether what the config says of a service makes it one that runs elsewhere."""
    return any(settings.get(key) for key in EXTERNAL_KEYS)


def read_external(top: Value, folder: Path) -> dict[str, ExternalService]:
    """The services that run elsewhere, by name. folder: the project's."""
    own = top.get("services")
    found = {name: at for name, at in own.entries() if at.is_map() and is_external(at)} if own.is_map() else {}
    return {name: _external(name, at, folder) for name, at in sorted(found.items())}


def unread(top: Value, known: Collection[str]) -> dict[str, ExternalService]:
    """What the key `services` names and nothing says where it runs, which is reported there: who leads requests to it
    makes no mistake of his own. known: the names of the others."""
    own = top.get("services")
    return {name: ExternalService(name, Endpoint.URL, "") for name in own.names() if name not in known}


def _external(name: str, at: Value, folder: Path) -> ExternalService:
    for key in SERVICE_KEYS:
        if at.get(key):
            at.get(key).refuse(
                "remove it: Strangler doesn't change what runs elsewhere", f"{key} together with {_given(at)}"
            )
    at.only((*EXTERNAL_KEYS, *SERVICE_KEYS))
    if name in RESERVED:
        at.fail("give the service another name", f"the name {name!r} is reserved in the config")
    elif not NAME.fullmatch(name):
        at.fail(NAME_RULE, f"the name {name!r}")
    given = [endpoint for endpoint in Endpoint if at.get(endpoint)]
    if len(given) != 1:
        found = f"both {' and '.join(given)}" if given else f"none of {', '.join(Endpoint)}"
        at.fail(f"give {one_of(Endpoint)}: where it runs", found)
    endpoint = given[0] if given else Endpoint.URL
    read = ExternalService(
        name,
        endpoint,
        _READERS[endpoint](at.get(endpoint)) or "",
        path=_path(at.get("path")),
        checked=at.get("check").boolean(True),
        at=at,
    )
    for key, owners in _OF.items():
        if at.get(key) and endpoint not in owners:
            at.get(key).refuse(f"remove it: only a {one_of(owners)} supports it", f"{key} together with {endpoint}")
    if endpoint is Endpoint.LISTENER:
        return replace(
            read,
            keeps_host=_keeps_host(at),
            server_name=_server_name(at.get("serverName")),
            security_groups=_security_groups(at.get("securityGroups")),
        )
    if endpoint is not Endpoint.URL:
        return read
    check = at.get("healthcheck")
    healthcheck = read_check(check, "http1", _ALIVE)
    if check.is_map():
        check.only(CHECK_KEYS)
    if check.get("port"):
        check.get("port").fail("remove it, or also give a url: checks go where the requests go")
    return replace(
        read,
        keeps_host=_keeps_host(at),
        ca=_certificates(at.get("ca"), folder, tls=read.tls),
        healthcheck=healthcheck,
    )


def _keeps_host(at: Value) -> bool:
    return at.get("host").choice("rewrite", ("keep", "rewrite")) == "keep"


def _server_name(at: Value) -> str | None:
    form = "give only a host name, such as legacy.example.com"
    text = at.text(None, form)
    if text is not None and (not _HOST.fullmatch(text.lower()) or "." not in text or text.replace(".", "").isdigit()):
        at.fail(form)
    return text.lower() if text else None


def _security_groups(at: Value) -> tuple[str, ...]:
    """API Gateway makes network interfaces in them (EC2 quotas: five security groups of one, unless AWS raises it)."""
    remedy = "give ids such as [sg-0123456789abcdef0], or remove it to have a security group created"
    items = at.items()
    listed = [found for item in items if (found := item.matching(_SECURITY_GROUP, remedy))]
    if isinstance(at.value, list) and not items:
        at.fail(remedy, "an empty list")
    for group in sorted({group for group in listed if listed.count(group) > 1}):
        at.fail("remove one of them", f"{group} twice")
    return tuple(dict.fromkeys(listed))


def _given(at: Value) -> str:
    return next((endpoint for endpoint in Endpoint if at.get(endpoint)), "what runs elsewhere")


def _path(at: Value) -> str | None:
    """Its form is that of every route's path, and told there."""
    return at.text(None, "give a path such as /api/users, or / for everything that no route matches")


def read_url(at: Value) -> str | None:
    """Scheme, host and port; what comes behind them is the client's."""
    form = "give a URL with its scheme, such as https://legacy.example.com"
    text = at.text(None, form)
    if text is None:
        return None
    found = _URL.fullmatch(text)
    if found is None or not _is_host(found["host"].lower()) or not 0 < int(found["port"] or 80) < 65536:
        at.fail(form)
        return None
    host, port = found["host"].lower(), int(found["port"] or 0)
    if found["rest"] not in (None, "/"):
        at.fail(f"give {found['scheme']}://{host}: public paths stay the same there too", f"found {text!r}")
    if host == "localhost" or host.startswith("127."):
        remedy = (
            "give a name that resolves on other machines; on the platform local, this machine is host.docker.internal"
        )
        at.fail(remedy, f"{host}, which is the facade's own machine")
    default = {"http": 80, "https": 443}[found["scheme"]]
    return f"{found['scheme']}://{host}{f':{port}' if port and port != default else ''}"


def _is_host(text: str) -> bool:
    """Whether this is a name, or an address: digits and dots alone are one or nothing (RFC 3986, 3.2.2, and RFC 1123,
    2.1: the last label of a name has a letter)."""
    if text.replace(".", "").isdigit():
        try:
            IPv4Address(text)
        except ValueError:
            return False
    return _HOST.fullmatch(text) is not None


def _target_group(at: Value) -> str | None:
    remedy = "give a target group's ARN, arn:aws:elasticloadbalancing:<region>:<12 digits>:targetgroup/<name>/<id>"
    return at.matching(_TARGET_GROUP, remedy)


def read_function(at: Value) -> str | None:
    """The ARN of a Lambda function."""
    remedy = "give a function's ARN, arn:aws:lambda:<region>:<12 digits>:function:<name>, with :<alias> if you like"
    return at.matching(_LAMBDA, remedy)


def refuse_newest(at: Value, arn: str) -> None:
    """Notes that the ARN of a function has `$LATEST`, where a statement in its policy is needed: Lambda takes none for
    that (terraform-aws-modules/terraform-aws-lambda issue 36 has its words)."""
    function, _, qualifier = arn.rpartition(":")
    if qualifier == "$LATEST":
        at.fail(f"give {function}, which is the same: AWS grants no permission to invoke $LATEST")


def _listener(at: Value) -> str | None:
    remedy = (
        "give the ARN of a listener of an application or network load balancer, "
        "arn:aws:elasticloadbalancing:<region>:<12 digits>:listener/app/<name>/<id>/<id>"
    )
    return at.matching(_LISTENER, remedy)


_READERS = {
    Endpoint.URL: read_url,
    Endpoint.TARGET_GROUP: _target_group,
    Endpoint.LISTENER: _listener,
    Endpoint.LAMBDA: read_function,
}


def _certificates(at: Value, folder: Path, *, tls: bool) -> str | None:
    """The text of a file, whose path is from the project's folder."""
    path = at.text(None, "give the path of a PEM file, relative to the project folder")
    if path is None:
        return None
    if not tls:
        at.fail("remove it, or give an https URL", "ca together with an http URL")
        return None
    place = folder / path
    if not is_there(place, Path.is_file):
        at.fail("give the path of a PEM file, relative to the project folder", f"no file {path}")
        return None
    text = place.read_text(encoding="utf-8", errors="replace")
    if _CERTIFICATE not in text:
        at.fail(f"give a PEM file with {_CERTIFICATE}", f"no certificate in {path}")
    return text


def region_of(service: ExternalService) -> str | None:
    """The region that its ARN names; None of a URL."""
    return service.address.split(":")[3] if service.address.startswith("arn:") else None


def is_private(service: ExternalService) -> bool:
    """Whether nobody finds its URL's host from outside of its network: a private address, or a name without a
    domain."""
    try:
        return not IPv4Address(service.host_name).is_global
    except ValueError:
        return "." not in service.host_name or service.host_name.endswith((".internal", ".local", ".localhost"))


_CALLED = {
    Endpoint.URL: "a URL",
    Endpoint.TARGET_GROUP: "a target group",
    Endpoint.LISTENER: "a listener",
    Endpoint.LAMBDA: "a Lambda function",
}


def refuse_unreachable(
    external: Mapping[str, ExternalService],
    who: str,
    reached: frozenset[Endpoint],
    otherwise: Callable[[Endpoint], str],
) -> None:
    """Notes what runs where a facade can't send it requests. who: the facade, as messages name it. reached: what it
    can. otherwise: what else to do than to give another endpoint than this one."""
    keys = [endpoint for endpoint in Endpoint if endpoint in reached]
    for service in external.values():
        if service.endpoint not in reached:
            called, else_ = one_of(_CALLED[key] for key in keys), otherwise(service.endpoint)
            remedy = f"{who} sends requests to {called}: give {one_of(keys)}, {else_}"
            service.at.get(service.endpoint).refuse(remedy, _CALLED[service.endpoint])
