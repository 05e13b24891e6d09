"""The workspace of examples/copilot-orders on AWS: planned without an account, and brought up beside stacks of
CloudFormation's, whose export and addon it needs. Its worker has its queue there."""

import json
import subprocess
import sys
from typing import Any, cast

import yaml

from tests.engine.projects import must
from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tests.standin.driver import Driver
from tools.standin import ecs, iam, sns, sqs, trace
from tools.standin.cloud import Cloud

EXAMPLE = ROOT / "examples/copilot-orders"
FILE = (EXAMPLE / "Pulumi.orders-test.yaml").relative_to(ROOT)
READS = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}


def variables(definition: str, container: str) -> dict[str, str]:
    """What a container is told, by the JSON of its task's containers."""
    (found,) = [load for load in json.loads(definition) if load["name"] == container]
    return {item["name"]: item["value"] for item in found["environment"]}


def look_at_the_packer(cloud: Cloud) -> None:
    """It is told of its queue, which gets the shop's orders, waits as long as the manifest says for the environment,
    and has one for what nobody could pack."""
    (definition,) = (item for item in cloud.of(ecs.TASK_DEFINITION) if item.name == "packer")
    environment = variables(definition["containerDefinitions"], "packer")
    queues = {queue.id: queue for queue in cloud.of(sqs.QUEUE)}
    assert len(queues) == 2
    queue = queues.pop(environment["COPILOT_QUEUE_URI"])
    (letters,) = queues.values()
    assert "COPILOT_TOPIC_QUEUE_URIS" not in environment
    assert queue["visibilityTimeoutSeconds"] == 5
    (redrive,) = cloud.of(sqs.REDRIVE_POLICY)
    assert redrive["queueUrl"] == queue.id
    assert json.loads(redrive["redrivePolicy"]) == {"deadLetterTargetArn": letters["arn"], "maxReceiveCount": 10}
    ((topic,), (subscription,)) = cloud.of(sns.TOPIC), cloud.of(sns.SUBSCRIPTION)
    assert (subscription["topic"], subscription["endpoint"]) == (topic["arn"], queue["arn"])
    assert json.loads(subscription["filterPolicy"]) == {"kind": [{"anything-but": "letter"}]}


def test_the_documented_command_plans_it() -> None:
    assert f"make plan STACK={FILE}" in (EXAMPLE / "README.md").read_text()
    command = [sys.executable, "-m", "tools.standin", "plan", str(FILE), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    steps = cast("list[dict[str, Any]]", json.loads(done.stdout)["steps"])
    made = [step["newState"] for step in steps if step["op"] == "create"]
    types = [state["type"] for state in made]
    assert types.count("aws:sfn/stateMachine:StateMachine") == types.count(sns.SUBSCRIPTION) == 1
    assert types.count(sqs.QUEUE) == 2, "the packer's, and that of its dead letters"
    (shop,) = [
        state["inputs"] for state in made if state["type"] == ecs.TASK_DEFINITION and state["urn"].endswith("::shop")
    ]
    environment = variables(shop["containerDefinitions"], "shop")
    assert environment["HELP_MAIL"] == "help@example.com"
    assert environment["RECEIPTS_NAME"] == "<from CloudFormation, known at up: ReceiptsName>"


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
        environment = variables(shop["containerDefinitions"], "shop")
        assert (environment["HELP_MAIL"], environment["RECEIPTS_NAME"]) == ("us@example.com", "receipts-1")
        assert list(json.loads(environment["COPILOT_SNS_TOPIC_ARNS"])) == ["orders"]
        look_at_the_packer(cloud)
        attached = cloud.snapshot.of(iam.ATTACHMENT)
        assert [item.name for item in attached if item["policyArn"] == policy] == ["shop-task-ReceiptsAccessPolicy"]
        url = str(found.outputs()["url"])
        assert trace.names(trace.answer(cloud.snapshot, url, "GET", "/orders")) == {"shop"}
        assert must(found.up()).lines() == []
