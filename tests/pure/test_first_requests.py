"""Who is asked whether it answers, before an `up` leads the first requests there."""

from dataclasses import replace

import pytest

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


def test_what_this_machine_does_not_reach_is_not_asked_nor_is_what_has_no_url() -> None:
    others = [replace(LEGACY, checked=False), ExternalService("legacy", Endpoint.LAMBDA, "arn")]
    assert due({}, table(100), others) == []


def test_an_answer_will_do_if_its_code_is_among_those_of_the_health_check() -> None:
    check = HealthCheck(success_codes="200,301-303")
    assert [status for status in (199, 200, 201, 301, 303, 304, 503) if check.will_do(status)] == [200, 301, 303]
