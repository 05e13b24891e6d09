import pulumi
import pulumi_aws as aws

config = pulumi.Config()
groups = {name: config.require(f"{name}Arn") for name in ("monolith", "users")}
aws.lb.ListenerRule(
    "users",
    listener_arn=config.require("listenerArn"),
    priority=20_000,
    conditions=[
        aws.lb.ListenerRuleConditionArgs(
            path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=["/api/users", "/api/users/*"])
        )
    ],
    actions=[
        aws.lb.ListenerRuleActionArgs(
            type="forward",
            forward=aws.lb.ListenerRuleActionForwardArgs(
                target_groups=[
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=groups["users"], weight=25),
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=groups["monolith"], weight=75),
                ]
            ),
        )
    ],
)
aws.lb.ListenerRule(
    "default",
    listener_arn=config.require("listenerArn"),
    priority=29_999,
    conditions=[
        aws.lb.ListenerRuleConditionArgs(path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=["/*"]))
    ],
    actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=groups["monolith"])],
)
