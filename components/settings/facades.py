"""Which facades a stack has, and how each is set. Pure.

Sources: API Gateway developer guide (an integration of an HTTP API has up to 30 s), ELB user guide (stickiness of a
rule: 1 s to 7 days), ELB API (RedirectActionConfig: a host of 1 to 128 characters), WAF API (AssociateWebACL: an
application load balancer takes a web ACL of the scope REGIONAL; of API Gateway, the stage of a REST API does).
"""

import re

from components.input.diagnostics import did_you_mean, one_of, show
from components.input.scalars import truth
from components.input.value import Value
from components.manifest import limits, tls
from components.manifest.http import read_zone
from components.model.facades import (
    ALB,
    API_GATEWAY,
    FACADES,
    REFACTOR_SPACES,
    AlbSettings,
    ApiGatewaySettings,
    Domain,
    FacadeSettings,
    Throttling,
)
from components.settings.listener import check_beside, read_listener

_SET = (API_GATEWAY.name, ALB.name)
"""Those that can be set."""

ANSWER, STICKINESS = (30, 1, 30), (None, 1, 7 * 24 * 3600)
"""Seconds that a service has for an answer behind an HTTP API, and for which a client stays with one by a load
balancer: the default, the least and the most."""
LOG_DAYS = 30
"""Days for which an access log is kept, where nothing else is said."""

_MOST_REQUESTS = 1_000_000
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_LONGEST_HOST = 128
_WEB_ACL = re.compile(
    r"arn:aws[a-z-]*:wafv2:(?P<region>[a-z0-9-]+):[0-9]{12}:(?P<scope>regional|global)/webacl/[A-Za-z0-9_-]{1,128}/[0-9a-f-]{36}"
)

_NO_WEB_ACL = {
    API_GATEWAY.name: (
        "an HTTP API doesn't support a web ACL",
        "put CloudFront with its own web ACL in front of it, or use the facade alb",
    ),
    REFACTOR_SPACES.name: (
        "its API Gateway is managed by Refactor Spaces",
        "put CloudFront with its own web ACL in front of it, or use the facade alb",
    ),
}
"""By facade, why it has no `webAcl`, and what to do."""

_OF_ALB = ("listener", "listenerPriorities", "listenerRules", "ownLoadBalancer")
"""Keys that only `alb` has."""


def read_facades(at: Value) -> tuple[str, ...]:
    """The facades that stand at `at`, the main one first: a name, names with commas, or a list."""
    accepted = f"give {one_of(FACADES)}"
    if not at:
        return ()
    if isinstance(at.value, str):
        names = [(name.strip(), at) for name in at.value.split(",")]
    elif isinstance(at.value, list):
        names = [(name, item) for item in at.items() if (name := item.text(None, accepted)) is not None]
        if not at.items():
            at.fail(accepted, "an empty list")
    else:
        names = []
        at.fail(f"{accepted}, or several of them as a list")
    found: list[str] = []
    for name, place in names:
        if name not in FACADES:
            place.fail(accepted, f"found {show(name)}")
        elif name in found:
            place.fail("remove one", f"duplicate facade {name}")
        else:
            found.append(name)
    return tuple(found)


def read_facade_settings(at: Value, region: str | None) -> FacadeSettings:
    """The key `facadeSettings`. region: the stack's, if its config names one."""
    if at:
        at.require_map()
    for name, inner in at.entries():
        if name in _NO_WEB_ACL and inner.get("webAcl"):
            found, remedy = _NO_WEB_ACL[name]
            inner.get("webAcl").fail(remedy, found)
        elif name != ALB.name and (key := next((key for key in _OF_ALB if inner.get(key)), None)):
            inner.get(key).fail(f"write it under facadeSettings.{ALB.name}", f"{name} has no load balancer rules")
        elif name not in _SET:
            at.problems.add(inner.where, f"the facade {name!r} has no settings", did_you_mean(name, _SET))
        elif inner:
            inner.require_map()
    return FacadeSettings(_api_gateway(at.get(API_GATEWAY.name), region), _alb(at.get(ALB.name), region))


def _api_gateway(at: Value, region: str | None) -> ApiGatewaySettings:
    at.only(("throttling", "domain", "accessLog", "timeout", "webAcl", *_OF_ALB))
    return ApiGatewaySettings(
        read_throttling(at.get("throttling")),
        _api_domain(at.get("domain"), region),
        _log_days(at.get("accessLog")),
        at.get("timeout").duration(*ANSWER),
    )


