"""What a stack costs while nothing happens: counted from its resources, with prices that have a date."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tools.iam.table import RIGHTS
from tools.operate import __main__ as operate
from tools.operate.billed import BILLED, amounts, before_and_after
from tools.operate.cost import prices, reason, text
from tools.setup.run import Outcome
from tools.setup.say import MachineError

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SERVICE, TASK = "aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition"
TARGET, POLICY = "aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"
ALARM, NAT, ADDRESS = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"
METRICS = [{"metric": "a"}, {"metric": "b"}]
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def one(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"type": kind, "parent": "users", "inputs": inputs}


def of_environment(kind: str, inside: str = "", **inputs: Any) -> dict[str, Any]:
    """A resource below the environment `shared`."""
    parent = f"urn:pulumi:dev::strangler::strangler:index:Strangler$strangler:index:Environment{inside}::shared"
    return {"type": kind, "parent": parent, "inputs": inputs}


def subnet(public: bool) -> dict[str, Any]:
    return of_environment("aws:ec2/subnet:Subnet", "$awsx:ec2:Vpc$aws:ec2/vpc:Vpc", mapPublicIpOnLaunch=public)


def tasks(count: int, public: bool = False, **definition: Any) -> list[dict[str, Any]]:
    """A service and its task definition."""
    network = {"assignPublicIp": public}
    whole = {"cpu": "512", "memory": "1024", **definition}
    return [one(SERVICE, desiredCount=count, networkConfiguration=network), one(TASK, **whole)]


@pytest.mark.parametrize(
    ("resources", "counted"),
    [
        ([one(BALANCER, internal=True, subnets=["a", "b"])], {"load balancer": 1}),
        ([one(BALANCER, internal=False, subnets=["a", "b", "c"])], {"load balancer": 1, "public IPv4 address": 3}),
        ([one(BALANCER, subnets=UNKNOWN)], {"load balancer": 1, "public IPv4 address": 2}),
        (
            [of_environment(BALANCER, subnets=UNKNOWN), *[subnet(True), subnet(False)] * 3],
            {"load balancer": 1, "public IPv4 address": 3},
        ),
        ([one(BALANCER, subnetMappings=[{"a": 1}, {"a": 2}])], {"load balancer": 1, "public IPv4 address": 2}),
        (tasks(0), {}),
        (tasks(3), {"Fargate vCPU, x86_64": 1.5, "Fargate GB of memory, x86_64": 3}),
        (tasks(1, True), {"Fargate vCPU, x86_64": 0.5, "Fargate GB of memory, x86_64": 1, "public IPv4 address": 1}),
        (
            tasks(2, runtimePlatform={"cpuArchitecture": "ARM64"}, ephemeralStorage={"sizeInGib": 30}),
            {"Fargate vCPU, arm64": 1, "Fargate GB of memory, arm64": 2, "Fargate GB of storage over 20": 20},
        ),
        (
            [*tasks(5), one(TARGET, minCapacity=2), one(POLICY)],
            {"Fargate vCPU, x86_64": 1, "Fargate GB of memory, x86_64": 2, "metric of an alarm": 2},
        ),
        ([one(ALARM)], {"metric of an alarm": 1}),
        (
            [one(ALARM, metricQueries=[*METRICS, {"expression": "a/b"}])],
            {"metric of an alarm": 2},
        ),
        ([one(NAT), one(ADDRESS)], {"NAT gateway": 1, "public IPv4 address": 1}),
        ([one("aws-native:refactorspaces:Application")], {"load balancer": 1}),
        ([one("aws:iam/role:Role")], {}),
    ],
)
def test_resources_are_counted_by_what_is_billed(resources: list[dict[str, Any]], counted: dict[str, float]) -> None:
    assert {what: count for what, count in amounts(resources).items() if count} == counted


def test_whatever_is_counted_has_a_price_with_a_date_and_a_source() -> None:
    data = json.loads(Path("tools/operate/prices.json").read_text(encoding="utf-8"))["prices"]
    everything = [one(BALANCER), *tasks(1), one(NAT), one(ALARM), one("aws:cloudwatch/dashboard:Dashboard")]
    arm = tasks(1, runtimePlatform={"cpuArchitecture": "ARM64"})
    assert {*amounts(everything), *amounts(arm)} <= {*data}
    assert [name for name, item in data.items() if not item["page"].startswith("aws.amazon.com/")] == []
    assert [name for name, item in data.items() if "20" not in item["as of"]] == []


def test_every_type_that_the_program_makes_has_a_price_or_is_free_or_is_named_as_left_out() -> None:
    known = prices()
    made = {kind for kind in RIGHTS if kind.startswith("aws")}
    assert made - {*BILLED} - known.free - {*known.left_out} == set()
    assert known.free & ({*BILLED} | {*known.left_out}) == set()


def step(op: str, urn: str, old: dict[str, Any] | None = None, new: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"op": op, "urn": urn, **({"oldState": old} if old else {}), **({"newState": new} if new else {})}


def test_a_plan_is_counted_as_it_is_and_as_it_will_be() -> None:
    nat, address, balancer = one(NAT), one(ADDRESS), one(BALANCER, internal=True)
    steps = [
        step("same", "a", nat, nat),
        step("create", "b", new=address),
        step("create-replacement", "c", balancer, balancer),
        step("replace", "c", balancer, balancer),
        step("delete-replaced", "c", balancer),
        step("delete", "d", balancer),
    ]
    before, after = before_and_after(steps)
    assert amounts(before) == {"NAT gateway": 1, "load balancer": 2}
    assert amounts(after) == {"NAT gateway": 1, "public IPv4 address": 1, "load balancer": 1}
    page = text(before, after).splitlines()
    assert page[1:5] == [
        "  load balancer        2 -> 1    16.43   16.43      -16.42",
        "  public IPv4 address  0 -> 1    3.65    3.65       +3.65",
        "  NAT gateway          1         32.85   32.85",
        "  all of it                              52.93      -12.77",
    ]


def test_the_page_says_what_it_leaves_out_and_what_it_does_not_know() -> None:
    page = text([], [one("aws:cloudwatch/logGroup:LogGroup"), one("aws:rds/cluster:Cluster"), one(NAT)])
    assert "Left out: logs, by the GB; traffic." in page
    assert "Not known here, and not counted: aws:rds/cluster:Cluster." in page
    assert "List prices of us-east-1 for 730 hours" in page


def test_the_example_board_costs_what_the_readme_says() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    month = prices().month
    for what, count in (("load balancer", 4), ("public IPv4 address", 12)):
        assert f"| {count} | ${math.floor(month[what] * count + 0.5)} |" in readme
    task = month["Fargate vCPU, x86_64"] / 4 + month["Fargate GB of memory, x86_64"] / 2
    assert f"| 4 | ${math.floor(task * 4 + 0.5)} |" in readme


def test_a_stack_without_a_file_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.prod.yaml").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError) as refused:
        operate.run("cost", "prd", {}, tmp_path)
    assert str(refused.value) == "make: cost: STACK=prd: it has no file Pulumi.prd.yaml; did you mean prod?"


def test_a_plan_that_fails_is_reported_by_its_first_error() -> None:
    diagnostics = [
        {"severity": "warning", "message": "old"},
        {"severity": "error", "message": "error: no credentials\nset AWS_PROFILE\n"},
        {"severity": "error", "message": "preview failed"},
    ]
    assert reason(Outcome(1, json.dumps({"diagnostics": diagnostics}), "")) == "no credentials\nset AWS_PROFILE\n"
    assert reason(Outcome(1, "", "error: no such stack file\n")) == "no such stack file"
    assert reason(Outcome(255, "{}", "")) == "{}"


def test_a_stack_that_is_not_up_is_planned_on_the_stand_ins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.prod.yaml").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert operate.run("cost", "prod", {"DRY": "1"}, tmp_path) == 0
    assert capsys.readouterr().out.endswith(" -m tools.standin plan prod --json\n")
