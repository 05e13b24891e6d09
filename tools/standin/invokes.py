"""Look-ups: what a program may ask the account."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Final

from tools.standin import ec2, ecr, ecs, security
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import AwsError, Cloud, Object
from tools.standin.kinds import Settings
from tools.standin.values import Props, rows, secret

_Answer = Callable[[Cloud, Settings, Props], Props]


def answer(cloud: Cloud, settings: Settings, token: str, arguments: Props) -> Props:
    """The answer to an invoke, or an `AwsError`."""
    found = _ANSWERS.get(token)
    if found is None:
        raise AwsError("", f"{token}: the stand-in doesn't know this look-up; add it to tools/standin/invokes.py")
    return found(cloud, settings, arguments)


def _region(_cloud: Cloud, settings: Settings, _arguments: Props) -> Props:
    region = settings.region
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _caller(cloud: Cloud, _settings: Settings, _arguments: Props) -> Props:
    return {
        "id": cloud.account,
        "accountId": cloud.account,
        "arn": f"arn:aws:iam::{cloud.account}:user/stand-in",
        "userId": "AIDASTANDIN",
    }


def _partition(_cloud: Cloud, _settings: Settings, _arguments: Props) -> Props:
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def _zones(cloud: Cloud, settings: Settings, _arguments: Props) -> Props:
    names = [f"{settings.region}{letter}" for letter in cloud.zones]
    return {
        "id": settings.region,
        "names": names,
        "zoneIds": [f"az{letter}" for letter in cloud.zones],
        "groupNames": [],
    }


def _found(cloud: Cloud, token: str, identifier: Any, made_up: Props, what: str) -> Props:
    current: Object | None = cloud.snapshot.get(token, str(identifier))
    if current is not None:
        return {**current.attributes, "id": current.id}
    if cloud.lenient and identifier:
        return made_up
    raise AwsError("InvalidParameter", f"no matching {what} found: {identifier}")


def _vpc(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    identifier = arguments.get("id")
    made_up = {"id": identifier, "cidrBlock": "10.255.0.0/16", "default": False, "enableDnsSupport": True}
    return _found(cloud, ec2.VPC, identifier, made_up, "EC2 VPC")


def _subnet(cloud: Cloud, settings: Settings, arguments: Props) -> Props:
    identifier = arguments.get("id")
    zone = cloud.zones[sum(str(identifier).encode()) % len(cloud.zones)]
    made_up = {"id": identifier, "vpcId": "vpc-00000000000000000", "availabilityZone": f"{settings.region}{zone}"}
    return _found(cloud, ec2.SUBNET, identifier, made_up, "EC2 Subnet")


def _subnets(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    wanted = [
        str(value)
        for item in rows(arguments.get("filters"))
        if item.get("name") == "vpc-id"
        for value in item.get("values", [])
    ]
    found = [subnet.id for subnet in cloud.of(ec2.SUBNET) if not wanted or subnet["vpcId"] in wanted]
    return {"id": cloud.region, "ids": found}


def _security_group(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    identifier = arguments.get("id")
    return _found(cloud, security.GROUP, identifier, {"id": identifier, "name": "made-up"}, "EC2 Security Group")


def _token(cloud: Cloud, settings: Settings, _arguments: Props) -> Props:
    host = ecr.registry(cloud, settings.region)
    password = cloud.registry_password
    return {
        "id": settings.region,
        "authorizationToken": secret(base64.b64encode(f"AWS:{password}".encode()).decode()),
        "expiresAt": "2026-01-01T12:00:00Z",
        "password": secret(password),
        "proxyEndpoint": f"https://{host}",
        "userName": "AWS",
    }


def _credentials(cloud: Cloud, settings: Settings, _arguments: Props) -> Props:
    text = base64.b64encode(f"AWS:{cloud.registry_password}".encode()).decode()
    host = ecr.registry(cloud, settings.region)
    return {"id": host, "authorizationToken": secret(text), "proxyEndpoint": f"https://{host}", "expiresAt": ""}


def _policy_document(_cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    statements = [_statement(statement) for statement in rows(arguments.get("statements"))]
    text = json.dumps({"Version": arguments.get("version") or "2012-10-17", "Statement": statements})
    return {"id": str(len(text)), "json": text, "minifiedJson": text}


def _statement(statement: Props) -> Props:
    found: Props = {"Effect": statement.get("effect") or "Allow"}
    for name, key in (("sid", "Sid"), ("actions", "Action"), ("notActions", "NotAction"), ("resources", "Resource")):
        if statement.get(name):
            found[key] = statement[name]
    for principal in rows(statement.get("principals")):
        found.setdefault("Principal", {})[principal["type"]] = principal["identifiers"]
    for condition in rows(statement.get("conditions")):
        found.setdefault("Condition", {}).setdefault(condition["test"], {})[condition["variable"]] = condition["values"]
    return found


def _ecs_service(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    """An ECS service by its cluster and name (terraform-provider-aws, service_data_source.go)."""
    cluster, name = str(arguments.get("clusterArn")), str(arguments.get("serviceName"))
    found = next(
        (service for service in cloud.of(ecs.SERVICE) if (service["cluster"], service["name"]) == (cluster, name)), None
    )
    if found is None:
        raise AwsError("", "no matching ECS Service found")
    told = ("arn", "desiredCount", "launchType", "taskDefinition", "tags")
    return {"id": found.id, "clusterArn": cluster, "serviceName": name, **{key: found[key] for key in told}}


def _target_group(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    """A target group that isn't the program's; on nobody's account, one of the only network that there is."""
    arn = str(arguments.get("arn"))
    networks = [vpc.id for vpc in cloud.of(ec2.VPC)]
    made_up: Props = {
        "id": arn,
        "arn": arn,
        "name": arn.split("/")[-2] if arn.count("/") > 1 else arn,
        "protocol": "HTTP",
        "targetType": "instance",
        "vpcId": networks[0] if networks else "",
        "loadBalancerArns": [],
    }
    return _found(cloud, TARGET_GROUP, arn, made_up, "ELBv2 Target Group")


def _named(token: str) -> _Answer:
    def look(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
        wanted = arguments.get("name") or arguments.get("arn")
        current = next(
            (resource for resource in cloud.of(token) if wanted in (resource["name"], resource["arn"])), None
        )
        if current is not None:
            return {**current.attributes, "id": current.id}
        if cloud.lenient and wanted:
            return {"id": wanted, "name": wanted, "arn": wanted}
        raise AwsError("ParameterNotFound", f"{token.rpartition(':')[2]} {wanted} was not found")

    return look


_ANSWERS: Final[dict[str, _Answer]] = {
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getSecurityGroup:getSecurityGroup": _security_group,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _token,
    "aws:ecs/getService:getService": _ecs_service,
    "aws:ecr/getCredentials:getCredentials": _credentials,
    "aws:lb/getTargetGroup:getTargetGroup": _target_group,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:ssm/getParameter:getParameter": _named("aws:ssm/parameter:Parameter"),
    "aws:secretsmanager/getSecret:getSecret": _named("aws:secretsmanager/secret:Secret"),
    "aws-native:index:getRegion": _region,
    "aws-native:index:getAccountId": _caller,
    "aws-native:index:getPartition": _partition,
}
