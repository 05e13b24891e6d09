"""Two services in networks of their own behind Refactor Spaces, in plain Pulumi.

Config: `active` makes the route of `users`, `state` is its activation state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as native
import pulumi_awsx as awsx
import pulumi_docker as docker

PORT = 3000
CONFIG = pulumi.Config()
PROVIDER = aws.Provider("tagged", region="eu-west-1", default_tags={"tags": {"application": "standin"}})
OPTIONS = pulumi.ResourceOptions(provider=PROVIDER)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
EXPIRE_UNTAGGED = {
    "rulePriority": 1,
    "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 1,
    },
    "action": {"type": "expire"},
}


@dataclass(frozen=True)
class Network:
    vpc: awsx.ec2.Vpc
    balancer_group: aws.ec2.SecurityGroup
    task_group: aws.ec2.SecurityGroup
    rules: list[pulumi.Resource]


def network(name: str, cidr: str) -> Network:
    """A network without NAT, and the groups of a balancer and of the tasks behind it."""
    vpc = awsx.ec2.Vpc(
        name,
        cidr_block=cidr,
        number_of_availability_zones=2,
        nat_gateways={"strategy": awsx.ec2.NatGatewayStrategy.NONE},
        enable_dns_hostnames=True,
        opts=pulumi.ResourceOptions(providers=[PROVIDER]),
    )
    balancer = aws.ec2.SecurityGroup(f"{name}-lb", vpc_id=vpc.vpc_id, description="balancer", opts=OPTIONS)
    task = aws.ec2.SecurityGroup(f"{name}-task", vpc_id=vpc.vpc_id, description="tasks", opts=OPTIONS)
    rules: list[pulumi.Resource] = [
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-lb-in",
            security_group_id=balancer.id,
            ip_protocol="tcp",
            from_port=80,
            to_port=80,
            cidr_ipv4="0.0.0.0/0",
            opts=OPTIONS,
        ),
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-lb-out",
            security_group_id=balancer.id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=task.id,
            opts=OPTIONS,
        ),
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-in",
            security_group_id=task.id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=balancer.id,
            opts=OPTIONS,
        ),
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-out", security_group_id=task.id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0", opts=OPTIONS
        ),
    ]
    return Network(vpc, balancer, task, rules)


def image(name: str) -> docker.Image:
    """An image in a repository of its own."""
    repository = aws.ecr.Repository(name, force_delete=True, opts=OPTIONS)
    aws.ecr.LifecyclePolicy(
        name, repository=repository.name, policy=json.dumps({"rules": [EXPIRE_UNTAGGED]}), opts=OPTIONS
    )
    token = aws.ecr.get_authorization_token_output(opts=pulumi.InvokeOutputOptions(provider=PROVIDER))
    return docker.Image(
        name,
        image_name=pulumi.Output.concat(repository.repository_url, ":", name),
        build={"context": "app", "platform": "linux/amd64", "args": {"NAME": name}},
        registry={
            "server": repository.repository_url,
            "username": token.user_name,
            "password": token.password,
        },
    )


def task_definition(name: str) -> tuple[aws.ecs.TaskDefinition, pulumi.Resource]:
    """The task definition, and the right that its tasks need to start."""
    role = aws.iam.Role(name, assume_role_policy=json.dumps(TRUST), opts=OPTIONS)
    right = aws.iam.RolePolicyAttachment(
        name,
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        opts=OPTIONS,
    )
    logs = aws.cloudwatch.LogGroup(name, retention_in_days=30, opts=OPTIONS)
    container = {
        "name": name,
        "image": image(name).repo_digest,
        "essential": True,
        "portMappings": [{"containerPort": PORT, "hostPort": PORT, "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs.name,
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": name,
            },
        },
    }
    definition = aws.ecs.TaskDefinition(
        name,
        family=name,
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=role.arn,
        container_definitions=pulumi.Output.json_dumps([container]),
        opts=OPTIONS,
    )
    return definition, right


def discovery(name: str, net: Network) -> aws.servicediscovery.Service:
    namespace = aws.servicediscovery.PrivateDnsNamespace(name, name=f"{name}.local", vpc=net.vpc.vpc_id, opts=OPTIONS)
    return aws.servicediscovery.Service(
        name,
        name=name,
        dns_config={
            "namespace_id": namespace.id,
            "dns_records": [{"ttl": 10, "type": "A"}, {"ttl": 10, "type": "SRV"}],
            "routing_policy": "MULTIVALUE",
        },
        health_check_custom_config={"failure_threshold": 1},
        opts=OPTIONS,
    )


def service(name: str, net: Network) -> tuple[aws.lb.LoadBalancer, aws.ecs.Service]:
    """An ECS service behind a public balancer."""
    balancer = aws.lb.LoadBalancer(
        name,
        subnets=net.vpc.public_subnet_ids,
        security_groups=[net.balancer_group.id],
        opts=pulumi.ResourceOptions(provider=PROVIDER, depends_on=[net.vpc]),
    )
    listener = aws.lb.Listener(
        name,
        load_balancer_arn=balancer.arn,
        port=80,
        protocol="HTTP",
        default_actions=[
            {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "503"}}
        ],
        opts=OPTIONS,
    )
    group = aws.lb.TargetGroup(
        name,
        port=PORT,
        protocol="HTTP",
        target_type="ip",
        vpc_id=net.vpc.vpc_id,
        deregistration_delay=60,
        health_check={"path": "/", "interval": 10, "timeout": 5, "healthy_threshold": 2, "matcher": "200"},
        opts=OPTIONS,
    )
    rule = aws.lb.ListenerRule(
        name,
        listener_arn=listener.arn,
        priority=1,
        actions=[{"type": "forward", "target_group_arn": group.arn}],
        conditions=[{"path_pattern": {"values": ["/*"]}}],
        opts=OPTIONS,
    )
    cluster = aws.ecs.Cluster(name, opts=OPTIONS)
    definition, right = task_definition(name)
    made = aws.ecs.Service(
        name,
        cluster=cluster.arn,
        task_definition=definition.arn,
        desired_count=1,
        launch_type="FARGATE",
        network_configuration={
            "subnets": net.vpc.public_subnet_ids,
            "security_groups": [net.task_group.id],
            "assign_public_ip": True,
        },
        load_balancers=[{"target_group_arn": group.arn, "container_name": name, "container_port": PORT}],
        service_registries={"registry_arn": discovery(name, net).arn, "port": PORT},
        deployment_circuit_breaker={"enable": True, "rollback": True},
        wait_for_steady_state=True,
        opts=pulumi.ResourceOptions(provider=PROVIDER, depends_on=[rule, right, net.vpc, *net.rules]),
    )
    return balancer, made


monolith_network = network("monolith", "10.1.0.0/16")
environment = native.refactorspaces.Environment(
    "facade", network_fabric_type=native.refactorspaces.EnvironmentNetworkFabricType.NONE
)
application = native.refactorspaces.Application(
    "facade",
    environment_identifier=environment.environment_identifier,
    vpc_id=monolith_network.vpc.vpc_id,
    proxy_type=native.refactorspaces.ApplicationProxyType.API_GATEWAY,
    opts=pulumi.ResourceOptions(depends_on=[monolith_network.vpc]),
)


def facade_service(name: str, net: Network) -> native.refactorspaces.Service:
    """What Refactor Spaces knows of a service: the URL of its balancer."""
    balancer, made = service(name, net)
    return native.refactorspaces.Service(
        name,
        environment_identifier=environment.environment_identifier,
        application_identifier=application.application_identifier,
        endpoint_type=native.refactorspaces.ServiceEndpointType.URL,
        url_endpoint={"url": pulumi.Output.concat("http://", balancer.dns_name)},
        opts=pulumi.ResourceOptions(depends_on=[made]),
    )


monolith = facade_service("monolith", monolith_network)
users = facade_service("users", network("users", "10.2.0.0/16"))
default = native.refactorspaces.Route(
    "default",
    environment_identifier=environment.environment_identifier,
    application_identifier=application.application_identifier,
    service_identifier=monolith.service_identifier,
    route_type=native.refactorspaces.RouteType.DEFAULT,
)
if CONFIG.get_bool("active"):
    native.refactorspaces.Route(
        "users",
        environment_identifier=environment.environment_identifier,
        application_identifier=application.application_identifier,
        service_identifier=users.service_identifier,
        route_type=native.refactorspaces.RouteType.URI_PATH,
        uri_path_route={
            "source_path": "/api/users",
            "activation_state": native.refactorspaces.RouteActivationState(CONFIG.get("state") or "ACTIVE"),
            "include_child_paths": True,
            "append_source_path": True,
        },
        opts=pulumi.ResourceOptions(depends_on=[default]),
    )
pulumi.export("url", application.proxy_url)
