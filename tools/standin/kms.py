"""Keys of KMS, and whom they let."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tools.standin import iam
from tools.standin.kinds import Call, Kind, Problem, refuse
from tools.standin.values import Props, table

KEY: Final = "aws:kms/key:Key"


def _problems(inputs: Props) -> Iterator[Problem]:
    yield from iam.policy_problems("policy", inputs.get("policy"), resource=True)


def _verify(call: Call) -> None:
    """KMS developer guide, «Default key policy»: a policy that lets nobody change it is refused."""
    root = f":iam::{call.cloud.account}:root"
    manages = any(
        str(table(statement.get("Principal")).get("AWS")).endswith(root)
        and statement.get("Action") in ("kms:*", "kms:PutKeyPolicy")
        for statement in iam.statements(call.get("policy"))
    )
    text = "The new key policy will not allow you to update the key policy in the future."
    refuse(call.get("policy") and not manages, "MalformedPolicyDocumentException", text)


def lets(call: Call, key: str, service: str) -> bool:
    """Whether a key, by its ARN, lets an AWS service encrypt for others. No key of AWS's own does."""
    found = call.snapshot.one(KEY, arn=key)
    return found is not None and any(
        table(statement.get("Principal")).get("Service") == service
        and {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(statement.get("Action") or ())
        for statement in iam.statements(found["policy"])
    )


KINDS: Final = (
    Kind(
        KEY,
        lambda call: call.cloud.new_id("", 36),
        cfn="AWS::KMS::Key",
        names={
            "policy": "KeyPolicy",
            "deletionWindowInDays": "PendingWindowInDays",
            "customerMasterKeySpec": "KeySpec",
            "isEnabled": "Enabled",
            "bypassPolicyLockoutSafetyCheck": None,
        },
        defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "enableKeyRotation": False,
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        computed=frozenset({"description", "multiRegion", "policy", "rotationPeriodInDays"}),
        json_texts=frozenset({"policy"}),
        problems=_problems,
        verify=_verify,
        outputs=lambda call, identifier: {"arn": call.cloud.arn("kms", f"key/{identifier}"), "keyId": identifier},
    ),
)
