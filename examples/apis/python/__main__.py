"""A monolith at a URL, and a service, a worker and a job on Fargate, behind an HTTP API and behind Refactor Spaces."""

import pulumi
import pulumi_aws as aws
from pulumi_strangler import (
    AlbFacade,
    Environment,
    FargateWebService,
    FargateWorker,
    HttpApiFacade,
    RefactorSpacesFacade,
    ScheduledJob,
)

config = pulumi.Config()
legacy, image = config.require("legacyUrl"), config.require("image")
shop = Environment("shop", {"nat": "single", "internal": True})
orders = aws.sns.Topic("orders")
FargateWorker("packer", {"environment": shop.placement, "image": image, "topics": {"orders": orders.arn}, "tries": 3})
ScheduledJob("nightly", {"environment": shop.placement, "image": image, "schedule": "@daily"})
users = FargateWebService("users", {"environment": shop.placement, "image": image, "port": 3000})
inside = AlbFacade(
    "inside",
    {
        "listener_arn": shop.listener_arn,
        "targets": {"users": {"target_group_arn": users.target_group_arn}},
        "default_target": "users",
        "routes": [],
    },
)
api = HttpApiFacade(
    "api",
    {
        "targets": {"monolith": {"url": legacy}, "users": {"listener_arn": inside.listener_arn}},
        "default_target": "monolith",
        "routes": [{"path": "/api/users", "target": "users", "weight": 0}],
        "vpc_links": {
            "shop": {
                "vpc_id": shop.vpc_id,
                "subnet_ids": shop.private_subnet_ids,
                "load_balancer_security_group_id": shop.load_balancer_security_group_id,
            }
        },
    },
)
spaces = RefactorSpacesFacade(
    "spaces",
    {
        "targets": {"monolith": {"url": legacy}, "users": {"url": api.url}},
        "default_target": "monolith",
        "vpc_id": shop.vpc_id,
        "routes": [{"path": "/api/users", "target": "users", "weight": 0}],
    },
)
pulumi.export("api", api.url)
pulumi.export("spaces", spaces.url)
