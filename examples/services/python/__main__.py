"""A monolith and a new service on Fargate, beside a queue of one's own; a quarter of /api/users goes to the service."""

import pulumi
import pulumi_aws as aws
from pulumi_strangler import AlbFacade, Environment, FargateWebService

config = pulumi.Config()
shop = Environment("shop", {})
moved = aws.sqs.Queue("moved")
monolith = FargateWebService(
    "monolith",
    {"environment": shop.placement, "image": config.require("monolithImage"), "port": 3000},
)
users = FargateWebService(
    "users",
    {
        "environment": shop.placement,
        "image": config.require("usersImage"),
        "port": 3000,
        "health_check": {"path": "/health"},
        "variables": {"MOVED_QUEUE_URL": moved.url},
    },
)
facade = AlbFacade(
    "facade",
    {
        "listener_arn": shop.listener_arn,
        "targets": {
            "monolith": {"target_group_arn": monolith.target_group_arn},
            "users": {"target_group_arn": users.target_group_arn},
        },
        "default_target": "monolith",
        "routes": [{"path": "/api/users", "target": "users", "weight": 25}],
    },
)
pulumi.export("url", shop.url)
pulumi.export("rules", facade.rule_arns)
