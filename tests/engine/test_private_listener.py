"""Services behind listeners of load balancers that stand already, on the real engine: who lets whom in, and by which
VPC link."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engine.projects import must, project, stack
from tests.engine.test_plan import planned
from tests.projects import Tree, manifest
from tests.pure.bad_external import LISTENER
from tests.repository import ROOT
from tests.standin import private_balancer, sample
from tests.standin.driver import Driver
from tools.operate import __main__ as operate
from tools.setup.stack import backend
from tools.standin import apigateway, elb, lambdas, security, trace
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Cloud, Object
from tools.standin.elsewhere import Account, serving

TWO = {"monolith": manifest("monolith", "/"), "users": manifest("users")}
TARGET = "10.1.0.9"
WHERE = "services.legacy.listener"


def _targets(driver: Driver, network: sample.Network, protocol: str = "HTTP") -> Object:
    group = driver.create(TARGET_GROUP, "legacy", port=8080, protocol=protocol, vpcId=network.vpc.id, targetType="ip")
    driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=TARGET)
    return group


def _config(legacy: Mapping[str, object], weight: int = 0, services: Tree | None = None, **more: object) -> Tree:
    routes = {"old": {"path": "/old", "service": "legacy", "weight": weight}}
    return {"services": {"legacy": legacy, **(services or {})}, "routes": routes, **more}


def test_a_load_balancer_that_lets_no_link_in_is_told_before_a_request_is_led_there(tmp_path: Path) -> None:
    cloud = Cloud()
    driver = Driver(cloud)
    network = sample.network(driver)
    behind = private_balancer.stood(driver, network, _targets(driver, network), open_to=None)
    legacy = {"listener": behind.listener.id, "serverName": private_balancer.HOST}
    foreign = {resource.id: resource.inputs for resource in cloud.snapshot}
    with serving(Account(cloud)) as asked, stack(tmp_path, "api-gateway", TWO, _config(legacy), cloud, asked) as found:
        closed = f"{WHERE}: {behind.group.id} allows no VPC link on port 8443"
        first = must(found.plan())
        assert f"{closed}; run `pulumi up` before you route requests there" in first.output
        must(found.up())

        found.set("strangler:routes.old", json.dumps({"path": "/old", "service": "legacy", "weight": 100}))
        (link,) = (one for one in cloud.of(apigateway.VPC_LINK) if one.name == f"facade-{network.vpc.id}")
        (own,) = link["securityGroupIds"]
        refused = found.plan()
        assert not refused.ok
        (line,) = [error for error in refused.errors if "legacy" in error]
        assert f"{closed}; add a rule there that allows {own}" in line

        rule = private_balancer.let_in(driver, behind.group, referencedSecurityGroupId=own)
        must(found.up())
        url = str(found.outputs()["url"])
        assert trace.answer(cloud.snapshot, url, "GET", "/old/1") == {TARGET: 1.0}
        assert must(found.plan()).lines() == []
        driver.delete(rule)
        must(found.destroy())
        assert {resource.id: resource.inputs for resource in cloud.snapshot} == foreign


def test_security_groups_of_the_users_own_are_let_in_before_the_link_is_there(tmp_path: Path) -> None:
    cloud = Cloud()
    driver = Driver(cloud)
    network = sample.network(driver)
    behind = private_balancer.stood(driver, network, _targets(driver, network), open_to=None)
    group = driver.create(security.GROUP, "link", vpcId=network.vpc.id)
    out = {"ipProtocol": "tcp", "fromPort": 8443, "toPort": 8443}
    driver.create(security.EGRESS, "link", securityGroupId=group.id, referencedSecurityGroupId=behind.group.id, **out)
    private_balancer.let_in(driver, behind.group, referencedSecurityGroupId=group.id)
    foreign = {resource.id: resource.inputs for resource in cloud.snapshot}
    legacy = {"listener": behind.listener.id, "securityGroups": [group.id]}
    with (
        serving(Account(cloud)) as asked,
        stack(tmp_path, "api-gateway", TWO, _config(legacy, 100), cloud, asked) as found,
    ):
        refused = found.plan()
        assert not refused.ok
        assert f"{WHERE}: a listener of HTTPS; set serverName next to it" in refused.output
        found.set("strangler:services", json.dumps({"legacy": {**legacy, "serverName": private_balancer.HOST}}))
        must(found.up())
        (link,) = (one for one in cloud.of(apigateway.VPC_LINK) if one.name == f"facade-{network.vpc.id}")
        assert link["securityGroupIds"] == [group.id]
        url = str(found.outputs()["url"])
        assert trace.answer(cloud.snapshot, url, "GET", "/old") == {TARGET: 1.0}
        must(found.destroy())
        assert {resource.id: resource.inputs for resource in cloud.snapshot} == foreign


def test_an_environment_of_ours_in_the_same_network_shares_its_link(tmp_path: Path) -> None:
    cloud = Cloud()
    driver = Driver(cloud)
    network = sample.network(driver)
    targets = _targets(driver, network, "TCP")
    balancer = driver.create(elb.BALANCER, "legacy", subnets=network.subnets, loadBalancerType="network", internal=True)
    listener = driver.create(
        elb.LISTENER,
        "legacy",
        loadBalancerArn=balancer.id,
        port=8080,
        protocol="TCP",
        defaultActions=[sample.forward((targets.id, 1))],
    )
    vpc = {"id": network.vpc.id, "publicSubnets": network.subnets, "privateSubnets": network.subnets}
    ours: Tree = {"monolith": {"environment": "shared"}, "users": {"environment": "shared"}}
    config = _config({"listener": listener.id}, 100, ours, environments={"shared": {"vpc": vpc}})
    with serving(Account(cloud)) as asked, stack(tmp_path, "api-gateway", TWO, config, cloud, asked) as found:
        must(found.up())
        assert [link.name for link in cloud.of(apigateway.VPC_LINK)] == ["facade-shared"]
        url = str(found.outputs()["url"])
        assert trace.answer(cloud.snapshot, url, "GET", "/old") == {TARGET: 1.0}
        assert trace.answer(cloud.snapshot, url, "GET", "/") == {"monolith": 1.0}
        must(found.destroy())


def _prod(folder: Path) -> Path:
    """A project whose stack `prod` leads a route to a listener, on nobody's account."""
    legacy = {"listener": LISTENER, "serverName": private_balancer.HOST}
    config: Tree = {"platform": "aws", "facade": "api-gateway", **_config(legacy, 100)}
    keys = {f"strangler:{key}": value for key, value in config.items()}
    project(folder, TWO)
    (folder / "Pulumi.prod.yaml").write_text(json.dumps({"config": {"aws:region": "eu-west-1", **keys}}))
    return folder


