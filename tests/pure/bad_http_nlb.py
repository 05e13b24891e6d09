"""Bad input in what says how a service is reached: certificates, aliases, load balancers, subnets and groups."""

from tests.projects import Tree, board, manifest
from tests.pure.bad import Bad, C, M, users

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def _environment(what: str, place: str, *says: str, **settings: object) -> Bad:
    return Bad(what, (f"{C}environments.users.{place}: ", *says), {"environments": {"users": settings}})


def _http(what: str, place: str, *says: str, **fields: object) -> Bad:
    return users(what, f"http.{place}", *says, http={"path": "api/users", **fields})


def _rule(what: str, place: str, *says: str, **fields: object) -> Bad:
    return _http(what, f"additional_rules[0]{place}", *says, additional_rules=[{"path": "admin", **fields}])


def _nlb(what: str, place: str, *says: str, **fields: object) -> Bad:
    return users(what, f"nlb{place}", *says, nlb={"port": "80/tcp", **fields})


def _network(what: str, place: str, *says: str, **fields: object) -> Bad:
    return users(what, f"network.{place}", *says, network=fields)


_HOST = "; give a host name such as api.example.com"
_ZONE = "; give the id of a zone in Route 53, such as Z0123456789ABC"
_NO_FACADE = "can't get requests from a facade"
_NO_MAP: Tree = {}
_NOTHING: list[object] = []
_ROUTED = "name a service with http: and the version http1"
_NLB_ONLY: Tree = {"users": manifest("users", http=False, nlb={"port": "80/tcp"})}

