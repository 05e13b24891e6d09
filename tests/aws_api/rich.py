"""A stack that uses what there is, and what becomes of it: each stage is a change of the one before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.projects import DIGEST, Tree, manifest
from tests.standin import private_balancer, sample
from tests.standin.driver import Driver
from tests.standin.test_waf import web_acl
from tools.standin import dns
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Cloud

Stage = tuple[Mapping[str, Tree], Tree]
"""Manifests and config."""

DOMAIN = "example.com"


@dataclass(frozen=True)
class Surroundings:
    """What is there before: the id of a hosted zone, the ARNs of an issued certificate and of a web ACL."""

    zone: str
    certificate: str
    web_acl: str
    group: str
    """ARN of a target group that isn't ours."""
    function: str
    """ARN of a Lambda function."""
    listener: str
    """ARN of a listener that isn't ours, of a load balancer that is called from inside of its network."""


def surroundings(cloud: Cloud) -> Surroundings:
    cloud.vpc_quota += 1  # the network of that load balancer
    driver = Driver(cloud)
    zone = driver.create(dns.ZONE, "example", name=DOMAIN)
    certificate = driver.create(dns.CERTIFICATE, "own", domainName=f"*.{DOMAIN}", validationMethod="DNS")
    cloud.change(certificate, issued=True)
    group = driver.create(TARGET_GROUP, "legacy", targetType="lambda")
    function = cloud.arn("lambda", "function:legacy")
    network = sample.network(driver)
    keys = {"port": 80, "protocol": "HTTP", "vpcId": network.vpc.id, "targetType": "ip"}
    behind = private_balancer.stood(driver, network, driver.create(TARGET_GROUP, "private", **keys))
    acl = web_acl(driver, "own")
    return Surroundings(zone.id, str(certificate["arn"]), acl, group.id, function, behind.listener.id)


def stages(found: Surroundings, facade: str) -> Iterator[Stage]:
    """The stack on a facade, and its changes: other values, other routes, and nothing of it all but the services."""
    weights = facade == "alb"  # no other facade has them
    settings = facade_settings(facade, found)
    environments = dict.fromkeys(("shared",) if "alb" in facade else ("posts", "users"), ENVIRONMENT)
    common: Tree = {"facadeSettings": settings, "environments": environments, "dashboard": True}
    # An account has five networks.
    placed: Tree = {"stock": {"environment": "shared" if "alb" in facade else "users"}}
    common["services"] = {**elsewhere(facade, found), **placed}
    yield services(found.zone), {**common, "routes": routes(25 if weights else 100), "alarms": ALARMS}
    changed = services(found.zone)
    changed["users"] |= CHANGES
    changed["posts"] |= {"count": 3, "cpu": 512, "memory": 1024}
    changed["stock"] |= {"http": {"path": "stock", "deregistration_delay": "10s"}}
    changed["nightly"] |= {"on": {"schedule": "none"}, "retries": 0}
    yield changed, {**common, "routes": routes(50 if weights else 0), "alarms": {**ALARMS, "errors": 10}}
    plain = {
        name: manifest(name, "/" if name == "monolith" else None)
        for name in changed
        if name not in ("nightly", "stock", "worker")
    }
    # Nothing leads to it any more.
    plain["stock"] = {key: changed["stock"][key] for key in ("name", "type", "image")}
    # Its topics are gone, and its own queue is left.
    plain["worker"] = {key: changed["worker"][key] for key in ("name", "type", "image")}
    yield plain, {"environments": environments, "services": placed}


def elsewhere(facade: str, found: Surroundings) -> Tree:
    """Services that run elsewhere."""
    if "alb" in facade:
        return {"legacy": {"targetGroup": found.group, "path": "/legacy"}, "old": {"lambda": found.function}}
    legacy: Tree = {"url": f"https://legacy.{DOMAIN}", "path": "/legacy", "check": False}
    old: Tree = {"lambda": found.function}
    if "api-gateway" not in facade:
        return {"legacy": legacy, "old": old}
    private = {"listener": found.listener, "serverName": private_balancer.HOST, "path": "/private", "check": False}
    return {"legacy": {**legacy, "host": "keep"}, "old": old, "private": private}


ALARMS: Tree = {"email": "ops@example.com", "latency": "800ms"}
ENVIRONMENT: Tree = {"accessLogs": True, "nat": "single", "containerInsights": True}


def facade_settings(facade: str, found: Surroundings) -> Tree:
    settings: Tree = {}
    if "api-gateway" in facade:
        settings["api-gateway"] = {
            "throttling": {"rate": 100, "burst": 200},
            "accessLog": {"days": 7},
            "domain": {"name": f"api.{DOMAIN}", "certificate": found.certificate},
            "timeout": "10s",
        }
    if "alb" in facade:
        names = [
            {"name": f"www.{DOMAIN}", "hostedZone": found.zone},
            {"name": f"app.{DOMAIN}", "certificate": found.certificate},
        ]
        settings["alb"] = {"stickiness": "1h", "domain": names, "webAcl": found.web_acl}
    return settings


