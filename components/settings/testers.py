"""What marks the requests of a route's testers, as the config says it. Pure.

Only marks that every facade which sees headers can tell are taken. Sources: ELB API, HttpHeaderConditionConfig (names
of up to 40 characters, none for Host; `*` and `?` in a value are wildcards); ELB user guide, «HTTP headers and
Application Load Balancers» (X-Forwarded-… and X-Amzn-Trace-Id are set by the load balancer); RFC 9110, 7.6.1 (headers
of one connection); Envoy, «HTTP header manipulation» (x-envoy-… and x-request-id are its own).
"""

import re

from components.input.value import Value
from components.model.routes import MAX_MARK_NAME, MAX_MARK_VALUE, Testers

_HEADER = re.compile(rf"[A-Za-z0-9-]{{1,{MAX_MARK_NAME}}}")
_COOKIE = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_MARK_NAME}}}")
_VALUE = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_MARK_VALUE}}}")

_FORM = "give {header: {name: X-Preview, value: …}} or {cookie: {name: preview, value: …}}"
_OF_A_CONNECTION = (
    *("connection", "content-length", "expect", "http2-settings", "keep-alive", "proxy-connection", "te"),
    *("trailer", "transfer-encoding", "upgrade"),
)
_SECRET = ("authorization", "proxy-authorization")
_SET_ON_THE_WAY = ("forwarded", "via", "x-request-id", "x-amzn-", "x-envoy-", "x-forwarded-")
_COOKIES_OF_A_BALANCER = ("awsalb", "awselb")


def read_testers(at: Value) -> Testers | None:
    """The key `testers` of a route; None if it is not there, or not right."""
    if not at:
        return None
    if not at.is_map():
        at.fail(_FORM)
        return None
    at.only(("header", "cookie"))
    header, cookie = at.get("header"), at.get("cookie")
    if bool(header) == bool(cookie):
        if header or not set(at.names()) - {"header", "cookie"}:
            at.fail(_FORM, "both header and cookie" if header else "neither header nor cookie")
        return None
    return _mark(header or cookie, cookie=bool(cookie))


def _mark(at: Value, *, cookie: bool) -> Testers | None:
    at.require_map()
    if not at.is_map():
        return None
    at.only(("name", "value"))
    signs = "letters, digits, - and _" if cookie else "letters, digits and -"
    form = _COOKIE if cookie else _HEADER
    name = at.required("name", "give its name").matching(form, f"give 1 to {MAX_MARK_NAME} {signs}")
    remedy = f"give 1 to {MAX_MARK_VALUE} letters, digits, - and _"
    value = at.required("value", "give the value that testers send; it isn't a secret").matching(_VALUE, remedy)
    if name is None or value is None:
        return None
    mistake = _cookie_mistake(name) if cookie else _header_mistake(name)
    if mistake:
        at.get("name").fail(mistake[1], mistake[0])
        return None
    return Testers(name, value, cookie)


def _header_mistake(name: str) -> tuple[str, str] | None:
    """Why no header of this name can mark a request, and what to do."""
    lower = name.lower()
    own = "give a custom header, such as X-Preview"
    if lower == "cookie":
        return "the header Cookie", "write {cookie: {name: preview, value: …}}"
    if lower == "host":
        return "the header Host, which names the requested host", own
    if lower in _OF_A_CONNECTION:
        return f"the header {name}, which belongs to the connection, not the request", own
    if lower in _SECRET:
        return f"the header {name}, whose value would be readable here", own
    if lower.startswith(_SET_ON_THE_WAY):
        return f"the header {name}, which proxies set", own
    return None


def _cookie_mistake(name: str) -> tuple[str, str] | None:
    if name.lower().startswith(_COOKIES_OF_A_BALANCER):
        return f"the cookie {name}, which is a load balancer's own", "give a custom cookie, such as preview"
    return None
