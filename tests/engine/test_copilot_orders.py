"""The workspace of examples/copilot-orders on AWS: planned without an account, and brought up beside stacks of
CloudFormation's, whose export and addon it needs."""

import json
import subprocess
import sys
from typing import Any, cast

import yaml

from tests.engine.projects import must
from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tests.standin.driver import Driver
from tools.standin import ecs, iam, trace
from tools.standin.cloud import Cloud

EXAMPLE = ROOT / "examples/copilot-orders"
FILE = (EXAMPLE / "Pulumi.orders-test.yaml").relative_to(ROOT)
READS = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}


def variables(definition: str, container: str) -> dict[str, str]:
    """What a container is told, by the JSON of its task's containers."""
    (found,) = [load for load in json.loads(definition) if load["name"] == container]
    return {item["name"]: item["value"] for item in found["environment"]}


def test_the_documented_command_plans_it() -> None:
    assert f"make plan STACK={FILE}" in (EXAMPLE / "README.md").read_text()
    command = [sys.executable, "-m", "tools.standin", "plan", str(FILE), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    steps = cast("list[dict[str, Any]]", json.loads(done.stdout)["steps"])
    made = [step["newState"] for step in steps if step["op"] == "create"]
    assert [state["type"] for state in made].count("aws:sfn/stateMachine:StateMachine") == 1
    (shop,) = [
        state["inputs"] for state in made if state["type"] == ecs.TASK_DEFINITION and state["urn"].endswith("::shop")
    ]
    told = variables(shop["containerDefinitions"], "shop")
    assert told["HELP_MAIL"] == "help@example.com"
    assert told["RECEIPTS_NAME"] == "<from CloudFormation, known at up: ReceiptsName>"


def test_it_comes_up_with_what_cloudformation_has_and_a_second_up_changes_nothing() -> None:
    config = cast("dict[str, Any]", yaml.safe_load((ROOT / FILE).read_text())["config"])
    del config["strangler:exports"]
    cloud = Cloud()
    cloud.exports["orders-test-HelpMail"] = "us@example.com"
    document = json.dumps({"Version": "2012-10-17", "Statement": [READS]})
    policy = str(Driver(cloud).create(iam.POLICY, "receipts", name="receipts", policy=document)["arn"])
    cloud.stacks["orders-test-shop-AddonsStack-1"] = {"ReceiptsName": "receipts-1", "ReceiptsAccessPolicy": policy}
    with WarmStack(ROOT, cloud, stack="orders-test", config={**config, "strangler:deleteImages": True}) as found:
        must(found.up())
        (shop,) = [item for item in cloud.snapshot.of(ecs.TASK_DEFINITION) if item.name == "shop"]
        told = variables(shop["containerDefinitions"], "shop")
        assert (told["HELP_MAIL"], told["RECEIPTS_NAME"]) == ("us@example.com", "receipts-1")
        assert list(json.loads(told["COPILOT_SNS_TOPIC_ARNS"])) == ["orders"]
        attached = cloud.snapshot.of(iam.ATTACHMENT)
        assert [item.name for item in attached if item["policyArn"] == policy] == ["shop-task-ReceiptsAccessPolicy"]
        url = str(found.outputs()["url"])
        assert trace.names(trace.answer(cloud.snapshot, url, "GET", "/orders")) == {"shop"}
        assert must(found.up()).lines() == []