def routes(share: int) -> Tree:
    return {
        "users": {"path": "/api/users", "methods": ["GET", "POST"], "weight": share},
        "posts": {"active": True},
        "comments": {"path": "/api/articles/{slug}/comments", "service": "posts", "weight": share},
        "posts-admin": {"path": "/api/posts/admin", "service": "posts", "children": False, "active": share > 0},
    }


def services(zone: str) -> dict[str, Tree]:
    return {
        "monolith": manifest("monolith", "/", variables={"TITLE": "Board"}, storage={"ephemeral": 30}),
        "posts": manifest(
            "posts",
            count={"range": {"min": 1, "max": 5, "spot_from": 2}, "cpu_percentage": 60, "requests": 100},
            network={"connect": True, "vpc": {"placement": "private"}},
            platform="linux/arm64",
        ),
        "users": users(zone),
        "worker": {
            "name": "worker",
            "type": "Worker Service",
            "image": {"build": "services/worker/Dockerfile"},
            "count": {"range": "0-9", "queue_delay": {"acceptable_latency": "10m", "msg_processing_time": "250ms"}},
            "deployment": {"rollback_alarms": {"messages_delayed": 5}},
            "subscribe": {
                "topics": [
                    {"name": "products", "service": "users", "filter_policy": {"price": [{"numeric": [">=", 100]}]}},
                    {"name": "orders", "service": "users", "queue": {"fifo": {"high_throughput": True}}},
                ],
                "queue": {"dead_letter": {"tries": 5}, "retention": "96h", "delay": "30s", "timeout": "45s"},
            },
        },
        "stock": {
            "name": "stock",
            "type": "Backend Service",
            "image": {"build": "services/stock/Dockerfile", "port": 3000},
            "http": {
                "path": "/",
                "allowed_source_ips": ["10.0.0.0/8"],
                "additional_rules": [{"path": "admin", "target_port": 8081}],
            },
        },
        "nightly": {
            "name": "nightly",
            "type": "Scheduled Job",
            "image": {"build": "services/nightly/Dockerfile"},
            "on": {"schedule": "0 3 * * 1-5"},
            "retries": 2,
            "timeout": "1h30m",
        },
    }


def users(zone: str) -> Tree:
    alias = [{"name": f"users.{DOMAIN}", "hosted_zone": zone}]
    further = {"path": "admin", "target_port": 8081, "alias": [{"name": f"admin.{DOMAIN}", "hosted_zone": zone}]}
    return manifest(
        "users",
        http={
            "path": "api/users",
            "alias": alias,
            "additional_rules": [further],
            "healthcheck": {
                "path": "/",
                "success_codes": "200-299",
                "interval": "10s",
                "timeout": "5s",
                "healthy_threshold": 3,
                "unhealthy_threshold": 3,
                "grace_period": "90s",
            },
            "deregistration_delay": "30s",
        },
        nlb={"port": "443/tls", "target_port": 3000, "alias": [{"name": f"nlb.{DOMAIN}", "hosted_zone": zone}]},
        count={"range": "2-8", "memory_percentage": {"value": 70, "cooldown": {"in": "60s", "out": "30s"}}},
        exec=True,
        secrets={"TOKEN": "/board/token", "KEY": {"secretsmanager": "board/key"}},
        env_file="services/users/some.env",
        sidecars={
            "proxy": {"port": 8080, "image": {"build": "services/users/Dockerfile"}, "depends_on": {"users": "start"}},
            "setup": {"image": f"setup@{DIGEST}", "essential": False, "variables": {"A": "b"}},
        },
        logging={"retention": 7, "destination": {"Name": "http"}, "secretOptions": {"header": "/board/header"}},
        deployment={"rollback_alarms": {"cpu_utilization": 70, "memory_utilization": 80}},
        publish={"topics": [{"name": "products"}, {"name": "orders", "fifo": {"content_based_deduplication": True}}]},
        observability={"tracing": "awsxray"},
        storage={
            "ephemeral": 40,
            "readonly_fs": True,
            "volumes": {
                "data": {"path": "/data", "read_only": False, "efs": {"uid": 1000, "gid": 1000}},
                "scratch": {"path": "/scratch", "read_only": False},
            },
        },
        taskdef_overrides=[
            {"path": "ContainerDefinitions[0].Ulimits[-]", "value": {"Name": "nofile", "SoftLimit": 9, "HardLimit": 9}}
        ],
    )


CHANGES: Tree = {
    "count": {"range": "3-9", "memory_percentage": 80},
    "deployment": {"rolling": "recreate", "rollback_alarms": {"cpu_utilization": 75}},
    "exec": False,
    "logging": {"retention": 14},
    "variables": {"LEVEL": "debug"},
}
