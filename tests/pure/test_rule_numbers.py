"""Further rules of `http` keep the numbers by which the stack knows them."""

import pytest

from components.aws.plan.rule_numbers import Outputs, numbered
from components.manifest.http import Alias, Http, HttpRule
from components.manifest.load_balanced_web_service import Manifest
from components.settings.service import Service


def service(*further: HttpRule) -> Service:
    return Service(Manifest("users", 3000, Http(HttpRule("/api/users"), further)), "shared")


def state(**rules: tuple[str, ...]) -> Outputs:
    """Listener rules by name, each with its path and its hosts."""
    found: dict[str, dict[str, object]] = {}
    for name, (path, *hosts) in rules.items():
        conditions: list[object] = [{"pathPattern": {"values": [path, f"{path}/*"]}}] if path != "/" else []
        conditions += [{"hostHeader": {"values": hosts}}] if hosts else []
        found[name] = {"conditions": conditions}
    return found


A, B, C = HttpRule("/a"), HttpRule("/b"), HttpRule("/c")
KNOWN = state(**{"users": ("/",), "users-Rule1": ("/a",), "users-Rule2": ("/b",), "users-x-Rule3": ("/c",)})


@pytest.mark.parametrize(
    ("further", "numbers"),
    [
        ((A, B), (1, 2)),
        ((B, A), (2, 1)),
        ((B,), (2,)),
        ((C, A, B), (3, 1, 2)),
        ((C, B), (3, 2)),
        ((A, A), (1, 3)),
    ],
    ids=["as before", "in another order", "without the first", "with a new one first", "one for another", "twice"],
)
def test_a_rule_that_the_stack_has_keeps_its_number(further: tuple[HttpRule, ...], numbers: tuple[int, ...]) -> None:
    http = numbered(service(*further), KNOWN).manifest.http
    assert http
    assert http.numbers == numbers
    assert list(http.numbered.values()) == [http.main, *further]


def test_a_number_goes_to_another_path_only_if_the_same_container_answers_it() -> None:
    arns = {"users-Rule1": "one", "users-Rule2": "two"}
    rules = {name: {**KNOWN[name], "actions": [{"targetGroupArn": arn}]} for name, arn in arns.items()}
    targets = [
        {"targetGroupArn": "one", "containerName": "users", "containerPort": 3000.0},
        {"targetGroupArn": "two", "containerName": "users", "containerPort": 8081.0},
    ]
    http = numbered(service(B, C), rules, {"users": {"loadBalancers": targets}}).manifest.http
    assert http
    assert http.numbers == (2, 1)
    other = HttpRule("/c", target_port=9000)
    http = numbered(service(B, other), rules, {"users": {"loadBalancers": targets}}).manifest.http
    assert http
    assert http.numbers == (2, 3)


def test_of_two_rules_with_one_path_each_is_known_by_its_hosts() -> None:
    one, two = (HttpRule("/", aliases=(Alias(f"{name}.example.com"),)) for name in ("one", "two"))
    first = state(**{"users-Rule1 one.example.com": ("/", "one.example.com")})
    known = {**first, **state(**{"users-Rule2 two.example.com": ("/", "two.example.com")})}
    http = numbered(service(two, one), known).manifest.http
    assert http
    assert http.numbers == (2, 1)


def test_rules_of_a_new_stack_are_numbered_as_they_stand() -> None:
    http = numbered(service(B, A), {}).manifest.http
    assert http
    assert http.numbers == (1, 2)
    assert Http(A, (B, C)).numbered == {0: A, 1: B, 2: C}
