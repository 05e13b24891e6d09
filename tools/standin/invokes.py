"""Look-ups: what a program may ask the account."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Final

from tools.standin import apigateway, ec2, ecr, ecs, elb, security, sns
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import AwsError, Cloud, Object
from tools.standin.kinds import Settings
from tools.standin.values import Props, rows, secret, table, texts

_PENDING: Final = "<from CloudFormation, known at up: {}>"
"""What a plan without an account shows in the place of a value of CloudFormation's (components/manifest/exports.py)."""

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
    found = _found(cloud, ec2.SUBNET, identifier, made_up, "EC2 Subnet")
    # As of a region such as eu-west-1: euw1-az2.
    area, direction, number = settings.region.split("-")
    place = "abcdefgh".index(str(found["availabilityZone"])[-1]) + 1
    return {"cidrBlock": "", **found, "availabilityZoneId": f"{area}{direction[0]}{number}-az{place}"}


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
    fields = ("arn", "desiredCount", "launchType", "taskDefinition", "tags")
    return {"id": found.id, "clusterArn": cluster, "serviceName": name, **{key: found[key] for key in fields}}


def _network_interfaces(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    """Those of VPC links, by security group: one in each subnet, and none once a link is INACTIVE (API Gateway
    developer guide, «Set up VPC links V2 in API Gateway»). What only a state knows has one too."""
    (wanted,) = (item["values"] for item in rows(arguments.get("filters")) if item.get("name") == "group-id")
    links = [link for link in cloud.of(apigateway.VPC_LINK) if set(wanted) & set(texts(link["securityGroupIds"]))]
    awake = [link for link in links if not link.hidden.get("inactive")]
    found = [f"eni-{link.id}-{subnet}" for link in awake for subnet in link["subnetIds"]]
    return {"id": cloud.region, "ids": found if links else ["<network interface>"]}


def _balancer(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    made_up = {
        "id": arguments.get("arn"),
        "dnsName": "<DNS name of the load balancer>",
        "zoneId": "<hosted zone of the load balancer>",
        "vpcId": "",
        "securityGroups": ["<security group of the load balancer>"],
    }
    return _found(cloud, elb.BALANCER, arguments.get("arn"), made_up, "ELBv2 Load Balancer")


def _listener(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    """A listener; its default actions have lists where those of the resource have one block (terraform-provider-aws,
    listener_data_source.go)."""
    group = {"arn": "<target group of the default action>", "weight": 1}
    made_up: Props = {
        "id": arguments.get("arn"),
        "port": 443,
        "protocol": "HTTPS",
        "defaultActions": [{"type": "forward", "order": 1, "forwards": [{"targetGroups": [group]}]}],
    }
    found = _found(cloud, elb.LISTENER, arguments.get("arn"), made_up, "ELBv2 Listener")
    actions = [_action(number, action) for number, action in enumerate(rows(found.get("defaultActions")), 1)]
    return {**found, "protocol": found.get("protocol") or "HTTP", "defaultActions": actions}


def _action(number: int, action: Props) -> Props:
    if "forwards" in action:
        return action
    forward = table(action.get("forward"))
    groups = [{"weight": 1, **group} for group in rows(forward.get("targetGroups"))]
    single = action.get("targetGroupArn")
    groups = groups or [{"arn": single, "weight": 1}] if single or groups else []
    kept = {name: action[name] for name in ("type", "targetGroupArn") if action.get(name)}
    return {"targetGroupArn": "", **kept, "order": number, "forwards": [{"targetGroups": groups}] if groups else []}


def _group_rules(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    wanted = [str(value) for item in rows(arguments.get("filters")) for value in item.get("values", [])]
    found = [rule.id for token in _GROUP_RULES for rule in cloud.of(token) if rule["securityGroupId"] in wanted]
    return {"id": cloud.region, "ids": found}


def _group_rule(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    identifier = str(arguments.get("securityGroupRuleId"))
    for token in _GROUP_RULES:
        if rule := cloud.snapshot.get(token, identifier):
            fields = ("securityGroupId", "ipProtocol", "cidrIpv4", "referencedSecurityGroupId")
            ports = {name: -1 if rule[name] is None else rule[name] for name in ("fromPort", "toPort")}
            own = {name: rule[name] or "" for name in fields}
            return {"id": rule.id, "isEgress": token == security.EGRESS, **own, **ports}
    raise AwsError("", "no matching VPC Security Group Rule found")


_GROUP_RULES: Final = (security.INGRESS, security.EGRESS)


def _rule(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    """A rule by its listener and priority (terraform-provider-aws, listener_rule_data_source.go)."""
    wanted = {"listenerArn": arguments.get("listenerArn"), "priority": arguments.get("priority")}
    found = next(iter(cloud.snapshot.where(elb.RULE, **wanted)), None)
    if found is None:
        raise AwsError("", "reading ELB (Elastic Load Balancing) Listener Rule Data Source: empty result")
    return {"id": found.id, "arn": found.id, "tags": found["tags"] or {}, **wanted}


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
    found = _found(cloud, TARGET_GROUP, arn, made_up, "ELBv2 Target Group")
    stickiness = {"enabled": False, "cookieDuration": 86400, **table(found.get("stickiness"))}
    return {**found, "stickiness": stickiness}


def _export(cloud: Cloud, settings: Settings, arguments: Props) -> Props:
    """An export by its name (terraform-provider-aws, cloudformation/export_data_source.go)."""
    name = str(arguments.get("name"))
    value = cloud.exports.get(name)
    if value is None and cloud.lenient:
        value = _PENDING.format(name)
    if value is None:
        raise AwsError("", f"{name} was not found in CloudFormation Exports for region {settings.region}")
    return {"id": f"cloudformation-exports-{settings.region}-{name}", "name": name, "value": value}


def _topic(cloud: Cloud, settings: Settings, arguments: Props) -> Props:
    """A topic by its name (terraform-provider-aws, sns/topic_data_source.go)."""
    name = str(arguments.get("name"))
    found = next((topic for topic in cloud.of(sns.TOPIC) if topic["name"] == name), None)
    if found is None and not cloud.lenient:
        raise AwsError("", f"reading SNS Topic ({name}): empty result")
    arn = found["arn"] if found else _PENDING.format(name)
    return {"id": arn, "arn": arn, "name": name, "region": settings.region, "tags": {}}


def _stack(cloud: Cloud, _settings: Settings, arguments: Props) -> Props:
    """A stack by its name, with its outputs (terraform-provider-aws, cloudformation/stack_data_source.go)."""
    name = str(arguments.get("name"))
    if name not in cloud.stacks and cloud.lenient:
        return {"id": name, "name": _PENDING.format(name), "outputs": {}, "tags": {}}
    if name not in cloud.stacks:
        raise AwsError("ValidationError", f"Stack with id {name} does not exist")
    return {"id": name, "name": name, "outputs": cloud.stacks[name], "tags": {}}


def _tagged(cloud: Cloud, settings: Settings, _arguments: Props) -> Props:
    """Stacks by their tags (Resource Groups Tagging API, GetResources)."""
    stacks = list(cloud.stacks) or (["made-up-AddonsStack-0"] if cloud.lenient else [])
    start = f"arn:aws:cloudformation:{settings.region}:{cloud.account}:stack"
    return {
        "id": "aws",
        "resourceTagMappingLists": [
            {"resourceArn": f"{start}/{name}/0a1b2c3d", "tags": {}, "complianceDetails": []} for name in stacks
        ],
    }


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
    "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": _network_interfaces,
    "aws:cloudformation/getExport:getExport": _export,
    "aws:cloudformation/getStack:getStack": _stack,
    "aws:resourcegroupstaggingapi/getResources:getResources": _tagged,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _token,
    "aws:ecs/getService:getService": _ecs_service,
    "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": _group_rules,
    "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": _group_rule,
    "aws:lb/getLoadBalancer:getLoadBalancer": _balancer,
    "aws:lb/getListener:getListener": _listener,
    "aws:lb/getListenerRule:getListenerRule": _rule,
    "aws:ecr/getCredentials:getCredentials": _credentials,
    "aws:lb/getTargetGroup:getTargetGroup": _target_group,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:sns/getTopic:getTopic": _topic,
    "aws:ssm/getParameter:getParameter": _named("aws:ssm/parameter:Parameter"),
    "aws:secretsmanager/getSecret:getSecret": _named("aws:secretsmanager/secret:Secret"),
    "aws-native:index:getRegion": _region,
    "aws-native:index:getAccountId": _caller,
    "aws-native:index:getPartition": _partition,
}
