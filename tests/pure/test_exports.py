"""`from_cfn`: the values of CloudFormation's exports, wherever Copilot takes one."""

from pathlib import Path

import pytest

from components.input.diagnostics import InputError
from components.manifest.exports import AddonsStack, LookUpError
from components.manifest.storage import OwnFiles
from components.manifest.variables import Secret
from components.settings.service import Service
from tests.projects import Tree, board, manifest, read_project, without_numbers, write_project

AWS: Tree = {"platform": "aws", "facade": "alb"}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
ACCOUNT = {"table": "orders", "secret": SECRET, "parameter": "/app/key", "group": "sg-0a1b2c3d", "files": "fs-0a1b2c3d"}
EVERYWHERE: Tree = {
    "variables": {"TABLE": {"from_cfn": "table"}, "PLAIN": "a"},
    "secrets": {"DB": {"from_cfn": "secret"}, "KEY": {"from_cfn": "parameter"}},
    "network": {"vpc": {"security_groups": [{"from_cfn": "group"}]}},
    "storage": {"volumes": {"data": {"path": "/data", "efs": {"id": {"from_cfn": "files"}}}}},
    "sidecars": {
        "proxy": {
            "image": "nginx@sha256:" + "ab" * 32,
            "variables": {"TABLE": {"from_cfn": "table"}},
            "secrets": {"DB": {"from_cfn": "secret"}},
        }
    },
    "logging": {
        "destination": {"Name": "http"},
        "variables": {"TABLE": {"from_cfn": "table"}},
        "secretOptions": {"KEY": {"from_cfn": "parameter"}},
    },
}


class Account:
    """An account that exports these, and has no addons."""

    def __init__(self, exports: dict[str, str]) -> None:
        self.exports = exports

    def export(self, name: str) -> str:
        if name not in self.exports:
            raise LookUpError(f"no export {name!r}", "look at its stack")
        return self.exports[name]

    def addons(self, place: AddonsStack) -> None:
        del place

    def has_topic(self, name: str) -> bool:
        del name
        return False


def users(folder: Path, fields: Tree, config: Tree, exports: dict[str, str] | None = None) -> Service:
    write_project(folder, {**board(), "users": manifest("users", **fields)})
    account = None if exports is None else Account(exports)
    settings = read_project(folder, config, "test", look_ups=account)
    return next(service for service in settings.services if service.name == "users")


@pytest.mark.parametrize("given", [True, False])
def test_an_export_is_read_wherever_copilot_takes_one(tmp_path: Path, given: bool) -> None:
    config: Tree = {**AWS, "exports": ACCOUNT} if given else AWS
    found = users(tmp_path, EVERYWHERE, config, {} if given else ACCOUNT).manifest
    (sidecar,), router = found.sidecars, found.router
    database, key = Secret("secretsmanager", SECRET), Secret("ssm", "/app/key")
    assert found.variables == (("PLAIN", "a"), ("TABLE", "orders"))
    assert found.secrets == (("DB", database), ("KEY", key))
    assert found.network.security_groups == ("sg-0a1b2c3d",)
    assert [volume.efs for volume in found.volumes] == [OwnFiles("fs-0a1b2c3d")]
    assert sidecar.variables == (("TABLE", "orders"),)
    assert sidecar.secrets == (("DB", database),)
    assert router
    assert router.container.variables == (("TABLE", "orders"),)
    assert router.secret_options == (("KEY", key),)


def test_without_an_account_a_plan_says_that_a_value_is_known_at_up(tmp_path: Path) -> None:
    found = users(tmp_path, EVERYWHERE, AWS).manifest
    assert dict(found.variables)["TABLE"] == "<from CloudFormation, known at up: table>"
    assert found.network.security_groups == ("<from CloudFormation, known at up: group>",)


def test_an_export_that_is_not_there_is_one_line_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        users(tmp_path, EVERYWHERE, AWS, {name: value for name, value in ACCOUNT.items() if name != "group"})
    assert without_numbers(refused.value.problems) == [
        "services/users/manifest.yml: network.vpc.security_groups[0].from_cfn: no export 'group'; look at its stack"
    ]


def test_the_value_of_an_export_has_to_fit_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"security_groups\[0\]: found 'orders'; give a security group's id"):
        users(tmp_path, EVERYWHERE, AWS, {**ACCOUNT, "group": "orders"})


def test_on_this_machine_an_export_is_given_or_left_out_with_a_warning(tmp_path: Path) -> None:
    fields: Tree = {"variables": {"TABLE": {"from_cfn": "table"}, "URL": {"from_cfn": "url"}}}
    write_project(tmp_path, {**board(), "users": manifest("users", **fields)})
    settings = read_project(tmp_path, {"exports": {"table": "orders", "tabel": "x"}})
    assert dict(settings.services[-1].manifest.variables) == {"TABLE": "orders"}
    assert without_numbers(settings.warnings) == [
        "Pulumi.local.yaml: strangler:exports.tabel: no manifest names it; did you mean table?",
        "services/users/manifest.yml: variables.URL.from_cfn: a CloudFormation export, omitted on the platform"
        " local; if it is needed, set strangler:exports.url",
    ]


def test_an_override_may_take_another_form_of_a_secret(tmp_path: Path) -> None:
    fields: Tree = {
        "secrets": {"DB": {"secretsmanager": "db"}},
        "environments": {"test": {"secrets": {"DB": {"from_cfn": "secret"}}}},
    }
    assert users(tmp_path, fields, AWS, ACCOUNT).manifest.secrets == (("DB", Secret("secretsmanager", SECRET)),)


@pytest.mark.parametrize("name", ["off", "no", "false"])
def test_an_export_may_be_called_as_a_word_for_false(tmp_path: Path, name: str) -> None:
    found = users(tmp_path, {"secrets": {"DB": {"from_cfn": name}}}, AWS, {name: SECRET})
    assert found.manifest.secrets == (("DB", Secret("secretsmanager", SECRET)),)
