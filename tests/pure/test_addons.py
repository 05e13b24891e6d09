"""Addons: what the outputs of their templates become, and where the values come from."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from components.input.diagnostics import InputError
from components.manifest.addons import variable_name
from components.manifest.exports import AddonsStack, LookUpError
from components.manifest.variables import Secret
from components.settings.service import Service
from tests.projects import Tree, environment, of_copilot, read_project, without_numbers, write_workspace

AWS: Tree = {"platform": "aws", "facade": "alb", "copilot": "copilot", "copilotEnvironment": "test"}
YAML = """
Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}}
Resources:
  Table: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: !Sub '${App}-orders'}}
  Access: {Type: 'AWS::IAM::ManagedPolicy'}
  Group: {Type: 'AWS::EC2::SecurityGroup'}
Outputs:
  ordersDDBTableName: {Value: !Ref Table}
  AccessPolicy: {Value: !Ref Access}
  DatabaseGroup: {Value: {Ref: Group}}
  PolicyText: {Value: !GetAtt Access.Id}
"""
JSON = (
    '{"Resources": {"Secret": {"Type": "AWS::SecretsManager::Secret"}}, '
    '"Outputs": {"DBSecret": {"Value": {"Ref": "Secret"}}}}'
)
POLICY = "arn:aws:iam::123456789012:policy/shop-access"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
LIVE = {
    "ordersDDBTableName": "shop-orders",
    "AccessPolicy": POLICY,
    "DatabaseGroup": "sg-0a1b2c3d",
    "PolicyText": "text",
    "DBSecret": SECRET,
}


class Account:
    """An account with one stack of addons."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self.outputs, self.asked = outputs, list[AddonsStack]()

    def export(self, name: str) -> str:
        raise LookUpError(f"no export {name!r}", "look at its stack")

    def addons(self, place: AddonsStack) -> Mapping[str, str]:
        self.asked.append(place)
        return self.outputs

    def has_topic(self, name: str) -> bool:
        raise LookUpError(f"no topic {name}", "look at its stack")


def workspace(folder: Path, **fields: object) -> None:
    services = {"web": of_copilot("web", "/"), "api": of_copilot("api", **fields)}
    write_workspace(folder, services, {"test": environment("test")})
    (folder / "copilot/api/addons").mkdir()
    for name, text in (("orders.yml", YAML), ("db.yaml", JSON), ("addons.parameters.yml", "Parameters: {A: !Ref B}")):
        (folder / "copilot/api/addons" / name).write_text(text)


def api(folder: Path, account: Account | None, config: Tree | None = None) -> Service:
    settings = read_project(folder, {**AWS, **(config or {})}, look_ups=account)
    return settings.services[0]


def test_each_output_becomes_what_the_resource_that_it_refers_to_says(tmp_path: Path) -> None:
    sidecar = {"proxy": {"image": "nginx@sha256:" + "ab" * 32}}
    workspace(tmp_path, variables={"POLICY_TEXT": "own"}, sidecars=sidecar)
    account = Account(LIVE)
    found = api(tmp_path, account).manifest
    given = {"DATABASE_GROUP": "sg-0a1b2c3d", "ORDERS_DDB_TABLE_NAME": "shop-orders"}
    assert dict(found.variables) == {**given, "POLICY_TEXT": "own"}
    assert dict(found.sidecars[0].variables) == {**given, "POLICY_TEXT": "text"}
    assert found.secrets == (("DB_SECRET", Secret("secretsmanager", SECRET)),)
    assert found.sidecars[0].secrets == ()
    assert found.network.security_groups == ("sg-0a1b2c3d",)
    assert found.policies == (("AccessPolicy", POLICY),)
    assert account.asked == [AddonsStack("board", "test", "api")]


