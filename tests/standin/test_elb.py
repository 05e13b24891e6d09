"""Load balancers: each rule is noticed when it is broken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import Front, fixed, forward
from tools.standin import actions, elb
from tools.standin.cloud import AwsError, Object


def redirect(**changes: Any) -> dict[str, Any]:
    """A redirect to port 443, with something else."""
    wanted = {"statusCode": "HTTP_301", **(changes or {})}
    wanted = {"protocol": "HTTPS", **wanted}
    return {"type": "redirect", "redirect": {name: value for name, value in wanted.items() if value is not None}}


@pytest.mark.parametrize("name", ["a" * 33, "internal-a", "-a", "a-", "a_b"])
def test_names_that_a_balancer_does_not_take(driver: Driver, name: str) -> None:
    assert driver.problems(elb.BALANCER, "x", name=name)


def test_names_of_balancers_and_target_groups_are_unique(driver: Driver, front: Front) -> None:
    with pytest.raises(AwsError, match="DuplicateLoadBalancerName"):
        driver.create(elb.BALANCER, "y", name=front.balancer["name"], subnets=front.network.subnets)
    group = sample.target_group(driver, front, "a")
    inputs = {**group.inputs, "name": group["name"]}
    inputs.pop("__defaults")
    with pytest.raises(AwsError, match="DuplicateTargetGroupName"):
        driver.create(actions.TARGET_GROUP, "b", **inputs)


def test_a_port_has_one_listener(driver: Driver, front: Front) -> None:
    with pytest.raises(AwsError, match="DuplicateListener"):
        driver.create(
            elb.LISTENER,
            "y",
            loadBalancerArn=front.balancer.id,
            port=80,
            protocol="HTTP",
            defaultActions=[fixed(404)],
        )


def test_https_needs_a_certificate_and_http_takes_none(driver: Driver, front: Front) -> None:
    inputs: dict[str, Any] = {"loadBalancerArn": front.balancer.id, "port": 443, "defaultActions": [fixed(404)]}
    assert any(
        "certificateArn is required" in message
        for message in driver.problems(elb.LISTENER, "x", protocol="HTTPS", **inputs)
    )
    assert driver.problems(elb.LISTENER, "x", protocol="HTTP", certificateArn="arn:aws:acm:x:1:certificate/a", **inputs)


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"type": "forwards"}, "accepted: forward"),
        ({"type": "forward"}, "needs either targetGroupArn or forward"),
        ({"type": "fixed-response"}, "fixedResponse is required"),
        (fixed(302), "accepted: 2XX, 4XX or 5XX"),
        (forward(("a", 1000)), "weight is 1000; accepted: 0 to 999"),
        (forward(("a", -1)), "weight is -1; accepted: 0 to 999"),
        (forward(*((str(number), 1) for number in range(6))), "has 6 target groups; accepted: 1 to 5"),
        (forward(("a", 1), ("a", 2)), "names the same target group twice"),
        ({"type": "redirect"}, "redirect is required"),
        (redirect(statusCode="HTTP_308"), "redirect.statusCode is 'HTTP_308'; accepted: HTTP_301 or HTTP_302"),
        (redirect(statusCode=None), "redirect.statusCode is required"),
        (redirect(protocol="https"), "accepted: HTTP, HTTPS or #{protocol}"),
        (redirect(port="65536"), "accepted: 1 to 65535, or #{port}"),
        (redirect(host="h" * 129), "accepted: 1 to 128 characters"),
        (redirect(path="new"), "accepted: up to 128 characters that begin with /"),
        (redirect(query="?a"), "without a ? before them"),
        (redirect(protocol="#{protocol}", host="#{host}", path="/#{path}"), "a loop"),
    ],
)
def test_actions_that_a_balancer_does_not_take(driver: Driver, action: dict[str, Any], problem: str) -> None:
    found = driver.problems(elb.LISTENER, "x", loadBalancerArn="a", port=80, protocol="HTTP", defaultActions=[action])
    assert any(problem in message for message in found), found


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ([], "a rule needs a condition"),
        ([{"pathPattern": {"values": [f"/{number}" for number in range(6)]}}], "has 6 values"),
        (
            [
                {"pathPattern": {"values": ["/a", "/b", "/c"]}},
                {"httpRequestMethod": {"values": ["GET", "PUT", "POST"]}},
            ],
            "has 6 values; a rule takes at most 5",
        ),
        ([{"pathPattern": {"values": ["/a b"]}}], "accepted: 1 to 128"),
        ([{"pathPattern": {"values": ["/" + "a" * 128]}}], "accepted: 1 to 128"),
        ([{"pathPattern": {"values": ["/*/*/*/*/*/*"]}}], "at most 5 wildcards"),
        ([{"httpRequestMethod": {"values": ["get"]}}], "upper case"),
        ([{"pathPattern": {"values": ["/a"]}}, {"pathPattern": {"values": ["/b"]}}], "more than once"),
        ([{"pathPattern": {"values": ["/a"], "regexValues": ["^/b$"]}}], "more than once"),
        ([{"pathPattern": {"regexValues": ["^/" + "a" * 126 + "$"]}}], "accepted: 1 to 128 characters"),
        ([{"pathPattern": {"regexValues": ["^/(?!a)[^/]+$"]}}], "what a load balancer's expressions don't have"),
        ([{"pathPattern": {"regexValues": [f"^/{number}$" for number in range(6)]}}], "has 6 values"),
    ],
)
def test_conditions_that_a_rule_does_not_take(driver: Driver, conditions: list[Any], problem: str) -> None:
    found = driver.problems(elb.RULE, "x", listenerArn="a", priority=1, actions=[fixed(503)], conditions=conditions)
    assert any(problem in message for message in found), found


@pytest.mark.parametrize("priority", [0, 50001])
def test_a_priority_has_its_range(driver: Driver, priority: int) -> None:
    conditions = [{"pathPattern": {"values": ["/a"]}}]
    inputs: dict[str, Any] = {"listenerArn": "a", "actions": [fixed(503)], "conditions": conditions}
    assert any("priority is" in message for message in driver.problems(elb.RULE, "x", priority=priority, **inputs))


def test_a_priority_is_taken_once_per_listener(driver: Driver, front: Front) -> None:
    first = sample.rule(driver, front, "a", 10, fixed(503), "/a")
    with pytest.raises(AwsError, match="PriorityInUse: Priority '10' is currently in use"):
        sample.rule(driver, front, "b", 10, fixed(503), "/b")
    second = sample.rule(driver, front, "b", 20, fixed(503), "/b")
    with pytest.raises(AwsError, match="PriorityInUse"):
        driver.update(second, priority=10)
    driver.delete(first)
    driver.update(second, priority=10)


def test_a_rule_without_a_priority_gets_the_next_one(driver: Driver, front: Front) -> None:
    sample.rule(driver, front, "a", 10, fixed(503), "/a")
    made = driver.create(
        elb.RULE,
        "b",
        listenerArn=front.listener.id,
        actions=[fixed(503)],
        conditions=[{"pathPattern": {"values": ["/b"]}}],
    )
    assert made["priority"] == 11


def test_a_balancer_takes_a_hundred_rules(driver: Driver, front: Front) -> None:
    for number in range(1, 101):
        sample.rule(driver, front, str(number), number, fixed(503), f"/{number}")
    with pytest.raises(AwsError, match="TooManyRules"):
        sample.rule(driver, front, "101", 101, fixed(503), "/101")


def test_a_target_group_belongs_to_one_balancer(driver: Driver, front: Front) -> None:
    group = sample.target_group(driver, front, "a")
    sample.rule(driver, front, "a", 1, forward((group["arn"], 1)), "/a")
    other = driver.create(elb.BALANCER, "other", subnets=front.network.subnets)
    with pytest.raises(AwsError, match="TargetGroupAssociationLimit"):
        driver.create(
            elb.LISTENER,
            "other",
            loadBalancerArn=other.id,
            port=80,
            protocol="HTTP",
            defaultActions=[{"type": "forward", "targetGroupArn": group["arn"]}],
        )


def test_a_target_group_is_in_the_vpc_of_its_balancer(driver: Driver, front: Front) -> None:
    other = sample.network(driver, "other", "10.2")
    far = driver.create(actions.TARGET_GROUP, "far", port=80, protocol="HTTP", targetType="ip", vpcId=other.vpc.id)
    with pytest.raises(AwsError, match="not in the VPC of its load balancer"):
        sample.rule(driver, front, "a", 1, forward((far["arn"], 1)), "/a")


def test_a_target_group_does_not_go_while_a_rule_forwards_to_it(driver: Driver, front: Front) -> None:
    group = sample.target_group(driver, front, "a")
    rule = sample.rule(driver, front, "a", 1, forward((group["arn"], 0)), "/a")
    with pytest.raises(AwsError, match="ResourceInUse"):
        driver.delete(group)
    driver.delete(rule)
    driver.delete(group)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"healthCheck": {"interval": 5, "timeout": 5}}, "must be smaller than the interval"),
        ({"healthCheck": {"path": "health"}}, "begins with /"),
        ({"healthCheck": {"matcher": "500"}}, "codes from 200 to 499"),
        ({"deregistrationDelay": 3601}, "accepted: 0 to 3600"),
        ({"slowStart": 10}, "accepted: 0, or 30 to 900"),
        ({"port": 0}, "accepted: 1 to 65535"),
        ({"vpcId": None}, "vpcId is required"),
        ({"stickiness": {"type": "lb_cookie", "cookieDuration": 0}}, "accepted: 1 to 604800"),
    ],
)
def test_settings_that_a_target_group_does_not_take(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    inputs: dict[str, Any] = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": "vpc-1", **changes}
    found = driver.problems(actions.TARGET_GROUP, "x", **inputs)
    assert any(problem in message for message in found), found


def test_deletion_protection_protects(driver: Driver, front: Front) -> None:
    other = driver.create(elb.BALANCER, "other", subnets=front.network.subnets, enableDeletionProtection=True)
    with pytest.raises(AwsError, match="OperationNotPermitted"):
        driver.delete(other)
    driver.delete(driver.update(other, enableDeletionProtection=False))


def test_access_logs_need_a_bucket_that_lets_the_balancer_write(driver: Driver, front: Front) -> None:
    inputs: dict[str, Any] = {"subnets": front.network.subnets, "accessLogs": {"bucket": "logs", "enabled": True}}
    with pytest.raises(AwsError, match="NoSuchBucket"):
        driver.create(elb.BALANCER, "logged", **inputs)
    driver.create("aws:s3/bucket:Bucket", "logs", bucket="logs")
    with pytest.raises(AwsError, match="access denied for bucket logs"):
        driver.create(elb.BALANCER, "logged", **inputs)
    driver.create("aws:s3/bucketPolicy:BucketPolicy", "logs", bucket="logs", policy="{}")
    driver.create(elb.BALANCER, "logged", **inputs)


def _sticky(driver: Driver, front: Front, name: str) -> Object:
    return driver.create(
        actions.TARGET_GROUP,
        name,
        port=sample.PORT,
        protocol="HTTP",
        targetType="ip",
        vpcId=front.network.vpc.id,
        stickiness={"type": "lb_cookie", "enabled": True, "cookieDuration": 60},
    )


def _weighted(first: Object, second: Object, **stickiness: Any) -> dict[str, Any]:
    action = forward((first["arn"], 1), (second["arn"], 1))
    if stickiness:
        action["forward"]["stickiness"] = stickiness
    return action


def test_a_sticky_target_group_among_others_needs_a_sticky_rule(driver: Driver, front: Front) -> None:
    """AWS's message: an error of CreateRule that modules of Terraform quote."""
    sticky, plain = _sticky(driver, front, "a"), sample.target_group(driver, front, "b")
    refusal = "InvalidLoadBalancerAction: You must enable group stickiness on a rule if you enabled target stickiness"
    with pytest.raises(AwsError, match=refusal):
        sample.rule(driver, front, "none", 1, _weighted(sticky, plain), "/a")
    with pytest.raises(AwsError, match=refusal):
        sample.rule(driver, front, "off", 1, _weighted(sticky, plain, enabled=False, duration=60), "/a")
    sample.rule(driver, front, "alone", 1, forward((sticky["arn"], 1)), "/a")
    sample.rule(driver, front, "on", 2, _weighted(sticky, plain, enabled=True, duration=60), "/b")


