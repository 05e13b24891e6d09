"""Bad input about services that run elsewhere."""

from tests.projects import Tree
from tests.pure.bad import Bad, C, config

BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/legacy/0123456789abcdef"
LISTENER = f"{BALANCER.replace(':loadbalancer/', ':listener/')}/fedcba9876543210"
URL = "https://legacy.example.com"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:legacy"
GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/legacy/0123456789abcdef"

_WHERE = "services.legacy"
_GIVE_URL = "give a URL with its scheme, such as https://legacy.example.com"


def _settings(function: str, settings: dict[str, object]) -> Tree:
    """What the config says of it; `lambda` is a word of Python's own."""
    return {**settings, **({"lambda": function} if function else {})}


def _legacy(what: str, *says: str, lines: int = 1, function: str = "", **settings: object) -> Bad:
    """A mistake in what the config says of the service `legacy`."""
    return config(what, "services", {"legacy": _settings(function, settings)}, *says, lines=lines)


def _on(facade: str, what: str, *says: str, lines: int = 1, function: str = "", **settings: object) -> Bad:
    """The same, for a facade."""
    return Bad(what, says, {"facade": facade, "services": {"legacy": _settings(function, settings)}}, lines=lines)


_UNKNOWN = (
    "services.legacy: unknown service 'legacy'; known: monolith, posts, threads, users; one that runs elsewhere has"
)
_MISSPELT: Tree = {"services": {"legacy": {"uri": URL}}}

