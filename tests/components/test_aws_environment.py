"""An environment on AWS: its network, who may talk to whom in it, and its load balancer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.components.recorder import Record
from tests.components.system import deployed
from tests.projects import manifest

BROUGHT = {
    "id": "vpc-0a1b2c3d",
    "publicSubnets": ["subnet-0000000a", "subnet-0000000b"],
    "privateSubnets": ["subnet-0000000c", "subnet-0000000d"],
}


def with_environment(folder: Path, settings: Mapping[str, object], **config: object) -> Record:
    """A stack whose one service, the monolith, runs in an environment with these settings."""
    manifests = {"monolith": manifest("monolith", "/")}
    return deployed(folder, manifests, {"environments": {"monolith": settings}, **config})


def rules(record: Record) -> list[tuple[str, ...]]:
    """Who may open what to whom: direction, group, peer, first and last port."""
    found: list[tuple[str, ...]] = []
    for direction in ("Ingress", "Egress"):
        for resource in record.of(f"SecurityGroup{direction}Rule"):
            peer = resource.inputs.get("cidrIpv4") or resource.inputs.get("referencedSecurityGroupId")
            ports = (f"{resource.inputs.get(end, '')}".partition(".")[0] for end in ("fromPort", "toPort"))
            group = str(resource.inputs["securityGroupId"]).removeprefix("SecurityGroup-monolith-")
            found.append((direction, group, str(peer).removeprefix("SecurityGroup-monolith-"), *ports))
    return sorted(found)


def test_tasks_take_requests_from_the_balancer_and_from_each_other_only(tmp_path: Path) -> None:
    assert rules(with_environment(tmp_path, {})) == [
        ("Egress", "balancer", "tasks", "0", "65535"),
        ("Egress", "tasks", "0.0.0.0/0", "", ""),
        ("Ingress", "balancer", "0.0.0.0/0", "80", "80"),
        ("Ingress", "tasks", "balancer", "0", "65535"),
        ("Ingress", "tasks", "tasks", "0", "65535"),
    ]


def test_complaint_17_rules_are_resources_of_their_own(tmp_path: Path) -> None:
    for group in with_environment(tmp_path, {}).of("SecurityGroup"):
        assert not group.inputs.keys() & {"ingress", "egress"}
        assert not group.options.deleteBeforeReplace


def test_complaint_15_a_network_is_made_and_the_default_one_never_used(tmp_path: Path) -> None:
    record = with_environment(tmp_path, {"cidr": "10.7.0.0/16"})
    assert record.one("awsx:ec2:Vpc").inputs["cidrBlock"] == "10.7.0.0/16"
    assert record.one("LoadBalancer").inputs["subnets"] == ["monolith-public-1", "monolith-public-2"]
    assert not [call for call in record.calls if "ec2" in call]


def test_complaint_15_a_network_that_is_brought_is_used_by_its_ids(tmp_path: Path) -> None:
    record = with_environment(tmp_path, {"vpc": BROUGHT})
    assert not record.of("awsx:ec2:Vpc")
    assert record.one("LoadBalancer").inputs["subnets"] == BROUGHT["publicSubnets"]
    assert record.one("TargetGroup").inputs["vpcId"] == BROUGHT["id"]
    network = record.one("aws:ecs/service:Service").inputs["networkConfiguration"]
    assert network["subnets"] == BROUGHT["publicSubnets"]
    assert not [call for call in record.calls if "ec2" in call]


@pytest.mark.parametrize(
    ("nat", "strategy"), [(None, "None"), ("none", "None"), ("single", "Single"), ("per-az", "OnePerAz")]
)
def test_complaint_16_no_nat_gateway_is_paid_for_unless_it_is_asked_for(
    tmp_path: Path, nat: str | None, strategy: str
) -> None:
    record = with_environment(tmp_path, {"nat": nat} if nat else {})
    assert record.one("awsx:ec2:Vpc").inputs["natGateways"] == {"strategy": strategy}


def subnets(record: Record) -> dict[str, list[str]]:
    """The ranges by type."""
    specs: list[dict[str, Any]] = record.one("awsx:ec2:Vpc").inputs["subnetSpecs"]
    return {spec["type"]: spec["cidrBlocks"] for spec in specs}


def test_a_further_zone_moves_no_subnet(tmp_path: Path) -> None:
    two, three = (subnets(with_environment(tmp_path / str(zones), {"zones": zones})) for zones in (2, 3))
    for kind in ("Public", "Private"):
        assert three[kind][:2] == two[kind]
        assert len(three[kind]) == 3


@pytest.mark.parametrize("network", [{}, {"vpc": BROUGHT}])
def test_an_internal_balancer_is_reached_from_its_network_only(tmp_path: Path, network: Mapping[str, object]) -> None:
    record = with_environment(tmp_path, network or {"cidr": "10.7.0.0/16"}, facade="api-gateway")
    balancer = record.one("LoadBalancer")
    assert balancer.inputs["internal"] is True
    private = BROUGHT["privateSubnets"] if network else ["monolith-private-1", "monolith-private-2"]
    assert balancer.inputs["subnets"] == private
    callers = record.one("SecurityGroupIngressRule", "monolith-internal-in").inputs["cidrIpv4"]
    assert callers == ("172.31.0.0/16" if network else "10.7.0.0/16")


def test_complaint_9_a_target_group_never_moves_to_another_balancer(tmp_path: Path) -> None:
    public = with_environment(tmp_path / "1", {"loadBalancer": "public"})
    internal = with_environment(tmp_path / "2", {"loadBalancer": "internal"})
    for kind in ("LoadBalancer", "TargetGroup", "Listener", "ListenerRule"):
        assert public.one(kind).name != internal.one(kind).name


def test_what_no_rule_takes_is_a_503(tmp_path: Path) -> None:
    (action,) = with_environment(tmp_path, {}).one("Listener").inputs["defaultActions"]
    assert action["type"] == "fixed-response"
    assert action["fixedResponse"]["statusCode"] == "503"


def test_a_balancer_is_strict_with_what_it_is_sent(tmp_path: Path) -> None:
    balancer = with_environment(tmp_path, {}).one("LoadBalancer").inputs
    assert balancer["internal"] is False
    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["desyncMitigationMode"] == "defensive"
    assert balancer.get("accessLogs") is None


def test_access_logs_go_where_the_user_says(tmp_path: Path) -> None:
    balancer = with_environment(tmp_path, {"accessLogs": "my-logs"}).one("LoadBalancer").inputs
    assert balancer["accessLogs"] == {"bucket": "my-logs", "enabled": True, "prefix": "dev/monolith"}


@pytest.mark.parametrize(("on", "value"), [(False, "disabled"), (True, "enabled")])
def test_container_insights_are_off_unless_asked_for(tmp_path: Path, on: bool, value: str) -> None:
    cluster = with_environment(tmp_path, {"containerInsights": on}).one("Cluster").inputs
    assert cluster["settings"] == [{"name": "containerInsights", "value": value}]


def test_a_cluster_has_fargate_and_fargate_spot(tmp_path: Path) -> None:
    providers = with_environment(tmp_path, {}).one("ClusterCapacityProviders").inputs
    assert providers["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]


def test_a_domain_of_service_discovery_names_its_stack(tmp_path: Path) -> None:
    assert with_environment(tmp_path, {}).one("PrivateDnsNamespace").inputs["name"] == "monolith.dev.strangler.local"
