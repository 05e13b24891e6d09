"""What `up` compares on AWS before routes move, by what is up."""

from dataclasses import replace
from typing import Any

import pytest

from components.aws.plan.proof import proof
from components.compare.request import Request
from components.compare.sides import LONGER, Sides
from components.compare.standing import sides_of, table_of
from components.model.comparison import Comparison
from components.model.routes import Route, RouteTable, Testers

MARK = Testers("X-Preview", "users")
URL = "http://lb-1.eu-west-1.elb.amazonaws.com"
USERS = Route("users", "/api/users", "users", ("GET", "POST"), weight=100, testers=MARK)
WANTED = {"users": Comparison("users.requests"), "deep": Comparison("deep.requests")}
UP: dict[str, Any] = {
    "url": URL,
    "routes": {
        "users": {
            "path": "/api/users",
            "methods": "GET, POST",
            "service": "users",
            "weight": 0,
            "testers": {"header": {"name": "X-Preview", "value": "users"}},
        }
    },
}


def table(*routes: Route) -> RouteTable:
    return RouteTable.of(routes, "monolith")


def test_a_route_that_rises_is_compared_by_the_testers_that_are_up() -> None:
    planned = proof(UP, table(USERS), WANTED, "dev")
    (gate,) = planned.gates
    assert (planned.mistakes, planned.notes) == ([], ())
    assert (gate.route, gate.service, gate.sides) == ("users", "users", Sides(URL, URL, MARK))
    assert gate.table.routes[0].weight == 0
    assert gate.why_not(Request("GET", "/api/users/2")) == ""


def test_an_earlier_versions_list_of_routes_is_read_as_a_map() -> None:
    before = {**UP, "routes": [{"id": "users", **UP["routes"]["users"]}]}
    assert table_of(before, table(USERS)) == table_of(UP, table(USERS))


def test_nothing_is_compared_where_nothing_asks_for_it_or_rises() -> None:
    up = {**UP, "routes": {"users": {**UP["routes"]["users"], "weight": 25}}}
    for outputs, wanted, comparisons in (
        (UP, USERS, {}),
        (UP, replace(USERS, weight=0), WANTED),
        (up, USERS, WANTED),
        ({}, replace(USERS, weight=0), WANTED),
    ):
        planned = proof(outputs, table(wanted), comparisons, "dev")
        assert [*planned.gates, *planned.mistakes, *planned.notes] == []


def test_where_nothing_is_up_a_route_begins_uncompared_and_it_is_told() -> None:
    planned = proof({}, table(USERS), WANTED, "dev")
    assert [*planned.gates, *planned.mistakes] == []
    assert planned.notes == [
        "route users: nothing is deployed yet to compare users with; it starts with the weight 100, uncompared"
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        replace(USERS, testers=Testers("X-Preview", "other")),
        replace(USERS, testers=Testers("X-Preview", "users", cookie=True)),
        replace(USERS, path="/users"),
        replace(USERS, methods=()),
        replace(USERS, service="people"),
        replace(USERS, id="people"),
    ],
)
def test_testers_that_are_not_up_as_they_are_wanted_prove_nothing(wanted: Route) -> None:
    planned = proof(UP, table(wanted), {**WANTED, "people": Comparison("people.requests")}, "dev")
    assert planned.gates == []
    assert planned.mistakes == [
        f"routes.{wanted.id}: found the weight 100, but the testers used to compare it aren't deployed in "
        "this form; set the weight to 0 and run `pulumi up -s dev` first, or remove compare"
    ]


def test_what_a_longer_route_takes_that_moves_too_says_nothing_of_the_shorter_one() -> None:
    deep = Route("deep", "/api/users/deep", "deep", weight=100, testers=Testers("X-Deep", "1"))
    entry: dict[str, Any] = {"path": "/api/users/deep", "methods": "all", "service": "deep", "weight": 0}
    entry["testers"] = {"header": {"name": "X-Deep", "value": "1"}}
    up = {**UP, "routes": {**UP["routes"], "deep": entry}}
    planned = proof(up, table(USERS, deep), WANTED, "dev")
    first, second = sorted(planned.gates, key=lambda gate: gate.route)
    assert (first.why_not(Request("GET", "/api/users/deep/1")), second.why_not(Request("GET", "/api/users/1"))) == (
        "",
        "",
    )
    assert second.why_not(Request("GET", "/api/users/deep/1")) == LONGER


@pytest.mark.parametrize(
    ("outputs", "sides"),
    [
        ({"url": URL}, Sides(URL, URL, MARK)),
        ({"url": URL, "testersUrl": "https://t.example.net"}, Sides(URL, "https://t.example.net")),
        ({"url": "http://127.0.0.1:8080"}, Sides("http://127.0.0.1:8080", "http://127.0.0.1:8080", MARK)),
        (
            {"url": "https://www.example.com", "dnsTarget": "lb-1.eu-west-1.elb.amazonaws.com"},
            Sides("https://www.example.com", "https://www.example.com", MARK, "lb-1.eu-west-1.elb.amazonaws.com"),
        ),
        # Of two facades, the second one has the domain.
        ({"url": URL, "dnsTarget": "d-1.execute-api.eu-west-1.amazonaws.com"}, Sides(URL, URL, MARK)),
    ],
)
def test_a_name_of_the_users_own_is_asked_for_where_it_is_to_lead(outputs: dict[str, Any], sides: Sides) -> None:
    found = sides_of(outputs, MARK)
    assert found == sides
    assert found.addresses == list(dict.fromkeys([(found.old, found.at), (found.new, found.new_at)]))


def test_an_address_of_testers_is_called_by_its_own_name() -> None:
    outputs = {"url": "https://www.example.com", "testersUrl": "https://t.example.net", "dnsTarget": "d-1.example.net"}
    found = sides_of(outputs, MARK)
    assert found.addresses == [("https://www.example.com", "d-1.example.net"), ("https://t.example.net", "")]
