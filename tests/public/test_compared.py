"""The programs in Python that docs/components.md compares, under the mocks: they divide the same requests alike."""

import json
import runpy
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

import components
from tests.components.recorder import Record, run
from tests.repository import ROOT
from tools.components_pages import COMPARED
from tools.standin.values import table

CONFIG = {
    "vpcId": "vpc-0123456789abcdef0",
    "subnetIds": json.dumps(["subnet-1a", "subnet-1b"]),
    "balancerGroupId": "sg-0123456789abcdef0",
    "listenerArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/1",
    "image": "example.com/users:1",
    "monolithArn": "arn:TargetGroup/monolith",
    "usersArn": "arn:TargetGroup/users",
}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stack's config, the package under its own name, and mocks that take a resource as an argument, as awsx has a
    target group: Pulumi's own would ask for it in a loop that nobody runs."""
    monkeypatch.setitem(sys.modules, "pulumi_strangler", components)
    monkeypatch.setattr(rpc, "deserialize_resource", _urn)
    pulumi.runtime.set_all_config({f"strangler:{key}": value for key, value in CONFIG.items()})
    yield
    pulumi.runtime.set_all_config({})


def _urn(reference: Mapping[str, object], keep_unknowns: bool | None = None) -> str:  # noqa: ARG001
    return str(reference["urn"])


def brought_up(program: Path) -> Record:
    """What it registers."""
    return run(lambda: runpy.run_path(str(program)))


def shares(record: Record) -> dict[tuple[str, ...], dict[str, int]]:
    """Which target groups get the requests of which paths, with which weight, by the rules that requests meet."""
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for rule in record.of("ListenerRule"):
        (condition,), (action,) = rule.inputs["conditions"], rule.inputs["actions"]
        if paths := table(condition.get("pathPattern")).get("values"):
            found[tuple(paths)] = _groups(action)
    return found


def _groups(action: dict[str, Any]) -> dict[str, int]:
    if arn := action.get("targetGroupArn"):
        return {arn: 100}
    groups = action["forward"]["targetGroups"]
    return {group["arn"]: group["weight"] for group in groups if group["weight"]}


@pytest.mark.parametrize(
    "program", [path for programs in COMPARED.values() for path in programs.values() if path.endswith(".py")]
)
def test_a_quarter_goes_to_the_new_service_and_the_rest_where_it_went(program: str) -> None:
    assert shares(brought_up(ROOT / program)) == {
        ("/api/users", "/api/users/*"): {"arn:TargetGroup/users": 25, "arn:TargetGroup/monolith": 75},
        ("/*",): {"arn:TargetGroup/monolith": 100},
    }


@pytest.mark.parametrize("program", ["service_awsx.py", "service_ours.py"])
def test_tasks_start_once_their_target_group_is_attached(program: str) -> None:
    record = brought_up(ROOT / "docs/compared" / program)
    (service,) = [*record.of("awsx:ecs:FargateService"), *record.of("aws:ecs/service:Service")]
    (attached,) = (rule for rule in record.of("ListenerRule") if "hostHeader" in rule.inputs["conditions"][0])
    assert attached.urn in service.options.dependencies
    led = [rule for rule in record.of("ListenerRule") if "/api/users" in str(rule.inputs["conditions"])]
    assert [rule.name for rule in led if service.urn not in rule.options.dependencies] == []
