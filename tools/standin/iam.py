"""Roles and policies: documents that AWS would take, and roles that don't go while a policy is attached."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from tools.standin.cloud import Object, Snapshot
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props, rows, texts

ROLE: Final = "aws:iam/role:Role"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY: Final = "aws:iam/policy:Policy"
MANAGED: Final = {
    "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy": (
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ),
    "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess": ("ssm:Describe*", "ssm:Get*", "ssm:List*"),
    "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess": ("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
}
"""AWS's own policies that are known here, with the actions that they allow on everything."""
_STATEMENT_KEYS: Final = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)


def _many(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]


def statements(text: Any) -> list[Props]:
    """The statements of a policy text that has been checked."""
    try:
        document = json.loads(text)
    except (TypeError, ValueError):
        return []
    return [cast("Props", statement) for statement in _many(document.get("Statement")) if isinstance(statement, dict)]


def policy_problems(path: str, text: Any, *, trust: bool = False, resource: bool = False) -> Iterator[Problem]:
    """What AWS would refuse in a policy document; `trust`: one that says who may assume a role; `resource`: one of a
    queue or a key, which says who may do what with it."""
    if not isinstance(text, str):
        return
    try:
        document = json.loads(text)
    except ValueError as error:
        yield path, f"is not JSON: {error}"
        return
    if not isinstance(document, dict) or not _many(cast("Props", document).get("Statement")):
        yield path, "needs a Statement"
        return
    if cast("Props", document).get("Version") not in ("2012-10-17", "2008-10-17"):
        yield path, f"has Version {cast('Props', document).get('Version')!r}; accepted: 2012-10-17"
    for index, statement in enumerate(_many(cast("Props", document)["Statement"])):
        yield from _statement_problems(f"{path}.Statement[{index}]", statement, trust=trust, resource=resource)


