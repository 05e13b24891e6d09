"""Security groups and their rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.standin.ec2 import VPC_REF, WAITS, network, one_off_tasks
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, describe, refuse
from tools.standin.values import Props, is_unknown

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_SOURCES: Final = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_DESCRIPTION: Final = re.compile(r"^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*$")
"""What AWS accepts in descriptions of groups and rules."""


def _description_problems(inputs: Props) -> Iterator[Problem]:
    text = inputs.get("description")
    if isinstance(text, str) and (len(text) > 255 or not _DESCRIPTION.match(text)):
        yield "description", f"is {text!r}; accepted: up to 255 letters, digits and ._-:/()#,@[]+=&;{{}}!$*"


def _group_problems(inputs: Props) -> Iterator[Problem]:
    yield from _description_problems(inputs)
    name = inputs.get("name")
    if isinstance(name, str) and name.startswith("sg-"):
        yield "name", f"is {name!r}; a security group's name can't begin with sg-"


def _group_verify(call: Call) -> None:
    for other in call.others(GROUP):
        refuse(
            other["name"] == call.get("name") and other["vpcId"] == call.get("vpcId"),
            "InvalidGroup.Duplicate",
            f"the security group '{call.get('name')}' already exists for VPC '{call.get('vpcId')}': {describe(other)}",
        )


def _group_verify_delete(call: Call) -> None:
    assert call.before is not None
    refuse(
        any(call.before.id in task["securityGroups"] for task in one_off_tasks(call.snapshot)),
        "DependencyViolation",
        f"resource {call.before.id} has a dependent object",
    )


def _rule_problems(inputs: Props) -> Iterator[Problem]:
    yield from _description_problems(inputs)
    sources = [name for name in _SOURCES if inputs.get(name) is not None]
    if len(sources) != 1:
        yield "cidrIpv4", f"exactly one of {', '.join(_SOURCES)} is needed, there are {len(sources)}"
    protocol = str(inputs.get("ipProtocol"))
    ports = [inputs.get("fromPort"), inputs.get("toPort")]
    if protocol in ("tcp", "udp", "6", "17"):
        if None in ports:
            yield "fromPort", f"fromPort and toPort are required for protocol {protocol}"
        elif not any(is_unknown(port) for port in ports) and not 0 <= int(str(ports[0])) <= int(str(ports[1])) <= 65535:
            yield "fromPort", f"{ports[0]} to {ports[1]} is no range of ports"
    block = inputs.get("cidrIpv4")
    if isinstance(block, str) and network(block) is None:
        yield "cidrIpv4", f"is {block!r}, which is not an IPv4 range without host bits"


def _rule_verify(call: Call) -> None:
    token = INGRESS if ":SecurityGroupIngressRule" in call.urn else EGRESS
    parts = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *_SOURCES)
    mine = [call.get(part) for part in parts]
    for other in call.others(token):
        refuse(
            [other[part] for part in parts] == mine,
            "InvalidPermission.Duplicate",
            f"the specified rule already exists: {describe(other)}",
        )
    group = call.snapshot.get(GROUP, call.inputs["securityGroupId"])
    referenced = call.snapshot.get(GROUP, call.get("referencedSecurityGroupId", ""))
    refuse(
        group is not None and referenced is not None and group["vpcId"] != referenced["vpcId"],
        "InvalidGroup.NotFound",
        f"{call.get('referencedSecurityGroupId')} is not in the VPC of {call.inputs['securityGroupId']}",
    )


def _rule(token: str, cfn: str, peer: str) -> Kind:
    return Kind(
        token,
        lambda call: call.cloud.new_id("sgr-"),
        cfn=cfn,
        names={
            "securityGroupId": "GroupId",
            "cidrIpv4": "CidrIp",
            "referencedSecurityGroupId": f"{peer}SecurityGroupId",
            "prefixListId": f"{peer}PrefixListId",
        },
        in_place=frozenset({"ipProtocol", "fromPort", "toPort", "description", *_SOURCES}),
        refs=(
            Ref("securityGroupId", GROUP, blocks=False, code="InvalidGroup.NotFound"),
            Ref("referencedSecurityGroupId", GROUP, code="InvalidGroup.NotFound"),
        ),
        problems=_rule_problems,
        verify=_rule_verify,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("ec2", f"security-group-rule/{identifier}"),
            "securityGroupRuleId": identifier,
        },
    )


KINDS: Final = (
    Kind(
        GROUP,
        lambda call: call.cloud.new_id("sg-"),
        cfn="AWS::EC2::SecurityGroup",
        names={"name": "GroupName", "description": "GroupDescription", "ingress": None, "egress": None},
        autoname=AutoName(),
        retries=WAITS,
        defaults={"description": "Managed by Pulumi"},
        refs=(
            VPC_REF,
            Ref("ingress[*].securityGroups[*]", "aws:ec2/securityGroup:SecurityGroup", code="InvalidGroup.NotFound"),
            Ref("egress[*].securityGroups[*]", "aws:ec2/securityGroup:SecurityGroup", code="InvalidGroup.NotFound"),
        ),
        sets=frozenset({"ingress", "egress"}),
        problems=_group_problems,
        verify=_group_verify,
        verify_delete=_group_verify_delete,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("ec2", f"security-group/{identifier}"),
            "ownerId": call.cloud.account,
        },
    ),
    _rule(INGRESS, "AWS::EC2::SecurityGroupIngress", "Source"),
    _rule(EGRESS, "AWS::EC2::SecurityGroupEgress", "Destination"),
)
