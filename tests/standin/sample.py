"""A small account to test rules on: a network, a balancer, a service behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.standin.driver import Driver
from tools.standin import actions, cloudwatch, ec2, ecr, ecs, elb, iam, security
from tools.standin.cloud import Object

TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
EXECUTION_POLICY: Final = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
DIGEST: Final = "sha256:" + "a" * 64
PORT: Final = 3000


@dataclass(frozen=True)
class Network:
    vpc: Object
    gateway: Object
    subnets: list[str]
    tables: list[Object]


def network(driver: Driver, name: str = "net", cidr: str = "10.1") -> Network:
    """A VPC with two public subnets."""
    vpc = driver.create(ec2.VPC, name, cidrBlock=f"{cidr}.0.0/16", enableDnsHostnames=True)
    gateway = driver.create(ec2.GATEWAY, name, vpcId=vpc.id)
    subnets: list[str] = []
    tables: list[Object] = []
    for number, zone in enumerate("ab"):
        subnet = driver.create(
            ec2.SUBNET,
            f"{name}-{zone}",
            vpcId=vpc.id,
            cidrBlock=f"{cidr}.{number}.0/24",
            availabilityZone=f"{driver.cloud.region}{zone}",
        )
        table = driver.create(ec2.ROUTE_TABLE, f"{name}-{zone}", vpcId=vpc.id)
        driver.create(
            ec2.ROUTE,
            f"{name}-{zone}",
            routeTableId=table.id,
            destinationCidrBlock="0.0.0.0/0",
            gatewayId=gateway.id,
        )
        driver.create(ec2.ASSOCIATION, f"{name}-{zone}", routeTableId=table.id, subnetId=subnet.id)
        subnets.append(subnet.id)
        tables.append(table)
    return Network(vpc, gateway, subnets, tables)


@dataclass(frozen=True)
class Front:
    """A balancer with a listener that answers 503, and the groups of the balancer and of the tasks behind it."""

    network: Network
    balancer: Object
    listener: Object
    balancer_group: Object
    task_group: Object
    cluster: Object


def front(driver: Driver, net: Network, name: str = "front", *, internal: bool = False) -> Front:
    balancer_group = driver.create(security.GROUP, f"{name}-lb", vpcId=net.vpc.id)
    task_group = driver.create(security.GROUP, f"{name}-task", vpcId=net.vpc.id)
    everywhere = "0.0.0.0/0"
    rules: list[tuple[str, str, dict[str, Any]]] = [
        (
            "lb-in",
            security.INGRESS,
            {"securityGroupId": balancer_group.id, "fromPort": 80, "toPort": 80, "cidrIpv4": everywhere},
        ),
        (
            "lb-out",
            security.EGRESS,
            {"securityGroupId": balancer_group.id, **_ports(PORT), "referencedSecurityGroupId": task_group.id},
        ),
        (
            "task-in",
            security.INGRESS,
            {"securityGroupId": task_group.id, **_ports(PORT), "referencedSecurityGroupId": balancer_group.id},
        ),
        ("task-out", security.EGRESS, {"securityGroupId": task_group.id, **_ports(443), "cidrIpv4": everywhere}),
    ]
    for suffix, token, inputs in rules:
        driver.create(token, f"{name}-{suffix}", ipProtocol="tcp", **inputs)
    balancer = driver.create(
        elb.BALANCER, name, subnets=net.subnets, securityGroups=[balancer_group.id], internal=internal
    )
    listener = driver.create(
        elb.LISTENER,
        name,
        loadBalancerArn=balancer.id,
        port=80,
        protocol="HTTP",
        defaultActions=[fixed(503)],
    )
    cluster = driver.create(ecs.CLUSTER, name)
    return Front(net, balancer, listener, balancer_group, task_group, cluster)


def _ports(port: int) -> dict[str, int]:
    return {"fromPort": port, "toPort": port}


def fixed(code: int) -> dict[str, Any]:
    """A default action that answers by itself."""
    return {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": str(code)}}


def forward(*weighted: tuple[str, int]) -> dict[str, Any]:
    """An action that forwards to target groups by weight."""
    groups = [{"arn": arn, "weight": weight} for arn, weight in weighted]
    return {"type": "forward", "forward": {"targetGroups": groups}}


def target_group(driver: Driver, front: Front, name: str) -> Object:
    return driver.create(
        actions.TARGET_GROUP, name, port=PORT, protocol="HTTP", targetType="ip", vpcId=front.network.vpc.id
    )


def rule(driver: Driver, front: Front, name: str, priority: int, action: dict[str, Any], *paths: str) -> Object:
    return driver.create(
        elb.RULE,
        name,
        listenerArn=front.listener.id,
        priority=priority,
        actions=[action],
        conditions=[{"pathPattern": {"values": list(paths)}}],
    )


def role(driver: Driver, name: str) -> Object:
    """An execution role."""
    made = driver.create(iam.ROLE, name, assumeRolePolicy=TRUST)
    driver.create(iam.ATTACHMENT, name, role=made["name"], policyArn=EXECUTION_POLICY)
    return made


def repository(driver: Driver, name: str) -> Object:
    """A repository with an image in it."""
    made = driver.create(ecr.REPOSITORY, name, forceDelete=True)
    ecr.push(driver.cloud, made["repositoryUrl"], DIGEST)
    return made


def definitions(image: str, log_group: str, **changes: Any) -> str:
    container: dict[str, Any] = {
        "name": "web",
        "image": image,
        "essential": True,
        "portMappings": [{"containerPort": PORT, "protocol": "tcp", "name": "web"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": log_group, "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"},
        },
        **changes,
    }
    return json.dumps([container])


def task_definition(driver: Driver, name: str, *, image: str | None = None, **changes: Any) -> Object:
    """A task definition with all that it needs."""
    found = [item for item in driver.cloud.of(ecr.REPOSITORY) if item.name == name]
    repo = found[0] if found else repository(driver, name)
    roles = [item for item in driver.cloud.of(iam.ROLE) if item.name == name]
    execution = roles[0] if roles else role(driver, name)
    groups = [group for group in driver.cloud.of(cloudwatch.LOG_GROUP) if group.name == name]
    logs = groups[0] if groups else driver.create(cloudwatch.LOG_GROUP, name)
    inputs: dict[str, Any] = {
        "family": name,
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "executionRoleArn": execution["arn"],
        "containerDefinitions": definitions(image or f"{repo['repositoryUrl']}@{DIGEST}", logs["name"]),
        **changes,
    }
    return driver.create(ecs.TASK_DEFINITION, name, **inputs)


def service(driver: Driver, front: Front, name: str, group: Object, definition: Object, **changes: Any) -> Object:
    """An ECS service behind a target group, with a circuit breaker."""
    inputs: dict[str, Any] = {
        "cluster": front.cluster.id,
        "taskDefinition": definition["arn"],
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "subnets": front.network.subnets,
            "securityGroups": [front.task_group.id],
            "assignPublicIp": True,
        },
        "loadBalancers": [{"targetGroupArn": group["arn"], "containerName": "web", "containerPort": PORT}],
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "waitForSteadyState": True,
        **changes,
    }
    return driver.create(ecs.SERVICE, name, **inputs)


def web(driver: Driver, front: Front, name: str, priority: int, *paths: str) -> Object:
    """A whole service: target group, rule, task definition, service."""
    group = target_group(driver, front, name)
    rule(driver, front, name, priority, forward((group["arn"], 1)), *paths)
    return service(driver, front, name, group, task_definition(driver, name))


def named(driver: Driver, front: Front, name: str, priority: int) -> str:
    """A whole service whose container has its name, so that its answers tell who it is; the ARN of its target group."""
    group = target_group(driver, front, name)
    rule(driver, front, name, priority, forward((group["arn"], 1)), "/*")
    execution, repo, logs = role(driver, name), repository(driver, name), driver.create(cloudwatch.LOG_GROUP, name)
    text = definitions(f"{repo['repositoryUrl']}@{DIGEST}", logs["name"], name=name)
    definition = task_definition(driver, name, executionRoleArn=execution["arn"], containerDefinitions=text)
    target = {"targetGroupArn": group["arn"], "containerName": name, "containerPort": PORT}
    service(driver, front, name, group, definition, loadBalancers=[target])
    return str(group["arn"])
