"""Flow logs of an environment's network: what passed, and what was refused."""

import pulumi
import pulumi_aws as aws

from components.aws.context import AwsContext
from components.aws.plan import iam_policies


def flow_logs(
    name: str, days: int, vpc_id: pulumi.Input[str], context: AwsContext, opts: pulumi.ResourceOptions
) -> aws.ec2.FlowLog:
    """All traffic of the network, gathered each minute and kept for so many days, as with Copilot."""
    tags = context.tags(name)
    logs = aws.cloudwatch.LogGroup(
        f"{name}-flow-logs",
        name=f"/{context.project}/{context.stack}/{name}-FlowLogs",  # no service's, which lie one level below
        retention_in_days=days,
        tags=tags,
        opts=opts,
    )
    role = aws.iam.Role(
        f"{name}-flow-logs",
        assume_role_policy=context.account.apply(iam_policies.trust_flow_logs),
        tags=tags,
        opts=opts,
    )
    writes = aws.iam.RolePolicy(
        f"{name}-flow-logs", role=role.id, policy=logs.arn.apply(iam_policies.write_flow_logs), opts=opts
    )
    return aws.ec2.FlowLog(
        f"{name}-flow-logs",
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=logs.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=60,
        tags=tags,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[writes])),
    )