ANYWHERE = [
    _http("an alias with a scheme", "alias", f"found 'https://a.example.com'{_HOST}", alias="https://a.example.com"),
    _http("an alias without a dot", "alias", f"found 'users'{_HOST}", alias="users"),
    _http("an alias with a star", "alias", f"found 'a.*.example.com'{_HOST}", alias="a.*.example.com"),
    _http("an alias as a map", "alias", "found a map; give a host name, or a list", alias={"name": "a.example.com"}),
    _http("an alias in a list of lists", "alias[0]", f"found a list{_HOST}", alias=[["a.example.com"]]),
    _http(
        "an alias without its name", "alias[0].name", "missing; write name: with a host", alias=[{"hosted_zone": "Z1"}]
    ),
    _http(
        "an alias twice",
        "alias",
        "duplicate host name a.example.com; remove one",
        alias=["a.example.com", "A.example.com"],
    ),
    _http(
        "a zone by its name",
        "hosted_zone",
        f"found 'example.com'{_ZONE}",
        alias="a.example.com",
        hosted_zone="example.com",
    ),
    _http("a zone in a list", "hosted_zone", f"found a list{_ZONE}", alias="a.example.com", hosted_zone=["Z1"]),
    _http(
        "a zone without an alias",
        "hosted_zone",
        "no alias given with it; write alias: with a host name",
        hosted_zone="Z1",
    ),
    _http("a version that is none", "version", "found 'http3'; give http1, http2 or grpc", version="http3"),
    _http(
        "a version in both spellings",
        "protocolVersion",
        "both version and protocolVersion; keep one",
        version="http1",
        protocolVersion="http1",
    ),
    _http(
        "a container that is not there",
        "target_container",
        "unknown container 'nginx'; name a container of this service: ",
        target_container="nginx",
    ),
    _http(
        "a container in both spellings",
        "targetContainer",
        "both target_container and targetContainer; keep one of them",
        target_container="users",
        targetContainer="users",
    ),
    users(
        "a sidecar without a port",
        "http.target_container",
        "the sidecar nginx has no port; write target_port, or port: in sidecars.nginx",
        http={"path": "a", "target_container": "nginx"},
        sidecars={"nginx": {"image": "nginx"}},
    ),
    _http("a target port that is none", "target_port", "found 0; give a whole number from 1 to 65535", target_port=0),
    _http("a redirect in words", "redirect_to_https", "found 'always'; give true or false", redirect_to_https="always"),
    _http(
        "codes of HTTP for gRPC",
        "healthcheck.success_codes",
        "found '200'; give gRPC codes",
        version="grpc",
        healthcheck={"success_codes": "200"},
    ),
    _http("further rules as a map", "additional_rules", "found a map; give a list", additional_rules={"path": "b"}),
    _http("a further rule as a text", "additional_rules[0]", "found 'b'; give a map", additional_rules=["b"]),
    _http(
        "a further rule without a path",
        "additional_rules[0].path",
        "missing; write the path",
        additional_rules=[_NO_MAP],
    ),
    _rule("a further rule's container", ".target_container", "unknown container 'x'", target_container="x"),
    _rule("a further rule's alias", ".alias", f"found 'x'{_HOST}", alias="x"),
    _rule("a further rule's health check", ".healthcheck", "found 'x'; write /x", healthcheck="x"),
    users("nlb as a port", "nlb", "found 443; give a map", nlb=443),
    users("nlb without a port", "nlb.port", "missing; write the port to listen", nlb={"alias": "a.example.com"}),
    _nlb("a port without a number", ".port", "found 'tls'; give a port from 1 to 65535 and a protocol", port="tls"),
    _nlb("a port of a network that is too high", ".port", "found '65536/tcp'; give a port from 1", port="65536/tcp"),
    _nlb("tcp_udp", ".port", "unknown protocol 'tcp_udp'; give tcp, udp or tls", port="53/tcp_udp"),
    _nlb("http for a protocol", ".port", "unknown protocol 'http'; give tcp, udp or tls", port="80/http"),
    _nlb(
        "a policy without TLS",
        ".ssl_policy",
        "a TLS policy on a tcp port; write port: <number>/tls",
        ssl_policy="ELBSecurityPolicy-2016-08",
    ),
    _nlb(
        "a policy by its version",
        ".ssl_policy",
        "found 'TLS1.2'; give a policy",
        port="443/tls",
        ssl_policy="TLS1.2",
        alias=[{"name": "a.example.com", "hosted_zone": "Z1"}],
    ),
    _nlb(
        "clients that TLS can't hold",
        ".stickiness",
        "not supported on a tls port; remove it",
        port="443/tls",
        stickiness=True,
        alias=[{"name": "a.example.com", "hosted_zone": "Z1"}],
    ),
    _nlb("a check of a network as a path", ".healthcheck", "found '/'; give a map", healthcheck="/"),
    _nlb(
        "a check of a network too often",
        ".healthcheck.interval",
        "found '1s'; give a duration",
        healthcheck={"interval": "1s"},
    ),
    _nlb(
        "a container of a network that is not there", ".target_container", "unknown container 'x'", target_container="x"
    ),
    _nlb(
        "two listeners on one port",
        ".additional_listeners[0].port",
        "duplicate port 80; give each listener",
        additional_listeners=[{"port": "80/udp"}],
    ),
    _nlb(
        "further listeners as a map",
        ".additional_listeners",
        "found a map; give a list",
        additional_listeners={"port": 81},
    ),
    _nlb("a further listener as a port", ".additional_listeners[0]", "found 81; give a map", additional_listeners=[81]),
    _nlb(
        "a further listener without a port",
        ".additional_listeners[0].port",
        "missing; write the port",
        additional_listeners=[_NO_MAP],
    ),
    _nlb("an alias of a network", ".alias", f"found 'x'{_HOST}", alias="x"),
    _network(
        "a place that is none", "vpc.placement", "found 'here'; give public or private", vpc={"placement": "here"}
    ),
    _network("a place as an empty map", "vpc.placement.subnets", "missing; write subnets:", vpc={"placement": _NO_MAP}),
    _network(
        "no subnets", "vpc.placement.subnets", "an empty list; give the ids", vpc={"placement": {"subnets": _NOTHING}}
    ),
    _network(
        "a subnet by its name",
        "vpc.placement.subnets[0]",
        "found 'a'; give a subnet's id",
        vpc={"placement": {"subnets": ["a"]}},
    ),
    _network(
        "a subnet twice",
        "vpc.placement.subnets[1]",
        "duplicate subnet-0a1b2c3d; remove one",
        vpc={"placement": {"subnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3d"]}},
    ),
    _network(
        "a group by its name",
        "vpc.security_groups[0]",
        "found 'web'; give a security group's id",
        vpc={"security_groups": ["web"]},
    ),
    _network(
        "a group as a text",
        "vpc.security_groups",
        "found 'sg-0a1b2c3d'; give a list",
        vpc={"security_groups": "sg-0a1b2c3d"},
    ),
    _network(
        "a group by its name among groups",
        "vpc.security_groups.groups[0]",
        "found 'web'; give a security group's id",
        vpc={"security_groups": {"groups": ["web"]}},
    ),
    _network(
        "tasks that nobody could reach",
        "vpc.security_groups.deny_default",
        "no groups; write groups:",
        vpc={"security_groups": {"deny_default": True}},
    ),
    _network(
        "more groups than a task takes",
        "vpc.security_groups",
        "found 5; a task allows at most 5, including the environment's own",
        vpc={"security_groups": [f"sg-0a1b2c3{n}" for n in range(5)]},
    ),
    _network(
        "a name for Service Connect with blanks",
        "connect.alias",
        "found 'my users'; give a name",
        connect={"alias": "my users"},
    ),
    Bad(
        "no service that takes requests",
        ("services: no service can get requests from a facade; write http: with a path and HTTP/1.1 in one of them",),
        manifests={name: manifest(name, http=False, nlb={"port": "80/tcp"}) for name in board()},
    ),
    Bad(
        "a default that can't get requests",
        (f"{C}default: the service users {_NO_FACADE}; {_ROUTED}",),
        {"default": "users"},
        _NLB_ONLY,
    ),
    Bad(
        "a route to what can't get requests",
        (f"{C}routes.people: the service users {_NO_FACADE}; {_ROUTED}",),
        {"routes": {"people": {"path": "/people", "service": "users"}}},
        _NLB_ONLY,
    ),
    Bad(
        "a route of what can't get requests",
        (f"{C}routes.users: unknown route 'users'; it {_NO_FACADE}: {_ROUTED}",),
        {"routes": {"users": True}},
        _NLB_ONLY,
    ),
    _environment(
        "a certificate by its name",
        "certificates[0]",
        "found 'example.com'; give a certificate's ARN, arn:aws:acm:<region>",
        certificates=["example.com"],
    ),
    _environment("one certificate as a text", "certificates", "; give a list", certificates=CERTIFICATE),
    _environment(
        "a certificate twice",
        "certificates",
        "duplicate certificate 12345678-1234-1234-1234-123456789012; remove one",
        certificates=[CERTIFICATE, CERTIFICATE],
    ),
    _environment(
        "a TLS version for a policy",
        "sslPolicy",
        "found 'TLS1.2'; give a policy name, such as ELBSecurityPolicy-TLS13-1-2-2021-06",
        sslPolicy="TLS1.2",
    ),
]
"""On both platforms."""


