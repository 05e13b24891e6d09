"""Certificates, records and network load balancers: each rule is noticed when it is broken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tests.standin.sample import Front, fixed
from tools.standin import actions, dns, elb, security, trace
from tools.standin.cloud import AwsError, Object

HOST = "api.example.com"
INTERNET: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"}


def zone_of(driver: Driver, name: str = "example.com") -> Object:
    return driver.create(dns.ZONE, name, name=name)


def certificate(driver: Driver, *, issued: bool = True, name: str = HOST) -> Object:
    made = driver.create(dns.CERTIFICATE, name, domainName=name, validationMethod="DNS")
    return driver.cloud.change(made, issued=True) if issued else made


def shown(driver: Driver, zone: Object, made: Object) -> Object:
    """The record that shows whose name a certificate is for."""
    (option,) = made["domainValidationOptions"]
    return driver.create(
        dns.RECORD,
        "shown",
        zoneId=zone.id,
        name=option["resourceRecordName"],
        type="CNAME",
        ttl=60,
        records=[option["resourceRecordValue"]],
    )


def named(driver: Driver, zone: Object, front: Front, host: str = HOST, **changes: Any) -> Object:
    alias = {"name": front.balancer["dnsName"], "zoneId": front.balancer["zoneId"], "evaluateTargetHealth": True}
    return driver.create(dns.RECORD, host, zoneId=zone.id, name=host, type="A", aliases=[{**alias, **changes}])


def secure(driver: Driver, front: Front, made: Object) -> Object:
    return driver.create(
        elb.LISTENER,
        "tls",
        loadBalancerArn=front.balancer.id,
        port=443,
        protocol="HTTPS",
        certificateArn=made["arn"],
        defaultActions=[fixed(503)],
    )


def network_balancer(driver: Driver, front: Front) -> Object:
    inputs: dict[str, Any] = {"subnets": front.network.subnets, "securityGroups": [front.balancer_group.id]}
    return driver.create(elb.BALANCER, "nlb", loadBalancerType="network", **inputs)


def test_a_certificate_is_issued_once_its_record_is_there(driver: Driver) -> None:
    zone, made = zone_of(driver), certificate(driver, issued=False)
    with pytest.raises(AwsError, match=r"no record _check\.api\.example\.com"):
        driver.create(dns.VALIDATION, "a", certificateArn=made["arn"])
    shown(driver, zone, made)
    driver.create(dns.VALIDATION, "a", certificateArn=made["arn"])
    assert dns.is_issued(driver.latest(made))


def test_a_certificate_for_all_below_a_name_is_shown_by_that_names_record(driver: Driver, front: Front) -> None:
    zone, made = zone_of(driver), certificate(driver, issued=False, name="*.example.com")
    assert made["domainValidationOptions"][0]["resourceRecordName"] == "_check.example.com."
    shown(driver, zone, made)
    driver.create(dns.VALIDATION, "a", certificateArn=made["arn"])
    assert dns.covers(driver.latest(made), HOST)
    named(driver, zone, front, "*.example.com")
    assert dns.resolved(driver.cloud.snapshot, HOST) == front.balancer["dnsName"]
    assert dns.resolved(driver.cloud.snapshot, "example.com") == "example.com"


def test_a_listener_takes_a_certificate_only_once_it_is_issued(driver: Driver, front: Front) -> None:
    with pytest.raises(AwsError, match="UnsupportedCertificate"):
        secure(driver, front, certificate(driver, issued=False))
    secure(driver, front, certificate(driver))


def test_a_listener_takes_no_certificate_that_is_not_there(driver: Driver, front: Front) -> None:
    made = certificate(driver)
    driver.delete(made)
    with pytest.raises(AwsError, match="CertificateNotFound"):
        secure(driver, front, made)


def test_a_certificate_does_not_go_while_a_listener_has_it(driver: Driver, front: Front) -> None:
    first, second = certificate(driver), certificate(driver, name="b.example.com")
    listener = secure(driver, front, first)
    held = driver.create(elb.LISTENER_CERTIFICATE, "b", listenerArn=listener["arn"], certificateArn=second["arn"])
    for made in (first, second):
        with pytest.raises(AwsError, match="ResourceInUseException"):
            driver.delete(made)
    driver.delete(held)
    driver.delete(second)


def test_further_certificates_are_for_tls_and_limited(driver: Driver, front: Front) -> None:
    made = certificate(driver)
    with pytest.raises(AwsError, match="for listeners with HTTPS or TLS"):
        driver.create(elb.LISTENER_CERTIFICATE, "a", listenerArn=front.listener["arn"], certificateArn=made["arn"])
    listener = secure(driver, front, made)
    for number in range(25):
        other = certificate(driver, name=f"n{number}.example.com")
        driver.create(elb.LISTENER_CERTIFICATE, f"n{number}", listenerArn=listener["arn"], certificateArn=other["arn"])
    with pytest.raises(AwsError, match="TooManyCertificates"):
        driver.create(elb.LISTENER_CERTIFICATE, "last", listenerArn=listener["arn"], certificateArn=made["arn"])


def test_https_is_not_redirected_to_http(driver: Driver, front: Front) -> None:
    listener = secure(driver, front, certificate(driver))
    back = {"type": "redirect", "redirect": {"protocol": "HTTP", "port": "80", "statusCode": "HTTP_302"}}
    inputs: dict[str, Any] = {"priority": 1, "conditions": [{"pathPattern": {"values": ["/*"]}}], "actions": [back]}
    with pytest.raises(AwsError, match="HTTPS can't be redirected to HTTP"):
        driver.create(elb.RULE, "back", listenerArn=listener.id, **inputs)
    with pytest.raises(AwsError, match="HTTPS can't be redirected to HTTP"):
        driver.update(listener, defaultActions=[back])


def test_a_client_that_looks_at_certificates_follows_a_redirect(driver: Driver, front: Front) -> None:
    named(driver, zone_of(driver), front)
    driver.create(security.INGRESS, "tls", **{**INTERNET, "securityGroupId": front.balancer_group.id})
    listener = secure(driver, front, certificate(driver, name="b.example.com"))
    action = {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_302"}}
    sample.rule(driver, front, "to", 1, action, "/*")

    def asked(url: str) -> Any:
        return trace.followed(driver.cloud.snapshot, url, "GET", "/")

    assert asked(f"http://{HOST}") == asked(f"https://{HOST}") == {trace.UNTRUSTED: 1.0}
    star = certificate(driver, name="*.example.com")
    driver.create(elb.LISTENER_CERTIFICATE, "star", listenerArn=listener["arn"], certificateArn=star["arn"])
    assert asked(f"http://{HOST}") == asked(f"https://{HOST}") == {503: 1.0}
    assert asked(f"http://{front.balancer['dnsName']}") == {trace.UNTRUSTED: 1.0}
    assert asked("http://b.example.com") == {trace.UNREACHABLE: 1.0}


def test_what_a_certificate_does_not_take(driver: Driver) -> None:
    assert driver.problems(dns.CERTIFICATE, "a", domainName=HOST, validationMethod="NONE")
    assert driver.problems(dns.CERTIFICATE, "a", domainName="a" * 254)


def test_a_record_lies_in_its_zone_and_exists_once(driver: Driver, front: Front) -> None:
    zone = zone_of(driver)
    with pytest.raises(AwsError, match=r"is not permitted in zone example\.com"):
        named(driver, zone, front, "api.example.org")
    record = named(driver, zone, front)
    with pytest.raises(AwsError, match="but it already exists"):
        named(driver, zone, front)
    with pytest.raises(AwsError, match="HostedZoneNotEmpty"):
        driver.delete(zone)
    driver.delete(record)
    driver.delete(zone)


def test_a_record_is_taken_over_where_the_program_says_so(driver: Driver) -> None:
    zone = zone_of(driver)
    inputs: dict[str, Any] = {"zoneId": zone.id, "name": HOST, "type": "CNAME", "ttl": 60, "records": ["x"]}
    driver.create(dns.RECORD, "a", **inputs)
    driver.create(dns.RECORD, "b", allowOverwrite=True, **inputs)


def test_an_alias_leads_to_a_load_balancer_that_is_there(driver: Driver, front: Front) -> None:
    zone = zone_of(driver)
    for changes in ({"name": "nobody.elb.amazonaws.com"}, {"zoneId": "ZOTHER"}):
        with pytest.raises(AwsError, match="does not lie within the target zone"):
            named(driver, zone, front, **changes)


def test_a_record_has_records_with_a_ttl_or_an_alias(driver: Driver) -> None:
    common: dict[str, Any] = {"zoneId": "Z", "name": HOST, "type": "A"}
    assert driver.problems(dns.RECORD, "a", **common)
    assert driver.problems(dns.RECORD, "a", records=["1.2.3.4"], **common)
    assert driver.problems(
        dns.RECORD,
        "a",
        ttl=60,
        records=["x"],
        aliases=[{"name": "a", "zoneId": "Z", "evaluateTargetHealth": True}],
        **common,
    )


def test_a_request_to_a_host_name_goes_where_its_record_leads(driver: Driver, front: Front) -> None:
    named(driver, zone_of(driver), front)
    assert trace.answer(driver.cloud.snapshot, f"http://{HOST}", "GET", "/") == {503: 1.0}
    assert trace.answer(driver.cloud.snapshot, "http://b.example.com", "GET", "/") == {trace.UNREACHABLE: 1.0}


def test_each_kind_of_load_balancer_has_its_protocols(driver: Driver, front: Front) -> None:
    inputs: dict[str, Any] = {"port": 81, "defaultActions": [fixed(503)]}
    with pytest.raises(AwsError, match="An application load balancer has no listeners for TCP"):
        driver.create(elb.LISTENER, "a", loadBalancerArn=front.balancer.id, protocol="TCP", **inputs)
    with pytest.raises(AwsError, match="A network load balancer has no listeners for HTTP"):
        driver.create(elb.LISTENER, "a", loadBalancerArn=network_balancer(driver, front).id, protocol="HTTP", **inputs)


@pytest.mark.parametrize(
    ("listener", "group", "fits"), [("TCP", "TCP", True), ("UDP", "TCP", False), ("TCP", "HTTP", False)]
)
def test_a_listener_forwards_to_what_carries_its_protocol(
    driver: Driver, front: Front, listener: str, group: str, fits: bool
) -> None:
    vpc = front.network.vpc.id
    made = driver.create(actions.TARGET_GROUP, "g", port=80, protocol=group, targetType="ip", vpcId=vpc)
    inputs: dict[str, Any] = {
        "loadBalancerArn": network_balancer(driver, front).id,
        "port": 81,
        "protocol": listener,
        "defaultActions": [{"type": "forward", "targetGroupArn": made["arn"]}],
    }
    if fits:
        driver.create(elb.LISTENER, "a", **inputs)
        return
    with pytest.raises(AwsError, match="IncompatibleProtocols"):
        driver.create(elb.LISTENER, "a", **inputs)


@pytest.mark.parametrize("version", ["HTTP2", "GRPC"])
def test_http_2_and_grpc_are_forwarded_by_tls_only(driver: Driver, front: Front, version: str) -> None:
    vpc = front.network.vpc.id
    group = driver.create(
        actions.TARGET_GROUP, "g", port=80, protocol="HTTP", protocolVersion=version, targetType="ip", vpcId=vpc
    )
    action = {"type": "forward", "targetGroupArn": group["arn"]}
    with pytest.raises(AwsError, match=f"not supported with a target group with the protocol-version '{version}'"):
        sample.rule(driver, front, "a", 1, action, "/a")
    listener = secure(driver, front, certificate(driver))
    condition = {"hostHeader": {"values": [HOST]}}
    driver.create(elb.RULE, "b", listenerArn=listener.id, priority=1, actions=[action], conditions=[condition])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"protocol": "HTTP", "protocolVersion": "GRPC", "healthCheck": {"matcher": "200"}}, "gRPC codes from 0 to 99"),
        ({"protocol": "HTTP", "stickiness": {"type": "source_ip"}}, "accepted: lb_cookie, app_cookie"),
        ({"protocol": "TCP", "stickiness": {"type": "lb_cookie"}}, "accepted: source_ip"),
        ({"protocol": "TLS", "stickiness": {"type": "source_ip", "enabled": True}}, "is not for TLS"),
        ({"protocol": "TCP", "protocolVersion": "HTTP1"}, "is not for TCP"),
        ({"protocol": "TCP", "healthCheck": {"protocol": "TCP", "path": "/"}}, "not for a health check by TCP"),
        ({"protocol": "UDP", "healthCheck": {"protocol": "UDP"}}, "accepted: TCP, HTTP, HTTPS"),
    ],
)
def test_settings_that_do_not_go_with_a_protocol(driver: Driver, changes: dict[str, Any], problem: str) -> None:
    inputs: dict[str, Any] = {"port": 80, "targetType": "ip", "vpcId": "vpc-1", **changes}
    found = driver.problems(actions.TARGET_GROUP, "x", **inputs)
    assert any(problem in message for message in found), found


@pytest.mark.parametrize("host", ["nodot", "a_b.example.com", "a" * 120 + ".example.com"])
def test_host_names_that_a_condition_does_not_take(driver: Driver, host: str) -> None:
    conditions = [{"hostHeader": {"values": [host]}}]
    assert driver.problems(elb.RULE, "x", listenerArn="a", priority=1, actions=[fixed(503)], conditions=conditions)


def test_a_network_has_one_private_zone_of_a_name(driver: Driver, front: Front) -> None:
    vpcs = [{"vpcId": front.network.vpc.id}]
    one = driver.create(dns.ZONE, "one", name="test.internal", vpcs=vpcs)
    driver.create(dns.ZONE, "public", name="test.internal")
    driver.create(dns.ZONE, "other", name="other.internal", vpcs=vpcs)
    with pytest.raises(AwsError, match="ConflictingDomainExists"):
        driver.create(dns.ZONE, "two", name="test.internal", vpcs=vpcs)
    driver.delete(one)
    driver.create(dns.ZONE, "two", name="test.internal", vpcs=vpcs)


def test_a_zone_does_not_go_while_it_has_records(driver: Driver, front: Front) -> None:
    zone = zone_of(driver)
    record = named(driver, zone, front)
    with pytest.raises(AwsError, match="HostedZoneNotEmpty"):
        driver.delete(zone)
    driver.delete(record)
    driver.delete(zone)
