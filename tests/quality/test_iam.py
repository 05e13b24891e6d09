"""The policies of the two roles: made by the generator, covering what the program makes, and granting no more."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

import pulumi_aws
import pulumi_aws_native
import pulumi_awsx
import pulumi_docker
import pytest
from pulumi import CustomResource

from tests.repository import ROOT, syntax
from tools.iam import policy
from tools.iam.__main__ import project, texts
from tools.iam.table import COMMANDS, LOOKUPS, RIGHTS, SERVICE_LINKED_ROLES, Rights
from tools.stacks import on_aws
from tools.standin.catalog import KINDS
from tools.standin.schema import cfn_schema

INLINE_CHARACTERS, MANAGED_CHARACTERS = 10_240, 6_144
"""All inline policies of a role, and a managed one, without white space (IAM user guide, «IAM and AWS STS quotas»)."""

LONG = "a-project-" + "x" * 90
"""The longest name of a project that Pulumi takes (sdk/go/common/tokens/project.go: 100 characters)."""

READING = re.compile(r"\w[\w-]*:(Get|List|Describe|Validate)\w+|apigateway:GET")

REMEDY = "add a row with its IAM actions to tools/iam/table.py, then run `python -m tools.iam`"

SDKS: dict[str, object] = {
    "aws": pulumi_aws,
    "docker": pulumi_docker,
    "rs": pulumi_aws_native.refactorspaces,
    "awsx": pulumi_awsx,
}
"""What the modules below components/aws call the SDKs."""

NOT_USED = {
    "Pulumi never looks for all objects of a type": r"\w[\w-]*:List(?!Tags)\w+",
    "nothing is scaled by the clock": r"application-autoscaling:\w+ScheduledActions?",
    "functions, their capacity and user pools": r"(lambda|cognito-idp):.*",
    "keys of one's own, but for queues": (
        r"kms:(CreateGrant|RetireGrant|Decrypt|GenerateDataKey\w*)|logs:(A|Disa)ssociateKmsKey"
    ),
    "addresses are one for each NAT gateway": r"ec2:(AcceptAddressTransfer|AssociateAddress|\w+NatGatewayAddress)",
    "IPv6, dedicated tenancy, encryption controls": (
        r"ec2:(\w+SubnetCidrBlock|ModifyVpcTenancy|\w+VpcEncryptionControls?)"
    ),
    "address pools": r"ec2:DescribeIpamPools|elasticloadbalancing:ModifyIpPools",
    "capacity is not reserved": r"elasticloadbalancing:ModifyCapacityReservation",
    "ECS itself registers targets": r"elasticloadbalancing:(De)?[Rr]egisterTargets",
    "no instances": r"ec2:DescribeInstances",
    "tags come with the object itself": r"(ec2|autoscaling):DescribeTags",
    "settings of the whole account": r"ecs:PutAccountSetting(Default)?",
    "log groups without masks, indexes, tokens, deletion protection": r"logs:\w*(DataProtectionPolicy|IndexPolicy|"
    r"IndexPolicies|ResourcePolicy|ResourcePolicies|BearerTokenAuthentication|LogGroupDeletionProtection)|firehose:.*",
    "repositories without a policy of their own": r"ecr:\w+RepositoryPolicy",
    "roles without a boundary": r"iam:\w+RolePermissionsBoundary",
    "service-linked roles stay": r"iam:(DeleteServiceLinkedRole|GetServiceLinkedRoleDeletionStatus)",
    "API definitions and trust stores from a bucket": r"s3:.*",
    "topics without rules for their content": r"sns:\w+DataProtectionPolicy",
    "file systems without copies in other places and without protection against these": (
        r"elasticfilesystem:(\w+ReplicationConfiguration|UpdateFileSystemProtection|DeleteTags)"
    ),
    "a web ACL filters a load balancer only, and is somebody else's": (
        r"(apprunner|appsync|amplify|bedrock-agentcore):.*|apigateway:SetWebACL|ec2:\w*VerifiedAccess\w*"
        r"|wafv2:(GetWebACL|\w+PermissionPolicy)|elasticloadbalancing:\w+(WebACLAssociation|LoadBalancerWebACL)"
    ),
    "attributes of a discovered service": r"servicediscovery:(Update|Delete)ServiceAttributes",
}
"""What AWS's schemas ask for and no row has, with the reason."""


