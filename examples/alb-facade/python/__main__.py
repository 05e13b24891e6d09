"""A quarter of /api/users to a new service, in a load balancer that stands already."""

import pulumi
from pulumi_strangler import AlbFacade

config = pulumi.Config()
facade = AlbFacade(
    "facade",
    {
        "listener_arn": config.require("listenerArn"),
        "targets": {
            "monolith": {"target_group_arn": config.require("monolithArn")},
            "users": {"target_group_arn": config.require("usersArn")},
        },
        "default_target": "monolith",
        "routes": [{"path": "/api/users", "target": "users", "weight": 25}],
    },
)
pulumi.export("rules", facade.rule_arns)
