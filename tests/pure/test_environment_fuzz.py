"""Whatever stands in an environment's manifest is read, or told with its place; nothing ends in a traceback."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from components.input.diagnostics import Problems
from components.input.value import Value
from components.manifest.environment import ENVIRONMENT_FIELDS, read
from components.manifest.unknown_keys import check_fields, check_unknown
from components.model import cidr
from components.model.environment import EnvironmentSettings
from tests.projects import Tree
from tests.strategies import trees

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

HTTP: Tree = {
    "public": {
        "certificates": [CERTIFICATE],
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "access_logs": {"bucket_name": "my-logs", "prefix": "web"},
        "ingress": {"cdn": False, "source_ips": ["192.0.2.0/24"]},
    },
}
RULES: Tree = {
    "ingress": [{"ip_protocol": "tcp", "ports": "80-90", "cidr": "10.0.0.0/8"}],
    "egress": [{"ip_protocol": "-1", "ports": 0, "cidr": "0.0.0.0/0"}],
}
MADE: Tree = {
    "cidr": "10.9.0.0/16",
    "subnets": {
        "public": [{"cidr": "10.9.0.0/24", "az": "eu-west-1a"}, {"cidr": "10.9.1.0/24", "az": "eu-west-1b"}],
        "private": [{"cidr": "10.9.2.0/24", "az": "eu-west-1a"}, {"cidr": "10.9.3.0/24", "az": "eu-west-1b"}],
    },
    "security_group": RULES,
    "flow_logs": {"retention": 30},
}
BROUGHT: Tree = {
    "id": "vpc-0a1b2c3d",
    "subnets": {
        "public": [{"id": "subnet-0000000a"}, {"id": "subnet-0000000b"}],
        "private": [{"id": "subnet-0000000c"}, {"id": "subnet-0000000d"}],
    },
}
COMMON: Tree = {"name": "test", "type": "Environment", "observability": {"container_insights": True}, "http": HTTP}
VALID: tuple[Tree, ...] = ({**COMMON, "network": {"vpc": MADE}}, {**COMMON, "network": {"vpc": BROUGHT}})

Step = str | int


def places(value: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Every place in a tree but its top."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(cast("list[object]", value)):
            yield from places(inner, (*path, number))


PLACES = tuple((number, place) for number, tree in enumerate(VALID) for place in places(tree))


def with_value(tree: Tree, place: tuple[Step, ...], value: object) -> Tree:
    """The tree with something else in one place."""
    changed = deepcopy(tree)
    here: Any = changed
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    return changed


def messages(tree: object) -> list[str]:
    """The places of what is wrong with a manifest."""
    problems = Problems()
    at = Value(tree, "manifest.yml", "", problems)
    check_unknown(at, ENVIRONMENT_FIELDS, strict=True)
    check_fields(at, ENVIRONMENT_FIELDS, "aws")
    read(at, EnvironmentSettings("test", cidr.of_name("test")))
    assert all("\n" not in str(problem) for problem in problems.errors)
    return [problem.where.path for problem in problems.errors]


def test_what_is_valid_is_accepted() -> None:
    assert [messages(tree) for tree in VALID] == [[], []]


@given(st.sampled_from(PLACES), trees)
def test_a_random_mistake_in_a_valid_manifest_is_reported_in_its_section(
    where: tuple[int, tuple[Step, ...]], value: object
) -> None:
    number, place = where
    found = messages(with_value(VALID[number], place, value))
    assert [item for item in found if not item.startswith(str(place[0]))] == []


@given(st.dictionaries(st.sampled_from(("network", "http", "cdn", "observability", "type")), trees))
def test_no_tree_at_all_ends_in_a_traceback(tree: Tree) -> None:
    messages(tree)