ANYWHERE = [
    Bad("a misspelt url of the default", (f"{C}{_UNKNOWN}",), {**_MISSPELT, "default": "legacy"}),
    Bad(
        "a misspelt url of what routes lead to",
        (f"{C}{_UNKNOWN}",),
        {**_MISSPELT, "routes": {"old": {"path": "/old", "service": "legacy"}, "legacy": True}},
    ),
    Bad("a misspelt url of what a list of routes names", (f"{C}{_UNKNOWN}",), {**_MISSPELT, "routes": "legacy"}),
    _legacy(
        "a URL without a scheme", f"{_WHERE}.url: found 'legacy.example.com'; {_GIVE_URL}", url="legacy.example.com"
    ),
    _legacy(
        "a URL of another scheme", f"{_WHERE}.url: found 'ftp://a.example.com'", _GIVE_URL, url="ftp://a.example.com"
    ),
    _legacy(
        "a URL with a login", f"{_WHERE}.url: found 'https://me:secret@", _GIVE_URL, url="https://me:secret@a.example"
    ),
    _legacy("a URL that is a list", f"{_WHERE}.url: found a list; {_GIVE_URL}", url=[URL]),
    _legacy("a URL with a wrong port", f"{_WHERE}.url: found '{URL}:65536'; {_GIVE_URL}", url=f"{URL}:65536"),
    _legacy(
        "a URL with a path",
        f"{_WHERE}.url: found '{URL}/shop'; give {URL}: public paths stay the same there too",
        url=f"{URL}/shop",
    ),
    _legacy(
        "a URL of the facade's own machine",
        f"{_WHERE}.url: localhost, which is the facade's own machine; give a name that resolves on other machines",
        url="http://localhost:3000",
    ),
    _legacy(
        "a URL and a function",
        f"{_WHERE}: both url and lambda; give url, targetGroup, listener or lambda: where it runs",
        url=URL,
        function=FUNCTION,
    ),
    _legacy(
        "nowhere that it runs",
        f"{_WHERE}: none of url, targetGroup, listener, lambda; give url, targetGroup, listener or lambda: where it",
        path="/old",
    ),
    _legacy(
        "a count of what runs elsewhere",
        f"{_WHERE}.count: count together with url; remove it: Strangler doesn't change what runs elsewhere",
        url=URL,
        count=2,
    ),
    _legacy(
        "an image of what runs elsewhere", f"{_WHERE}.image: image together with url; remove it", url=URL, image="a"
    ),
    _legacy(
        "an environment of what runs elsewhere",
        f"{_WHERE}.environment: environment together with url",
        url=URL,
        environment="a",
    ),
    _legacy(
        "a command before what runs elsewhere",
        f"{_WHERE}.before: before together with url; remove it: Strangler doesn't change what runs elsewhere",
        url=URL,
        before="rake",
    ),
    config(
        "a URL alone for what runs elsewhere",
        "services",
        {"legacy": URL},
        "services.legacy: unknown service 'legacy'; known: monolith,",
        "; one that runs elsewhere has url, targetGroup, listener or lambda",
    ),
    _legacy("a timeout of what runs elsewhere", f"{_WHERE}.timeout: timeout together with url", url=URL, timeout="5m"),
    _legacy(
        "a misspelt key of what runs elsewhere", f"{_WHERE}.hots: unknown key; did you mean host?", url=URL, hots=1
    ),
    _legacy(
        "a host that is a name", f"{_WHERE}.host: found 'a.example'; give keep or rewrite", url=URL, host="a.example"
    ),
    _legacy("a number for a path", f"{_WHERE}.path: the path '7' does not begin with /; write /7", url=URL, path=7),
    _legacy(
        "a path that a route can't have",
        f"{_WHERE}.path: the path '/old/' ends with /; write /old",
        url=URL,
        path="/old/",
    ),
    _legacy(
        "a health check on another port",
        f"{_WHERE}.healthcheck.port: found 8080; remove it, or also give a url",
        url=URL,
        healthcheck={"port": 8080},
    ),
    _legacy(
        "a misspelt key of a health check",
        f"{_WHERE}.healthcheck.sucess_codes: unknown key; did you mean success_codes?",
        url=URL,
        healthcheck={"path": "/health", "sucess_codes": "200"},
    ),
    _legacy(
        "a URL whose host is neither a name nor an address",
        f"{_WHERE}.url: found 'https://10.0.0.256'; {_GIVE_URL}",
        url="https://10.0.0.256",
    ),
    _legacy("a URL whose host is a number", f"{_WHERE}.url: found 'https://1.2'; {_GIVE_URL}", url="https://1.2"),
    Bad(
        "a route of what runs elsewhere, without a path",
        (f"{C}routes.legacy: unknown route 'legacy'; it has no path of its own: give a map with a path, or",),
        {"services": {"legacy": {"url": URL}}, "routes": {"legacy": True}},
    ),
    Bad(
        "two that would answer everything",
        (f"{C}default: not given, and legacy and monolith could answer the path /; give none, or one of legacy,",),
        {"services": {"legacy": {"url": URL, "path": "/"}}},
    ),
    Bad(
        "a name of ours for what runs elsewhere",
        (f"{C}services.users: it runs elsewhere, but has a manifest here, services/users/manifest.yml; exclude",),
        {"services": {"users": {"url": URL}}},
    ),
    Bad(
        "a name that means something else for what runs elsewhere",
        (f"{C}services.none: the name 'none' is reserved in the config; give the service another name",),
        {"services": {"none": {"url": URL}}},
    ),
    Bad(
        "a name with capitals for what runs elsewhere",
        (f"{C}services.Legacy: the name 'Legacy'; ",),
        {"services": {"Legacy": {"url": URL}}},
    ),
]
"""On both platforms."""

ON_LOCAL = [
    _legacy(
        "a CA beside plain HTTP",
        f"{_WHERE}.ca: ca together with an http URL; remove it, or give an https URL",
        url="http://legacy.example.com",
        ca="services/users/manifest.yml",
    ),
    _legacy("a CA that isn't there", f"{_WHERE}.ca: no file ca.pem; give the path of a PEM file", url=URL, ca="ca.pem"),
    _legacy(
        "a CA without a certificate",
        f"{_WHERE}.ca: no certificate in services/users/manifest.yml; give a PEM file",
        url=URL,
        ca="services/users/manifest.yml",
    ),
    _legacy(
        "a check that is none, on this machine",
        f"{_WHERE}.check: check applies only to AWS; remove it: on the platform local, Envoy checks it continuously",
        url=URL,
        check="never",
    ),
]
"""On this machine."""

_LEGACY = f"{C}services.legacy"

