"""Bad input for rules in a load balancer that stands already."""

from tests.projects import Tree, manifest
from tests.pure.bad import Bad, C
from tests.pure.bad_external import GROUP

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/fedcba9876543210"
BALANCER = ARN.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
_IDS = ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]
VPC: Tree = {"vpc": {"id": "vpc-0a1b2c3d", "publicSubnets": _IDS, "privateSubnets": _IDS}}
ON: Tree = {"facade": "alb", "environments": {"shared": VPC}, "facadeSettings": {"alb": {"listener": ARN}}}
_AT = f"{C}facadeSettings.alb"


def alb(what: str, key: str, value: object, *says: str, **more: object) -> Bad:
    """A mistake in a key of the facade, beside a listener."""
    settings: Tree = {"alb": {"listener": ARN, key: value, **more}}
    return Bad(what, (f"{_AT}.{key}", *says), {**ON, "facadeSettings": settings})


def beside(what: str, key: str, value: object, *says: str, **manifests: Tree) -> Bad:
    """A mistake elsewhere in the config, or in a manifest."""
    return Bad(what, says, {**ON, key: value} if key else ON, {**manifests})


ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/own/01234567-89ab-cdef-0123-456789abcdef"
_OTHERS = "give one of an Application Load Balancer: others don't support rules"

