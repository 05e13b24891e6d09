"""Names that AWS refuses, each with the property that the stand-in tells of, and the same kind that it takes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.standin.driver import Driver
from tools.standin import actions, dns, ecs, elb, s3, security, servicediscovery
from tools.standin.values import Props

CLUSTER: Props = {"cluster": "c", "taskDefinition": "t:1"}


def bucket(name: str) -> Props:
    return {"bucket": name}


def balancer(name: str = "front", **more: object) -> Props:
    return {"name": name, "subnets": ["subnet-1", "subnet-2"], **more}


def group(path: str) -> Props:
    health = {"path": path, "protocol": "HTTP"}
    return {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "targetType": "ip", "healthCheck": health}


def rule(host: str) -> Props:
    return {
        "listenerArn": "arn",
        "priority": 1,
        "actions": [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}],
        "conditions": [{"hostHeader": {"values": [host]}}],
    }


def namespace(name: str) -> Props:
    return {"name": name, "vpc": "vpc-1"}


def certificate(name: str) -> Props:
    return {"domainName": name, "validationMethod": "DNS"}


def connect(discovery: str = "users-sc", alias: str = "users") -> Props:
    service = {"portName": "target", "discoveryName": discovery, "clientAlias": [{"port": 80, "dnsName": alias}]}
    return {**CLUSTER, "serviceConnectConfiguration": {"enabled": True, "services": [service]}}


def task(**container: object) -> Props:
    found = {"name": "users", "image": "users", **container}
    return {
        "family": "users",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "volumes": [{"name": "data"}],
        "containerDefinitions": json.dumps([found]),
    }


def mount(path: str) -> Props:
    return task(mountPoints=[{"sourceVolume": "data", "containerPath": path}])


HOST = f"{'a' * 52}.example.com"

TAKEN: Mapping[str, tuple[str, Props]] = {
    "a load balancer": (elb.BALANCER, balancer("front-internal")),
    "a prefix of access logs": (elb.BALANCER, balancer(accessLogs={"bucket": "logs", "prefix": "dev/users"})),
    "a target group whose name begins as an internal load balancer's": (
        actions.TARGET_GROUP,
        {**group("/health?full=1"), "name": "internal-users"},
    ),
    "a host name in a rule": (elb.RULE, rule("users.example.com")),
    "a host name with wildcards in a rule": (elb.RULE, rule("*.example.*")),
    "a certificate of 64 octets": (dns.CERTIFICATE, certificate(HOST)),
    "a bucket": (s3.BUCKET, bucket("users.access-logs-1")),
    "a namespace": (servicediscovery.PRIVATE_DNS, namespace(f"{'a' * 63}.local")),
    "a name in Service Connect": (ecs.SERVICE, connect(alias="users.v1")),
    "a variable": (ecs.TASK_DEFINITION, task(environment=[{"name": "a.B-c", "value": "x"}])),
    "a mount": (ecs.TASK_DEFINITION, mount("/data")),
    "a security group": (security.GROUP, {"name": "users-sg", "vpcId": "vpc-1", "description": "Users, and (more)!"}),
}

REFUSED: Mapping[str, tuple[str, Props, str]] = {
    "a load balancer that begins with internal-": (elb.BALANCER, balancer("internal-users"), "name"),
    "a prefix with AWSLogs": (elb.BALANCER, balancer(accessLogs={"bucket": "b", "prefix": "AWSLogs/x"}), "accessLogs"),
    "a prefix with a slash at its end": (elb.BALANCER, balancer(accessLogs={"bucket": "b", "prefix": "x/"}), "access"),
    "a space in a health check's path": (actions.TARGET_GROUP, group("/a b"), "healthCheck.path"),
    "a health check's path in another script": (actions.TARGET_GROUP, group("/ü"), "healthCheck.path"),
    "a health check's path that is too long": (actions.TARGET_GROUP, group("/" + "a" * 1024), "healthCheck.path"),
    "digits behind the last dot of a host name": (elb.RULE, rule("users.xn--p1ai"), "conditions"),
    "a certificate of 65 octets": (dns.CERTIFICATE, certificate(f"a{HOST}"), "domainName"),
    "a bucket that is an address": (s3.BUCKET, bucket("192.168.5.4"), "bucket"),
    "a bucket with two dots": (s3.BUCKET, bucket("a..b"), "bucket"),
    "a bucket with a reserved beginning": (s3.BUCKET, bucket("sthree-a"), "bucket"),
    "a bucket with a reserved end": (s3.BUCKET, bucket("logs--x-s3"), "bucket"),
    "a long label in a namespace": (servicediscovery.PRIVATE_DNS, namespace(f"{'a' * 64}.local"), "name"),
    "an empty label in a namespace": (servicediscovery.PRIVATE_DNS, namespace("a..local"), "name"),
    "a capital in a discovery name": (ecs.SERVICE, connect("Users"), "serviceConnect"),
    "a long label in a name of Service Connect": (ecs.SERVICE, connect(alias="a" * 64), "serviceConnect"),
    "a hyphen before a name of Service Connect": (ecs.SERVICE, connect(alias="-a"), "serviceConnect"),
    "a dot in a container's name": (ecs.TASK_DEFINITION, task(name="users.v1"), "containerDefinitions[0].name"),
    "a capital in a port's name": (
        ecs.TASK_DEFINITION,
        task(portMappings=[{"containerPort": 80, "name": "Target"}]),
        "containerDefinitions[0].portMappings",
    ),
    "a variable with an equals sign": (
        ecs.TASK_DEFINITION,
        task(environment=[{"name": "A=B", "value": "x"}]),
        "containerDefinitions[0].environment",
    ),
    "a variable without a name": (
        ecs.TASK_DEFINITION,
        task(environment=[{"name": "", "value": "x"}]),
        "containerDefinitions[0].environment",
    ),
    "a mount that isn't absolute": (ecs.TASK_DEFINITION, mount("data"), "containerDefinitions[0].mountPoints"),
    "a mount in the place of everything": (ecs.TASK_DEFINITION, mount("/"), "containerDefinitions[0].mountPoints"),
    "a security group that begins with sg-": (security.GROUP, {"name": "sg-users", "vpcId": "vpc-1"}, "name"),
    "a description with a quotation mark": (security.GROUP, {"description": "'x'", "vpcId": "vpc-1"}, "description"),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_name_that_aws_takes_is_taken(what: str) -> None:
    token, inputs = TAKEN[what]
    assert Driver().problems(token, "x", **inputs) == []


@pytest.mark.parametrize("what", REFUSED)
def test_a_name_that_aws_refuses_is_reported(what: str) -> None:
    token, inputs, path = REFUSED[what]
    problems = Driver().problems(token, "x", **inputs)
    assert problems
    assert all(problem.startswith(path) for problem in problems)


def test_a_refusal_names_the_property_alone() -> None:
    found: list[Any] = Driver().problems(s3.BUCKET, "x", bucket="a..b")
    assert found == ["bucket is 'a..b'; accepted: no two dots side by side, and no address"]
