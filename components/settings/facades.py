"""Which facades a stack has, and how each is set. Pure.

Sources: API Gateway developer guide (an integration of an HTTP API has up to 30 s), ELB user guide (stickiness of a
rule: 1 s to 7 days).
"""

import re

from components.input.diagnostics import did_you_mean, one_of, show
from components.input.scalars import truth
from components.input.value import Value
from components.manifest import limits, tls
from components.model.facades import (
    ALB,
    API_GATEWAY,
    FACADES,
    AlbSettings,
    ApiGatewaySettings,
    Domain,
    FacadeSettings,
    Throttling,
)

_SET = (API_GATEWAY.name, ALB.name)
"""Those that can be set."""

_WEEK = 7 * 24 * 3600
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def read_facades(at: Value, *, required: bool) -> tuple[str, ...]:
    """The facades that stand at `at`, the main one first: a name, names with commas, or a list."""
    accepted = f"give {one_of(FACADES)}"
    if not at:
        if required:
            at.fail(accepted, "missing")
        return ()
    if isinstance(at.value, str):
        names = [(name.strip(), at) for name in at.value.split(",")]
    elif isinstance(at.value, list):
        names = [(item.text(""), item) for item in at.items()]
        if not names:
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
        if name not in _SET:
            at.problems.add(inner.where, f"no facade that can be set: {name!r}", did_you_mean(name, _SET))
        elif inner:
            inner.require_map()
    return FacadeSettings(_api_gateway(at.get(API_GATEWAY.name), region), _alb(at.get(ALB.name)))


def _api_gateway(at: Value, region: str | None) -> ApiGatewaySettings:
    at.only(("throttling", "domain", "accessLog", "timeout"))
    return ApiGatewaySettings(
        _throttling(at.get("throttling")),
        _domain(at.get("domain"), region),
        _log_days(at.get("accessLog")),
        at.get("timeout").duration(30, 1, 30),
    )


def _throttling(at: Value) -> Throttling | None:
    if not at:
        return None
    at.require_map()
    at.only(("rate", "burst"))
    rate = at.required("rate", "give a whole number of requests a second")
    burst = at.required("burst", "give a whole number of requests at once")
    return Throttling(rate.integer(1, 1, 1_000_000), burst.integer(1, 1, 1_000_000))


def _domain(at: Value, region: str | None) -> Domain | None:
    if not at:
        return None
    at.require_map()
    at.only(("name", "certificate"))
    name = at.required("name", "give a domain name, such as api.example.com")
    remedy = "give the ARN of a certificate in ACM: arn:aws:acm:<region>:<12 digits>:certificate/<id>"
    place = at.required("certificate", remedy)
    certificate = place.matching(tls.CERTIFICATE, remedy, "")
    matched = tls.CERTIFICATE.fullmatch(certificate)
    if matched and region and matched["region"] != region:
        place.fail(f"give one of the stack's region {region}", f"a certificate in {matched['region']}")
    return Domain(name.matching(_DOMAIN, "give a domain name in lower case, such as api.example.com", ""), certificate)


def _log_days(at: Value) -> int | None:
    """`false`, `true`, or how long it is kept."""
    if truth(at.value) is not None:
        return 30 if at.boolean(True) else None
    if at and not at.is_map():
        at.fail("give true, false, or {days: 30}")
        return 30
    at.only(("days",))
    return limits.retention(at.get("days"), 30)


def _alb(at: Value) -> AlbSettings:
    at.only(("stickiness",))
    return AlbSettings(at.get("stickiness").duration(None, 1, _WEEK))
