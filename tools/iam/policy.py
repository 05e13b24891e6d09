"""From the table to policies: which action on which objects, under which condition. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from tools.iam.table import COMMANDS, LOOKUPS, RIGHTS, SERVICE_LINKED_ROLES, Rights

ACCOUNT, OWNER, REPOSITORY, STATE_BUCKET = "<ACCOUNT>", "<OWNER>", "<REPOSITORY>", "<STATE_BUCKET>"
"""What only the user knows; docs/ci.md fills them in."""

Statement = dict[str, Any]

TAG = "application"
"""The tag that everything carries which the program makes; its value is the project's name."""

_OWNED = """
    acm:DeleteCertificate acm:RemoveTagsFromCertificate
    application-autoscaling:DeregisterScalableTarget application-autoscaling:UntagResource
    ec2:AssociateRouteTable ec2:AttachInternetGateway ec2:CreateRoute ec2:DeleteInternetGateway ec2:DeleteNatGateway
    ec2:DeleteFlowLogs
    ec2:DeleteRoute ec2:DeleteRouteTable ec2:DeleteSecurityGroup ec2:DeleteSubnet ec2:DeleteTags ec2:DeleteVpc
    ec2:DetachInternetGateway ec2:DisassociateRouteTable ec2:ModifySecurityGroupRules ec2:ModifySubnetAttribute
    ec2:ModifyVpcAttribute ec2:ReleaseAddress ec2:ReplaceRoute ec2:ReplaceRouteTableAssociation
    ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress ec2:UpdateSecurityGroupRuleDescriptionsEgress
    ec2:UpdateSecurityGroupRuleDescriptionsIngress
    ecs:DeleteCluster ecs:DeleteService ecs:DescribeTasks ecs:PutClusterCapacityProviders ecs:RunTask ecs:StopTask
    ecs:UntagResource ecs:UpdateCluster ecs:UpdateClusterSettings ecs:UpdateService
    elasticfilesystem:CreateAccessPoint elasticfilesystem:CreateMountTarget elasticfilesystem:DeleteAccessPoint
    elasticfilesystem:DeleteFileSystem elasticfilesystem:DeleteFileSystemPolicy elasticfilesystem:DeleteMountTarget
    elasticfilesystem:ModifyMountTargetSecurityGroups elasticfilesystem:PutBackupPolicy
    elasticfilesystem:PutFileSystemPolicy elasticfilesystem:PutLifecycleConfiguration elasticfilesystem:UntagResource
    elasticfilesystem:UpdateFileSystem
    elasticloadbalancing:AddListenerCertificates elasticloadbalancing:RemoveListenerCertificates
    elasticloadbalancing:CreateListener elasticloadbalancing:CreateRule elasticloadbalancing:DeleteListener
    elasticloadbalancing:DeleteLoadBalancer elasticloadbalancing:DeleteRule elasticloadbalancing:DeleteTargetGroup
    elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyListenerAttributes
    elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:ModifyRule
    elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes
    elasticloadbalancing:DeregisterTargets elasticloadbalancing:RegisterTargets
    elasticloadbalancing:RemoveTags elasticloadbalancing:SetIpAddressType elasticloadbalancing:SetRulePriorities
    elasticloadbalancing:SetSecurityGroups elasticloadbalancing:SetSubnets
    refactor-spaces:DeleteApplication refactor-spaces:DeleteEnvironment refactor-spaces:DeleteRoute
    refactor-spaces:DeleteService refactor-spaces:UntagResource refactor-spaces:UpdateRoute
    servicediscovery:DeleteNamespace servicediscovery:DeleteService servicediscovery:DeregisterInstance
    servicediscovery:UpdatePrivateDnsNamespace servicediscovery:UpdateService
    kms:DisableKey kms:DisableKeyRotation kms:EnableKey kms:EnableKeyRotation kms:PutKeyPolicy kms:ScheduleKeyDeletion
    kms:UntagResource kms:UpdateKeyDescription
    sqs:DeleteQueue sqs:SetQueueAttributes sqs:UntagQueue
"""
OWNED = frozenset(_OWNED.split())
"""Only on what carries our tag. The rest makes something new, or AWS knows no tags there."""