CASES = [
    Bad(
        "a listener that is a name, and no network of its own",
        (f"{_AT}.listener: found 'shop'; give a listener's ARN",),
        {"facade": "alb", "facadeSettings": {"alb": {"listener": "shop"}}},
    ),
    alb("a listener that is a name", "listener", "shop", "found 'shop'; give a listener's ARN, arn:aws:elasticload"),
    alb("a listener that is a number", "listener", 443, "found 443; give a listener's ARN"),
    alb("a listener that is a map", "listener", {"arn": ARN}, "give a listener's ARN"),
    alb(
        "the ARN of a rule for a listener",
        "listener",
        ARN.replace(":listener/", ":listener-rule/") + "/0011223344556677",
        f"the ARN of a rule; give its listener's, {ARN}",
    ),
    alb(
        "the ARN of a load balancer for a listener",
        "listener",
        BALANCER,
        "the ARN of a load balancer; give that of one of its listeners: aws elbv2 describe-listeners",
    ),
    alb(
        "a network load balancer's listener",
        "listener",
        ARN.replace("/app/", "/net/"),
        f"the ARN of a network load balancer's listener; {_OTHERS}",
    ),
    alb(
        "a gateway load balancer's listener",
        "listener",
        ARN.replace("/app/", "/gwy/"),
        f"the ARN of a gateway load balancer's listener; {_OTHERS}",
    ),
    alb(
        "a classic load balancer",
        "listener",
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/shop",
        f"the ARN of a Classic Load Balancer; {_OTHERS}",
    ),
    alb("a target group for a listener", "listener", BALANCER.replace(":loadbalancer/app", ":targetgroup"), "give a l"),
    alb("priorities that are one", "listenerPriorities", "20000", "found '20000'; give two priorities from 1 to 50000"),
    alb(
        "priorities that are a number", "listenerPriorities", 20000, "found 20000; give two priorities from 1 to 50000"
    ),
    alb("priorities that are a list", "listenerPriorities", [1, 5000], "give two priorities from 1 to 50000"),
    alb("priorities the wrong way round", "listenerPriorities", "29999-20000", "29999 comes after 20000; write 20000-"),
    alb("priorities over the last one", "listenerPriorities", "49000-50001", "found '49000-50001'; give two priorit"),
    alb("priorities from 0", "listenerPriorities", "0-9999", "found '0-9999'; give two priorities from 1 to 50000"),
    alb("too few priorities", "listenerPriorities", "100-299", "200 priorities; give 1000 or more, so that rules keep"),
    alb("rules of others that are a word", "listenerRules", "many", "found 'many'; give a whole number from 0"),
    alb("an own load balancer that is a word", "ownLoadBalancer", "later", "found 'later'; give true or false"),
    alb(
        "a web ACL for a listener of theirs",
        "webAcl",
        ACL,
        "Strangler doesn't manage this load balancer; associate",
    ),
    alb(
        "a zone for the name of a listener of theirs",
        "domain",
        {"name": "www.example.com", "hostedZone": "Z0123456789ABC"},
        ".hostedZone: a name for a load balancer that Strangler doesn't manage;",
    ),
    alb(
        "two names of a listener of theirs",
        "domain",
        [{"name": "www.example.com"}, {"name": "app.example.com"}],
        "2 names for a load balancer that Strangler doesn't manage; give only the one to",
    ),
    Bad(
        "priorities without a listener",
        (f"{_AT}.listenerPriorities: no listener; give listener, the ARN of the existing one",),
        {"facade": "api-gateway", "facadeSettings": {"alb": {"listenerPriorities": "1-5000"}}},
    ),
    Bad(
        "a load balancer of our own beside none of theirs",
        (f"{_AT}.ownLoadBalancer: no listener; give listener",),
        {"facade": "api-gateway", "facadeSettings": {"alb": {"ownLoadBalancer": True}}},
    ),
    Bad(
        "a listener for another facade",
        (f"{C}facadeSettings.api-gateway.listener: api-gateway has no load balancer rules; write it under",),
        {"facade": "api-gateway", "facadeSettings": {"api-gateway": {"listener": ARN}}},
    ),
    beside(
        "no default beside a listener of theirs",
        "default",
        "none",
        (
            f"{C}default: 'none' together with facadeSettings.alb.listener; remove it, or write listener: its "
            "default action"
        ),
    ),
    beside(
        "a service as default beside a listener of theirs",
        "default",
        "monolith",
        f"{C}default: 'monolith' together with facadeSettings.alb.listener; remove it, or write listener",
    ),
    beside(
        "no network for a listener of theirs",
        "environments",
        {},
        (f"{C}environments.shared.vpc: missing; required with facadeSettings.alb.listener; give {{id, public"),
        BALANCER,
    ),
    beside(
        "a load balancer that is to be internal and is theirs",
        "environments",
        {"shared": {**VPC, "loadBalancer": "internal"}},
        f"{C}environments.shared.loadBalancer: loadBalancer for a load balancer that Strangler doesn't manage; set",
    ),
    beside(
        "access logs of a load balancer of theirs",
        "environments",
        {"shared": {**VPC, "accessLogs": True}},
        f"{C}environments.shared.accessLogs: accessLogs for a load balancer that Strangler doesn't manage; set",
    ),
    beside(
        "a service that is called as what a listener does itself",
        "",
        None,
        "services/listener/manifest.yml: name: a service named listener, the word for the default action of",
        listener=manifest("listener"),
    ),
    beside(
        "http2 behind a load balancer of theirs",
        "",
        None,
        (
            "services/users/manifest.yml: http.version: http2 behind a load balancer that Strangler doesn't manage; "
            "write http1"
        ),
        users=manifest("users", http={"path": "api/users", "version": "http2", "alias": "users.example.com"}),
    ),
    beside(
        "a zone for an alias on a load balancer of theirs",
        "",
        None,
        "services/users/manifest.yml: http.alias",
        "a hosted zone for users.example.com, whose load balancer Strangler doesn't manage; give only",
        users=manifest(
            "users",
            http={"path": "api/users", "alias": [{"name": "users.example.com", "hosted_zone": "Z0123456789ABC"}]},
        ),
    ),
    beside(
        "a URL behind a load balancer of theirs",
        "services",
        {"legacy": {"url": "https://legacy.example.com"}},
        f"{C}services.legacy.url: a URL; the facade listener sends requests to a target group or a Lambda function:",
    ),
    Bad(
        "a target group for a load balancer of theirs and one of ours",
        (f"{C}services.legacy.targetGroup: a target group used by two load balancers: listener, alb; AWS",),
        {
            **ON,
            "default": "shop",
            "facadeSettings": {"alb": {"listener": ARN, "ownLoadBalancer": True}},
            "services": {"legacy": {"targetGroup": GROUP}},
        },
        {"shop": manifest("shop", "/")},
    ),
    beside(
        "a path of 14 segments beside testers in a listener of theirs",
        "routes",
        {
            "users": {"testers": {"header": {"name": "X-Preview", "value": "users"}}},
            "deep": {"path": "/a" * 14, "service": "users"},
        },
        f"{C}routes.deep: a path with 14 segments together with testers; in an existing listener, testers use its",
    ),
]
