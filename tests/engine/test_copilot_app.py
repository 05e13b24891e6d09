"""The Copilot workspace of examples/copilot-app, as its stack files have it: planned, brought up, and taken down."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.engine.projects import must
from tests.engine.warm import WarmStack
from tests.repository import ROOT
from tools.standin import awsx, cloudwatch, ec2, ecs, elb, flowlogs, iam, s3, security, trace
from tools.standin.cloud import Cloud, Snapshot
from tools.standin.engine import EngineStack

EXAMPLE = ROOT / "examples/copilot-app"


def stack_file(environment: str) -> Path:
    return EXAMPLE / f"Pulumi.copilot-{environment}.yaml"


def config(environment: str, **more: object) -> dict[str, Any]:
    """What the stack file of an environment says."""
    own = cast("dict[str, Any]", yaml.safe_load(stack_file(environment).read_text())["config"])
    return {**own, **{f"strangler:{key}": value for key, value in more.items()}}


def containers(snapshot: Snapshot, service: str) -> dict[str, dict[str, Any]]:
    """The containers of a service's tasks, by name."""
    found = [definition for definition in snapshot.of(ecs.TASK_DEFINITION) if definition.name == service]
    return {load["name"]: load for load in json.loads(found[-1]["containerDefinitions"])}


def variables(snapshot: Snapshot, service: str) -> dict[str, str]:
    """What the main container of a service is told."""
    return {item["name"]: item["value"] for item in containers(snapshot, service)[service]["environment"]}


@pytest.fixture(scope="module")
def production() -> Iterator[EngineStack]:
    """The environment prod, up."""
    with EngineStack(ROOT, Cloud(), stack="copilot-prod", config=config("prod", deleteImages=True)) as found:
        must(found.up())
        yield found


@pytest.mark.parametrize("environment", ["test", "prod"])
def test_the_documented_command_plans_it(environment: str) -> None:
    file = stack_file(environment).relative_to(ROOT)
    assert f"make plan STACK={file}" in (EXAMPLE / "README.md").read_text()
    done = subprocess.run(
        [sys.executable, "-m", "tools.standin", "plan", str(file), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    steps = cast("list[dict[str, Any]]", json.loads(done.stdout)["steps"])
    made = [str(step["newState"]["type"]) for step in steps if step["op"] == "create"]
    assert made.count(ecs.SERVICE) == 2
    assert made.count(awsx.VPC) == 1
    assert (flowlogs.FLOW_LOG in made) == (environment == "prod")


def test_services_answer_behind_the_facade(production: EngineStack) -> None:
    url = str(production.outputs()["url"])
    for path, service in {"/": "web", "/parcel": "web", "/api/parcels": "api", "/api/parcels/2": "api"}.items():
        assert trace.names(trace.answer(production.cloud.snapshot, url, "GET", path)) == {service}, path


def test_containers_know_where_they_are(production: EngineStack) -> None:
    environment = variables(production.cloud.snapshot, "web")
    assert environment["TITLE"] == "Parcels"
    assert (environment["COPILOT_APPLICATION_NAME"], environment["COPILOT_ENVIRONMENT_NAME"]) == ("parcels", "prod")
    (balancer,) = production.cloud.snapshot.of(elb.BALANCER)
    assert environment["COPILOT_LB_DNS"] == balancer["dnsName"]
    assert environment["COPILOT_SERVICE_DISCOVERY_ENDPOINT"] == "prod.copilot-prod.strangler.local"


def test_a_sidecar_runs_beside_the_pages(production: EngineStack) -> None:
    found = containers(production.cloud.snapshot, "web")
    assert list(found) == ["web", "metrics"]
    metrics = found["metrics"]
    assert metrics["essential"] is False
    assert [mapping["containerPort"] for mapping in metrics["portMappings"]] == [9102]
    assert metrics["dependsOn"] == [{"condition": "START", "containerName": "web"}]
    assert {"name": "LEVEL", "value": "info"} in metrics["environment"]


def test_a_file_of_variables_stands_below_those_of_the_manifest(production: EngineStack) -> None:
    environment = variables(production.cloud.snapshot, "api")
    assert (environment["CARRIER_NAME"], environment["LOG_LEVEL"]) == ("Parcels & Sons", "info")
    assert containers(production.cloud.snapshot, "api")["api"]["readonlyRootFilesystem"] is True


def test_the_environment_is_as_its_manifest_says(production: EngineStack) -> None:
    snapshot = production.cloud.snapshot
    subnets = sorted((subnet["cidrBlock"], subnet["availabilityZone"]) for subnet in snapshot.of(ec2.SUBNET))
    assert subnets == [
        ("10.40.0.0/24", "eu-west-1a"),
        ("10.40.1.0/24", "eu-west-1b"),
        ("10.40.10.0/24", "eu-west-1a"),
        ("10.40.11.0/24", "eu-west-1b"),
    ]
    assert len(snapshot.of(ec2.NAT)) == 2  # api is placed in private subnets
    (flows,) = snapshot.of(flowlogs.FLOW_LOG)
    (logs,) = [group for group in snapshot.of(cloudwatch.LOG_GROUP) if group["arn"] == flows["logDestination"]]
    assert (logs["name"], logs["retentionInDays"]) == ("/strangler/copilot-prod/prod-FlowLogs", 30)
    (bucket,) = snapshot.of(s3.BUCKET)
    (balancer,) = snapshot.of(elb.BALANCER)
    assert balancer["accessLogs"]["bucket"] == bucket.id
    taken = [item for item in snapshot.of(security.INGRESS) if item["cidrIpv4"] == "10.40.0.0/16"]
    assert [item["fromPort"] for item in taken] == [9102]
    assert [cluster["settings"][0]["value"] for cluster in snapshot.of(ecs.CLUSTER)] == ["enabled"]


def test_a_second_up_changes_nothing(production: EngineStack) -> None:
    assert must(production.up()).lines() == []


def test_the_other_environment_is_another_stack_and_destroy_leaves_nothing() -> None:
    with WarmStack(ROOT, Cloud(), stack="copilot-test", config=config("test", deleteImages=True)) as stack:
        must(stack.up())
        snapshot = stack.cloud.snapshot
        assert snapshot.of(ec2.NAT) == ()
        assert variables(snapshot, "api")["LOG_LEVEL"] == "debug"
        assert [role.name for role in snapshot.of(iam.ROLE) if "flow" in role.name] == []
        must(stack.destroy())
        assert [*stack.cloud.snapshot.objects] == []


def test_the_folder_may_be_copied_into_a_project_of_its_own(tmp_path: Path) -> None:
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "components", tmp_path / "components", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("copilot", "web", "api"):
        shutil.copytree(EXAMPLE / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    own = {key: value for key, value in config("test").items() if key != "strangler:exclude"}
    with WarmStack(tmp_path, Cloud(), stack="test", config={**own, "strangler:copilot": "copilot"}) as stack:
        must(stack.plan())
