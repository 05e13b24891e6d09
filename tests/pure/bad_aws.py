"""Bad input that is bad on AWS: sizes, names, address ranges, secrets, and what a facade or a network can't hold."""

from tests.projects import DIGEST, Tree, manifest
from tests.pure.bad import Bad, C, M, config, users

_ACCOUNT = "eu-west-1:123456789012"
_VPC: Tree = {
    "id": "vpc-0a1b2c3d",
    "publicSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
    "privateSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
}


def _environment(what: str, place: str, *says: str, **settings: object) -> Bad:
    return Bad(what, (f"{C}environments.users.{place}: ", *says), {"environments": {"users": settings}})


def _vpc(what: str, place: str, *says: str, **fields: object) -> Bad:
    return _environment(what, f"vpc.{place}", *says, vpc={**_VPC, **fields})


def _size(cpu: int, memory: int, place: str, *says: str) -> Bad:
    return users(
        f"{cpu} CPU units with {memory} MiB",
        place,
        f"no task of {cpu} CPU units and {memory} MiB; ",
        *says,
        cpu=cpu,
        memory=memory,
    )


def _secret(what: str, value: object, *says: str, place: str = "secrets.A") -> Bad:
    return users(what, place, *says, secrets={"A": value})


def _count(what: str, place: str, value: object, *says: str) -> Bad:
    return users(what, place, *says, count=value)


CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


WEB_ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/own/12345678-1234-1234-1234-123456789012"


def _facade(what: str, facade: str, place: str, settings: Tree, *says: str) -> Bad:
    return Bad(what, (f"{C}{place}: ", *says), {"facade": facade, **settings})


_SSM = "give an SSM parameter's name, arn:aws:ssm:<region>:<account>:parameter/<name>, or secretsmanager: <name>"
_MANAGER = "give a secret's name or arn:aws:secretsmanager:<region>:<account>:secret:<name>"