ON_AWS = [
    _on(
        "refactor-spaces",
        "a health check of a function",
        f"{_LEGACY}.healthcheck: healthcheck together with lambda; remove it: only a url supports it",
        healthcheck="/health",
        function=FUNCTION,
    ),
    _on(
        "refactor-spaces",
        "a function's name for its ARN",
        f"{_LEGACY}.lambda: found 'legacy'; give a function's ARN, arn:aws:lambda:",
        function="legacy",
    ),
    _on(
        "alb",
        "a load balancer's ARN for a target group's",
        f"{_LEGACY}.targetGroup: found 'arn:aws:elasticloadbalancing:",
        "give a target group's ARN",
        targetGroup="arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/legacy/0123456789abcdef",
    ),
    _on(
        "alb",
        "a URL behind a load balancer",
        f"{_LEGACY}.url: a URL; the facade alb sends requests to a target group or a Lambda function: give",
        "targetGroup or lambda, or use the facade refactor-spaces or api-gateway",
        url=URL,
    ),
    _on(
        "api-gateway",
        "a target group behind an HTTP API",
        f"{_LEGACY}.targetGroup: a target group; the facade api-gateway sends requests to a URL, a listener or a",
        "give url, listener or lambda, or use the facade alb",
        targetGroup=GROUP,
    ),
    _on(
        "refactor-spaces",
        "a target group behind Refactor Spaces",
        f"{_LEGACY}.targetGroup: a target group; the facade refactor-spaces sends requests to a URL or",
        targetGroup=GROUP,
    ),
    _on(
        "api-gateway",
        "a load balancer's ARN for a listener's",
        f"{_LEGACY}.listener: found '{BALANCER[:76]}…'; give the ARN of a listener of an application",
        listener=BALANCER,
    ),
    _on(
        "api-gateway",
        "a listener of a gateway load balancer",
        f"{_LEGACY}.listener: found 'arn:aws:elasticloadbalancing:",
        "give the ARN of a listener of an application or network load balancer",
        listener=LISTENER.replace("/app/", "/gwy/"),
    ),
    _on(
        "api-gateway",
        "a listener in a list",
        f"{_LEGACY}.listener: found a list; give the ARN of a listener",
        listener=[LISTENER],
    ),
    _on(
        "api-gateway",
        "a listener and a URL",
        f"{_LEGACY}: both url and listener; give url, targetGroup, listener or lambda: where it runs",
        url=URL,
        listener=LISTENER,
    ),
    _on(
        "api-gateway",
        "a count beside a listener",
        f"{_LEGACY}.count: count together with listener; remove it: Strangler doesn't change what runs elsewhere",
        listener=LISTENER,
        count=2,
    ),
    _on(
        "api-gateway",
        "a health check of a listener",
        f"{_LEGACY}.healthcheck: healthcheck together with listener; remove it: only a url supports it",
        listener=LISTENER,
        healthcheck="/health",
    ),
    _on(
        "api-gateway",
        "a URL for a server name",
        f"{_LEGACY}.serverName: found '{URL}'; give only a host name, such as legacy.example.com",
        listener=LISTENER,
        serverName=URL,
    ),
    _on(
        "api-gateway",
        "an address for a server name",
        f"{_LEGACY}.serverName: found '10.1.2.3'; give only a host name, such as legacy.example.com",
        listener=LISTENER,
        serverName="10.1.2.3",
    ),
    _on(
        "api-gateway",
        "a server name beside a URL",
        f"{_LEGACY}.serverName: serverName together with url; remove it: only a listener supports it",
        url=URL,
        serverName="legacy.example.com",
    ),
    _on(
        "api-gateway",
        "a host of another name beside a listener",
        f"{_LEGACY}.host: found 'legacy.example.com'; give keep or rewrite",
        listener=LISTENER,
        host="legacy.example.com",
    ),
    _on(
        "api-gateway",
        "a security group that is no list",
        f"{_LEGACY}.securityGroups: found 'sg-0123456789abcdef0'; give a list",
        listener=LISTENER,
        securityGroups="sg-0123456789abcdef0",
    ),
    _on(
        "api-gateway",
        "no security groups at all",
        f"{_LEGACY}.securityGroups: an empty list; give ids such as [sg-0123456789abcdef0], or remove it",
        listener=LISTENER,
        securityGroups=[],
    ),
    _on(
        "api-gateway",
        "a security group's name",
        f"{_LEGACY}.securityGroups[0]: found 'default'; give ids such as [sg-0123456789abcdef0], or remove it",
        listener=LISTENER,
        securityGroups=["default"],
    ),
    _on(
        "api-gateway",
        "a security group twice",
        f"{_LEGACY}.securityGroups: sg-0123456789abcdef0 twice; remove one of them",
        listener=LISTENER,
        securityGroups=["sg-0123456789abcdef0"] * 2,
    ),
    _on(
        "api-gateway",
        "security groups beside a function",
        f"{_LEGACY}.securityGroups: securityGroups together with lambda; remove it: only a listener supports it",
        function=FUNCTION,
        securityGroups=["sg-0123456789abcdef0"],
    ),
    _on(
        "alb",
        "a listener behind a load balancer",
        f"{_LEGACY}.listener: a listener; the facade alb sends requests to a target group or a Lambda function: give",
        (
            "targetGroup or lambda, put the routes into that listener with facadeSettings.alb.listener, or use the "
            "facade api-"
        ),
        listener=LISTENER,
    ),
    _on(
        "refactor-spaces",
        "a listener behind Refactor Spaces",
        f"{_LEGACY}.listener: a listener; the facade refactor-spaces sends requests to a URL or a Lambda function:",
        "give url or lambda, or use the facade api-gateway",
        listener=LISTENER,
    ),
    _on(
        "api-gateway",
        "a check that is a path",
        f"{_LEGACY}.check: found '/health'; give true or false",
        url=URL,
        check="/health",
    ),
    _on(
        "alb",
        "a CA beside a function",
        f"{_LEGACY}.ca: ca together with lambda; remove it: only a url supports it",
        function=FUNCTION,
        ca="services/users/some.pem",
    ),
    _on(
        "alb",
        "a function's newest code, by its name",
        f"{_LEGACY}.lambda: found '{FUNCTION}:$LATEST'; give {FUNCTION}, which is the same: AWS grants no permission",
        function=f"{FUNCTION}:$LATEST",
    ),
    _on(
        "refactor-spaces",
        "a check of a function that is neither",
        f"{_LEGACY}.check: found a list; give true or false",
        function=FUNCTION,
        check=[False],
    ),
    _on(
        "api-gateway",
        "a private address behind an HTTP API",
        f"{_LEGACY}.url: 10.1.2.3 resolves only in its own network; give a name that resolves publicly, or",
        url="http://10.1.2.3",
    ),
    _on(
        "refactor-spaces",
        "a name without a domain behind Refactor Spaces",
        f"{_LEGACY}.url: legacy resolves only in its own network; give a name that resolves publicly, or",
        url="http://legacy",
    ),
    _on(
        "api-gateway",
        "a port that API Gateway doesn't call",
        f"{_LEGACY}.url: the port 81; the facade api-gateway can reach only ports 80, 443 and",
        url="http://legacy.example.com:81",
    ),
    _on(
        "refactor-spaces",
        "the client's host through Refactor Spaces",
        f"{_LEGACY}.host: found 'keep'; the facade refactor-spaces always sends the host in the url: remove it, or",
        url=URL,
        host="keep",
    ),
    _on(
        "api-gateway",
        "a CA behind an HTTP API",
        f"{_LEGACY}.ca: used only on the platform local; remove it: on AWS, the certificate must be publicly trusted",
        url=URL,
        ca="services/users/some.pem",
    ),
    _on(
        "api-gateway",
        "a CA that is none, behind an HTTP API",
        f"{_LEGACY}.ca: used only on the platform local; remove it",
        url=URL,
        ca=["some.pem"],
    ),
    Bad(
        "nobody to say that there is nobody",
        (f"{C}default: found none; the facade api-gateway answers 503 through a load balancer of this stack, and",),
        {
            "facade": "api-gateway",
            "exclude": "monolith,posts,threads,users",
            "services": {"legacy": {"url": URL, "path": "/old"}},
            "default": "none",
        },
    ),
]
"""On AWS."""