PASSED_TO = (
    "ecs-tasks.amazonaws.com",
    "events.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Whom roles are handed to."""

CALLERS = ["apigateway.amazonaws.com", "elasticloadbalancing.amazonaws.com"]
"""Who may be let invoke a function (service authorization reference, Lambda: `lambda:Principal` is a condition of
AddPermission and RemovePermission)."""

TAGGING = {
    "ec2:CreateTags": "ec2:CreateAction",
    "ecs:TagResource": "ecs:CreateAction",
    "elasticloadbalancing:AddTags": "elasticloadbalancing:CreateAction",
}
"""Tags are given to what is being made, or to what is ours already: else a tag would make anything ours."""

_FREE = """
    ecr:GetAuthorizationToken
    logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeResourcePolicies logs:GetLogDelivery
    logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery
    sns:SetSubscriptionAttributes sns:Unsubscribe
"""
FREE = frozenset(_FREE.split())
"""Actions of the services below that AWS grants on everything or not at all."""


_MANAGED = ("OnlyOurs", "TagOurs")
"""The statements on what carries our tag, whatever its name is."""


def preview() -> dict[str, Any]:
    """What a preview needs: reading. It is a managed policy of both roles: with it, what is inline would outgrow what
    AWS lets a role have."""
    return _document(_reading())


def deploy(project: str) -> dict[str, Any]:
    """What an `up` needs besides reading: writing what the program makes. It is more than AWS lets be inline in a role,
    and comes in the two parts below."""
    return _document([*_writing(project), *_state("s3:PutObject", "s3:DeleteObject")])


def deploy_inline(project: str) -> dict[str, Any]:
    """The part of `deploy` that is inline: that on new things, and on those with names."""
    return _document([statement for statement in deploy(project)["Statement"] if statement["Sid"] not in _MANAGED])


def deploy_ours(project: str) -> dict[str, Any]:
    """The part of `deploy` that is a managed policy: that on what carries our tag."""
    return _document([statement for statement in deploy(project)["Statement"] if statement["Sid"] in _MANAGED])


def trust(environment: str) -> dict[str, Any]:
    """Who may take a role: jobs of this repository that GitHub let into this environment."""
    provider = "token.actions.githubusercontent.com"
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        f"{provider}:aud": "sts.amazonaws.com",
                        f"{provider}:sub": f"repo:{OWNER}/{REPOSITORY}:environment:{environment}",
                    }
                },
            }
        ]
    )


def documents(project: str) -> dict[str, dict[str, Any]]:
    """All files below `iam/`, by name."""
    return {
        "preview.json": preview(),
        "deploy.json": deploy_inline(project),
        "deploy-ours.json": deploy_ours(project),
        "trust-preview.json": trust("preview"),
        "trust-deploy.json": trust("production"),
    }


def write_actions() -> frozenset[str]:
    """Every action of the table that isn't for reading."""
    return frozenset(action for rows in (RIGHTS, COMMANDS) for rights in rows.values() for action in rights.writes)


def _reading() -> list[Statement]:
    rows: list[Rights] = [*RIGHTS.values(), *COMMANDS.values(), *LOOKUPS.values()]
    actions = {action for rights in rows for action in rights.reads}
    # An HTTP API's objects are read by the verb GET on its path.
    plain = _allow("Read", actions - {"apigateway:GET"}, "*")
    apis = _allow("ReadApis", ["apigateway:GET"], [*_APIS, "arn:aws:apigateway:*::/restapis*"])
    return [plain, apis, *_state("s3:GetObject", "s3:ListBucket")]


_APIS = [f"arn:aws:apigateway:*::/{path}*" for path in ("apis", "domainnames", "tags", "vpclinks")]


def _state(*actions: str) -> list[Statement]:
    """The state's bucket; Pulumi's own backend needs none of it."""
    bucket = f"arn:aws:s3:::{STATE_BUCKET}"
    reading = "s3:ListBucket" in actions
    return [
        _allow("StateRead" if reading else "StateWrite", actions, [bucket, f"{bucket}/*"] if reading else f"{bucket}/*")
    ]