def _alb(what: str, manifests: Tree, *says: str) -> Bad:
    return Bad(what, says, {"facade": "alb"}, manifests, lines=len(says))


def _named(name: str, path: str, *hosts: object) -> Tree:
    return manifest(name, http={"path": path, "alias": list(hosts)})


_HOSTED: Tree = {"name": "a.example.com", "hosted_zone": "Z1"}

ON_AWS = [
    _http("sources", "allowed_source_ips", "not supported without an alias; behind", allowed_source_ips=["::1"]),
    _rule(
        "sources of a further rule",
        ".allowed_source_ips",
        "not supported without an alias; behind a facade, all requests come from it",
        "strangler:services.users.ignore: http.additional_rules.allowed_source_ips",
        allowed_source_ips=["::1"],
    ),
    _http(
        "more sources than a rule holds",
        "allowed_source_ips",
        "3 ranges; a listener rule allows five values",
        alias=[_HOSTED],
        allowed_source_ips=["10.0.0.0/8", "192.168.0.0/16", "::1"],
    ),
    _http("gRPC without an alias", "version", "grpc without an alias; write alias: with a host name", version="grpc"),
    _http(
        "gRPC without a certificate",
        "version",
        "grpc without a certificate; give the environment users certificates"
        " (strangler:environments.users.certificates), or the alias a hosted_zone",
        version="grpc",
        alias="a.example.com",
    ),
    _http(
        "HTTP/2 without a certificate", "version", "http2 without a certificate", version="http2", alias="a.example.com"
    ),
    _rule("a further rule over nothing", ".path", "the main rule already takes /; give the rule an alias", path="/"),
    _http(
        "a path that no load balancer matches",
        "additional_rules[0].path",
        "the path '/a*' has the segment 'a*'",
        additional_rules=[{"path": "a*"}],
    ),
    _http(
        "a path too deep for an alias",
        "additional_rules[0].path",
        "a path with 11 segments; use at most 10 with an alias",
        additional_rules=[{"path": "/x" * 11, "alias": "a.example.com"}],
    ),
    _http(
        "more target groups than a service has",
        "additional_rules",
        "6 rules and 0 network listeners; an ECS service can use at most",
        additional_rules=[{"path": f"r{number}"} for number in range(5)],
    ),
    _nlb(
        "more listeners than a service has target groups",
        ".additional_listeners",
        "1 rules and 5 network listeners; an ECS service",
        additional_listeners=[{"port": 81 + number} for number in range(4)],
    ),
    _nlb(
        "TLS without a certificate",
        ".port",
        "tls without a certificate; give the environment users certificates"
        " (strangler:environments.users.certificates), or the alias a hosted_zone",
        port="443/tls",
        alias="a.example.com",
    ),
    _network(
        "subnets of a VPC that is created",
        "vpc.placement.subnets",
        "subnets of a VPC that is created; set the VPC",
        vpc={"placement": {"subnets": ["subnet-0a1b2c3d"]}},
    ),
    _network(
        "subnets by their tags",
        "vpc.placement.subnets.from_tags",
        "not supported on the platform aws; Strangler doesn't look subnets up by their tags",
        vpc={"placement": {"subnets": {"from_tags": {"Name": "a"}}}},
    ),
    _network(
        "a group of an export without a name",
        "vpc.security_groups[0].from_cfn",
        "found ''; give the name of an export",
        vpc={"security_groups": [{"from_cfn": ""}]},
    ),
    _network(
        "a group of an export that is a number",
        "vpc.security_groups.groups[0].from_cfn",
        "give the name of an export",
        vpc={"security_groups": {"groups": [{"from_cfn": {"a": "b"}}]}},
    ),
    users(
        "scaling by requests that are none",
        "count.requests",
        "http is false; scale on another metric",
        http=False,
        nlb={"port": 80},
        count={"range": "1-2", "requests": 5},
    ),
    _alb(
        "a further rule beside the routes of alb",
        {"users": manifest("users", http={"path": "api/users", "additional_rules": [{"path": "admin"}]})},
        f"{M}: http.additional_rules[0].alias: missing; give the rule an alias",
    ),
    _alb(
        "two services at one host and path",
        {"posts": _named("posts", "x/posts", _HOSTED), "users": _named("users", "x/posts", _HOSTED)},
        f"{M}: http.alias: a.example.com/x/posts is also at services/posts/manifest.yml: http.alias; give one of them",
        "the path /x/posts is used twice for all methods",
    ),
    _alb(
        "a wildcard over another service's host",
        {"posts": _named("posts", "p", "*.example.com"), "users": _named("users", "u", "a.example.com")},
        f"{M}: http.alias: a.example.com overlaps with *.example.com at services/posts/manifest.yml: http.alias; give",
    ),
    _alb(
        "one host in two zones",
        {"posts": _named("posts", "p", _HOSTED), "users": _named("users", "u", {**_HOSTED, "hosted_zone": "Z2"})},
        f"{M}: http.alias: a.example.com in the zones Z1 and Z2; name one of them",
    ),
    Bad(
        "one host in two environments",
        (f"{M}: http.alias: a.example.com is also at services/posts/manifest.yml: http.alias; give one of",),
        manifests={"posts": _named("posts", "p", _HOSTED), "users": _named("users", "u", _HOSTED)},
    ),
    Bad(
        "one host at two load balancers of a service",
        (
            f"{M}: nlb.alias: a.example.com is also at {M}: http.alias; give one of"
            " them another name, as a name resolves to one load balancer, or omit one:"
            " strangler:services.users.ignore: nlb.alias",
        ),
        manifests={
            "users": manifest(
                "users", http={"path": "u", "alias": "a.example.com"}, nlb={"port": 80, "alias": "a.example.com"}
            )
        },
    ),
]
"""What AWS can't hold."""
