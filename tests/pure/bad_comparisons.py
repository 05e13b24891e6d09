"""Bad input in what a route is compared by."""

from tests.projects import Tree
from tests.pure.bad import Bad, config

_MARK: Tree = {"header": {"name": "X-Preview", "value": "users"}}
_PATH = "write $ and then .name, ['name'], .*, [*] or ..name"


def _compare(what: str, value: object, says: str, *, testers: Tree | None = _MARK) -> Bad:
    route: Tree = {"weight": 0, "compare": value, **({"testers": testers} if testers else {})}
    return config(what, "routes", {"users": route}, f"routes.users.compare{says}")


CASES = [
    _compare(
        "compare without testers",
        {"requests": "services/users/Dockerfile"},
        ": no testers, which the comparison",
        testers=None,
    ),
    _compare("compare is a text", "users.requests", ": found 'users.requests'; give a map"),
    _compare("compare is a list, without testers", ["users"], ": found a list; give a map", testers=None),
    _compare("compare without requests", {"max": 0}, ".requests: missing; name a file with requests"),
    _compare("compare by no file", {"requests": "no.requests"}, ".requests: no such file: no.requests; name a file in"),
    _compare("compare by a file without a name", {"requests": ""}, ".requests: no such file: ; name a file in"),
    _compare("compare by a very long name", {"requests": "a" * 5000}, ".requests: no such file: aaa"),
    _compare(
        "an ignored list",
        {"requests": "services/users/Dockerfile", "ignore": [["x"]]},
        ".ignore[0]: found a list; give a text",
    ),
    _compare(
        "an unknown key of compare",
        {"requests": "services/users/Dockerfile", "ignored": []},
        ".ignored: unknown key; did you mean ignore?",
    ),
    _compare(
        "less than no findings",
        {"requests": "services/users/Dockerfile", "max": -1},
        ".max: found -1; give a whole number from 0 to 1000000",
    ),
    _compare(
        "an ignored path that is none",
        {"requests": "services/users/Dockerfile", "ignore": ["$.a[0]"]},
        f".ignore[0]: found '$.a[0]'; {_PATH}",
    ),
    _compare(
        "an ignored header with a blank",
        {"requests": "services/users/Dockerfile", "ignore": ["x y"]},
        ".ignore[0]: found 'x y'; write a header name, or a JSON path",
    ),
    _compare(
        "an array without order that is no path",
        {"requests": "services/users/Dockerfile", "unordered": ["items"]},
        f".unordered[0]: found 'items'; {_PATH}",
    ),
    _compare(
        "ignore is a text",
        {"requests": "services/users/Dockerfile", "ignore": "date"},
        ".ignore: found 'date'; give a list",
    ),
    _compare(
        "the rate is a word",
        {"requests": "services/users/Dockerfile", "rate": "fast"},
        ".rate: found 'fast'; give a whole number from 0 to 100000",
    ),
]