def read_throttling(at: Value) -> Throttling | None:
    """A limit on the requests of all clients together; None: the account's own."""
    if not at:
        return None
    at.require_map()
    at.only(("rate", "burst"))
    rate = at.required("rate", "give a whole number of requests a second").integer(1, 1, _MOST_REQUESTS)
    burst = at.required("burst", "give a whole number of requests at once").integer(1, 1, _MOST_REQUESTS)
    return Throttling(rate, burst)


def _api_domain(at: Value, region: str | None) -> Domain | None:
    if not at:
        return None
    found = _domain(at, region)
    if found and at.is_map() and not (at.get("certificate") or at.get("hostedZone")):
        remedy = "give certificate, an ACM ARN, or hostedZone, the id of a Route 53 zone, to have one created"
        at.fail(remedy, "no certificate")
    return found if found and found.name else None


def _domain(at: Value, region: str | None) -> Domain | None:
    """A name, with its certificate or its hosted zone or both."""
    at.require_map()
    if not at.is_map():
        return None
    at.only(("name", "certificate", "hostedZone"))
    form = "give a domain name in lower case, such as api.example.com"
    name = at.required("name", "give a domain name, such as api.example.com").matching(_DOMAIN, form, "")
    place = at.get("certificate")
    remedy = "give the ARN of an ACM certificate: arn:aws:acm:<region>:<12 digits>:certificate/<id>"
    certificate = place.matching(tls.CERTIFICATE, remedy)
    matched = tls.CERTIFICATE.fullmatch(certificate or "")
    if matched and region and matched["region"] != region:
        place.fail(f"give one in the stack's region {region}", f"a certificate in {matched['region']}")
    return Domain(name, certificate, read_zone(at.get("hostedZone")))


def _log_days(at: Value) -> int | None:
    """`false`, `true`, or how long it is kept."""
    if truth(at.value) is not None:
        return LOG_DAYS if at.boolean(True) else None
    if at and not at.is_map():
        at.fail("give true, false, or {days: 30}")
        return LOG_DAYS
    at.only(("days",))
    return limits.retention(at.get("days"), LOG_DAYS)


def _alb(at: Value, region: str | None) -> AlbSettings:
    at.only(("stickiness", "domain", "webAcl", "listener", "listenerPriorities", "listenerRules", "ownLoadBalancer"))
    domains = _alb_domains(at.get("domain"), region)
    check_beside(at, domains)
    return AlbSettings(
        at.get("stickiness").duration(*STICKINESS),
        domains,
        _web_acl(at.get("webAcl"), region),
        read_listener(at, region),
        at.get("ownLoadBalancer").boolean(False),
    )


def _alb_domains(at: Value, region: str | None) -> tuple[Domain, ...]:
    """A name or a list of them."""
    if not at:
        return ()
    listed = at.items() if isinstance(at.value, list) else [at]
    if not listed:
        at.fail("give one as {name, certificate} or {name, hostedZone}, or remove the key", "an empty list")
    found: dict[str, Domain] = {}
    for place in listed:
        domain = _domain(place, region)
        if domain is None or not domain.name:
            continue
        if domain.name in found:
            place.get("name").fail("remove one", f"duplicate domain {domain.name}")
        elif len(domain.name) > _LONGEST_HOST:
            remedy = f"give a name of up to {_LONGEST_HOST}: a load balancer can't redirect to a longer one"
            place.get("name").fail(remedy, f"{len(domain.name)} characters")
        found[domain.name] = domain
    return tuple(found.values())


def _web_acl(at: Value, region: str | None) -> str | None:
    remedy = "give a web ACL's ARN, arn:aws:wafv2:<region>:<account>:regional/webacl/<name>/<id>"
    arn = at.matching(_WEB_ACL, remedy)
    matched = _WEB_ACL.fullmatch(arn or "")
    if matched and matched["scope"] == "global":
        at.fail("give one with the scope REGIONAL in the stack's region", "a web ACL with the scope CLOUDFRONT")
    elif matched and region and matched["region"] != region:
        at.fail(f"give one in the stack's region {region}", f"a web ACL in {matched['region']}")
    return arn
