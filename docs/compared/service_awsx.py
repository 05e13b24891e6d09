import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

config = pulumi.Config()
listener, monolith = config.require("listenerArn"), config.require("monolithArn")
group = aws.lb.TargetGroup(
    "users",
    vpc_id=config.require("vpcId"),
    target_type="ip",
    port=80,
    protocol="HTTP",
    health_check=aws.lb.TargetGroupHealthCheckArgs(path="/health"),
)
tasks = aws.ec2.SecurityGroup(
    "users",
    vpc_id=config.require("vpcId"),
    ingress=[
        aws.ec2.SecurityGroupIngressArgs(
            protocol="tcp", from_port=3000, to_port=3000, security_groups=[config.require("balancerGroupId")]
        )
    ],
    egress=[aws.ec2.SecurityGroupEgressArgs(protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"])],
)
attached = aws.lb.ListenerRule(
    "attached",
    listener_arn=listener,
    priority=40_001,
    conditions=[
        aws.lb.ListenerRuleConditionArgs(
            host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=["attached.invalid"])
        )
    ],
    actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)],
)
service = awsx.ecs.FargateService(
    "users",
    cluster=aws.ecs.Cluster("shop").arn,
    network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
        subnets=config.require_object("subnetIds"), security_groups=[tasks.id]
    ),
    deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
    task_definition_args=awsx.ecs.FargateServiceTaskDefinitionArgs(
        container=awsx.ecs.TaskDefinitionContainerDefinitionArgs(
            name="users",
            image=config.require("image"),
            cpu=256,
            memory=512,
            essential=True,
            port_mappings=[
                awsx.ecs.TaskDefinitionPortMappingArgs(container_port=3000, host_port=3000, target_group=group)
            ],
        )
    ),
    opts=pulumi.ResourceOptions(depends_on=[attached]),
)
share = aws.lb.ListenerRule(
    "share",
    listener_arn=listener,
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
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=group.arn, weight=25),
                    aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=monolith, weight=75),
                ]
            ),
        )
    ],
    opts=pulumi.ResourceOptions(depends_on=[service]),
)
aws.lb.ListenerRule(
    "rest",
    listener_arn=listener,
    priority=29_999,
    conditions=[
        aws.lb.ListenerRuleConditionArgs(path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=["/*"]))
    ],
    actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=monolith)],
    opts=pulumi.ResourceOptions(depends_on=[share]),
)