def test_a_plan_without_an_account_shows_the_link_and_the_integration(tmp_path: Path) -> None:
    folder = _prod(tmp_path)
    found = {step["urn"].rpartition("$")[2]: step["newState"].get("inputs", {}) for step in planned("prod", folder)}
    integration = found["aws:apigatewayv2/integration:Integration::facade-legacy"]
    assert integration["integrationUri"] == LISTENER
    assert integration["tlsConfig"] == {"serverNameToVerify": private_balancer.HOST}
    assert integration["requestParameters"] == {"overwrite:header.host": private_balancer.HOST}
    assert "aws:apigatewayv2/vpcLink:VpcLink::facade-elsewhere" in found


def test_what_a_listener_costs_is_its_owners_and_the_link_to_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _prod(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PULUMI_BACKEND_URL", backend(tmp_path))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    assert operate.run("cost", "prod", {}, folder) == 0
    page = capsys.readouterr().out
    counted = {what.strip() for what, makes, _ in (line.partition("  0 -> ") for line in page.splitlines()) if makes}
    tasks = {"Fargate vCPU, x86_64", "Fargate GB of memory, x86_64", "public IPv4 address"}
    assert counted == {"load balancer", "hosted zone", *tasks}
    assert re.search(rf"load balancer +0 -> {len(TWO)} ", page), "of the environments of ours"
    assert "Not known here" not in page
