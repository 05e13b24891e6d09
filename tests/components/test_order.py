"""In which order things change, so that nobody answers a request on the way but its old owner or its new one."""

from dataclasses import replace
from pathlib import Path

import pytest

from components.model.routes import Route
from tests.components.recorder import Record
from tests.components.system import deployed
from tests.components.test_facades import MAKERS, dependencies, made
from tests.projects import manifest

NESTED = (
    Route("api", "/api", "users", weight=100),
    Route("reads", "/api/users", "posts", ("GET",), weight=100),
    Route("users", "/api/users", "users", weight=100),
    Route("me", "/api/users/me", "posts", weight=100),
    Route("other", "/other", "posts", weight=100),
)


def waits_for(record: Record, kind: str, name: str) -> set[str]:
    """The routes or rules that this one waits for."""
    names = {resource.name for resource in record.of(kind)}
    return dependencies(record.one(kind, name)) & names


@pytest.mark.parametrize(("facade", "kind"), [("alb", "ListenerRule"), ("refactor-spaces", "Route")])
def test_a_route_changes_after_those_that_are_matched_before_it(facade: str, kind: str) -> None:
    record, _ = made(MAKERS[facade], *NESTED)
    order = ("me", "reads", "users", "api")
    for number, name in enumerate(order):
        assert waits_for(record, kind, name) & {*order, "other"} == set(order[:number])
    assert not waits_for(record, kind, "other") & set(order)


def test_a_route_of_an_http_api_changes_after_those_that_are_matched_before_it() -> None:
    record, _ = made(MAKERS["api-gateway"], *NESTED)
    assert {"GET /api/users/{proxy+}", "ANY /api/users/me"} <= waits_for(record, "Route", "ANY /api/users/{proxy+}")
    assert "ANY /api/users/{proxy+}" in waits_for(record, "Route", "ANY /api/{proxy+}")
    assert waits_for(record, "Route", "GET /api/users/me") == set()
    assert waits_for(record, "Route", "ANY /other") == set()


@pytest.mark.parametrize(
    ("facade", "kind", "last"), [("alb", "ListenerRule", "facade-default"), ("api-gateway", "Route", "$default")]
)
def test_what_no_route_takes_changes_last(facade: str, kind: str, last: str) -> None:
    record, _ = made(MAKERS[facade], *NESTED)
    others = {resource.name for resource in record.of(kind)} - {last}
    assert waits_for(record, kind, last) == others


def test_a_rule_that_sends_everybody_where_the_last_one_does_is_made_beside_it() -> None:
    routes = (Route("users", "/api/users", "users"), Route("posts", "/api/posts", "posts", weight=1))
    record, _ = made(MAKERS["alb"], *routes)
    assert waits_for(record, "ListenerRule", "facade-default") == {"posts"}


def test_a_rule_with_another_path_is_made_beside_the_one_with_the_old() -> None:
    users = Route("users", "/api/users", "users")
    rule, moved = (
        made(MAKERS["alb"], item)[0].one("ListenerRule", "users") for item in (users, replace(users, path="/api/us"))
    )
    assert list(rule.options.replaceOnChanges) == ["conditions"]
    assert not rule.options.deleteBeforeReplace
    assert rule.inputs["priority"] != moved.inputs["priority"]


@pytest.mark.parametrize("facade", MAKERS)
def test_a_service_that_goes_to_sleep_keeps_its_tasks_until_deletions_come(facade: str, tmp_path: Path) -> None:
    manifests = {
        "monolith": manifest("monolith", "/"),
        "users": manifest("users", count=0, network={"connect": True}),
        "posts": manifest("posts", count={"range": "0-2", "cpu_percentage": 70}),
    }
    record = deployed(tmp_path, manifests, {"facade": facade})
    services = {service.name.removesuffix("-internal"): service for service in record.of("aws:ecs/service:Service")}
    replaced = {name: list(service.options.replaceOnChanges) for name, service in services.items()}
    assert replaced == {"monolith": [], "users": ["desiredCount"], "posts": []}
    assert "serviceConnectConfiguration" not in services["users"].inputs


def test_a_service_that_wakes_up_is_ready_before_a_route_leads_to_it(tmp_path: Path) -> None:
    manifests = {"monolith": manifest("monolith", "/"), "users": manifest("users", count=1)}
    record = deployed(tmp_path, manifests, {"facade": "refactor-spaces", "routes": {"users": True}})
    (service,) = (other for other in record.of("aws:ecs/service:Service") if other.name == "users")
    assert service.urn in record.one("aws-native:refactorspaces:Route", "users").options.dependencies