_FACADE_SETTINGS: tuple[tuple[str, Tree, str, Tree], ...] = (
    (
        "a name alone",
        {"alb": {"domain": "www.example.com"}},
        "alb.domain: found 'www.example.com'; give a map",
        {},
    ),
    ("no name", {"alb": {"domain": []}}, "alb.domain: an empty list; give one as {name, certificate}", {}),
    (
        "a name in a list",
        {"alb": {"domain": ["www.example.com"]}},
        "alb.domain[0]: found 'www.example.com'; give a map",
        {},
    ),
    (
        "a domain without its name",
        {"alb": {"domain": {"certificate": CERTIFICATE}}},
        "alb.domain.name: missing; give a domain name, such as api.example.com",
        {},
    ),
    (
        "a star",
        {"alb": {"domain": {"name": "*.example.com", "certificate": CERTIFICATE}}},
        "alb.domain.name: found '*.example.com'; give a domain name in lower case",
        {},
    ),
    (
        "a URL",
        {"alb": {"domain": {"name": "https://www.example.com", "certificate": CERTIFICATE}}},
        "alb.domain.name: found 'https://www.example.com'; give a domain name in lower case",
        {},
    ),
    (
        "another key",
        {"alb": {"domain": {"name": "www.example.com", "hosted_zone": "Z1"}}},
        "alb.domain.hosted_zone: unknown key; did you mean hostedZone",
        {"environments": {"shared": {"certificates": [CERTIFICATE]}}},
    ),
    (
        "a name twice",
        {"alb": {"domain": [{"name": "www.example.com", "hostedZone": "Z1"}] * 2}},
        "alb.domain[1].name: duplicate domain www.example.com; remove one",
        {},
    ),
    (
        "no certificate",
        {"alb": {"domain": {"name": "www.example.com"}}},
        "alb.domain: no certificate for www.example.com; give certificate, or hostedZone, or certificates to "
        "the environment shared",
        {},
    ),
    (
        "a zone by its name",
        {"alb": {"domain": {"name": "www.example.com", "hostedZone": "example.com"}}},
        "alb.domain.hostedZone: found 'example.com'; give the id of a zone in Route 53",
        {},
    ),
    (
        "a name that no certificate is made for",
        {"alb": {"domain": {"name": f"{'w' * 60}.example.com", "hostedZone": "Z1"}}},
        f"alb.domain.name: a certificate can't be created for {'w' * 60}.example.com, which has 72 characters; use",
        {},
    ),
    (
        "a name that no load balancer redirects to",
        {"alb": {"domain": {"name": f"{'w.' * 60}example.com", "certificate": CERTIFICATE}}},
        "alb.domain.name: 131 characters; give a name of up to 128",
        {},
    ),
    (
        "a week and a day with one service",
        {"alb": {"stickiness": "8d"}},
        "alb.stickiness: found '8d'; durations can't use days: write 168h at most",
        {},
    ),
    (
        "a web ACL by its name",
        {"alb": {"webAcl": "mine"}},
        "alb.webAcl: found 'mine'; give a web ACL's ARN",
        {},
    ),
    (
        "a web ACL of WAF Classic",
        {"alb": {"webAcl": "arn:aws:waf-regional:eu-west-1:123456789012:webacl/1"}},
        "alb.webAcl: found 'arn:aws:waf-regional:",
        {},
    ),
    (
        "a web ACL of CloudFront",
        {"alb": {"webAcl": WEB_ACL.replace("regional/", "global/").replace("eu-west-1", "us-east-1")}},
        "alb.webAcl: a web ACL with the scope CLOUDFRONT; give one with the scope REGIONAL",
        {},
    ),
    (
        "a web ACL on an HTTP API",
        {"api-gateway": {"webAcl": WEB_ACL}},
        ("api-gateway.webAcl: an HTTP API doesn't support a web ACL; put CloudFront with its own web ACL in front"),
        {},
    ),
    (
        "a web ACL on Refactor Spaces",
        {"refactor-spaces": {"webAcl": WEB_ACL}},
        "refactor-spaces.webAcl: its API Gateway is managed by Refactor Spaces; put CloudFront",
        {},
    ),
    (
        "a domain of an HTTP API without a certificate",
        {"api-gateway": {"domain": {"name": "api.example.com"}}},
        "api-gateway.domain: no certificate; give certificate, an ACM ARN, or hostedZone",
        {},
    ),
    (
        "two domains of an HTTP API",
        {"api-gateway": {"domain": [{"name": "api.example.com", "hostedZone": "Z1"}]}},
        "api-gateway.domain: found a list; give a map",
        {},
    ),
)

