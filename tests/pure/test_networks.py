"""Address ranges of environments."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.checks.placement import check_ranges
from components.input.diagnostics import Problems
from components.input.value import Value
from components.model.cidr import of_name
from components.model.environment import EnvironmentSettings
from components.settings.environments import private_range

NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
EVERYTHING = IPv4Network("10.0.0.0/8")


def _read(value: object, name: str = "users") -> tuple[IPv4Network, list[str]]:
    problems = Problems()
    at = Value(value, "Pulumi.dev.yaml: strangler:", "environments.users.cidr", problems)
    network = private_range(at, of_name(name))
    return network, [str(problem) for problem in problems.errors]


def _overlaps(ranges: dict[str, IPv4Network]) -> list[str]:
    problems = Problems()
    config = Value({}, "Pulumi.dev.yaml: strangler:", "environments", problems)
    check_ranges([EnvironmentSettings(name, network) for name, network in ranges.items()], config)
    return [str(problem) for problem in problems.errors]


def test_a_names_range_never_changes() -> None:
    """Written down here: another range for the same name would replace the networks of every stack that exists."""
    assert {name: str(of_name(name)) for name in ("monolith", "posts", "threads", "users", "shared")} == {
        "monolith": "10.116.144.0/20",
        "posts": "10.99.80.0/20",
        "threads": "10.115.112.0/20",
        "users": "10.176.96.0/20",
        "shared": "10.204.240.0/20",
    }


def test_the_message_boards_environments_lie_apart() -> None:
    ranges = {name: of_name(name) for name in ("monolith", "posts", "threads", "users", "shared")}
    assert _overlaps(ranges) == []


@given(NAMES)
def test_a_names_range_is_a_block_of_4096_private_addresses(name: str) -> None:
    network = of_name(name)
    assert network.prefixlen == 20
    assert network.num_addresses == 4096
    assert network.subnet_of(EVERYTHING)


@given(NAMES, NAMES)
def test_two_names_have_the_same_range_or_ranges_apart(one: str, other: str) -> None:
    first, second = of_name(one), of_name(other)
    assert first == second or not first.overlaps(second)


@given(NAMES, st.lists(NAMES, max_size=5))
def test_a_range_does_not_depend_on_the_other_environments(name: str, others: list[str]) -> None:
    alone = of_name(name)
    for other in others:
        of_name(other)
    assert of_name(name) == alone


@given(NAMES)
def test_without_a_cidr_the_range_is_the_names_own(name: str) -> None:
    assert _read(None, name) == (of_name(name), [])


@pytest.mark.parametrize(
    "written",
    ["10.7.0.0/16", "10.7.16.0/20", "10.7.1.0/24", "172.16.0.0/16", "172.31.0.0/16", "192.168.4.0/22", "100.64.0.0/16"],
)
def test_a_cidr_is_taken_as_it_is_given(written: str) -> None:
    assert _read(written) == (IPv4Network(written), [])


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("10.7.0.1/16", "give an IPv4 range from /16 to /24 whose host bits are 0, such as 10.7.0.0/16"),
        ("10.7.0.0/33", "give an IPv4 range from /16 to /24"),
        ("10.7.0/16", "give an IPv4 range from /16 to /24"),
        ("10.7.0.256/32", "give an IPv4 range from /16 to /24"),
        ("fd00::/8", "give an IPv4 range from /16 to /24"),
        ("large", "give an IPv4 range from /16 to /24"),
        ("", "give an IPv4 range from /16 to /24"),
        (True, "give an IPv4 range from /16 to /24"),
        (16, "give an IPv4 range from /16 to /24"),
        (["10.7.0.0/16"], "give an IPv4 range from /16 to /24"),
        ({}, "give an IPv4 range from /16 to /24"),
        (1.5, "give an IPv4 range from /16 to /24"),
        ("10.0.0.0/8", "give an IPv4 range from /16 to /24"),
        ("10.7.0.0/25", "give an IPv4 range from /16 to /24"),
        ("10.7.0.0", "give an IPv4 range from /16 to /24"),
        ("8.8.0.0/16", "give a private range: within 10.0.0.0/8"),
        ("172.32.0.0/16", "give a private range"),
        ("192.169.0.0/16", "give a private range"),
        ("100.128.0.0/16", "give a private range"),
        ("169.254.0.0/16", "give a private range"),
    ],
)
def test_a_cidr_that_no_network_can_have_is_one_line(written: object, remedy: str) -> None:
    _, lines = _read(written)
    assert len(lines) == 1
    assert lines[0].startswith("Pulumi.dev.yaml: strangler:environments.users.cidr: found ")
    assert f"; {remedy}" in lines[0]


def test_ranges_that_overlap_are_reported_at_the_later_name() -> None:
    assert _overlaps({"a": IPv4Network("10.7.0.0/16"), "b": IPv4Network("10.7.16.0/20")}) == [
        "the environment b: the range 10.7.16.0/20 overlaps with 10.7.0.0/16 of the "
        "environment a; give the newer one its own cidr, such as 10.7.0.0/16"
    ]


@given(st.dictionaries(NAMES, NAMES.map(of_name), max_size=6))
def test_exactly_the_pairs_that_overlap_are_reported(ranges: dict[str, IPv4Network]) -> None:
    names = sorted(ranges)
    pairs = sum(ranges[a].overlaps(ranges[b]) for n, a in enumerate(names) for b in names[:n])
    assert len(_overlaps(ranges)) == pairs


@given(NAMES, NAMES)
def test_two_names_that_fall_on_the_same_block_are_reported(one: str, other: str) -> None:
    if one != other:
        same = of_name(one)
        assert len(_overlaps({one: same, other: same})) == 1


@given(st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.lists(st.integers(), max_size=2)))
def test_anything_else_is_one_line_or_a_range(value: object) -> None:
    _, lines = _read(value)
    assert len(lines) <= 1
