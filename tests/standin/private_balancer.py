"""A load balancer that stands already and is asked from inside of its network only."""

from dataclasses import dataclass

from tests.standin.driver import Driver
from tests.standin.sample import Network, forward
from tools.standin import dns, elb, security
from tools.standin.cloud import Object

HOST = "legacy.example.com"
"""The name in its certificate."""


@dataclass(frozen=True)
class PrivateBalancer:
    """A load balancer with one listener."""

    listener: Object
    group: Object


def stood(driver: Driver, network: Network, targets: Object, *, open_to: str | None = "10.0.0.0/8") -> PrivateBalancer:
    """One with TLS on port 8443. open_to: an address range that it lets in; None: nobody."""
    group = driver.create(security.GROUP, "legacy", vpcId=network.vpc.id)
    if open_to:
        let_in(driver, group, cidrIpv4=open_to)
    balancer = driver.create(elb.BALANCER, "legacy", subnets=network.subnets, securityGroups=[group.id], internal=True)
    certificate = driver.create(dns.CERTIFICATE, "legacy", domainName=HOST, validationMethod="DNS")
    driver.cloud.change(certificate, issued=True)
    listener = driver.create(
        elb.LISTENER,
        "legacy",
        loadBalancerArn=balancer.id,
        port=8443,
        protocol="HTTPS",
        certificateArn=certificate["arn"],
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        defaultActions=[forward((targets.id, 1))],
    )
    return PrivateBalancer(listener, group)


def let_in(driver: Driver, group: Object, **source: str) -> Object:
    """A rule that lets somebody in on its port."""
    ports = {"ipProtocol": "tcp", "fromPort": 8443, "toPort": 8443}
    return driver.create(security.INGRESS, "legacy", securityGroupId=group.id, **ports, **source)
