"""Web ACLs: each rule is noticed when it is broken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.driver import Driver
from tests.standin.sample import Front
from tools.standin import elb, waf
from tools.standin.cloud import AwsError, Object


def web_acl(driver: Driver, name: str, scope: str = "REGIONAL") -> str:
    seen = {"cloudwatchMetricsEnabled": False, "metricName": name, "sampledRequestsEnabled": False}
    inputs: dict[str, Any] = {"name": name, "scope": scope, "defaultAction": {"allow": {}}, "visibilityConfig": seen}
    return str(driver.create(waf.WEB_ACL, name, **inputs)["arn"])


def associated(driver: Driver, acl: str, resource: object, name: str = "own") -> Object:
    return driver.create(waf.ASSOCIATION, name, webAclArn=acl, resourceArn=resource)


def test_a_web_acl_filters_a_load_balancer_until_it_is_parted(driver: Driver, front: Front) -> None:
    acl = web_acl(driver, "a")
    made = associated(driver, acl, front.balancer["arn"])
    assert waf.web_acl_of(driver.cloud.snapshot, front.balancer.id) == acl
    with pytest.raises(AwsError, match="WAFAssociatedItemException"):
        driver.delete(driver.cloud.named(waf.WEB_ACL, "a"))
    driver.delete(made)
    assert waf.web_acl_of(driver.cloud.snapshot, front.balancer.id) is None


def test_a_web_acl_and_what_it_filters_must_be_there(driver: Driver, front: Front) -> None:
    acl = web_acl(driver, "a")
    for one, resource in (
        ("arn:aws:wafv2:eu-west-1:1:regional/webacl/b/1", front.balancer["arn"]),
        (acl, "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/b/1"),
    ):
        with pytest.raises(AwsError, match="WAFNonexistentItemException"):
            associated(driver, one, resource)


def test_a_web_acl_of_cloudfront_is_not_for_load_balancers(driver: Driver, front: Front) -> None:
    with pytest.raises(AwsError, match="the scope CLOUDFRONT"):
        associated(driver, web_acl(driver, "a", "CLOUDFRONT"), front.balancer["arn"])


def test_a_network_load_balancer_takes_no_web_acl(driver: Driver, front: Front) -> None:
    network = driver.create(elb.BALANCER, "nlb", loadBalancerType="network", subnets=front.network.subnets)
    with pytest.raises(AwsError, match="WAFInvalidParameterException"):
        associated(driver, web_acl(driver, "a"), network["arn"])


def test_a_load_balancer_has_one_web_acl(driver: Driver, front: Front) -> None:
    associated(driver, web_acl(driver, "a"), front.balancer["arn"])
    with pytest.raises(AwsError, match="already exists"):
        associated(driver, web_acl(driver, "b"), front.balancer["arn"], "other")


def test_an_association_that_is_deleted_takes_a_newer_one_with_it(driver: Driver, front: Front) -> None:
    old = associated(driver, web_acl(driver, "a"), front.balancer["arn"])
    associated(driver, web_acl(driver, "b"), front.balancer["arn"])
    driver.delete(old)
    assert waf.web_acl_of(driver.cloud.snapshot, front.balancer.id) is None