def test_a_target_group_behind_a_rule_without_stickiness_can_not_turn_sticky(driver: Driver, front: Front) -> None:
    """AWS's message: kubernetes-sigs/aws-load-balancer-controller issue 2734."""
    first, second = (sample.target_group(driver, front, name) for name in "ab")
    sample.rule(driver, front, "a", 1, _weighted(first, second), "/a")
    with pytest.raises(AwsError, match=r"InvalidConfigurationRequest: .* You must enable group stickiness before"):
        driver.update(first, stickiness={"type": "lb_cookie", "enabled": True})


def test_a_stickiness_that_is_not_written_any_more_stays(driver: Driver, front: Front) -> None:
    """terraform-provider-aws, listener_rule.go: SuppressMissingOptionalConfigurationBlock."""
    first, second = (sample.target_group(driver, front, name) for name in "ab")
    rule = sample.rule(driver, front, "a", 1, _weighted(first, second, enabled=True, duration=60), "/a")
    kept = driver.update(rule, priority=2, actions=[_weighted(first, second)])
    assert kept["actions"][0]["forward"]["stickiness"] == {"enabled": True, "duration": 60}
    off = driver.update(kept, actions=[_weighted(first, second, enabled=False, duration=60)])
    assert off["actions"][0]["forward"]["stickiness"]["enabled"] is False