@cache
def planned() -> dict[str, frozenset[str]]:
    """The resource types that a provider makes in the plan of each stack on AWS, by stack."""
    found: dict[str, frozenset[str]] = {}
    for stack in on_aws(ROOT):
        done = subprocess.run(
            [sys.executable, "-m", "tools.standin", "plan", stack, "--json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        steps = cast("list[dict[str, Any]]", json.loads(done.stdout)["steps"])
        made = [str(step["newState"]["type"]) for step in steps if step["newState"].get("custom")]
        found[stack] = frozenset(token for token in made if not token.startswith("pulumi:"))
    return found


@cache
def called() -> list[tuple[Path, str, object]]:
    """What the code below components/aws calls of an SDK: the file, the name, and the thing itself."""
    found = list[tuple[Path, str, object]]()
    for path in sorted(ROOT.glob("components/aws/**/*.py")):
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                first, *rest = ast.unparse(node.func).split(".")
                thing = SDKS.get(first)
                for part in rest:
                    thing = getattr(thing, part, None)
                if first in SDKS and thing is not None:
                    found.append((path, ast.unparse(node.func), thing))
    return found


def types_in_code() -> set[str]:
    """The resource types that the code constructs, in a plan or not."""
    classes = [thing for _, _, thing in called() if isinstance(thing, type) and issubclass(thing, CustomResource)]
    return {str(cast("Any", made).pulumi_type) for made in classes}


def lookups_in_code() -> set[str]:
    """The look-ups that the code makes: `aws.ec2.get_vpc_output` is `aws:ec2/getVpc:getVpc`."""
    found: set[str] = set()
    for _, name, _ in called():
        parts = name.split(".")
        if parts[-1].startswith("get_"):
            first, *rest = parts[-1].removesuffix("_output").split("_")
            camel = first + "".join(word.capitalize() for word in rest)
            found.add(f"aws:{'/'.join([*(parts[1:-1] or ['index']), camel])}:{camel}")
    return found


def without_a_row(tokens: Iterable[str], table: Mapping[str, Rights]) -> list[str]:
    """What the table lacks, one line each with the remedy."""
    return [f"{token}: {REMEDY}" for token in sorted({*tokens} - {*table})]


@cache
def authorization() -> dict[str, Any]:
    """AWS's service authorization reference, as cfn-lint ships it."""
    file = resources.files("cfnlint.data.AdditionalSpecs") / "Policies.json"
    return cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))


def handlers(token: str) -> set[str]:
    """What AWS's own handlers of a type need, in lower case as the schemas don't agree on it."""
    kind = KINDS.get(token)
    if kind is None or kind.cfn is None:
        return set()
    return {right for handler in cfn_schema(kind.cfn)["handlers"].values() for right in handler["permissions"]}


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", document["Statement"])


def granted(document: dict[str, Any]) -> set[str]:
    return {action for statement in statements(document) for action in statement["Action"]}


LOGGING = {"logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries"}
"""What API Gateway reads in the caller's name when it sets up access logs."""

ROWS = [*RIGHTS.values(), *COMMANDS.values(), *LOOKUPS.values()]
ALL_ACTIONS = sorted({action for row in ROWS for action in (*row.reads, *row.writes)})


def test_the_files_are_what_the_generator_makes() -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "iam").iterdir())}
    assert files == texts(ROOT), "run `python -m tools.iam`"


def test_every_type_in_the_plan_of_a_stack_has_a_row() -> None:
    assert planned(), "there is no stack file for AWS"
    assert {stack: lacks for stack, made in planned().items() if (lacks := without_a_row(made, RIGHTS))} == {}


def test_every_type_that_the_code_constructs_has_a_row() -> None:
    found = types_in_code()
    assert {"aws:ecs/service:Service", "aws-native:refactorspaces:Route", "docker:index/image:Image"} <= found
    assert without_a_row(found, RIGHTS) == []


def test_every_look_up_of_the_code_has_a_row() -> None:
    found = lookups_in_code()
    assert "aws:ecr/getAuthorizationToken:getAuthorizationToken" in found
    assert without_a_row(found, LOOKUPS) == []


def test_a_new_type_is_reported_with_what_to_add() -> None:
    assert without_a_row({"aws:mq/broker:Broker", "aws:ecs/service:Service"}, RIGHTS) == [
        "aws:mq/broker:Broker: add a row with its IAM actions to tools/iam/table.py, then run `python -m tools.iam`"
    ]


def test_every_type_that_a_network_may_have_besides_has_a_row() -> None:
    assert {"aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"} <= {*RIGHTS}


