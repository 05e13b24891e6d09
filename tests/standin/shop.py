"""A shop that stands already: a monolith behind a load balancer of its own, with rules at both ends of its listener."""

from tests.projects import Tree
from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import elb, security


def stood(driver: Driver) -> sample.Front:
    """The load balancer; its default action leads to the monolith, and it reaches all of its network."""
    front = sample.front(driver, sample.network(driver), "shop")
    monolith = sample.named(driver, front, "monolith", 50_000)
    sample.named(driver, front, "admin", 49_999)
    attached, admin = (next(rule for rule in driver.cloud.of(elb.RULE) if rule.name == name) for name in _BEHIND)
    driver.update(front.listener, defaultActions=[sample.forward((monolith, 1))])
    driver.delete(attached)
    driver.update(admin, priority=1, conditions=[{"pathPattern": {"values": ["/admin/*"]}}])
    sample.rule(driver, front, "health", 50_000, sample.fixed(200), "/health")
    out = {"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535, "cidrIpv4": front.network.vpc["cidrBlock"]}
    driver.create(security.EGRESS, "shop-lb-to-network", securityGroupId=front.balancer_group.id, **out)
    return front


_BEHIND = ("monolith", "admin")


def settings(front: sample.Front) -> Tree:
    """What a user writes to have routes in that listener."""
    subnets = front.network.subnets
    vpc = {"id": front.network.vpc.id, "publicSubnets": subnets, "privateSubnets": subnets}
    return {
        "facade": "alb",
        "environments": {"shared": {"vpc": vpc}},
        "facadeSettings": {"alb": {"listener": front.listener.id}},
    }
