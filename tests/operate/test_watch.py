"""`make watch`: what it shows of a stack on AWS, and that its page is for this machine only."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.stub import ANY, Stubber  # pyright: ignore[reportMissingTypeStubs]
from moto import mock_aws

from components.local.envoy.statistics import FACADE
from tests.operate.test_on_aws import client, credentials, found
from tools.operate.on_aws import Aws
from tools.setup.say import MachineError
from tools.watch import __main__ as watch
from tools.watch import reports
from tools.watch.figures import Figures, milliseconds
from tools.watch.on_aws import CloudWatchFigures
from tools.watch.server import HOST, Latest, served
from tools.watch.snapshot import Snapshot

FIGURES = {FACADE: Figures(12.0, 2.5, 3.0, 1500.0), "users": Figures(2.0, 0.0, 2.0, 9.0)}
FINDING = {
    "kind": "body",
    "path": "$.users[0].age",
    "count": 3,
    "old": 41,
    "new": "41",
    "example": {"method": "GET", "path": "/api/users"},
}


def snapshot(outputs: dict[str, Any], folder: Path) -> Snapshot:
    return Snapshot(found(outputs), FIGURES, reports.comparisons(folder), reports.steps(folder), "2026-01-01T00:00:00Z")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A comparison and two steps, one line of which is being written."""
    report: dict[str, object] = {
        "route": "users",
        "at": "2026-01-01T00:00:00Z",
        "requests": 10,
        "findings": [FINDING],
        "latency": {},
    }
    (tmp_path / "compare-users.json").write_text(json.dumps(report))
    (tmp_path / "compare-posts.json").write_text('{"route": "po')
    step = {"at": "2026-01-01T00:00:01Z", "route": "users", "from": 5, "to": 0, "event": "taken back", "why": "7 % 5xx"}
    (tmp_path / reports.STEPS).write_text(f'{json.dumps(step)}\n{{"at": "2026')
    return tmp_path


def test_the_text_has_figures_routes_the_last_findings_and_steps(outputs: dict[str, Any], written: Path) -> None:
    lines = snapshot(outputs, written).text().splitlines()
    assert "  all       12.0        2.5 %   3.0 ms  1.5 s" in lines
    assert "  monolith  0.0         -       -       -" in lines
    assert "  /api/users       all      users     25" in [line.rstrip() for line in lines]
    assert "users: 1 findings in 10 requests, compared 2026-01-01T00:00:00Z" in lines
    assert "  body $.users[0].age: 41 became '41', 3 times, such as GET /api/users" in lines
    assert "  2026-01-01T00:00:01Z users 5 % to 0 %, taken back: 7 % 5xx" in lines


def test_the_page_gets_what_the_text_says(outputs: dict[str, Any], written: Path) -> None:
    data = snapshot(outputs, written).data()
    assert json.loads(json.dumps(data)) == data
    assert data["default"] == "monolith"
    assert [(service["name"], service["requests"]) for service in data["services"]] == [("monolith", 0), ("users", 2)]
    assert [one["route"] for one in data["comparisons"]] == ["users"]
    assert [one["event"] for one in data["steps"]] == ["taken back"]


def test_latencies_are_written_as_people_read_them() -> None:
    assert [milliseconds(value) for value in (None, 0.4, 12.3, 2345)] == ["-", "0.4 ms", "12 ms", "2.3 s"]


@pytest.fixture
def account(outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account whose users are behind a load balancer."""
    credentials(monkeypatch)
    with mock_aws():
        ecs, ec2, elb = client("ecs"), client("ec2"), client("elbv2")
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        balancer = elb.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        group = elb.create_target_group(Name="users", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
        forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
        users = outputs["services"]["users"]
        ecs.create_cluster(clusterName=users["cluster"])
        ecs.register_task_definition(
            family="users", containerDefinitions=[{"name": "users", "image": "i", "memory": 9}]
        )
        ecs.create_service(
            cluster=users["cluster"],
            serviceName=users["ecsService"],
            taskDefinition="users",
            desiredCount=1,
            loadBalancers=[
                {"targetGroupArn": group["TargetGroupArn"], "containerName": "users", "containerPort": 8080}
            ],
        )
        yield


@pytest.mark.usefixtures("account")
def test_on_aws_the_figures_are_those_of_the_target_groups_that_ecs_names(
    outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto knows no percentiles: what CloudWatch answers is checked against botocore's model only."""
    cloudwatch = client("cloudwatch")
    values = {"requests": [120.0, 60.0], "errors": [6.0], "p50": [0.004], "p99": [0.25]}
    results = [{"Id": f"q0_{what}", "Values": own} for what, own in values.items()]
    asked: dict[str, Any] = {
        "MetricDataQueries": ANY,
        "StartTime": ANY,
        "EndTime": ANY,
        "ScanBy": "TimestampDescending",
    }
    real = Aws.client

    def chosen(self: Aws, name: str, region: str) -> Any:
        return cloudwatch if name == "cloudwatch" else real(self, name, region)

    monkeypatch.setattr(Aws, "client", chosen)
    with Stubber(cloudwatch) as stubber:
        cast("Any", stubber).add_response("get_metric_data", {"MetricDataResults": results}, asked)
        figures = CloudWatchFigures("watch", found(outputs)).figures()
    assert figures["users"] == figures[FACADE] == Figures(2.0, 5.0, 4.0, 250.0)
    assert figures["monolith"] == Figures(0, 0.0, None, None), "ECS doesn't know it in this account"


@pytest.fixture
def address() -> Iterator[str]:
    with served("watch", 0, lambda: {"stack": "<script>"}) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"{HOST}:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_page_brings_all_that_it_needs_and_may_load_nothing_else(address: str) -> None:
    for path in ("/", "/page.js", "/page.css", "/state.json"):
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            body = answer.read().decode()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "https://" not in body
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://{address}/etc/passwd", timeout=5)


def test_another_name_for_this_address_is_told_nothing(address: str) -> None:
    connection = HTTPConnection(address, timeout=5)
    connection.request("GET", "/state.json", headers={"Host": "evil.example.com:80"})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (421, b"ask 127.0.0.1\n")
    connection.close()


def test_a_port_that_is_taken_is_one_line(address: str) -> None:
    with pytest.raises(
        MachineError, match=r"^make: watch: PORT=\d+: Address already in use on 127.0.0.1; give another"
    ):
        served("watch", int(address.rpartition(":")[2]), dict)


@pytest.mark.parametrize("given", ["x", "-1", "65536", "8 0"])
def test_a_port_that_is_none_is_one_line(given: str, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=rf"^make: watch: PORT={given}; give a number from 0 to 65535"):
        watch.run("local", {"PORT": given}, tmp_path)


def test_what_fails_for_a_moment_is_shown_beside_what_was_seen_last() -> None:
    answers: list[Mapping[str, Any]] = [{"stack": "local"}]

    def look() -> Mapping[str, Any]:
        if not answers:
            raise MachineError("watch", "Envoy doesn't answer", "`make up`")
        return answers.pop()

    latest = Latest(look, 0.01)
    latest.start()
    assert latest.state() == {"stack": "local", "problem": ""}
    for _ in range(500):
        if latest.state()["problem"]:
            break
        threading.Event().wait(0.01)
    latest.end()
    assert latest.state()["stack"] == "local"
    assert latest.state()["problem"].endswith("Envoy doesn't answer; `make up`")
