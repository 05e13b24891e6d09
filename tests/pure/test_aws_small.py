"""Small decisions of the platform `aws`: subnets, roll-backs, tags, names."""

from collections.abc import Mapping
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.plan.deployment_check import Deployment, Revision, rolled_back
from components.aws.plan.subnet_layout import MOST_ZONES, layout
from components.aws.tags import tags_of
from components.model.names import slug

ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/"


def _range(base: int, prefix: int) -> IPv4Network:
    return IPv4Network((base, prefix), strict=False)


ranges = st.builds(_range, st.integers(0, 2**32 - 1), st.integers(16, 24))


@given(ranges, st.integers(2, MOST_ZONES))
def test_subnets_lie_in_their_range_and_apart(cidr: IPv4Network, zones: int) -> None:
    found = layout(cidr, zones)
    assert len(found.public) == len(found.private) == zones
    subnets = [IPv4Network(item) for item in (*found.public, *found.private)]
    assert all(subnet.subnet_of(cidr) for subnet in subnets)
    assert not any(one.overlaps(other) for number, one in enumerate(subnets) for other in subnets[:number])
    # A load balancer needs a /27 (ELB user guide, subnets).
    assert all(subnet.prefixlen <= 27 for subnet in subnets)


@given(ranges, st.integers(2, MOST_ZONES - 1))
def test_a_further_zone_leaves_every_subnet_where_it_is(cidr: IPv4Network, zones: int) -> None:
    before, after = layout(cidr, zones), layout(cidr, zones + 1)
    assert after.public[:zones] == before.public
    assert after.private[:zones] == before.private


ARRIVED = Revision.of(f"{ARN}users:2", ["a", "b"], ["g"], [("arn", "users", 3000)], ["users"])
NETWORK = ARRIVED.settings


def deployment(reported: str, network: Mapping[str, frozenset[str]] = NETWORK) -> Deployment:
    return Deployment("users", "the-cluster", "/logs", ARRIVED, Revision(reported, network))


@pytest.mark.parametrize("reported", [f"{ARN}users:2", "users:2"])
def test_a_deployment_that_arrived_is_no_failure(reported: str) -> None:
    assert rolled_back(deployment(reported)) is None


@pytest.mark.parametrize("reported", [f"{ARN}users:1", f"{ARN}users:22", f"{ARN}other:2", ""])
def test_complaint_1_anything_else_is_a_failure_in_one_line(reported: str) -> None:
    line = rolled_back(deployment(reported))
    assert line is not None
    assert "\n" not in line
    for word in ("users", "users:2", "/logs", "the-cluster"):
        assert word in line


@pytest.mark.parametrize("name", NETWORK)
def test_complaint_1_a_roll_back_that_keeps_the_task_definition_is_a_failure_that_names_the_setting(name: str) -> None:
    line = rolled_back(deployment("users:2", {**NETWORK, name: frozenset({"before"})}))
    assert line is not None
    assert f"ECS rolled back the change of its {name}, as tasks with it did not become healthy: see the log" in line


@pytest.mark.parametrize("network", [{}, dict.fromkeys(NETWORK, frozenset[str]())])
def test_what_is_not_reported_is_no_failure(network: Mapping[str, frozenset[str]]) -> None:
    assert rolled_back(deployment("users:2", network)) is None


def test_tags_say_whose_something_is() -> None:
    assert tags_of("strangler", "dev") == {"application": "strangler", "stack": "dev"}
    assert tags_of("strangler", "dev", "shared", "users") == {
        "application": "strangler",
        "stack": "dev",
        "environment": "shared",
        "service": "users",
    }


@given(st.text(min_size=1))
def test_a_slug_is_what_registries_and_dns_take(name: str) -> None:
    found = slug(name)
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert found == found.strip("-")
    assert "--" not in found
    assert slug(found) == found


def test_two_names_that_differ_stay_two() -> None:
    assert len({slug(item) for item in ("dev", "Dev", "d.ev", "d-ev", "d_ev")}) == 5