def _statement_problems(path: str, statement: Any, *, trust: bool, resource: bool) -> Iterator[Problem]:
    if not isinstance(statement, dict):
        yield path, "should be an object"
        return
    found = cast("Props", statement)
    for name in sorted(found.keys() - _STATEMENT_KEYS):
        yield f"{path}.{name}", f"is not an element; there are: {', '.join(sorted(_STATEMENT_KEYS))}"
    if found.get("Effect") not in ("Allow", "Deny"):
        yield f"{path}.Effect", f"is {found.get('Effect')!r}; accepted: Allow, Deny"
    actions = _many(found.get("Action") or found.get("NotAction"))
    if not actions:
        yield f"{path}.Action", "is required"
    for action in actions:
        if not re.fullmatch(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", str(action)):
            yield f"{path}.Action", f"is {action!r}; accepted: service:Action"
    has_principal = "Principal" in found or "NotPrincipal" in found
    has_resource = "Resource" in found or "NotResource" in found
    if (trust or resource) != has_principal:
        says = "is required in a policy of what is used" if resource else "has no place in a role's policy"
        yield f"{path}.Principal", "is required in a trust policy" if trust else says
    if trust == has_resource:
        yield f"{path}.Resource", "has no place in a trust policy" if trust else "is required"
    for named in _many(found.get("Resource")):
        if named != "*" and not re.fullmatch(r"arn:[^:]*:[^:]+:[^:]*:[^:]*:.+", str(named)):
            yield f"{path}.Resource", f"is {named!r}; accepted: * or an ARN"


def role_called(snapshot: Snapshot, value: str) -> Object | None:
    """A role by its name or ARN."""
    return next((role for role in snapshot.of(ROLE) if value in (role.id, role["name"], role["arn"])), None)


def allows(snapshot: Snapshot, role: Object, action: str, resource: str) -> bool:
    """Whether the role's policies allow an action on a resource; conditions are not looked at."""
    denied = False
    allowed = False
    for document in _documents(snapshot, role):
        for statement in statements(document):
            actions = [str(name) for name in _many(statement.get("Action"))]
            resources = [str(name) for name in _many(statement.get("Resource"))]
            if any(fnmatch.fnmatchcase(action, name) for name in actions) and any(
                fnmatch.fnmatchcase(resource, name) for name in resources
            ):
                allowed = allowed or statement["Effect"] == "Allow"
                denied = denied or (statement["Effect"] == "Deny" and "Condition" not in statement)
    for policy in _attached(snapshot, role):
        allowed = allowed or any(fnmatch.fnmatchcase(action, name) for name in MANAGED.get(policy, ()))
    return allowed and not denied


def _attached(snapshot: Snapshot, role: Object) -> list[str]:
    found = [
        attachment["policyArn"]
        for attachment in snapshot.of(ATTACHMENT)
        if attachment["role"] in (role.id, role["name"])
    ]
    return found + texts(role["managedPolicyArns"])


def _documents(snapshot: Snapshot, role: Object) -> Iterator[str]:
    for policy in snapshot.of(ROLE_POLICY):
        if policy["role"] in (role.id, role["name"]):
            yield policy["policy"]
    for policy in rows(role["inlinePolicies"]):
        yield str(policy.get("policy"))
    for arn in _attached(snapshot, role):
        found = snapshot.one(POLICY, arn=arn)
        if found is not None:
            yield found["policy"]


def trusts(role: Object, service: str) -> bool:
    """Whether an AWS service such as `ecs-tasks.amazonaws.com` may assume the role."""
    for statement in statements(role["assumeRolePolicy"]):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and service in _many(cast("Props", principal).get("Service")):
            return True
    return False


def _role_problems(inputs: Props) -> Iterator[Problem]:
    yield from policy_problems("assumeRolePolicy", inputs.get("assumeRolePolicy"), trust=True)
    for index, policy in enumerate(rows(inputs.get("inlinePolicies"))):
        yield from policy_problems(f"inlinePolicies[{index}].policy", policy.get("policy"))
    name = inputs.get("name")
    if isinstance(name, str) and not re.fullmatch(r"[\w+=,.@-]{1,64}", name):
        yield "name", f"is {name!r}; accepted: 1 to 64 letters, digits and _+=,.@-"


def _role_verify_delete(call: Call) -> None:
    role = call.before
    assert role is not None
    attached = [
        attachment for attachment in call.snapshot.of(ATTACHMENT) if attachment["role"] in (role.id, role["name"])
    ]
    inline = [policy for policy in call.snapshot.of(ROLE_POLICY) if policy["role"] in (role.id, role["name"])]
    refuse(
        (attached or inline) and not role["forceDetachPolicies"],
        "DeleteConflict",
        f"cannot delete role {role.id}: detach its policies first ({len(attached)} attached, {len(inline)} inline)",
    )


def _attachment_verify(call: Call) -> None:
    arn = str(call.inputs["policyArn"])
    known = arn in MANAGED or call.snapshot.one(POLICY, arn=arn) is not None
    refuse(not known, "NoSuchEntity", f"policy {arn} does not exist or is not known to the stand-in (iam.MANAGED)")
    role = role_called(call.snapshot, str(call.inputs["role"]))
    attached = _attached(call.snapshot, role) if role else []
    refuse(call.before is None and len(attached) >= 10, "LimitExceeded", "a role takes at most 10 policies")


_INLINE: Final = 10_240
"""Characters of all inline policies of a role together, without white space (IAM user guide, «IAM and AWS STS quotas:
IAM and STS character limits»)."""


def _inline_verify(call: Call) -> None:
    role = role_called(call.snapshot, str(call.inputs["role"]))
    others = [other for other in call.others(ROLE_POLICY) if role and other["role"] in (role.id, role["name"])]
    texts_of = [str(call.inputs["policy"]), *(str(other["policy"]) for other in others)]
    refuse(
        sum(len(re.sub(r"\s", "", text)) for text in texts_of) > _INLINE,
        "LimitExceeded",
        f"Maximum policy size of {_INLINE} bytes exceeded for role {call.inputs['role']}",
    )


_ROLE_REF: Final = Ref("role", ROLE, ("id", "name"), blocks=False, code="NoSuchEntity")

KINDS: Final = (
    Kind(
        ROLE,
        lambda call: str(call.inputs["name"] if call.get("name") else call.cloud.new_id(call.inputs["namePrefix"], 10)),
        cfn="AWS::IAM::Role",
        names={
            "assumeRolePolicy": "AssumeRolePolicyDocument",
            "name": "RoleName",
            "inlinePolicies": None,
            "managedPolicyArns": None,
        },
        autoname=AutoName(maximum=64),
        defaults={"maxSessionDuration": 3600, "path": "/", "forceDetachPolicies": False},
        unique=("name",),
        unique_code="EntityAlreadyExists",
        json_texts=frozenset({"assumeRolePolicy", "inlinePolicies.policy"}),
        sets=frozenset({"managedPolicyArns"}),
        replace=frozenset({"namePrefix"}),
        problems=_role_problems,
        verify_delete=_role_verify_delete,
        outputs=lambda call, identifier: {
            "arn": call.cloud.arn("iam", f"role{call.get('path', '/')}{identifier}", region=""),
            "name": identifier,
            "uniqueId": "AROA" + re.sub("[^A-Z0-9]", "", identifier.upper())[:17],
            "createDate": "2026-01-01T00:00:00Z",
        },
    ),
    Kind(
        ROLE_POLICY,
        lambda call: f"{call.inputs['role']}:{call.inputs['name']}",
        cfn="AWS::IAM::RolePolicy",
        names={"policy": "PolicyDocument", "name": "PolicyName", "role": "RoleName"},
        autoname=AutoName(maximum=128),
        unique=("role", "name"),
        puts=True,
        json_texts=frozenset({"policy"}),
        refs=(_ROLE_REF,),
        problems=lambda inputs: policy_problems("policy", inputs.get("policy")),
        verify=_inline_verify,
    ),
    Kind(
        ATTACHMENT,
        lambda call: f"{call.inputs['role']}/{call.inputs['policyArn']}",
        replace=frozenset({"*"}),
        unique=("role", "policyArn"),
        puts=True,
        refs=(_ROLE_REF,),
        verify=_attachment_verify,
    ),
    Kind(
        POLICY,
        lambda call: call.cloud.arn("iam", f"policy{call.get('path', '/')}{call.inputs['name']}", region=""),
        autoname=AutoName(maximum=128),
        defaults={"path": "/"},
        unique=("name",),
        unique_code="EntityAlreadyExists",
        replace=frozenset({"name", "namePrefix", "path", "description"}),
        json_texts=frozenset({"policy"}),
        problems=lambda inputs: policy_problems("policy", inputs.get("policy")),
        outputs=lambda _call, identifier: {"arn": identifier, "policyId": "ANPA" + str(len(identifier))},
    ),
)
