"""HTTP APIs: each rule is noticed when it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import Front
from tools.standin import apigateway as api
from tools.standin import cloudwatch, dns
from tools.standin.cloud import AwsError, Cloud, Object


@dataclass(frozen=True)
class Http:
    driver: Driver
    front: Front
    api: Object
    link: Object
    integration: Object


@pytest.fixture
def http() -> Http:
    driver = Driver()
    front = sample.front(driver, sample.network(driver), internal=True)
    made = driver.create(api.API, "facade", protocolType="HTTP")
    link = driver.create(
        api.VPC_LINK, "facade", subnetIds=front.network.subnets, securityGroupIds=[front.balancer_group.id]
    )
    integration = driver.create(api.INTEGRATION, "monolith", **private(made, link, front))
    return Http(driver, front, made, link, integration)


def private(made: Object, link: Object, front: Front) -> dict[str, Any]:
    return {
        "apiId": made.id,
        "integrationType": "HTTP_PROXY",
        "integrationMethod": "ANY",
        "integrationUri": front.listener.id,
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
        "payloadFormatVersion": "1.0",
    }


@pytest.mark.parametrize(
    "key",
    ["/users", "get /users", "FETCH /users", "GET users", "GET /a/{b+}/c", "GET /{a}/{a}", "GET /a//b", "GET /a b"],
)
def test_route_keys_that_an_api_does_not_take(http: Http, key: str) -> None:
    assert http.driver.problems(api.ROUTE, "x", apiId=http.api.id, routeKey=key)


@pytest.mark.parametrize(
    "key", ["$default", "ANY /", "GET /users", "ANY /users/{proxy+}", "GET /users/{id}", "ANY /users/"]
)
def test_route_keys_that_an_api_takes(http: Http, key: str) -> None:
    assert http.driver.problems(api.ROUTE, "x", apiId=http.api.id, routeKey=key) == []


def test_a_route_key_is_there_once_and_leads_to_an_integration_of_its_api(http: Http) -> None:
    target = f"integrations/{http.integration.id}"
    http.driver.create(api.ROUTE, "default", apiId=http.api.id, routeKey="$default", target=target)
    with pytest.raises(AwsError, match="ConflictException"):
        http.driver.create(api.ROUTE, "again", apiId=http.api.id, routeKey="$default", target=target)
    with pytest.raises(AwsError, match="Invalid route target"):
        http.driver.create(api.ROUTE, "other", apiId=http.api.id, routeKey="ANY /a", target="integrations/none")


def test_an_integration_and_a_link_stay_while_they_are_used(http: Http) -> None:
    target = f"integrations/{http.integration.id}"
    route = http.driver.create(api.ROUTE, "default", apiId=http.api.id, routeKey="$default", target=target)
    with pytest.raises(AwsError, match="referenced by Route"):
        http.driver.delete(http.integration)
    with pytest.raises(AwsError, match="BadRequestException"):
        http.driver.delete(http.link)
    for resource in (route, http.integration, http.link):
        http.driver.delete(resource)


def test_a_route_is_retargeted_in_place_and_an_integration_changes_in_place(http: Http) -> None:
    target = f"integrations/{http.integration.id}"
    route = http.driver.create(api.ROUTE, "default", apiId=http.api.id, routeKey="$default", target=target)
    assert http.driver.replaces(route, target="integrations/other") == []
    assert http.driver.replaces(http.integration, integrationUri="arn:other") == []
    assert http.driver.replaces(http.integration, apiId="other") == ["apiId"]
    assert http.driver.replaces(http.link, subnetIds=["subnet-1"]) == ["subnetIds[0]", "subnetIds[1]"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"integrationType": "PROXY"}, "accepted: HTTP_PROXY"),
        ({"connectionId": None}, "connectionId is required"),
        ({"integrationMethod": None}, "integrationMethod is required"),
        ({"integrationUri": None}, "integrationUri is required"),
        ({"timeoutMilliseconds": 30001}, "50 to 30000"),
        ({"payloadFormatVersion": "2.0"}, "takes 1.0"),
        ({"requestParameters": {"path": "/x"}}, "is not accepted"),
        ({"connectionType": "PIGEON"}, "accepted"),
        ({"connectionType": "INTERNET", "tlsConfig": {"serverNameToVerify": "a.example"}}, "private integrations only"),
    ],
)
def test_settings_that_an_integration_does_not_take(http: Http, changes: dict[str, Any], problem: str) -> None:
    inputs = {**private(http.api, http.link, http.front), **changes}
    found = http.driver.problems(api.INTEGRATION, "x", **inputs)
    assert any(problem in message for message in found), found


def test_a_private_integration_reaches_a_listener_in_the_vpc_of_its_link(http: Http) -> None:
    other = sample.front(http.driver, sample.network(http.driver, "other", "10.2"), "other", internal=True)
    with pytest.raises(AwsError, match="is not in the VPC of"):
        http.driver.create(api.INTEGRATION, "x", **private(http.api, http.link, other))
    url = {**private(http.api, http.link, other), "integrationUri": "http://example.com"}
    with pytest.raises(AwsError, match="not the ARN of a listener"):
        http.driver.create(api.INTEGRATION, "x", **url)
    public = {**private(http.api, http.link, http.front), "connectionType": "INTERNET", "connectionId": None}
    public.pop("connectionId")
    with pytest.raises(AwsError, match="through a VPC link only"):
        http.driver.create(api.INTEGRATION, "x", **public)


def test_a_link_is_in_one_vpc(http: Http) -> None:
    other = sample.network(http.driver, "other", "10.2")
    with pytest.raises(AwsError, match="must be in one VPC"):
        http.driver.create(
            api.VPC_LINK, "x", subnetIds=[other.subnets[0], http.front.network.subnets[0]], securityGroupIds=[]
        )
    with pytest.raises(AwsError, match="is not in vpc-"):
        http.driver.create(api.VPC_LINK, "x", subnetIds=other.subnets, securityGroupIds=[http.front.balancer_group.id])


def test_a_stage_is_there_once_and_logs_where_there_is_a_group(http: Http) -> None:
    inputs: dict[str, Any] = {"apiId": http.api.id, "name": "$default", "autoDeploy": True}
    stage = http.driver.create(api.STAGE, "a", **inputs)
    assert stage["invokeUrl"] == f"{http.api['apiEndpoint']}/"
    with pytest.raises(AwsError, match="ConflictException"):
        http.driver.create(api.STAGE, "b", **inputs)
    settings = {"destinationArn": "arn:aws:logs:eu-west-1:123456789012:log-group:none", "format": "$context.requestId"}
    with pytest.raises(AwsError, match="does not exist"):
        http.driver.update(stage, accessLogSettings=settings)
    group = http.driver.create(cloudwatch.LOG_GROUP, "access")
    http.driver.update(stage, accessLogSettings={**settings, "destinationArn": group["arn"]})
    with pytest.raises(AwsError, match="accepted: "):
        http.driver.create(api.STAGE, "c", **{**inputs, "name": "a/b"})


def named(http: Http, certified: str, *, issued: bool = True) -> Object:
    """The domain name api.example.com, with a certificate for another name perhaps."""
    certificate = http.driver.create(dns.CERTIFICATE, "own", domainName=certified)
    if issued:
        http.driver.cloud.change(certificate, issued=True)
    settings = {"certificateArn": certificate["arn"], "endpointType": "REGIONAL", "securityPolicy": "TLS_1_2"}
    return http.driver.create(api.DOMAIN, "own", domainName="api.example.com", domainNameConfiguration=settings)


def test_a_domain_name_has_a_certificate_of_its_name_that_is_issued(http: Http) -> None:
    for certified, issued in (("b.example.com", True), ("*.api.example.com", True), ("api.example.com", False)):
        with pytest.raises(AwsError, match="not issued, or has not the name api"):
            named(http, certified, issued=issued)
    named(http, "api.example.com")


def test_a_record_leads_to_a_domain_name(http: Http) -> None:
    zone = http.driver.create(dns.ZONE, "zone", name="example.com")
    settings: Any = named(http, "*.example.com")["domainNameConfiguration"]
    alias = {"name": settings["targetDomainName"], "zoneId": settings["hostedZoneId"], "evaluateTargetHealth": True}
    inputs: dict[str, Any] = {"zoneId": zone.id, "name": "api.example.com", "type": "A"}
    with pytest.raises(AwsError, match="does not lie within the target zone"):
        http.driver.create(dns.RECORD, "own", aliases=[{**alias, "zoneId": "ZOTHER"}], **inputs)
    http.driver.create(dns.RECORD, "own", aliases=[alias], **inputs)


def test_a_mapping_keeps_its_domain_its_api_and_its_stage(http: Http) -> None:
    domain = named(http, "*.example.com")
    stage = http.driver.create(api.STAGE, "a", apiId=http.api.id, name="$default", autoDeploy=True)
    with pytest.raises(AwsError, match="NotFoundException"):
        http.driver.create(api.MAPPING, "own", apiId=http.api.id, domainName="b.example.com", stage="$default")
    http.driver.create(api.MAPPING, "own", apiId=http.api.id, domainName="api.example.com", stage="$default")
    for resource in (domain, stage, http.api):
        with pytest.raises(AwsError, match="uses it"):
            http.driver.delete(resource)


def test_a_mapping_keeps_no_stage_of_the_same_name_of_another_api(http: Http) -> None:
    named(http, "*.example.com")
    other = http.driver.create(api.API, "b", protocolType="HTTP")
    stage = http.driver.create(api.STAGE, "b", apiId=other.id, name="$default", autoDeploy=True)
    mapping: dict[str, Any] = {"apiId": http.api.id, "domainName": "api.example.com", "stage": "$default"}
    with pytest.raises(AwsError, match=r"the Stage '\$default' does not exist"):
        http.driver.create(api.MAPPING, "own", **mapping)
    http.driver.create(api.STAGE, "a", apiId=http.api.id, name="$default", autoDeploy=True)
    http.driver.create(api.MAPPING, "own", **mapping)
    http.driver.delete(stage)
    http.driver.delete(other)


def test_some_zones_have_no_vpc_links() -> None:
    driver = Driver(Cloud(patience=0, without_vpc_links=("b",)))
    front = sample.front(driver, sample.network(driver), internal=True)
    with pytest.raises(AwsError, match="in the Availability Zone eu-west-1b, in which there are no VPC links"):
        driver.create(api.VPC_LINK, "x", subnetIds=front.network.subnets, securityGroupIds=[front.balancer_group.id])
    driver.create(api.VPC_LINK, "x", subnetIds=front.network.subnets[:1], securityGroupIds=[front.balancer_group.id])
