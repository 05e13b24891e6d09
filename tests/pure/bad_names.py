"""Bad input that is a bad name on AWS: of what is made, and of what is passed on."""

from tests.projects import Tree
from tests.pure.bad import Bad, C, users

_ZONE = "Z0123456789ABC"
_LONG = f"{'a' * 60}.example.com"


def _environment(what: str, name: str, *says: str, **settings: object) -> Bad:
    """users runs in an environment of this name."""
    config: Tree = {"services": {"users": {"environment": name}}, "environments": {name: settings}}
    return Bad(what, (f"the environment {name}", *says), config)


def _bucket(name: str, *says: str) -> Bad:
    what = f"access logs to the bucket {name}"
    return Bad(
        what,
        (f"{C}environments.users.accessLogs: the bucket ", *says),
        {"environments": {"users": {"accessLogs": name}}},
    )


def _parameter(name: str, *says: str) -> Bad:
    what = f"a secret in the parameter {name[:40]}"
    return users(what, "secrets.A", f"{name!r} is not a valid parameter name; ", *says, secrets={"A": name})


def _http(what: str, place: str, *says: str, **http: object) -> Bad:
    return users(what, place, *says, http={"path": "api/users", **http})


def _mounted(path: str) -> Bad:
    what = f"a volume at {path}"
    remedy = "give a path below /"
    return users(what, "storage.volumes.v.path", remedy, storage={"volumes": {"v": {"path": path}}})


_RESERVED = "give another: S3 reserves names that begin with xn--"

CASES = [
    _environment("a bucket with a reserved beginning", "sthree-a", "would begin with sthree-", accessLogs=True),
    _environment("a bucket that begins as a name in another script", "xn--a", "would begin with xn--", accessLogs=True),
    _bucket("192.168.5.4", "a bucket name can't be an IP address"),
    _bucket("logs..all", "don't put a dot next to another dot"),
    _bucket("logs.-all", "another dot or a hyphen"),
    _bucket("xn--logs", _RESERVED),
    _bucket("logs-s3alias", _RESERVED),
    _bucket("logs--table-s3", _RESERVED),
    _http(
        "a host name for which no certificate is made",
        "http.alias",
        "a certificate can't be created for",
        "use up to 64 characters, or an environment with certificates",
        alias=[{"name": _LONG, "hosted_zone": _ZONE}],
    ),
    _http(
        "a host name with a last label that isn't of letters",
        "http.alias",
        "a listener rule can't match 'users.xn--p1ai'; give a name with only letters after its last dot",
        alias=[{"name": "users.xn--p1ai"}],
    ),
    _http("a space in a health check's path", "http.healthcheck", "%20 for a space", healthcheck="/a b"),
    _http("other letters in a health check's path", "http.healthcheck", "1024 printable ASCII", healthcheck="/ü"),
    _http(
        "too long a path of a health check",
        "http.healthcheck.path",
        "give up to 1024 printable ASCII characters",
        healthcheck={"path": "/" + "a" * 1024},
    ),
    users(
        "an empty label in a name of Service Connect",
        "network.connect.alias",
        "'a..b' is not a DNS name; use labels of 1 to 63 characters",
        network={"connect": {"alias": "a..b"}},
    ),
    users(
        "a long label in a name of Service Connect",
        "network.connect.alias",
        "is not a DNS name; use labels of 1 to 63 characters",
        network={"connect": {"alias": "a" * 64}},
    ),
    users(
        "an alarm's name that is too long",
        "deployment.rollback_alarms[0]",
        "give 1 to 255 characters without control characters",
        deployment={"rollback_alarms": ["a" * 256]},
    ),
    _mounted("data"),
    _mounted("/"),
    users(
        "a sidecar's mount that isn't absolute",
        "sidecars.s.mount_points[0].path",
        "give a path below /",
        storage={"volumes": {"v": {"path": "/v"}}},
        sidecars={
            "s": {"image": f"s@sha256:{'0' * 64}", "mount_points": [{"source_volume": "v", "path": "data"}]},
        },
    ),
    users(
        "a variable with an equals sign",
        "variables.A=B",
        "the name 'A=B'; write a name without =",
        variables={"A=B": "x"},
    ),
    users(
        "a label without a name",
        "image.labels",
        "a label without a name; give it one",
        image={"build": "services/users/Dockerfile", "port": 3000, "labels": {"": "x"}},
    ),
    _parameter("users/token", "begin the whole path with a /: /users/token"),
    _parameter("/users//token", "use one / between names"),
    _parameter("/users/", "and none at the end"),
    _parameter("/" + "/".join("abcdefghijklmnop"), "use at most 15 levels"),
    _parameter("ssm-token", "names that begin with aws or ssm are reserved"),
    _parameter("/aws/token", "names that begin with aws or ssm are reserved"),
]
"""Cases on AWS, behind any facade."""
