"""What the roles of a service may do."""

import json
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan import iam_policies
from components.manifest.variables import Secret

PLACE = ("aws", "eu-west-1", "123456789012")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"


@pytest.mark.parametrize(
    ("secret", "arn"),
    [
        (Secret("ssm", "x"), "arn:aws:ssm:eu-west-1:123456789012:parameter/x"),
        (Secret("ssm", "/x/y"), "arn:aws:ssm:eu-west-1:123456789012:parameter/x/y"),
        (Secret("ssm", "arn:aws:ssm:us-east-1:1:parameter/x"), "arn:aws:ssm:us-east-1:1:parameter/x"),
        (Secret("secretsmanager", "x"), f"{SECRET}x"),
        (Secret("secretsmanager", "x:key::"), f"{SECRET}x:key::"),
        (Secret("secretsmanager", f"{SECRET}x-AbCdEf"), f"{SECRET}x-AbCdEf"),
    ],
)
def test_a_secret_is_called_by_its_arn(secret: Secret, arn: str) -> None:
    assert iam_policies.secret_arn(secret, *PLACE) == arn


def allowed(policy: str, action: str, resource: str) -> bool:
    """Whether a policy without denials allows an action."""
    return any(
        action == statement["Action"] and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        for statement in json.loads(policy)["Statement"]
    )


def test_a_secret_given_by_its_name_is_readable_and_one_that_begins_alike_is_not() -> None:
    policy = iam_policies.read_secrets([f"{SECRET}db:password::"])
    assert allowed(policy, "secretsmanager:GetSecretValue", f"{SECRET}db-AbCdEf")
    assert not allowed(policy, "secretsmanager:GetSecretValue", f"{SECRET}db-admin-AbCdEf")
    assert not allowed(policy, "secretsmanager:GetSecretValue", f"{SECRET}other-AbCdEf")


def test_a_key_decrypts_only_what_may_be_read() -> None:
    parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/x"
    statements = json.loads(iam_policies.read_secrets([parameter, f"{SECRET}x"]))["Statement"]
    conditions = [
        statement["Condition"]["StringLike"] for statement in statements if statement["Action"] == "kms:Decrypt"
    ]
    assert conditions == [
        {"kms:EncryptionContext:PARAMETER_ARN": [parameter]},
        {"kms:EncryptionContext:SecretARN": [f"{SECRET}x", f"{SECRET}x-??????"]},
    ]


@given(st.lists(st.sampled_from([f"{SECRET}a", f"{SECRET}b:k::", "arn:aws:ssm:r:1:parameter/c"]), min_size=1))
def test_the_order_of_secrets_makes_no_difference(arns: list[str]) -> None:
    assert iam_policies.read_secrets(arns) == iam_policies.read_secrets(sorted(set(arns), reverse=True))


def test_of_more_secrets_than_a_role_holds_twice_exactly_these_are_read() -> None:
    """A public workspace has 58 for a service."""
    place = "arn:aws:ssm:eu-west-1:123456789012:parameter/"
    arns = [f"{place}copilot/shop/production/secrets/NUMBER_{number:02}" for number in range(58)]
    policy = iam_policies.read_secrets([*arns, f"{SECRET}db:password::"])
    assert len(policy) < iam_policies.ROLE
    assert all(allowed(policy, "ssm:GetParameters", arn) for arn in arns)
    assert not allowed(policy, "ssm:GetParameters", f"{place}copilot/shop/production/secrets/NUMBER_58")
    assert not allowed(policy, "secretsmanager:GetSecretValue", f"{SECRET}other-AbCdEf")
    conditions = [statement["Condition"]["StringLike"] for statement in json.loads(policy)["Statement"][1::2]]
    assert conditions == [
        {"kms:EncryptionContext:PARAMETER_ARN": [f"{place}*"]},
        {"kms:EncryptionContext:SecretARN": [f"{SECRET}*"]},
    ]


def test_a_service_may_never_touch_iam() -> None:
    for can_exec in (False, True):
        first = json.loads(iam_policies.task_rights(can_exec))["Statement"][0]
        assert first == {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}


def test_only_tasks_assume_the_roles() -> None:
    (statement,) = json.loads(iam_policies.trust())["Statement"]
    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
