"""Flow logs of networks, which a role writes to a log group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tools.standin import cloudwatch, iam
from tools.standin.ec2 import VPC, fresh_id
from tools.standin.kinds import Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props

FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"


def _problems(inputs: Props) -> Iterator[Problem]:
    if inputs.get("maxAggregationInterval") not in (None, 60, 600):
        yield "maxAggregationInterval", f"is {inputs['maxAggregationInterval']}; accepted: 60, 600"
    if inputs.get("logDestinationType", "cloud-watch-logs") == "cloud-watch-logs" and inputs.get("iamRoleArn") is None:
        yield "iamRoleArn", "is required for logs that go to CloudWatch"


def _verify(call: Call) -> None:
    roles = [role for role in call.snapshot.of(iam.ROLE) if role["arn"] == call.get("iamRoleArn")]
    refuse(
        not any(iam.trusts(role, "vpc-flow-logs.amazonaws.com") for role in roles),
        "InvalidParameter",
        f"access denied: flow logs can't assume the role {call.get('iamRoleArn')}",
    )


KINDS: Final = (
    Kind(
        FLOW_LOG,
        fresh_id("fl-"),
        cfn="AWS::EC2::FlowLog",
        names={"vpcId": "ResourceId", "iamRoleArn": "DeliverLogsPermissionArn", "!ResourceType": None},
        refs=(
            Ref("vpcId", VPC, blocks=False, code="InvalidVpcID.NotFound"),  # a network takes its flow logs with it
            Ref("logDestination", cloudwatch.LOG_GROUP, ("arn",)),
            Ref("iamRoleArn", iam.ROLE, ("arn",)),
        ),
        problems=_problems,
        verify=_verify,
        outputs=lambda call, identifier: {"arn": call.cloud.arn("ec2", f"vpc-flow-log/{identifier}")},
    ),
)
