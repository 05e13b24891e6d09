"""Bad input in the testers of a route."""

from tests.pure.bad import Bad, C, config

_HEADER = {"name": "X-Preview", "value": "new"}
_FORM = "give {header: {name: X-Preview, value: …}} or {cookie: {name: preview, value: …}}"
_AT = "routes.users.testers"


def _testers(what: str, testers: object, place: str, *says: str) -> Bad:
    return config(f"testers: {what}", "routes", {"users": {"testers": testers}}, f"{_AT}{place}: ", *says)


def _header(what: str, name: object, *says: str) -> Bad:
    return _testers(what, {"header": {**_HEADER, "name": name}}, ".header.name", *says)


def _value(what: str, value: object, *says: str) -> Bad:
    return _testers(what, {"header": {**_HEADER, "value": value}}, ".header.value", *says)


_OWN = "give a custom header, such as X-Preview"
_NAME = "give 1 to 40 letters, digits and -"
_VALUE = "give 1 to 64 letters, digits, - and _"

CASES = [
    _testers("true", True, "", f"found true; {_FORM}"),
    _testers("a header's name", "X-Preview", "", f"found 'X-Preview'; {_FORM}"),
    _testers("a list", [{"header": _HEADER}], "", f"found a list; {_FORM}"),
    _testers("nothing", {}, "", f"neither header nor cookie; {_FORM}"),
    _testers("both", {"header": _HEADER, "cookie": _HEADER}, "", f"both header and cookie; {_FORM}"),
    _testers("another kind", {"headers": _HEADER}, ".headers", "unknown key; did you mean header?"),
    _testers("a header as a text", {"header": "X-Preview: new"}, ".header", "found 'X-Preview: new'; give a map"),
    _testers("no name", {"header": {"value": "new"}}, ".header.name", "missing; give its name"),
    _testers("no value", {"header": {"name": "X-Preview"}}, ".header.value", "missing; give the value that testers"),
    _testers(
        "a key too many", {"header": {**_HEADER, "regex": "x"}}, ".header.regex", "unknown key; known: name, value"
    ),
    _header("an empty name", "", f"found ''; {_NAME}"),
    _header("a list of names", ["A", "B"], f"found a list; {_NAME}"),
    _header("a name with a blank", "X Preview", f"found 'X Preview'; {_NAME}"),
    _header("a name with a colon", "X-Preview:", f"found 'X-Preview:'; {_NAME}"),
    _header("a name that load balancers drop", "X_Preview", f"found 'X_Preview'; {_NAME}"),
    _header("a name with a wildcard", "X-*", f"found 'X-*'; {_NAME}"),
    _header("a pseudo header", ":path", f"found ':path'; {_NAME}"),
    _header("a name with a line break", "X-A\nB", _NAME),
    _header("a name of another alphabet", "X-Prévue", _NAME),
    _header("a name that is too long", "X" * 41, _NAME),
    _header("the host", "host", f"the header Host, which names the requested host; {_OWN}"),
    _header("all cookies", "Cookie", "the header Cookie; write {cookie: {name: preview, value: …}}"),
    _header(
        "a header of the connection",
        "Connection",
        f"the header Connection, which belongs to the connection, not the request; {_OWN}",
    ),
    _header("a length", "content-length", "the header content-length, which belongs to the connection"),
    _header("an upgrade", "Upgrade", "the header Upgrade, which belongs to the connection"),
    _header("a password", "Authorization", f"the header Authorization, whose value would be readable here; {_OWN}"),
    _header("the client's address", "X-Forwarded-For", f"the header X-Forwarded-For, which proxies set; {_OWN}"),
    _header("a trace of AWS", "X-Amzn-Trace-Id", f"the header X-Amzn-Trace-Id, which proxies set; {_OWN}"),
    _header("a header of Envoy", "x-envoy-internal", "the header x-envoy-internal, which proxies set"),
    _header("a request's id", "X-Request-ID", "the header X-Request-ID, which proxies set"),
    _value("an empty value", "", f"found ''; {_VALUE}"),
    _value("any value", "*", f"found '*'; {_VALUE}"),
    _value("a value with a wildcard", "new?", f"found 'new?'; {_VALUE}"),
    _value("a value with a blank", "a b", f"found 'a b'; {_VALUE}"),
    _value("a list of values", ["a", "b"], f"found a list; {_VALUE}"),
    _value("a value that is too long", "v" * 65, _VALUE),
    _value("a value that is an expression", "(.*)", f"found '(.*)'; {_VALUE}"),
    _testers(
        "a cookie with two values",
        {"cookie": {"name": "preview", "value": "a; b=c"}},
        ".cookie.value",
        f"found 'a; b=c'; {_VALUE}",
    ),
    _testers(
        "a cookie's name with =",
        {"cookie": {"name": "a=b", "value": "c"}},
        ".cookie.name",
        "found 'a=b'; give 1 to 40 letters, digits, - and _",
    ),
    _testers(
        "a load balancer's cookie",
        {"cookie": {"name": "AWSALBTG", "value": "c"}},
        ".cookie.name",
        "the cookie AWSALBTG, which is a load balancer's own; give a custom cookie, such as preview",
    ),
]

ON_AWS = [
    Bad(
        "testers on refactor-spaces",
        (f"{C}{_AT}: testers, which the facade refactor-spaces doesn't support; remove them",),
        {"facade": "refactor-spaces", "routes": {"users": {"testers": {"header": _HEADER}}}},
    ),
]
