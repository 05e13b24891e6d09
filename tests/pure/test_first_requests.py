"""Who is asked whether it answers, before an `up` leads the first requests there."""

from dataclasses import replace

import pytest

from components.aws.plan import first_answers
from components.aws.plan.first_requests import due
from components.manifest.http import HealthCheck
from components.model.facades import Endpoint
from components.model.routes import Route, RouteTable
from components.settings.external import ExternalService
from components.strangler import mermaid

URL = "https://legacy.example.com"
LEGACY = ExternalService("legacy", Endpoint.URL, URL)
ROUTE = Route("old", "/old", "legacy")


def table(weight: int = 0, default: str = "monolith") -> RouteTable:
    return RouteTable.of([replace(ROUTE, weight=weight)], default)


def up(weight: int = 0, default: str = "monolith", url: str = URL) -> dict[str, object]:
    """The outputs of a stack that has such routes up."""
    return {"diagram": mermaid(table(weight, default), {"legacy"}), "services": {"legacy": {"url": url}}}


@pytest.mark.parametrize(
    ("now", "wanted", "is_asked"),
    [
        ({}, table(), False),
        ({}, table(100), True),
        ({}, table(default="legacy"), True),
        (up(), table(100), True),
        (up(), table(default="legacy"), True),
        (up(100), table(100), False),
        (up(100), table(default="legacy"), False),
        (up(default="legacy"), table(100, "legacy"), False),
        (up(default="legacy"), table(default="monolith"), False),
        (up(default="legacy", url="https://old.example.com"), table(default="legacy"), True),
    ],
)
def test_it_is_asked_where_it_gets_requests_and_got_none(
    now: dict[str, object], wanted: RouteTable, *, is_asked: bool
) -> None:
    assert due(now, wanted, [LEGACY]) == ([LEGACY] if is_asked else [])


def test_a_state_of_an_earlier_version_asks_nothing_of_who_gets_requests_already() -> None:
    now = {**up(default="legacy"), "services": [{"name": "legacy", "url": URL}]}
    assert due(now, table(default="legacy"), [LEGACY]) == []


def test_what_is_not_to_be_checked_is_not_asked() -> None:
    assert due({}, table(100), [replace(LEGACY, checked=False)]) == []


@pytest.mark.parametrize("endpoint", [Endpoint.TARGET_GROUP, Endpoint.LISTENER, Endpoint.LAMBDA])
def test_so_is_what_has_an_arn_and_another_one_of_the_same_service(endpoint: Endpoint) -> None:
    one, another = ExternalService("legacy", endpoint, "arn:1"), ExternalService("legacy", endpoint, "arn:2")
    now = {**up(100), "services": {"legacy": {endpoint.value: "arn:1"}}}
    assert [due(found, table(100), [one]) for found in ({}, up(), now)] == [[one], [one], []]
    assert due(now, table(100), [another]) == [another]
    assert due(now, table(100), [LEGACY]) == [LEGACY], "it was no URL before"


def test_a_stack_that_says_nothing_of_a_service_that_gets_requests_asks_nothing() -> None:
    assert due({**up(100), "services": {}}, table(100), [LEGACY]) == []


def target(state: str, reason: str = "") -> dict[str, object]:
    """What ELB says of one."""
    return {"TargetHealth": {"State": state, **({"Reason": reason} if reason else {})}}


NOT_USED = target("unused", "Target.NotInUse")
OFF = target("unavailable", "Target.HealthCheckDisabled")
STARTING = target("initial", "Elb.InitialHealthChecking")
ILL = target("unhealthy", "Target.Timeout")


@pytest.mark.parametrize(
    ("targets", "wrong"),
    [
        ([], "it has no registered targets"),
        ([ILL, target("healthy")], None),
        ([NOT_USED, target("healthy")], None),
        ([ILL], "none of its targets is healthy: 1 unhealthy (Target.Timeout)"),
        ([ILL, STARTING, ILL], "none of its targets is healthy: 1 initial (Elb.InitialHealthChecking), 2 unhealthy"),
        ([ILL, NOT_USED], "none of its targets is healthy: 1 unhealthy (Target.Timeout), 1 unused (Target.NotInUse)"),
        ([target("draining", "Target.DeregistrationInProgress")], "none of its targets is healthy: 1 draining ("),
        ([target("unused", "Target.InvalidState")], "none of its targets is healthy: 1 unused (Target.InvalidState)"),
        ([target("unavailable", "Elb.InternalError")], "none of its targets is healthy: 1 unavailable (Elb.Internal"),
    ],
)
def test_a_target_group_answers_if_one_of_its_targets_is_healthy(
    targets: list[dict[str, object]], wrong: str | None
) -> None:
    found = first_answers.of_targets(targets)
    assert (found.wrong or "").startswith(wrong or "")
    assert (found.wrong is None, found.unknown) == (wrong is None, None)
    assert found.passing == (STARTING in targets)


@pytest.mark.parametrize(
    ("targets", "why"),
    [
        ([NOT_USED, NOT_USED], "no load balancer uses it yet, or none in its targets' zones: 2 unused"),
        ([OFF], "its health checks are turned off: 1 unavailable (Target.HealthCheckDisabled)"),
    ],
)
def test_whether_targets_that_nobody_checks_are_healthy_is_not_known(
    targets: list[dict[str, object]], why: str
) -> None:
    found = first_answers.of_targets(targets)
    assert found.wrong is None
    assert why in str(found.unknown)


@pytest.mark.parametrize(
    ("configuration", "woken", "wrong"),
    [
        ({"State": "Active"}, False, None),
        ({}, False, None),
        ({"State": "Pending", "StateReason": "It is\nbeing created."}, True, "it is Pending (It is being created.)"),
        ({"State": "Inactive"}, False, "it is Inactive"),
        ({"State": "Inactive"}, True, None),
        ({"State": "Failed", "StateReason": "The image is gone."}, True, "it is Failed (The image is gone.)"),
        ({"State": "ActiveNonInvocable"}, True, "it is ActiveNonInvocable"),
    ],
)
def test_a_function_answers_if_it_is_active_or_is_woken(
    configuration: dict[str, object], wrong: str | None, *, woken: bool
) -> None:
    found = first_answers.of_function(configuration, woken=woken)
    assert (found.wrong, found.passing) == (wrong, "Pending" in configuration.values())


@pytest.mark.parametrize(
    ("state", "wrong"),
    [
        ({"Code": "active"}, None),
        ({"Code": "active_impaired"}, None),
        ({"Code": "provisioning"}, "its load balancer is provisioning"),
        ({"Code": "failed", "Reason": "No addresses."}, "its load balancer is failed (No addresses.)"),
    ],
)
def test_a_listener_answers_if_its_load_balancer_is_active(state: dict[str, str], wrong: str | None) -> None:
    found = first_answers.of_load_balancer({"State": state})
    assert (found.wrong, found.passing) == (wrong, state["Code"] == "provisioning")


def test_an_answer_will_do_if_its_code_is_among_those_of_the_health_check() -> None:
    check = HealthCheck(success_codes="200,301-303")
    assert [status for status in (199, 200, 201, 301, 303, 304, 503) if check.will_do(status)] == [200, 301, 303]
