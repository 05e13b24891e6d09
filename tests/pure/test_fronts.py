"""Which load balancers an environment has, and how facades reach a service on them."""

import pytest

from components.aws.plan.load_balancers import FIRST_PORT, Way, balancers, of_facade, own_ports, ways

APART = {name: name for name in ("monolith", "posts", "users")}
SHARED = dict.fromkeys(APART, "shared")


@pytest.mark.parametrize(
    ("facades", "found"),
    [
        (("refactor-spaces",), (False,)),
        (("alb",), (False,)),
        (("api-gateway",), (True,)),
        (("api-gateway", "refactor-spaces"), (False, True)),
        (("refactor-spaces", "api-gateway"), (False, True)),
        (("api-gateway", "alb"), (False, True)),
    ],
)
def test_an_environment_has_the_load_balancers_of_its_facades_the_public_one_first(
    facades: tuple[str, ...], found: tuple[bool, ...]
) -> None:
    assert balancers(facades, None) == found


def test_the_settings_of_an_environment_choose_one_for_all() -> None:
    assert balancers(("refactor-spaces", "api-gateway"), wanted=False) == (False,)
    assert of_facade("api-gateway", (False,)) is False
    assert of_facade("api-gateway", (False, True)) is True


def test_who_is_alone_in_an_environment_or_gave_it_its_name_has_port_80() -> None:
    assert own_ports(APART, ("api-gateway",)) == {}
    assert own_ports({"users": "apart"}, ("api-gateway",)) == {}
    assert set(own_ports({**APART, "posts": "users"}, ("api-gateway",))) == {"posts"}


def test_others_have_ports_of_their_own_that_stay_as_services_come_and_go() -> None:
    three = own_ports(SHARED, ("api-gateway",))
    assert len(set(three.values())) == 3
    assert min(three.values()) >= FIRST_PORT
    four = own_ports({**SHARED, "threads": "shared"}, ("api-gateway",))
    assert {name: four[name] for name in three} == three
    assert own_ports(SHARED, ("api-gateway", "alb")) == three


def test_beside_alb_nobody_has_port_80() -> None:
    assert set(own_ports({"users": "users"}, ("api-gateway", "alb"))) == {"users"}


def test_a_service_has_a_way_on_each_load_balancer() -> None:
    assert ways(("refactor-spaces",), (False,), None) == (Way(internal=False),)
    assert ways(("refactor-spaces", "api-gateway"), (False, True), None) == (Way(internal=False), Way(internal=True))


def test_beside_alb_a_rule_ties_it_to_one_and_a_port_leads_to_it_on_the_other() -> None:
    assert ways(("api-gateway", "alb"), (False, True), 12_345) == (
        Way(internal=False),
        Way(internal=True, rule=False, port=12_345),
    )
    assert ways(("api-gateway", "alb"), (False,), 12_345) == (Way(internal=False, rule=True, port=12_345),)
