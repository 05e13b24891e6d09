import pulumi
from pulumi_strangler import AlbFacade, Environment, FargateWebService

config = pulumi.Config()
environment = Environment(
    "shop",
    {
        "vpc": {"id": config.require("vpcId"), "private_subnets": config.require_object("subnetIds")},
        "listener": {
            "arn": config.require("listenerArn"),
            "security_groups": [config.require("balancerGroupId")],
        },
    },
)
users = FargateWebService(
    "users",
    {
        "environment": environment.placement,
        "image": config.require("image"),
        "port": 3000,
        "health_check": {"path": "/health"},
    },
)
AlbFacade(
    "facade",
    {
        "listener_arn": environment.listener_arn,
        "targets": {
            "monolith": {"target_group_arn": config.require("monolithArn")},
            "users": {"target_group_arn": users.target_group_arn},
        },
        "default_target": "monolith",
        "routes": [{"path": "/api/users", "target": "users", "weight": 25}],
    },
)
