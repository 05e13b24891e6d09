"""While routes are compared before they move, everybody gets what they got, and testers the new services."""

from dataclasses import replace

from components.compare.standing import due
from components.local.envoy.config import cluster_name
from components.local.envoy.staged import staged
from components.local.envoy.state import Target, Upstream
from components.manifest.http import HealthCheck
from components.model.comparison import Comparison
from components.model.routes import Route, RouteTable, Testers

MARK = Testers("X-Preview", "users")
USERS, POSTS = Route("users", "/api/users", "users", testers=MARK), Route("posts", "/api/posts", "posts", weight=25)
WANTED = {"users": Comparison("users.requests"), "posts": Comparison("posts.requests")}


def target(*routes: Route, release: str = "1") -> Target:
    services = ("monolith", "posts", "users")
    upstreams = {name: Upstream(name, "n", (f"{name}-{release}",), 3000, HealthCheck(), 60) for name in services}
    return Target(upstreams, RouteTable.of(routes, "monolith"))


def test_a_route_is_compared_when_it_asks_for_it_and_rises_from_zero() -> None:
    old, new = target(USERS, POSTS), target(replace(USERS, weight=5), replace(POSTS, weight=100))
    assert [route.id for route in due(old.table, new.table, WANTED)] == ["users"]
    assert [route.id for route in due(None, new.table, WANTED)] == ["posts", "users"]
    assert due(old.table, new.table, {}) == []
    assert due(new.table, old.table, WANTED) == []


def test_meanwhile_only_testers_of_the_route_get_anything_else() -> None:
    old = target(replace(USERS, testers=None), POSTS)
    new = target(replace(USERS, weight=100), replace(POSTS, weight=100), release="2")
    known = [cluster_name(upstream) for upstream in (*old.upstreams.values(), *new.upstreams.values())]
    meanwhile = staged(old, new, due(old.table, new.table, WANTED), known)
    for path in ("/api/users", "/api/posts", "/"):
        assert meanwhile.table.resolve("GET", path) == old.table.resolve("GET", path)
    assert meanwhile.table.resolve("GET", "/api/users", {"X-Preview": "users"}) == {"users": 1}
    assert {name: upstream.containers for name, upstream in meanwhile.upstreams.items()} == {
        "monolith": ("monolith-1",),
        "posts": ("posts-1",),
        "users": ("users-2",),
    }


def test_a_facade_that_held_nothing_holds_all_but_the_routes_that_move() -> None:
    new = target(replace(USERS, weight=100), POSTS)
    meanwhile = staged(None, new, due(None, new.table, {"users": WANTED["users"]}), [])
    assert meanwhile.table == RouteTable.of([USERS, POSTS], "monolith")
    assert meanwhile.upstreams == new.upstreams


def test_what_the_facade_has_lost_is_reached_as_the_new_table_says() -> None:
    old, new = target(USERS, POSTS), target(replace(USERS, weight=100), POSTS, release="2")
    known = [cluster_name(upstream) for upstream in new.upstreams.values()]
    assert staged(old, new, due(old.table, new.table, WANTED), known).upstreams == new.upstreams