@pytest.mark.parametrize("token", RIGHTS)
def test_a_row_has_what_the_schema_of_the_type_asks_for(token: str) -> None:
    known = {action.lower() for action in ALL_ACTIONS}
    asked = {action for action in handlers(token) if action.lower() not in known}
    if token.startswith("aws-native:refactorspaces:"):
        # What the service does in the caller's name is AWS's managed policy: docs/ci.md.
        asked = {action for action in asked if action.startswith("refactor-spaces:")}
    assert {
        action for action in asked if not any(re.fullmatch(pattern, action) for pattern in NOT_USED.values())
    } == set()


@pytest.mark.parametrize("reason", NOT_USED)
def test_what_is_left_out_is_asked_for_by_a_schema(reason: str) -> None:
    asked = {action for token in RIGHTS for action in handlers(token)}
    assert [action for action in asked if re.fullmatch(NOT_USED[reason], action)]


@pytest.mark.parametrize("action", ALL_ACTIONS)
def test_aws_knows_the_action(action: str) -> None:
    service, _, name = action.partition(":")
    in_schemas = {right.lower() for token in RIGHTS for right in handlers(token)}
    assert name.lower() in authorization()[service]["Actions"] or action.lower() in in_schemas


def test_the_preview_reads_only() -> None:
    state = {"s3:GetObject", "s3:ListBucket"}
    assert {action for action in granted(policy.preview()) - state if not READING.fullmatch(action)} == set()


def test_no_action_has_a_wildcard() -> None:
    assert [action for action in granted(policy.deploy("any")) | granted(policy.preview()) if "*" in action] == []


def test_the_deployment_has_every_action_of_the_table() -> None:
    assert {*ALL_ACTIONS} - granted(policy.deploy("any")) - granted(policy.preview()) == set()


def test_what_only_reads_is_no_write_of_the_table() -> None:
    # A layer's URL is asked for while an image is pushed, API Gateway looks while it sets up access logs, and a task
    # that was started is followed. A function is asked for before the first request is led there.
    asked_while_writing = {
        "ecr:GetDownloadUrlForLayer",
        *LOGGING,
        "ecs:DescribeTasks",
        "logs:GetLogEvents",
        "lambda:GetFunctionConfiguration",
    }
    assert {action for action in policy.write_actions() if READING.fullmatch(action)} == asked_while_writing


def test_access_logs_of_an_http_api_have_what_the_guide_of_api_gateway_lists() -> None:
    setting_up = {
        "logs:CreateLogDelivery",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
    }
    deploy = statements(policy.deploy("any"))
    (free,) = [statement for statement in deploy if "logs:CreateLogDelivery" in statement["Action"]]
    assert free["Resource"] == "*"
    assert setting_up | LOGGING <= {*free["Action"]}
    assert "logs:DescribeLogGroups" in granted(policy.preview())
    assert "logs:CreateLogGroup" in granted(policy.deploy("any"))


def test_a_service_linked_role_is_made_for_a_type_that_needs_it_and_for_no_other() -> None:
    needing = {token for token, rights in RIGHTS.items() if "iam:CreateServiceLinkedRole" in rights.writes}
    applications = "aws-native:refactorspaces:Application"  # the role of its environment
    assert {*SERVICE_LINKED_ROLES.values()} == needing - {applications}


def test_what_ecs_has_left_in_service_discovery_may_be_taken_out() -> None:
    assert "servicediscovery:DeregisterInstance" in granted(policy.deploy("any"))


def test_roles_are_passed_to_tasks_of_ecs_to_jobs_and_to_flow_logs_only() -> None:
    found = [statement for statement in statements(policy.deploy("any")) if "iam:PassRole" in statement["Action"]]
    assert [statement["Condition"] for statement in found] == [
        {
            "StringEquals": {
                "iam:PassedToService": [
                    "ecs-tasks.amazonaws.com",
                    "events.amazonaws.com",
                    "states.amazonaws.com",
                    "vpc-flow-logs.amazonaws.com",
                ]
            }
        }
    ]
    assert all(
        statement["Resource"] != "*" and "arn:aws:iam::*:role/*" not in statement["Resource"] for statement in found
    )


def test_no_right_on_roles_is_without_a_condition() -> None:
    writing = [statement for statement in statements(policy.deploy("any")) if statement["Sid"] != "Read"]
    bare = [
        statement["Sid"]
        for statement in writing
        if any(action.startswith("iam:") for action in statement["Action"]) and "Condition" not in statement
    ]
    assert bare == []


