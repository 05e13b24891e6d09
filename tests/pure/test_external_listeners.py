"""Listeners that aren't ours: which VPC link leads there, and what can't be."""

from dataclasses import replace

import pytest

from components.aws.plan.external_listeners import (
    Behind,
    ExternalListener,
    Link,
    LinkEgress,
    Subnet,
    closed,
    lets_in,
    links,
    mistake,
)
from components.aws.plan.passages import Passage
from components.model.facades import Endpoint
from components.settings.external import ExternalService

SUBNETS = (Subnet("subnet-a", "euw1-az1", "10.1.0.0/24"), Subnet("subnet-b", "euw1-az2", "10.1.1.0/24"))
LISTENER = ExternalListener("HTTP", 8080, "vpc-1", SUBNETS, ("sg-theirs",))
LEGACY = ExternalService("legacy", Endpoint.LISTENER, "arn")
NAMED = replace(LEGACY, server_name="legacy.example.com")
GIVEN = replace(LEGACY, security_groups=("sg-given",))


@pytest.mark.parametrize(
    ("listener", "says"),
    [
        (replace(LISTENER, protocol="UDP"), "a listener of UDP"),
        (replace(LISTENER, protocol="HTTPS"), "a listener of HTTPS"),
        (replace(LISTENER, protocol="TLS"), "a listener of TLS"),
        (
            replace(LISTENER, subnets=(Subnet("subnet-c", "use1-az3", "10.1.0.0/24"),)),
            "its load balancer is in use1-az3, where API Gateway doesn't support VPC links",
        ),
    ],
)
def test_a_listener_that_an_http_api_cannot_call_is_told_before(listener: ExternalListener, says: str) -> None:
    found = mistake(listener, LEGACY)
    assert found
    assert found[0] == says


def test_a_listener_with_tls_is_called_by_a_name_and_one_that_nobody_knows_yet_by_what_is_given() -> None:
    assert mistake(replace(LISTENER, protocol="HTTPS"), NAMED) is None
    assert mistake(LISTENER, LEGACY) is None
    assert mistake(ExternalListener("HTTPS", 443, ""), LEGACY) is None


@pytest.mark.parametrize(
    ("protocol", "service", "tls"),
    [
        ("HTTP", NAMED, False),
        ("HTTPS", NAMED, True),
        ("TLS", NAMED, True),
        ("TCP", NAMED, True),
        ("TCP", LEGACY, False),
    ],
)
def test_tls_is_spoken_where_the_listener_does_and_behind_tcp_where_a_name_is_given(
    protocol: str, service: ExternalService, *, tls: bool
) -> None:
    found = links({"legacy": (service, replace(LISTENER, protocol=protocol))}, {})
    assert found.behind["legacy"].tls is tls


def test_a_network_has_one_link_which_is_that_of_an_environment_of_ours_if_one_is_in_it() -> None:
    other = ExternalListener("TCP", 9000, "vpc-1", SUBNETS[:1])
    found = links({"legacy": (LEGACY, LISTENER), "other": (LEGACY, other)}, {"shop": "vpc-2", "new": None})
    assert found.made == {"vpc-1": Link("vpc-1", ("subnet-a", "subnet-b"))}
    assert found.behind["legacy"] == Behind("vpc-1", (LinkEgress(8080, group="sg-theirs"),))
    assert found.behind["other"] == Behind("vpc-1", (LinkEgress(9000, range="10.1.0.0/24"),))
    found = links({"legacy": (LEGACY, LISTENER)}, {"shop": "vpc-1"})
    assert (found.made, found.behind["legacy"].link) == ({}, "shop")


def test_security_groups_of_the_users_own_make_a_link_of_their_own_without_rules() -> None:
    found = links({"legacy": (GIVEN, LISTENER)}, {"shop": "vpc-1"})
    assert found.made == {"vpc-1": Link("vpc-1", ("subnet-a", "subnet-b"), ("sg-given",), own_group=False)}
    assert found.behind["legacy"] == Behind("vpc-1")
    both = links({"legacy": (GIVEN, LISTENER), "other": (LEGACY, LISTENER)}, {})
    assert both.made["vpc-1"].own_group
    assert both.made["vpc-1"].groups == ("sg-given",)


def test_a_link_is_in_one_subnet_of_each_zone_that_has_links() -> None:
    subnets = (*SUBNETS, Subnet("subnet-0", "euw1-az2", "10.1.2.0/24"), Subnet("subnet-d", "euw3-az2", "10.1.3.0/24"))
    found = links({"legacy": (LEGACY, replace(LISTENER, subnets=subnets))}, {})
    assert found.made["vpc-1"].subnets == ("subnet-0", "subnet-a")


@pytest.mark.parametrize(
    ("rule", "open_"),
    [
        (Passage("tcp", 8080, 8080, group="sg-link"), True),
        (Passage("tcp", 8080, 8080, group="sg-other"), False),
        (Passage("tcp", 443, 443, group="sg-link"), False),
        (Passage("-1", -1, -1, range="10.0.0.0/8"), True),
        (Passage("tcp", 8080, 8080, range="10.1.0.0/24"), False),
        (Passage("tcp", 8080, 8080, listed=True), True),
    ],
)
def test_a_link_is_let_in_by_its_group_or_from_all_of_its_subnets(rule: Passage, *, open_: bool) -> None:
    assert lets_in([rule], LISTENER, ["sg-link"]) is open_


def test_a_closed_load_balancer_is_told_with_what_is_to_be_let_in() -> None:
    assert closed("legacy", LISTENER, "sg-link") == (
        "sg-theirs allows no VPC link on port 8080",
        "add a rule there that allows sg-link, the link's security group",
    )
    assert closed("legacy", LISTENER, "")[1].endswith("groups that it allows: services.legacy.securityGroups")