CASES = [
    users(
        "override of a size that Fargate doesn't have",
        "taskdef_overrides[0].path",
        "Fargate has no task of 4096 CPU units and 512 MiB; with cpu: 4096, give 8192",
        taskdef_overrides=[{"path": "Cpu", "value": 4096}],
    ),
    users(
        "override of a container that isn't there",
        "taskdef_overrides[0].path",
        "found the path ContainerDefinitions[1].User; the list has 1: use [-]",
        taskdef_overrides=[{"path": "ContainerDefinitions[1].User", "value": "x"}],
    ),
    _size(256, 4096, "memory", "with cpu: 256, give 512, 1024 or 2048"),
    _size(256, 513, "memory", "with cpu: 256, give 512, 1024 or 2048"),
    _size(512, 512, "memory", "with cpu: 512, give 1024 to 4096 in steps of 1024"),
    _size(512, 5120, "memory", "with cpu: 512, give 1024 to 4096"),
    _size(1024, 1024, "memory", "with cpu: 1024, give 2048 to 8192"),
    _size(2048, 3072, "memory", "with cpu: 2048, give 4096 to 16384"),
    _size(4096, 31744, "memory", "with cpu: 4096, give 8192 to 30720"),
    _size(8192, 17408, "memory", "with cpu: 8192, give 16384 to 61440 in steps of 4096"),
    _size(16384, 65536 + 1024, "memory", "with cpu: 16384, give 32768 to 122880 in steps of 8192"),
    _size(1000, 2048, "cpu", "give a cpu of 256, 512, 1024, 2048, 4096, 8192, 16384"),
    users("cpu over Fargate's largest", "cpu", "found 32768; give a whole number from 256 to 16384", cpu=32768),
    users(
        "memory over Fargate's largest",
        "memory",
        "found 200000; give a whole number from 512",
        cpu=16384,
        memory=200000,
    ),
    config("a list as a facade", "facade", [["alb"]], "facade[0]: found a list; give refactor-spaces, api-gateway or"),
    config("facade is broken JSON", "facade", '["alb"', "facade: invalid JSON:"),
    Bad("no facade", (f"{C}facade: missing; give refactor-spaces, api-gateway or alb",), {"facade": None}),
    config("facade with a capital", "facade", "ALB", "facade: found 'ALB'; give refactor-spaces, api-gateway or alb"),
    _environment(
        "host bits in a cidr",
        "cidr",
        "found '10.7.0.1/16'; give an IPv4 range from /16 to /24 whose host",
        cidr="10.7.0.1/16",
    ),
    _environment("a cidr in words", "cidr", "found 'big'; give an IPv4 range from /16 to /24", cidr="big"),
    _environment("a cidr of IPv6", "cidr", "found 'fd00::/48'; give an IPv4 range", cidr="fd00::/48"),
    _environment("a cidr as a list", "cidr", "found a list; give an IPv4 range", cidr=["10.7.0.0/16"]),
    _environment(
        "a cidr too large for a VPC",
        "cidr",
        "found '10.0.0.0/8'; give an IPv4 range from /16 to /24",
        cidr="10.0.0.0/8",
    ),
    _environment(
        "a cidr too small for two zones", "cidr", "found '10.7.0.0/28'; give an IPv4 range from /16", cidr="10.7.0.0/28"
    ),
    _environment(
        "a public cidr", "cidr", "found '52.0.0.0/16'; give a private range: within 10.0.0.0/8", cidr="52.0.0.0/16"
    ),
    Bad(
        "two environments with one cidr",
        (f"{C}environments.users.cidr: the range 10.7.0.0/16 overlaps with 10.7.0.0/16 of the environment posts",),
        {"environments": {"users": {"cidr": "10.7.0.0/16"}, "posts": {"cidr": "10.7.0.0/16"}}},
    ),
    Bad(
        "a cidr inside another",
        (f"{C}environments.users.cidr: the range 10.7.4.0/24 overlaps with 10.7.0.0/16 of the environment threads",),
        {"environments": {"users": {"cidr": "10.7.4.0/24"}, "threads": {"cidr": "10.7.0.0/16"}}},
    ),
    Bad(
        "three environments with one cidr",
        (f"{C}environments.threads.cidr: ", f"{C}environments.users.cidr: "),
        {"environments": {name: {"cidr": "10.7.0.0/16"} for name in ("users", "posts", "threads")}},
        lines=3,
    ),
    _environment("one zone", "zones", "found 1; give a whole number from 2 to 4", zones=1),
    _environment("five zones", "zones", "found 5; give a whole number from 2 to 4", zones=5),
    _environment("a zone by name", "zones", "found 'eu-west-1a'; give a whole number from 2 to 4", zones="eu-west-1a"),
    _environment(
        "zones by name", "zones", "found a list; give a whole number from 2 to 4", zones=["eu-west-1a", "eu-west-1z"]
    ),
    _environment("NAT as a truth value", "nat", "found true; give none, single or per-az", nat=True),
    _environment("NAT of another kind", "nat", "found 'per-zone'; give none, single or per-az", nat="per-zone"),
    _environment(
        "a balancer of another kind", "loadBalancer", "found 'private'; give public or internal", loadBalancer="private"
    ),
    _environment("access logs to a number", "accessLogs", "found 7; give a bucket name", accessLogs=7),
    _environment("access logs to a URL", "accessLogs", "found 's3://logs'; give a bucket name", accessLogs="s3://logs"),
    _environment(
        "access logs to a bucket in upper case", "accessLogs", "found 'Logs'; give a bucket name", accessLogs="Logs"
    ),
    _environment("a VPC as a text", "vpc", "found 'vpc-0a1b2c3d'; give a map", vpc="vpc-0a1b2c3d"),
    _environment(
        "an unknown key of a VPC",
        "vpc.subnets",
        "unknown key; did you mean publicSubnets?",
        vpc={**_VPC, "subnets": []},
    ),
    _vpc("a VPC by its name", "id", "found 'main'; give the VPC's id, such as vpc-0a1b2c3d", id="main"),
    _vpc("a VPC without an id", "id", "missing; give the VPC's id", id=None),
    _vpc(
        "one subnet",
        "publicSubnets",
        "found subnet-0a1b2c3d; give the ids of at least two",
        publicSubnets=["subnet-0a1b2c3d"],
    ),
    _vpc(
        "the same subnet twice",
        "publicSubnets",
        "give the ids of at least two, in two zones",
        publicSubnets=["subnet-0a1b2c3d"] * 2,
    ),
    _vpc("no private subnets", "privateSubnets", "found no subnets; give the ids of at least two", privateSubnets=[]),
    _vpc(
        "a subnet of a VPC by its name",
        "privateSubnets[1]",
        "found 'b'; give a subnet's id, such as subnet-0a1b2c3d",
        privateSubnets=["subnet-0a1b2c3f", "b"],
    ),
    _environment(
        "a cidr beside a VPC",
        "cidr",
        "cidr together with vpc; remove it: an existing VPC has its own",
        vpc=_VPC,
        cidr="10.7.0.0/16",
    ),
    _environment("zones beside a VPC", "zones", "zones together with vpc; remove it", vpc=_VPC, zones=2),
    _environment("NAT beside a VPC", "nat", "nat together with vpc; remove it", vpc=_VPC, nat="single"),
    users(
        "private tasks without NAT",
        "network.vpc.placement",
        "found private, without a NAT gateway; set nat in the environment users to single",
        network={"vpc": {"placement": "private"}},
    ),
    _secret("an empty secret", "", f"found ''; {_SSM}"),
    _secret("a secret of nothing", None, f"found nothing; {_SSM}"),
    _secret("a secret as a list", ["a"], f"found a list; {_SSM}"),
    _secret("a secret by its value", "p@ss word!", _SSM),
    _secret("an ARN of another service", f"arn:aws:s3:{_ACCOUNT}:bucket", _SSM),
    _secret("a parameter's ARN without account", "arn:aws:ssm:eu-west-1::parameter/a", _SSM),
    _secret("a parameter's ARN without region", "arn:aws:ssm::123456789012:parameter/a", _SSM),
    _secret("a parameter's ARN of a short account", "arn:aws:ssm:eu-west-1:12345:parameter/a", _SSM),
    _secret("a parameter's ARN without a name", f"arn:aws:ssm:{_ACCOUNT}:parameter/", _SSM),
    _secret("a secret's ARN with one field too few", f"arn:aws:secretsmanager:{_ACCOUNT}:secret:db:password", _MANAGER),
    _secret("a secret's ARN without a name", f"arn:aws:secretsmanager:{_ACCOUNT}:secret:", _MANAGER),
    _secret(
        "a secret's name with one field", {"secretsmanager": "db:password"}, _MANAGER, place="secrets.A.secretsmanager"
    ),
    users(
        "more secrets than a role can be let read",
        "secrets",
        "140 secrets, whose policy needs up to 1",
        "a role allows 10,240: combine values in one Secrets Manager secret, as keys of its JSON",
        secrets={f"S{number}": f"/board/production/users/secret-{number}" for number in range(140)},
    ),
    _secret("a secret's name with blanks", {"secretsmanager": "my db"}, _MANAGER, place="secrets.A.secretsmanager"),
    _secret(
        "an SSM ARN under secretsmanager",
        {"secretsmanager": f"arn:aws:ssm:{_ACCOUNT}:parameter/a"},
        _MANAGER,
        place="secrets.A.secretsmanager",
    ),
    _secret("a secret from an export without a name", {"from_cfn": ""}, "the name of", place="secrets.A.from_cfn"),
    _secret("a secret from a list of exports", {"from_cfn": ["x"]}, "the name of", place="secrets.A.from_cfn"),
    _secret(
        "a secret as an empty map",
        {},
        "missing; give the secret's name, or an SSM parameter's",
        place="secrets.A.secretsmanager",
    ),
    users(
        "a secret with a variable's name",
        "secrets.A",
        "a variable also has this name; keep one of them",
        variables={"A": "1"},
        secrets={"A": "a"},
    ),
    users(
        "source addresses that can't be checked",
        "http.allowed_source_ips",
        "not supported without an alias; behind a facade, all requests come from it",
        http={"path": "api/users", "allowed_source_ips": ["10.0.0.0/8"]},
    ),
    users(
        "a mutable tag",
        "image.location",
        "the tag of 'users:latest' can be moved to another image; give name@sha256:",
        image={"location": "users:latest", "port": 80},
    ),
    users(
        "a digest that is cut",
        "image.location",
        "give an image's reference, such as name@sha256:…",
        image={"location": f"users@{DIGEST[:-1]}", "port": 80},
    ),
    Bad(
        "a mutable tag in config",
        (f"{C}services.users.image: the tag of 'users:1' can be moved to another image; give name@sha256:",),
        {"services": {"users": {"image": "users:1"}}},
    ),
    _count(
        "a range without a metric on AWS", "count", {"range": "1-4"}, "found a range without a metric; add a metric"
    ),
    _count("a metric without a range on AWS", "count", {"requests": 100}, "no range; write range: 1-10 and a metric"),
    _count("a range as a list", "count.range", {"range": [1, 4], "requests": 1}, "found a list; give two numbers"),
    _count("a range with blanks", "count.range", {"range": "1 - 4", "requests": 1}, "found '1 - 4'; give two numbers"),
    _count(
        "a range with min above max",
        "count.range",
        {"range": {"min": 4, "max": 1}, "requests": 1},
        "found a map; give two numbers",
    ),
    _count(
        "spot_from 0",
        "count.range.spot_from",
        {"range": {"min": 1, "max": 2, "spot_from": 0}, "requests": 1},
        "found 0; give a whole number from 1",
    ),
    _count(
        "memory percentage 0",
        "count.memory_percentage",
        {"range": "1-4", "memory_percentage": 0},
        "found 0; give a whole number from 1 to 100",
    ),
    _count("Spot tasks in words", "count.spot", {"spot": "all"}, "found 'all'; give a whole number from 0 to 5000"),
    users(
        "a grace period in milliseconds",
        "http.healthcheck.grace_period",
        "found '1ms'; give a duration in whole seconds",
        http={"path": "a", "healthcheck": {"grace_period": "1ms"}},
    ),
    _facade(
        "weights on Refactor Spaces",
        "refactor-spaces",
        "routes.users",
        {"routes": {"users": 25}},
        "the weight 25; the facade refactor-spaces can't split traffic: use 0 or 100, or the facade alb",
    ),
    _facade(
        "weights on API Gateway",
        "api-gateway",
        "routes.users",
        {"routes": {"users": 25}},
        "the weight 25; the facade api-gateway can't split",
    ),
    _facade(
        "no default on Refactor Spaces",
        "refactor-spaces",
        "default",
        {"default": "none"},
        "found none; the facade refactor-spaces needs a default",
    ),
    _facade(
        "a tilde on Refactor Spaces",
        "refactor-spaces",
        "routes.users",
        {"routes": {"users": {"path": "/~a"}}},
        "the path /~a; Refactor Spaces doesn't allow ~",
    ),
    _facade(
        "a shared environment on Refactor Spaces",
        "refactor-spaces",
        "services",
        {"services": {"users": {"environment": "posts"}}},
        "posts, users share the environment posts; the facade refactor-spaces routes",
    ),
    config(
        "a network without any subnet",
        "environments",
        {"users": {"vpc": {"id": "vpc-0a1b2c3d", "publicSubnets": [], "privateSubnets": []}}},
        "environments.users.vpc.publicSubnets: found no subnets; give the ids of at least two",
        f"{C}environments.users.vpc.privateSubnets: found no subnets; give the ids of at least two",
        lines=2,
    ),
    _facade(
        "an environment in capitals, where all share one",
        "alb",
        "services.users.environment",
        {"services": {"users": {"environment": "Shared"}}},
        "found 'Shared'; use up to 40 lower-case letters, digits and -",
    ),
    _facade(
        "a domain of an HTTP API in capitals, with its zone",
        "api-gateway",
        "facadeSettings.api-gateway.domain.name",
        {"facadeSettings": {"api-gateway": {"domain": {"name": "API.example.com", "hostedZone": "Z1"}}}},
        "found 'API.example.com'; give a domain name in lower case",
    ),
    config("facade twice", "facade", "alb,alb", "facade: duplicate facade alb; remove one"),
    config("no facade in the list", "facade", [], "facade: an empty list; give refactor-spaces, api-gateway or alb"),
    config("a facade that is a number", "facade", 7, "facade: found 7; give refactor-spaces, api-gateway or alb, or"),
    config(
        "an unknown facade in the list",
        "facade",
        ["alb", "alp"],
        "facade[1]: found 'alp'; give refactor-spaces, api-gateway or alb",
    ),
    config(
        "Refactor Spaces beside ALB",
        "facade",
        "alb,refactor-spaces",
        "facade: refactor-spaces together with alb; Refactor",
    ),
    config(
        "settings of an unknown facade",
        "facadeSettings",
        {"alp": {}},
        "facadeSettings.alp: the facade 'alp' has no settings;",
    ),
    config("facade settings that are no map", "facadeSettings", [1], "facadeSettings: found a list; give a map"),
    *(
        config(f"facade settings: {what}", "facadeSettings", settings, f"facadeSettings.{says}")
        for what, settings, says in (
            ("unknown key", {"alb": {"sticky": "1m"}}, "alb.sticky: unknown key; did you mean stickiness?"),
            ("no map", {"alb": 5}, "alb: found 5; give a map"),
            ("long stickiness", {"alb": {"stickiness": "169h"}}, "alb.stickiness: found '169h'; give a duration"),
            ("slow", {"api-gateway": {"timeout": "31s"}}, "api-gateway.timeout: found '31s'; give a duration"),
            (
                "half a throttling",
                {"api-gateway": {"throttling": {"rate": 5}}},
                "api-gateway.throttling.burst: missing; give a whole number of requests at once",
            ),
            (
                "log kept for 8 days",
                {"api-gateway": {"accessLog": {"days": 8}}},
                "api-gateway.accessLog.days: found 8; give one of 1, 3, 5",
            ),
            (
                "log that is a text",
                {"api-gateway": {"accessLog": "always"}},
                "api-gateway.accessLog: found 'always'; give true, false, or {days: 30}",
            ),
            (
                "name that is none",
                {"api-gateway": {"domain": {"name": "Example", "certificate": CERTIFICATE}}},
                "api-gateway.domain.name: found 'Example'; give a domain name in lower case",
            ),
            (
                "certificate that is none",
                {"api-gateway": {"domain": {"name": "api.example.com", "certificate": "arn:aws:iam::1:x"}}},
                "api-gateway.domain.certificate: found 'arn:aws:iam::1:x'; give the ARN of an ACM certificate",
            ),
        )
    ),
    *(
        Bad(
            f"facade alb: {what}",
            (f"{C}facadeSettings.{line}",),
            {"facade": "alb", "facadeSettings": settings, **further},
        )
        for what, settings, line, further in _FACADE_SETTINGS
    ),
    *(
        Bad(
            f"a name of the facade {facade} that is an alias too",
            (
                f"{C}facadeSettings.{facade}.domain.name: www.example.com is also at {M}: http.alias; the alias "
                "takes www.example.com/api/users regardless of routes: give one of them another name",
            ),
            {"facade": facade, "facadeSettings": {facade: {"domain": {"name": "www.example.com", "hostedZone": "Z1"}}}},
            {"users": manifest("users", http={"path": "/api/users", "alias": "www.example.com"})},
        )
        for facade in ("alb", "api-gateway")
    ),
    _facade(
        "several environments on ALB",
        "alb",
        "services",
        {"services": {"users": {"environment": "users"}}},
        "the services run in shared, users; the facade alb forwards within one network",
    ),
    Bad(
        "a service's environment with a name over the limit",
        (f"{C}services.users.environment: found 'eeee", "letter"),
        {"services": {"users": {"environment": "e" * 41}}},
    ),
    Bad(
        "a name over the limit on AWS",
        (f"{M}: name: found 'uuu", "letter"),
        manifests={"users": manifest("users", name="u" * 60)},
    ),
]
