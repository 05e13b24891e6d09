"""On which port a service is reached while a stack changes."""

from collections.abc import Mapping

import pytest

from components.aws.plan.ports import Standing, mistakes, own_ports, standing
from components.manifest.http import Alias, Http, HttpRule
from components.manifest.manifest import Manifest
from components.model.facades import ALB, API_GATEWAY, REFACTOR_SPACES, FacadeKind, Scheme
from components.settings.service import Service

PRESENT: dict[str, tuple[Scheme, ...]] = dict.fromkeys(("x", "y", "users"), (Scheme.INTERNAL,))
LISTENERS = {f"{name}-internal": {"arn": f"arn:{name}:80"} for name in PRESENT}
ALIAS = Alias("a.example.com")


def service(name: str, environment: str, *further: HttpRule) -> Service:
    return Service(Manifest(name, 3000, Http(HttpRule(f"/api/{name}"), further)), environment)


def rules(homes: Mapping[str, str], paths: tuple[str, ...] = ("/*",)) -> dict[str, dict[str, object]]:
    """The state's rules of services on port 80. homes: environments by service."""
    return {
        f"{name}-internal": {"listenerArn": f"arn:{home}:80", "conditions": [{"pathPattern": {"values": [*paths]}}]}
        for name, home in homes.items()
    }


def found(
    *services: Service,
    own: tuple[str, ...] = (),
    homes: Mapping[str, str],
    paths: tuple[str, ...] = ("/*",),
    kinds: tuple[FacadeKind, ...] = (API_GATEWAY,),
) -> Standing:
    listeners: dict[str, dict[str, object]] = {f"{name}-internal": {} for name in own}
    return standing(services, kinds, PRESENT, LISTENERS, listeners, rules(homes, paths))


def test_who_comes_to_a_port_80_that_is_anothers_gets_a_listener_of_its_own() -> None:
    now = found(service("users", "y"), service("posts", "x"), homes={"users": "x", "posts": "y"})
    assert now == Standing(crowded=frozenset({"users", "posts"}))
    assert {*own_ports({"users": "y", "posts": "x"}, (API_GATEWAY,), now)} == {"users", "posts"}
    gone = found(service("users", "y"), homes={"users": "x", "posts": "y"})
    assert {*own_ports({"users": "y"}, (API_GATEWAY,), gone)} == {"users"}
    # One that gave the environment its name comes home.
    home = found(service("users", "users"), service("posts", "users"), homes={"users": "x", "posts": "users"})
    assert {*own_ports({"users": "users", "posts": "users"}, (API_GATEWAY,), home)} == {"users", "posts"}


def test_a_listener_that_comes_has_no_port_of_one_that_goes() -> None:
    (port,) = own_ports({"users": "y", "y": "y"}, (API_GATEWAY,)).values()
    listeners = {"gone-internal": {"port": float(port)}, "posts-internal": {"port": 12_345.0}, "x-internal": {}}
    comes, stays = service("users", "y"), service("posts", "y")
    now = standing([comes, stays], (API_GATEWAY,), PRESENT, LISTENERS, listeners, {})
    assert now.known == {"gone-internal": port, "posts": 12_345}
    assert own_ports({"users": "y", "posts": "y"}, (API_GATEWAY,), now) == {"users": port + 1, "posts": 12_345}


def test_who_has_a_listener_of_its_own_keeps_it() -> None:
    now = found(service("users", "y"), own=("users",), homes={})
    assert now == Standing(kept=frozenset({"users"}))
    assert {*own_ports({"users": "y"}, (API_GATEWAY,), now)} == {"users"}
    # But where only port 80 does.
    by_path, by_host = HttpRule("/admin"), HttpRule("/admin", aliases=(ALIAS,))
    assert found(service("users", "y", by_path), own=("users",), homes={}) == Standing()
    assert found(service("users", "y", by_host), own=("users",), homes={}) == now
    assert found(service("users", "y"), own=("users",), homes={}, kinds=(REFACTOR_SPACES,)) == Standing()


@pytest.mark.parametrize(
    ("homes", "paths"),
    [({"users": "x"}, ("/*",)), ({"users": "y"}, ("/*",)), ({"posts": "y"}, ("/api/*",)), ({"posts": "x"}, ("/*",))],
)
def test_everyone_else_is_where_a_new_stack_has_it(homes: Mapping[str, str], paths: tuple[str, ...]) -> None:
    now = found(service("users", "y"), homes=homes, paths=paths)
    assert now == Standing()
    assert own_ports({"users": "y"}, (API_GATEWAY,), now) == {}


def test_one_that_is_there_already_stays_where_it_is() -> None:
    """As an earlier version left it half-way."""
    assert found(service("users", "y"), homes={"users": "y", "posts": "y"}) == Standing()


def test_who_is_reached_by_port_80_only_is_refused_with_the_way() -> None:
    crowded, plain = Standing(crowded=frozenset({"users"})), service("users", "y")
    (line,) = mistakes([plain, service("posts", "x")], (REFACTOR_SPACES,), crowded)
    assert line == (
        "services.users.environment: found y, whose load balancer's port 80, which the facade refactor-spaces uses, "
        "belongs to another service until this change is complete: move it to another environment first, and to this "
        "one in a separate `up`"
    )
    (line,) = mistakes([service("users", "y", HttpRule("/admin"))], (API_GATEWAY,), crowded)
    assert "which http.additional_rules without an alias need, belongs to another service" in line
    assert [*mistakes([plain], (API_GATEWAY,), crowded)] == []
    assert [*mistakes([plain], (ALB,), crowded)] == []
