"""Networks and security groups: each rule is noticed when it is broken."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pulumi_aws as aws
import pytest

from tests.standin import sample
from tests.standin.driver import Driver, RefusedError
from tools.standin import cloudwatch, ec2, elb, flowlogs, iam, network, security
from tools.standin.cloud import AwsError, Cloud

RULE: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80}


@pytest.mark.parametrize("block", ["10.0.0.0/8", "10.0.0.0/29", "10.0.0.1/16", "ten"])
def test_a_vpc_refuses_a_range_that_is_none(driver: Driver, block: str) -> None:
    assert any(problem.startswith("cidrBlock is") for problem in driver.problems(ec2.VPC, "x", cidrBlock=block))


def test_a_region_takes_five_vpcs_and_no_more(driver: Driver) -> None:
    for number in range(5):
        driver.create(ec2.VPC, str(number), cidrBlock=f"10.{number}.0.0/16")
    with pytest.raises(AwsError, match="VpcLimitExceeded"):
        driver.create(ec2.VPC, "6", cidrBlock="10.6.0.0/16")
    driver.update(driver.cloud.named(ec2.VPC, "1"), enableDnsHostnames=True)


def test_a_subnet_lies_in_its_vpc_and_on_no_other(driver: Driver) -> None:
    net = sample.network(driver)
    with pytest.raises(AwsError, match=r"InvalidSubnet\.Range"):
        driver.create(ec2.SUBNET, "x", vpcId=net.vpc.id, cidrBlock="10.2.0.0/24")
    with pytest.raises(AwsError, match=r"InvalidSubnet\.Conflict"):
        driver.create(ec2.SUBNET, "x", vpcId=net.vpc.id, cidrBlock="10.1.0.128/25")
    with pytest.raises(AwsError, match="not a zone of eu-west-1"):
        driver.create(ec2.SUBNET, "x", vpcId=net.vpc.id, cidrBlock="10.1.9.0/24", availabilityZone="eu-west-1z")


def test_a_reference_to_what_is_not_there_is_refused(driver: Driver) -> None:
    with pytest.raises(AwsError, match=r"InvalidVpcID.NotFound: vpcId: the Vpc 'vpc-0' does not exist"):
        driver.create(ec2.SUBNET, "x", vpcId="vpc-0", cidrBlock="10.2.0.0/24")


def test_a_vpc_has_one_internet_gateway(driver: Driver) -> None:
    net = sample.network(driver)
    with pytest.raises(AwsError, match="has an internet gateway already"):
        driver.create(ec2.GATEWAY, "x", vpcId=net.vpc.id)


def test_a_route_leads_to_one_place_and_is_there_once(driver: Driver) -> None:
    net = sample.network(driver)
    inputs = {"routeTableId": net.tables[0].id, "destinationCidrBlock": "0.0.0.0/0"}
    assert any("exactly one target" in problem for problem in driver.problems(ec2.ROUTE, "x", **inputs))
    with pytest.raises(AwsError, match="RouteAlreadyExists"):
        driver.create(ec2.ROUTE, "x", **inputs, gatewayId=net.gateway.id)
    with pytest.raises(RefusedError, match="a destination is needed"):
        driver.create(ec2.ROUTE, "x", routeTableId=net.tables[0].id, gatewayId=net.gateway.id)


def test_a_route_stays_in_its_network(driver: Driver) -> None:
    one, other = sample.network(driver), sample.network(driver, "other", "10.2")
    table = driver.create(ec2.ROUTE_TABLE, "x", vpcId=one.vpc.id)
    with pytest.raises(AwsError, match="belong to different networks"):
        driver.create(
            ec2.ROUTE, "x", routeTableId=table.id, destinationCidrBlock="0.0.0.0/0", gatewayId=other.gateway.id
        )
    with pytest.raises(AwsError, match="belong to different networks"):
        driver.create(ec2.ASSOCIATION, "x", routeTableId=table.id, subnetId=other.subnets[0])


def test_a_subnet_has_one_route_table(driver: Driver) -> None:
    net = sample.network(driver)
    with pytest.raises(AwsError, match="has a route table already"):
        driver.create(ec2.ASSOCIATION, "x", routeTableId=net.tables[1].id, subnetId=net.subnets[0])


def test_a_nat_gateway_needs_an_address_of_its_own_and_a_way_out(driver: Driver) -> None:
    net = sample.network(driver)
    with pytest.raises(RefusedError, match="allocationId is required"):
        driver.create(ec2.NAT, "x", subnetId=net.subnets[0])
    address = driver.create(ec2.EIP, "x")
    driver.create(ec2.NAT, "x", subnetId=net.subnets[0], allocationId=address.id)
    with pytest.raises(AwsError, match="already associated"):
        driver.create(ec2.NAT, "y", subnetId=net.subnets[0], allocationId=address.id)
    with pytest.raises(AwsError, match=r"InvalidIPAddress.InUse"):
        driver.delete(address)
    lonely = driver.create(ec2.VPC, "lonely", cidrBlock="10.9.0.0/16")
    subnet = driver.create(ec2.SUBNET, "lonely", vpcId=lonely.id, cidrBlock="10.9.0.0/24")
    with pytest.raises(AwsError, match="has no internet gateway attached"):
        driver.create(ec2.NAT, "z", subnetId=subnet.id, allocationId=driver.create(ec2.EIP, "z").id)


def test_an_endpoint_is_for_a_service_of_this_region(driver: Driver) -> None:
    net = sample.network(driver)
    with pytest.raises(AwsError, match="InvalidServiceName"):
        driver.create(ec2.ENDPOINT, "x", vpcId=net.vpc.id, serviceName="com.amazonaws.us-east-1.s3")
    other = sample.network(driver, "other", "10.2")
    with pytest.raises(AwsError, match="InvalidParameter"):
        driver.create(
            ec2.ENDPOINT,
            "x",
            vpcId=net.vpc.id,
            serviceName="com.amazonaws.eu-west-1.s3",
            routeTableIds=[other.tables[0].id],
        )


def test_nothing_of_a_network_goes_while_it_is_used(driver: Driver) -> None:
    front = sample.front(driver, sample.network(driver))
    net = front.network
    subnet = driver.cloud.snapshot.get(ec2.SUBNET, net.subnets[0])
    assert subnet is not None
    for doomed in (net.vpc, net.gateway, subnet, net.tables[0], front.balancer_group, front.task_group):
        with pytest.raises(AwsError, match="DependencyViolation"):
            driver.delete(doomed)


def test_a_group_name_is_unique_in_its_vpc(driver: Driver) -> None:
    net = sample.network(driver)
    driver.create(security.GROUP, "x", name="web", vpcId=net.vpc.id)
    with pytest.raises(AwsError, match=r"InvalidGroup.Duplicate"):
        driver.create(security.GROUP, "y", name="web", vpcId=net.vpc.id)
    assert driver.problems(security.GROUP, "x", name="sg-web", vpcId=net.vpc.id)
    assert driver.problems(security.GROUP, "x", description="the group's »own«", vpcId=net.vpc.id)


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({**RULE}, "exactly one of"),
        ({**RULE, "cidrIpv4": "0.0.0.0/0", "referencedSecurityGroupId": "sg-1"}, "exactly one of"),
        ({"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"}, "fromPort and toPort are required"),
        ({**RULE, "toPort": 79, "cidrIpv4": "0.0.0.0/0"}, "80 to 79 is no range"),
        ({**RULE, "cidrIpv4": "10.0.0.1/8"}, "is not an IPv4 range"),
    ],
)
def test_a_rule_needs_ports_and_one_source(driver: Driver, inputs: dict[str, Any], problem: str) -> None:
    found = driver.problems(security.INGRESS, "x", securityGroupId="sg-1", **inputs)
    assert any(problem in item for item in found), found


def test_a_rule_is_there_once_and_refers_within_its_vpc(driver: Driver) -> None:
    net, other = sample.network(driver), sample.network(driver, "other", "10.2")
    group = driver.create(security.GROUP, "a", vpcId=net.vpc.id)
    far = driver.create(security.GROUP, "b", vpcId=other.vpc.id)
    driver.create(security.INGRESS, "a", securityGroupId=group.id, cidrIpv4="0.0.0.0/0", **RULE)
    with pytest.raises(AwsError, match=r"InvalidPermission.Duplicate"):
        driver.create(security.INGRESS, "b", securityGroupId=group.id, cidrIpv4="0.0.0.0/0", **RULE)
    with pytest.raises(AwsError, match=r"InvalidGroup.NotFound"):
        driver.create(security.INGRESS, "c", securityGroupId=group.id, referencedSecurityGroupId=far.id, **RULE)


def test_reachability_follows_the_rules_on_both_sides(driver: Driver) -> None:
    front = sample.front(driver, sample.network(driver))
    groups = [front.balancer_group.id], [front.task_group.id]
    assert network.may_talk(driver.cloud.snapshot, *groups, sample.PORT) is None
    assert "no egress rule" in str(network.may_talk(driver.cloud.snapshot, *groups, 81))
    driver.delete(driver.cloud.named(security.INGRESS, "front-task-in"))
    assert "no ingress rule" in str(network.may_talk(driver.cloud.snapshot, *groups, sample.PORT))


def test_a_task_reaches_aws_by_address_and_gateway_or_by_nat_or_by_endpoints(driver: Driver) -> None:
    front = sample.front(driver, sample.network(driver))
    net, groups = front.network, [front.task_group.id]
    snapshot = driver.cloud.snapshot
    assert network.reaches_aws(snapshot, net.subnets, groups, public_address=True) is None
    assert "no route to a NAT gateway" in str(network.reaches_aws(snapshot, net.subnets, groups, public_address=False))
    for name in ("ecr.api", "ecr.dkr", "s3", "logs"):
        service = f"com.amazonaws.eu-west-1.{name}"
        driver.create(ec2.ENDPOINT, name, vpcId=net.vpc.id, serviceName=service)
    assert network.reaches_aws(driver.cloud.snapshot, net.subnets, groups, public_address=False) is None


def test_a_balancer_needs_zones_a_way_in_and_groups_of_its_vpc() -> None:
    driver = Driver(Cloud(patience=0))
    net, other = sample.network(driver), sample.network(driver, "other", "10.2")
    far = driver.create(security.GROUP, "far", vpcId=other.vpc.id)
    with pytest.raises(AwsError, match="At least two subnets in two different Availability Zones"):
        driver.create(elb.BALANCER, "x", subnets=net.subnets[:1])
    with pytest.raises(AwsError, match="all subnets must be in one VPC"):
        driver.create(elb.BALANCER, "x", subnets=[net.subnets[0], other.subnets[1]])
    with pytest.raises(AwsError, match="security groups are invalid"):
        driver.create(elb.BALANCER, "x", subnets=net.subnets, securityGroups=[far.id])
    closed = driver.create(ec2.VPC, "closed", cidrBlock="10.3.0.0/16")
    subnets = [
        driver.create(
            ec2.SUBNET, zone, vpcId=closed.id, cidrBlock=f"10.3.{index}.0/24", availabilityZone=f"eu-west-1{zone}"
        ).id
        for index, zone in enumerate("ab")
    ]
    with pytest.raises(AwsError, match="has no internet gateway"):
        driver.create(elb.BALANCER, "x", subnets=subnets)
    driver.create(elb.BALANCER, "x", subnets=subnets, internal=True)


def test_flow_logs_need_a_log_group_and_a_role_that_lets_them_in(driver: Driver) -> None:
    net = sample.network(driver)
    inputs: dict[str, Any] = {"vpcId": net.vpc.id, "trafficType": "ALL", "maxAggregationInterval": 60}
    assert any("iamRoleArn is required" in problem for problem in driver.problems(flowlogs.FLOW_LOG, "x", **inputs))
    seconds = driver.problems(flowlogs.FLOW_LOG, "x", **{**inputs, "maxAggregationInterval": 30})
    assert any("accepted: 60, 600" in second for second in seconds)
    group = driver.create(cloudwatch.LOG_GROUP, "flows", name="flows")
    tasks = driver.create(iam.ROLE, "tasks", assumeRolePolicy=sample.TRUST)
    flows = driver.create(
        iam.ROLE, "flows", assumeRolePolicy=sample.TRUST.replace("ecs-tasks.amazonaws", "vpc-flow-logs.amazonaws")
    )
    inputs["logDestination"] = group["arn"]
    with pytest.raises(AwsError, match="flow logs can't assume the role"):
        driver.create(flowlogs.FLOW_LOG, "x", **inputs, iamRoleArn=tasks["arn"])
    with pytest.raises(AwsError, match="does not exist"):
        driver.create(flowlogs.FLOW_LOG, "x", **{**inputs, "logDestination": "arn:none"}, iamRoleArn=flows["arn"])
    driver.delete(driver.create(flowlogs.FLOW_LOG, "x", **inputs, iamRoleArn=flows["arn"]))


def reported(resource: type) -> set[str]:
    """The outputs that pulumi-aws always reports, by the class of its SDK: those that can't be nothing."""
    source = inspect.getsource(resource)
    getters = re.findall(r"@pulumi\.getter(?:\(name=\"(\w+)\"\))?\n    def (\w+)\(self\) -> (.*):", source)
    found = {name or own for name, own, type_ in getters if "Optional" not in type_}
    return found - {"region", "tagsAll"}  # of the provider, whatever the type


def test_what_a_network_reports_is_what_a_remote_component_may_read(driver: Driver) -> None:
    """awsx hands the outputs of its VPC on to its subnets: one that is missing makes the next plan differ."""
    net = sample.network(driver)
    route, *_ = driver.cloud.snapshot.of(ec2.ROUTE)
    subnet = driver.cloud.snapshot.get(ec2.SUBNET, net.subnets[0])
    assert subnet is not None
    made = {
        aws.ec2.Vpc: net.vpc,
        aws.ec2.Subnet: subnet,
        aws.ec2.RouteTable: net.tables[0],
        aws.ec2.InternetGateway: net.gateway,
        aws.ec2.Route: route,
    }
    assert {resource.__name__: reported(resource) - set(state.attributes) for resource, state in made.items()} == {
        resource.__name__: set() for resource in made
    }
