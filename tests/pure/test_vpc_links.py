"""Which VPC link leads into an environment, and when another one takes its place."""

import pytest

from components.aws.plan.vpc_links import name_of, newly_led_to
from components.model.routes import Route, RouteTable

WHERE = {"monolith": "monolith", "users": "users", "posts": "users"}


def table(**weights: int) -> RouteTable:
    routes = tuple(Route(name, f"/{name}", name, weight=weight) for name, weight in weights.items())
    return RouteTable(routes, "monolith")


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"routes": {"users": {"service": "users", "weight": 0}}},
        {"routes": [{"id": "users", "service": "users", "weight": 0}]},
    ],
    ids=["first", "map", "list"],
)
def test_the_first_route_into_an_environment_is_seen(outputs: dict[str, object]) -> None:
    assert newly_led_to(table(users=100, posts=0), WHERE, outputs) == {"users"}
    assert newly_led_to(table(users=0, posts=0), WHERE, outputs) == set()


def test_a_further_route_into_an_environment_finds_a_link_in_use() -> None:
    outputs = {"routes": {"users": {"service": "users", "weight": 100}}}
    assert newly_led_to(table(users=100, posts=100), WHERE, outputs) == set()


def test_the_default_is_in_use() -> None:
    assert newly_led_to(table(monolith=100), WHERE, {}) == set()


def test_a_link_that_sleeps_gets_a_successor_and_is_asked_only_if_it_is_there() -> None:
    asked: list[list[str]] = []

    def asleep(groups: list[str]) -> bool:
        asked.append(groups)
        return True

    assert name_of("facade-users", {}, asleep) == "facade-users"
    assert asked == []
    links = {"facade-users": {"securityGroupIds": ["sg-1"]}, "facade-users-2": {"securityGroupIds": ["sg-2"]}}
    assert name_of("facade-users", links, asleep) == "facade-users-V2"
    assert asked == [["sg-1"]]
    later = {**links, "facade-users-V9": {"securityGroupIds": ["sg-1"]}}
    assert name_of("facade-users", later, asleep) == "facade-users-V10"
    assert name_of("facade-users", later, lambda _: False) == "facade-users-V9"
