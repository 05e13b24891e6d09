"""What a program may ask of load balancers that stand already."""

from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import invokes, security
from tools.standin.cloud import AwsError, Cloud


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def front(driver: Driver) -> sample.Front:
    return sample.front(driver, sample.network(driver))


def ask(driver: Driver, token: str, **arguments: Any) -> dict[str, Any]:
    name = token.partition("/")[2]
    return invokes.answer(driver.cloud, driver.settings, f"aws:{token}:{name}", arguments)


def test_a_listener_tells_where_its_default_action_leads(driver: Driver, front: sample.Front) -> None:
    found = ask(driver, "lb/getListener", arn=front.listener.id)
    assert (found["port"], found["protocol"]) == (80, "HTTP")
    assert [action["type"] for action in found["defaultActions"]] == ["fixed-response"]
    group = sample.target_group(driver, front, "a")["arn"]
    for action in (sample.forward((group, 1)), {"type": "forward", "targetGroupArn": group}):
        driver.update(front.listener, defaultActions=[action])
        (answer,) = ask(driver, "lb/getListener", arn=front.listener.id)["defaultActions"]
        assert answer["forwards"] == [{"targetGroups": [{"arn": group, "weight": 1}]}]


def test_a_rule_is_found_by_its_priority_and_a_free_one_is_an_error(driver: Driver, front: sample.Front) -> None:
    made = sample.rule(driver, front, "a", 7, sample.fixed(200), "/a")
    asked = {"listenerArn": front.listener.id, "priority": 7}
    assert ask(driver, "lb/getListenerRule", **asked)["arn"] == made.id
    with pytest.raises(AwsError, match="empty result"):
        ask(driver, "lb/getListenerRule", **{**asked, "priority": 8})


def test_a_load_balancer_tells_its_network_and_its_security_groups(driver: Driver, front: sample.Front) -> None:
    found = ask(driver, "lb/getLoadBalancer", arn=front.balancer.id)
    assert found["securityGroups"] == [front.balancer_group.id]
    assert (found["vpcId"], found["dnsName"]) == (front.network.vpc.id, front.balancer["dnsName"])
    ids = ask(driver, "vpc/getSecurityGroupRules", filters=[{"name": "group-id", "values": found["securityGroups"]}])
    rules = [ask(driver, "vpc/getSecurityGroupRule", securityGroupRuleId=one) for one in ids["ids"]]
    assert sorted((rule["isEgress"], rule["fromPort"]) for rule in rules) == [(False, 80), (True, sample.PORT)]
    assert [rule["referencedSecurityGroupId"] for rule in rules if rule["isEgress"]] == [front.task_group.id]
    assert {item.type for item in driver.cloud.of(security.EGRESS)} == {security.EGRESS}


def test_a_target_group_tells_whether_it_keeps_clients(driver: Driver, front: sample.Front) -> None:
    made = sample.target_group(driver, front, "a")
    assert not ask(driver, "lb/getTargetGroup", arn=made["arn"])["stickiness"]["enabled"]


def test_what_is_not_there_is_an_error_and_in_a_plan_without_an_account_made_up(driver: Driver) -> None:
    tokens = ("lb/getListener", "lb/getLoadBalancer", "lb/getTargetGroup")
    for token in tokens:
        with pytest.raises(AwsError, match="no matching ELBv2"):
            ask(driver, token, arn="arn:nobody")
    free = Driver(Cloud(lenient=True))
    assert ask(free, "lb/getLoadBalancer", arn="arn:nobody")["dnsName"] == "<DNS name of the load balancer>"
    assert len(ask(free, "lb/getListener", arn="arn:nobody")["defaultActions"]) == 1
    with pytest.raises(AwsError, match="Security Group Rule"):
        ask(free, "vpc/getSecurityGroupRule", securityGroupRuleId="sgr-nobody")
