"""Bad input in what says how a backend is reached: `http` of its manifest, and the certificates of its environment."""

from tests.projects import Tree
from tests.pure.bad import Bad, users

_ROOT: Tree = {"path": "/"}
_RANGES = [f"10.{number}.0.0/16" for number in range(4)]


def _http(what: str, place: str, *says: str, http: object = _ROOT, **fields: object) -> Bad:
    return users(what, place, *says, type="Backend Service", http=http, **fields)


ANYWHERE = [
    _http("a backend's http as false", "http", "found false; give a map with path, or leave http out", http=False),
    _http("a backend's http without a path", "http.path", "missing; write the path", http={"stickiness": True}),
    _http(
        "a backend's sources that are none",
        "http.allowed_source_ips[0]",
        "found 'office'; give an address or a range",
        http={"path": "/", "allowed_source_ips": ["office"]},
    ),
    _http(
        "a backend's rule without a port",
        "http",
        "a rule without a port; write image.port with the port",
        image={"build": "services/users/Dockerfile"},
    ),
]

ON_AWS = [
    _http(
        "a backend's alias without a certificate",
        "http.alias",
        "api.example.com without a certificate; set strangler:environments.users.internalCertificates",
        http={"path": "/", "alias": "api.example.com"},
    ),
    _http(
        "a backend of gRPC without a certificate",
        "http.version",
        "grpc without a certificate; set strangler:environments.users.internalCertificates",
        http={"path": "/", "version": "grpc"},
    ),
    _http(
        "a backend's path with a parameter",
        "http.path",
        "has a parameter; use the part of the path before it",
        http={"path": "api/{id}"},
    ),
    _http(
        "a backend's path with a star",
        "http.additional_rules[0].path",
        "'/api/*/a'",
        http={"path": "/", "additional_rules": [{"path": "api/*/a"}]},
    ),
    _http(
        "a backend's path that is too deep",
        "http.path",
        "a path with 11 segments; use at most",
        http={"path": "/".join("abcdefghijk")},
    ),
    _http(
        "a backend with more sources than a rule holds",
        "http.allowed_source_ips",
        "4 ranges; a listener rule allows five values",
        http={"path": "/", "allowed_source_ips": _RANGES},
    ),
    _http(
        "a backend with more rules than ECS takes",
        "http.additional_rules",
        "found 6 rules; an ECS service can use at most",
        http={"path": "/", "additional_rules": [{"path": letter} for letter in "abcde"]},
    ),
    _http(
        "a backend's health check with a space",
        "http.healthcheck",
        "give up to 1024 printable ASCII characters",
        http={"path": "/", "healthcheck": "/a b"},
    ),
    users(
        "a backend that scales by requests without http",
        "count.requests",
        "no http; scale on another metric",
        type="Backend Service",
        http=None,
        count={"range": "1-2", "requests": 10},
    ),
]