def _writing(project: str) -> list[Statement]:
    """One statement for each kind of objects."""
    ours = {"StringEquals": {f"aws:ResourceTag/{TAG}": project}}
    asked = {"StringEquals": {f"aws:RequestTag/{TAG}": project}}
    roles = [f"arn:aws:iam::*:role/*-{kind}-*" for kind in ("execution", "task", "flow-logs", "machine", "schedule")]
    logs = [f"arn:aws:logs:*:*:log-group:{name}" for name in (f"/{project}/*", "facade-*")]
    plain = project.replace(".", "-")  # neither topics nor dashboards have dots in their names
    alarms = [f"arn:aws:cloudwatch:*:*:alarm:{name}-*" for name in ("TargetTracking", plain)]
    dashboards = [f"arn:aws:cloudwatch::*:dashboard/{plain}-*"]
    left = set(write_actions())

    def take(wanted: Iterable[str]) -> set[str]:
        taken = left & set(wanted)
        left.difference_update(taken)
        return taken

    def of(service: str) -> set[str]:
        return take({action for action in left if action.startswith(f"{service}:") and action not in FREE})

    statements = [
        _allow("OnlyOurs", take(OWNED), "*", ours),
        _allow("TagOurs", TAGGING, "*", ours),
        *(
            _allow(_sid("TagNew", action), take([action]), "*", {"Null": {key: "false"}})
            for action, key in TAGGING.items()
        ),
        _allow(
            "PassRole",
            take(["iam:PassRole"]),
            roles,
            {"StringEquals": {"iam:PassedToService": sorted(PASSED_TO)}},
        ),
        _allow(
            "ServiceLinkedRoles",
            take(["iam:CreateServiceLinkedRole"]),
            "arn:aws:iam::*:role/aws-service-role/*",
            {"StringEquals": {"iam:AWSServiceName": sorted(SERVICE_LINKED_ROLES)}},
        ),
        _allow("NewRoles", take(["iam:CreateRole", "iam:TagRole"]), roles, asked),
        _allow(
            "ExecutionPolicy",
            take(["iam:AttachRolePolicy", "iam:DetachRolePolicy"]),
            roles,
            {
                **ours,
                "ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"},
            },
        ),
        _allow("NewQueues", take(["kms:CreateKey", "kms:TagResource", "sqs:CreateQueue", "sqs:TagQueue"]), "*", asked),
        _allow("OurRoles", {"iam:TagRole", *of("iam")}, roles, ours),
        _allow("Images", of("ecr"), f"arn:aws:ecr:*:*:repository/{project}-*"),
        _allow("Logs", of("logs"), [form for arn in logs for form in (arn, f"{arn}:*")]),
        _allow("Alarms", of("cloudwatch"), [*alarms, *dashboards]),
        _allow("Topics", of("sns"), f"arn:aws:sns:*:*:{plain}-*"),
        _allow("FunctionsElsewhere", take(["lambda:GetFunctionConfiguration"]), "arn:aws:lambda:*:*:function:*"),
        # A function's policy is its owner's: what is ours there lets these two invoke it.
        _allow(
            "Functions", of("lambda"), "arn:aws:lambda:*:*:function:*", {"StringEquals": {"lambda:Principal": CALLERS}}
        ),
        _allow("Apis", of("apigateway"), _APIS),
        _allow("AccessLogs", of("s3"), [f"arn:aws:s3:::*-access-logs-*{objects}" for objects in ("", "/*")]),
        _allow("New", left, "*"),
    ]
    return [statement for statement in statements if statement["Action"]]


def _sid(first: str, action: str) -> str:
    return first + action.partition(":")[0].capitalize()


def _allow(
    sid: str, actions: Iterable[str], resource: str | list[str], condition: Mapping[str, Any] | None = None
) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resource}
    return {**statement, "Condition": dict(condition)} if condition else statement


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