def test_a_deployment_runs_what_a_release_waits_for_and_nothing_of_others() -> None:
    """The five calls of components/aws/command.py; the task has the tags of its definition."""
    code = (ROOT / "components/aws/command.py").read_text(encoding="utf-8")
    calls = {name: f"{of}:{name.title().replace('_', '')}" for of, name in re.findall(r"_(ecs|logs)\.(\w+)\(", code)}
    assert len(calls) == 5
    deploy, preview = policy.deploy("any"), policy.preview()
    assert {*calls.values()} <= granted(deploy) | granted(preview)
    (ours,) = (statement for statement in statements(deploy) if statement["Sid"] == "OnlyOurs")
    assert {"ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks"} <= {*ours["Action"]}
    (logs,) = (statement for statement in statements(deploy) if "logs:GetLogEvents" in statement["Action"])
    assert all(name.startswith("arn:aws:logs:*:*:log-group:") for name in logs["Resource"])


def test_a_deployment_may_ask_what_it_asks_of_services_that_run_elsewhere() -> None:
    """The calls of components/aws/first_requests.py. A preview asks nothing, and reads no function's variables."""
    code = (ROOT / "components/aws/first_requests.py").read_text(encoding="utf-8")
    calls = re.findall(r"\.((?:describe|get)_\w+)\(\w+=", code)
    of = {"get_function_configuration": "lambda"}
    asked = {f"{of.get(name, 'elasticloadbalancing')}:{name.title().replace('_', '')}" for name in calls}
    row = COMMANDS["services.<name>.check"]
    assert asked == {*row.reads, *row.writes}
    deploy, preview = policy.deploy("any"), policy.preview()
    assert asked <= granted(deploy) | granted(preview)
    assert granted(preview) & {action for action in asked if action.startswith("lambda:")} == set()
    (functions,) = (one for one in statements(deploy) if "lambda:GetFunctionConfiguration" in one["Action"])
    assert "Condition" not in functions, "it has no principal"


@pytest.mark.parametrize("action", sorted(policy.OWNED))
def test_aws_knows_tags_where_the_policy_asks_for_ours(action: str) -> None:
    service, _, name = action.partition(":")
    found = authorization()[service]
    kinds = {key.lower(): kind for key, kind in found["Resources"].items()}
    named = found["Actions"][name.lower()]["Resources"]
    assert [
        resource
        for resource in named
        if not any("ResourceTag" in key for key in kinds[resource.lower()]["ConditionKeys"])
    ] == []


@pytest.mark.parametrize(
    ("document", "most"),
    [
        (policy.deploy_inline(LONG), INLINE_CHARACTERS),
        (policy.deploy_ours(LONG), MANAGED_CHARACTERS),
        (policy.preview(), MANAGED_CHARACTERS),
    ],
    ids=["deploy", "deploy-ours", "preview"],
)
def test_the_policies_fit_into_a_role(document: dict[str, Any], most: int) -> None:
    assert len(json.dumps(document, separators=(",", ":"))) <= most


def test_the_files_of_the_deployment_have_all_of_its_policy() -> None:
    parts = [json.loads(texts(ROOT)[name]) for name in ("deploy.json", "deploy-ours.json")]
    whole = statements(policy.deploy(project(ROOT)))
    found = [statement for part in parts for statement in statements(part)]
    assert sorted(found, key=json.dumps) == sorted(whole, key=json.dumps)


def test_the_roles_are_set_up_with_every_policy() -> None:
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    attached = set(re.findall(r"put-role-policy .*/(\S+\.json)", page))
    managed = set(re.findall(r"create-policy --policy-name strangler-(\S+) --policy-document \S+/\1\.json", page))
    assert attached == {"deploy.json"}
    assert managed == {"deploy-ours", "preview"}
    assert {name for name in texts(ROOT) if not name.startswith("trust-")} == attached | {
        f"{name}.json" for name in managed
    }
    assert {name for name in managed if f":policy/strangler-{name}\n" in page} == managed


@pytest.mark.parametrize(
    ("file", "environment"), [("trust-preview.json", "preview"), ("trust-deploy.json", "production")]
)
def test_complaint_22_a_role_is_taken_only_by_jobs_of_its_environment(file: str, environment: str) -> None:
    (statement,) = statements(json.loads((ROOT / "iam" / file).read_text(encoding="utf-8")))
    asked = statement["Condition"]["StringEquals"]
    assert asked["token.actions.githubusercontent.com:sub"] == f"repo:<OWNER>/<REPOSITORY>:environment:{environment}"
    assert asked["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
