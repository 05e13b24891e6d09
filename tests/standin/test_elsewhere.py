"""What boto3 is told of services that run elsewhere."""

from collections.abc import Callable, Generator
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs]
import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

from tests.standin import private_balancer, sample
from tests.standin.driver import Driver
from tools.standin import elb, lambdas
from tools.standin.actions import TARGET_GROUP
from tools.standin.cloud import Object
from tools.standin.elsewhere import Account, serving

Client = Callable[[str], Any]
TARGET = "10.1.0.9"


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def account(driver: Driver) -> Account:
    return Account(driver.cloud)


@pytest.fixture
def client(account: Account) -> Generator[Client]:
    """Makes clients of boto3's."""
    with serving(account) as environment:
        keys = {"aws_access_key_id": "standin", "aws_secret_access_key": "standin", "region_name": "eu-west-1"}
        yield lambda name: cast("Any", boto3).client(name, endpoint_url=environment["AWS_ENDPOINT_URL"], **keys)


@pytest.fixture
def network(driver: Driver) -> sample.Network:
    return sample.network(driver)


@pytest.fixture
def group(driver: Driver, network: sample.Network) -> Object:
    keys = {"port": 80, "protocol": "HTTP", "vpcId": network.vpc.id, "targetType": "ip"}
    return driver.create(TARGET_GROUP, "legacy", **keys)


def health(client: Client, arn: str) -> list[dict[str, str]]:
    found = client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [one["TargetHealth"] for one in found]


def code(client: Client, service: str, operation: str, **arguments: object) -> str:
    """Of the error."""
    with pytest.raises(ClientError) as raised:
        getattr(client(service), operation)(**arguments)
    return str(cast("Any", raised.value).response["Error"]["Code"])


def test_a_target_is_unused_until_a_load_balancer_uses_its_group(
    driver: Driver, account: Account, client: Client, network: sample.Network, group: Object
) -> None:
    assert health(client, group.id) == []
    driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=TARGET)
    assert health(client, group.id) == [{"State": "unused", "Reason": "Target.NotInUse"}]
    private_balancer.stood(driver, network, group)
    assert health(client, group.id) == [{"State": "healthy"}]
    account.states[TARGET] = "unhealthy"
    assert health(client, group.id) == [{"State": "unhealthy", "Reason": "Target.FailedHealthChecks"}]


def test_a_function_in_a_target_group_is_not_checked(driver: Driver, client: Client) -> None:
    group = driver.create(TARGET_GROUP, "legacy", targetType="lambda")
    function = driver.cloud.arn("lambda", "function:legacy")
    keys = {"action": "lambda:InvokeFunction", "principal": "elasticloadbalancing.amazonaws.com"}
    driver.create(lambdas.PERMISSION, "legacy", function=function, sourceArn=group.id, **keys)
    driver.create(lambdas.ATTACHMENT, "legacy", targetGroupArn=group.id, targetId=function)
    assert health(client, group.id) == [{"State": "unavailable", "Reason": "Target.HealthCheckDisabled"}]


def test_tasks_of_a_service_are_targets(driver: Driver, client: Client) -> None:
    front = sample.front(driver, sample.network(driver), "shop")
    assert health(client, sample.named(driver, front, "admin", 1)) == [{"State": "healthy"}]


def test_a_load_balancer_is_active_unless_it_is_said_to_be_otherwise(
    driver: Driver, account: Account, client: Client, network: sample.Network, group: Object
) -> None:
    behind = private_balancer.stood(driver, network, group)
    (listener,) = client("elbv2").describe_listeners(ListenerArns=[behind.listener.id])["Listeners"]
    (balancer,) = driver.cloud.of(elb.BALANCER)
    assert listener["LoadBalancerArn"] == balancer.id
    for state in ("active", "failed"):
        (found,) = client("elbv2").describe_load_balancers(LoadBalancerArns=[balancer.id])["LoadBalancers"]
        assert found["State"]["Code"] == state
        account.balancers[balancer.id] = "failed"


def test_a_function_is_known_by_the_name_that_is_asked_for(account: Account, client: Client) -> None:
    alias = account.cloud.arn("lambda", "function:legacy:live")
    account.functions[alias] = "Inactive"
    found = client("lambda").get_function_configuration(FunctionName=alias)
    assert (found["FunctionName"], found["State"], found["StateReasonCode"]) == ("legacy", "Inactive", "Idle")
    gone = code(client, "lambda", "get_function_configuration", FunctionName=alias.removesuffix(":live"))
    assert gone == "ResourceNotFoundException"


def test_what_is_not_there_or_not_allowed_has_awss_own_codes(account: Account, client: Client, group: Object) -> None:
    arn = account.cloud.arn("elasticloadbalancing", "x")
    assert code(client, "elbv2", "describe_target_health", TargetGroupArn=arn) == "TargetGroupNotFound"
    assert code(client, "elbv2", "describe_listeners", ListenerArns=[arn]) == "ListenerNotFound"
    assert code(client, "elbv2", "describe_load_balancers", LoadBalancerArns=[arn]) == "LoadBalancerNotFound"
    account.refused = "DescribeTargetHealth"
    assert code(client, "elbv2", "describe_target_health", TargetGroupArn=group.id) == "AccessDenied"
    account.refused = "GetFunctionConfiguration"
    assert code(client, "lambda", "get_function_configuration", FunctionName="a") == "AccessDenied"
