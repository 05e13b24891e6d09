"""Further rules of `http` that come to tasks which run, and those that go."""

from typing import Any

from components.aws.plan.further_rules import GoingRule, attachment_name, coming, going, listeners, message
from components.manifest.http import Http, HttpRule
from components.manifest.load_balanced_web_service import Manifest
from components.model.facades import Scheme
from components.settings.service import Service

HERE = {"tags": {"service": "users", "environment": "shared"}}
RUNNING = {"users": HERE}


def service(*further: HttpRule) -> Service:
    return Service(Manifest("users", 3000, Http(HttpRule("/api/users"), further)), "shared")


def rule(*, listener: str = "http", host: str | None = None) -> dict[str, Any]:
    conditions = [{"hostHeader": {"values": [host]}}] if host else [{"pathPattern": {"values": ["/a", "/a/*"]}}]
    return {**HERE, "conditions": conditions, "listenerArn": listener, "priority": 7.0}


def test_a_rule_comes_to_tasks_that_run_and_is_attached_by_another_as_long_as_it_stays() -> None:
    wanted = service(HttpRule("/a"))
    assert list(coming(wanted, Scheme.PUBLIC, {}, {})) == []
    assert list(coming(wanted, Scheme.PUBLIC, {}, {"users": {"tags": {"service": "users", "environment": "x"}}})) == []
    assert list(coming(wanted, Scheme.PUBLIC, {}, RUNNING)) == ["users-Rule1"]
    assert list(coming(wanted, Scheme.PUBLIC, {"users-Rule1": rule()}, RUNNING)) == []
    both = {"users-Rule1": rule(), attachment_name("users-Rule1"): rule(host="attached.invalid")}
    assert list(coming(wanted, Scheme.PUBLIC, both, RUNNING)) == ["users-Rule1"]
    assert list(coming(service(), Scheme.PUBLIC, both, RUNNING)) == []


def test_what_goes_is_switched_off_once_where_its_listener_stays() -> None:
    known = {
        "users-Rule1": rule(),
        "users-Rule1 a.example.com tls": rule(listener="https"),
        "users-Rule1-attached": rule(host="attached.invalid"),
        "users-Rule2": rule(host="attached.invalid"),
        "users-Rule3": rule(listener="of another load balancer"),
        "users-x-Rule1": rule(),
        "users": rule(),
    }
    there = listeners(
        "shared", Scheme.PUBLIC, {"shared": {"arn": "http"}, "shared-tls": {"arn": "https"}, "x": {"arn": "y"}}, None
    )
    assert there == {"http", "https"}
    found = going(service(), known, there)
    assert found == [
        GoingRule("users-Rule1", 7, secure=False),
        GoingRule("users-Rule1 a.example.com tls", 7, secure=True),
    ]
    assert going(service(HttpRule("/a")), known, there) == []
    assert going(service(), known, listeners("shared", Scheme.EXISTING, {}, "own")) == []
    assert message([]) is None
    assert "(users-Rule1, users-Rule1 a.example.com tls) match no requests" in str(message(found))
