"""Who may invoke a Lambda function, and functions as targets of a load balancer. The functions aren't ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Snapshot
from tools.standin.kinds import Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props

PERMISSION: Final = "aws:lambda/permission:Permission"
ATTACHMENT: Final = "aws:lb/targetGroupAttachment:TargetGroupAttachment"

_FUNCTION: Final = re.compile(
    r"(arn:aws:lambda:[a-z0-9-]+:\d{12}:function:([A-Za-z0-9_-]{1,64}))(?::([A-Za-z0-9_-]+))?"
)


def name_of(arn: str) -> str:
    """A function's name; of anything else, itself."""
    found = _FUNCTION.fullmatch(arn)
    return found[2] if found else arn


def may_invoke(snapshot: Snapshot, principal: str, source: str, arn: str) -> bool:
    """Whether a statement in the function's policy lets a service invoke it on behalf of `source`. A statement is of
    the version or alias that it names (Lambda API, AddPermission: Qualifier)."""
    function = _FUNCTION.fullmatch(arn)
    return function is not None and any(
        permission["principal"] == principal
        and permission["function"] in (function[1], function[2])
        and permission["qualifier"] == function[3]
        and _like(str(permission["sourceArn"] or "*"), source)
        for permission in snapshot.of(PERMISSION)
    )


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


def _permission_problems(inputs: Props) -> Iterator[Problem]:
    """Lambda API, AddPermission."""
    function, action = inputs.get("function"), inputs.get("action")
    if isinstance(function, str) and not re.fullmatch(
        r"arn:aws:lambda:\S+:function:[A-Za-z0-9_-]+|[A-Za-z0-9_-]{1,64}", function
    ):
        yield "function", f"is {function!r}; accepted: a name or an ARN, its version or alias in qualifier"
    if inputs.get("qualifier") == "$LATEST":
        # Source of the message: terraform-aws-modules/terraform-aws-lambda issue 36.
        yield "qualifier", "is $LATEST; We currently do not support adding policies for $LATEST."
    if isinstance(action, str) and not re.fullmatch(r"lambda:[*]|lambda:[a-zA-Z]+|[*]", action):
        yield "action", f"is {action!r}; accepted: such as lambda:InvokeFunction"


def _attachment_verify(call: Call) -> None:
    """ELB user guide, "Use Lambda functions as targets": the permission comes before the target, and a target group has
    one function. Source of the message: hashicorp/terraform-provider-aws issue 8850."""
    group = call.snapshot.get(TARGET_GROUP, str(call.inputs["targetGroupArn"]))
    if group is None or group["targetType"] != "lambda":
        return
    target = str(call.inputs["targetId"])
    refuse(_FUNCTION.fullmatch(target) is None, "ValidationError", f"The target id '{target}' is not a function's ARN")
    refuse(
        not may_invoke(call.snapshot, "elasticloadbalancing.amazonaws.com", group.id, target),
        "AccessDenied",
        f"elasticloadbalancing principal does not have permission to invoke {target} from target group {group.id}",
    )
    others = [other for other in call.others(ATTACHMENT) if other["targetGroupArn"] == group.id]
    refuse(others, "TooManyTargets", f"{group.id} has a function already: a target group has one")


KINDS: Final = (
    Kind(
        PERMISSION,
        lambda call: str(call.get("statementId") or f"terraform-{call.cloud.new_id('', 26)}"),
        cfn="AWS::Lambda::Permission",
        names={"function": "FunctionName", "statementId": None, "qualifier": None, "principalOrgId": "PrincipalOrgID"},
        replace=frozenset({"*"}),
        problems=_permission_problems,
        outputs=lambda _call, identifier: {"statementId": identifier},
    ),
    Kind(
        ATTACHMENT,
        lambda call: f"{call.inputs['targetGroupArn']}-{call.cloud.new_id('', 26)}",
        replace=frozenset({"*"}),
        refs=(Ref("targetGroupArn", TARGET_GROUP, code="TargetGroupNotFound"),),
        verify=_attachment_verify,
    ),
)
