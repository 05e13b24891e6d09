"""Rules in a load balancer that stands already, under the mocks: what is registered, and what isn't."""

from dataclasses import replace
from pathlib import Path

import pytest

from components.aws.existing import ExistingBalancer
from components.aws.plan.existing_listener import Rest
from components.model.facades import Listener
from tests.components.recorder import Record
from tests.components.system import registered
from tests.projects import Tree, manifest, write_project
from tests.pure.bad_listener import ARN, ON

OURS = {name: manifest(name) for name in ("posts", "users")}
BALANCER = ExistingBalancer(
    Listener(ARN),
    dns="shop-1.eu-west-1.elb.amazonaws.com",
    zone="Z1",
    vpc="vpc-0a1b2c3d",
    groups=("sg-0a1b2c3d", "sg-0a1b2c3e"),
    secure=True,
    port=443,
    rest=Rest("arn:monolith", "forwards to one target group"),
)


def _looked_up(listener: Listener) -> ExistingBalancer:
    return replace(BALANCER, settings=listener)


def _nothing(*_: object) -> None:
    return None


def _none_taken(*_: object) -> dict[int, str]:
    return {}


def _an_hour(_group: str) -> int:
    return 3600


@pytest.fixture(autouse=True)
def stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """What AWS would answer: the mocks have one answer for all look-ups."""
    monkeypatch.setattr("components.aws.platform.look_up", _looked_up)
    monkeypatch.setattr("components.aws.existing.taken", _none_taken)
    monkeypatch.setattr("components.aws.existing.outgoing", _nothing)
    monkeypatch.setattr("components.aws.facades.kinds.stickiness_of", _an_hour)


def deployed(folder: Path, manifests: dict[str, Tree] | None = None, **config: object) -> Record:
    write_project(folder, manifests or OURS)
    return registered(folder, {**ON, **config})


def test_the_load_balancer_is_told_by_its_own_names(tmp_path: Path) -> None:
    record = deployed(tmp_path, alarms={"email": "ops@example.com"})
    assert [made.name for made in record.of("aws:lb/loadBalancer:LoadBalancer")] == []
    assert [made.name for made in record.of("aws:lb/listener:Listener")] == []
    (query, *_) = record.one("MetricAlarm", "Facade-listener-Errors").inputs["metricQueries"]
    assert query["metric"]["dimensions"] == {"LoadBalancer": "app/shop/0123456789abcdef"}
    assert record.one("MetricAlarm", "users-Listener-Errors")
    outputs = next(value for urn, value in record.outputs.items() if "strangler:index:ListenerFacade" in urn)
    assert outputs["url"] == "https://shop-1.eu-west-1.elb.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "secure", "port", "url"),
    [
        (None, True, 443, "https://shop-1.eu-west-1.elb.amazonaws.com"),
        ("www.example.com", True, 443, "https://www.example.com"),
        ("www.example.com", True, 8443, "https://www.example.com:8443"),
        ("www.example.com", False, 80, "http://www.example.com"),
        ("www.example.com", False, 8080, "http://www.example.com:8080"),
    ],
)
def test_its_url_is_as_the_listener_speaks(host: str | None, port: int, url: str, *, secure: bool) -> None:
    assert replace(BALANCER, secure=secure, port=port).url(host) == url


def test_tasks_take_requests_from_its_security_groups_and_nothing_is_added_to_these(tmp_path: Path) -> None:
    record = deployed(tmp_path)
    rules = [*record.of("SecurityGroupIngressRule"), *record.of("SecurityGroupEgressRule")]
    assert {rule.inputs["securityGroupId"] for rule in rules} == {"SecurityGroup-shared-tasks"}
    callers = {rule.inputs.get("referencedSecurityGroupId") for rule in record.of("SecurityGroupIngressRule")}
    assert callers == {*BALANCER.groups, "SecurityGroup-shared-tasks"}
    own = {"security_groups": {"deny_default": True, "groups": ["sg-0123456789abcdef0"]}}
    users = manifest("users", network={"vpc": {"security_groups": own["security_groups"]}})
    record = deployed(tmp_path / "deny", {**OURS, "users": users})
    into = {
        (rule.inputs["securityGroupId"], rule.inputs.get("referencedSecurityGroupId"))
        for rule in record.of("SecurityGroupIngressRule")
    }
    assert {("sg-0123456789abcdef0", group) for group in BALANCER.groups} <= into
    assert {rule.inputs["securityGroupId"] for rule in record.of("SecurityGroupEgressRule")}.isdisjoint(BALANCER.groups)


def test_a_share_names_their_target_group_and_is_sticky_as_that_is(tmp_path: Path) -> None:
    record = deployed(tmp_path, routes={"users": 25, "posts": True})
    (action,) = record.one("ListenerRule", "users").inputs["actions"]
    groups = {group["arn"]: group["weight"] for group in action["forward"]["targetGroups"]}
    assert groups == {"arn:TargetGroup/users-listener": 25, "arn:monolith": 75}
    assert action["forward"]["stickiness"] == {"enabled": True, "duration": 3600}
    (action,) = record.one("ListenerRule", "posts").inputs["actions"]
    assert [group["arn"] for group in action["forward"]["targetGroups"]] == ["arn:TargetGroup/posts-listener"]


def test_what_attaches_a_target_group_is_for_a_host_that_nobody_asks_for(tmp_path: Path) -> None:
    users = manifest("users", http={"path": "api/users", "alias": "users.example.com"})
    record = deployed(tmp_path, {**OURS, "users": users})
    rules = {rule.name: rule.inputs for rule in record.of("ListenerRule")}
    assert set(rules) == {"users-listener", "posts-listener", "users users.example.com"}
    for name in OURS:
        assert rules[f"{name}-listener"]["conditions"] == [{"hostHeader": {"values": ["attached.invalid"]}}]
    assert all(rule["listenerArn"] == ARN and 20_000 <= rule["priority"] <= 29_999 for rule in rules.values())
