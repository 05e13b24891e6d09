"""The bucket that an environment's load balancers write their access logs to, where the user brings none."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import AwsContext
from components.aws.plan import iam_policies
from components.model.environment import AccessLogs


@dataclass(frozen=True)
class Logged:
    """Where a load balancer writes, and what must be there before it does."""

    args: aws.lb.LoadBalancerAccessLogsArgs
    """The bucket and the prefix, as the load balancer takes them."""
    needs: tuple[pulumi.Resource, ...] = ()
    """What must be there before the load balancer writes to the bucket, such as its policy. Default: nothing."""


def access_logs(name: str, wanted: AccessLogs, context: AwsContext, opts: pulumi.ResourceOptions) -> Logged:
    """The user's bucket, or one that is made, which goes with the environment, logs and all, as with Copilot."""
    prefix = wanted.prefix or f"{context.stack}/{name}"
    if wanted.bucket:
        return Logged(aws.lb.LoadBalancerAccessLogsArgs(bucket=wanted.bucket, prefix=prefix, enabled=True))
    bucket = aws.s3.Bucket(f"{name}-access-logs", force_destroy=True, tags=context.tags(name), opts=opts)
    closed = aws.s3.BucketPublicAccessBlock(
        f"{name}-access-logs",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    policy = aws.s3.BucketPolicy(
        f"{name}-access-logs",
        bucket=bucket.id,
        policy=pulumi.Output.all(bucket.arn, context.account).apply(
            lambda known: iam_policies.take_access_logs(known[0], prefix, known[1])
        ),
        # S3 refuses one change of a bucket while another is under way.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[closed])),
    )
    return Logged(aws.lb.LoadBalancerAccessLogsArgs(bucket=bucket.id, prefix=prefix, enabled=True), (policy,))