def test_the_config_gives_single_outputs_or_names_the_stack(tmp_path: Path) -> None:
    workspace(tmp_path)
    account = Account({name: value for name, value in LIVE.items() if name != "ordersDDBTableName"})
    given = {"stack": "shop-test-api-AddonsStack-1", "outputs": {"ordersDDBTableName": "mine"}}
    found = api(tmp_path, account, {"services": {"api": {"addons": given}}})
    assert dict(found.manifest.variables)["ORDERS_DDB_TABLE_NAME"] == "mine"
    assert account.asked == [AddonsStack("board", "test", "api", "shop-test-api-AddonsStack-1")]
    every: Tree = {"services": {"api": {"addons": {"outputs": LIVE}}}}
    asked = Account({})
    assert dict(api(tmp_path, asked, every).manifest.policies) == {"AccessPolicy": POLICY}
    assert asked.asked == []


def test_without_an_account_each_output_is_known_at_up(tmp_path: Path) -> None:
    workspace(tmp_path)
    found = api(tmp_path, None).manifest
    assert dict(found.variables)["ORDERS_DDB_TABLE_NAME"] == "<from CloudFormation, known at up: ordersDDBTableName>"
    assert found.policies == (("AccessPolicy", "<from CloudFormation, known at up: AccessPolicy>"),)


def test_on_this_machine_outputs_are_given_or_left_out_with_a_warning(tmp_path: Path) -> None:
    workspace(tmp_path)
    given = {"ordersDDBTableName": "mine"}
    local = {"platform": "local", "services": {"api": {"addons": {"outputs": given}}}}
    settings = read_project(tmp_path, {**AWS, "facade": None, **local})
    assert dict(settings.services[0].manifest.variables) == {"ORDERS_DDB_TABLE_NAME": "mine"}
    (warning,) = without_numbers(settings.warnings)
    assert "omitted on the platform local: DBSecret, AccessPolicy, DatabaseGroup, PolicyText; where they" in warning


def test_policies_of_the_config_are_attached_in_any_case(tmp_path: Path) -> None:
    write_workspace(tmp_path, {"web": of_copilot("web", "/")})
    settings = read_project(tmp_path, {**AWS, "services": {"web": {"policies": [POLICY]}}})
    assert settings.services[0].manifest.policies == (("shop-access", POLICY),)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"addons": {"outputs": {"DBSecrt": "x"}}},
            "addons.outputs.DBSecrt: the addons have no output 'DBSecrt'",
        ),
        ({"addons": {"output": {}}}, "addons.output: unknown key; did you mean outputs?"),
        ({"addons": ["x"]}, "addons: found a list; give the addons' stack"),
        (
            {"addons": {"outputs": {**LIVE, "AccessPolicy": "x"}}},
            "outputs.AccessPolicy: found 'x'; give the ARN",
        ),
        ({"addons": {"outputs": {**LIVE, "DatabaseGroup": "x"}}}, "outputs.DatabaseGroup: found 'x'; give a security"),
        ({"policies": ["x"]}, "policies[0]: found 'x'; give the ARN of a managed policy"),
        ({"policies": [POLICY, POLICY]}, "policies[1]: duplicate policy 'shop-access'; remove one"),
        (
            {"policies": [f"{POLICY}{n}" for n in range(10)]},
            "policies: found 11, including those of its addons; a role",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, settings: Tree, line: str) -> None:
    workspace(tmp_path)
    with pytest.raises(InputError) as refused:
        api(tmp_path, Account(LIVE), {"services": {"api": settings}})
    (problem,) = map(str, refused.value.problems)
    assert line in problem


def test_a_stack_without_an_output_of_the_template_is_told(tmp_path: Path) -> None:
    workspace(tmp_path)
    with pytest.raises(InputError, match="its addons' stack has no output DBSecret; deploy it with Copilot, or set"):
        api(tmp_path, Account({name: value for name, value in LIVE.items() if name != "DBSecret"}))


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("MyTableName", "MY_TABLE_NAME"),
        ("usersDDBTableName", "USERS_DDB_TABLE_NAME"),
        ("MyDDB2WithLSI", "MY_DDB2_WITH_LSI"),
        ("queueURL2", "QUEUE_URL2"),
    ],
)
def test_a_variable_is_named_as_copilot_names_it(output: str, name: str) -> None:
    assert variable_name(output) == name
