"""Which VPC link leads into an environment, and when another one takes its place."""

from components.aws.plan.vpc_links import led_to, name_of
from components.model.routes import Route, RouteTable

WHERE = {"monolith": "monolith", "users": "users", "posts": "users"}


def table(**weights: int) -> RouteTable:
    routes = tuple(Route(name, f"/{name}", name, weight=weight) for name, weight in weights.items())
    return RouteTable(routes, "monolith")


def test_active_routes_and_the_default_lead_into_an_environment() -> None:
    assert led_to(table(users=100, posts=0), WHERE) == {"monolith", "users"}
    assert led_to(table(users=0, posts=0), WHERE) == {"monolith"}
    assert led_to(table(elsewhere=100), {"users": "users"}) == set()


def test_a_link_that_sleeps_gets_a_successor_and_is_asked_only_if_it_is_there() -> None:
    asked: list[list[str]] = []

    def inactive(groups: list[str]) -> bool:
        asked.append(groups)
        return True

    assert name_of("facade-users", {}, inactive) == "facade-users"
    assert asked == []
    links = {"facade-users": {"securityGroupIds": ["sg-1"]}, "facade-users-2": {"securityGroupIds": ["sg-2"]}}
    assert name_of("facade-users", links, inactive) == "facade-users-V2"
    assert asked == [["sg-1"]]
    later = {**links, "facade-users-V9": {"securityGroupIds": ["sg-1"]}}
    assert name_of("facade-users", later, inactive) == "facade-users-V10"
    assert name_of("facade-users", later, lambda _: False) == "facade-users-V9"
